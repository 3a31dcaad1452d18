"""Service tags: named prefix lists kept by Microsoft (NSG-25, NSG-26)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from auditor.netset.address import AddressSet


class LazyMembers(Mapping[str, AddressSet]):
    """The addresses of tags by lower-case name, read from their prefixes when one is first asked for.

    A public list has 3,000 tags and 90,000 prefixes, of which an estate names a handful. A tag with a malformed
    prefix is not a member: it reads as one that no list holds.
    """

    def __init__(self, prefixes: Mapping[str, tuple[str, ...]]) -> None:
        self._prefixes = prefixes
        self._known: dict[str, AddressSet | None] = {}

    def __getitem__(self, name: str) -> AddressSet:
        if name not in self._known:
            self._known[name] = _addresses(self._prefixes[name])
        found = self._known[name]
        if found is None:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._prefixes if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _addresses(prefixes: tuple[str, ...]) -> AddressSet | None:
    try:
        return AddressSet.of(*prefixes)
    except (ValueError, TypeError, AttributeError):
        return None


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
        return bool(self.names)


NO_TAGS = ServiceTags()
