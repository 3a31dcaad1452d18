"""Where a SARIF result stands: in a file of the user's, else at a path made of the resource's ARM id."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from pathlib import PurePath
from urllib.parse import quote

from auditor.model.finding import Finding, Place
from auditor.model.resource_id import ResourceId
from auditor.reporters.finding_text import ID_LIMIT
from auditor.reporters.hop_text import resource_name
from auditor.reporters.json_records import Record
from auditor.reporters.terminal_text import safe, safe_name

_SEGMENT_LIMIT = 200
_FALLBACK = "azure"


def location(finding: Finding, anchor: str) -> Record:
    """The one location of a result: physical, as code scanning demands, and logical with the full ARM ids."""
    place: Record = {"physicalLocation": _physical(finding, anchor)}
    logical = logical_locations(finding)
    return place | {"logicalLocations": logical} if logical else place


def logical_locations(finding: Finding) -> list[Record]:
    """What it is about, the cluster and the subnets, each once."""
    ids = [finding.resource, finding.cluster, *finding.subnets]
    return [
        {
            "name": safe_name(resource_name(item.text)),
            "fullyQualifiedName": safe(item.text, ID_LIMIT),
            "kind": "resource",
        }
        for item in dict.fromkeys(item for item in ids if item is not None)
    ]


def _physical(finding: Finding, anchor: str) -> Record:
    line, column = 1, 1
    uri = relative_uri(finding.place.file) if finding.place is not None else None
    if finding.place is not None and uri is not None:
        line, column = max(finding.place.line, 1), max(finding.place.column, 1)
    else:
        uri = (relative_uri(anchor) if anchor else None) or azure_uri(finding.resource or finding.cluster)
    return {
        "artifactLocation": {"uri": uri},
        "region": {"startLine": line, "startColumn": column},
    }


def place_record(place: Place) -> Record | None:
    """A place in a file of the user's as a location; None for a file that no relative URI names."""
    uri = relative_uri(place.file)
    if uri is None:
        return None
    region = {"startLine": max(place.line, 1), "startColumn": max(place.column, 1)}
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}


def relative_uri(file: str) -> str | None:
    """The relative URI of a file below the working folder; None for any other file."""
    path = PurePath(file)
    normal = posixpath.normpath(path.as_posix())
    if path.is_absolute() or path.drive or normal.startswith("/") or normal.split("/")[0] in {"..", "."}:
        return None
    return _encoded(normal.split("/"))


def azure_uri(reference: ResourceId | None) -> str:
    """`azure/<subscription>/<group>/<type>/<name>`: no file, but one path for each resource.

    In lower case, since two documents may spell an id in two ways (ARM-3). A child has the names of its
    parents before its own. What an id lacks, such as the group of a subscription, is left out.
    """
    if reference is None:
        return _FALLBACK
    parts = reference.key.strip("/").split("/")
    start = len(parts) - parts[::-1].index("providers") + 1 if "providers" in parts else len(parts)
    tail = parts[start:]
    names = tail[1::2] or [reference.name.lower()]
    where = [part for part in (reference.subscription, reference.group) if part]
    return _encoded([_FALLBACK, *where, *reference.kind.split("/"), *names])


def _encoded(segments: Iterable[str]) -> str:
    """The segments percent-encoded and joined; none is empty or made of dots alone, which means another path."""
    return "/".join(_segment(segment) for segment in segments)


def _segment(text: str) -> str:
    shown = text if len(text) <= _SEGMENT_LIMIT else text[:_SEGMENT_LIMIT] + "..."
    if not shown.strip("."):
        shown = f"_{shown}"
    return quote(shown, safe="", errors="backslashreplace")
