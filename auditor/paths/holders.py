"""Who holds the address of a next hop, and what it means when nobody does (UDR-16, FW-5)."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.filters.terms import literal
from auditor.model.estate import Estate, Holder
from auditor.model.firewall import Firewall
from auditor.model.gap import Gap
from auditor.model.network import Peering, Subnet, VirtualNetwork
from auditor.model.outbound import LoadBalancer, Nic
from auditor.model.resource_id import ResourceId
from auditor.paths.peering_routes import is_hub_peering, joins

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
    where: ResourceId | None = None


def holder_at(address: str, subnet: Subnet, estate: Estate) -> Holding:
    """Find the device at `address` in the subnet's own or a directly peered network."""
    own = estate.network(subnet.network)
    if isinstance(own, Gap):
        return Holding(device=None, code=own.code, detail=own.detail, where=own.id)
    if _inside(address, own.prefixes):
        return _in_network(address, own, None, estate)
    peering = next(
        (
            item
            for item in own.peerings
            if not is_hub_peering(item)
            and joins(item, subnet) is not False
            and _inside(address, item.peered_prefixes or item.remote_prefixes)
        ),
        None,
    )
    if peering is None:
        return _beyond(address, own, estate)
    if peering.state != "connected" or not peering.allow_access:
        detail = f"next hop {address} lies behind peering {peering.id.name}, which is {peering.state}"
        return Holding(device=None, peering=peering, code="uncertain:UDR-16", detail=detail, where=peering.id)
    back = estate.peering_back(peering, own.id)
    if isinstance(back, Peering) and back.state != "connected":
        detail = f"the other side of peering {peering.id.name} is {back.state}"
        return Holding(device=None, peering=peering, code="uncertain:UDR-24", detail=detail, where=back.id)
    remote = estate.network(peering.remote)
    if isinstance(remote, Gap):
        detail = f"next hop {address} lies in virtual network {remote.id.name}: {remote.detail}"
        return Holding(device=None, peering=peering, code="nva-opaque", detail=detail, where=remote.id)
    return _in_network(address, remote, peering, estate)


def _in_network(address: str, network: VirtualNetwork, peering: Peering | None, estate: Estate) -> Holding:
    subnet = next((item for item in network.subnets if _inside(address, item.prefixes)), None)
    for device in estate.holders.get(address, ()):
        if _lies_in(device, network):
            return Holding(device=device, peering=peering, where=subnet.id if subnet else network.id)
    place = subnet.id if subnet is not None else network.id
    firewall_subnet = subnet is not None and subnet.id.name.lower() == "azurefirewallsubnet"
    failed = [
        read
        for kind in _KINDS
        if (read := estate.read_of(kind, network.id)) is not None and not read.complete
    ]
    if failed:
        detail = f"next hop {address}: reading {failed[0].kind} under {failed[0].scope}: {failed[0].status}"
        return Holding(device=None, peering=peering, code="unreadable-resource", detail=detail, where=place)
    everything_read = all(estate.was_read(kind, network.id) for kind in _KINDS)
    if firewall_subnet or everything_read:
        detail = f"no device that was read holds next hop {address} in {place.name}"
        return Holding(device=None, peering=peering, code="next-hop-dangling", detail=detail, where=place)
    detail = f"next hop {address} is no device in this snapshot"
    return Holding(device=None, peering=peering, code="nva-opaque", detail=detail, where=place)


def _beyond(address: str, network: VirtualNetwork, estate: Estate) -> Holding:
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
