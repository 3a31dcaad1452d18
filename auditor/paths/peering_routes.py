"""Routes over peerings, and what of a peer is joined at all (UDR-6, UDR-14, UDR-23..UDR-29)."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.filters.next_hop import HopKind, NextHop
from auditor.filters.parts import NO_CODES, Codes
from auditor.filters.route_table import SYSTEM, Candidate
from auditor.filters.terms import NOWHERE, addresses_of, literal
from auditor.model.estate import Estate
from auditor.model.network import Peering, Subnet, VirtualNetwork
from auditor.model.resource_id import ResourceId
from auditor.model.route_table import RouteTable
from auditor.model.verdict import Effect
from auditor.netset import AddressSet
from auditor.paths.route_parts import prefix_length, route_hop


class PeeringRoutes:
    """The routes that one subnet has to the peers of its network."""

    def __init__(
        self, subnet: Subnet | None, network: VirtualNetwork, estate: Estate, *, routes_off: bool = False
    ) -> None:
        """`routes_off`: the subnet's table takes peering routes away (UDR-14). No subnet: any that a peering joins."""
        self._subnet = subnet
        self._network = network
        self._estate = estate
        self._off: Codes = frozenset({"uncertain:UDR-14"}) if routes_off else NO_CODES

    def candidates(self) -> Iterator[Candidate]:
        """One route for each IPv4 prefix of a peer; one without access drops."""
        for peering in self._network.peerings:
            for prefix, open_codes in self.prefixes(peering):
                found = literal(prefix)
                if found is None or not found.only_v4():
                    continue
                codes = open_codes | self._off
                effect, clause = Effect.FORWARD, "UDR-6" if peering.complete else "UDR-29"
                if not peering.allow_access:
                    codes, effect, clause = codes | {"uncertain:UDR-25"}, Effect.DROP, "UDR-25"
                yield Candidate(
                    addresses=found,
                    length=prefix_length(prefix),
                    rank=SYSTEM,
                    target=NextHop(HopKind.PEERING, resource=peering.id),
                    literal=False,
                    codes=codes,
                    hop=route_hop(f"peering {peering.id.name}", clause, resource=peering.id, effect=effect),
                )

    def space(self) -> AddressSet:
        """What surely is a peer's, accessible or not."""
        return addresses_of(
            prefix
            for peering in self._network.peerings
            for prefix, codes in self.prefixes(peering)
            if not codes
        )

    def members(self) -> AddressSet:
        """The peers' part of what the VirtualNetwork tag surely holds (NSG-17, UDR-25)."""
        return addresses_of(
            prefix
            for peering in self._network.peerings
            if peering.allow_access
            for prefix, codes in self.prefixes(peering)
            if not codes
        )

    def doubtful_members(self) -> Iterator[tuple[AddressSet, Codes]]:
        """What the VirtualNetwork tag holds if it is a peer's, with the codes that leave that open."""
        for peering in self._network.peerings:
            for prefix, codes in self.prefixes(peering) if peering.allow_access else ():
                if codes:
                    yield literal(prefix) or NOWHERE, codes

    def leading_to(self, address: AddressSet) -> tuple[Peering, Codes] | None:
        """The peering with a route to an address, with the codes that leave open whether it has one (UDR-16)."""
        found = (
            (peering, codes | self._off)
            for peering in self._network.peerings
            for prefix, codes in self.prefixes(peering)
            if address <= (literal(prefix) or NOWHERE)
        )
        return min(found, key=lambda item: len(item[1]), default=None)

    def reaching(self, network: ResourceId, address: AddressSet) -> tuple[Peering, Codes] | None:
        """The peering that carries IPv4 to a peer's address, with the codes that leave open whether it does (UDR-7)."""
        found: list[tuple[Peering, Codes]] = []
        for peering in self._network.peerings:
            if peering.remote != network:
                continue
            joined = list(self.prefixes(peering))
            holding = [codes for prefix, codes in joined if address <= (literal(prefix) or NOWHERE)]
            if holding:
                found.append((peering, min(holding, key=len)))
            elif joined and peering.complete and not peering.ipv6_only:
                found.append((peering, frozenset({"uncertain:UDR-28"})))
        return min(found, key=lambda item: len(item[1]), default=None)

    def replies(self, peering: Peering, there: Subnet | None = None) -> Codes:
        """What leaves open whether answers come back: the other side must carry IPv4 to this subnet (UDR-24).

        `there`: the subnet that they come from. That the other side is not connected is a doubt about the route itself.
        """
        back = self._estate.peering_back(peering, self._network.id)
        remote = self._estate.network(peering.remote)
        if not isinstance(remote, VirtualNetwork) or not isinstance(back, Peering) or self._subnet is None:
            return NO_CODES
        if back.state != "connected":
            return NO_CODES
        if not back.allow_access:
            return frozenset({"uncertain:UDR-25"})
        own = addresses_of(self._subnet.prefixes).only_v4()
        prefixes = list(PeeringRoutes(there, remote, self._estate).prefixes(back))
        if own <= addresses_of(prefix for prefix, codes in prefixes if not codes):
            return NO_CODES
        near = (codes for prefix, codes in prefixes if not own.isdisjoint(literal(prefix) or NOWHERE))
        return frozenset[str]().union(*near) or frozenset({"uncertain:UDR-29"})

    def prefixes(self, peering: Peering) -> Iterator[tuple[str, Codes]]:
        """Every prefix that a peering joins, with the codes that leave open whether it does."""
        joined = joins(peering, self._subnet) if self._subnet is not None else True
        if peering.state != "connected" or is_hub_peering(peering) or joined is False:
            return
        codes: Codes = NO_CODES if joined else frozenset({"uncertain:UDR-29"})
        back = self._estate.peering_back(peering, self._network.id)
        if back is None or (isinstance(back, Peering) and back.state != "connected"):
            codes |= {"uncertain:UDR-24"}
        # Two copies of either network may tell otherwise of their side of it (V-6).
        for side in (peering, back):
            if isinstance(side, Peering):
                codes |= {flaw.code for flaw in side.flaws}
        for prefix, differing in self._joined(peering).items():
            if peering.ipv6_only and (literal(prefix) or NOWHERE).only_v4():
                continue
            yield prefix, codes | ({"uncertain:UDR-28"} if differing else NO_CODES)

    def _joined(self, peering: Peering) -> dict[str, bool]:
        """The prefixes of a peering, and whether one stands in some only of what tells its space (UDR-28)."""
        peered = peering.peered_prefixes or peering.remote_prefixes
        told = [peering.remote_prefixes] if peering.remote_prefixes else []
        remote = self._estate.network(peering.remote)
        if isinstance(remote, VirtualNetwork) and remote.prefixes:
            told.append(remote.prefixes)
        spaces = [addresses_of(prefixes) for prefixes in told]
        found = {
            prefix: any(not (literal(prefix) or NOWHERE) <= space for space in spaces) for prefix in peered
        }
        # A subnet peering joins less than the remote network has, in sync or not.
        if peering.complete:
            joined = addresses_of(peered)
            beyond = [text for text in peering.remote_prefixes if not (literal(text) or NOWHERE) <= joined]
            found.update(dict.fromkeys(beyond, True))
        return found


def peerings_of(subnet: Subnet, network: VirtualNetwork, estate: Estate) -> PeeringRoutes:
    """The routes that a subnet has to peers, unless its table takes them away (UDR-14)."""
    table = estate.route_table(subnet.route_table) if subnet.route_table is not None else None
    off = isinstance(table, RouteTable) and table.peering_routes_off
    return PeeringRoutes(subnet, network, estate, routes_off=off)


def joins(peering: Peering, subnet: Subnet) -> bool | None:
    """Whether a peering joins this subnet: a subnet peering names those that it joins; None if it does not (UDR-29)."""
    if peering.complete:
        return True
    if peering.local_subnets:
        return subnet.id.name.lower() in peering.local_subnets
    if peering.local_prefixes:
        return not addresses_of(subnet.prefixes).isdisjoint(addresses_of(peering.local_prefixes))
    return None


def is_hub_peering(peering: Peering) -> bool:
    """The peering entry that Virtual WAN itself keeps on a spoke: the hub connection, not a gateway."""
    return peering.id.name.lower().startswith("remotevnettohubpeering_")
