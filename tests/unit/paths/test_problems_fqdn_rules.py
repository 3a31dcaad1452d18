"""Network rules by name: whether the firewall and the clients surely see the same addresses (FW-41)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from auditor.audit import check, load_policy, load_snapshot
from auditor.model.finding import Finding, Status
from tests.cases_support.estate import load_estate

RULES = "ruleCollectionGroups/rules"
POLICY = "firewallPolicies/policy"
SPOKE = "virtualNetworks/spoke"
AZURE = "168.63.129.16"
MACHINES = "${virtualMachineScaleSets/aks-sys-11111111-vmss}/virtualMachines"
BROKER = {
    "name": "queues",
    "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
    "priority": 300,
    "action": {"type": "Allow"},
    "rules": [
        {
            "ruleType": "NetworkRule",
            "name": "broker",
            "ipProtocols": ["TCP"],
            "sourceAddresses": ["*"],
            "destinationFqdns": ["broker.contoso.com"],
            "destinationPorts": ["5671"],
        }
    ],
}


def found(folder: Path, servers: Any, dns: dict[str, Any], *copies: dict[str, Any]) -> Finding:
    """The finding about the rule, where the network asks `servers` and the policy has these settings."""
    estate = load_estate("hub-spoke")
    estate.apply(
        [
            {"append": {"resource": RULES, "path": "properties.ruleCollections", "value": BROKER}},
            {"merge": {"resource": POLICY, "value": {"dnsSettings": dns}}},
            {"set": {"resource": SPOKE, "path": "properties.dhcpOptions", "value": {"dnsServers": servers}}},
            *copies,
        ]
    )
    estate.write(folder / "snapshot")
    report = check(load_snapshot(folder / "snapshot"), load_policy())
    (one,) = [finding for finding in report.findings if finding.rule == "fqdn-rule-without-dns-proxy"]
    return one


@pytest.mark.parametrize(
    ("servers", "dns", "status", "why"),
    [
        (["10.0.1.4"], {"enableProxy": True}, Status.PASS, ""),
        (["10.0.1.4"], {"enableProxy": False}, Status.FAIL, "its DNS proxy is off"),
        ([AZURE], {"enableProxy": False}, Status.FAIL, "its DNS proxy is off"),
        ([AZURE], {"enableProxy": True}, Status.FAIL, "only DNS server"),
        (["10.0.1.4", "10.9.9.9"], {"enableProxy": True}, Status.FAIL, "only DNS server"),
        (["10.0.1.4"], {"enableProxy": "yes"}, Status.UNKNOWN, "is not known"),
        (["10.9.9.9"], {"enableProxy": "yes"}, Status.FAIL, ""),
        (["the firewall"], {"enableProxy": True}, Status.UNKNOWN, "expected an IP address"),
        ("10.0.1.4", {"enableProxy": True}, Status.UNKNOWN, "expected a list"),
    ],
)
def test_what_is_known_of_the_clients_and_the_proxy(
    tmp_path: Path, servers: Any, dns: dict[str, Any], status: Status, why: str
) -> None:
    """A server that is surely another one fails whatever else is open; what nobody understands passes nothing."""
    one = found(tmp_path, servers, dns)
    assert one.status is status
    assert why in one.message
    assert one.reasons == (("enum-unknown",) if status is Status.UNKNOWN else ())


def test_a_proxy_that_a_parent_alone_turns_on_is_not_known(tmp_path: Path) -> None:
    """Whether it is inherited is in conflict (FW-42)."""
    base = {"id": "${firewallPolicies/policy}-base", "properties": {"dnsSettings": {"enableProxy": True}}}
    value = {"id": "${firewallPolicies/policy-base}"}
    parent = {"set": {"resource": POLICY, "path": "properties.basePolicy", "value": value}}
    one = found(tmp_path, ["10.0.1.4"], {"servers": []}, {"add": base}, parent)
    assert one.status is Status.UNKNOWN
    assert "uncertain:FW-42" in one.reasons


def test_machines_that_ask_another_server_are_told_beside_those_that_do_not(tmp_path: Path) -> None:
    """Of several kinds of interfaces one that asks elsewhere is enough (AKS-31, FW-41)."""
    machines = [
        {
            "add": {
                "id": f"{MACHINES}/{number}/networkInterfaces/nic",
                "properties": {
                    "provisioningState": "Succeeded",
                    "dnsSettings": {"dnsServers": servers},
                    "ipConfigurations": [
                        {
                            "name": "one",
                            "properties": {
                                "privateIPAddress": f"10.1.0.{4 + number}",
                                "subnet": {"id": "${virtualNetworks/spoke}/subnets/nodes"},
                            },
                        }
                    ],
                },
            }
        }
        for number, servers in enumerate(([], [AZURE]))
    ]
    one = found(tmp_path, ["10.0.1.4"], {"enableProxy": True}, *machines)
    assert one.status is Status.FAIL
    assert "only DNS server" in one.message
