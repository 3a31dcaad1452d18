# ruff: noqa: INP001 - a script, in no package
"""Writes the bundled example estates: `python tools/build_examples.py` rewrites `examples/`, always alike.

Everything here is invented. Each function makes one kind of ARM document as the service would answer it; an
estate is a list of such documents. What two documents say about each other (which subnets use a route table,
which policies use an IP group) is filled in by `joined`, so that it cannot disagree.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Final

Json = dict[str, Any]

LOCATION: Final = "westeurope"
COLLECTED: Final = "2026-11-20T08:15:00Z"
TENANT: Final = "6d0f7a52-93be-4c1d-8e57-20b4c9a1f36e"
KUBERNETES: Final = "1.33.5"
NODE_IMAGES: Final = {
    "Ubuntu": "AKSUbuntu-2204gen2containerd-202610.19.0",
    "AzureLinux": "AKSAzureLinux-V3gen2-202610.19.0",
}

NETWORK_KINDS: Final = (
    "virtualNetworks",
    "networkSecurityGroups",
    "routeTables",
    "natGateways",
    "publicIPAddresses",
    "publicIPPrefixes",
    "loadBalancers",
    "networkInterfaces",
    "azureFirewalls",
    "firewallPolicies",
    "ipGroups",
    "privateEndpoints",
    "virtualHubs",
    "virtualWans",
    "applicationSecurityGroups",
)
API_VERSIONS: Final = {
    "Microsoft.Network": "2026-03-01",
    "Microsoft.Network/privateDnsZones": "2024-06-01",
    "Microsoft.Network/virtualNetworks/listNetworkManagerEffectiveSecurityAdminRules": "2024-04-01",
    "Microsoft.ContainerService": "2026-08-01",
    "Microsoft.Compute": "2025-04-01",
    "Microsoft.Compute/virtualMachineScaleSets/networkInterfaces": "2018-10-01",
    "Microsoft.KubernetesConfiguration": "2024-11-01",
}
"""By resource type, else by provider; admin rules came from Resource Graph, hence its version."""

SUBSCRIPTION_KINDS: Final = (
    "Microsoft.ContainerService/managedClusters",
    *(f"Microsoft.Network/{kind}" for kind in NETWORK_KINDS),
    "Microsoft.Network/privateDnsZones",
    "Microsoft.Compute/virtualMachineScaleSets",
    "Microsoft.Compute/virtualMachines",
)
CHILD_KINDS: Final = {
    "Microsoft.ContainerService/managedClusters": (
        "Microsoft.ContainerService/managedClusters/agentPools",
        "Microsoft.KubernetesConfiguration/extensions",
    ),
    "Microsoft.Network/firewallPolicies": ("Microsoft.Network/firewallPolicies/ruleCollectionGroups",),
    "Microsoft.Compute/virtualMachineScaleSets": (
        "Microsoft.Compute/virtualMachineScaleSets/networkInterfaces",
    ),
    "Microsoft.Network/virtualHubs": (
        "Microsoft.Network/virtualHubs/hubVirtualNetworkConnections",
        "Microsoft.Network/virtualHubs/hubRouteTables",
        "Microsoft.Network/virtualHubs/routingIntent",
    ),
    "Microsoft.Network/virtualNetworks": (
        "Microsoft.Network/virtualNetworks/listNetworkManagerEffectiveSecurityAdminRules",
    ),
}
"""What was read below each resource of a kind."""


# -- names ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """A resource group; every resource of an example lies in one."""

    subscription: str
    group: str

    @property
    def path(self) -> str:
        """The group's own id."""
        return f"/subscriptions/{self.subscription}/resourceGroups/{self.group}"

    def id(self, kind: str, *names: str) -> str:
        """The id of a resource; a child kind takes the names of its parents first."""
        provider, *types = kind.split("/")
        pairs = "/".join(f"{one}/{name}" for one, name in zip(types, names, strict=True))
        return f"{self.path}/providers/{provider}/{pairs}"


def guid(*seeds: str) -> str:
    """A GUID that depends on nothing but its seeds."""
    digest = hashlib.sha256("\n".join(seeds).encode()).digest()
    return str(uuid.UUID(bytes=digest[:16], version=4))


def ref(reference: str) -> Json:
    """A reference as ARM writes it."""
    return {"id": reference}


def name_of(reference: str) -> str:
    """The last segment of an id."""
    return reference.rsplit("/", 1)[-1]


def kind_of(reference: str) -> str:
    """The resource type of an id, as spelled in it."""
    provider, *rest = reference.rsplit("/providers/", 1)[1].split("/")
    return "/".join([provider, *rest[::2]])


def resource(reference: str, properties: Json, **members: Any) -> Json:
    """A tracked resource of the network provider; `joined` adds the etag."""
    return {
        "name": name_of(reference),
        "id": reference,
        "type": kind_of(reference),
        "location": LOCATION,
        **members,
        "properties": {"provisioningState": "Succeeded", **properties},
    }


def child(reference: str, properties: Json) -> Json:
    """A child of a network resource, inline in its parent or a document of its own."""
    return {
        "name": name_of(reference),
        "id": reference,
        "type": kind_of(reference),
        "properties": {"provisioningState": "Succeeded", **properties},
    }


# -- security groups and routes ------------------------------------------------------------------------


def security_rule(
    group: str,
    name: str,
    *,
    priority: int,
    direction: str,
    access: str,
    protocol: str,
    source: str,
    destination: str,
    ports: Sequence[str],
    description: str = "",
    default: bool = False,
) -> Json:
    """One rule of a network security group: one port stands in the singular field, several in the plural."""
    segment = "defaultSecurityRules" if default else "securityRules"
    several = len(ports) > 1
    properties = {
        "description": description,
        "protocol": protocol,
        "sourcePortRange": "*",
        **({} if several else {"destinationPortRange": ports[0]}),
        "sourceAddressPrefix": source,
        "destinationAddressPrefix": destination,
        "access": access,
        "priority": priority,
        "direction": direction,
        "sourcePortRanges": [],
        "destinationPortRanges": list(ports) if several else [],
        "sourceAddressPrefixes": [],
        "destinationAddressPrefixes": [],
    }
    return child(f"{group}/{segment}/{name}", properties)


def default_rules(group: str) -> list[Json]:
    """The six rules that every network security group ends with."""
    table = (
        ("AllowVnetInBound", 65000, "Inbound", "Allow", "VirtualNetwork", "VirtualNetwork"),
        ("AllowAzureLoadBalancerInBound", 65001, "Inbound", "Allow", "AzureLoadBalancer", "*"),
        ("DenyAllInBound", 65500, "Inbound", "Deny", "*", "*"),
        ("AllowVnetOutBound", 65000, "Outbound", "Allow", "VirtualNetwork", "VirtualNetwork"),
        ("AllowInternetOutBound", 65001, "Outbound", "Allow", "*", "Internet"),
        ("DenyAllOutBound", 65500, "Outbound", "Deny", "*", "*"),
    )
    return [
        security_rule(
            group,
            name,
            priority=priority,
            direction=direction,
            access=access,
            protocol="*",
            source=source,
            destination=destination,
            ports=("*",),
            description=f"{access} {source} to {destination}",
            default=True,
        )
        for name, priority, direction, access, source, destination in table
    ]


def security_group(reference: str, rules: Sequence[Json] = (), **members: Any) -> Json:
    """A network security group; `rules` come from `security_rule`."""
    properties = {
        "resourceGuid": guid(reference),
        "securityRules": list(rules),
        "defaultSecurityRules": default_rules(reference),
    }
    return resource(reference, properties, **members)


def route(table: str, name: str, prefix: str, hop: str, address: str | None = None) -> Json:
    """One user route; only an appliance has an address."""
    properties = {"addressPrefix": prefix, "nextHopType": hop, "hasBgpOverride": False}
    if address is not None:
        properties["nextHopIpAddress"] = address
    return child(f"{table}/routes/{name}", properties)


def route_table(reference: str, routes: Sequence[Json], *, propagation: bool, **members: Any) -> Json:
    """A route table; without `propagation` gateway routes do not reach its subnets."""
    properties = {
        "resourceGuid": guid(reference),
        "disableBgpRoutePropagation": not propagation,
        "routes": list(routes),
    }
    return resource(reference, properties, **members)


# -- virtual networks ----------------------------------------------------------------------------------


def subnet(
    network: str,
    name: str,
    prefix: str,
    *,
    group: str | None = None,
    table: str | None = None,
    default_outbound: bool | None = None,
) -> Json:
    """One subnet; `default_outbound` stays away where nobody ever set it."""
    properties: Json = {"addressPrefix": prefix}
    if group is not None:
        properties["networkSecurityGroup"] = ref(group)
    if table is not None:
        properties["routeTable"] = ref(table)
    properties |= {
        "serviceEndpoints": [],
        "delegations": [],
        "privateEndpointNetworkPolicies": "Disabled",
        "privateLinkServiceNetworkPolicies": "Enabled",
    }
    if default_outbound is not None:
        properties["defaultOutboundAccess"] = default_outbound
    return child(f"{network}/subnets/{name}", properties)


