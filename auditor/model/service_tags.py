"""Service tags: named prefix lists kept by Microsoft (NSG-25, NSG-26)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from auditor.netset.address import AddressSet


@dataclass(frozen=True, slots=True)
class ServiceTags:
    """All service tags that were read, by lower-case name."""

    members: Mapping[str, AddressSet] = field(default_factory=lambda: MappingProxyType({}))
    names: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Lower-case name to the name as published."""
    prefixes: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """By lower-case name, the prefixes as published: each takes part in longest-prefix matching (UDR-20)."""
    change_numbers: tuple[str, ...] = ()
    """The change number of each list read, for the report (NSG-26)."""

    def get(self, name: str) -> AddressSet | None:
        """The addresses of a tag, or None when no list that was read holds it."""
        return self.members.get(name.lower())

    def prefixes_of(self, name: str) -> tuple[str, ...] | None:
        """The prefixes of a tag as published, or None when no list that was read holds it."""
        members = self.members.get(name.lower())
        if members is None:
            return None
        return self.prefixes.get(name.lower()) or members.cidrs()

    def __bool__(self) -> bool:
        return bool(self.members)


NO_TAGS = ServiceTags()
