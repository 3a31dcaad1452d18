"""Reading in levels: what does not depend on each other is read at the same time, by a bounded number of threads."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Self

from auditor.collectors.azure.connection import Connection
from auditor.collectors.azure.kinds import WRITTEN
from auditor.collectors.azure.planned import Planned, by_key, one
from auditor.collectors.azure.request import Answer
from auditor.collectors.folder_writer import FolderWriter
from auditor.collectors.journal import Row
from auditor.collectors.reading import Reading
from auditor.model.resource_id import ResourceId

Progress = Callable[[str, int, int], None]
Told = Callable[[ResourceId], None]


class Gatherer:
    """Makes reads and writes what comes of them; leaving it stops the threads."""

    def __init__(self, connection: Connection, writer: FolderWriter, progress: Progress | None) -> None:
        self._connection = connection
        self._writer = writer
        self._progress = progress
        self._threads = max(1, connection.pace.threads)
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="read")
        self._stopped = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._stopped = True
            self._connection.stop()
        # Reads under way may take a minute to be given up; what they still give is not written any more.
        self._pool.shutdown(wait=error is None, cancel_futures=True)

    def level(self, phase: str, planned: Sequence[Planned], renewed: Told | None = None) -> None:
        """Make these reads, all of which may go on at once; those that an earlier run completed are not made.

        `renewed` is told of a resource that was read again because what it names is not there, and that does not
        name it any more (ARM-22).
        """
        reads = by_key(planned)
        todo = [read for read in reads.values() if not self._is_done(read)]
        absent: list[tuple[Planned, Answer]] = []
        done = len(reads) - len(todo)
        self._tell(phase, done, len(reads))
        for read, answer in self._answers(todo):
            done += 1
            self._tell(phase, done, len(reads))
            if answer is not None:
                absent.append((read, answer))
        if absent:
            self._dangling(absent, renewed)

    def _is_done(self, read: Planned) -> bool:
        row = self._writer.row(read.scope, read.kind)
        return row is not None and row.status == "complete"

    def _tell(self, phase: str, done: int, total: int) -> None:
        if self._progress is not None:
            self._progress(phase, done, total)

    def _answers(self, todo: Sequence[Planned]) -> Iterator[tuple[Planned, Answer | None]]:
        """Each read as it ends, with its answer if there is no such thing; the others are written by then.

        The manifest learns of all of them while the first ones are under way, for that waits for the disk.
        """
        rest = iter(todo)
        ended: SimpleQueue[tuple[Planned, Answer | None] | BaseException] = SimpleQueue()

        def work() -> None:
            try:
                for read in rest:  # all threads take from one iterator: handing each read over costs more
                    if self._stopped:
                        return
                    ended.put((read, self._read(read)))
            except BaseException as error:  # noqa: BLE001 - raised again by who waits for the reads
                ended.put(error)

        for _ in todo[: self._threads]:
            self._pool.submit(work)
        self._writer.plan((read.scope, read.kind) for read in todo)
        for _ in todo:
            found = ended.get()
            if isinstance(found, BaseException):
                raise found
            yield found

    def _read(self, read: Planned) -> Answer | None:
        """Make one read and write it, page by page; its answer is given back if there is no such thing."""
        if read.form != "list":
            answer = self._connection.read(read.request)
            return self._ended(read, answer, None)
        reading = self._writer.reading()
        broken: list[Exception] = []

        def page(documents: list[Any]) -> None:
            try:
                reading.page(read.kept(documents))
            except Exception as error:
                broken.append(error)  # the connection makes an answer of it, as of everything
                raise

        answer = self._connection.read(read.request, page)
        if broken:
            raise broken[0]
        return self._ended(read, answer, reading)

    def _ended(self, read: Planned, answer: Answer, reading: Reading | None) -> Answer | None:
        if self._stopped:
            return None
        if answer.status == "absent" and not read.absent_is_none and read.referrer is not None:
            return answer
        if reading is None:
            self._write(read, answer)
        else:
            reading.end(_row(read, answer))
        return None

    def _write(
        self, read: Planned, answer: Answer, error: str | None = None, *, replacing: bool = False
    ) -> None:
        self._writer.add(_row(read, answer, error), read.documents(answer), replacing=replacing)

    # -- what is named and not there -----------------------------------------------------------------------

    def _dangling(self, absent: Sequence[tuple[Planned, Answer]], renewed: Told | None) -> None:
        """Read those again that name what is not there, each once: it may have changed meanwhile (ARM-22)."""
        names = {str(read.referrer): ResourceId(str(read.referrer)) for read, _ in absent}
        again = {name: self._pool.submit(self._again, reference) for name, reference in names.items()}
        answers = {name: future.result() for name, future in again.items()}
        changed: set[str] = set()
        for read, answer in absent:
            name = str(read.referrer)
            referrer = answers[name]
            if referrer.complete and not _names(referrer.body, read.scope):
                self._writer.drop(read.scope, read.kind)
                changed.add(name)
            else:
                still = (
                    "still names it" if referrer.complete else f"which names it, is gone: {referrer.error}"
                )
                self._write(read, answer, f"{answer.error}; {names[name].name}, {still} (ARM-22)")
        for name in sorted(changed):
            self._write(self._single(names[name]), answers[name], replacing=True)
            if renewed is not None:
                renewed(names[name])

    def _again(self, reference: ResourceId) -> Answer:
        return self._connection.read(self._single(reference).request)

    def _single(self, reference: ResourceId) -> Planned:
        return one(reference, WRITTEN.get(reference.kind, reference.kind))


def _row(read: Planned, answer: Answer, error: str | None = None) -> Row:
    none = answer.status == "absent" and read.absent_is_none
    return Row(
        scope=read.scope,
        kind=read.kind,
        status="complete" if none else "failed" if answer.status == "absent" else answer.status,
        error=None if none else error or answer.error,
        api_version=answer.api_version or None,
        pages=answer.pages,
    )


def _still(read: Planned, answer: Answer, referrer: Answer) -> str | None:
    """Why something that is not there counts as unread."""
    name = ResourceId(str(read.referrer)).name
    if not referrer.complete:
        return (
            f"{answer.error}; {name}, which it hangs on, could not be read again: {referrer.error} (ARM-22)"
        )
    if read.scope == read.referrer:
        return answer.error
    return f"{answer.error}; {name} still names it (ARM-22)"


def _names(body: object, scope: str) -> bool:
    """Whether a document still names a resource, or something of it."""
    return scope.lower() in json.dumps(body, default=str).lower()
