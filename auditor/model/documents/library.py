"""The documents of a snapshot by kind and by parent, and the children of a resource wherever they were read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from auditor.model.copies import Form, Told
from auditor.model.documents.fields import Fields
from auditor.model.documents.notes import Notes
from auditor.model.estate import Estate
from auditor.model.merge import element_key, flatten, member, unite
from auditor.model.resource_id import ResourceId
from auditor.model.snapshot import Document, Snapshot


class Library:
    """Look-ups over the documents of one snapshot; every order is that of the ids."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.documents = snapshot.documents
        self._reads = Estate(snapshot=snapshot)

    def was_read(self, kind: str, scope: ResourceId) -> bool:
        """Whether the manifest says that every `kind` below `scope` was read."""
        return self._reads.was_read(kind, scope)

    def was_cut_short(self, kind: str, scope: ResourceId) -> bool:
        """Whether the manifest says that some `kind` below `scope` were perhaps not read (V-6)."""
        return self._reads.failed_read(kind, scope) is not None

    @cached_property
    def _kinds(self) -> Mapping[str, list[Document]]:
        table: dict[str, list[Document]] = {}
        for _, document in sorted(self.documents.items()):
            table.setdefault(document.kind, []).append(document)
        return table

    @cached_property
    def _families(self) -> Mapping[tuple[str, str], list[Document]]:
        table: dict[tuple[str, str], list[Document]] = {}
        for kind, documents in self._kinds.items():
            for document in documents:
                table.setdefault((kind, _above(document.id.key)), []).append(document)
        return table

    def of_kind(self, kind: str) -> list[Document]:
        """All documents of a kind (lower case)."""
        return self._kinds.get(kind, [])

    def kinds(self) -> tuple[str, ...]:
        """Every kind that occurs."""
        return tuple(self._kinds)

    def under(self, parent: ResourceId, kind: str) -> list[Document]:
        """The documents of a child kind (lower case) directly below `parent`."""
        return self._families.get((kind, parent.key), [])

    def answer(self, resource: ResourceId, action: str) -> Fields | None:
        """The answer of an action on a resource, None when it was not asked (design: snapshot)."""
        document = self.documents.get(f"{resource.key}/{action.lower()}")
        return None if document is None else read(document)

    def children(self, parent: Fields, owner: ResourceId, name: str, kind: str) -> Iterator[Fields]:
        """The children of `owner`: the union of list `name` and the documents of `kind` below it.

        A child read both ways is united; a difference between the two sets means nothing (design: snapshot).
        Each has notes of its own.
        """
        alone = {document.id.name.lower(): document for document in self.under(owner, kind)}
        for path, item in parent.elements(name):
            key = element_key(item)
            document = alone.pop(key, None) if key is not None else None
            child = (
                Fields(item, parent.notes.fork(), path)
                if document is None
                else _both(parent, path, item, document)
            )
            child.notes.touch(path)
            yield child
        for key, document in sorted(alone.items()):
            yield read(document, f"{parent.path_of(name)}[{key}]")


def read(document: Document, path: str = "") -> Fields:
    """The reader of a whole document."""
    conflicts = document.conflicts
    if path and conflicts:
        conflicts = _below(path, conflicts)
    notes = Notes(document.id.name, ", ".join(document.places), conflicts)
    notes.touch(path)  # whether it exists at all
    return Fields(_as_child(document) if path else document.body, notes, path)


def _both(parent: Fields, path: str, inline: Mapping[str, Any], document: Document) -> Fields:
    found: dict[str, str] = {}
    places = (parent.notes.place, ", ".join(document.places))
    # An element inside its parent may be shown in part; the child's own document is whole.
    element = Form(narrow=True, flattened=not isinstance(member(inline, "properties"), dict))
    copies = [
        Told(places[0], flatten(inline), element),
        Told(places[1], _as_child(document), document.form),
    ]
    body = unite(copies, path, found)
    conflicts = {**parent.notes.conflicts, **_below(path, document.conflicts), **found}
    return Fields(body, Notes(parent.notes.subject, ", ".join(places), conflicts), path)


def _as_child(document: Document) -> dict[str, Any]:
    """The document as its parent would show it; the resource type does not hide a property called `type`."""
    outer = {key: value for key, value in document.body.items() if key.lower() != "type"}
    return flatten({**outer, "name": document.id.name})


def _below(path: str, conflicts: Mapping[str, str]) -> dict[str, str]:
    return {f"{path}.{key}" if key else path: sentence for key, sentence in conflicts.items()}


def _above(key: str) -> str:
    return key.rsplit("/", 2)[0]
