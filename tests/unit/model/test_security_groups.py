"""Network security groups and admin rules become records."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from auditor.model.estate import Estate
from auditor.model.resource_id import ResourceId
from auditor.model.security_group import SecurityGroup

Estates = Callable[..., Estate]
NSG = "networkSecurityGroups/n"
RULE: dict[str, Any] = {
    "priority": 100,
    "direction": "Outbound",
    "access": "Allow",
    "protocol": "TCP",
    "sourceAddressPrefix": "*",
    "sourcePortRange": "*",
    "destinationAddressPrefix": "Internet",
    "destinationPortRange": "443",
}


def group(estate: Estate) -> SecurityGroup:
    """The only group of an estate."""
    (found,) = estate.security_groups.values()
    return found


def test_singular_and_plural_unite(estate_of: Estates) -> None:
    """An empty singular form means: look at the plural (NSG-13, NSG-15)."""
    rule = {
        **RULE,
        "name": "r",
        "destinationAddressPrefix": "",
        "destinationAddressPrefixes": ["10.0.0.0/8", "Storage"],
        "destinationPortRanges": ["80", "443"],
        "sourceApplicationSecurityGroups": [{"id": "/asg"}],
    }
    found = group(estate_of((NSG, {"securityRules": [rule]})))
    one = found.rules[0]
    assert one.destinations == ("10.0.0.0/8", "Storage")
    assert one.destination_ports == ("443", "80")
    assert one.source_groups == (ResourceId("/asg"),)
    assert (one.name, one.priority, one.direction, one.access, one.protocol) == (
        "r",
        100,
        "outbound",
        "allow",
        "tcp",
    )
    assert found.flaws == ()


def test_default_rules_are_made_up_where_they_are_absent(estate_of: Estates) -> None:
    """They are always in force (NSG-8)."""
    found = group(estate_of((NSG, {"securityRules": []})))
    outbound = [rule for rule in found.rules if rule.direction == "outbound"]
    assert [
        (rule.name, rule.priority, rule.access, rule.sources, rule.destinations) for rule in outbound
    ] == [
        ("AllowVnetOutBound", 65000, "allow", ("VirtualNetwork",), ("VirtualNetwork",)),
        ("AllowInternetOutBound", 65001, "allow", ("*",), ("Internet",)),
        ("DenyAllOutBound", 65500, "deny", ("*",), ("*",)),
    ]
    assert all(rule.default for rule in found.rules)


def test_default_rules_that_are_shown_are_not_doubled(estate_of: Estates) -> None:
    """Never matched by name: effective output uses other names (NSG-8)."""
    shown = {**RULE, "name": "DefaultOutboundDenyAll", "priority": 65500, "access": "Deny", "protocol": "All"}
    found = group(estate_of((NSG, {"defaultSecurityRules": [shown]})))
    assert [rule.name for rule in found.rules if (rule.direction, rule.priority) == ("outbound", 65500)] == [
        "DefaultOutboundDenyAll"
    ]
    assert len(found.rules) == 6
    assert next(rule for rule in found.rules if rule.name == "DefaultOutboundDenyAll").protocol == "*"


def test_inline_and_standalone_rules_unite(estate_of: Estates) -> None:
    """A difference between the two sets is nothing; a rule with two contents is inconsistent."""
    inline = [{"name": "one", "properties": RULE}, {"name": "two", **RULE}]
    alone = ((f"{NSG}/securityRules/TWO", RULE), (f"{NSG}/securityRules/three", {**RULE, "priority": 300}))
    found = group(estate_of((NSG, {"securityRules": inline}), *alone))
    assert [rule.name for rule in found.rules if not rule.default] == ["one", "two", "three"]
    assert found.flaws == ()
    found = group(estate_of((NSG, {"securityRules": inline}), (alone[0][0], {**RULE, "access": "Deny"})))
    (flaw,) = found.flaws
    assert flaw.code == "snapshot-inconsistent"
    assert (
        "securityrules[two].access: 'Allow' in resources.jsonl:1, 'Deny' in resources.jsonl:2" in flaw.detail
    )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"priority": "100"}, "enum-unknown"),
        ({"priority": None}, "enum-unknown"),
        ({"direction": "Sideways"}, "enum-unknown"),
        ({"access": 7}, "enum-unknown"),
        ({"destinationAddressPrefix": None}, "enum-unknown"),
        ({"destinationAddressPrefix": "10.0.0.300"}, "enum-unknown"),
        ({"destinationPortRange": "https"}, "enum-unknown"),
        ({"sourceAddressPrefixes": "10.0.0.0/8"}, "enum-unknown"),
    ],
)
def test_an_outbound_rule_that_is_not_understood_is_a_flaw(
    estate_of: Estates, change: dict[str, Any], code: str
) -> None:
    """Of the group, since any rule may decide."""
    found = group(estate_of((NSG, {"securityRules": [{"name": "r", **RULE, **change}]})))
    assert {flaw.code for flaw in found.flaws} == {code}


def test_an_inbound_rule_that_is_not_understood_is_not(estate_of: Estates) -> None:
    """It decides no egress (NSG-4)."""
    rule = {"name": "r", **RULE, "direction": "Inbound", "priority": None}
    assert group(estate_of((NSG, {"securityRules": [rule]}))).flaws == ()


def test_an_unknown_access_or_protocol_is_kept(estate_of: Estates) -> None:
    """The rule alone is in doubt, not the group (V-6)."""
    found = group(
        estate_of((NSG, {"securityRules": [{"name": "r", **RULE, "access": "Audit", "protocol": "Gre"}]}))
    )
    assert (found.rules[0].access, found.rules[0].protocol) == ("audit", "gre")
    assert found.flaws == ()


def test_a_group_that_is_being_changed_is_flawed(estate_of: Estates) -> None:
    """What is in force is not known (V-6)."""
    (flaw,) = group(estate_of((NSG, {"provisioningState": "Updating"}))).flaws
    assert flaw.code == "not-succeeded"
    assert flaw.detail == "provisioningstate is Updating (n, resources.jsonl:1)"


ADMIN = {
    "id": "/a/ruleCollections/c/rules/deny-all",
    "kind": "Custom",
    "properties": {
        "priority": 5,
        "direction": "Outbound",
        "access": "AlwaysAllow",
        "protocol": "Any",
        "sources": [{"addressPrefix": "*", "addressPrefixType": "IPPrefix"}],
        "destinations": [{"addressPrefix": "Storage", "addressPrefixType": "ServiceTag"}],
        "sourcePortRanges": ["0-65535"],
        "destinationPortRanges": ["443"],
    },
}
ACTION = "virtualNetworks/v/listNetworkManagerEffectiveSecurityAdminRules"


def test_admin_rules_are_those_of_a_network(estate_of: Estates) -> None:
    """Also when the network itself was not read; an empty answer is an answer (NSG-32)."""
    estate = estate_of((ACTION, {"value": [ADMIN]}), (ACTION.replace("/v/", "/w/"), {"value": []}))
    full, empty = estate.admin_rules.values()
    assert full.network.name == "v"
    (rule,) = full.rules
    assert (rule.name, rule.priority, rule.access, rule.protocol) == ("deny-all", 5, "alwaysallow", "*")
    assert (rule.sources, rule.destinations, rule.destination_ports) == (("*",), ("Storage",), ("443",))
    assert not full.flaws
    assert not empty.flaws
    assert not empty.rules


def test_an_answer_with_more_pages_was_not_read(estate_of: Estates) -> None:
    """Half of the rules are no rules."""
    assert not estate_of((ACTION, {"value": [], "skipToken": "x"})).admin_rules


def test_admin_rules_that_are_not_understood_are_flawed(estate_of: Estates) -> None:
    """Nothing in the answer is trusted blindly."""
    broken = {**ADMIN, "properties": {**ADMIN["properties"], "sources": "*"}}  # type: ignore[dict-item]
    (rules,) = estate_of((ACTION, {"value": [broken, 7]})).admin_rules.values()
    assert {flaw.code for flaw in rules.flaws} == {"enum-unknown"}
