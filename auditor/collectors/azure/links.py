"""What a document refers to, as far as a verdict may depend on it; pure, and never raises on odd content."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from auditor.model.documents.fields import Fields
from auditor.model.documents.notes import Notes
from auditor.model.resource_id import ResourceId

_POOL_LISTS = ("sourceIpGroups", "destinationIpGroups")


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """One side of a peering."""

    remote: ResourceId
    prefixes: tuple[str, ...]
    hub: bool
    """Whether Virtual WAN keeps it: its remote network is Microsoft's own and cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One subnet."""

    id: ResourceId
    prefixes: tuple[str, ...]
    attached: tuple[ResourceId, ...]
    """Its security group, route table and NAT gateway."""
    devices: tuple[ResourceId, ...]
    """Who has an address in it: firewalls, load balancers, network interfaces, scale sets."""
    endpoints: tuple[ResourceId, ...]
    """Its private endpoints."""

    @property
    def name(self) -> str:
        """In lower case."""
        return self.id.name.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Net:
    """One virtual network."""

    id: ResourceId
    places: tuple[Place, ...]
    peers: tuple[Peer, ...]
    dns: tuple[str, ...]


@dataclass(slots=True)
class Links:
    """What any other document names."""

    refs: list[ResourceId] = field(default_factory=list)
    networks: list[ResourceId] = field(default_factory=list)
    """Subnets and networks."""
    addresses: list[str] = field(default_factory=list)


def fields_of(body: Mapping[str, Any]) -> Fields:
    """A reader over a document as the service sent it."""
    return Fields(body, Notes("", "", {}))


def network_links(body: Mapping[str, Any], reference: ResourceId) -> Net:
    """A virtual network as far as it is followed (ARM-6, ARM-7)."""
    root = fields_of(body)
    peerings = root.objects("virtualNetworkPeerings")
    return Net(
        id=reference,
        places=tuple(
            subnet_links(item, item.own_id() or ResourceId(f"{reference}/subnets/{item.title()}"))
            for item in root.objects("subnets")
        ),
        peers=tuple(peer for item in peerings if (peer := _peer(item)) is not None),
        dns=root.object("dhcpOptions").addresses("dnsServers"),
    )


def subnet_links(root: Fields, reference: ResourceId) -> Place:
    """A subnet, inside its network or by itself."""
    return Place(
        id=reference,
        prefixes=root.both("addressPrefix", "addressPrefixes"),
        attached=ids_in([root.ref(name) for name in ("networkSecurityGroup", "routeTable", "natGateway")]),
        devices=ids_in([_owner(item) for item in root.refs("ipConfigurations")]),
        endpoints=root.refs("privateEndpoints"),
    )


def _peer(item: Fields) -> Peer | None:
    remote = item.ref("remoteVirtualNetwork")
    if remote is None:
        return None
    spaces = (item.object(name) for name in ("remoteAddressSpace", "remoteVirtualNetworkAddressSpace"))
    return Peer(
        remote=remote,
        prefixes=tuple(text for space in spaces for text in space.texts("addressPrefixes")),
        hub=item.title().lower().startswith("remotevnettohubpeering_"),
    )


def _owner(configuration: ResourceId) -> ResourceId | None:
    """The resource whose IP configuration or frontend this is; of a scale set's instance, the scale set."""
    segments = configuration.text.strip().strip("/").split("/")
    lowered = [segment.lower() for segment in segments]
    if "providers" not in lowered:
        return None
    start = len(lowered) - 1 - lowered[::-1].index("providers")
    return ResourceId("/" + "/".join(segments[: start + 4]))


def links_of(kind: str, body: Mapping[str, Any]) -> Links:
    """What a document of this kind (lower case) names; nothing for a kind that is an end."""
    reader = _READERS.get(kind)
    return Links() if reader is None else reader(fields_of(body))


def _interface(root: Fields) -> Links:
    """A network interface, or the model of one."""
    configurations = root.objects("ipConfigurations")
    found = Links(refs=list(ids_in([root.ref("networkSecurityGroup")])))
    for item in configurations:
        found.networks += ids_in([item.ref("subnet")])
        public = item.ref("publicIPAddress")
        owners = [_owner(pool) for pool in item.refs("loadBalancerBackendAddressPools")]
        found.refs += ids_in([public, *owners])
    return found


def _scale_set(root: Fields) -> Links:
    profile = root.object("virtualMachineProfile").object("networkProfile")
    found = Links()
    for item in profile.objects("networkInterfaceConfigurations"):
        model = _interface(item)
        found.refs += model.refs
        found.networks += model.networks
        prefixes = (
            one.object("publicIPAddressConfiguration").ref("publicIPPrefix")
            for one in item.objects("ipConfigurations")
        )
        found.refs += ids_in(list(prefixes))
    return found


