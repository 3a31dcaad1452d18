"""Virtual WAN hubs, private endpoints, private DNS and service tags."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from auditor.model.estate import Estate
from auditor.model.private_dns import DnsRecord
from auditor.model.resource_id import ResourceId
from auditor.model.virtual_wan import VirtualHub
from auditor.netset.address import AddressSet

Estates = Callable[..., Estate]
HUB = "virtualHubs/h"
CHILDREN = ("hubVirtualNetworkConnections", "hubRouteTables", "routingIntent")
KINDS = tuple(f"Microsoft.Network/VirtualHubs/{name}" for name in CHILDREN)


def hub(estate: Estate) -> VirtualHub:
    """The only hub of an estate."""
    (found,) = estate.hubs.values()
    return found


def test_a_hub_whose_children_nobody_read(estate_of: Estates) -> None:
    """Unknown is not none."""
    found = hub(estate_of((HUB, {"addressPrefix": "10.0.0.0/24"})))
    assert (found.connections, found.tables, found.intent) == (None, None, None)
    assert (found.prefixes, found.route_server) == (("10.0.0.0/24",), False)


def test_a_hub_without_children(estate_of: Estates) -> None:
    """A complete row of the manifest, in any case, says that there are none."""
    found = hub(estate_of((HUB, {}), complete=KINDS))
    assert (found.connections, found.tables, found.intent) == ((), (), ())


def test_a_hub_with_children(estate_of: Estates) -> None:
    """Connections, tables and the routing intent's policies (UDR-31..UDR-34)."""
    connection = {
        "remoteVirtualNetwork": {"id": "/spoke"},
        "enableInternetSecurity": True,
        "routingConfiguration": {
            "associatedRouteTable": {"id": "/table"},
            "vnetRoutes": {"staticRoutes": [{"name": "x", "addressPrefixes": ["10.9.0.0/16"]}]},
        },
    }
    route = {"name": "r", "destinationType": "CIDR", "destinations": ["0.0.0.0/0"], "nextHop": "/firewall"}
    intent = {"routingPolicies": [{"name": "i", "destinations": ["Internet"], "nextHop": "/firewall"}]}
    estate = estate_of(
        (HUB, {"azureFirewall": {"id": "/firewall"}}),
        (f"{HUB}/hubVirtualNetworkConnections/c", connection),
        (f"{HUB}/hubRouteTables/defaultRouteTable", {"routes": [route]}),
        (f"{HUB}/routingIntent/x", intent),
        outer={HUB: {"kind": "RouteServer", "location": "eastus"}},
    )
    found = hub(estate)
    assert (found.route_server, found.firewall, found.location) == (True, ResourceId("/firewall"), "eastus")
    assert found.connections is not None
    assert found.tables is not None
    assert found.intent is not None
    (one,) = found.connections
    assert (one.network, one.internet_security, one.associated_table, one.static_routes) == (
        ResourceId("/spoke"),
        True,
        ResourceId("/table"),
        ("10.9.0.0/16",),
    )
    (rule,) = found.tables[0].routes
    assert (rule.destination_type, rule.destinations, rule.next_hop) == (
        "cidr",
        ("0.0.0.0/0",),
        ResourceId("/firewall"),
    )
    (policy,) = found.intent
    assert (policy.destinations, policy.next_hop) == (("internet",), ResourceId("/firewall"))
    assert estate.hub_connections(ResourceId("/SPOKE")) == ((found, one),)
    assert found.flaws == ()


def test_children_that_are_not_understood_are_flaws(estate_of: Estates) -> None:
    """Those that cannot be a record, and those without flaws of their own, count against the hub."""
    estate = estate_of(
        (HUB, {"routeTable": {"routes": [{"addressPrefixes": ["0.0.0.0/0"]}]}}),
        (f"{HUB}/hubVirtualNetworkConnections/c", {}),
        (
            f"{HUB}/hubVirtualNetworkConnections/d",
            {"remoteVirtualNetwork": {"id": "/v"}, "provisioningState": "Failed"},
        ),
        (f"{HUB}/routingIntent/x", {"routingPolicies": [{"name": "i"}]}),
    )
    found = hub(estate)
    assert [flaw.code for flaw in found.flaws] == ["enum-unknown"] * 3
    assert found.connections is not None
    assert [flaw.code for flaw in found.connections[0].flaws] == ["not-succeeded"]


