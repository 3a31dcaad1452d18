"""What the lists of rules on a way are named by that were not read (V-6)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from auditor.audit import check, load_policy, load_snapshot
from auditor.audit.network import network_of
from auditor.model.finding import Finding, Status
from auditor.model.reading import ASSUMABLE, Hints, TagMembers
from auditor.paths.cluster_paths import ClusterPaths
from auditor.paths.unread_rules import unread_rules
from tests.cases_support.estate import EstateDocuments, load_estate

GROUP = "/subscriptions/app/resourceGroups/nodes/providers/Microsoft.Compute/virtualMachineScaleSets/"
NODE = f"{GROUP}aks-sys-11111111-vmss/virtualMachines/0/networkInterfaces/nic0"


def route(name: str, prefix: str, address: str) -> dict[str, Any]:
    """A user route to an appliance."""
    hop = {"addressPrefix": prefix, "nextHopType": "VirtualAppliance", "nextHopIpAddress": address}
    return {"name": name, "properties": hop}


def found_in(
    estate: EstateDocuments, folder: Path, *, rule: str = "exfiltration-prone-rule", strict: bool = False
) -> Finding:
    """The one finding of a rule."""
    estate.write(folder / "snapshot")
    policy = load_policy(not_assumed=ASSUMABLE if strict else ())
    report = check(load_snapshot(folder / "snapshot"), policy)
    (found,) = [one for one in report.findings if one.rule == rule]
    return found


def told(folder: Path, *routes: dict[str, Any]) -> str:
    """What is said of exfiltration where kubenet's node at 10.1.0.4 forwards and 0/0 leads to nobody known."""
    body = {
        "provisioningState": "Succeeded",
        "enableIPForwarding": True,
        "networkSecurityGroup": {"id": "${networkSecurityGroups/nsg-nic}"},
        "ipConfigurations": [
            {
                "name": "ip",
                "properties": {
                    "privateIPAddress": "10.1.0.4",
                    "subnet": {"id": "${virtualNetworks/spoke}/subnets/nodes"},
                },
            }
        ],
    }
    kubenet = {"networkProfile": {"networkPlugin": "kubenet", "networkPluginMode": None}}
    listed = [route("default", "0.0.0.0/0", "10.77.0.4"), *routes]
    estate = load_estate("hub-spoke")
    estate.apply(
        [
            {"merge": {"resource": "managedClusters/aks", "value": kubenet}},
            {"set": {"resource": "routeTables/rt", "path": "properties.routes", "value": listed}},
            {"add": {"id": NODE, "properties": body}},
        ]
    )
    return found_in(estate, folder).message


def test_nodes_of_the_cluster_are_no_device_with_rules(tmp_path: Path) -> None:
    """A route of kubenet leads to a node for its pods, which lets nothing out (UDR-56)."""
    message = told(tmp_path, route("aks-node-0", "10.244.0.0/24", "10.1.0.4"))
    assert "the device at 10.77.0.4" in message
    assert "10.1.0.4" not in message


def test_a_node_may_have_rules_for_what_is_not_for_its_pods(tmp_path: Path) -> None:
    """A route of the user that leads other traffic to a node makes it an appliance like any (UDR-16)."""
    assert "the device at 10.1.0.4" in told(tmp_path, route("mine", "1.1.1.0/24", "10.1.0.4"))


@pytest.mark.parametrize(
    ("edit", "words", "remedy"),
    [
        ({"remove": "routeTables/rt"}, "what route table rt leads to", "collect route table rt with"),
        (
            {
                "set": {
                    "resource": "routeTables/rt",
                    "path": "properties.routes[default].properties.nextHopType",
                    "value": "VirtualTunnel",
                }
            },
            "what route default of rt leads to",
            "mend route default of rt",
        ),
        (
            {
                "set": {
                    "resource": "routeTables/rt",
                    "path": "properties.routes[default].properties.nextHopIpAddress",
                    "value": None,
                }
            },
            "what route default of rt leads to",
            "describing route default of rt",
        ),
    ],
)
def test_a_route_to_nobody_knows_where_is_named(
    edit: dict[str, Any], words: str, remedy: str, tmp_path: Path
) -> None:
    """The rules stand behind it, and what is to be supplied is the route or its table."""
    estate = load_estate("hub-spoke")
    estate.apply([edit])
    found = found_in(estate, tmp_path)
    assert f"the rules of {words} were not read or not understood" in found.message
    assert remedy in found.remediation


