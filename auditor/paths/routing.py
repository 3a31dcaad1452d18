"""All routes of one subnet: system routes, peerings, hubs, endpoints, learned and user routes (UDR-1..UDR-36)."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.filters.known_addresses import ALL_IPV4, ALL_IPV6, GLOBAL, PLATFORM, PUBLIC, RESERVED, UNDOCUMENTED_NONE
from auditor.filters.next_hop import HopKind, NextHop
from auditor.filters.parts import Codes
from auditor.filters.route_table import LEARNED, PREFERRED, SYSTEM, USER, Candidate, RouteFilter
from auditor.filters.terms import NOWHERE, literal
from auditor.filters.vnet_tag import DefaultRoute
from auditor.model.estate import Estate
from auditor.model.gap import Gap
from auditor.model.network import Peering, Subnet, VirtualNetwork
from auditor.model.resource_id import ResourceId
from auditor.model.route_table import Route, RouteTable
from auditor.model.verdict import Effect, Hop, Stage
from auditor.model.virtual_wan import HubConnection, VirtualHub
from auditor.netset import AddressSet
from auditor.paths.service_endpoints import endpoint_addresses

_DEFAULT = "0.0.0.0/0"
_APPLIANCE_HOPS = {"virtualappliance", "virtualapplianceecmp"}


def _hop(
    detail: str,
    clause: str,
    *,
    resource: ResourceId | None = None,
    rule: str | None = None,
    effect: Effect = Effect.FORWARD,
    codes: tuple[str, ...] = (),
) -> Hop:
    return Hop(
        stage=Stage.ROUTE,
        resource=resource.text if resource else None,
        rule=rule,
        priority=None,
        outcome=effect,
        clause=clause,
        detail=detail,
        codes=codes,
    )


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
        self.hub = estate.hub_connection(subnet.network)
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
        return None

    # -- what other stages ask -------------------------------------------------------------------------

    @property
    def user_default(self) -> Route | None:
        """The user route for 0.0.0.0/0, if there is one."""
        return next((route for route in self._routes if route.prefix == _DEFAULT), None)

    @property
    def default_route(self) -> DefaultRoute:
        """Whether the subnet has a 0/0 route of its own, which widens the VirtualNetwork tag (NSG-18)."""
        if self.user_default is not None:
            return DefaultRoute.CERTAIN
        if self.hub is not None and self._propagates:
            learned = _learns_default(*self.hub)
            if learned is not False:
                return DefaultRoute.CERTAIN if learned else DefaultRoute.POSSIBLE
        return DefaultRoute.POSSIBLE if self.unread or self._may_learn() else DefaultRoute.NONE

    def user_prefixes(self) -> AddressSet:
        """Prefixes of user routes other than 0/0: they are part of the VirtualNetwork tag (NSG-17)."""
        found = (literal(route.prefix) for route in self._routes if route.prefix not in {_DEFAULT, "::/0"})
        return AddressSet.union_all(item for item in found if item is not None)

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
            hop=_hop("a platform address of the host, outside user routes", "NSG-22"),
        )
        yield self._unknown(ALL_IPV6, "ipv6", "IPv6 routes are answered apart", "UDR-22")
        if self.unread is not None or isinstance(self.network, Gap):
            code, detail, resource = self.unread or ("unreadable-resource", "", self._subnet.network)
            yield self._unknown(ALL_IPV4, code, detail, "V-6", resource)
            return
        yield from self._preferred(self.network)
        yield from self._local(self.network)
        for peering in self.network.peerings:
            yield from self._peering(peering)
        yield from self._hub_routes(self.network)
        yield from self._gateway_routes(self.network)
        for route in self._routes:
            yield from self._user(route)
        yield from self._system(self.network)

    def _unknown(
        self, addresses: AddressSet, code: str, detail: str, clause: str, resource: ResourceId | None = None
    ) -> Candidate:
        hop = _hop(detail, clause, resource=resource, effect=Effect.UNKNOWN, codes=(code,))
        return Candidate(
            addresses=addresses,
            length=PREFERRED + 8,
            rank=USER,
            target=NextHop(HopKind.UNKNOWN),
            literal=False,
            hop=hop,
        )

    def _preferred(self, network: VirtualNetwork) -> Iterator[Candidate]:
        """Service endpoints and private endpoints, which user routes do not override (UDR-10, UDR-11)."""
        inside = {text: literal(text) for text in (route.prefix for route in self._routes)}
        for endpoint in self._subnet.service_endpoints:
            addresses = endpoint_addresses(endpoint, network.location, self._estate.service_tags)
            target = NextHop(HopKind.SERVICE_ENDPOINT, resource=self._subnet.id, route=endpoint.service)
            hop = _hop(
                f"service endpoint {endpoint.service} of the subnet",
                "UDR-10",
                resource=self._subnet.id,
                rule=endpoint.service,
            )
            if addresses is None:
                yield Candidate(
                    addresses=PUBLIC,
                    length=PREFERRED,
                    rank=SYSTEM,
                    target=target,
                    hop=hop,
                    literal=True,
                    codes=frozenset({"tag-snapshot-missing"}),
                )
                continue
            own = set(addresses.cidrs())
            longer = AddressSet.union_all(
                found for text, found in inside.items() if found and text not in own and found <= addresses
            )
            yield Candidate(
                addresses=addresses - longer, length=PREFERRED, rank=SYSTEM, target=target, hop=hop, literal=True
            )
            if longer:
                yield Candidate(
                    addresses=longer,
                    length=PREFERRED,
                    rank=SYSTEM,
                    target=target,
                    hop=hop,
                    literal=True,
                    codes=frozenset({"se-override"}),
                )
        yield from self._private_endpoints(network)

    def _private_endpoints(self, network: VirtualNetwork) -> Iterator[Candidate]:
        near = {network.id} | {peering.remote for peering in network.peerings if peering.state == "connected"}
        for endpoint in self._estate.private_endpoints.values():
            if endpoint.subnet is None or not endpoint.approved or endpoint.subnet.parent not in near:
                continue
            host = self._estate.subnet(endpoint.subnet)
            target = NextHop(HopKind.PRIVATE_ENDPOINT, resource=endpoint.id)
            hop = _hop(f"host route of private endpoint {endpoint.id.name}", "UDR-7", resource=endpoint.id)
            for address in endpoint.addresses:
                found = literal(address)
                if found is None:
                    continue
                codes = self._endpoint_route(found, host)
                if codes is not None:
                    yield Candidate(
                        addresses=found,
                        length=PREFERRED + 1,
                        rank=SYSTEM,
                        target=target,
                        hop=hop,
                        literal=False,
                        codes=codes,
                    )

    def _endpoint_route(self, address: AddressSet, host: Subnet | Gap) -> Codes | None:
        """None: a user route invalidates the host route; else the codes that leave it open (UDR-11)."""
        covering = [_length(route.prefix) for route in self._routes if _covers(route.prefix, address)]
        longest = max(covering, default=-1)
        if isinstance(host, Gap):
            return frozenset({"pe-route-override"}) if longest > 0 else frozenset()
        if host.private_endpoint_policies in {"enabled", "routetableenabled"}:
            network = self._estate.network(host.network)
            prefixes = network.prefixes if isinstance(network, VirtualNetwork) else ()
            of_network = max((_length(text) for text in prefixes if _covers(text, address)), default=33)
            return None if longest >= of_network else frozenset()
        return frozenset({"pe-route-override"}) if longest == 32 else frozenset()

    def _local(self, network: VirtualNetwork) -> Iterator[Candidate]:
        target = NextHop(HopKind.VNET, resource=network.id)
        for prefix in network.prefixes:
            found = literal(prefix)
            if found is not None and found.only_v4():
                yield Candidate(
                    addresses=found,
                    length=_length(prefix),
                    rank=SYSTEM,
                    target=target,
                    literal=False,
                    hop=_hop(f"inside virtual network {network.id.name}", "UDR-2", resource=network.id),
                )

    def _peering(self, peering: Peering) -> Iterator[Candidate]:
        if peering.state != "connected" or peering.ipv6_only or is_hub_peering(peering):
            return
        target = NextHop(HopKind.PEERING, resource=peering.id)
        off = isinstance(self.table, RouteTable) and self.table.peering_routes_off
        for prefix in peering.peered_prefixes or peering.remote_prefixes:
            found = literal(prefix)
            if found is None or not found.only_v4():
                continue
            doubtful = off or (
                not peering.in_sync and bool(peering.remote_prefixes) and prefix not in peering.remote_prefixes
            )
            codes: Codes = frozenset({"uncertain:UDR-14" if off else "uncertain:UDR-28"}) if doubtful else frozenset()
            effect = Effect.FORWARD
            if not peering.allow_access:
                codes, effect = frozenset({"uncertain:UDR-25"}), Effect.DROP
            yield Candidate(
                addresses=found,
                length=_length(prefix),
                rank=SYSTEM,
                target=target,
                literal=False,
                codes=codes,
                hop=_hop(f"peering {peering.id.name}", "UDR-6", resource=peering.id, effect=effect),
            )

    # -- hubs and gateways -----------------------------------------------------------------------------

    def _hub_routes(self, network: VirtualNetwork) -> Iterator[Candidate]:
        if not self._propagates:
            return
        if self.hub is None:
            managed = next((peering for peering in network.peerings if is_hub_peering(peering)), None)
            if managed is not None:
                yield from self._opaque_hub(managed.id, "the Virtual WAN hub behind this peering was not read")
            return
        hub, connection = self.hub
        learned = _learns_default(hub, connection)
        intent = [policy for policy in hub.intent or () if "internet" in policy.destinations]
        if learned is None:
            yield from self._opaque_hub(hub.id, f"what hub {hub.id.name} advertises is not decided by what was read")
        elif learned:
            yield Candidate(
                addresses=ALL_IPV4,
                length=0,
                rank=LEARNED,
                literal=False,
                target=NextHop(HopKind.HUB, resource=hub.id, route="internet"),
                hop=_hop(
                    f"0.0.0.0/0 learned from hub {hub.id.name} (routing intent {intent[0].name})",
                    "UDR-32",
                    resource=hub.id,
                    rule=intent[0].name,
                ),
            )
        private = [policy for policy in hub.intent or () if "privatetraffic" in policy.destinations]
        for prefix in RESERVED[:3]:
            addresses = literal(prefix) or NOWHERE
            if private:
                yield Candidate(
                    addresses=addresses,
                    length=_length(prefix),
                    rank=LEARNED,
                    literal=False,
                    target=NextHop(HopKind.HUB, resource=hub.id, route="privatetraffic"),
                    hop=_hop(
                        f"{prefix} learned from hub {hub.id.name} (routing intent {private[0].name})",
                        "UDR-33",
                        resource=hub.id,
                        rule=private[0].name,
                    ),
                )
            elif learned is not None:
                yield Candidate(
                    addresses=addresses,
                    length=_length(prefix),
                    rank=LEARNED,
                    literal=False,
                    target=NextHop(HopKind.UNKNOWN),
                    codes=frozenset({"hub-routing-opaque"}),
                    hop=_hop(
                        f"hub {hub.id.name} may advertise private prefixes",
                        "UDR-34",
                        resource=hub.id,
                        effect=Effect.UNKNOWN,
                    ),
                )

    def _opaque_hub(self, resource: ResourceId, detail: str) -> Iterator[Candidate]:
        yield Candidate(
            addresses=ALL_IPV4,
            length=0,
            rank=LEARNED,
            literal=False,
            target=NextHop(HopKind.UNKNOWN, resource=resource),
            codes=frozenset({"hub-routing-opaque"}),
            hop=_hop(detail, "UDR-36", resource=resource, effect=Effect.UNKNOWN),
        )

    def _may_learn(self) -> bool:
        """Whether a gateway or a route server may inject routes (UDR-30)."""
        if not self._propagates or isinstance(self.network, Gap):
            return False
        if any(peering.use_remote_gateways and not is_hub_peering(peering) for peering in self.network.peerings):
            return True
        names = {subnet.id.name.lower() for subnet in self.network.subnets}
        if "gatewaysubnet" in names:
            known = [gateway for gateway in self._estate.gateways.values() if gateway.network == self.network.id]
            return bool(known) or not self._estate.was_read(
                "microsoft.network/virtualnetworkgateways", self.network.id
            )
        return "routeserversubnet" in names

    def _gateway_routes(self, network: VirtualNetwork) -> Iterator[Candidate]:
        if not self._may_learn():
            return
        near = _space(network.prefixes) | AddressSet.union_all(
            _space(peering.peered_prefixes) for peering in network.peerings if peering.state == "connected"
        )
        fixed = AddressSet.union_all(
            found
            for route in self._routes
            if (found := literal(route.prefix)) is not None and (route.bgp_override or _length(route.prefix) == 32)
        )
        target = NextHop(HopKind.GATEWAY, resource=network.id)
        hop = _hop("a gateway or route server of the network may have learned a route", "UDR-30", resource=network.id)
        codes = frozenset({"bgp-routes-unknown"})
        public = GLOBAL - near - fixed
        private = ALL_IPV4 - GLOBAL - PLATFORM - near - fixed
        for addresses, assumed in ((public, False), (private, None)):
            yield Candidate(
                addresses=addresses,
                length=PREFERRED - 1,
                rank=LEARNED,
                target=target,
                hop=hop,
                literal=False,
                codes=codes,
                assumed=assumed,
            )

    # -- user and system routes ------------------------------------------------------------------------

    def _user(self, route: Route) -> Iterator[Candidate]:
        table = self._subnet.route_table
        target = self._target(route)
        effect = {HopKind.NONE: Effect.DROP, HopKind.UNKNOWN: Effect.UNKNOWN}.get(target.kind, Effect.FORWARD)
        clause = "UDR-18" if target.kind is HopKind.NONE else "UDR-8"
        where = f" {', '.join(target.addresses)}" if target.addresses else ""
        hop = _hop(
            f"user route {route.name} {route.prefix} -> {_shown(route.hop)}{where}",
            clause,
            resource=table,
            rule=route.name,
            effect=effect,
        )
        found = literal(route.prefix)
        if found is not None:
            if found.only_v4():
                yield Candidate(
                    addresses=found,
                    length=_length(route.prefix),
                    rank=USER,
                    target=target,
                    hop=hop,
                    literal=route.prefix != _DEFAULT,
                )
            return
        by_length = _tag_prefixes(route.prefix, self._estate)
        if by_length is None:
            yield Candidate(
                addresses=GLOBAL,
                length=PREFERRED - 2,
                rank=USER,
                target=target,
                hop=hop,
                literal=False,
                codes=frozenset({"tag-snapshot-missing"}),
            )
            return
        for length, addresses in by_length.items():
            yield Candidate(
                addresses=addresses,
                length=length,
                rank=USER + _tag_rank(route.prefix),
                target=target,
                hop=hop,
                literal=False,
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
            kind, (), self._subnet.network if kind is HopKind.VNET else None, self._subnet.route_table, route.name
        )

    def _system(self, network: VirtualNetwork) -> Iterator[Candidate]:
        none = NextHop(HopKind.NONE)
        yield from self._reserved(network)
        hidden = AddressSet.of(*UNDOCUMENTED_NONE) - _space(network.prefixes)
        yield Candidate(
            addresses=hidden,
            length=0,
            rank=SYSTEM,
            target=none,
            literal=False,
            codes=frozenset({"none-route-undocumented"}),
            assumed=False,
            hop=_hop("an undocumented None route of the platform may cover it", "UDR-5", resource=self._subnet.id, effect=Effect.DROP),
        )
        yield Candidate(
            addresses=ALL_IPV4,
            length=0,
            rank=SYSTEM + 1,
            target=NextHop(HopKind.INTERNET),
            literal=False,
            hop=_hop("system route 0.0.0.0/0 -> Internet", "UDR-2", resource=self._subnet.id),
        )

    def _reserved(self, network: VirtualNetwork) -> Iterator[Candidate]:
        default = self.user_default
        if default is not None and default.hop in {*_APPLIANCE_HOPS, "virtualnetworkgateway"}:
            return
        codes: Codes = frozenset()
        if default is not None or self.default_route is not DefaultRoute.NONE:
            codes = frozenset({"uncertain:UDR-4"})
        for prefix in RESERVED:
            addresses = literal(prefix) or NOWHERE
            if prefix in network.prefixes:
                continue
            wider = any(addresses <= _space((own,)) for own in network.prefixes)
            yield Candidate(
                addresses=addresses,
                length=_length(prefix),
                rank=SYSTEM,
                target=NextHop(HopKind.NONE),
                literal=False,
                codes=codes | ({"uncertain:UDR-3"} if wider else set()),
                hop=_hop(f"system route {prefix} -> None", "UDR-2", resource=self._subnet.id, effect=Effect.DROP),
            )


def is_hub_peering(peering: Peering) -> bool:
    """The peering entry that Virtual WAN itself keeps on a spoke: the hub connection, not a gateway."""
    return peering.id.name.lower().startswith("remotevnettohubpeering_")


def _learns_default(hub: VirtualHub, connection: HubConnection) -> bool | None:
    """Whether a spoke learns 0/0 from its hub; None when what was read does not decide it (UDR-32, UDR-34)."""
    if hub.intent is None:
        return None
    if any("internet" in policy.destinations for policy in hub.intent):
        return connection.internet_security
    if not connection.internet_security:
        return False
    if hub.tables is None:
        return None
    associated = next((table for table in hub.tables if table.id == connection.associated_table), None)
    if associated is None:
        return None
    return None if any(_DEFAULT in route.destinations for route in associated.routes) else False


def _space(prefixes: tuple[str, ...]) -> AddressSet:
    return AddressSet.union_all(found for found in map(literal, prefixes) if found is not None)


def _length(prefix: str) -> int:
    head, slash, tail = prefix.partition("/")
    if not slash:
        return 32 if ":" not in head else 128
    return int(tail) if tail.isdigit() else 0


def _covers(prefix: str, addresses: AddressSet) -> bool:
    found = literal(prefix)
    return found is not None and addresses <= found


def _tag_prefixes(tag: str, estate: Estate) -> dict[int, AddressSet] | None:
    """A tag's prefixes by length: each takes part in longest-prefix matching on its own (UDR-20)."""
    texts = estate.service_tags.prefixes_of(tag)
    if texts is None:
        return None
    by_length: dict[int, list[AddressSet]] = {}
    for text in texts:
        found = literal(text)
        if found is not None and found.only_v4():
            by_length.setdefault(_length(text), []).append(found)
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
