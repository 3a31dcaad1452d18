"""What a source of snapshots is, and what it hands over before sources are united."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from auditor.model.copies import UNTOLD, Form
from auditor.model.resource_id import ResourceId
from auditor.model.snapshot import Read, Skipped


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy of an ARM resource as one place showed it."""

    id: ResourceId
    body: Mapping[str, Any]
    """The document with `properties` nested."""
    place: str
    form: Form = UNTOLD
    """How it was written; what the manifest says of it is known where sources unite."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Everything that one source was able to read; several parts unite into one Snapshot."""

    source: str
    """The source's name: what the user typed."""
    copies: tuple[Copy, ...] = ()
    """In the order in which they were read; the first copy of a resource names it."""
    reads: tuple[Read, ...] = ()
    tag_lists: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    skipped: tuple[Skipped, ...] = ()
    has_manifest: bool = False
    cloud: str | None = None
    """`public`, `usgov`, `china`, or None where the source does not say."""
    collected: str | None = None


class Source(Protocol):
    """Something that a snapshot can be read from."""

    @property
    def name(self) -> str:
        """What the user typed to name it."""
        ...

    def read(self) -> Part:
        """Read everything. What could not be read is a row of `reads`, never silence.

        Raises InputError when the source as a whole makes no sense; the error names the place.
        """
        ...