def has_instance_addresses(body: Mapping[str, Any]) -> bool:
    """Whether the instances of a scale set have public addresses of their own (AKS-30)."""
    profile = fields_of(body).object("virtualMachineProfile").object("networkProfile")
    return any(
        one.has("publicIPAddressConfiguration")
        for item in profile.objects("networkInterfaceConfigurations")
        for one in item.objects("ipConfigurations")
    )


def _route_table(root: Fields) -> Links:
    found = Links()
    for item in root.objects("routes"):
        one = item.address("nextHopIpAddress")
        found.addresses += [*([one] if one else []), *item.object("nextHop").addresses("nextHopIpAddresses")]
    return found


def _nat_gateway(root: Fields) -> Links:
    names = ("publicIpAddresses", "publicIpPrefixes", "publicIpAddressesV6", "publicIpPrefixesV6")
    return Links(refs=[found for name in names for found in root.refs(name)])


def _load_balancer(root: Fields) -> Links:
    frontends = root.objects("frontendIPConfigurations")
    names = ("publicIPAddress", "publicIPPrefix")
    return Links(refs=list(ids_in([item.ref(name) for item in frontends for name in names])))


def _firewall(root: Fields) -> Links:
    found = Links(refs=list(ids_in([root.ref("firewallPolicy"), root.ref("virtualHub")])))
    for item in (*root.objects("ipConfigurations"), root.object("managementIpConfiguration")):
        found.refs += ids_in([item.ref("publicIPAddress")])
        found.networks += ids_in([item.ref("subnet")])
    found.refs += root.refs("ipGroups")
    for name in ("applicationRuleCollections", "networkRuleCollections", "natRuleCollections"):
        found.refs += _rule_groups(root.objects(name))
    return found


def _policy(root: Fields) -> Links:
    return Links(refs=list(ids_in([root.ref("basePolicy")])))


def _group(root: Fields) -> Links:
    return Links(refs=list(_rule_groups(root.objects("ruleCollections"))))


def _rule_groups(collections: tuple[Fields, ...]) -> Iterator[ResourceId]:
    for collection in collections:
        for rule in collection.objects("rules"):
            for name in _POOL_LISTS:
                yield from rule.refs(name)


def _endpoint(root: Fields) -> Links:
    return Links(refs=list(root.refs("networkInterfaces")), networks=list(ids_in([root.ref("subnet")])))


def _hub(root: Fields) -> Links:
    return Links(refs=list(ids_in([root.ref("azureFirewall"), root.ref("virtualWan")])))


def _intent(root: Fields) -> Links:
    return Links(refs=list(ids_in([item.ref("nextHop") for item in root.objects("routingPolicies")])))


def _table(root: Fields) -> Links:
    return Links(refs=list(ids_in([item.ref("nextHop") for item in root.objects("routes")])))


_READERS = {
    "microsoft.network/networkinterfaces": _interface,
    "microsoft.compute/virtualmachinescalesets": _scale_set,
    "microsoft.network/routetables": _route_table,
    "microsoft.network/natgateways": _nat_gateway,
    "microsoft.network/loadbalancers": _load_balancer,
    "microsoft.network/azurefirewalls": _firewall,
    "microsoft.network/firewallpolicies": _policy,
    "microsoft.network/firewallpolicies/rulecollectiongroups": _group,
    "microsoft.network/privateendpoints": _endpoint,
    "microsoft.network/virtualhubs": _hub,
    "microsoft.network/virtualhubs/routingintent": _intent,
    "microsoft.network/virtualhubs/hubroutetables": _table,
}


def names_groups(body: Mapping[str, Any]) -> bool:
    """Whether a rule of a security group names application security groups (NSG-16)."""
    names = ("sourceApplicationSecurityGroups", "destinationApplicationSecurityGroups")
    return any(rule.has(name) for rule in fields_of(body).objects("securityRules") for name in names)


def connected_network(body: Mapping[str, Any]) -> ResourceId | None:
    """The network of a hub connection or of a zone's link."""
    root = fields_of(body)
    return root.ref("remoteVirtualNetwork") or root.ref("virtualNetwork")


def ids_in(found: list[ResourceId | None]) -> tuple[ResourceId, ...]:
    """Those that are ARM ids, each once: `system`, `none` and the like are no resource."""
    return tuple(
        dict.fromkeys(item for item in found if item is not None and item.key.startswith("/subscriptions/"))
    )
