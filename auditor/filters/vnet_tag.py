"""What the special tags of security rules stand for on one subnet (NSG-17..NSG-20)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from auditor.filters.known_addresses import (
    ALL_IPV4,
    ALL_IPV6,
    GLOBAL,
    GLOBAL_IPV6,
    HOST,
    PLATFORM,
    RFC1918,
    SPECIAL,
)
from auditor.filters.parts import Codes
from auditor.filters.terms import NOWHERE, Maybe, Term, tag_term
from auditor.model.resource_id import ResourceId
from auditor.model.service_tags import NO_TAGS, ServiceTags
from auditor.netset import AddressSet

Memberships = frozenset[ResourceId] | None
"""Application security groups that an interface is in; None where that is not known (NSG-16)."""


class World(Enum):
    """The ways in which the VirtualNetwork and Internet tags may read beside a 0/0 route (NSG-18, NSG-19b).

    The two doubts hang together: Internet can only shrink to nothing if VirtualNetwork has become everything.
    """

    PLAIN = "VirtualNetwork does not hold the default route"
    WIDE = "VirtualNetwork holds the default route, Internet keeps its meaning"
    SHRUNK = "VirtualNetwork holds the default route and Internet holds nothing"


class DefaultRoute(Enum):
    """Whether the subnet has a 0.0.0.0/0 route of its own, by user route or learned."""

    NONE = "none"
    POSSIBLE = "possible"
    CERTAIN = "certain"


@dataclass(frozen=True, kw_only=True)
class TagContext:
    """Everything about a subnet that the terms of its security rules depend on."""

    members: AddressSet
    """VNet space, peered spaces and prefixes of user routes: what VirtualNetwork surely holds (NSG-17)."""
    maybe_members: tuple[Maybe, ...] = ()
    routed: AddressSet = NOWHERE
    """The members that only user routes name: whether Internet then lacks them is not said (NSG-17, NSG-19b)."""
    named: AddressSet = NOWHERE
    """Those of them that a route names as a prefix, and not by a service tag."""
    maybe_routed: tuple[Maybe, ...] = ()
    """What routes may add to the members, apart from peers: Internet holds it, or lacks it as it may lack `routed`."""
    default_route: DefaultRoute = DefaultRoute.NONE
    default_codes: Codes = frozenset({"bgp-routes-unknown"})
    """What leaves a possible one open."""
    tags: ServiceTags = NO_TAGS
    own_groups: Memberships = frozenset()
    """Application security groups of the source NICs."""
    group_members: Mapping[ResourceId, AddressSet] = field(default_factory=dict)
    hidden_members: Callable[[ResourceId], AddressSet] = lambda _: ALL_IPV4
    """Where members of an application security group may stand that were not read (NSG-16)."""

    @property
    def worlds(self) -> tuple[World, ...]:
        """The readings of the tags that cannot be excluded."""
        return (World.PLAIN,) if self.default_route is DefaultRoute.NONE else tuple(World)

    def term(self, text: str, world: World) -> Term | None:
        """What a tag stands for; None when `text` is not one of the special tags."""
        match text.lower():
            case "virtualnetwork":
                wide = self.members | HOST if world is World.PLAIN else self.members | ALL_IPV4
                # What is a member for such a route's sake alone stands there as a prefix: a tag that is so long tells a
                # few addresses apart as plainly as the route does (docs/verdicts.md: names and addresses).
                return Term(
                    literal=self.named,
                    broad=wide,
                    maybe=self._perhaps(world),
                )
            case "internet":
                return self._internet(world)
            case "azureloadbalancer":
                return Term()
            case "azureplatformdns" | "azureplatformimds" | "azureplatformlkm":
                return Term()
            case _:
                return None

    def _perhaps(self, world: World) -> tuple[Maybe, ...]:
        """What VirtualNetwork may hold; where it holds the default route, only IPv6 is left in doubt."""
        found = (*self.maybe_members, *self.maybe_routed)
        return found if world is World.PLAIN else _within(ALL_IPV6, found)

    def _internet(self, world: World) -> Term:
        outside = (GLOBAL - self.members - PLATFORM) | (GLOBAL_IPV6 - self.members)
        hidden = _within(outside, self.maybe_members)
        outside -= AddressSet.union_all(item.addresses for item in hidden)
        # Whether a route names it or not: in both cases the tag may be taken to hold it (NSG-19).
        named = (item.addresses & outside for item in self.maybe_routed)
        routed = AddressSet.union_all((self.routed & (GLOBAL | GLOBAL_IPV6), *named))
        outside -= routed
        if routed:
            hidden = (*hidden, Maybe(routed, frozenset({"internet-tag-ambiguous"}), assumed=True))
        if world is World.SHRUNK:
            # A 0.0.0.0/0 route says nothing about IPv6 (UDR-22), so that part of the tag keeps its meaning.
            return Term(broad=outside & ALL_IPV6, maybe=_within(ALL_IPV6, hidden))
        special = SPECIAL - RFC1918 - self.members
        return Term(broad=outside, maybe=(Maybe(special, frozenset({"uncertain:NSG-19"})), *hidden))

    def service(self, text: str) -> Term:
        """A service tag of the platform, resolved through the tags that were read."""
        return tag_term(text, self.tags)


def _within(addresses: AddressSet, found: tuple[Maybe, ...]) -> tuple[Maybe, ...]:
    """The part of some doubts that lies in these addresses."""
    cut = (replace(item, addresses=item.addresses & addresses) for item in found)
    return tuple(item for item in cut if item.addresses)
