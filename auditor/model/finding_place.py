"""Where a question is asked from."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.model.resource_id import ResourceId


@dataclass(frozen=True, slots=True, kw_only=True)
class From:
    """Where a question is asked from: a pool and one of its source subnets."""

    pool: str
    subnet: ResourceId | None
    """None when the subnet could not be found."""