def virtual_network(
    reference: str,
    prefix: str,
    subnets: Sequence[Json],
    *,
    peerings: Sequence[Json] = (),
    dns_servers: Sequence[str] | None = None,
    **members: Any,
) -> Json:
    """A virtual network with its subnets and peerings inline, as a list call shows it."""
    properties: Json = {"resourceGuid": guid(reference), "addressSpace": {"addressPrefixes": [prefix]}}
    if dns_servers is not None:
        properties["dhcpOptions"] = {"dnsServers": list(dns_servers)}
    properties |= {
        "subnets": list(subnets),
        "virtualNetworkPeerings": list(peerings),
        "enableDdosProtection": False,
        "privateEndpointVNetPolicies": "Disabled",
    }
    return resource(reference, properties, **members)


def peering(
    network: str,
    name: str,
    remote: str,
    *,
    local_prefix: str,
    remote_prefix: str,
    use_remote_gateways: bool = False,
) -> Json:
    """One side of a peering that works and is in step with the other side."""
    here, there = {"addressPrefixes": [local_prefix]}, {"addressPrefixes": [remote_prefix]}
    properties = {
        "resourceGuid": guid(network, remote),
        "peeringState": "Connected",
        "peeringSyncLevel": "FullyInSync",
        "remoteVirtualNetwork": ref(remote),
        "allowVirtualNetworkAccess": True,
        "allowForwardedTraffic": True,
        "allowGatewayTransit": False,
        "useRemoteGateways": use_remote_gateways,
        "doNotVerifyRemoteGateways": False,
        "peerCompleteVnets": True,
        "localAddressSpace": here,
        "localVirtualNetworkAddressSpace": here,
        "remoteAddressSpace": there,
        "remoteVirtualNetworkAddressSpace": there,
    }
    return child(f"{network}/virtualNetworkPeerings/{name}", properties)


def admin_rules(network: str) -> Json:
    """The answer "read, and there is none" about the security admin rules of a virtual network."""
    action = "listNetworkManagerEffectiveSecurityAdminRules"
    return {
        "name": action,
        "id": f"{network}/{action}",
        "type": f"Microsoft.Network/virtualNetworks/{action}",
        "properties": {"value": []},
    }


def public_ip(reference: str, address: str, **members: Any) -> Json:
    """A static Standard public address in three zones."""
    properties = {
        "resourceGuid": guid(reference),
        "ipAddress": address,
        "publicIPAddressVersion": "IPv4",
        "publicIPAllocationMethod": "Static",
        "idleTimeoutInMinutes": 4,
        "ipTags": [],
        "ddosSettings": {"protectionMode": "VirtualNetworkInherited"},
    }
    sku = {"name": "Standard", "tier": "Regional"}
    return resource(reference, properties, zones=["1", "2", "3"], sku=sku, **members)


# -- Azure Firewall ------------------------------------------------------------------------------------


def firewall(reference: str, address: str, *, network: str, public: str, policy: str, **members: Any) -> Json:
    """A Standard firewall in the `AzureFirewallSubnet` of a virtual network."""
    configuration = child(
        f"{reference}/azureFirewallIpConfigurations/ipconfig-{name_of(public)}",
        {
            "privateIPAddress": address,
            "privateIPAllocationMethod": "Dynamic",
            "publicIPAddress": ref(public),
            "subnet": ref(f"{network}/subnets/AzureFirewallSubnet"),
        },
    )
    properties = {
        "sku": {"name": "AZFW_VNet", "tier": "Standard"},
        "threatIntelMode": "Alert",
        "additionalProperties": {},
        "ipConfigurations": [configuration],
        "networkRuleCollections": [],
        "applicationRuleCollections": [],
        "natRuleCollections": [],
        "firewallPolicy": ref(policy),
    }
    return resource(reference, properties, zones=["1", "2", "3"], **members)


def hub_firewall(reference: str, address: str, *, hub: str, public: str, policy: str, **members: Any) -> Json:
    """A Standard firewall inside a Virtual WAN hub; the hub owns its public address."""
    properties = {
        "sku": {"name": "AZFW_Hub", "tier": "Standard"},
        "additionalProperties": {},
        "virtualHub": ref(hub),
        "hubIPAddresses": {
            "privateIPAddress": address,
            "publicIPs": {"addresses": [{"address": public}], "count": 1},
        },
        "firewallPolicy": ref(policy),
    }
    return resource(reference, properties, zones=["1", "2", "3"], **members)


def firewall_policy(
    reference: str, *, base: str | None = None, dns_proxy: bool | None = None, **members: Any
) -> Json:
    """A Standard firewall policy; its groups, children and firewalls are filled in by `joined`."""
    properties: Json = {
        "sku": {"tier": "Standard"},
        "threatIntelMode": "Alert",
        "threatIntelWhitelist": {"fqdns": [], "ipAddresses": []},
    }
    if base is not None:
        properties["basePolicy"] = ref(base)
    if dns_proxy is not None:
        properties["dnsSettings"] = {"servers": [], "enableProxy": dns_proxy}
    return resource(reference, properties, **members)


def rule_collection_group(policy: str, name: str, priority: int, collections: Sequence[Json]) -> Json:
    """A rule collection group, a document of its own."""
    properties = {"priority": priority, "ruleCollections": list(collections)}
    return child(f"{policy}/ruleCollectionGroups/{name}", properties)


def rule_collection(name: str, priority: int, action: str, rules: Sequence[Json]) -> Json:
    """A filter collection; its rules are all of one type."""
    return {
        "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
        "action": {"type": action},
        "rules": list(rules),
        "name": name,
        "priority": priority,
    }


def application_rule(
    name: str,
    names: Sequence[str],
    *,
    sources: Sequence[str] = (),
    source_groups: Sequence[str] = (),
    protocol: tuple[str, int] = ("Https", 443),
) -> Json:
    """A rule that admits hosts by name."""
    return {
        "ruleType": "ApplicationRule",
        "name": name,
        "protocols": [{"protocolType": protocol[0], "port": protocol[1]}],
        "fqdnTags": [],
        "webCategories": [],
        "targetFqdns": list(names),
        "targetUrls": [],
        "terminateTLS": False,
        "sourceAddresses": list(sources),
        "destinationAddresses": [],
        "sourceIpGroups": list(source_groups),
        "httpHeadersToInsert": [],
    }


def network_rule(
    name: str,
    *,
    protocols: Sequence[str],
    ports: Sequence[str],
    sources: Sequence[str] = (),
    source_groups: Sequence[str] = (),
    destinations: Sequence[str] = (),
    destination_groups: Sequence[str] = (),
    names: Sequence[str] = (),
) -> Json:
    """A rule on addresses, service tags, IP groups or resolved names, and ports."""
    return {
        "ruleType": "NetworkRule",
        "name": name,
        "ipProtocols": list(protocols),
        "sourceAddresses": list(sources),
        "sourceIpGroups": list(source_groups),
        "destinationAddresses": list(destinations),
        "destinationIpGroups": list(destination_groups),
        "destinationFqdns": list(names),
        "destinationPorts": list(ports),
    }


def ip_group(reference: str, addresses: Sequence[str], **members: Any) -> Json:
    """An IP group."""
    return resource(reference, {"ipAddresses": list(addresses)}, **members)


# -- Virtual WAN ---------------------------------------------------------------------------------------


def virtual_wan(reference: str, **members: Any) -> Json:
    """A Standard Virtual WAN."""
    properties = {
        "disableVpnEncryption": False,
        "allowBranchToBranchTraffic": True,
        "office365LocalBreakoutCategory": "None",
        "type": "Standard",
    }
    return resource(reference, properties, **members)


def virtual_hub(reference: str, prefix: str, *, wan: str, firewall: str, **members: Any) -> Json:
    """A hub with a firewall; its router has taken its first addresses."""
    start = ip_network(prefix)[68]
    properties = {
        "virtualHubRouteTableV2s": [],
        "addressPrefix": prefix,
        "virtualRouterAsn": 65515,
        "virtualRouterIps": [str(start), str(start + 1)],
        "routeTable": {"routes": []},
        "virtualRouterAutoScaleConfiguration": {"minCapacity": 2},
        "virtualWan": ref(wan),
        "azureFirewall": ref(firewall),
        "sku": "Standard",
        "routingState": "Provisioned",
        "allowBranchToBranchTraffic": False,
        "hubRoutingPreference": "ExpressRoute",
    }
    return resource(reference, properties, **members)


def hub_connection(hub: str, name: str, network: str) -> Json:
    """A virtual network's connection to a hub that learns the hub's default route."""
    properties = {
        "routingConfiguration": {
            "associatedRouteTable": ref(f"{hub}/hubRouteTables/defaultRouteTable"),
            "propagatedRouteTables": {
                "labels": ["none"],
                "ids": [ref(f"{hub}/hubRouteTables/noneRouteTable")],
            },
            "vnetRoutes": {
                "staticRoutesConfig": {
                    "propagateStaticRoutes": True,
                    "vnetLocalRouteOverrideCriteria": "Contains",
                },
                "staticRoutes": [],
            },
        },
        "remoteVirtualNetwork": ref(network),
        "allowHubToRemoteVnetTransit": True,
        "allowRemoteVnetToUseHubVnetGateways": True,
        "enableInternetSecurity": True,
        "connectivityStatus": "Connected",
    }
    return child(f"{hub}/hubVirtualNetworkConnections/{name}", properties)


