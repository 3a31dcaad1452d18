"""The writer of snapshot folders: streamed, and whole after a kill at any moment (design: snapshot).

While a collection runs, the folder holds

- `manifest.json`, replaced in one step each time: every read that is planned, as not read until it was, and a
  row of kind `egress-audit/collection` that is not complete;
- `resources.part.jsonl`, the spool: documents as they come, the last line perhaps cut short;
- `.collecting.jsonl`, the journal, which `resume` goes by.

At the end the documents are put in the order of the manifest's rows as `resources.jsonl`, the manifest is
replaced for the last time, and spool and journal go. What was read, in how many runs, and in which order then
leaves no trace but the time.
"""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, BinaryIO, Final

from auditor import __version__
from auditor.collectors.files import MANIFEST, SPOOL
from auditor.collectors.journal import Journal, Key, Row, Span, head_line, key_of, load, row_line
from auditor.collectors.manifest import FORMAT, manifest_text
from auditor.collectors.reading import Reading
from auditor.collectors.reopened import unpack
from auditor.collectors.replacing import beside, replace_with
from auditor.collectors.spool import Place, Spool, append, appending
from auditor.errors import InputError
from auditor.model.essential import COLLECTION
from auditor.model.snapshot import Read

_JOURNAL: Final = ".collecting.jsonl"
_RESOURCES: Final = "resources.jsonl"
_FINAL: Final = frozenset({_RESOURCES, f"{_RESOURCES}.gz"})
_OURS: Final = frozenset({MANIFEST, SPOOL, _JOURNAL}) | _FINAL
_PENDING: Final = "not read yet: the collection did not come that far"
_UNFINISHED: Final = Row(
    scope="/",
    kind=COLLECTION,
    status="partial",
    error="the collection did not finish; collect --resume goes on with it",
)
_SELDOM: Final = 16
"""Changes between two manifests at least: each waits for the disk."""
_CLOUDS: Final = frozenset({"public", "usgov", "china"})


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class FolderWriter:
    """Writes what was read into one folder that only its owner may see; safe to use from many threads.

    `begin` first, then `plan` and `add` in any number, at last `finish` or `interrupt`. Every method raises
    InputError, naming the folder, when it cannot be written; what was added before is kept.
    """

    def __init__(self, folder: Path, *, compressed: bool = False, now: Callable[[], str] = _now) -> None:
        self.folder = folder
        self._compressed = compressed
        self._now = now
        self._lock = threading.RLock()
        self._saving = threading.RLock()
        """Held while a manifest is written, which waits for the disk: reads go on being added. Taken before `_lock`."""
        self._rows: dict[Key, Row] = {}
        self._asked: Mapping[str, Any] = {}
        self._cloud: str | None = None
        self._collected = ""
        self._changes = 0
        self._next = _SELDOM
        self._spool: Spool | None = None
        self._journal: BinaryIO | None = None

    # -- opening -----------------------------------------------------------------------------------------

    def begin(self, cloud: str, asked: Mapping[str, Any], *, resume: bool = False) -> None:
        """Make the folder, or open it again; InputError if it holds anything else than this collection.

        `asked` is what the collection is about, as JSON: only the same can be resumed.
        """
        self._cloud = cloud if cloud in _CLOUDS else None
        self._asked = json.loads(json.dumps(asked))
        with self._told():
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            names = {path.name for path in self.folder.iterdir()} - {beside(name) for name in _OURS}
            self._check_folder(names, resume=resume)
            if _JOURNAL in names:
                self._reopen(load(self.folder / _JOURNAL, self.folder / SPOOL))
            elif names & _FINAL:
                self._reopen(unpack(self.folder, self.folder / SPOOL))
            else:
                self._collected = self._now()
                self._save_manifest(finished=False)
                self._spool = Spool(self.folder / SPOOL, fresh=True)
                self._write_journal()

    def _check_folder(self, names: set[str], *, resume: bool) -> None:
        place = str(self.folder)
        foreign = sorted(names - _OURS)
        if foreign:
            raise InputError(f"not empty, and no snapshot of ours: it holds {foreign[0]!r:.80}", place=place)
        if _JOURNAL in names and not resume:
            raise InputError("holds a collection that did not finish; go on with --resume", place=place)
        if names & _FINAL and not resume:
            raise InputError("holds a finished snapshot; --resume tries again what failed in it", place=place)
        if names and not resume:
            raise InputError(f"not empty: it holds {min(names)}", place=place)

    def _reopen(self, found: Journal) -> None:
        if found.asked != self._asked:
            raise InputError(
                "holds a collection of something else; resume it with the same options",
                place=str(self.folder),
            )
        self._rows, self._collected = found.rows, found.collected
        self._spool = Spool(self.folder / SPOOL, fresh=False)
        self._spool.truncate(found.end)
        for row in self._rows.values():
            dead = set(row.replaces)
            self._spool.remember(place for place in self._spool.places(row.spans) if place[1] not in dead)
        self._write_journal()

    def _write_journal(self) -> None:
        """Write the journal anew: only what counts, without a line that was cut short."""
        lines = [head_line(self._asked, self._collected), *map(row_line, self._rows.values())]
        replace_with(self.folder, _JOURNAL, lambda stream: stream.writelines(lines))
        self._journal = appending(self.folder / _JOURNAL, fresh=False)

    # -- what is there -----------------------------------------------------------------------------------

    def row(self, scope: str, kind: str) -> Row | None:
        """The row of a read that has ended, in this run or an earlier one."""
        found = self._rows.get(key_of(scope, kind))
        return None if found is None or found.error == _PENDING else found

    def documents_of(self, scope: str, kind: str) -> Iterator[Any]:
        """The documents that a read gave, as they stand in the spool."""
        row = self._rows.get(key_of(scope, kind))
        if row is not None:
            for _, line in self._open_spool().lines(row.spans):
                yield json.loads(line)

    def document(self, reference: str) -> Mapping[str, Any] | None:
        """The newest copy of a document by its id, whatever the case; None when no read gave it."""
        return self._open_spool().document(reference)

    def reads(self) -> tuple[Read, ...]:
        """The rows of the manifest as they stand, sorted."""
        return tuple(
            Read(
                scope=row.scope,
                kind=row.kind,
                status=row.status,
                error=row.error,
                api_version=row.api_version,
                pages=row.pages,
                source=str(self.folder),
            )
            for row in self._sorted()
        )

    # -- adding ------------------------------------------------------------------------------------------

    def plan(self, reads: Iterable[tuple[str, str]], *, soon: bool = True) -> None:
        """Reads (scope, kind) that will be made: from now on the manifest says that they were not.

        With `soon=False` it may say so later: when as much has changed as makes it due.
        """
        with self._told():
            with self._lock:
                before = len(self._rows)
                for scope, kind in reads:
                    pending = Row(scope=scope, kind=kind, status="failed", error=_PENDING)
                    self._rows.setdefault(pending.key, pending)
                due = self._is_due(len(self._rows) - before) or soon
            if due:
                self._save_manifest(finished=False)

    def add(self, row: Row, documents: Iterable[Any], *, replacing: bool = False) -> None:
        """A read that has ended, with its documents. With `replacing`, older copies of them no longer count.

        A document that no snapshot can hold is left out, and the read is `partial`.
        """
        reading = self.reading()
        reading.page(documents)
        reading.end(row, replacing=replacing)

    def reading(self) -> Reading:
        """A read whose documents come page by page."""
        return Reading(self._open_spool(), self._record, self._told)

    def amend(self, scope: str, kind: str, status: str, error: str) -> None:
        """Say of a read that has ended that it is less than it seemed; a resumed run comes to that by itself."""
        with self._lock:
            row = replace(self._rows[key_of(scope, kind)], status=status, error=error)
            self._rows[row.key] = row

    def drop(self, scope: str, kind: str) -> None:
        """Forget a read that turned out to be about nothing."""
        with self._lock:
            self._rows.pop(key_of(scope, kind), None)

    def _record(self, row: Row, places: Iterable[Place]) -> None:
        with self._told():
            with self._lock:
                if self._journal is None:
                    raise InputError("the snapshot is closed", place=str(self.folder))
                append(self._journal, row_line(row))
                self._rows[row.key] = row
                self._open_spool().remember(places)
                due = self._is_due(1)
            if due:
                with self._saving:
                    if self._journal is not None:  # else it was closed meanwhile, with a newer manifest
                        self._save_manifest(finished=False)

    def _is_due(self, changes: int) -> bool:
        """Whether a manifest is to be written, now that so many rows have changed, too.

        It is as long as all rows: written at growing distances, all of them stay linear. What ended since the last
        one is called not read by it, or not named at all, and the journal knows better.
        """
        self._changes += changes
        due = self._changes >= self._next
        if due:
            self._next = self._changes + _SELDOM + self._changes // 2
        return due

    # -- the end -----------------------------------------------------------------------------------------

    def finish(self) -> None:
        """Put everything in its final order; from now on the snapshot is like any other."""
        with self._saving, self._lock, self._told():
            name = f"{_RESOURCES}.gz" if self._compressed else _RESOURCES
            replace_with(self.folder, name, self._ordered)
            self._save_manifest(finished=True)
            self.close()
            for left in (_JOURNAL, SPOOL):  # a journal without its spool would mean that nothing was read
                (self.folder / left).unlink(missing_ok=True)

    def interrupt(self) -> None:
        """Leave the folder as a kill would, with a manifest that is up to date."""
        with self._saving, self._lock, self._told():
            self._save_manifest(finished=False)
            self.close()

    def close(self) -> None:
        """Close the files; `finish` and `interrupt` do so themselves."""
        with self._saving, self._lock:
            for stream in (self._spool, self._journal):
                if stream is not None:
                    stream.close()
            self._spool = self._journal = None

    def _ordered(self, stream: IO[bytes]) -> None:
        spool = self._open_spool()
        dead = {at for row in self._rows.values() for at in row.replaces}
        packed = gzip.GzipFile("", "wb", fileobj=stream, mtime=0) if self._compressed else nullcontext(stream)
        with packed as target:
            for row in self._sorted():
                for piece in _living(spool, row.spans, dead):
                    target.write(piece)

    def _sorted(self) -> list[Row]:
        return [row for _, row in sorted(self._rows.items())]

    # -- files -------------------------------------------------------------------------------------------

    def _open_spool(self) -> Spool:
        if self._spool is None:
            raise InputError("the snapshot is closed", place=str(self.folder))
        return self._spool

    def _save_manifest(self, *, finished: bool) -> None:
        with self._saving:
            with self._lock:
                rows, spool = self._sorted(), self._spool
            if spool is not None:
                spool.sync()  # what the manifest calls complete survives a power cut, too
            said = manifest_text(self._head(finished=finished), rows if finished else [_UNFINISHED, *rows])
            replace_with(self.folder, MANIFEST, lambda stream: stream.write(said))

    def _head(self, *, finished: bool) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "tool": f"egress-audit {__version__}",
            "cloud": self._cloud,
            "collected": self._collected,
            "finished": finished,
            "asked": self._asked,
        }

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Errors of the file system as one of ours, which says what was kept."""
        try:
            yield
        except OSError as error:
            why = (error.strerror or type(error).__name__).lower()
            with self._lock:
                kept = sum(row.status == "complete" for row in self._rows.values())
            rest = f"; {kept} complete reads are kept, and collect --resume goes on" if self._journal else ""
            raise InputError(f"cannot be written: {why}{rest}", place=str(self.folder)) from None


def _living(spool: Spool, spans: Iterable[Span], dead: set[int]) -> Iterator[bytes]:
    """The bytes of the spans without the documents that were replaced."""
    return (line for at, line in spool.lines(spans) if at not in dead) if dead else spool.copy(spans)
