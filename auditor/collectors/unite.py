"""Several sources, and several copies of one resource, united into one Snapshot (design: snapshot)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from auditor.collectors.interface import Copy, Part
from auditor.errors import InputError
from auditor.model.copies import Told, common_form
from auditor.model.merge import member, unite
from auditor.model.resource_id import ResourceId
from auditor.model.snapshot import Document, Origin, Read, Snapshot

_REGIONS: Final = (("usgov", "usgov"), ("usdod", "usgov"), ("china", "china"))


def unite_parts(parts: Sequence[Part]) -> Snapshot:
    """One snapshot of all parts; InputError when they come from different clouds."""
    copies: dict[str, list[Copy]] = {}
    for part in parts:
        versions = _Rows(part.reads)
        for copy in part.copies:
            known = replace(copy, form=replace(copy.form, version=versions.version_of(copy.id)))
            copies.setdefault(copy.id.key, []).append(known)
    documents = {key: document(found) for key, found in copies.items()}
    _note_absent(documents, parts)
    return Snapshot(
        documents=documents,
        reads=_settled([read for part in parts for read in part.reads], documents),
        has_manifest=any(part.has_manifest for part in parts),
        cloud=_cloud(parts) or _guess_cloud(documents.values()),
        collected=min((part.collected for part in parts if part.collected), default=None),
        sources=tuple(part.source for part in parts),
        skipped=tuple(skipped for part in parts for skipped in part.skipped),
        tag_lists=tuple(tags for part in parts for tags in part.tag_lists),
        origins=tuple(_origin(part) for part in parts),
    )


def document(copies: Sequence[Copy]) -> Document:
    """One document of all copies of a resource; what they disagree about is listed, not decided."""
    first = copies[0].id
    conflicts: dict[str, str] = {}
    body = copies[0].body
    if len(copies) > 1:
        body = unite([Told(copy.place, copy.body, copy.form) for copy in copies], "", conflicts)
    return Document(
        id=first,
        kind=first.kind,
        body=body,
        places=tuple(dict.fromkeys(copy.place for copy in copies)),
        conflicts=conflicts,
        form=common_form([copy.form for copy in copies]),
    )


class _Rows:
    """The rows of one source's manifest by kind."""

    def __init__(self, reads: Iterable[Read]) -> None:
        self._rows: dict[str, list[Read]] = {}
        for read in reads:
            self._rows.setdefault(read.kind.strip().lower(), []).append(read)

    def version_of(self, resource: ResourceId) -> str | None:
        """The api-version that gave a resource: the one that all rows name under which it may have been read."""
        versions = {read.api_version for read in self._of(resource)}
        return versions.pop() if len(versions) == 1 else None

    def complete(self, resource: ResourceId) -> Read | None:
        """The row of a complete list in which a resource would be, None where there is none.

        A read of the resource itself that ended well has its document, or is none of it.
        """
        return next(
            (read for read in self._of(resource) if read.complete and _scope(read) != resource.key), None
        )

    def _of(self, resource: ResourceId) -> Iterator[Read]:
        return (read for read in self._rows.get(resource.kind, ()) if _covers(_scope(read), resource.key))


def _note_absent(documents: dict[str, Document], parts: Sequence[Part]) -> None:
    """Note for each document that another source read every one of its kind there, and not this one."""
    if len(parts) < 2:
        return
    for part in parts:
        rows = _Rows(part.reads)
        own = {copy.id.key for copy in part.copies}
        for key, found in documents.items():
            row = rows.complete(found.id) if key not in own else None
            if row is not None:
                where = f"the complete list of {row.kind} under {row.scope} in {part.source}"
                sentence = f"held by {', '.join(found.places)}, absent from {where}"
                documents[key] = replace(found, conflicts={"": sentence, **found.conflicts})


def _origin(part: Part) -> Origin:
    held = {copy.id.key for copy in part.copies}
    return Origin(source=part.source, collected=part.collected, documents=len(held) + len(part.tag_lists))


def _settled(reads: Sequence[Read], documents: Mapping[str, Document]) -> tuple[Read, ...]:
    """The rows without those failed ones that another source made good.

    It did when it read the same kind completely at that scope or above, or holds the very resource.
    """
    complete: dict[str, list[tuple[str, str]]] = {}
    for read in reads:
        if read.complete:
            complete.setdefault(read.kind.lower(), []).append((_scope(read), read.source))
    return tuple(
        read
        for read in reads
        if read.complete
        or not (
            any(
                source != read.source and _covers(scope, _scope(read))
                for scope, source in complete.get(read.kind.lower(), ())
            )
            or _held(read, documents)
        )
    )


def _scope(read: Read) -> str:
    return read.scope.strip().rstrip("/").lower()


def _covers(scope: str, below: str) -> bool:
    return below == scope or below.startswith(scope + "/")


def _held(read: Read, documents: Mapping[str, Document]) -> bool:
    """Whether a failed read of one resource is made good by a document of that very resource."""
    found = documents.get(_scope(read))
    return found is not None and found.kind == read.kind.lower()


def _cloud(parts: Sequence[Part]) -> str | None:
    said = {part.cloud: part.source for part in parts if part.cloud}
    if len(said) > 1:
        named = ", ".join(f"{cloud} ({source})" for cloud, source in said.items())
        raise InputError(f"the sources come from different clouds: {named}")
    return next(iter(said), None)


def _guess_cloud(documents: Iterable[Document]) -> str:
    """The cloud by the regions of the resources, where no manifest says it; each cloud has its own names."""
    for found in documents:
        location = member(found.body, "location")
        if isinstance(location, str):
            name = location.replace(" ", "").lower()
            for prefix, cloud in _REGIONS:
                if name.startswith(prefix):
                    return cloud
    return "public"