def hub_route_tables(hub: str, firewall: str, connections: Sequence[str]) -> list[Json]:
    """The two tables of a hub with routing intent: Azure wrote the policy routes itself."""
    policies = (
        ("_policy_PublicTraffic", ["0.0.0.0/0"]),
        ("_policy_PrivateTraffic", ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]),
    )
    routes = [
        {
            "name": name,
            "destinationType": "CIDR",
            "destinations": prefixes,
            "nextHopType": "ResourceId",
            "nextHop": firewall,
        }
        for name, prefixes in policies
    ]
    default = {
        "routes": routes,
        "labels": ["default"],
        "associatedConnections": list(connections),
        "propagatingConnections": [],
    }
    none = {
        "routes": [],
        "labels": ["none"],
        "associatedConnections": [],
        "propagatingConnections": list(connections),
    }
    return [
        child(f"{hub}/hubRouteTables/defaultRouteTable", default),
        child(f"{hub}/hubRouteTables/noneRouteTable", none),
    ]


def routing_intent(hub: str, firewall: str) -> Json:
    """Routing intent that sends internet and private traffic to the hub's firewall."""
    policies = [
        {"name": "InternetTraffic", "destinations": ["Internet"], "nextHop": firewall},
        {"name": "PrivateTrafficPolicy", "destinations": ["PrivateTraffic"], "nextHop": firewall},
    ]
    return child(f"{hub}/routingIntent/hubRoutingIntent", {"routingPolicies": policies})


# -- AKS -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pool:
    """An agent pool: what the cluster, its scale set and its network interfaces say alike."""

    name: str
    mode: str
    size: str
    addresses: tuple[str, ...]
    """The node's addresses: one node each."""
    subnet: str
    default_outbound: bool
    """Whether Azure gives the nodes default outbound access."""
    os_sku: str = "Ubuntu"


@dataclass(frozen=True)
class Aks:
    """A cluster and where its parts lie."""

    place: Place
    name: str
    suffix: str
    """The eight digits that AKS appends to names in the node resource group."""
    fqdn: str
    pools: tuple[Pool, ...]
    own_network: bool = True
    """False where AKS made the virtual network: its pools then name no subnet."""
    backend_pools: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The cluster's id."""
        return self.place.id("Microsoft.ContainerService/managedClusters", self.name)

    @property
    def nodes(self) -> Place:
        """The node resource group."""
        group = f"MC_{self.place.group}_{self.name}_{LOCATION}"
        return Place(self.place.subscription, group)

    @property
    def security_group(self) -> str:
        """The id of the group that AKS puts on its network interfaces."""
        name = f"aks-agentpool-{self.suffix}-nsg"
        return self.nodes.id("Microsoft.Network/networkSecurityGroups", name)

    def identity(self, name: str) -> Json:
        """A user-assigned identity in the node resource group."""
        reference = self.nodes.id("Microsoft.ManagedIdentity/userAssignedIdentities", name)
        return {
            "resourceId": reference,
            "clientId": guid(reference, "client"),
            "objectId": guid(reference, "object"),
        }

    def scale_set(self, pool: Pool) -> str:
        """The id of a pool's scale set."""
        name = f"aks-{pool.name}-{self.suffix}-vmss"
        return self.nodes.id("Microsoft.Compute/virtualMachineScaleSets", name)

    def nic(self, pool: Pool, instance: int) -> str:
        """The id of the network interface of one node."""
        scale_set = self.scale_set(pool)
        return f"{scale_set}/virtualMachines/{instance}/networkInterfaces/{name_of(scale_set)}"


def pool_properties(aks: Aks, pool: Pool) -> Json:
    """What an agent pool's document and the cluster's `agentPoolProfiles` both hold."""
    count = len(pool.addresses)
    network = {"vnetSubnetID": pool.subnet} if aks.own_network else {}
    return {
        "eTag": guid(aks.id, pool.name, "etag"),
        "count": count,
        "vmSize": pool.size,
        "osDiskSizeGB": 128,
        "osDiskType": "Ephemeral",
        "kubeletDiskType": "OS",
        **network,
        "maxPods": 250,
        "type": "VirtualMachineScaleSets",
        "availabilityZones": ["1", "2", "3"],
        "enableAutoScaling": pool.mode == "User",
        **({"minCount": count, "maxCount": count + 6} if pool.mode == "User" else {}),
        "scaleDownMode": "Delete",
        "provisioningState": "Succeeded",
        "powerState": {"code": "Running"},
        "orchestratorVersion": KUBERNETES,
        "currentOrchestratorVersion": KUBERNETES,
        "enableNodePublicIP": False,
        **({"nodeTaints": ["CriticalAddonsOnly=true:NoSchedule"]} if pool.mode == "System" else {}),
        "mode": pool.mode,
        "enableEncryptionAtHost": True,
        "enableUltraSSD": False,
        "osType": "Linux",
        "osSKU": pool.os_sku,
        "nodeImageVersion": NODE_IMAGES[pool.os_sku],
        "upgradeSettings": {"maxSurge": "33%", "maxUnavailable": "0"},
        "enableFIPS": False,
        "securityProfile": {"enableVTPM": False, "enableSecureBoot": False},
    }


def agent_pools(aks: Aks) -> list[Json]:
    """The agent pools as documents of their own."""
    return [
        {
            "name": pool.name,
            "id": f"{aks.id}/agentPools/{pool.name}",
            "type": "Microsoft.ContainerService/managedClusters/agentPools",
            "properties": pool_properties(aks, pool),
        }
        for pool in aks.pools
    ]


def cluster(
    aks: Aks,
    *,
    outbound: Json,
    add_ons: Json,
    profiles: Json | None = None,
    security: Json | None = None,
    **members: Any,
) -> Json:
    """A running public cluster with Azure CNI overlay; `outbound` is merged into its network profile."""
    network = {
        "networkPlugin": "azure",
        "networkPluginMode": "overlay",
        "networkPolicy": "cilium",
        "networkDataplane": "cilium",
        "loadBalancerSku": "standard",
        **outbound,
        "podCidr": "10.244.0.0/16",
        "serviceCidr": "172.16.0.0/16",
        "dnsServiceIP": "172.16.0.10",
        "podCidrs": ["10.244.0.0/16"],
        "serviceCidrs": ["172.16.0.0/16"],
        "ipFamilies": ["IPv4"],
        "podLinkLocalAccess": "IMDS",
    }
    properties = {
        "provisioningState": "Succeeded",
        "powerState": {"code": "Running"},
        "kubernetesVersion": KUBERNETES,
        "currentKubernetesVersion": KUBERNETES,
        "dnsPrefix": aks.fqdn.split(".", 1)[0].rsplit("-", 1)[0],
        "fqdn": aks.fqdn,
        "azurePortalFQDN": aks.fqdn.replace(".hcp.", ".portal.hcp."),
        "agentPoolProfiles": [{"name": pool.name, **pool_properties(aks, pool)} for pool in aks.pools],
        "servicePrincipalProfile": {"clientId": "msi"},
        "addonProfiles": add_ons,
        "nodeResourceGroup": aks.nodes.group,
        "enableRBAC": True,
        "supportPlan": "KubernetesOfficial",
        "networkProfile": network,
        "aadProfile": {
            "managed": True,
            "enableAzureRBAC": True,
            "adminGroupObjectIDs": None,
            "tenantID": TENANT,
        },
        "maxAgentPools": 100,
        "identityProfile": {"kubeletidentity": aks.identity(f"{aks.name}-agentpool")},
        "autoUpgradeProfile": {"upgradeChannel": "patch", "nodeOSUpgradeChannel": "NodeImage"},
        "disableLocalAccounts": True,
        "securityProfile": {"imageCleaner": {"enabled": True, "intervalHours": 168}, **(security or {})},
        "storageProfile": {
            "diskCSIDriver": {"enabled": True},
            "fileCSIDriver": {"enabled": True},
            "snapshotController": {"enabled": True},
        },
        "oidcIssuerProfile": {
            "enabled": True,
            "issuerURL": f"https://{LOCATION}.oic.prod-aks.azure.com/{TENANT}/{guid(aks.id, 'issuer')}/",
        },
        "workloadAutoScalerProfile": {},
        **(profiles or {}),
        "metricsProfile": {"costAnalysis": {"enabled": False}},
        "resourceUID": guid(aks.id, "uid").replace("-", "")[:24],
        "nodeProvisioningProfile": {"mode": "Manual", "defaultNodePools": "Auto"},
        "bootstrapProfile": {"artifactSource": "Direct"},
    }
    return {
        "id": aks.id,
        "location": LOCATION,
        "name": aks.name,
        "eTag": guid(aks.id, "etag"),
        "type": "Microsoft.ContainerService/ManagedClusters",
        **members,
        "properties": properties,
        "identity": cluster_identity(aks),
        "sku": {"name": "Base", "tier": "Standard"},
    }


