"""Where things are: from where a question is asked, and where in a file of the user's a cause stands."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.model.resource_id import ResourceId


@dataclass(frozen=True, slots=True, kw_only=True)
class From:
    """Where a question is asked from: a pool and one of its source subnets."""

    pool: str
    subnet: ResourceId | None
    """None when the subnet could not be found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in a file of the user's something stands; line and column count from 1."""

    file: str
    """As the user named it, relative where that is possible."""
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"
