"""A snapshot: raw ARM documents as they were read, and what the reading itself says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from auditor.model.copies import UNTOLD, Form
from auditor.model.resource_id import ResourceId


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One row of a manifest: a list or single read and how it ended (design: snapshot)."""

    scope: str
    """Subscription, resource group or resource id that was read under."""
    kind: str
    """Resource type, or resource type and action, as written in the manifest."""
    status: str
    """`complete`, `denied`, `failed` or `partial`."""
    error: str | None = None
    api_version: str | None = None
    pages: int | None = None
    source: str = ""
    """Which source (folder, file, subscription) the row comes from."""

    @property
    def complete(self) -> bool:
        """Whether everything under the scope was read."""
        return self.status == "complete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One ARM resource, united from all copies that were read."""

    id: ResourceId
    kind: str
    """Resource type in lower case."""
    body: Mapping[str, Any]
    """The document; top-level keys as the service wrote them, `properties` always nested."""
    places: tuple[str, ...]
    """Where each copy was read: `file:line`, `file`, or either with `[n]` for an entry of a list."""
    conflicts: Mapping[str, str]
    """Property path (lower case, dotted, below `properties`) to a sentence naming both values and places.

    The empty path stands for the resource itself: one source holds it, another read all there are without it.
    """
    form: Form = UNTOLD
    """How its copies were written, as far as anything tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """Input that was no ARM resource, reported and passed over."""

    place: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """One source of documents."""

    source: str
    """What the user typed."""
    collected: str | None
    """When it was read, UTC, ISO 8601; None when nothing says so."""
    documents: int
    """How many resources it holds, each counted once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Everything that was read, from one or several sources."""

    documents: Mapping[str, Document]
    """By lower-case id."""
    reads: tuple[Read, ...]
    has_manifest: bool
    """False when no source had a manifest: what is not held was not read (design: snapshot)."""
    cloud: str
    """`public`, `usgov` or `china`."""
    collected: str | None
    sources: tuple[str, ...]
    skipped: tuple[Skipped, ...] = ()
    tag_lists: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    """Service tag lists as (place, body); a download file has no ARM id."""
    origins: tuple[Origin, ...] = ()
    """What came from each source, in the order of `sources`."""
