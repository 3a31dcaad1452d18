"""What the lists of rules on a way are named by that were not read (V-6)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from auditor.audit import check, load_policy, load_snapshot
from tests.cases_support.estate import load_estate

GROUP = "/subscriptions/app/resourceGroups/nodes/providers/Microsoft.Compute/virtualMachineScaleSets/"
NODE = f"{GROUP}aks-sys-11111111-vmss/virtualMachines/0/networkInterfaces/nic0"


def route(name: str, prefix: str, address: str) -> dict[str, Any]:
    """A user route to an appliance."""
    hop = {"addressPrefix": prefix, "nextHopType": "VirtualAppliance", "nextHopIpAddress": address}
    return {"name": name, "properties": hop}


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
    estate.write(folder / "snapshot")
    report = check(load_snapshot(folder / "snapshot"), load_policy())
    (found,) = [one for one in report.findings if one.rule == "exfiltration-prone-rule"]
    return found.message


def test_nodes_of_the_cluster_are_no_device_with_rules(tmp_path: Path) -> None:
    """A route of kubenet leads to a node for its pods, which lets nothing out (UDR-56)."""
    message = told(tmp_path, route("aks-node-0", "10.244.0.0/24", "10.1.0.4"))
    assert "the device at 10.77.0.4" in message
    assert "10.1.0.4" not in message


def test_a_node_may_have_rules_for_what_is_not_for_its_pods(tmp_path: Path) -> None:
    """A route of the user that leads other traffic to a node makes it an appliance like any (UDR-16)."""
    assert "the device at 10.1.0.4" in told(tmp_path, route("mine", "1.1.1.0/24", "10.1.0.4"))
