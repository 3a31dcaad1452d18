"""What is not known is a value: a reference that does not resolve is a Gap, never None."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.model.resource_id import ResourceId


@dataclass(frozen=True, slots=True)
class Gap:
    """A resource that something refers to and that could not be read (V-6, ARM-21, ARM-22)."""

    id: ResourceId
    """The id that does not resolve."""
    detail: str
    """Why, in words: `not in the snapshot`, `403 AuthorizationFailed`, ..."""
    code: str = "unreadable-resource"
    """The reason code that verdicts depending on it carry."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """A fact about a document that was read which makes verdicts that depend on it unknown."""

    code: str
    """`snapshot-inconsistent`, `not-succeeded` or `enum-unknown`."""
    detail: str
    """Which property, which values, and where they were read."""
