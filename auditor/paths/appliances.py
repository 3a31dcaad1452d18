"""Next hops whose passing on is not decided: appliances that nobody described, and routes without one (UDR-16)."""

from __future__ import annotations

from auditor.filters.next_hop import NextHop
from auditor.filters.parts import Option, unknown
from auditor.model.firewall import Firewall
from auditor.model.outbound import Nic
from auditor.model.verdict import Effect, Stage
from auditor.paths.holders import Holding
from auditor.paths.ways import hop_at

_PLACE = ("ipconfigurations", "virtualhub", "hubipaddresses")
"""The properties that say where a firewall stands, as flaws name them."""


def undescribed(holding: Holding, address: str) -> Option:
    """What becomes of traffic at a next hop that is no firewall and that no user described."""
    device = holding.device
    if holding.code is not None or device is None:
        hop = hop_at(
            Stage.APPLIANCE,
            holding.where,
            Effect.UNKNOWN,
            "UDR-16",
            holding.detail or f"next hop {address} is not known",
        )
        return unknown(hop, holding.code or "nva-opaque")
    if isinstance(device, Nic) and device.flaws:
        flaw = device.flaws[0]
        detail = f"what network interface {device.id.name} at {address} does is not known: {flaw.detail}"
        return unknown(hop_at(Stage.APPLIANCE, device.id, Effect.UNKNOWN, "V-6", detail), flaw.code)
    if isinstance(device, Nic) and not device.model and not device.ip_forwarding:
        detail = f"network interface {device.id.name} at {address} does not forward"
        return Option(hop=hop_at(Stage.APPLIANCE, device.id, Effect.DROP, "UDR-16", detail))
    hop = hop_at(
        Stage.APPLIANCE,
        device.id,
        Effect.UNKNOWN,
        "UDR-16",
        f"what the appliance {device.id.name} at {address} passes is not known",
    )
    return unknown(hop, "nva-opaque")


def disputed(firewall: Firewall) -> Option | None:
    """What becomes of traffic at a firewall that by one of two copies does not stand there: nothing behind it counts.

    By that copy the next hop is dangling, and what leaves it nobody says (V-6, FW-5).
    """
    for flaw in firewall.flaws:
        if flaw.code == "snapshot-inconsistent" and flaw.detail.lower().startswith(_PLACE):
            return unknown(hop_at(Stage.FIREWALL, firewall.id, Effect.UNKNOWN, "V-6", flaw.detail), flaw.code)
    return None


def without_address(target: NextHop) -> Option:
    """A route to an appliance of which it does not say where it is."""
    hop = hop_at(
        Stage.ROUTE,
        target.route_table,
        Effect.UNKNOWN,
        "UDR-16",
        f"route {target.route} names an appliance without an address",
    )
    return unknown(hop, "nva-opaque")
