"""Routes that a subnet learns: from a Virtual WAN hub, a gateway or a route server (UDR-30..UDR-36)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditor.filters.known_addresses import ALL_IPV4, GLOBAL, PLATFORM, RESERVED
from auditor.filters.next_hop import HopKind, NextHop
from auditor.filters.route_table import LEARNED, PREFERRED, Candidate
from auditor.filters.terms import NOWHERE, literal
from auditor.model.estate import Estate
from auditor.model.network import VirtualNetwork
from auditor.model.resource_id import ResourceId
from auditor.model.route_table import Route
from auditor.model.verdict import Effect
from auditor.model.virtual_wan import HubConnection, VirtualHub
from auditor.netset import AddressSet
from auditor.paths.peering_routes import is_hub_peering
from auditor.paths.route_parts import prefix_length, route_hop

_DEFAULT = "0.0.0.0/0"


class LearnedRoutes:
    """The learned routes of one subnet, as far as documents show them."""

    def __init__(
        self,
        network: VirtualNetwork,
        hub: tuple[VirtualHub, HubConnection] | None,
        routes: Sequence[Route],
        estate: Estate,
        *,
        near: AddressSet,
        propagates: bool,
    ) -> None:
        """`near` is what lies in the network and its peers: learned routes never take it away (UDR-9, UDR-35)."""
        self._network = network
        self._hub = hub
        self._routes = routes
        self._estate = estate
        self._near = near
        self._propagates = propagates

    def from_hub(self) -> Iterator[Candidate]:
        """What a Virtual WAN hub advertises to the subnet (UDR-31..UDR-34)."""
        network = self._network
        if not self._propagates:
            return
        if self._hub is None:
            managed = next((peering for peering in network.peerings if is_hub_peering(peering)), None)
            if managed is not None:
                yield from self._opaque_hub(
                    managed.id, "the Virtual WAN hub behind this peering was not read"
                )
            return
        hub, connection = self._hub
        flaws = (*hub.flaws, *connection.flaws, *(flaw for table in hub.tables or () for flaw in table.flaws))
        if flaws:
            yield from self._opaque_hub(hub.id, flaws[0].detail, flaws[0].code)
            return
        learned = learns_default(hub, connection)
        intent = [policy for policy in hub.intent or () if "internet" in policy.destinations]
        if learned is None:
            yield from self._opaque_hub(
                hub.id, f"what hub {hub.id.name} advertises is not decided by what was read"
            )
        elif learned:
            yield Candidate(
                addresses=ALL_IPV4,
                length=0,
                rank=LEARNED,
                literal=False,
                target=NextHop(HopKind.HUB, resource=hub.id, route="internet"),
                hop=route_hop(
                    f"0.0.0.0/0 learned from hub {hub.id.name} (routing intent {intent[0].name})",
                    "UDR-32",
                    resource=hub.id,
                    rule=intent[0].name,
                ),
            )
        private = [policy for policy in hub.intent or () if "privatetraffic" in policy.destinations]
        for prefix in RESERVED[:3]:
            addresses = (literal(prefix) or NOWHERE) - self._near
            if private:
                yield Candidate(
                    addresses=addresses,
                    length=prefix_length(prefix),
                    rank=LEARNED,
                    literal=False,
                    target=NextHop(HopKind.HUB, resource=hub.id, route="privatetraffic"),
                    hop=route_hop(
                        f"{prefix} learned from hub {hub.id.name} (routing intent {private[0].name})",
                        "UDR-33",
                        resource=hub.id,
                        rule=private[0].name,
                    ),
                )
            elif learned is not None:
                yield Candidate(
                    addresses=addresses,
                    length=prefix_length(prefix),
                    rank=LEARNED,
                    literal=False,
                    target=NextHop(HopKind.UNKNOWN),
                    codes=frozenset({"hub-routing-opaque"}),
                    hop=route_hop(
                        f"hub {hub.id.name} may advertise private prefixes",
                        "UDR-34",
                        resource=hub.id,
                        effect=Effect.UNKNOWN,
                    ),
                )

    def _opaque_hub(
        self, resource: ResourceId, detail: str, code: str = "hub-routing-opaque"
    ) -> Iterator[Candidate]:
        yield Candidate(
            addresses=ALL_IPV4,
            length=0,
            rank=LEARNED,
            literal=False,
            target=NextHop(HopKind.UNKNOWN, resource=resource),
            codes=frozenset({code}),
            hop=route_hop(detail, "UDR-36", resource=resource, effect=Effect.UNKNOWN),
        )

    def possible(self) -> bool:
        """Whether a gateway or a route server may inject routes (UDR-30)."""
        if not self._propagates:
            return False
        if any(
            peering.use_remote_gateways and not is_hub_peering(peering) for peering in self._network.peerings
        ):
            return True
        names = {subnet.id.name.lower() for subnet in self._network.subnets}
        if "gatewaysubnet" in names:
            known = [
                gateway for gateway in self._estate.gateways.values() if gateway.network == self._network.id
            ]
            return bool(known) or not self._estate.was_read(
                "microsoft.network/virtualnetworkgateways", self._network.id
            )
        return "routeserversubnet" in names

    def from_gateways(self) -> Iterator[Candidate]:
        """What a gateway or route server may have injected (UDR-30)."""
        network = self._network
        if not self.possible():
            return
        fixed = AddressSet.union_all(
            found
            for route in self._routes
            if not route.unsettled
            and (found := literal(route.prefix)) is not None
            and (route.bgp_override or prefix_length(route.prefix) == 32)
        )
        target = NextHop(HopKind.GATEWAY, resource=network.id)
        hop = route_hop(
            "a gateway or route server of the network may have learned a route", "UDR-30", resource=network.id
        )
        codes = frozenset({"bgp-routes-unknown"})
        public = GLOBAL - self._near - fixed
        private = ALL_IPV4 - GLOBAL - PLATFORM - self._near - fixed
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


def learns_default(hub: VirtualHub, connection: HubConnection) -> bool | None:
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
