"""What the user routes of a subnet add to its VirtualNetwork tag (NSG-17)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from auditor.filters.known_addresses import ALL_IPV4, ALL_IPV6, GLOBAL, GLOBAL_IPV6
from auditor.filters.parts import NO_CODES, UNSETTLED, Codes
from auditor.filters.terms import NOWHERE, literal
from auditor.model.route_table import Route
from auditor.model.service_tags import ServiceTags
from auditor.netset import AddressSet

_UNREAD_TAG: Codes = frozenset({"tag-snapshot-missing"})
_SIXTH: Codes = frozenset({"ipv6"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteMembers:
    """The prefixes of user routes other than 0/0, which NSG-18 speaks of."""

    literal: AddressSet = NOWHERE
    """Named as a prefix by a route that is in force."""
    by_tag: AddressSet = NOWHERE
    """The prefixes of the service tags that routes in force name (UDR-20)."""
    doubtful: tuple[tuple[AddressSet, Codes], ...] = ()
    """What a route may add, with the codes that leave it open."""

    @property
    def certain(self) -> AddressSet:
        """Everything that routes surely add."""
        return self.literal | self.by_tag


def route_members(routes: Iterable[Route], tags: ServiceTags, doubts: Codes = NO_CODES) -> RouteMembers:
    """The members that routes add; a tag that no list holds may be any public address (NSG-26).

    `doubts` are what leaves open which routes the table has; that it may have others leaves 0/0 open, too (NSG-18).
    """
    by_prefix: list[AddressSet] = []
    by_tag: list[AddressSet] = []
    doubtful: list[tuple[AddressSet, Codes]] = []
    for route in routes:
        codes = doubts | (UNSETTLED if route.unsettled else NO_CODES)
        prefix = literal(route.prefix)
        if prefix == ALL_IPV4:
            continue
        found = tags.get(route.prefix) if prefix is None else prefix
        if prefix == ALL_IPV6:
            doubtful.append((ALL_IPV6, codes | _SIXTH))  # whether the tag grows by it is not said (UDR-22)
        elif found is None:
            doubtful.append((GLOBAL | GLOBAL_IPV6, codes | _UNREAD_TAG))
        elif codes:
            doubtful.append((found, codes))
        else:
            (by_tag if prefix is None else by_prefix).append(found)
    return RouteMembers(
        literal=AddressSet.union_all(by_prefix),
        by_tag=AddressSet.union_all(by_tag),
        doubtful=tuple(doubtful),
    )
