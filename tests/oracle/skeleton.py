"""The fixed bones of a random estate: ids, networks, a cluster with two pools; real widths, few addresses.

Of the whole address space 64 addresses are asked about: a public /27, and a private /27 in which a side network, a
second space of the hub, a second space of the spoke and nobody's space lie side by side (8 addresses each).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.oracle.literals import span
from tests.oracle.packet import Json

APP = "/subscriptions/app/resourceGroups/app/providers"
NETWORK = f"{APP}/Microsoft.Network"
SPOKE, HUB, SIDE = (f"{NETWORK}/virtualNetworks/{name}" for name in ("spoke", "hub", "side"))
FIREWALL_SUBNET = f"{HUB}/subnets/AzureFirewallSubnet"
FIREWALL = f"{NETWORK}/azureFirewalls/fw"
FIREWALL_IP = "10.0.0.4"
CLUSTER = f"{APP}/Microsoft.ContainerService/managedClusters/aks"
POLICIES = f"{NETWORK}/firewallPolicies"

PUBLIC, PRIVATE = "20.40.0.0/27", "10.20.0.0/27"
BLOCKS = (PUBLIC, PRIVATE)
PORTS = tuple(range(440, 448))
NAMES = (
    "contoso.com",
    "www.contoso.com",
    "a.b.contoso.com",
    "evilcontoso.com",
    "mcr.example.net",
    "other.org",
)
SPACES = {
    SPOKE: ("10.1.0.0/24", "10.20.0.16/29"),
    HUB: ("10.0.0.0/24", "10.20.0.8/29"),
    SIDE: ("10.20.0.0/29",),
}
NODES, BATCH = f"{SPOKE}/subnets/nodes", f"{SPOKE}/subnets/batch"
SOURCES = {NODES: ("10.1.0.4", "10.1.0.9"), BATCH: ("10.1.0.20", "10.1.0.30")}
POOLS = {"sys": NODES, "batch": BATCH}
TAGS = {
    "Sql": ("20.40.0.0/29", "20.40.0.21/32"),
    "Sql.WestEurope": ("20.40.0.0/29",),
    "EventHub": ("20.40.0.0/29", "20.40.0.8/30", "20.40.0.21/32"),
    "AzureCloud": ("20.0.0.0/8", "52.160.0.0/11"),
    "AzureCloud.westeurope": ("20.40.0.0/28",),
    "Storage.WestEurope": ("20.40.0.24/30",),
}

_KINDS = (
    "Microsoft.ContainerService/managedClusters",
    "Microsoft.ContainerService/managedClusters/agentPools",
    "Microsoft.KubernetesConfiguration/extensions",
    "Microsoft.Compute/virtualMachineScaleSets",
    "Microsoft.Network/virtualNetworks",
    "Microsoft.Network/virtualNetworks/listNetworkManagerEffectiveSecurityAdminRules",
    "Microsoft.Network/networkSecurityGroups",
    "Microsoft.Network/routeTables",
    "Microsoft.Network/natGateways",
    "Microsoft.Network/publicIPAddresses",
    "Microsoft.Network/publicIPPrefixes",
    "Microsoft.Network/loadBalancers",
    "Microsoft.Network/networkInterfaces",
    "Microsoft.Network/azureFirewalls",
    "Microsoft.Network/firewallPolicies",
    "Microsoft.Network/firewallPolicies/ruleCollectionGroups",
    "Microsoft.Network/ipGroups",
    "Microsoft.Network/privateEndpoints",
    "Microsoft.Network/virtualHubs",
    "Microsoft.Network/virtualNetworkGateways",
    "Microsoft.Network/applicationSecurityGroups",
    "Microsoft.Network/privateDnsZones",
)


@dataclass
class Estate:
    """Raw documents with what the user adds; a generator fills it, a test may edit it."""

    documents: list[Json] = field(default_factory=list)
    pins: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The addresses that the names are pinned to."""
    unread: set[str] = field(default_factory=set)
    """Kinds of which a read failed."""

    def add(self, identity: str, properties: Json, **more: Any) -> Json:
        """Add a document; its name and type follow from its id."""
        document = {
            "id": identity,
            "name": identity.rsplit("/", 1)[-1],
            "type": kind_of(identity),
            "location": "westeurope",
            **more,
            "properties": {"provisioningState": "Succeeded", **properties},
        }
        self.documents.append(document)
        return document

    def one(self, identity: str) -> Json:
        """The document with an id."""
        (found,) = (document for document in self.documents if document["id"].lower() == identity.lower())
        return found

    def remove(self, identity: str) -> None:
        """Take a document away, as a read that failed does."""
        self.documents.remove(self.one(identity))
        self.unread.add(kind_of(identity))

    def subnet(self, identity: str) -> Json:
        """The properties of a subnet."""
        network, _, name = identity.partition("/subnets/")
        subnets = self.one(network)["properties"]["subnets"]
        (found,) = (subnet["properties"] for subnet in subnets if subnet["name"] == name)
        return dict_of(found)

    def write(self, folder: Path) -> Path:
        """Write it as a snapshot folder."""
        folder.mkdir(parents=True)
        reads = [
            {
                "scope": "/subscriptions/app",
                "kind": kind,
                "status": "denied" if kind in self.unread else "complete",
            }
            for kind in _KINDS
        ]
        manifest = {"format": 1, "cloud": "public", "collected": "2026-11-20T08:00:00Z", "reads": reads}
        lines = "".join(json.dumps(document) + "\n" for document in self.documents)
        (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
        (folder / "resources.jsonl").write_text(lines, encoding="utf-8")
        return folder


def dict_of(value: Any) -> Json:
    """A value of a document that is an object."""
    if not isinstance(value, dict):
        raise TypeError(value)
    return value


def kind_of(identity: str) -> str:
    """The resource type in an id."""
    provider, *rest = identity.rsplit("/providers/", 1)[1].split("/")
    return "/".join([provider, *rest[::2]])


def addresses(text: str) -> range:
    """Every address of a literal text."""
    low, high = span(text)
    return range(low, high + 1)


def networks(estate: Estate, peerings: list[tuple[str, str, bool]]) -> None:
    """The three networks; `peerings` are (network, other, whether it lets forwarded traffic in)."""
    subnets = {
        SPOKE: {"nodes": "10.1.0.0/28", "batch": "10.1.0.16/28", "apps": "10.20.0.16/29"},
        HUB: {"AzureFirewallSubnet": "10.0.0.0/26", "shared": "10.20.0.8/29"},
        SIDE: {"host": "10.20.0.0/29"},
    }
    for network, space in SPACES.items():
        listed = [
            {"name": name, "properties": {"addressPrefix": prefix}}
            for name, prefix in subnets[network].items()
        ]
        links = [
            {
                "name": f"to-{other.rsplit('/', 1)[-1]}",
                "properties": {
                    "peeringState": "Connected",
                    "peeringSyncLevel": "FullyInSync",
                    "remoteVirtualNetwork": {"id": other},
                    "allowVirtualNetworkAccess": True,
                    "allowForwardedTraffic": forwarded,
                    "useRemoteGateways": False,
                    "remoteAddressSpace": {"addressPrefixes": list(SPACES[other])},
                    "remoteVirtualNetworkAddressSpace": {"addressPrefixes": list(SPACES[other])},
                },
            }
            for near, other, forwarded in peerings
            if near == network
        ]
        body = {"addressSpace": {"addressPrefixes": list(space)}, "subnets": listed}
        estate.add(network, {**body, "virtualNetworkPeerings": links})
        estate.add(f"{network}/listNetworkManagerEffectiveSecurityAdminRules", {"value": []})


def cluster(estate: Estate) -> None:
    """A cluster with a pool in each of its two subnets, and the models of their scale sets."""
    profiles = [
        {
            "name": pool,
            "mode": "System",
            "type": "VirtualMachineScaleSets",
            "count": 2,
            "osType": "Linux",
            "osSKU": "Ubuntu",
            "vmSize": "Standard_D4s_v5",
            "vnetSubnetID": subnet,
        }
        for pool, subnet in POOLS.items()
    ]
    network = {"networkPlugin": "azure", "networkPluginMode": "overlay", "podCidr": "10.244.0.0/16"}
    estate.add(
        CLUSTER,
        {
            "powerState": {"code": "Running"},
            "nodeResourceGroup": "nodes",
            "fqdn": "aks-1a2b3c.hcp.westeurope.azmk8s.io",
            "agentPoolProfiles": profiles,
            "networkProfile": {
                **network,
                "outboundType": "userDefinedRouting",
                "loadBalancerSku": "standard",
            },
        },
    )
    for pool, subnet in POOLS.items():
        estate.add(
            scale_set(pool),
            {
                "orchestrationMode": "Uniform",
                "virtualMachineProfile": {
                    "networkProfile": {
                        "networkInterfaceConfigurations": [
                            {
                                "name": "nic",
                                "properties": {"primary": True, "ipConfigurations": [_address(subnet)]},
                            }
                        ]
                    }
                },
            },
        )


def scale_set(pool: str) -> str:
    """The id of a pool's scale set."""
    group = "/subscriptions/app/resourceGroups/nodes/providers/Microsoft.Compute"
    return f"{group}/virtualMachineScaleSets/aks-{pool}-11111111-vmss"


def interface(estate: Estate, pool: str) -> Json:
    """The properties of the interface in a pool's model."""
    profile = estate.one(scale_set(pool))["properties"]["virtualMachineProfile"]["networkProfile"]
    return dict_of(profile["networkInterfaceConfigurations"][0]["properties"])


def _address(subnet: str) -> Json:
    return {"name": "ipconfig1", "properties": {"primary": True, "subnet": {"id": subnet}}}


def tag_list() -> Json:
    """The service tags of the tiny universe."""
    return {
        "name": "Public",
        "id": "/subscriptions/app/providers/Microsoft.Network/locations/westeurope/serviceTags/Public",
        "type": "Microsoft.Network/locations/serviceTags",
        "changeNumber": "100",
        "cloud": "Public",
        "values": [
            {"name": name, "properties": {"addressPrefixes": list(prefixes)}}
            for name, prefixes in TAGS.items()
        ],
    }
