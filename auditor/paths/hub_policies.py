"""Where a Virtual WAN hub sends traffic by its routing intent (UDR-32, UDR-33)."""

from __future__ import annotations

from dataclasses import replace

from auditor.filters.parts import Option, unknown
from auditor.model.estate import Estate
from auditor.model.firewall import Firewall
from auditor.model.gap import Gap
from auditor.model.resource_id import ResourceId
from auditor.model.verdict import Effect, Hop, Stage
from auditor.model.virtual_wan import RoutingPolicy, VirtualHub
from auditor.paths.ways import gap_option, hop_at, undecided


def sent_on(
    hub: VirtualHub, policy: RoutingPolicy, estate: Estate, subnet: ResourceId
) -> tuple[Hop, Firewall | Option]:
    """The hop that a policy makes, and the firewall behind it, or why nothing is known of what is there.

    `subnet` is where the traffic comes from.
    """
    hop = hop_at(
        Stage.HUB,
        hub.id,
        Effect.FORWARD,
        "UDR-32",
        f"hub {hub.id.name} sends it to {policy.next_hop.name} (routing intent {policy.name})",
    )
    return replace(hop, rule=policy.name), _device(hub, policy, estate, subnet)


def _device(hub: VirtualHub, policy: RoutingPolicy, estate: Estate, subnet: ResourceId) -> Firewall | Option:
    if "azurefirewalls" not in policy.next_hop.kind:
        detail = f"what {policy.next_hop.name} passes is not known"
        return unknown(
            hop_at(Stage.APPLIANCE, policy.next_hop, Effect.UNKNOWN, "UDR-32", detail), "nva-opaque"
        )
    firewall = estate.firewall(policy.next_hop)
    if isinstance(firewall, Gap):
        return gap_option(Stage.FIREWALL, firewall)
    if firewall.hub != hub.id or hub.firewall not in {None, firewall.id}:
        detail = (
            f"routing intent of hub {hub.id.name} names {firewall.id.name}, which is not the hub's firewall"
        )
        return undecided(subnet, "snapshot-inconsistent", detail)
    return firewall
