"""All routes of one subnet: system routes, peerings, hubs, endpoints, learned and user routes (UDR-1..UDR-36)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

from auditor.filters.known_addresses import (
    ALL_IPV4,
    ALL_IPV6,
    EVERYWHERE,
    GLOBAL,
    PLATFORM,
    RESERVED,
    UNDOCUMENTED_NONE,
)
from auditor.filters.next_hop import HopKind, NextHop
from auditor.filters.parts import NO_CODES, UNSETTLED, Codes
from auditor.filters.route_table import PREFERRED, SYSTEM, USER, Candidate, RouteFilter
from auditor.filters.terms import NOWHERE, addresses_of, literal
from auditor.filters.vnet_tag import DefaultRoute
from auditor.model.estate import Estate
from auditor.model.gap import Gap
from auditor.model.network import Subnet, VirtualNetwork
from auditor.model.resource_id import ResourceId
from auditor.model.route_table import Route, RouteTable
from auditor.model.verdict import Effect
from auditor.netset import AddressSet
from auditor.paths.endpoint_routes import EndpointRoutes
from auditor.paths.hub_routes import HubRoutes
from auditor.paths.learned_routes import LearnedRoutes
from auditor.paths.learning import Learning
from auditor.paths.peering_routes import PeeringRoutes, peerings_of
from auditor.paths.route_members import RouteMembers, route_members
from auditor.paths.route_parts import fixed_by, prefix_length, route_hop, state_text

_APPLIANCE_HOPS = {"virtualappliance", "virtualapplianceecmp"}


class SubnetRoutes:
    """The candidate routes of one subnet, from everything that was read about it."""

    def __init__(self, subnet: Subnet, estate: Estate) -> None:
        self._subnet = subnet
        self._estate = estate
        self.network: VirtualNetwork | Gap = estate.network(subnet.network)
        self.table: RouteTable | Gap | None = (
            None if subnet.route_table is None else estate.route_table(subnet.route_table)
        )
        self._routes: tuple[Route, ...] = self.table.routes if isinstance(self.table, RouteTable) else ()
        self._propagates = not (isinstance(self.table, RouteTable) and self.table.propagation_off)
        self._learned: tuple[LearnedRoutes, HubRoutes] | None = None
        self.unread = self._unread()

    def _unread(self) -> tuple[str, str, ResourceId] | None:
        """(code, detail, resource) when nothing can be said about this subnet's routes."""
        if isinstance(self.table, Gap):
            return self.table.code, f"route table {self.table.id.name}: {self.table.detail}", self.table.id
        if self.table is not None and self.table.flaws:
            return self.table.flaws[0].code, self.table.flaws[0].detail, self.table.id
        if isinstance(self.network, Gap):
            return (
                self.network.code,
                f"virtual network {self.network.id.name}: {self.network.detail}",
                self.network.id,
            )
        if self.network.flaws:
            return self.network.flaws[0].code, self.network.flaws[0].detail, self.network.id
        return None

    # -- what other stages ask -------------------------------------------------------------------------

    @property
    def user_defaults(self) -> tuple[Route, ...]:
        """The user routes for 0.0.0.0/0: one at most, unless a document is odd.

        Which of several holds is open (UDR-20), and the state of each may leave open whether it is in force (V-6).
        """
        return tuple(route for route in self._routes if literal(route.prefix) == ALL_IPV4)

    @property
    def default_route(self) -> DefaultRoute:
        """Whether the subnet has a 0/0 route of its own, which widens the VirtualNetwork tag (NSG-18).

        Beside a certain one all readings of the tags stay open, so a route that may be in force is no other case.
        """
        return self._default[0]

    @property
    def default_codes(self) -> Codes:
        """What leaves open whether there is one: a list that was not read, a hub, a gateway (V-6, UDR-30, UDR-34)."""
        return self._default[1]

    @cached_property
    def _default(self) -> tuple[DefaultRoute, Codes]:
        if self.unread is not None or isinstance(self.network, Gap):
            return DefaultRoute.POSSIBLE, frozenset(
                {self.unread[0] if self.unread else "unreadable-resource"}
            )
        if self.user_defaults:
            return DefaultRoute.CERTAIN, NO_CODES
        learned, hub = self._injected(self.network)
        found, codes = hub.default()
        if found is DefaultRoute.CERTAIN:
            return found, NO_CODES
        if learned.possible():
            return DefaultRoute.POSSIBLE, codes | {"bgp-routes-unknown"}
        return found, codes

    def _injected(self, network: VirtualNetwork) -> tuple[LearnedRoutes, HubRoutes]:
        """What gateways and a hub give the subnet."""
        if self._learned is None:
            learning = Learning(
                network=network,
                estate=self._estate,
                near=addresses_of(network.prefixes) | self.peerings(network).space(),
                fixed=fixed_by(self._routes),
                propagates=self._propagates,
            )
            self._learned = LearnedRoutes(learning), HubRoutes(learning)
        return self._learned

    def peerings(self, network: VirtualNetwork) -> PeeringRoutes:
        """The routes to the peers of the subnet's network."""
        return peerings_of(self._subnet, network, self._estate)

    def members(self) -> RouteMembers:
        """What user routes add to the VirtualNetwork tag (NSG-17)."""
        flaws = self.table.flaws if isinstance(self.table, RouteTable) else ()
        return route_members(self._routes, self._estate.service_tags, frozenset(flaw.code for flaw in flaws))

    def learned_members(self, network: VirtualNetwork) -> Iterator[tuple[AddressSet, Codes]]:
        """What VirtualNetwork may hold of learned routes and of a table that was not read (NSG-17, V-6)."""
        learned, hub = self._injected(network)
        yield from hub.members()
        if learned.possible():
            yield ALL_IPV4 - GLOBAL, frozenset({"bgp-routes-unknown"})
            yield ALL_IPV6, frozenset({"bgp-routes-unknown"})
        if self.unread is not None:
            yield EVERYWHERE, frozenset({self.unread[0]})

    def compile(self) -> RouteFilter:
        """The first-match list of all candidates."""
        return RouteFilter(list(self._candidates()))

    # -- candidates ------------------------------------------------------------------------------------

    def _candidates(self) -> Iterator[Candidate]:
        yield Candidate(
            addresses=PLATFORM,
            length=PREFERRED + 9,
            rank=USER,
            target=NextHop(HopKind.PLATFORM),
            literal=False,
            hop=route_hop("a platform address of the host, outside user routes", "NSG-22"),
        )
        yield self._unknown(ALL_IPV6, "ipv6", "IPv6 routes are answered apart", "UDR-22")
        if self.unread is not None or isinstance(self.network, Gap):
            code, detail, resource = self.unread or ("unreadable-resource", "", self._subnet.network)
            yield self._unknown(ALL_IPV4, code, detail, "V-6", resource)
            return
        yield from EndpointRoutes(self._subnet, self.network, self._routes, self._estate).candidates()
        yield from self._local(self.network)
        yield from self.peerings(self.network).candidates()
        learned, hub = self._injected(self.network)
        yield from hub.candidates()
        yield from learned.from_gateways()
        for route in self._routes:
            yield from self._user(route)
        yield from self._system(self.network)

    def _unknown(
        self, addresses: AddressSet, code: str, detail: str, clause: str, resource: ResourceId | None = None
    ) -> Candidate:
        hop = route_hop(detail, clause, resource=resource, effect=Effect.UNKNOWN, codes=(code,))
        return Candidate(
            addresses=addresses,
            length=PREFERRED + 8,
            rank=USER,
            target=NextHop(HopKind.UNKNOWN),
            literal=False,
            hop=hop,
        )

    def _local(self, network: VirtualNetwork) -> Iterator[Candidate]:
        target = NextHop(HopKind.VNET, resource=network.id)
        for prefix in network.prefixes:
            found = literal(prefix)
            if found is not None and found.only_v4():
                yield Candidate(
                    addresses=found,
                    length=prefix_length(prefix),
                    rank=SYSTEM,
                    target=target,
                    literal=False,
                    hop=route_hop(f"inside virtual network {network.id.name}", "UDR-2", resource=network.id),
                )

    # -- user and system routes ------------------------------------------------------------------------

    def _user(self, route: Route) -> Iterator[Candidate]:
        table = self._subnet.route_table
        target = self._target(route)
        effect = {HopKind.NONE: Effect.DROP, HopKind.UNKNOWN: Effect.UNKNOWN}.get(target.kind, Effect.FORWARD)
        clause = "UDR-18" if target.kind is HopKind.NONE else "UDR-8"
        where = f" {', '.join(target.addresses)}" if target.addresses else ""
        hop = route_hop(
            f"user route {route.name} {route.prefix} -> {_shown(route.hop)}{where}{state_text(route.unsettled)}",
            clause,
            resource=table,
            rule=route.name,
            effect=effect,
            codes=("enum-unknown",) if target.kind is HopKind.UNKNOWN else (),
        )
        unsettled = UNSETTLED if route.unsettled else NO_CODES
        found = literal(route.prefix)
        if found is not None:
            if found.only_v4():
                yield Candidate(
                    addresses=found,
                    length=prefix_length(route.prefix),
                    rank=USER,
                    target=target,
                    hop=hop,
                    literal=found != ALL_IPV4,
                    codes=unsettled,
                )
            return
        clause = "UDR-20" if target.kind is not HopKind.NONE else clause
        by_length = _tag_prefixes(route.prefix, self._estate)
        if by_length is None:
            yield Candidate(
                addresses=GLOBAL,
                length=PREFERRED - 2,
                rank=USER,
                target=target,
                hop=replace(hop, clause=clause),
                literal=False,
                codes=unsettled | {"tag-snapshot-missing"},
            )
            return
        for length, addresses in by_length.items():
            yield Candidate(
                addresses=addresses,
                length=length,
                rank=USER + _tag_rank(route.prefix),
                target=target,
                hop=replace(hop, clause=clause),
                literal=False,
                codes=unsettled,
            )

    def _target(self, route: Route) -> NextHop:
        kinds = {
            "internet": HopKind.INTERNET,
            "virtualnetworkgateway": HopKind.GATEWAY,
            "vnetlocal": HopKind.VNET,
            "none": HopKind.NONE,
        }
        if route.hop in _APPLIANCE_HOPS:
            return NextHop(HopKind.APPLIANCE, route.addresses, None, self._subnet.route_table, route.name)
        kind = kinds.get(route.hop, HopKind.UNKNOWN)
        return NextHop(
            kind,
            (),
            self._subnet.network if kind is HopKind.VNET else None,
            self._subnet.route_table,
            route.name,
        )

    def _system(self, network: VirtualNetwork) -> Iterator[Candidate]:
        none = NextHop(HopKind.NONE)
        yield from self._reserved(network)
        hidden = AddressSet.of(*UNDOCUMENTED_NONE) - addresses_of(network.prefixes)
        yield Candidate(
            addresses=hidden,
            length=0,
            rank=SYSTEM,
            target=none,
            literal=False,
            codes=frozenset({"none-route-undocumented"}),
            assumed=False,
            hop=route_hop(
                "an undocumented None route of the platform may cover it",
                "UDR-5",
                resource=self._subnet.id,
                effect=Effect.DROP,
            ),
        )
        yield Candidate(
            addresses=ALL_IPV4,
            length=0,
            rank=SYSTEM + 1,
            target=NextHop(HopKind.INTERNET),
            literal=False,
            hop=route_hop("system route 0.0.0.0/0 -> Internet", "UDR-2", resource=self._subnet.id),
        )

    def _reserved(self, network: VirtualNetwork) -> Iterator[Candidate]:
        defaults = self.user_defaults
        codes = NO_CODES
        if defaults and all(one.hop in {*_APPLIANCE_HOPS, "virtualnetworkgateway"} for one in defaults):
            if not all(one.unsettled for one in defaults):
                return
            codes = UNSETTLED
        elif self.default_route is not DefaultRoute.NONE:
            codes = frozenset({"uncertain:UDR-4"})
        for prefix in RESERVED:
            addresses = literal(prefix) or NOWHERE
            if any(literal(own) == addresses for own in network.prefixes):
                continue
            wider = any(addresses <= addresses_of((own,)) for own in network.prefixes)
            yield Candidate(
                addresses=addresses,
                length=prefix_length(prefix),
                rank=SYSTEM,
                target=NextHop(HopKind.NONE),
                literal=False,
                codes=codes | ({"uncertain:UDR-3"} if wider else set()),
                hop=route_hop(
                    f"system route {prefix} -> None", "UDR-2", resource=self._subnet.id, effect=Effect.DROP
                ),
            )


def _tag_prefixes(tag: str, estate: Estate) -> dict[int, AddressSet] | None:
    """A tag's prefixes by length: each takes part in longest-prefix matching on its own (UDR-20)."""
    texts = estate.service_tags.prefixes_of(tag)
    if texts is None:
        return None
    by_length: dict[int, list[AddressSet]] = {}
    for text in texts:
        found = literal(text)
        if found is not None and found.only_v4():
            by_length.setdefault(prefix_length(text), []).append(found)
    return {length: AddressSet.union_all(members) for length, members in by_length.items()}


def _tag_rank(tag: str) -> int:
    """On equal prefixes: explicit, regional tag, top-level tag, AzureCloud.<region>, AzureCloud (UDR-20)."""
    name, _, region = tag.lower().partition(".")
    return (3 if region else 4) if name == "azurecloud" else (1 if region else 2)


def _shown(hop: str) -> str:
    names = {
        "virtualappliance": "VirtualAppliance",
        "virtualapplianceecmp": "VirtualApplianceEcmp",
        "virtualnetworkgateway": "VirtualNetworkGateway",
        "vnetlocal": "VnetLocal",
        "internet": "Internet",
        "none": "None",
    }
    return names.get(hop, hop)
