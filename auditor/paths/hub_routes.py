"""Routes that a subnet learns from a Virtual WAN hub, as far as documents show them (UDR-31..UDR-36)."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.filters.known_addresses import ALL_IPV4, ALL_IPV6, GLOBAL, RESERVED, RFC1918
from auditor.filters.next_hop import HopKind, NextHop
from auditor.filters.parts import NO_CODES, Codes
from auditor.filters.route_table import LEARNED, Candidate
from auditor.filters.terms import NOWHERE, addresses_of, literal
from auditor.filters.vnet_tag import DefaultRoute
from auditor.model.network import VirtualNetwork
from auditor.model.resource_id import ResourceId
from auditor.model.verdict import Effect
from auditor.model.virtual_wan import HubConnection, HubRouteTable, RoutingPolicy, VirtualHub
from auditor.netset import AddressSet
from auditor.paths.learning import AS_LONG, PRIVATE, Learning
from auditor.paths.peering_routes import is_hub_peering
from auditor.paths.route_parts import prefix_length, route_hop

_OPAQUE: Codes = frozenset({"hub-routing-opaque"})
_LEARNED: Codes = frozenset({"bgp-routes-unknown"})
_IN_TAG: Codes = frozenset({"uncertain:NSG-17"})


class HubRoutes:
    """What one subnet learns from a hub."""

    def __init__(self, learning: Learning) -> None:
        self._learning = learning
        self._network = learning.network
        self._estate = learning.estate
        self._near = learning.near
        propagates = learning.propagates
        self._attached = self._estate.hub_connections(self._network.id) if propagates else ()
        self._hidden = self._why_hidden() if propagates else None

    def default(self) -> tuple[DefaultRoute, Codes]:
        """Whether a 0/0 route is learned, with the codes that leave it open (UDR-32, UDR-34)."""
        if self._hidden is not None:
            return DefaultRoute.POSSIBLE, frozenset({self._hidden[2]})
        if not self._attached:
            return DefaultRoute.NONE, NO_CODES
        learned = _learns_default(*self._attached[0])
        if learned is None:
            return DefaultRoute.POSSIBLE, _OPAQUE
        return DefaultRoute.CERTAIN if learned else DefaultRoute.NONE, NO_CODES

    def members(self) -> Iterator[tuple[AddressSet, Codes]]:
        """What VirtualNetwork may hold of it; whether hub routes count as learned by a gateway is not said (NSG-17)."""
        for item in self.candidates():
            if item.length and item.assumed is None:
                yield item.addresses, item.codes or _IN_TAG
        if self._hidden is not None:
            yield ALL_IPV6, frozenset({self._hidden[2]})

    def candidates(self) -> Iterator[Candidate]:
        """What the hub advertises to the subnet, and what it may advertise."""
        if self._hidden is not None:
            resource, detail, code = self._hidden
            codes = frozenset({code})
            yield self._zero(resource, detail, codes)
            yield self._perhaps(PRIVATE, resource, detail, codes)
            # Longer public prefixes, as any gateway may learn them (UDR-30, UDR-31).
            yield self._perhaps(GLOBAL, resource, detail, _LEARNED, assumed=False, clause="UDR-30")
        elif self._attached:
            yield from self._from(*self._attached[0])

    # -- a hub that was read ---------------------------------------------------------------------------

    def _from(self, hub: VirtualHub, connection: HubConnection) -> Iterator[Candidate]:
        learned = _learns_default(hub, connection)
        if learned is None:
            yield self._zero(
                hub.id, f"what hub {hub.id.name} advertises is not decided by what was read", _OPAQUE
            )
        elif learned:
            yield self._towards(hub, hub.policy("internet"), "0.0.0.0/0", ALL_IPV4, "UDR-32")
        private = hub.policy("privatetraffic")
        if private is None:
            yield self._perhaps(
                PRIVATE,
                hub.id,
                f"hub {hub.id.name} may advertise private prefixes",
                _OPAQUE,
                clause="UDR-34",
            )
        else:
            for prefix in RESERVED[:3]:
                addresses = (literal(prefix) or NOWHERE) - self._near
                yield self._towards(hub, private, prefix, addresses, "UDR-33")
        yield from self._static(hub, connection, private)
        for one in self._joined_to(hub):
            yield from self._connected(one, hub)
        unread = self._hubs_unread(hub)
        if unread is not None:
            yield self._longer(hub, unread)

    def _joined_to(self, hub: VirtualHub) -> Iterator[VirtualHub]:
        """The hub, and the others of its Virtual WAN, which tell it what they know (UDR-33)."""
        yield hub
        for other in self._estate.hubs.values():
            if other.id != hub.id and hub.wan is not None and other.wan == hub.wan:
                yield other

    def _hubs_unread(self, hub: VirtualHub) -> str | None:
        """Why its Virtual WAN may have hubs that were not read; None where all were (UDR-34)."""
        if hub.wan is None:
            return None
        wan = self._estate.wans.get(hub.wan)
        if wan is None:
            return f"{hub.wan.name}, whose hub it is, was not read"
        if wan.flaws or hub.id not in wan.hubs:
            return f"the hubs of {wan.id.name} were not understood"
        unread = next((one for one in wan.hubs if one not in self._estate.hubs), None)
        return None if unread is None else f"{unread.name}, a hub of {wan.id.name}, was not read"

    def _connected(self, told_by: VirtualHub, hub: VirtualHub) -> Iterator[Candidate]:
        """Public prefixes of other networks and of branches: what a spoke learns of them is not decided (UDR-34)."""
        learned = "learns routes that no document shows" if told_by.branches else ""
        if told_by.more_connections:
            learned = learned or "was read without all of its connections"
        if told_by.flaws:
            learned = learned or "was not understood"
        for one in told_by.connections or ():
            if one.flaws:
                learned = learned or f"has a connection {one.id.name} that was not understood"
            network = self._estate.network(one.network)
            if not isinstance(network, VirtualNetwork):
                learned = learned or f"is connected to {one.network.name}, which was not read"
            elif network.id != self._network.id:
                detail = f"hub {hub.id.name} may advertise the public prefixes of {network.id.name}"
                addresses = addresses_of(network.prefixes) & GLOBAL
                yield self._perhaps(addresses, hub.id, detail, _OPAQUE, clause="UDR-34")
            for text in one.static_routes:
                detail = f"hub {hub.id.name} may advertise {text} (connection {one.id.name})"
                addresses = addresses_of((text,)) & GLOBAL
                if addresses != GLOBAL:
                    yield self._perhaps(
                        addresses, hub.id, detail, _OPAQUE, clause="UDR-34", length=prefix_length(text)
                    )
        if learned:
            yield self._longer(hub, f"{told_by.id.name} {learned}")

    def _static(
        self, hub: VirtualHub, connection: HubConnection, private: RoutingPolicy | None
    ) -> Iterator[Candidate]:
        """Routes that a hub's table lists: further private prefixes (UDR-33), else what is not decided (UDR-34)."""
        table = _default_table(hub) if hub.intent else _associated(hub, connection)
        rest = ALL_IPV4 - RFC1918
        if table is None:
            detail = f"the route table of hub {hub.id.name} that counts was not read"
            yield self._perhaps(rest, hub.id, detail, _OPAQUE, clause="UDR-34")
            return
        for route in table.routes:
            for text in () if route.name.lower().startswith("_policy_") else route.destinations:
                found = literal(text)
                if found == ALL_IPV4:
                    continue
                detail = f"hub {hub.id.name} may advertise {text} (route {route.name})"
                if found is None:
                    yield self._perhaps(rest, hub.id, detail, _OPAQUE, clause="UDR-34")
                elif private is not None and route.declares_private and route.next_hop == private.next_hop:
                    yield self._towards(hub, private, text, found - self._near, "UDR-33")
                else:
                    yield self._perhaps(
                        found, hub.id, detail, _OPAQUE, clause="UDR-34", length=prefix_length(text)
                    )

    # -- candidates ------------------------------------------------------------------------------------

    @staticmethod
    def _towards(
        hub: VirtualHub, policy: RoutingPolicy | None, prefix: str, addresses: AddressSet, clause: str
    ) -> Candidate:
        """A learned route to the next hop of a policy."""
        name = policy.name if policy is not None else ""
        route = "internet" if clause == "UDR-32" else "privatetraffic"
        detail = f"{prefix} learned from hub {hub.id.name} (routing intent {name})"
        return Candidate(
            addresses=addresses,
            length=prefix_length(prefix),
            rank=LEARNED,
            literal=False,
            target=NextHop(HopKind.HUB, resource=hub.id, route=route),
            hop=route_hop(detail, clause, resource=hub.id, rule=name),
        )

    def _perhaps(
        self,
        addresses: AddressSet,
        resource: ResourceId,
        detail: str,
        codes: Codes,
        *,
        clause: str = "UDR-36",
        length: int = AS_LONG,
        assumed: bool | None = None,
    ) -> Candidate:
        """Prefixes that the hub may advertise, as long as any user route unless a length is given."""
        target = NextHop(HopKind.UNKNOWN, resource=resource)
        hop = route_hop(detail, clause, resource=resource, effect=Effect.UNKNOWN)
        return self._learning.perhaps(addresses, target, hop, codes, assumed=assumed, length=length)

    def _longer(self, hub: VirtualHub, why: str) -> Candidate:
        """Public prefixes that no document shows, longer than those that it surely advertises (UDR-30, UDR-34)."""
        detail = f"hub {hub.id.name} may advertise longer public prefixes: {why}"
        return self._perhaps(GLOBAL, hub.id, detail, _LEARNED, assumed=False, clause="UDR-30")

    @staticmethod
    def _zero(resource: ResourceId, detail: str, codes: Codes) -> Candidate:
        return Candidate(
            addresses=ALL_IPV4,
            length=0,
            rank=LEARNED,
            literal=False,
            target=NextHop(HopKind.UNKNOWN, resource=resource),
            codes=codes,
            hop=route_hop(detail, "UDR-36", resource=resource, effect=Effect.UNKNOWN),
        )

    def _why_hidden(self) -> tuple[ResourceId, str, str] | None:
        """(resource, detail, code) when nothing can be said about what the hub advertises."""
        if not self._attached:
            managed = next((one for one in self._network.peerings if is_hub_peering(one)), None)
            if managed is None:
                return None
            return managed.id, "the Virtual WAN hub behind this peering was not read", "hub-routing-opaque"
        hub, connection = self._attached[0]
        if any(_told(*one) != _told(hub, connection) for one in self._attached):
            detail = f"virtual network {self._network.id.name} has several hub connections, which differ"
            return connection.id, detail, "snapshot-inconsistent"
        flaws = (*hub.flaws, *connection.flaws, *(flaw for table in hub.tables or () for flaw in table.flaws))
        return (hub.id, flaws[0].detail, flaws[0].code) if flaws else None