def cluster_identity(aks: Aks) -> Json:
    """A cluster in its own network brings an identity that may join subnets; else Azure made one."""
    if not aks.own_network:
        return {"type": "SystemAssigned", "principalId": guid(aks.id, "principal"), "tenantId": TENANT}
    reference = aks.place.id("Microsoft.ManagedIdentity/userAssignedIdentities", f"id-{aks.name}")
    identity = {"clientId": guid(reference, "client"), "principalId": guid(reference, "object")}
    return {"type": "UserAssigned", "userAssignedIdentities": {reference: identity}}


def node_documents(aks: Aks) -> Iterator[Json]:
    """Scale sets and network interfaces of every pool."""
    for pool in aks.pools:
        yield scale_set(aks, pool)
        for instance, address in enumerate(pool.addresses):
            yield node_nic(aks, pool, instance, address)


def scale_set(aks: Aks, pool: Pool) -> Json:
    """A pool's uniform scale set with the interface that its model gives to new nodes."""
    reference = aks.scale_set(pool)
    name = name_of(reference)
    configuration = {
        "name": "ipconfig1",
        "properties": {
            "primary": True,
            "subnet": ref(pool.subnet),
            "privateIPAddressVersion": "IPv4",
            **_backend(aks),
        },
    }
    interface = {
        "name": name,
        "properties": {
            "primary": True,
            "enableAcceleratedNetworking": True,
            "disableTcpStateTracking": False,
            "networkSecurityGroup": ref(aks.security_group),
            "dnsSettings": {"dnsServers": []},
            "enableIPForwarding": True,
            "ipConfigurations": [configuration],
        },
    }
    profile = {
        "osProfile": {
            "computerNamePrefix": name,
            "adminUsername": "azureuser",
            "linuxConfiguration": {"disablePasswordAuthentication": True, "provisionVMAgent": True},
            "allowExtensionOperations": True,
            "requireGuestProvisionSignal": True,
        },
        "storageProfile": {
            "osDisk": {
                "osType": "Linux",
                "diffDiskSettings": {"option": "Local"},
                "createOption": "FromImage",
                "caching": "ReadOnly",
                "diskSizeGB": 128,
            },
            "diskControllerType": "SCSI",
        },
        "networkProfile": {"networkInterfaceConfigurations": [interface]},
    }
    return {
        "name": name,
        "id": reference,
        "type": "Microsoft.Compute/virtualMachineScaleSets",
        "location": LOCATION,
        "tags": {
            "aks-managed-orchestrator": f"Kubernetes:{KUBERNETES}",
            "aks-managed-poolName": pool.name,
            "aks-managed-resourceNameSuffix": aks.suffix,
        },
        "sku": {"name": pool.size, "tier": "Standard", "capacity": len(pool.addresses)},
        "zones": ["1", "2", "3"],
        "properties": {
            "singlePlacementGroup": False,
            "orchestrationMode": "Uniform",
            "upgradePolicy": {"mode": "Manual"},
            "virtualMachineProfile": profile,
            "provisioningState": "Succeeded",
            "overprovision": False,
            "doNotRunExtensionsOnOverprovisionedVMs": False,
            "uniqueId": guid(reference, "unique"),
            "zoneBalance": False,
            "platformFaultDomainCount": 1,
        },
    }


def node_nic(aks: Aks, pool: Pool, instance: int, address: str) -> Json:
    """The network interface of one node, as listed below its scale set."""
    reference = aks.nic(pool, instance)
    configuration = {
        "name": "ipconfig1",
        "id": f"{reference}/ipConfigurations/ipconfig1",
        "properties": {
            "provisioningState": "Succeeded",
            "privateIPAddress": address,
            "privateIPAllocationMethod": "Dynamic",
            "subnet": ref(pool.subnet),
            "primary": True,
            "privateIPAddressVersion": "IPv4",
            **_backend(aks),
        },
    }
    return {
        "name": name_of(reference),
        "id": reference,
        "type": "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/networkInterfaces",
        "properties": {
            "provisioningState": "Succeeded",
            "resourceGuid": guid(reference),
            "ipConfigurations": [configuration],
            "dnsSettings": {"dnsServers": [], "appliedDnsServers": []},
            "macAddress": "00-22-48-" + "-".join(guid(reference)[i : i + 2] for i in (0, 2, 4)).upper(),
            "enableAcceleratedNetworking": True,
            "vnetEncryptionSupported": False,
            "defaultOutboundConnectivityEnabled": pool.default_outbound,
            "enableIPForwarding": True,
            "networkSecurityGroup": ref(aks.security_group),
            "primary": True,
            "virtualMachine": ref(f"{aks.scale_set(pool)}/virtualMachines/{instance}"),
            "hostedWorkloads": [],
            "tapConfigurations": [],
            "nicType": "Standard",
            "auxiliaryMode": "None",
        },
    }


def _backend(aks: Aks) -> Json:
    """The load balancer membership of an IP configuration, where there is a load balancer."""
    if not aks.backend_pools:
        return {}
    return {"loadBalancerBackendAddressPools": [ref(pool) for pool in aks.backend_pools]}


# -- load balancers ------------------------------------------------------------------------------------


def outbound_load_balancer(
    reference: str, aks: Aks, *, outbound_ip: str, service: str, service_ip: str
) -> Json:
    """The public load balancer that AKS makes: one frontend for egress, one for a service in the cluster."""
    egress = f"{reference}/frontendIPConfigurations/{name_of(outbound_ip)}"
    ingress = f"{reference}/frontendIPConfigurations/{service}"
    members = [
        ref(f"{aks.nic(pool, instance)}/ipConfigurations/ipconfig1")
        for pool in aks.pools
        for instance in range(len(pool.addresses))
    ]
    properties = {
        "resourceGuid": guid(reference),
        "frontendIPConfigurations": [
            child(egress, {"privateIPAllocationMethod": "Dynamic", "publicIPAddress": ref(outbound_ip)}),
            child(ingress, {"privateIPAllocationMethod": "Dynamic", "publicIPAddress": ref(service_ip)}),
        ],
        "backendAddressPools": [
            child(pool, {"backendIPConfigurations": members}) for pool in aks.backend_pools
        ],
        "loadBalancingRules": [_service_rule(reference, ingress, service, port, aks) for port in (80, 443)],
        "probes": [_service_probe(reference, service, port) for port in (80, 443)],
        "inboundNatRules": [],
        "outboundRules": [
            child(
                f"{reference}/outboundRules/aksOutboundRule",
                {
                    "allocatedOutboundPorts": 0,
                    "protocol": "All",
                    "enableTcpReset": True,
                    "idleTimeoutInMinutes": 30,
                    "backendAddressPool": ref(aks.backend_pools[0]),
                    "frontendIPConfigurations": [ref(egress)],
                },
            )
        ],
        "inboundNatPools": [],
    }
    tags = {"aks-managed-cluster-name": aks.name, "aks-managed-cluster-rg": aks.place.group}
    return resource(reference, properties, tags=tags, sku={"name": "Standard", "tier": "Regional"})


def _service_rule(balancer: str, frontend: str, service: str, port: int, aks: Aks) -> Json:
    properties = {
        "frontendIPConfiguration": ref(frontend),
        "frontendPort": port,
        "backendPort": port,
        "enableFloatingIP": True,
        "idleTimeoutInMinutes": 4,
        "protocol": "Tcp",
        "enableTcpReset": True,
        "loadDistribution": "Default",
        "disableOutboundSnat": True,
        "backendAddressPool": ref(aks.backend_pools[1]),
        "backendAddressPools": [ref(aks.backend_pools[1])],
        "probe": ref(f"{balancer}/probes/{service}-TCP-{port}"),
    }
    return child(f"{balancer}/loadBalancingRules/{service}-TCP-{port}", properties)


def _service_probe(balancer: str, service: str, port: int) -> Json:
    properties = {
        "protocol": "Http",
        "port": 30000 + port,
        "requestPath": "/healthz",
        "intervalInSeconds": 5,
        "numberOfProbes": 2,
        "probeThreshold": 2,
    }
    return child(f"{balancer}/probes/{service}-TCP-{port}", properties)


# -- service tags --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tag:
    """One service tag of the list: its own prefixes, without those of its regional parts."""

    name: str
    service: str
    prefixes: tuple[str, ...]
    region: str = ""


