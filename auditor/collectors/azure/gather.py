"""Reading in levels: what does not depend on each other is read at the same time, by a bounded number of threads.

What is certain to be read in the next level is begun in this one (see `at_once`), and may still be under way while
the next one is planned.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Literal, Self

from auditor.collectors.azure.connection import Connection
from auditor.collectors.azure.kinds import WRITTEN
from auditor.collectors.azure.planned import Planned, by_key, one
from auditor.collectors.azure.request import Answer
from auditor.collectors.azure.shared_work import SharedWork
from auditor.collectors.folder_writer import FolderWriter
from auditor.collectors.journal import Key, Row
from auditor.collectors.reading import Reading
from auditor.model.resource_id import ResourceId

Progress = Callable[[str, int, int], None]
Told = Callable[[ResourceId], None]
Ahead = Callable[[Planned], Iterable[Planned]]
"""Told of a read that has ended and is written; gives reads that a later level will surely name."""


class Gatherer:
    """Makes reads and writes what comes of them; leaving it stops the threads."""

    def __init__(self, connection: Connection, writer: FolderWriter, progress: Progress | None) -> None:
        self._connection = connection
        self._writer = writer
        self._progress = progress
        self._threads = max(1, connection.pace.threads)
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="read")
        self._work = SharedWork(self._pool, self._threads, self._do)
        self._begun: dict[Key, Answer | Literal["open"] | None] = {}
        """Reads that no level has named yet: under way, or how they ended, as `_read` says it."""
        self._stopped = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._stopped = True
            self._connection.stop()
        self._work.close()
        # Reads under way may take a minute to be given up; what they still give is not written any more.
        self._pool.shutdown(wait=error is None, cancel_futures=True)

    def level(
        self,
        phase: str,
        planned: Iterable[Planned],
        renewed: Told | None = None,
        ahead: Ahead | None = None,
        early: Iterable[Planned] = (),
    ) -> None:
        """Make these reads, all of which may go on at once; those that an earlier run completed are not made.

        `renewed` is told of a resource that was read again because what it names is not there, and that does not
        name it any more (ARM-22). What `ahead` gives, and what comes `early`, is begun and not waited for: a later
        level must name it. Raises InputError when the folder cannot be written.
        """
        reads = by_key(planned)
        begun = {key: self._begun.pop(key) for key in reads if key in self._begun}
        done = [read for key, read in reads.items() if key not in begun and self._is_done(read)]
        todo = [read for key, read in reads.items() if key not in begun and not self._is_done(read)]
        absent = [(reads[key], answer) for key, answer in begun.items() if isinstance(answer, Answer)]
        left = {*(read.key for read in todo), *(key for key, answer in begun.items() if answer == "open")}
        self._work.give([(read, False) for read in todo])
        self._tell(phase, len(reads) - len(left), len(reads))
        # the manifest learns of the reads while the first of them are under way, for that waits for the disk
        self._writer.plan((read.scope, read.kind) for read in todo)
        for read in done:
            self._begin(read, ahead)
        self._begin_all(early)
        while left:
            read, _, answer = self._next(ahead)
            if read.key not in left:
                continue
            left.remove(read.key)
            del self._begun[read.key]
            self._tell(phase, len(reads) - len(left), len(reads))
            if answer is not None:
                absent.append((read, answer))
        if absent:
            self._dangling(absent, renewed, ahead)

    def _next(self, ahead: Ahead | None) -> tuple[Planned, bool, Answer | None]:
        """Wait for the next read that ends, of whatever level: the read, if it was made again, and what is not done."""
        (read, again), answer = self._work.take()
        if not again:
            self._begun[read.key] = answer
            if answer is None:
                self._begin(read, ahead)
        return read, again, answer

    def _begin(self, read: Planned, ahead: Ahead | None) -> None:
        """Begin what is certain now that a read has ended and is written."""
        if ahead is not None:
            self._begin_all(ahead(read))

    def _begin_all(self, planned: Iterable[Planned]) -> None:
        found = by_key(planned)
        todo = [one for key, one in found.items() if key not in self._begun and not self._is_done(one)]
        if todo:
            self._begun.update((one.key, "open") for one in todo)
            self._work.give([(one, False) for one in todo])
            self._writer.plan(((one.scope, one.kind) for one in todo), soon=False)

    def _is_done(self, read: Planned) -> bool:
        row = self._writer.row(read.scope, read.kind)
        return row is not None and row.status == "complete"

    def _tell(self, phase: str, done: int, total: int) -> None:
        if self._progress is not None:
            self._progress(phase, done, total)

    def _do(self, piece: tuple[Planned, bool]) -> Answer | None:
        read, again = piece
        return self._connection.read(read.request) if again else self._read(read)

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

    def _dangling(
        self, absent: Sequence[tuple[Planned, Answer]], renewed: Told | None, ahead: Ahead | None
    ) -> None:
        """Read those again that name what is not there, each once: it may have changed meanwhile (ARM-22)."""
        names = {str(read.referrer): ResourceId(str(read.referrer)) for read, _ in absent}
        singles = {name: self._single(reference) for name, reference in names.items()}
        left = by_key(singles.values())
        self._work.give([(read, True) for read in left.values()])
        found: dict[Key, Answer] = {}
        while len(found) < len(left):
            read, again, answer = self._next(ahead)
            if again and answer is not None:
                found[read.key] = answer
        answers = {name: found[read.key] for name, read in singles.items()}
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
            self._write(singles[name], answers[name], replacing=True)
            if renewed is not None:
                renewed(names[name])

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


def _names(body: object, scope: str) -> bool:
    """Whether a document still names a resource, or something of it."""
    return scope.lower() in json.dumps(body, default=str).lower()