def test_unread_groups_of_interfaces_do_not_hide_that_of_the_subnet(tmp_path: Path) -> None:
    """Each group that was not read is named, so that each can be supplied."""
    estate = load_estate("hub-spoke")
    estate.apply(
        [
            {"remove": "virtualMachineScaleSets/aks-sys-11111111-vmss"},
            {"remove": "networkSecurityGroups/nsg-nodes"},
        ]
    )
    message = found_in(estate, tmp_path, strict=True).message
    assert "the security groups of its network interfaces" in message
    assert "security group nsg-nodes" in message


def test_an_unread_device_of_a_hub_does_not_hide_the_next(tmp_path: Path) -> None:
    """A hub may send the Internet to one device and private space to another: both have rules that nobody read."""
    estate = load_estate("virtual-wan")
    device = "/subscriptions/hub/resourceGroups/hub/providers/Microsoft.Network/networkVirtualAppliances/nva"
    policies = [
        {"name": "Internet", "destinations": ["Internet"], "nextHop": device},
        {"name": "Private", "destinations": ["PrivateTraffic"], "nextHop": "${azureFirewalls/fw}"},
    ]
    estate.apply(
        [
            {"remove": "ruleCollectionGroups/rules"},
            {
                "set": {
                    "resource": "routingIntent/intent",
                    "path": "properties.routingPolicies",
                    "value": policies,
                }
            },
        ]
    )
    estate.write(tmp_path / "snapshot")
    policy = load_policy()
    network = network_of(load_snapshot(tmp_path / "snapshot"), policy)
    (cluster,) = network.estate.clusters
    paths = ClusterPaths(cluster, network, Hints(), TagMembers(), policy.reading)
    named = {one.name for one in unread_rules(paths, paths.sources[0], policy.reading.assumed)}
    assert {"the device nva", "firewall fw"} <= named


@pytest.mark.parametrize(
    ("strict", "status", "reasons"),
    [(False, Status.PASS, ()), (True, Status.UNKNOWN, ("bgp-routes-unknown",))],
)
def test_what_a_gateway_may_have_taught_leads_to_nobody_knows_where(
    strict: bool, status: Status, reasons: tuple[str, ...], tmp_path: Path
) -> None:
    """Unless it is assumed that no such route changes the answer (UDR-30)."""
    estate = load_estate("hub-spoke")
    peering = "properties.virtualNetworkPeerings[to-hub].properties.useRemoteGateways"
    estate.apply(
        [
            {"set": {"resource": "virtualNetworks/spoke", "path": peering, "value": True}},
            {"merge": {"resource": "routeTables/rt", "value": {"disableBgpRoutePropagation": False}}},
        ]
    )
    found = found_in(estate, tmp_path, rule="network-rule-bypasses-application-rules", strict=strict)
    assert (found.status, found.reasons) == (status, reasons)
    assert ("what virtual network spoke leads to" in found.message) is strict


@pytest.mark.parametrize(
    ("gone", "remedy"),
    [
        ("routeTables/rt", "collect route table rt with"),
        ("virtualNetworks/spoke", "collect subnet nodes with"),
    ],
)
def test_what_hides_the_routes_that_an_outbound_type_is_held_to_is_named(
    gone: str, remedy: str, tmp_path: Path
) -> None:
    """Whether the type says how traffic leaves is open, whichever of the two was not read."""
    estate = load_estate("hub-spoke")
    estate.apply([{"remove": gone}])
    found = found_in(estate, tmp_path, rule="outbound-type-mismatch")
    assert (found.status, found.reasons) == (Status.UNKNOWN, ("unreadable-resource",))
    assert "how traffic leaves subnet nodes is not known" in found.message
    assert remedy in found.remediation
