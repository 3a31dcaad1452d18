"""Crossing a peering: what the other side refuses, and whether replies come back (UDR-23..UDR-26)."""

from __future__ import annotations

from auditor.filters.next_hop import NextHop
from auditor.filters.parts import Flow, unknown
from auditor.model.gap import Gap
from auditor.model.network import Peering, Subnet
from auditor.model.verdict import Effect, Hop, Stage
from auditor.paths.judge import PathPart
from auditor.paths.network import Network
from auditor.paths.translation import Passed
from auditor.paths.ways import hop_at, no_way_back, stopped, then


def crossed(peering: Peering) -> Hop:
    """The hop over a peering that lets it through."""
    return hop_at(Stage.PEERING, peering.id, Effect.FORWARD, "UDR-23", f"crosses peering {peering.id.name}")


def crossing(network: Network, peering: Peering, subnet: Subnet, device: Passed | None) -> Hop:
    """The hop over a peering; the other side may refuse what a firewall forwards untranslated (UDR-26)."""
    back = network.estate.peering_back(peering, subnet.network)
    if device is not None and device.kept and isinstance(back, Peering) and not back.allow_forwarded:
        detail = f"peering {back.id.name} of {peering.remote.name} refuses forwarded traffic"
        return hop_at(Stage.PEERING, back.id, Effect.DROP, "UDR-26", detail)
    return crossed(peering)


def endpoint_crossing(
    network: Network,
    target: NextHop,
    flow: Flow,
    subnet: Subnet,
    device: Passed | None,
    delivered: list[PathPart],
) -> list[PathPart]:
    """Delivery to a private endpoint behind the peering that leads to it (UDR-7, UDR-24).

    A crossing that nothing stops is left out: the host route says where the endpoint is.
    """
    estate = network.estate
    endpoint = estate.private_endpoints.get(target.resource) if target.resource else None
    own = estate.network(subnet.network)
    place = endpoint.subnet if endpoint is not None else None
    if place is None or place.parent is None or place.parent == subnet.network or isinstance(own, Gap):
        return delivered
    peers = network.routes(subnet).peerings(own)
    found = peers.reaching(place.parent, flow.traffic.addresses)
    if found is None:  # addresses in several prefixes, of which not one peering joins all
        hop = hop_at(
            Stage.PEERING, place, Effect.UNKNOWN, "UDR-7", f"how {place.name} is reached is not known"
        )
        return stopped(flow, unknown(hop, "uncertain:UDR-7"))
    peering = found[0]
    there = estate.subnet(place)
    hop = crossing(network, peering, subnet, device)
    lost = no_way_back(peering, hop, peers.replies(peering, there if isinstance(there, Subnet) else None))
    return then(hop, flow, delivered, *lost) if lost or hop.outcome is Effect.DROP else delivered