TAGS: Final = (
    Tag(
        "AzureCloud.westeurope",
        "",
        (
            "13.69.32.0/19",
            "13.81.64.0/19",
            "20.61.64.0/18",
            "40.74.16.0/20",
            "40.114.160.0/20",
            "51.124.32.0/19",
            "52.166.64.0/18",
            "104.40.160.0/19",
        ),
        LOCATION,
    ),
    Tag(
        "AzureCloud.westus",
        "",
        (
            "13.64.96.0/19",
            "13.93.160.0/20",
            "20.106.32.0/19",
            "40.112.160.0/19",
            "52.160.64.0/19",
            "104.42.64.0/19",
        ),
        "westus",
    ),
    Tag(
        "AzureCloud",
        "",
        (
            "13.70.160.0/19",
            "13.107.208.0/20",
            "20.40.96.0/19",
            "20.150.64.0/18",
            "20.190.144.0/20",
            "40.126.16.0/20",
            "51.12.96.0/19",
            "52.239.160.0/20",
            "150.171.24.0/21",
        ),
    ),
    Tag(
        "MicrosoftContainerRegistry.WestEurope",
        "MicrosoftContainerRegistry",
        ("13.69.41.80/29", "20.61.99.128/29", "52.166.92.16/29", "2603:1020:20c:802::a8/125"),
        LOCATION,
    ),
    Tag(
        "MicrosoftContainerRegistry",
        "MicrosoftContainerRegistry",
        ("13.64.103.72/29", "20.40.99.64/29", "51.12.98.152/29", "2603:1030:a0e:402::a8/125"),
    ),
    Tag(
        "AzureFrontDoor.FirstParty",
        "AzureFrontDoor",
        (
            "13.107.210.0/25",
            "13.107.219.128/25",
            "150.171.26.64/26",
            "150.171.30.0/25",
            "2603:1061:2a0c::/48",
        ),
    ),
    Tag(
        "AzureResourceManager",
        "AzureResourceManager",
        (
            "13.64.98.192/26",
            "20.40.101.0/25",
            "40.112.163.0/26",
            "51.12.101.64/27",
            "2603:1030:a0e:402::a40/122",
        ),
    ),
    Tag(
        "AzureActiveDirectory",
        "AzureAD",
        ("20.190.148.0/22", "20.190.157.128/25", "40.126.18.0/23", "40.126.24.128/25", "2603:1006:2a0c::/48"),
    ),
    Tag(
        "AzureMonitor",
        "AzureMonitor",
        (
            "13.69.51.64/26",
            "13.69.57.8/29",
            "20.40.124.160/27",
            "40.112.170.64/26",
            "51.12.113.0/26",
            "52.166.101.0/27",
            "104.42.75.128/26",
            "2603:1020:20c:402::a78/125",
        ),
    ),
    Tag(
        "AzureKeyVault.WestEurope",
        "AzureKeyVault",
        ("13.69.44.68/30", "20.61.103.80/29", "2603:1020:20c:802::b0/125"),
        LOCATION,
    ),
    Tag(
        "AzureKeyVault",
        "AzureKeyVault",
        ("13.64.101.212/30", "20.40.110.24/29", "51.12.104.32/30", "2603:1030:a0e:402::b0/125"),
    ),
    Tag(
        "Storage.WestEurope",
        "AzureStorage",
        ("20.61.112.0/23", "40.74.20.0/24", "52.166.80.0/21", "2603:1020:20d:a000::/52"),
        LOCATION,
    ),
    Tag(
        "Storage",
        "AzureStorage",
        ("13.93.168.0/24", "20.150.70.0/23", "20.150.99.0/25", "52.239.165.0/24", "2603:1030:a0f:a000::/52"),
    ),
    Tag(
        "AzureContainerRegistry",
        "AzureContainerRegistry",
        (
            "13.69.46.0/25",
            "20.40.114.0/25",
            "20.61.97.128/26",
            "40.112.172.128/25",
            "51.12.117.0/25",
            "2603:1020:20c:802::c0/122",
        ),
    ),
    Tag(
        "AzureArcInfrastructure",
        "AzureArcInfrastructure",
        (
            "13.69.43.184/30",
            "20.40.103.96/29",
            "40.112.166.44/30",
            "51.12.106.8/30",
            "2603:1020:20c:802::d8/126",
        ),
    ),
    Tag(
        "AzureUpdateDelivery",
        "AzureUpdateDelivery",
        ("13.70.168.0/24", "20.40.120.48/29", "51.12.119.0/26", "2603:1020:20c:c02::e0/124"),
    ),
    Tag(
        "Sql",
        "AzureSQL",
        (
            "13.64.105.64/27",
            "20.40.122.0/26",
            "51.12.120.0/25",
            "52.160.70.0/27",
            "104.40.168.0/27",
            "2603:1020:20c:402::a20/123",
        ),
    ),
)
"""A few tags with a few prefixes each; none is a published list, all lie where Azure's addresses do."""


def tag_prefixes(name: str) -> list[str]:
    """A tag's prefixes with those of its regional parts; `AzureCloud` holds no IPv6 (NSG-25)."""
    found = {
        ip_network(prefix)
        for tag in TAGS
        if tag.name == name or (tag.region and tag.name.lower() == f"{name}.{tag.region}".lower())
        for prefix in tag.prefixes
    }
    return [
        str(one) for one in sorted(found, key=lambda one: (one.version, one.network_address, one.prefixlen))
    ]


def service_tags(subscription: str) -> Json:
    """The service tag list of one subscription and location."""
    scope = f"/subscriptions/{subscription}/providers/Microsoft.Network/locations/{LOCATION}/serviceTags"
    values = [
        {
            "name": tag.name,
            "id": tag.name,
            "properties": {
                "changeNumber": "3" if tag.region else "41",
                "region": tag.region,
                "networkFeatures": ["API", "NSG"] if not tag.service else ["API", "NSG", "UDR", "FW"],
                "systemService": tag.service,
                "addressPrefixes": tag_prefixes(tag.name),
            },
        }
        for tag in sorted(TAGS, key=lambda tag: tag.name.lower())
    ]
    return {
        "name": "Public",
        "id": scope,
        "type": "Microsoft.Network/locations/serviceTags",
        "changeNumber": "431",
        "cloud": "Public",
        "values": values,
    }


# -- what belongs together ------------------------------------------------------------------------------


def joined(documents: Iterable[Json]) -> list[Json]:
    """The documents sorted by id, with the references that point back and with etags."""
    found = sorted(documents, key=lambda document: document["id"].lower())
    pointers = list(_pointers(found))
    for document in found:
        for property_name, target, source in pointers:
            for holder in _with_id(document, target):
                _point(holder["properties"], property_name, source)
    return [_stamped(document) for document in found]


_BACK: Final = {
    ("microsoft.network/virtualnetworks/subnets", "networksecuritygroup"): "subnets",
    ("microsoft.network/virtualnetworks/subnets", "routetable"): "subnets",
    ("microsoft.network/azurefirewalls", "firewallpolicy"): "firewalls",
    ("microsoft.network/firewallpolicies", "basepolicy"): "childPolicies",
    ("microsoft.network/virtualhubs", "virtualwan"): "virtualHubs",
}
"""By the kind that refers and the property it does so with: the list that points back."""
_BALANCER_RULES: Final = {
    "microsoft.network/loadbalancers/outboundrules": "outboundRules",
    "microsoft.network/loadbalancers/loadbalancingrules": "loadBalancingRules",
}
_BALANCER_PARTS: Final = (
    "frontendIPConfiguration",
    "frontendIPConfigurations",
    "backendAddressPool",
    "backendAddressPools",
    "probe",
)
_NIC: Final = "microsoft.compute/virtualmachinescalesets/virtualmachines/networkinterfaces"


def _pointers(documents: Sequence[Json]) -> Iterator[tuple[str, str, str]]:
    """Every (property, id that gets it, id it points to) that the service would show."""
    for document in documents:
        reference: str = document["id"]
        kind = kind_of(reference).lower()
        if kind == "microsoft.network/firewallpolicies/rulecollectiongroups":
            policy = reference.rsplit("/", 2)[0]
            yield "ruleCollectionGroups", policy, reference
            for group in sorted(_ip_groups(document)):
                yield "firewallPolicies", group, policy
        if kind == _NIC:
            yield "networkInterfaces", document["properties"]["networkSecurityGroup"]["id"], reference
        for one in _objects(document):
            yield from _pointers_of(one)


def _pointers_of(one: Json) -> Iterator[tuple[str, str, str]]:
    reference, properties = one.get("id"), one.get("properties")
    if not isinstance(reference, str) or not isinstance(properties, dict) or "/providers/" not in reference:
        return
    kind = kind_of(reference).lower()
    for name, value in properties.items():
        back = _BACK.get((kind, name.lower()))
        if back is not None:
            yield back, value["id"], reference
        if kind in _BALANCER_RULES and name in _BALANCER_PARTS:
            for part in value if isinstance(value, list) else [value]:
                yield _BALANCER_RULES[kind], part["id"], reference
    if kind.endswith(("/ipconfigurations", "/azurefirewallipconfigurations")):
        yield "ipConfigurations", properties["subnet"]["id"], reference
    if "publicIPAddress" in properties:
        yield "ipConfiguration", properties["publicIPAddress"]["id"], reference


def _point(properties: Json, name: str, target: str) -> None:
    if name == "ipConfiguration":
        properties[name] = ref(target)
        return
    held = properties.setdefault(name, [])
    if ref(target) not in held:
        held.append(ref(target))


def _ip_groups(group: Json) -> set[str]:
    rules = (rule for collection in group["properties"]["ruleCollections"] for rule in collection["rules"])
    names = ("sourceIpGroups", "destinationIpGroups")
    return {found for rule in rules for name in names for found in rule.get(name, ())}


def _objects(value: Any) -> Iterator[Json]:
    """Every object in a document, itself first."""
    if isinstance(value, dict):
        yield value
        for member in value.values():
            yield from _objects(member)
    elif isinstance(value, list):
        for member in value:
            yield from _objects(member)


