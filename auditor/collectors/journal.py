"""The journal of a collection: which reads ended, how, and where their documents lie in the spool.

One JSON line a read, appended after the documents themselves were written. A line that a kill cut short, or whose
documents are not all there, counts as never written; so the journal tells the truth at any moment.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, BinaryIO, Final

from auditor.collectors.json_text import parse
from auditor.errors import InputError

Key = tuple[str, str]
"""What tells reads apart: scope and kind in lower case."""
Span = tuple[int, int]
"""Where documents lie in the spool: the first byte, and the one after the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One read, as the manifest will say it, with the place of its documents."""

    scope: str
    kind: str
    status: str
    error: str | None = None
    api_version: str | None = None
    pages: int = 0
    documents: int = 0
    spans: tuple[Span, ...] = ()
    crc: int = 0
    """CRC-32 of the bytes of all spans, in order."""
    replaces: tuple[int, ...] = ()
    """Where older copies of these documents begin in the spool; they no longer count."""

    @property
    def key(self) -> Key:
        """See `Key`."""
        return key_of(self.scope, self.kind)

    def manifest(self) -> dict[str, Any]:
        """The row as `manifest.json` has it."""
        return {
            "scope": self.scope,
            "kind": self.kind,
            "apiVersion": self.api_version,
            "status": self.status,
            "error": self.error,
            "pages": self.pages,
            "documents": self.documents,
        }


@dataclass(slots=True, kw_only=True)
class Journal:
    """What a journal said when it was opened again."""

    asked: Mapping[str, Any]
    collected: str
    rows: dict[Key, Row] = field(default_factory=dict)
    end: int = 0
    """The end of the last documents in the spool that count."""


_COLUMNS: Final = tuple(column.name for column in fields(Row))


def key_of(scope: str, kind: str) -> Key:
    """See `Key`."""
    return scope.strip().rstrip("/").lower(), kind.lower()


def head_line(asked: Mapping[str, Any], collected: str) -> bytes:
    """The first line: what the collection is about."""
    return _line({"asked": asked, "collected": collected})


def row_line(row: Row) -> bytes:
    """The line of one read."""
    return _line({name: getattr(row, name) for name in _COLUMNS})


def load(path: Path, spool: Path) -> Journal:
    """What the journal and the spool hold together; InputError if the journal is none of ours."""
    lines = path.read_bytes().splitlines(keepends=True)
    whole = [line for line in lines if line.endswith(b"\n")]
    if not whole:
        raise InputError(
            "the journal of this collection is empty; start again in another folder", place=str(path)
        )
    head = parse(whole[0], str(path), 1)
    found = Journal(asked=head["asked"], collected=head["collected"])
    with spool.open("rb") as stream:
        for number, line in enumerate(whole[1:], start=2):
            row = _row(parse(line, str(path), number))
            if _checksum(stream, row.spans) == row.crc:
                found.rows[row.key] = row
                found.end = max([found.end, *(end for _, end in row.spans)])
    return found


def _row(value: Mapping[str, Any]) -> Row:
    spans = tuple((start, end) for start, end in value["spans"])
    return Row(**{**value, "spans": spans, "replaces": tuple(value["replaces"])})


def _checksum(stream: BinaryIO, spans: Iterable[Span]) -> int:
    found = 0
    for chunk in chunks(stream, spans):
        found = zlib.crc32(chunk, found)
    return found


def chunks(stream: BinaryIO, spans: Iterable[Span]) -> Iterator[bytes]:
    """The bytes of spans, a bounded piece at a time; fewer where the file ends before them."""
    for start, end in spans:
        stream.seek(start)
        left = end - start
        while left and (piece := stream.read(min(left, 1 << 20))):
            left -= len(piece)
            yield piece


def _line(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"