def test_a_private_endpoint(estate_of: Estates) -> None:
    """Its addresses may be those of an interface (ARM-19)."""
    connection = {
        "properties": {
            "privateLinkServiceId": "/registry",
            "privateLinkServiceConnectionState": {"status": "Approved"},
        }
    }
    nic = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/networkInterfaces/pe-nic"
    body = {
        "subnet": {"id": "/subnet"},
        "privateLinkServiceConnections": [connection],
        "customDnsConfigs": [{"fqdn": "R.azurecr.io", "ipAddresses": ["10.0.0.9"]}],
        "networkInterfaces": [{"id": nic}, {"id": "/unread"}],
        "ipConfigurations": [{"properties": {"privateIPAddress": "10.0.0.9"}}],
    }
    estate = estate_of(
        ("privateEndpoints/e", body),
        (nic, {"ipConfigurations": [{"properties": {"privateIPAddress": "10.0.0.10"}}]}),
    )
    (found,) = estate.private_endpoints.values()
    assert (found.approved, found.targets, found.subnet) == (
        True,
        (ResourceId("/registry"),),
        ResourceId("/subnet"),
    )
    assert found.names == (("r.azurecr.io", ("10.0.0.9",)),)
    assert found.addresses == ("10.0.0.9", "10.0.0.10")


@pytest.mark.parametrize(
    ("status", "refused"), [("Pending", True), ("Rejected", True), ("Moving", False), (None, False)]
)
def test_a_private_endpoint_that_waits(estate_of: Estates, status: str | None, *, refused: bool) -> None:
    """Only an approved connection passes traffic, and of a state unheard of nobody can say that it passes none."""
    connection = {"privateLinkServiceId": "/x", "privateLinkServiceConnectionState": {"status": status}}
    (found,) = estate_of(
        ("privateEndpoints/e", {"manualPrivateLinkServiceConnections": [connection]})
    ).private_endpoints.values()
    assert (found.approved, found.refused) == (False, refused)


def test_private_dns_zones(estate_of: Estates) -> None:
    """A records of a zone, with the networks it is linked to and how sure the links are."""
    zone = "privateDnsZones/Privatelink.azurecr.io"
    estate = estate_of(
        (f"{zone}/A/R", {"aRecords": [{"ipv4Address": "10.0.0.9"}]}),
        (f"{zone}/A/@", {"aRecords": [{"ipv4Address": "10.0.0.8"}, {"ipv4Address": "x"}]}),
        (f"{zone}/CNAME/c", {"cnameRecord": {"cname": "x"}}),
        (f"{zone}/virtualNetworkLinks/l", {"virtualNetwork": {"id": "/spoke"}}),
        (
            f"{zone}/virtualNetworkLinks/m",
            {"virtualNetwork": {"id": "/hub"}, "virtualNetworkLinkState": "Odd"},
        ),
        (
            f"{zone}/virtualNetworkLinks/n",
            {"virtualNetwork": {"id": "/side"}, "resolutionPolicy": "NxDomainRedirect"},
        ),
        (f"{zone}/virtualNetworkLinks/o", {"virtualNetwork": {"id": "/far"}, "resolutionPolicy": "Odd"}),
    )
    (found,) = estate.dns_zones
    assert (found.name, found.read) == ("privatelink.azurecr.io", True)
    assert found.records == {
        "privatelink.azurecr.io": DnsRecord(addresses=("10.0.0.8",), whole=False),
        "r.privatelink.azurecr.io": DnsRecord(addresses=("10.0.0.9",)),
    }
    assert [(str(link.network), link.settled, link.falls_back) for link in found.links] == [
        ("/spoke", True, False),
        ("/hub", False, False),
        ("/side", True, True),
        ("/far", False, False),
    ]
    assert found.holds("a.privatelink.azurecr.io")
    assert not found.holds("aprivatelink.azurecr.io")


def test_service_tags_of_several_lists(estate_of: Estates) -> None:
    """The newest edition of a tag counts; equally new ones unite; what is malformed is not listed (NSG-26)."""
    file = {
        "changeNumber": 375,
        "values": [
            {"name": "Storage", "properties": {"changeNumber": 10, "addressPrefixes": ["20.1.0.0/24"]}},
            {"name": "Sql", "properties": {"changeNumber": 5, "addressPrefixes": ["20.2.0.0/24"]}},
            {"name": "Odd", "properties": {"addressPrefixes": ["twenty"]}},
            {"name": "Empty", "properties": {"addressPrefixes": []}},
            {"name": 7, "properties": {"addressPrefixes": []}},
            None,
        ],
    }
    api = {
        "changeNumber": "80",
        "values": [
            {"name": "STORAGE", "properties": {"changeNumber": "9", "addressPrefixes": ["20.9.0.0/24"]}},
            {"name": "Sql", "addressPrefixes": ["20.3.0.0/24"], "changeNumber": 5},
        ],
    }
    tags = estate_of(tag_lists=(("a.json", file), ("b.json", api))).service_tags
    assert tags.get("storage") == AddressSet.of("20.1.0.0/24")
    assert tags.get("SQL") == AddressSet.of("20.2.0.0/24", "20.3.0.0/24")
    assert tags.get("odd") is None
    assert tags.get("Empty") == AddressSet.of()
    assert tags.change_numbers == ("375", "80")
    assert tags.names["storage"] == "Storage"
