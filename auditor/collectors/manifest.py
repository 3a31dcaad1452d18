"""The manifest of a snapshot: what was read, and how each read ended (design: snapshot)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from auditor.collectors.journal import Row
from auditor.errors import InputError
from auditor.model.snapshot import Read

FORMAT: Final = 1
_STATUSES: Final = frozenset({"complete", "denied", "failed", "partial"})
_CLOUDS: Final = {
    "public": "public",
    "azurecloud": "public",
    "azurepubliccloud": "public",
    "usgov": "usgov",
    "azureusgovernment": "usgov",
    "china": "china",
    "azurechinacloud": "china",
}


@dataclass(frozen=True, slots=True)
class Manifest:
    """The rows of a manifest and what it says about the whole."""

    reads: tuple[Read, ...]
    cloud: str | None
    collected: str | None
    finished: bool = True
    """False while a collection runs, and after it was killed: the reads that are missing are among the rows."""


def parse_manifest(value: Any, place: str, source: str) -> Manifest:
    """The manifest in a JSON value; InputError names what does not fit, and a newer format version."""
    if not isinstance(value, dict):
        raise InputError("a manifest is an object", place=place)
    version = value.get("format")
    if isinstance(version, bool) or version != FORMAT:
        raise InputError(f"unknown format version {version!r:.80}; this version reads {FORMAT}", place=place)
    rows = value.get("reads")
    if not isinstance(rows, list):
        raise InputError("'reads' must be a list", place=place)
    reads = tuple(_row(row, f"reads[{index}]", place, source) for index, row in enumerate(rows))
    finished = value.get("finished") is not False
    return Manifest(reads, _cloud(value, place), _text(value, "collected", "", place), finished)


def manifest_text(head: Mapping[str, Any], rows: Iterable[Row]) -> bytes:
    """A manifest, as text: a line for each member of `head` and for each row."""
    lines = [f"  {json.dumps(name)}: {json.dumps(value)}," for name, value in head.items()]
    reads = ",\n".join(f"    {json.dumps(row.manifest())}" for row in rows)
    return "\n".join(["{", *lines, '  "reads": [', reads, "  ]", "}", ""]).encode()


def _row(row: Any, path: str, place: str, source: str) -> Read:
    if not isinstance(row, dict):
        raise InputError(f"{path} must be an object", place=place)
    status = _required(row, "status", path, place).lower()
    if status not in _STATUSES:
        raise InputError(
            f"{path}: 'status' is {status!r:.80}, expected one of {', '.join(sorted(_STATUSES))}", place=place
        )
    pages = row.get("pages")
    if pages is not None and (isinstance(pages, bool) or not isinstance(pages, int)):
        raise InputError(f"{path}: 'pages' must be a whole number", place=place)
    return Read(
        scope=_required(row, "scope", path, place),
        kind=_required(row, "kind", path, place),
        status=status,
        error=_text(row, "error", path, place),
        api_version=_text(row, "apiVersion", path, place),
        pages=pages,
        source=source,
    )


def _cloud(value: Mapping[str, Any], place: str) -> str | None:
    text = _text(value, "cloud", "", place)
    if text is None:
        return None
    cloud = _CLOUDS.get(text.lower())
    if cloud is None:
        raise InputError(f"'cloud' is {text!r:.80}, expected public, usgov or china", place=place)
    return cloud


def _required(row: Mapping[str, Any], name: str, path: str, place: str) -> str:
    text = _text(row, name, path, place)
    if text is None:
        raise InputError(f"{path}: '{name}' is missing", place=place)
    return text


def _text(row: Mapping[str, Any], name: str, path: str, place: str) -> str | None:
    value = row.get(name)
    if value is not None and not isinstance(value, str):
        raise InputError(f"{path + ': ' if path else ''}'{name}' must be a text", place=place)
    return value or None
