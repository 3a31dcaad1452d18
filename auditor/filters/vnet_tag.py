"""What the special tags of security rules stand for on one subnet (NSG-17..NSG-20)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from auditor.filters.known_addresses import ALL_IPV4, GLOBAL, GLOBAL_IPV6, HOST, PLATFORM, RFC1918, SPECIAL
from auditor.filters.terms import NOWHERE, Maybe, Term, tag_term
from auditor.model.resource_id import ResourceId
from auditor.model.service_tags import NO_TAGS, ServiceTags
from auditor.netset import AddressSet


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
    default_route: DefaultRoute = DefaultRoute.NONE
    tags: ServiceTags = NO_TAGS
    own_groups: frozenset[ResourceId] | None = frozenset()
    """Application security groups of the source NICs; None when their membership is not known (NSG-16)."""
    group_members: Mapping[ResourceId, AddressSet] = field(default_factory=dict)
    groups_complete: bool = False
    """Whether every NIC that could be a member of an application security group was read."""
    space: AddressSet = NOWHERE
    """The VNet's own address space, in which members of an application security group lie."""

    @property
    def worlds(self) -> tuple[World, ...]:
        """The readings of the tags that cannot be excluded."""
        return (World.PLAIN,) if self.default_route is DefaultRoute.NONE else tuple(World)

    def term(self, text: str, world: World) -> Term | None:
        """What a tag stands for; None when `text` is not one of the special tags."""
        match text.lower():
            case "virtualnetwork":
                wide = self.members | HOST if world is World.PLAIN else self.members | ALL_IPV4
                # What is a member for a route's sake alone stands there as a prefix: a tag that is so long tells a few
                # addresses apart as plainly as the route does (docs/verdicts.md: names and addresses).
                return Term(
                    literal=self.routed,
                    broad=wide,
                    maybe=() if world is not World.PLAIN else self.maybe_members,
                )
            case "internet":
                return self._internet(world)
            case "azureloadbalancer":
                return Term()
            case "azureplatformdns" | "azureplatformimds" | "azureplatformlkm":
                return Term()
            case _:
                return None

    def _internet(self, world: World) -> Term:
        # A 0.0.0.0/0 route says nothing about IPv6 (UDR-22), so that part of the tag keeps its meaning.
        sixth = GLOBAL_IPV6 - self.members
        if world is World.SHRUNK:
            return Term(broad=sixth)
        outside = (GLOBAL - self.members - PLATFORM) | sixth
        special = SPECIAL - RFC1918 - self.members
        hidden = tuple(
            Maybe(item.addresses & outside, item.codes, assumed=None)
            for item in self.maybe_members
            if item.addresses & outside
        )
        for item in hidden:
            outside -= item.addresses
        routed = self.routed & (GLOBAL | GLOBAL_IPV6)
        if routed:
            hidden = (*hidden, Maybe(routed, frozenset({"internet-tag-ambiguous"}), assumed=True))
        return Term(broad=outside, maybe=(Maybe(special, frozenset({"uncertain:NSG-19"})), *hidden))

    def service(self, text: str) -> Term:
        """A service tag of the platform, resolved through the tags that were read."""
        return tag_term(text, self.tags)