def declared_private(hub: VirtualHub) -> AddressSet:
    """Public prefixes that a hub's private policy takes as private (UDR-33)."""
    table = _default_table(hub)
    if table is None or hub.policy("privatetraffic") is None:
        return NOWHERE
    found = (literal(text) for route in table.routes if route.declares_private for text in route.destinations)
    return AddressSet.union_all(item for item in found if item is not None)


def _told(hub: VirtualHub, connection: HubConnection) -> tuple[object, ...]:
    return hub.id, connection.internet_security, connection.associated_table


def _default_table(hub: VirtualHub) -> HubRouteTable | None:
    return next((one for one in hub.tables or () if one.id.name.lower() == "defaultroutetable"), None)


def _associated(hub: VirtualHub, connection: HubConnection) -> HubRouteTable | None:
    return next((one for one in hub.tables or () if one.id == connection.associated_table), None)


def _learns_default(hub: VirtualHub, connection: HubConnection) -> bool | None:
    """Whether a spoke learns 0/0 from its hub; None when what was read does not decide it (UDR-32, UDR-34)."""
    if hub.intent is None:
        return None
    if hub.policy("internet") is not None:
        return connection.internet_security
    if not connection.internet_security:
        return False
    associated = _associated(hub, connection)
    if associated is None:
        return None
    named = [text for route in associated.routes for text in route.destinations]
    named += [text for one in hub.connections or () for text in one.static_routes]
    # A connection that nobody read, or understood, may have such a route, too.
    hidden = hub.more_connections or any(one.flaws for one in hub.connections or ())
    return None if hidden or any(literal(text) == ALL_IPV4 for text in named) else False
