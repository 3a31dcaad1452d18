"""Who holds the address of a next hop, and what it means when nobody does (UDR-16, FW-5)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from auditor.filters.parts import NO_CODES, Codes
from auditor.filters.terms import literal
from auditor.model.estate import Estate, Holder
from auditor.model.firewall import Firewall
from auditor.model.gap import Gap
from auditor.model.network import Peering, Subnet, VirtualNetwork
from auditor.model.outbound import LoadBalancer, Nic
from auditor.model.resource_id import ResourceId
from auditor.paths.peering_routes import is_hub_peering, joins, peerings_of
from auditor.paths.receivers import instances_unread, predicted_in, sets_unread

_KINDS = (
    "microsoft.network/networkinterfaces",
    "microsoft.network/loadbalancers",
    "microsoft.network/azurefirewalls",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What stands at a next-hop address."""

    device: Holder | None
    peering: Peering | None = None
    """The peering that leads there, when it is not in the own network."""
    code: str | None = None
    """Why nothing is known, when `device` is None or cannot be used."""
    detail: str = ""
    replies: Codes = NO_CODES
    """What leaves open whether replies come back over the peering (UDR-24)."""
    where: ResourceId | None = None


def holder_at(address: str, subnet: Subnet, estate: Estate) -> Holding:
    """Find the device at `address` in the subnet's own or a directly peered network."""
    own = estate.network(subnet.network)
    if isinstance(own, Gap):
        return Holding(device=None, code=own.code, detail=own.detail, where=own.id)
    if _inside(address, own.prefixes):
        return _in_network(address, own, None, estate)
    wanted = literal(address)
    peers = peerings_of(subnet, own, estate)
    led = peers.leading_to(wanted) if wanted is not None else None
    if led is None:
        return _beyond(address, subnet, own, estate)
    peering, codes = led
    behind = f"next hop {address} lies behind peering {peering.id.name}"
    if not peering.allow_access:
        return _cut_off(f"{behind}, which gives no access", peering, "uncertain:UDR-16")
    if codes:
        return _cut_off(f"{behind}, and whether that carries it is not known", peering, min(codes))
    remote = estate.network(peering.remote)
    if isinstance(remote, Gap):
        detail = f"next hop {address} lies in virtual network {remote.id.name}: {remote.detail}"
        return Holding(device=None, peering=peering, code="nva-opaque", detail=detail, where=remote.id)
    there = next((item for item in remote.subnets if _inside(address, item.prefixes)), None)
    return replace(_in_network(address, remote, peering, estate), replies=peers.replies(peering, there))


def _cut_off(detail: str, peering: Peering, code: str) -> Holding:
    return Holding(device=None, peering=peering, code=code, detail=detail, where=peering.id)


def _in_network(address: str, network: VirtualNetwork, peering: Peering | None, estate: Estate) -> Holding:
    subnet = next((item for item in network.subnets if _inside(address, item.prefixes)), None)
    for device in estate.holders.get(address, ()):
        if _lies_in(device, network):
            return Holding(device=device, peering=peering, where=subnet.id if subnet else network.id)
    place = subnet.id if subnet is not None else network.id
    failed = [
        read
        for kind in _KINDS
        if (read := estate.read_of(kind, network.id)) is not None and not read.complete
    ]
    if failed:
        detail = f"next hop {address}: reading {failed[0].kind} under {failed[0].scope}: {failed[0].status}"
        return Holding(device=None, peering=peering, code="unreadable-resource", detail=detail, where=place)
    hidden = _hidden_in(subnet, estate) if subnet is not None else None
    if hidden is not None:
        detail = f"next hop {address} is no device in this snapshot: {hidden.detail}"
        return Holding(device=None, peering=peering, code=hidden.code, detail=detail, where=place)
    everything_read = all(estate.was_read(kind, network.id) for kind in _KINDS)
    if (subnet is not None and subnet.for_firewall) or everything_read:
        detail = f"no device that was read holds next hop {address} in {place.name}"
        return Holding(device=None, peering=peering, code="next-hop-dangling", detail=detail, where=place)
    detail = f"next hop {address} is no device in this snapshot"
    return Holding(device=None, peering=peering, code="nva-opaque", detail=detail, where=place)


def _hidden_in(subnet: Subnet, estate: Estate) -> Gap | None:
    """What stands in a subnet at addresses that no document tells: lists of interfaces hold none of uniform scale sets.

    The subnet names what stands in it (ARM-23), and a scale set where its instances should stand (ARM-12, AKS-10).
    """
    known = (estate.nics, estate.load_balancers, estate.firewalls)
    for device in subnet.devices:
        if not any(device in table for table in known):
            detail = f"{device.name}, which stands in {subnet.id.name} by that subnet's word, was not read"
            return Gap(device, detail, "nva-opaque")
    if subnet.for_firewall:
        return None
    for held in predicted_in(subnet, estate):
        detail = f"interfaces of scale set {held.id.name} in {subnet.id.name} were not read"
        return instances_unread(held, estate) or Gap(held.id, detail, "nva-opaque")
    return sets_unread(subnet.network, estate)


def _beyond(address: str, subnet: Subnet, network: VirtualNetwork, estate: Estate) -> Holding:
    """Where no route leads that is known to exist, over a peering or inside a network."""
    for peering in network.peerings:
        named = _inside(address, peering.peered_prefixes or peering.remote_prefixes)
        if named and not is_hub_peering(peering) and joins(peering, subnet) is not False:
            why = "joins IPv6 only" if peering.state == "connected" else f"is {peering.state}"
            detail = f"next hop {address} lies behind peering {peering.id.name}, which {why}"
            return _cut_off(detail, peering, "uncertain:UDR-16")
    for hub in estate.hubs.values():
        if _inside(address, hub.prefixes):
            detail = f"next hop {address} lies inside Virtual WAN hub {hub.id.name}, which is not directly connected"
            return Holding(device=None, code="hub-routing-opaque", detail=detail, where=hub.id)
    detail = f"next hop {address} lies in no network that {network.id.name} is joined to"
    return Holding(device=None, code="nva-opaque", detail=detail, where=network.id)


def _lies_in(device: Holder, network: VirtualNetwork) -> bool:
    match device:
        case Firewall():
            return device.subnet is not None and device.subnet.parent == network.id
        case LoadBalancer():
            return True
        case Nic():
            return not device.subnets or any(subnet.parent == network.id for subnet in device.subnets)


def _inside(address: str, prefixes: tuple[str, ...]) -> bool:
    wanted = literal(address)
    if wanted is None:
        return False
    return any(wanted <= found for found in map(literal, prefixes) if found is not None)
