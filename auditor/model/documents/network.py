"""Virtual networks, subnets, peerings (ARM-6, ARM-7) and their gateways."""

from __future__ import annotations

import re

from auditor.model.documents.fields import Fields
from auditor.model.documents.library import Library, read
from auditor.model.network import Peering, ServiceEndpoint, Subnet, VirtualNetwork
from auditor.model.resource_id import ResourceId
from auditor.model.snapshot import Document
from auditor.model.virtual_wan import Gateway

KIND = "microsoft.network/virtualnetworks"
SUBNETS = f"{KIND}/subnets"
PEERINGS = f"{KIND}/virtualnetworkpeerings"
GATEWAYS = "microsoft.network/virtualnetworkgateways"
_POLICIES = frozenset({"enabled", "disabled", "networksecuritygroupenabled", "routetableenabled"})
_REGION = re.compile(r"[a-z0-9-]{1,60}")
_STATES = frozenset({"connected", "initiated", "disconnected"})


def region(fields: Fields) -> str:
    """A location in lower case without spaces: `West Europe` and `westeurope` are the same.

    Empty where it was not read, and where it is no region's name: it becomes a part of DNS names and tags.
    """
    name = fields.lower("location").replace(" ", "")
    if name and not _REGION.fullmatch(name):
        fields.notes.wrong(fields.path_of("location"), "the name of a region", fields.text("location"))
        return ""
    return name


def virtual_network(document: Document, library: Library) -> VirtualNetwork:
    """The network with its subnets and peerings, inline and standalone; a Failed one is still in use."""
    root = read(document)
    prefixes = root.object("addressSpace").prefixes("addressPrefixes")
    subnets = tuple(
        subnet(fields, fields.own_id() or ResourceId(f"{document.id}/subnets/{fields.title()}"))
        for fields in library.children(root, document.id, "subnets", SUBNETS)
    )
    peerings: list[Peering] = []
    for fields in library.children(root, document.id, "virtualNetworkPeerings", PEERINGS):
        found = _peering(fields, document.id)
        root.notes.absorb(fields.notes.flaws)
        if found is not None:
            peerings.append(found)
    location = region(root)
    dns_servers = root.object("dhcpOptions").addresses("dnsServers")
    return VirtualNetwork(
        id=document.id,
        location=location,
        prefixes=prefixes,
        dns_servers=dns_servers,
        subnets=subnets,
        peerings=tuple(peerings),
        public_nat_gateway=root.has("defaultPublicNatGateway"),
        flaws=tuple(root.notes.flaws),
    )


def subnet(fields: Fields, reference: ResourceId) -> Subnet:
    """One subnet with flaws of its own; both prefix properties count (ARM-6)."""
    prefixes = tuple(
        text
        for text in fields.both("addressPrefix", "addressPrefixes")
        if fields.is_prefix("addressPrefix", text)
    )
    delegations = tuple(item.text("serviceName") or item.title() for item in fields.objects("delegations"))
    return Subnet(
        id=reference,
        prefixes=prefixes,
        security_group=fields.ref("networkSecurityGroup"),
        route_table=fields.ref("routeTable"),
        nat_gateway=fields.ref("natGateway"),
        service_endpoints=_service_endpoints(fields),
        default_outbound=fields.flag("defaultOutboundAccess"),
        delegations=delegations,
        private_endpoint_policies=fields.enum("privateEndpointNetworkPolicies", _POLICIES, "disabled"),
        service_endpoint_policies=bool(fields.refs("serviceEndpointPolicies")),
        service_gateway=fields.has("serviceGateway"),
        holds_gateway=reference.name.lower() == "gatewaysubnet" and fields.has("ipConfigurations"),
        devices=_devices(fields),
        flaws=tuple(fields.notes.flaws),
    )


def _devices(fields: Fields) -> tuple[ResourceId, ...]:
    """Whose configurations they are: of interfaces, those of scale sets too, of balancers, firewalls and gateways."""
    owners = (one.parent for one in fields.refs("ipConfigurations"))
    return tuple(dict.fromkeys(owner for owner in owners if owner is not None))


def _service_endpoints(fields: Fields) -> tuple[ServiceEndpoint, ...]:
    found = (
        ServiceEndpoint(
            service=item.lower("service"), locations=item.texts("locations"), unsettled=item.unsettled()
        )
        for item in fields.objects("serviceEndpoints")
    )
    return tuple(endpoint for endpoint in found if endpoint.service)


def _peering(fields: Fields, network: ResourceId) -> Peering | None:
    """One side of a peering; without a remote network it is noted and left out."""
    remote = fields.ref("remoteVirtualNetwork")
    if remote is None:
        fields.notes.wrong(fields.path_of("remoteVirtualNetwork"), "a reference", None)
        return None
    peered = fields.object("remoteAddressSpace").prefixes("addressPrefixes")
    whole = fields.object("remoteVirtualNetworkAddressSpace")
    return Peering(
        id=fields.own_id() or ResourceId(f"{network}/virtualNetworkPeerings/{fields.title()}"),
        remote=remote,
        state=fields.enum("peeringState", _STATES, ""),
        allow_access=fields.on("allowVirtualNetworkAccess"),
        allow_forwarded=fields.on("allowForwardedTraffic"),
        use_remote_gateways=fields.on("useRemoteGateways"),
        peered_prefixes=peered,
        # api-versions before 2021 write remoteAddressSpace alone (UDR-28)
        remote_prefixes=whole.prefixes("addressPrefixes") if whole.present else peered,
        complete=fields.flag("peerCompleteVnets") is not False,
        local_subnets=tuple(name.lower() for name in fields.texts("localSubnetNames")),
        local_prefixes=fields.object("localAddressSpace").prefixes("addressPrefixes"),
        ipv6_only=fields.on("enableOnlyIPv6Peering"),
        flaws=tuple(fields.notes.flaws),
    )


def gateway(document: Document) -> Gateway:
    """A VPN or ExpressRoute gateway; its network is that of its subnet."""
    root = read(document)
    subnets = (item.ref("subnet") for item in root.objects("ipConfigurations"))
    network = next((found.parent for found in subnets if found is not None), None)
    return Gateway(id=document.id, network=network, kind=root.lower("gatewayType"))