def _with_id(document: Json, reference: str) -> Iterator[Json]:
    """The object of this id in a document, not mere references to it."""
    if not reference.startswith(document["id"]):
        return
    yield from (one for one in _objects(document) if one.get("id") == reference and "properties" in one)


def _stamped(document: Json) -> Json:
    """The document with the etag of the network provider on it and on its inline children."""
    kind = kind_of(document["id"])
    if not kind.startswith("Microsoft.Network/") or "provisioningState" not in document.get("properties", ()):
        return document  # other providers, and answers that are no resource
    mark = guid(json.dumps(document))
    return _marked_object(document, mark if "firewallPolicies" in kind else f'W/"{mark}"')


def _marked(value: Any, etag: str) -> Any:
    if isinstance(value, list):
        return [_marked(member, etag) for member in value]
    return _marked_object(value, etag) if isinstance(value, dict) else value


def _marked_object(value: Json, etag: str) -> Json:
    found = {name: _marked(member, etag) for name, member in value.items()}
    if not {"id", "name", "properties"} <= set(found):
        return found
    return {"name": found.pop("name"), "id": found.pop("id"), "etag": etag, **found}


# -- the manifest --------------------------------------------------------------------------------------


def api_version(kind: str) -> str:
    """The version that a kind was read with."""
    return API_VERSIONS.get(kind) or API_VERSIONS[kind.split("/", 1)[0]]


def reads(documents: Sequence[Json]) -> list[Json]:
    """The manifest's rows: everything that a reader with access to all subscriptions would have read."""
    ids = [document["id"] for document in documents]
    subscriptions = sorted({reference.split("/")[2] for reference in ids})
    groups = sorted(
        {"/".join(reference.split("/")[:5]) for reference in ids if "/resourceGroups/" in reference}
    )
    rows = [(f"/subscriptions/{one}", kind) for one in subscriptions for kind in SUBSCRIPTION_KINDS]
    location = f"providers/Microsoft.Network/locations/{LOCATION}"
    rows += [
        (f"/subscriptions/{one}/{location}", "Microsoft.Network/locations/serviceTags")
        for one in subscriptions
    ]
    rows += [(group, "Microsoft.Network/virtualNetworkGateways") for group in groups]
    rows += [(reference, kind) for reference in ids for kind in CHILD_KINDS.get(kind_of(reference), ())]
    return [
        {
            "scope": scope,
            "kind": kind,
            "apiVersion": api_version(kind),
            "status": "complete",
            "pages": 1,
            "error": None,
        }
        for scope, kind in sorted(rows)
    ]


def manifest_text(documents: Sequence[Json]) -> str:
    """The manifest, one read a line."""
    head = {"format": 1, "tool": "egress-audit 0.1.0", "cloud": "public", "collected": COLLECTED}
    lines = [f"  {json.dumps(name)}: {json.dumps(value)}," for name, value in head.items()]
    rows = ",\n".join(f"    {json.dumps(row)}" for row in reads(documents))
    return "\n".join(["{", *lines, '  "reads": [', rows, "  ]", "}", ""])


def resources_text(documents: Sequence[Json]) -> str:
    """The documents, one a line."""
    return "".join(json.dumps(document, separators=(",", ":")) + "\n" for document in documents)


# -- rules that several estates share --------------------------------------------------------------------

MCR: Final = ("mcr.microsoft.com", "*.data.mcr.microsoft.com", "mcr-0001.mcr-msedge.net")
CORE: Final[Mapping[str, tuple[str, ...]]] = {
    "api-server": (f"*.hcp.{LOCATION}.azmk8s.io",),
    "mcr": MCR,
    "arm": ("management.azure.com",),
    "entra": ("login.microsoftonline.com",),
    "packages": ("packages.microsoft.com", "acs-mirror.azureedge.net", "packages.aks.azure.com"),
}
"""What every cluster needs by name, by the rule that lets it out."""
MONITOR: Final = (
    "*.ods.opinsights.azure.com",
    "*.oms.opinsights.azure.com",
    "*.monitoring.azure.com",
    "global.handler.control.monitor.azure.com",
    f"{LOCATION}.handler.control.monitor.azure.com",
    "*.ingest.monitor.azure.com",
    "*.metrics.ingest.monitor.azure.com",
)
POLICY: Final = (
    "data.policy.core.windows.net",
    "store.policy.core.windows.net",
    "dc.services.visualstudio.com",
)
KEYVAULT: Final = ("vault.azure.net", "*.vault.azure.net")
DEFENDER: Final = ("*.cloud.defender.microsoft.com",)
UBUNTU: Final = ("security.ubuntu.com", "azure.archive.ubuntu.com", "changelogs.ubuntu.com")
BLOCKLIST: Final = ("45.155.205.86", "185.220.101.4", "20.106.42.17")
"""Addresses that the platform team blocks; Azure itself hosts the last one, in West US."""


def application_rules(hosts: Mapping[str, Sequence[str]], sources: Sequence[str]) -> list[Json]:
    """One HTTPS rule for each family of hosts."""
    return [application_rule(name, names, sources=sources) for name, names in hosts.items()]


def platform_policy(hub: Place, spokes: Sequence[str], tags: Json) -> list[Json]:
    """The parent policy of the platform team with its rule collection group and IP groups."""
    policy = hub.id("Microsoft.Network/firewallPolicies", "fwpol-base")
    block = hub.id("Microsoft.Network/ipGroups", "ipg-blocklist")
    every_spoke = hub.id("Microsoft.Network/ipGroups", "ipg-spokes")
    deny = rule_collection(
        "net-deny-blocklist",
        100,
        "Deny",
        [
            network_rule(
                "blocklist",
                protocols=["Any"],
                ports=["*"],
                source_groups=[every_spoke],
                destination_groups=[block],
            )
        ],
    )
    updates = rule_collection(
        "app-os-updates",
        200,
        "Allow",
        [
            application_rule("ubuntu-http", UBUNTU, source_groups=[every_spoke], protocol=("Http", 80)),
            application_rule("ubuntu-https", ["snapshot.ubuntu.com"], source_groups=[every_spoke]),
        ],
    )
    return [
        firewall_policy(policy, tags=tags),
        rule_collection_group(policy, "rcg-platform", 200, [deny, updates]),
        ip_group(block, BLOCKLIST, tags=tags),
        ip_group(every_spoke, spokes, tags=tags),
    ]


def node_rules(group: str, nodes: str, hub: str) -> list[Json]:
    """Ordinary rules of a node subnet: who may come in, and an explicit way to the hub."""
    return [
        security_rule(
            group,
            "AllowIngressFromHub",
            priority=200,
            direction="Inbound",
            access="Allow",
            protocol="Tcp",
            source=hub,
            destination=nodes,
            ports=("80", "443"),
            description="the hub's gateways reach the internal ingress",
        ),
        security_rule(
            group,
            "AllowLoadBalancerProbes",
            priority=210,
            direction="Inbound",
            access="Allow",
            protocol="*",
            source="AzureLoadBalancer",
            destination=nodes,
            ports=("*",),
            description="health probes of the internal load balancer",
        ),
        security_rule(
            group,
            "DenySshFromAnywhere",
            priority=400,
            direction="Inbound",
            access="Deny",
            protocol="Tcp",
            source="*",
            destination=nodes,
            ports=("22",),
            description="nodes are reached through kubectl debug",
        ),
        security_rule(
            group,
            "AllowHubOutBound",
            priority=200,
            direction="Outbound",
            access="Allow",
            protocol="*",
            source=nodes,
            destination=hub,
            ports=("*",),
            description="name servers and shared services of the hub",
        ),
    ]


# -- hub and spoke ---------------------------------------------------------------------------------------

HUB: Final = Place("3f1c8e27-5a0d-4b96-9c41-7e2d80b5a614", "rg-hub-weu")
SPOKE_NETWORK: Final = Place("b7429d06-1e8f-4d35-a2c7-94f06e3d5b18", "rg-spoke-payments-weu")
PAYMENTS: Final = replace(SPOKE_NETWORK, group="rg-aks-payments")
FIREWALL_ADDRESS: Final = "10.10.1.4"
FIREWALL_PUBLIC: Final = "20.61.91.14"
PLATFORM_TAGS: Final = {"owner": "platform-network", "environment": "production"}
PAYMENTS_TAGS: Final = {"owner": "payments", "environment": "production", "costCenter": "4711"}


def locked_down() -> list[Json]:
    """Hub and spoke: everything leaves by the hub's firewall, and that admits what the cluster needs."""
    return joined(hub_and_spoke(broken=False))


def broken() -> list[Json]:
    """The same estate with four faults; every one is marked `fault` in the code."""
    return joined(hub_and_spoke(broken=True))


def hub_and_spoke(*, broken: bool) -> Iterator[Json]:
    """The documents of the hub's and the spoke's subscription."""
    hub = HUB.id("Microsoft.Network/virtualNetworks", "vnet-hub-weu")
    spoke = SPOKE_NETWORK.id("Microsoft.Network/virtualNetworks", "vnet-spoke-payments")
    yield from _hub_network(hub, spoke)
    yield from _hub_firewall(hub, broken=broken)
    yield from _spoke_network(spoke, hub, broken=broken)
    yield from _payments_cluster(spoke, broken=broken)
    for network in (hub, spoke):
        yield admin_rules(network)
    for place in (HUB, SPOKE_NETWORK):
        yield service_tags(place.subscription)


