"""Routes that a subnet learns from a gateway or a route server (UDR-30)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditor.filters.known_addresses import ALL_IPV4, GLOBAL, PLATFORM
from auditor.filters.next_hop import HopKind, NextHop
from auditor.filters.route_table import LEARNED, PREFERRED, Candidate
from auditor.model.estate import Estate
from auditor.model.network import VirtualNetwork
from auditor.model.route_table import Route
from auditor.netset import AddressSet
from auditor.paths.peering_routes import is_hub_peering
from auditor.paths.route_parts import fixed_by, route_hop


class LearnedRoutes:
    """The learned routes of one subnet, as far as documents show them."""

    def __init__(
        self,
        network: VirtualNetwork,
        routes: Sequence[Route],
        estate: Estate,
        *,
        near: AddressSet,
        propagates: bool,
    ) -> None:
        """`near` is what lies in the network and its peers: learned routes never take it away (UDR-9, UDR-35)."""
        self._network = network
        self._routes = routes
        self._estate = estate
        self._near = near
        self._propagates = propagates

    def possible(self) -> bool:
        """Whether a gateway or a route server may inject routes (UDR-30)."""
        if not self._propagates:
            return False
        if any(
            peering.use_remote_gateways and not is_hub_peering(peering) for peering in self._network.peerings
        ):
            return True
        if any(subnet.holds_gateway for subnet in self._network.subnets):
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
        fixed = fixed_by(self._routes)
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
