"""The spool of a collection: documents on the disk as they come, one a line, found again by their id."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from auditor.collectors.journal import Span, chunks

Place = tuple[int, int]
"""The digest of a document's id, and where in the spool the document begins."""
_NOWHERE: Final = -1


class Spool:
    """Appends lines to one file, and knows where each document begins: some hundred bytes of memory for each."""

    def __init__(self, path: Path, *, fresh: bool) -> None:
        self.path = path
        self._writer = appending(path, fresh=fresh)
        self._reader: BinaryIO = path.open("rb")
        self._lock = threading.Lock()
        self._at: dict[int, int] = {}
        self._end = path.stat().st_size

    def write(self, lines: Sequence[bytes]) -> Span:
        """Append lines; OSError when they do not all fit, and then none of them stays."""
        with self._lock:
            start = self._end
            try:
                append(self._writer, b"".join(lines))
            except OSError:
                with suppress(OSError):
                    os.truncate(self.path, start)
                raise
            self._end = start + sum(map(len, lines))
            return start, self._end

    def truncate(self, end: int) -> None:
        """Drop what was written after `end`."""
        os.truncate(self.path, end)
        self._end = end

    def lines(self, spans: Iterable[Span]) -> Iterator[tuple[int, bytes]]:
        """Each line of the spans, with the place where it begins."""
        for start, end in spans:
            at = start
            while at < end:
                with self._lock:
                    self._reader.seek(at)
                    line = self._reader.readline()
                if not line:
                    return
                yield at, line
                at += len(line)

    def copy(self, spans: Iterable[Span]) -> Iterator[bytes]:
        """The bytes of the spans, a bounded piece at a time."""
        return chunks(self._reader, spans)

    def document(self, reference: str) -> Mapping[str, Any] | None:
        """The newest document of this id, whatever its case; None when there is none."""
        at = self._at.get(digest(reference), _NOWHERE)
        if at == _NOWHERE:
            return None
        line = next((line for _, line in self.lines([(at, at + 1)])), b"null")
        value = json.loads(line)
        same = isinstance(value, dict) and _key(value.get("id")) == _key(reference)
        return value if same else None

    def older(self, places: Iterable[Place]) -> tuple[int, ...]:
        """Where the copies begin that these replace."""
        found = (self._at.get(mark, _NOWHERE) for mark, _ in places)
        return tuple(at for at in found if at != _NOWHERE)

    def remember(self, places: Iterable[Place]) -> None:
        """From now on these are the newest copies."""
        self._at.update(places)

    def places(self, spans: Iterable[Span]) -> Iterator[Place]:
        """The places of all documents in the spans."""
        for at, line in self.lines(spans):
            value = json.loads(line)
            if isinstance(value, dict) and isinstance(value.get("id"), str):
                yield digest(value["id"]), at

    def sync(self) -> None:
        """Wait until everything is on the disk."""
        os.fsync(self._writer.fileno())

    def close(self) -> None:
        """Close the file."""
        self._writer.close()
        self._reader.close()


def digest(reference: str) -> int:
    """An id, whatever its case, in eight bytes; who finds a document by it compares the id itself."""
    return int.from_bytes(blake2b(_key(reference).encode("utf-8", "replace"), digest_size=8).digest())


def appending(path: Path, *, fresh: bool) -> BinaryIO:
    """The file, open to be appended to without a buffer; only its owner may see it."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | (os.O_TRUNC if fresh else 0)
    return cast("BinaryIO", os.fdopen(os.open(path, flags, 0o600), "ab", buffering=0))


def append(stream: BinaryIO, data: bytes) -> None:
    """Write all bytes, however many calls that takes."""
    view = memoryview(data)
    while view:
        view = view[stream.write(view) :]


def _key(reference: object) -> str:
    return str(reference).strip().rstrip("/").lower()