def _hub_network(hub: str, spoke: str) -> Iterator[Json]:
    group = HUB.id("Microsoft.Network/networkSecurityGroups", "nsg-shared-services")
    yield security_group(group, tags=PLATFORM_TAGS)
    yield virtual_network(
        hub,
        "10.10.0.0/16",
        [
            subnet(hub, "AzureFirewallSubnet", "10.10.1.0/26"),
            subnet(hub, "snet-shared-services", "10.10.2.0/24", group=group, default_outbound=False),
        ],
        peerings=[
            peering(
                hub,
                "peer-hub-to-payments",
                spoke,
                local_prefix="10.10.0.0/16",
                remote_prefix="10.20.0.0/16",
            )
        ],
        tags=PLATFORM_TAGS,
    )


def _hub_firewall(hub: str, *, broken: bool) -> Iterator[Json]:
    public = HUB.id("Microsoft.Network/publicIPAddresses", "pip-fw-hub-weu")
    policy = HUB.id("Microsoft.Network/firewallPolicies", "fwpol-weu-aks")
    yield public_ip(public, FIREWALL_PUBLIC, tags=PLATFORM_TAGS)
    yield firewall(
        HUB.id("Microsoft.Network/azureFirewalls", "fw-hub-weu"),
        FIREWALL_ADDRESS,
        network=hub,
        public=public,
        policy=policy,
        tags=PLATFORM_TAGS,
    )
    yield from platform_policy(HUB, ["10.20.0.0/16", "10.21.0.0/16"], PLATFORM_TAGS)
    yield firewall_policy(
        policy,
        base=HUB.id("Microsoft.Network/firewallPolicies", "fwpol-base"),
        dns_proxy=not broken,  # fault 4: rules with names, but nobody sees the answers that clients get
        tags=PLATFORM_TAGS,
    )
    nodes = ["10.20.0.0/22"]
    # fault 1: image layers are missing from the registry's rule
    mcr = [name for name in MCR if not (broken and name.startswith("*"))]
    monitor = network_rule(
        "azure-monitor", protocols=["TCP"], ports=["443"], sources=nodes, destinations=["AzureMonitor"]
    )
    add_ons = {"monitor": MONITOR, "policy": POLICY, "defender": DEFENDER, "keyvault": KEYVAULT}
    yield rule_collection_group(
        policy,
        "rcg-aks-required",
        300,
        [
            rule_collection("net-aks-required", 100, "Allow", [monitor]),
            rule_collection("app-aks-core", 200, "Allow", application_rules({**CORE, "mcr": mcr}, nodes)),
            rule_collection("app-aks-addons", 300, "Allow", application_rules(add_ons, nodes)),
        ],
    )
    if broken:
        yield rule_collection_group(policy, "rcg-payments", 400, [_names_in_network_rules(nodes)])


def _names_in_network_rules(nodes: Sequence[str]) -> Json:
    """Network rules by name, which match whatever the firewall itself resolves (fault 4)."""
    rules = [
        network_rule("ntp", protocols=["UDP"], ports=["123"], sources=nodes, names=["ntp.ubuntu.com"]),
        network_rule(
            "sql-payments",
            protocols=["TCP"],
            ports=["1433"],
            sources=nodes,
            names=["sql-payments.database.windows.net"],
        ),
    ]
    return rule_collection("net-payments-names", 100, "Allow", rules)


def _spoke_network(spoke: str, hub: str, *, broken: bool) -> Iterator[Json]:
    group = SPOKE_NETWORK.id("Microsoft.Network/networkSecurityGroups", "nsg-aks-nodes")
    table = SPOKE_NETWORK.id("Microsoft.Network/routeTables", "rt-aks-nodes")
    rules = node_rules(group, "10.20.0.0/22", "10.10.0.0/16")
    subnets = [
        subnet(spoke, "snet-aks-nodes", "10.20.0.0/22", group=group, table=table, default_outbound=False)
    ]
    if broken:
        rules.append(_deny_resource_manager(group))
        batch = SPOKE_NETWORK.id("Microsoft.Network/networkSecurityGroups", "nsg-aks-batch")
        yield security_group(batch, tags=PAYMENTS_TAGS)
        # fault 3: no route table, and nothing marks the subnet private
        subnets.append(subnet(spoke, "snet-aks-batch", "10.20.8.0/22", group=batch))
    yield security_group(group, rules, tags=PAYMENTS_TAGS)
    yield route_table(
        table,
        [
            route(table, "default-to-firewall", "0.0.0.0/0", "VirtualAppliance", FIREWALL_ADDRESS),
            route(table, "firewall-public-ip", f"{FIREWALL_PUBLIC}/32", "Internet"),
        ],
        propagation=False,
        tags=PAYMENTS_TAGS,
    )
    yield virtual_network(
        spoke,
        "10.20.0.0/16",
        subnets,
        peerings=[
            peering(
                spoke,
                "peer-payments-to-hub",
                hub,
                local_prefix="10.20.0.0/16",
                remote_prefix="10.10.0.0/16",
            )
        ],
        dns_servers=[] if broken else [FIREWALL_ADDRESS],  # fault 4, the clients' half
        tags=PAYMENTS_TAGS,
    )


def _deny_resource_manager(group: str) -> Json:
    """Fault 2: somebody meant to keep pods from calling Azure and cut off the nodes."""
    return security_rule(
        group,
        "DenyAzureResourceManager",
        priority=300,
        direction="Outbound",
        access="Deny",
        protocol="Tcp",
        source="*",
        destination="AzureResourceManager",
        ports=("443",),
        description="workloads have no business with the management plane",
    )


def _payments_cluster(spoke: str, *, broken: bool) -> Iterator[Json]:
    nodes = f"{spoke}/subnets/snet-aks-nodes"
    pools = [
        Pool(
            "sys",
            "System",
            "Standard_D4ds_v5",
            ("10.20.0.4", "10.20.0.5", "10.20.0.6"),
            nodes,
            default_outbound=False,
        ),
        Pool("apps", "User", "Standard_D8ds_v5", ("10.20.0.7", "10.20.0.8"), nodes, default_outbound=False),
    ]
    if broken:
        batch = f"{spoke}/subnets/snet-aks-batch"
        pools.append(
            Pool(
                "batch", "User", "Standard_D8ds_v5", ("10.20.8.4", "10.20.8.5"), batch, default_outbound=True
            )
        )
    aks = Aks(
        PAYMENTS,
        "aks-payments",
        "12345678",
        f"aks-payments-x1y2z3w4.hcp.{LOCATION}.azmk8s.io",
        tuple(pools),
    )
    workspace = replace(HUB, group="rg-monitor-weu").id(
        "Microsoft.OperationalInsights/workspaces", "log-platform-weu"
    )
    add_ons = {
        "azureKeyvaultSecretsProvider": {
            "enabled": True,
            "config": {"enableSecretRotation": "true", "rotationPollInterval": "2m"},
            "identity": aks.identity(f"azurekeyvaultsecretsprovider-{aks.name}"),
        },
        "azurepolicy": {
            "enabled": True,
            "config": None,
            "identity": aks.identity(f"azurepolicy-{aks.name}"),
        },
        "omsagent": {
            "enabled": True,
            "config": {"logAnalyticsWorkspaceResourceID": workspace, "useAADAuth": "true"},
            "identity": aks.identity(f"omsagent-{aks.name}"),
        },
    }
    profiles = {
        "azureMonitorProfile": {
            "metrics": {
                "enabled": True,
                "kubeStateMetrics": {"metricLabelsAllowlist": "", "metricAnnotationsAllowList": ""},
            }
        }
    }
    security = {
        "defender": {"logAnalyticsWorkspaceResourceId": workspace, "securityMonitoring": {"enabled": True}},
        "workloadIdentity": {"enabled": True},
    }
    yield cluster(
        aks,
        outbound={"outboundType": "userDefinedRouting"},
        add_ons=add_ons,
        profiles=profiles,
        security=security,
        tags=PAYMENTS_TAGS,
    )
    yield from agent_pools(aks)
    yield security_group(aks.security_group)
    yield from node_documents(aks)


# -- a default cluster -----------------------------------------------------------------------------------

WEB: Final = Place("51d8a3f4-7c26-4e0b-b91f-0d6a84e7c235", "rg-aks-web")


def open_estate() -> list[Json]:
    """A cluster made with the defaults: its own network, a load balancer, and no limit to what leaves."""
    return joined(_web_estate())


