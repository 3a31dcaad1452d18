"""Routes of service endpoints and private endpoints, which user routes hardly override (UDR-7, UDR-10, UDR-11)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from auditor.filters.known_addresses import PUBLIC
from auditor.filters.next_hop import HopKind, NextHop
from auditor.filters.parts import NO_CODES, UNSETTLED, Codes
from auditor.filters.route_table import PREFERRED, SYSTEM, Candidate
from auditor.filters.terms import literal
from auditor.model.estate import Estate
from auditor.model.gap import Gap
from auditor.model.network import PrivateEndpoint, Subnet, VirtualNetwork
from auditor.model.route_table import Route
from auditor.model.verdict import Effect, Hop
from auditor.netset import AddressSet
from auditor.paths.peering_routes import PeeringRoutes
from auditor.paths.route_parts import covers, prefix_length, route_hop, state_text
from auditor.paths.service_endpoints import endpoint_addresses


class EndpointRoutes:
    """The endpoint routes of one subnet."""

    def __init__(
        self, subnet: Subnet, network: VirtualNetwork, routes: Sequence[Route], estate: Estate
    ) -> None:
        self._subnet = subnet
        self._network = network
        self._routes = routes
        self._estate = estate
        self._peers = PeeringRoutes(subnet, network, estate)

    def candidates(self) -> Iterator[Candidate]:
        """Service endpoints and private endpoints, which user routes do not override (UDR-10, UDR-11)."""
        inside = {text: literal(text) for text in (route.prefix for route in self._routes)}
        for endpoint in self._subnet.service_endpoints:
            addresses = endpoint_addresses(endpoint, self._network.location, self._estate.service_tags)
            unsettled = UNSETTLED if endpoint.unsettled else NO_CODES
            target = NextHop(HopKind.SERVICE_ENDPOINT, resource=self._subnet.id, route=endpoint.service)
            hop = route_hop(
                f"service endpoint {endpoint.service} of the subnet{state_text(endpoint.unsettled)}",
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
                    codes=unsettled | {"tag-snapshot-missing"},
                )
                continue
            own = set(addresses.cidrs())
            longer = AddressSet.union_all(
                found for text, found in inside.items() if found and text not in own and found <= addresses
            )
            yield Candidate(
                addresses=addresses - longer,
                length=PREFERRED,
                rank=SYSTEM,
                target=target,
                hop=hop,
                literal=True,
                codes=unsettled,
            )
            if longer:
                yield Candidate(
                    addresses=longer,
                    length=PREFERRED,
                    rank=SYSTEM,
                    target=target,
                    hop=hop,
                    literal=True,
                    codes=unsettled | {"se-override"},
                )
        yield from self._private_endpoints()

    def _private_endpoints(self) -> Iterator[Candidate]:
        for endpoint in self._estate.private_endpoints.values():
            if endpoint.subnet is None:
                continue
            host = self._estate.subnet(endpoint.subnet)
            target = NextHop(HopKind.PRIVATE_ENDPOINT, resource=endpoint.id)
            for address in endpoint.known_addresses:
                found = literal(address)
                if found is None:
                    continue
                way, hop = self._way(endpoint, found)
                codes = self._endpoint_route(found, host) if way is not None else None
                if codes is not None and way is not None:
                    codes |= way
                    codes |= {flaw.code for flaw in endpoint.flaws}
                    if not endpoint.approved:  # no page says whether its route is there before that
                        codes |= {"uncertain:UDR-7"}
                    yield Candidate(
                        addresses=found,
                        length=PREFERRED + 1,
                        rank=SYSTEM,
                        target=target,
                        hop=hop,
                        literal=False,
                        codes=codes,
                    )

    def _way(self, endpoint: PrivateEndpoint, address: AddressSet) -> tuple[Codes | None, Hop]:
        """The codes that leave open whether the host route is there, None where it is not, and its hop (UDR-7).

        It reaches no farther than the peering that would carry it, and one without access stops what takes it (UDR-25).
        """
        hop = route_hop(f"host route of private endpoint {endpoint.id.name}", "UDR-7", resource=endpoint.id)
        network = endpoint.subnet.parent if endpoint.subnet is not None else None
        if network is None or network == self._network.id:
            return (None if network is None else NO_CODES), hop
        found = self._peers.reaching(network, address)
        if found is None:
            return None, hop
        peering, codes = found
        if peering.allow_access:
            return codes, hop
        return codes | {"uncertain:UDR-25"}, replace(hop, outcome=Effect.DROP, clause="UDR-25")

    def _endpoint_route(self, address: AddressSet, host: Subnet | Gap) -> Codes | None:
        """None: a user route invalidates the host route; else the codes that leave it open (UDR-11)."""
        covering = [route for route in self._routes if covers(route.prefix, address)]
        settled = [prefix_length(route.prefix) for route in covering if not route.unsettled]
        codes = self._beside(address, host, max(settled, default=-1))
        if codes is None or len(settled) == len(covering):
            return codes
        # Routes that may be in force can only make the host route less certain (V-6).
        all_of_them = max(prefix_length(route.prefix) for route in covering)
        return codes if self._beside(address, host, all_of_them) == codes else codes | UNSETTLED

    def _beside(self, address: AddressSet, host: Subnet | Gap, longest: int) -> Codes | None:
        """The same beside user routes of which the longest that covers the address is so long."""
        if isinstance(host, Gap):
            return frozenset({"pe-route-override"}) if longest > 0 else frozenset()
        if host.private_endpoint_policies in {"enabled", "routetableenabled"}:
            network = self._estate.network(host.network)
            prefixes = network.prefixes if isinstance(network, VirtualNetwork) else ()
            of_network = max((prefix_length(text) for text in prefixes if covers(text, address)), default=33)
            return None if longest >= of_network else frozenset()
        return frozenset({"pe-route-override"}) if longest == 32 else frozenset()
