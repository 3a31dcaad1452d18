"""Virtual networks, subnets, peerings, route tables, gateways."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from auditor.model.estate import Estate
from auditor.model.gap import Gap
from auditor.model.network import Subnet, VirtualNetwork
from auditor.model.resource_id import ResourceId
from auditor.model.route_table import RouteTable

Estates = Callable[..., Estate]
VNET = "virtualNetworks/v"
SPACE = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}
SUBNET = {"addressPrefix": "10.0.0.0/24", "networkSecurityGroup": {"id": "/nsg"}, "routeTable": {"id": "/rt"}}


def network(estate: Estate) -> VirtualNetwork:
    """The only network of an estate."""
    (found,) = estate.networks.values()
    return found


def table(estate: Estate) -> RouteTable:
    """The only route table of an estate."""
    (found,) = estate.route_tables.values()
    return found


def test_a_network_with_its_subnets(estate_of: Estates) -> None:
    """Both prefix forms count; an absent property is Azure's null."""
    subnets = [
        {
            "name": "a",
            "properties": {**SUBNET, "addressPrefixes": ["10.0.1.0/24"], "defaultOutboundAccess": False},
        },
        {
            "name": "b",
            "addressPrefix": "10.0.2.0/24",
            "delegations": [{"name": "d", "serviceName": "Microsoft.Web/x"}],
            "serviceEndpoints": [{"service": "Microsoft.Storage", "locations": ["westeurope"]}],
            "privateEndpointNetworkPolicies": "NetworkSecurityGroupEnabled",
            "serviceGateway": {"id": "/sg"},
        },
    ]
    found = network(
        estate_of(
            (VNET, {**SPACE, "subnets": subnets, "dhcpOptions": {"dnsServers": ["10.9.0.4"]}}),
            outer={VNET: {"location": "West Europe"}},
        )
    )
    assert (found.location, found.prefixes, found.dns_servers) == (
        "westeurope",
        ("10.0.0.0/16",),
        ("10.9.0.4",),
    )
    one, two = found.subnets
    assert one.prefixes == ("10.0.0.0/24", "10.0.1.0/24")
    assert (one.security_group, one.route_table) == (ResourceId("/nsg"), ResourceId("/rt"))
    assert (one.default_outbound, two.default_outbound) == (False, None)
    assert one.id.key.endswith("virtualnetworks/v/subnets/a")
    assert (two.delegations, two.private_endpoint_policies) == (
        ("Microsoft.Web/x",),
        "networksecuritygroupenabled",
    )
    assert two.service_endpoints[0].service == "microsoft.storage"
    assert (one.service_gateway, two.service_gateway) == (False, True)
    assert found.flaws == one.flaws == two.flaws == ()


def test_a_failed_network_stays_in_use(estate_of: Estates) -> None:
    """Its state says nothing about what is in force."""
    assert network(estate_of((VNET, {**SPACE, "provisioningState": "Failed"}))).flaws == ()


def test_a_subnet_read_twice_is_one(estate_of: Estates) -> None:
    """Inline and alone; what only one says is taken, and a disagreement is the subnet's own."""
    inline = {"name": "s", "properties": {"addressPrefix": "10.0.0.0/24"}}
    alone = (f"{VNET}/subnets/S", {**SUBNET, "natGateway": {"id": "/nat"}})
    (subnet,) = network(estate_of((VNET, {**SPACE, "subnets": [inline]}), alone)).subnets
    assert (subnet.nat_gateway, subnet.flaws) == (ResourceId("/nat"), ())
    other = {"name": "s", "properties": {"routeTable": {"id": "/other"}}}
    found = network(estate_of((VNET, {**SPACE, "subnets": [other, {"name": "t", **SUBNET}]}), alone))
    first, second = found.subnets
    assert [flaw.code for flaw in first.flaws] == ["snapshot-inconsistent"]
    assert found.flaws == second.flaws == ()


def test_a_subnet_without_its_network(estate_of: Estates) -> None:
    """It is found all the same; the network is a gap."""
    estate = estate_of((f"{VNET}/subnets/s", SUBNET))
    (reference,) = estate.orphan_subnets
    found = estate.subnet(reference)
    assert isinstance(found, Subnet)
    assert found.prefixes == ("10.0.0.0/24",)
    assert isinstance(estate.network(found.network), Gap)


def test_malformed_prefixes_are_flaws(estate_of: Estates) -> None:
    """The rest of the space is kept, and sets can be made of it."""
    estate = estate_of((VNET, {"addressSpace": {"addressPrefixes": ["10.0.0.0/16", "ten"]}}))
    assert network(estate).prefixes == ("10.0.0.0/16",)
    assert [flaw.code for flaw in network(estate).flaws] == ["enum-unknown"]
    assert estate.network_space.cidrs() == ("10.0.0.0/16",)