def _web_estate() -> Iterator[Json]:
    tags = {"owner": "web-shop", "environment": "test"}
    group = replace(WEB, group=f"MC_{WEB.group}_aks-web_{LOCATION}")
    network = group.id("Microsoft.Network/virtualNetworks", "aks-vnet-23456789")
    balancer = group.id("Microsoft.Network/loadBalancers", "kubernetes")
    nodes = f"{network}/subnets/aks-subnet"
    addresses = ("10.224.0.4", "10.224.0.5", "10.224.0.6")
    aks = Aks(
        WEB,
        "aks-web",
        "23456789",
        f"aks-web-k7m2p9q4.hcp.{LOCATION}.azmk8s.io",
        (Pool("nodepool1", "System", "Standard_D4ds_v5", addresses, nodes, default_outbound=False),),
        own_network=False,
        backend_pools=tuple(
            f"{balancer}/backendAddressPools/{name}" for name in ("aksOutboundBackendPool", "kubernetes")
        ),
    )
    service = "a" + guid("ingress").replace("-", "")[:31]
    outbound_ip = group.id("Microsoft.Network/publicIPAddresses", guid("aks-web", "outbound"))
    service_ip = group.id("Microsoft.Network/publicIPAddresses", f"kubernetes-{service}")
    outbound = {
        "loadBalancerProfile": {
            "managedOutboundIPs": {"count": 1},
            "effectiveOutboundIPs": [ref(outbound_ip)],
            "backendPoolType": "nodeIPConfiguration",
        },
        "outboundType": "loadBalancer",
    }
    yield cluster(aks, outbound=outbound, add_ons={}, tags=tags)
    yield from agent_pools(aks)
    yield from node_documents(aks)
    yield security_group(aks.security_group, [_ingress_rule(aks.security_group, "104.40.177.9")])
    yield virtual_network(
        network,
        "10.224.0.0/12",
        [subnet(network, "aks-subnet", "10.224.0.0/16", group=aks.security_group, default_outbound=False)],
        tags={"aks-managed-cluster-name": aks.name},
    )
    yield outbound_load_balancer(
        balancer, aks, outbound_ip=outbound_ip, service=service, service_ip=service_ip
    )
    yield public_ip(outbound_ip, "52.166.117.33", tags={"aks-managed-type": "aks-slb-managed-outbound-ip"})
    yield public_ip(service_ip, "104.40.177.9", tags={"k8s-azure-service": "ingress/nginx"})
    yield admin_rules(network)
    yield service_tags(WEB.subscription)


def _ingress_rule(group: str, address: str) -> Json:
    """The rule that the cloud controller writes for a public service."""
    return security_rule(
        group,
        f"k8s-azure-lb_allow_IPv4_{guid(address).replace('-', '')}",
        priority=500,
        direction="Inbound",
        access="Allow",
        protocol="Tcp",
        source="Internet",
        destination=address,
        ports=("80", "443"),
    )


# -- Virtual WAN -----------------------------------------------------------------------------------------

CONNECTIVITY: Final = Place("8ae5d170-42b9-4f63-8d0c-1b97f3c6e842", "rg-vwan-weu")
ORDERS: Final = Place("d0936b4e-af15-47c8-9e72-6c5b18d3f097", "rg-aks-orders")
MANAGED: Final = "27b6f4c9-80d3-4a1e-b5f2-e93c0a7d6184"
"""The subscription in which Microsoft keeps the virtual network behind a hub; nobody else can read it."""


def virtual_wan_estate() -> list[Json]:
    """A secured Virtual WAN hub whose routing intent carries a spoke's traffic to the hub's firewall."""
    return joined(_virtual_wan_estate())


def _virtual_wan_estate() -> Iterator[Json]:
    hub = CONNECTIVITY.id("Microsoft.Network/virtualHubs", "vhub-weu")
    spoke = ORDERS.id("Microsoft.Network/virtualNetworks", "vnet-spoke-orders")
    fire = CONNECTIVITY.id("Microsoft.Network/azureFirewalls", "fw-vhub-weu")
    yield from _wan(hub, fire, spoke)
    yield from _wan_policy(fire, hub)
    yield from _orders_network(spoke)
    yield from _orders_cluster(spoke)
    yield admin_rules(spoke)
    for place in (CONNECTIVITY, ORDERS):
        yield service_tags(place.subscription)


def _wan(hub: str, fire: str, spoke: str) -> Iterator[Json]:
    wan = CONNECTIVITY.id("Microsoft.Network/virtualWans", "vwan-platform")
    connection = hub_connection(hub, "conn-spoke-orders", spoke)
    yield virtual_wan(wan, tags=PLATFORM_TAGS)
    yield virtual_hub(hub, "10.30.0.0/23", wan=wan, firewall=fire, tags=PLATFORM_TAGS)
    yield connection
    yield from hub_route_tables(hub, fire, [connection["id"]])
    yield routing_intent(hub, fire)


def _wan_policy(fire: str, hub: str) -> Iterator[Json]:
    policy = CONNECTIVITY.id("Microsoft.Network/firewallPolicies", "fwpol-weu-orders")
    nodes = ["10.40.0.0/22"]
    yield hub_firewall(
        fire, "10.30.0.132", hub=hub, public="51.124.47.201", policy=policy, tags=PLATFORM_TAGS
    )
    yield from platform_policy(CONNECTIVITY, ["10.40.0.0/16", "10.41.0.0/16"], PLATFORM_TAGS)
    base = CONNECTIVITY.id("Microsoft.Network/firewallPolicies", "fwpol-base")
    yield firewall_policy(policy, base=base, tags=PLATFORM_TAGS)
    add_ons = {"policy": POLICY, "keyvault": KEYVAULT}
    yield rule_collection_group(
        policy,
        "rcg-aks-required",
        300,
        [
            rule_collection("app-aks-core", 200, "Allow", application_rules(CORE, nodes)),
            rule_collection("app-aks-addons", 300, "Allow", application_rules(add_ons, nodes)),
        ],
    )


def _orders_network(spoke: str) -> Iterator[Json]:
    tags = {"owner": "orders", "environment": "production"}
    group = ORDERS.id("Microsoft.Network/networkSecurityGroups", "nsg-aks-nodes")
    table = ORDERS.id("Microsoft.Network/routeTables", "rt-aks-nodes")
    mark = guid("vhub-weu", "managed network")
    remote = Place(MANAGED, f"RG_vhub-weu_{mark}").id(
        "Microsoft.Network/virtualNetworks", f"HV_vhub-weu_{guid('vhub-weu', 'network')}"
    )
    managed = peering(
        spoke,
        f"RemoteVnetToHubPeering_{mark}",
        remote,
        local_prefix="10.40.0.0/16",
        remote_prefix="10.30.0.0/23",
        use_remote_gateways=True,
    )
    yield security_group(group, node_rules(group, "10.40.0.0/22", "10.30.0.0/23"), tags=tags)
    # AKS asks for a route table on the subnet; the default route comes from the hub, by propagation
    yield route_table(table, [], propagation=True, tags=tags)
    yield virtual_network(
        spoke,
        "10.40.0.0/16",
        [subnet(spoke, "snet-aks-nodes", "10.40.0.0/22", group=group, table=table, default_outbound=False)],
        peerings=[managed],
        tags=tags,
    )


def _orders_cluster(spoke: str) -> Iterator[Json]:
    nodes = f"{spoke}/subnets/snet-aks-nodes"
    aks = Aks(
        ORDERS,
        "aks-orders",
        "34567890",
        f"aks-orders-b6n8t3v5.hcp.{LOCATION}.azmk8s.io",
        (
            Pool(
                "sys", "System", "Standard_D4ds_v5", ("10.40.0.4", "10.40.0.5"), nodes, default_outbound=False
            ),
            Pool(
                "orders",
                "User",
                "Standard_D8ds_v5",
                ("10.40.0.6", "10.40.0.7"),
                nodes,
                default_outbound=False,
                os_sku="AzureLinux",
            ),
        ),
    )
    add_ons = {
        "azureKeyvaultSecretsProvider": {
            "enabled": True,
            "config": {"enableSecretRotation": "true", "rotationPollInterval": "2m"},
            "identity": aks.identity(f"azurekeyvaultsecretsprovider-{aks.name}"),
        },
        "azurepolicy": {
            "enabled": True,
            "config": None,
            "identity": aks.identity(f"azurepolicy-{aks.name}"),
        },
    }
    yield cluster(
        aks,
        outbound={"outboundType": "userDefinedRouting"},
        add_ons=add_ons,
        security={"workloadIdentity": {"enabled": True}},
        tags={"owner": "orders", "environment": "production"},
    )
    yield from agent_pools(aks)
    yield security_group(aks.security_group)
    yield from node_documents(aks)


# -- output ----------------------------------------------------------------------------------------------

EXAMPLES: Final = {
    "locked-down": locked_down,
    "broken": broken,
    "open": open_estate,
    "virtual-wan": virtual_wan_estate,
}


def example_files() -> dict[str, str]:
    """The text of every file, by its path below `examples/`."""
    found: dict[str, str] = {}
    for name, build in EXAMPLES.items():
        documents = build()
        found[f"{name}/manifest.json"] = manifest_text(documents)
        found[f"{name}/resources.jsonl"] = resources_text(documents)
    return found


def main() -> None:
    """Write all files below the folder that was named."""
    parser = argparse.ArgumentParser(description="Write the bundled example estates.")
    parser.add_argument(
        "folder", nargs="?", type=Path, default=Path(__file__).resolve().parent.parent / "examples"
    )
    folder: Path = parser.parse_args().folder
    for path, text in example_files().items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())


if __name__ == "__main__":
    main()
