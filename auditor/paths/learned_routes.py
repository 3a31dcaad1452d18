"""Routes that a subnet learns from a gateway or a route server (UDR-30)."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.filters.known_addresses import GLOBAL
from auditor.filters.next_hop import HopKind, NextHop
from auditor.filters.parts import Codes
from auditor.filters.route_table import Candidate
from auditor.paths.learning import PRIVATE, Learning
from auditor.paths.peering_routes import is_hub_peering
from auditor.paths.route_parts import route_hop

_CODES: Codes = frozenset({"bgp-routes-unknown"})


class LearnedRoutes:
    """The learned routes of one subnet, as far as documents show them."""

    def __init__(self, learning: Learning) -> None:
        self._learning = learning

    def possible(self) -> bool:
        """Whether a gateway or a route server may inject routes (UDR-30)."""
        if not self._learning.propagates:
            return False
        network, estate = self._learning.network, self._learning.estate
        if any(peering.use_remote_gateways and not is_hub_peering(peering) for peering in network.peerings):
            return True
        if any(subnet.holds_gateway for subnet in network.subnets):
            return True
        names = {subnet.id.name.lower() for subnet in network.subnets}
        if "gatewaysubnet" in names:
            known = any(gateway.network == network.id for gateway in estate.gateways.values())
            return known or not estate.was_read("microsoft.network/virtualnetworkgateways", network.id)
        return "routeserversubnet" in names

    def from_gateways(self) -> Iterator[Candidate]:
        """What a gateway or route server may have injected (UDR-30)."""
        if not self.possible():
            return
        network = self._learning.network.id
        target = NextHop(HopKind.GATEWAY, resource=network)
        hop = route_hop(
            "a gateway or route server of the network may have learned a route", "UDR-30", resource=network
        )
        for addresses, assumed in ((GLOBAL, False), (PRIVATE, None)):
            yield self._learning.perhaps(addresses, target, hop, _CODES, assumed=assumed)