PEERING: dict[str, Any] = {
    "remoteVirtualNetwork": {"id": "/hub"},
    "peeringState": "Connected",
    "peeringSyncLevel": "FullyInSync",
    "allowVirtualNetworkAccess": True,
    "allowForwardedTraffic": True,
    "remoteAddressSpace": {"addressPrefixes": ["10.9.0.0/16"]},
    "remoteVirtualNetworkAddressSpace": {"addressPrefixes": ["10.9.0.0/16", "10.8.0.0/16"]},
}


def test_peerings_inline_and_alone(estate_of: Estates) -> None:
    """One side of a link each (ARM-7)."""
    inline = {"name": "p", "properties": {**PEERING, "peeringSyncLevel": "RemoteNotInSync"}}
    estate = estate_of(
        (VNET, {"virtualNetworkPeerings": [inline]}),
        (f"{VNET}/virtualNetworkPeerings/q", {**PEERING, "useRemoteGateways": True}),
    )
    one, two = network(estate).peerings
    assert (one.remote, one.state) == (ResourceId("/hub"), "connected")
    assert one.remote_prefixes == ("10.9.0.0/16", "10.8.0.0/16")
    assert (one.allow_access, one.allow_forwarded, one.complete, two.use_remote_gateways) == (
        True,
        True,
        True,
        True,
    )


def test_an_old_peering_has_one_address_space(estate_of: Estates) -> None:
    """Older api-versions do not write the second property (UDR-28)."""
    old = {key: value for key, value in PEERING.items() if key != "remoteVirtualNetworkAddressSpace"}
    (peering,) = network(estate_of((VNET, {"virtualNetworkPeerings": [{"name": "p", **old}]}))).peerings
    assert peering.remote_prefixes == peering.peered_prefixes == ("10.9.0.0/16",)


@pytest.mark.parametrize(
    "change", [{"peeringState": "Odd"}, {"remoteVirtualNetwork": None}, {"allowForwardedTraffic": 1}]
)
def test_a_peering_that_is_not_understood_is_a_flaw_of_the_network(
    estate_of: Estates, change: dict[str, Any]
) -> None:
    """A peering has no flaws of its own."""
    found = network(estate_of((VNET, {"virtualNetworkPeerings": [{"name": "p", **PEERING, **change}]})))
    assert [flaw.code for flaw in found.flaws] == ["enum-unknown"]


def test_routes_inline_and_alone(estate_of: Estates) -> None:
    """One or several next hops, a CIDR or a tag (UDR-15, UDR-20)."""
    inline = [
        {
            "name": "d",
            "properties": {
                "addressPrefix": "0.0.0.0/0",
                "nextHopType": "VirtualAppliance",
                "nextHopIpAddress": "10.9.0.4",
            },
        },
        {"name": "t", "addressPrefix": "AzureMonitor", "nextHopType": "Internet", "hasBgpOverride": True},
    ]
    alone = {
        "addressPrefix": "10.0.0.0/8",
        "nextHopType": "VirtualApplianceEcmp",
        "nextHop": {"nextHopIpAddresses": ["10.9.0.5", "10.9.0.6"]},
    }
    found = table(
        estate_of(
            (
                "routeTables/r",
                {"routes": inline, "disableBgpRoutePropagation": True, "disablePeeringRoute": "All"},
            ),
            ("routeTables/r/routes/e", alone),
        )
    )
    assert [(route.name, route.prefix, route.hop, route.addresses) for route in found.routes] == [
        ("d", "0.0.0.0/0", "virtualappliance", ("10.9.0.4",)),
        ("t", "AzureMonitor", "internet", ()),
        ("e", "10.0.0.0/8", "virtualapplianceecmp", ("10.9.0.5", "10.9.0.6")),
    ]
    assert [route.bgp_override for route in found.routes] == [False, True, False]
    assert (found.propagation_off, found.peering_routes_off, found.flaws) == (True, True, ())


@pytest.mark.parametrize(
    "route",
    [
        {"nextHopType": "Internet"},
        {"addressPrefix": "10.0.0.0/99", "nextHopType": "Internet"},
        {"addressPrefix": "10.0.0.0/8"},
        {"addressPrefix": "10.0.0.0/8", "nextHopType": "VirtualAppliance", "nextHopIpAddress": "firewall"},
        None,
    ],
)
def test_a_route_that_is_not_understood_is_a_flaw(estate_of: Estates, route: Any) -> None:
    """It might have been the one that decides."""
    found = table(estate_of(("routeTables/r", {"routes": [route]})))
    assert [flaw.code for flaw in found.flaws] == ["enum-unknown"]


def test_a_gateway_belongs_to_the_network_of_its_subnet(estate_of: Estates) -> None:
    """A gateway without configuration belongs to none."""
    subnet = {
        "id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/GatewaySubnet"
    }
    estate = estate_of(
        (
            "virtualNetworkGateways/a",
            {"gatewayType": "Vpn", "ipConfigurations": [{"properties": {"subnet": subnet}}]},
        ),
        ("virtualNetworkGateways/b", {"gatewayType": "ExpressRoute"}),
    )
    one, two = estate.gateways.values()
    assert (one.kind, one.network and one.network.name) == ("vpn", "v")
    assert (two.kind, two.network) == ("expressroute", None)
