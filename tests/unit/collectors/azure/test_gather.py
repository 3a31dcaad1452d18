"""Reads that are begun before their level: while others run, each once, and ended cleanly with the rest."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from auditor.collectors.azure.connection import Connection
from auditor.collectors.azure.gather import Gatherer
from auditor.collectors.azure.kinds import HUB_TABLES, HUBS
from auditor.collectors.azure.pace import Pace
from auditor.collectors.azure.planned import Planned, children, listed
from auditor.collectors.azure.request import Answer, Request
from auditor.collectors.folder_writer import FolderWriter

GROUP = "/subscriptions/3f1c8e27-5a0d-4b96-9c41-7e2d80b5a614/resourceGroups/rg-hub"
SLOW = listed(GROUP, "Microsoft.Network/routeTables")
FIRST = listed(GROUP, HUBS)
HUB = f"{GROUP}/providers/{HUBS}/hub"
CHILD = children(HUB, HUB_TABLES)


class Cloud:
    """Answers reads by their path; `before` is called in the thread that reads."""

    pace = Pace(threads=4)

    def __init__(self, before: Callable[[str], None], answers: dict[str, Answer] | None = None) -> None:
        self.asked: list[str] = []
        self.stopped = threading.Event()
        self._before = before
        self._answers = answers or {}

    def read(self, request: Request, page: object = None) -> Answer:
        del page
        self.asked.append(request.path)
        self._before(request.path)
        return self._answers.get(request.path, Answer(status="complete", pages=1))

    def stop(self) -> None:
        self.stopped.set()


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[FolderWriter]:
    """A writer that has begun."""
    made = FolderWriter(tmp_path / "estate")
    made.begin("public", {})
    yield made
    made.close()


def gatherer(cloud: Cloud, writer: FolderWriter, tell: Any = None) -> Gatherer:
    """One that reads from a cloud of the tests."""
    return Gatherer(cast("Connection", cloud), writer, tell)


def below(read: Planned) -> list[Planned]:
    """What is certain once the hubs were listed."""
    return [CHILD, CHILD] if read.key == FIRST.key else []


def test_begun_while_others_run(writer: FolderWriter) -> None:
    """The slow read of the level ends only once the child of the quick one was asked for."""
    child = threading.Event()

    def before(path: str) -> None:
        if path == CHILD.request.path:
            child.set()
        if path == SLOW.request.path:
            assert child.wait(20)

    cloud = Cloud(before)
    with gatherer(cloud, writer) as work:
        work.level("lists", [SLOW, FIRST], None, below)
        work.level("references", [CHILD], None, below)
    assert sorted(cloud.asked) == sorted(read.request.path for read in (SLOW, FIRST, CHILD))
    for read in (SLOW, FIRST, CHILD):
        row = writer.row(read.scope, read.kind)
        assert row is not None
        assert row.status == "complete"


def test_next_level_begins_while_it_is_under_way(writer: FolderWriter) -> None:
    """A level ends without what was begun ahead, which the next one waits for, and counts from its start."""
    free = threading.Event()
    told: list[tuple[str, int, int]] = []
    other = children(HUB, "Microsoft.Network/virtualHubs/routingIntent")

    def before(path: str) -> None:
        if path == CHILD.request.path:
            assert free.wait(20)

    cloud = Cloud(before)
    with gatherer(cloud, writer, lambda *now: told.append(now)) as work:
        work.level("lists", [FIRST], None, below)
        assert writer.row(CHILD.scope, CHILD.kind) is None
        free.set()
        work.level("references", [CHILD, other], None, below)
        assert writer.row(CHILD.scope, CHILD.kind) is not None
    assert told[:2] == [("lists", 0, 1), ("lists", 1, 1)]
    assert told[-1] == ("references", 2, 2)
    assert len(cloud.asked) == 3


def test_early_is_begun_with_a_level_and_not_waited_for(writer: FolderWriter) -> None:
    """What a level does not name is under way beside it, once, and the level that names it waits for it."""
    free = threading.Event()

    def before(path: str) -> None:
        if path == CHILD.request.path:
            assert free.wait(20)

    cloud = Cloud(before)
    with gatherer(cloud, writer) as work:
        work.level("references", [FIRST], early=[CHILD])
        assert writer.row(CHILD.scope, CHILD.kind) is None
        work.level("references", [SLOW], early=[CHILD])
        free.set()
        work.level("admin rules", [CHILD])
        assert writer.row(CHILD.scope, CHILD.kind) is not None
    assert cloud.asked.count(CHILD.request.path) == 1


def test_failed_ahead_is_not_made_again(writer: FolderWriter) -> None:
    """What failed before its level was named is failed: the level does not try a second time."""
    ended = threading.Event()

    def before(path: str) -> None:
        if path == SLOW.request.path:
            while writer.row(CHILD.scope, CHILD.kind) is None:
                assert not ended.wait(0.001)

    cloud = Cloud(before, {CHILD.request.path: Answer(status="failed", error="the service is down")})
    with gatherer(cloud, writer) as work:
        work.level("lists", [SLOW, FIRST], None, below)
        work.level("references", [CHILD], None, below)
    assert cloud.asked.count(CHILD.request.path) == 1
    row = writer.row(CHILD.scope, CHILD.kind)
    assert row is not None
    assert row.error == "the service is down"


def test_absent_ahead_reads_its_referrer_again(writer: FolderWriter) -> None:
    """What is not there though a list names it is settled in the level that names it (ARM-22)."""
    hub = Answer(status="complete", body={"id": HUB}, pages=1)
    cloud = Cloud(lambda _: None, {CHILD.request.path: Answer(status="absent", error="gone"), HUB: hub})
    with gatherer(cloud, writer) as work:
        work.level("lists", [FIRST], None, below)
        assert HUB not in cloud.asked
        work.level("references", [CHILD], None, below)
    assert cloud.asked.count(HUB) == 1
    row = writer.row(CHILD.scope, CHILD.kind)
    assert row is not None
    assert row.error == "gone; hub, still names it (ARM-22)"


def test_resumed(tmp_path: Path) -> None:
    """What an earlier run completed is not made again, and what it leads to is begun all the same."""
    first = FolderWriter(tmp_path / "estate")
    first.begin("public", {})
    with gatherer(Cloud(lambda _: None), first) as work:
        work.level("lists", [FIRST])
    first.interrupt()
    again = FolderWriter(tmp_path / "estate")
    again.begin("public", {}, resume=True)
    cloud = Cloud(lambda _: None)
    with gatherer(cloud, again) as work:
        work.level("lists", [FIRST, SLOW], None, below)
        work.level("references", [CHILD], None, below)
    again.close()
    assert sorted(cloud.asked) == sorted([SLOW.request.path, CHILD.request.path])


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_stopped(writer: FolderWriter, error: type[BaseException]) -> None:
    """Whatever ends a level ends the threads, too, and what was only begun is not written any more."""
    free = threading.Event()
    cloud = Cloud(lambda path: None if path == FIRST.request.path else assert_set(free))

    def broken(_: Planned) -> list[Planned]:
        raise error

    with pytest.raises(error), gatherer(cloud, writer) as work:
        work.level("lists", [SLOW, FIRST], None, broken)
    assert cloud.stopped.is_set()
    free.set()
    for thread in threading.enumerate():
        if thread.name.startswith("read"):
            thread.join(20)
            assert not thread.is_alive()
    assert writer.row(SLOW.scope, SLOW.kind) is None


def assert_set(event: threading.Event) -> None:
    """Wait for an event that surely comes."""
    assert event.wait(20)


def test_error_of_a_thread(writer: FolderWriter) -> None:
    """What a thread raises is raised by the level that waits, even for a read that it did not name."""

    def before(path: str) -> None:
        if path == CHILD.request.path:
            raise MemoryError
        if path == SLOW.request.path:
            cloud.stopped.wait(20)

    cloud = Cloud(before)
    with pytest.raises(MemoryError), gatherer(cloud, writer) as work:
        work.level("lists", [FIRST, SLOW], None, below)


@pytest.fixture
def _interruptible() -> Iterator[None]:
    """Ctrl-C interrupts, also where who started the tests has it ignored, as shells do in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_interruptible")
def test_ctrl_c_is_seen_whichever_thread_it_reaches(writer: FolderWriter) -> None:
    """A signal that does not wake the thread that waits for the reads ends them all the same, before they are done."""
    seen: list[bool] = []

    def before(_path: str) -> None:
        time.sleep(0.3)  # who waits for the reads does so by now
        signal.pthread_kill(threading.get_ident(), signal.SIGINT)
        seen.append(cloud.stopped.wait(20))

    cloud = Cloud(before)
    with pytest.raises(KeyboardInterrupt), gatherer(cloud, writer) as work:
        work.level("lists", [SLOW])
    assert cloud.stopped.is_set()
    while not seen:
        time.sleep(0.01)
    assert seen == [True]
