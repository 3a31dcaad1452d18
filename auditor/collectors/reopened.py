"""A finished snapshot of ours taken apart again, so that what failed in it can be tried once more."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from auditor.collectors.files import MANIFEST, lines, whole
from auditor.collectors.journal import Journal, Row
from auditor.collectors.json_text import parse
from auditor.collectors.spool import append, appending
from auditor.errors import InputError


def unpack(folder: Path, spool: Path) -> Journal:
    """Put the documents of a finished snapshot into a spool, and say which read gave each.

    Raises InputError when manifest and documents do not fit each other: the snapshot was changed by hand.
    """
    manifest = parse(whole(folder / MANIFEST), str(folder / MANIFEST))
    try:
        rows = [_row(value) for value in manifest["reads"]]
        found = Journal(asked=dict(manifest["asked"]), collected=str(manifest["collected"]))
    except (KeyError, TypeError, ValueError):
        raise _changed(folder) from None
    documents = _documents(folder)
    beside = spool.with_name(f".{spool.name}.tmp")  # put in its place whole: the manifest still says finished
    target = appending(beside, fresh=True)
    try:
        for row, number in rows:
            start, crc = found.end, 0
            for _ in range(number):
                line = next(documents, None)
                if line is None:
                    raise _changed(folder)
                append(target, line)
                crc = zlib.crc32(line, crc)
                found.end += len(line)
            found.rows[row.key] = _placed(row, start, found.end, crc, number)
        if next(documents, None) is not None:
            raise _changed(folder)
    finally:
        target.close()
    beside.replace(spool)
    return found


def _row(value: Mapping[str, Any]) -> tuple[Row, int]:
    number = value["documents"]
    if not isinstance(number, int):
        raise TypeError
    row = Row(
        scope=value["scope"],
        kind=value["kind"],
        status=value["status"],
        error=value["error"],
        api_version=value["apiVersion"],
        pages=value["pages"],
    )
    return row, number


def _placed(row: Row, start: int, end: int, crc: int, number: int) -> Row:
    spans = ((start, end),) if end > start else ()
    return replace(row, spans=spans, crc=crc, documents=number)


def _documents(folder: Path) -> Iterator[bytes]:
    for name in ("resources.jsonl", "resources.jsonl.gz"):
        if (folder / name).exists():
            yield from (line for _, line in lines(folder / name))
            return


def _changed(folder: Path) -> InputError:
    return InputError(
        "holds a snapshot that cannot be resumed: its manifest does not fit it", place=str(folder)
    )
