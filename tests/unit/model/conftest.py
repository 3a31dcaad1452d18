"""Estates made of ARM documents, as a collector would hand them over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from auditor.model.build import build_estate
from auditor.model.estate import Estate
from auditor.model.resource_id import ResourceId
from auditor.model.snapshot import Document, Read, Snapshot

GROUP = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network"

Estates = Callable[..., Estate]


@pytest.fixture
def estate_of() -> Estates:
    """An estate of (id, properties) pairs; an id that does not begin with a slash is below Microsoft.Network.

    `outer` holds members beside `properties` by id, `conflicts` disagreements by id, `complete` the kinds that a
    manifest says were read in the whole subscription.
    """

    def make(
        *documents: tuple[str, dict[str, Any]],
        outer: dict[str, dict[str, Any]] | None = None,
        conflicts: dict[str, dict[str, str]] | None = None,
        complete: tuple[str, ...] = (),
        tag_lists: tuple[tuple[str, dict[str, Any]], ...] = (),
    ) -> Estate:
        found = {}
        for number, (text, properties) in enumerate(documents, 1):
            reference = ResourceId(text if text.startswith("/") else f"{GROUP}/{text}")
            found[reference.key] = Document(
                id=reference,
                kind=reference.kind,
                body={"id": reference.text, **(outer or {}).get(text, {}), "properties": properties},
                places=(f"resources.jsonl:{number}",),
                conflicts=(conflicts or {}).get(text, {}),
            )
        reads = tuple(Read(scope="/subscriptions/S", kind=kind, status="complete") for kind in complete)
        return build_estate(
            Snapshot(
                documents=found,
                reads=reads,
                has_manifest=bool(reads),
                cloud="public",
                collected=None,
                sources=("snapshot",),
                tag_lists=tag_lists,
            )
        )

    return make
