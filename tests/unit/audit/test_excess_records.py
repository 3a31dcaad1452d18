"""Records of what leaves: each exact, together the whole, on bundled estates with a few edited rules."""

from __future__ import annotations

from auditor.audit import check
from auditor.model.snapshot import Snapshot
from auditor.reporters.json_v1 import document
from tests.estates.documents import GROUPS, Bodies, Json, edited, example, named, policy

NEWEST = "aks-2026-06-18"


def network_rule(destination: str, source: str) -> Json:
    return {
        "ruleType": "NetworkRule",
        "name": "one",
        "ipProtocols": ["TCP"],
        "sourceAddresses": [source],
        "destinationAddresses": [destination],
        "destinationPorts": ["443"],
    }


def collection(name: str, priority: int, action: str, rule: Json) -> Json:
    return {
        "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
        "name": name,
        "priority": priority,
        "action": {"type": action},
        "rules": [rule],
    }


def half_denied() -> Snapshot:
    """All nodes may reach a /24, but a quarter of them only its upper half."""

    def edit(bodies: Bodies) -> None:
        named(bodies, GROUPS, "rcg-aks-required")["properties"]["ruleCollections"] += [
            collection("all", 102, "Allow", network_rule("9.9.9.0/24", "10.20.0.0/22")),
            collection("some", 101, "Deny", network_rule("9.9.9.0/25", "10.20.2.0/24")),
        ]

    return edited(example("locked-down"), edit)


def test_a_deny_for_some_sources_splits_the_record() -> None:
    """What one rule lets out of some senders only is not claimed of the others."""
    (cluster,) = document(check(half_denied(), policy(NEWEST)))["clusters"]
    found = [one for one in cluster["excess"] if one["kind"] == "excess"]
    assert {(*one["sources"], "to", *one["destination"], *one["services"]) for one in found} == {
        ("10.20.0.0/23", "10.20.3.0/24", "to", "9.9.9.0/24", "tcp/443"),
        ("10.20.2.0/24", "to", "9.9.9.128/25", "tcp/443"),
    }


def test_one_finding_tells_the_union() -> None:
    """The records of one rule are one finding, with each address counted once."""
    (one,) = [
        item
        for item in check(half_denied(), policy(NEWEST)).findings
        if item.rule == "excess-egress" and item.status.value == "fail"
    ]
    assert "lets out tcp/443 to 9.9.9.0/24 (256 addresses) beyond the policy, such as 9.9.9.0:443/tcp" in (
        one.message
    )


def test_what_leaves_from_some_nodes_is_not_claimed_of_all() -> None:
    """A node in no backend pool whose interface has no default outbound access sends nothing (UDR-41, UDR-44)."""

    def edit(bodies: Bodies) -> None:
        for body in bodies.values():
            if body["type"].lower().endswith("/networkinterfaces"):
                (configuration,) = body["properties"]["ipConfigurations"]
                body["properties"]["defaultOutboundConnectivityEnabled"] = False
                if configuration["properties"]["privateIPAddress"] == "10.224.0.4":
                    configuration["properties"]["loadBalancerBackendAddressPools"] = []

    (cluster,) = document(check(edited(example("open"), edit), policy(NEWEST)))["clusters"]
    excess = [one for one in cluster["excess"] if one["kind"] == "excess"]
    assert excess
    assert {source for one in excess for source in one["sources"]} == {"10.224.0.5-10.224.0.6"}
