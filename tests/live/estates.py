"""Two healthy clusters that share nothing: one behind a hub's firewall, one behind a secured virtual hub."""

from __future__ import annotations

import copy
from typing import Any

from tests.arm.estate import Estate
from tests.arm.fixtures import estate_of

HUB = "3f1c8e27-5a0d-4b96-9c41-7e2d80b5a614"
SPOKE = "b7429d06-1e8f-4d35-a2c7-94f06e3d5b18"
WAN = "8ae5d170-42b9-4f63-8d0c-1b97f3c6e842"
WAN_SPOKE = "d0936b4e-af15-47c8-9e72-6c5b18d3f097"
PAYMENTS = (HUB, SPOKE)
"""The subscriptions of the cluster `aks-payments`."""
ORDERS = (WAN, WAN_SPOKE)
"""The subscriptions of the cluster `aks-orders`."""

_GROUP = f"/subscriptions/{SPOKE}/resourceGroups/MC_rg-aks-payments_aks-payments_westeurope/providers"
_SPOKE_NETWORK = f"/subscriptions/{SPOKE}/resourceGroups/rg-spoke-payments-weu/providers/Microsoft.Network"
_NODES = f"{_SPOKE_NETWORK}/virtualNetworks/vnet-spoke-payments/subnets/snet-aks-nodes"
_ZONE = f"{_SPOKE_NETWORK}/privateDnsZones/payments.internal"
_MACHINE = f"{_GROUP}/Microsoft.Compute/virtualMachines/aks-vms-1"
_NIC = f"{_GROUP}/Microsoft.Network/networkInterfaces/aks-vms-1-nic"


def two_clusters() -> Estate:
    """The estate, with something of every kind that is read: a zone, a gateway's subnet, a pool of single machines."""
    estate = Estate(
        copy.deepcopy([*estate_of("locked-down").documents(), *estate_of("virtual-wan").documents()])
    )
    for document in estate.documents():
        _extend(document)
    for document in _ADDED:
        estate.put(copy.deepcopy(document))
    return estate


def _extend(document: dict[str, Any]) -> None:
    name = document["id"].rpartition("/")[2]
    if name == "vnet-hub-weu":
        subnet = {
            "name": "GatewaySubnet",
            "id": f"{document['id']}/subnets/GatewaySubnet",
            "properties": {"provisioningState": "Succeeded", "addressPrefix": "10.10.3.0/27"},
        }
        document["properties"]["subnets"].append(subnet)
    if name == "aks-payments" and document["type"].lower().endswith("/managedclusters"):
        pools = document["properties"]["agentPoolProfiles"]
        pools.append({**pools[-1], "name": "vms", "count": 1, "type": "VirtualMachines"})
    if name == "aks-apps-12345678-vmss" and document["type"].lower().endswith("/virtualmachinescalesets"):
        profile = document["properties"]["virtualMachineProfile"]["networkProfile"]
        for interface in profile["networkInterfaceConfigurations"]:
            for one in interface["properties"]["ipConfigurations"]:
                one["properties"]["publicIPAddressConfiguration"] = {"name": "pub1", "properties": {}}


def _pool() -> dict[str, Any]:
    cluster = f"/subscriptions/{SPOKE}/resourceGroups/rg-aks-payments/providers/Microsoft.ContainerService"
    found = estate_of("locked-down").documents("microsoft.containerservice/managedclusters/agentpools")[-1]
    return {
        **found,
        "id": f"{cluster}/managedClusters/aks-payments/agentPools/vms",
        "name": "vms",
        "properties": {**found["properties"], "count": 1, "type": "VirtualMachines"},
    }


_ADDED: tuple[dict[str, Any], ...] = (
    _pool(),
    {
        "id": _ZONE,
        "name": "payments.internal",
        "type": "Microsoft.Network/privateDnsZones",
        "location": "global",
        "properties": {"provisioningState": "Succeeded", "numberOfVirtualNetworkLinks": 1},
    },
    {
        "id": f"{_ZONE}/virtualNetworkLinks/spoke",
        "name": "spoke",
        "type": "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
        "properties": {
            "provisioningState": "Succeeded",
            "virtualNetworkLinkState": "Completed",
            "virtualNetwork": {"id": _NODES.partition("/subnets/")[0]},
        },
    },
    {
        "id": f"{_ZONE}/A/db",
        "name": "db",
        "type": "Microsoft.Network/privateDnsZones/A",
        "properties": {"aRecords": [{"ipv4Address": "10.20.9.9"}]},
    },
    {
        "id": _MACHINE,
        "name": "aks-vms-1",
        "type": "Microsoft.Compute/virtualMachines",
        "location": "westeurope",
        "properties": {
            "provisioningState": "Succeeded",
            "networkProfile": {"networkInterfaces": [{"id": _NIC}]},
        },
    },
    {
        "id": _NIC,
        "name": "aks-vms-1-nic",
        "type": "Microsoft.Network/networkInterfaces",
        "location": "westeurope",
        "properties": {
            "provisioningState": "Succeeded",
            "virtualMachine": {"id": _MACHINE},
            "networkSecurityGroup": {
                "id": f"{_GROUP}/Microsoft.Network/networkSecurityGroups/aks-agentpool-12345678-nsg"
            },
            "ipConfigurations": [
                {
                    "name": "ipconfig1",
                    "id": f"{_NIC}/ipConfigurations/ipconfig1",
                    "properties": {
                        "primary": True,
                        "privateIPAddress": "10.20.0.40",
                        "privateIPAddressVersion": "IPv4",
                        "subnet": {"id": _NODES},
                    },
                }
            ],
        },
    },
    {
        "id": f"{_NIC}/effectiveRouteTable",
        "type": "Microsoft.Network/networkInterfaces/effectiveRouteTable",
        "properties": {
            "value": [
                {
                    "source": "Default",
                    "state": "Active",
                    "nextHopType": "VnetLocal",
                    "addressPrefix": ["10.20.0.0/16"],
                }
            ]
        },
    },
    {
        "id": f"{_NIC}/effectiveNetworkSecurityGroups",
        "type": "Microsoft.Network/networkInterfaces/effectiveNetworkSecurityGroups",
        "properties": {"value": []},
    },
    {
        "id": f"{_NODES.partition('/subnets/')[0]}/listNetworkManagerEffectiveSecurityAdminRules",
        "type": "Microsoft.Network/virtualNetworks/listNetworkManagerEffectiveSecurityAdminRules",
        "properties": {
            "value": [
                {
                    "id": f"{_SPOKE_NETWORK}/networkManagers/m/securityAdminConfigurations/c/rules/ssh",
                    "kind": "Custom",
                    "properties": {
                        "access": "Deny",
                        "direction": "Inbound",
                        "priority": 1,
                        "protocol": "Tcp",
                        "sources": [{"addressPrefixType": "IPPrefix", "addressPrefix": "*"}],
                        "destinations": [{"addressPrefixType": "IPPrefix", "addressPrefix": "*"}],
                        "sourcePortRanges": ["0-65535"],
                        "destinationPortRanges": ["22"],
                        "provisioningState": "Succeeded",
                    },
                }
            ]
        },
    },
)
