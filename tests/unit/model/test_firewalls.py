"""Firewalls, policies, rule collection groups and IP groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from auditor.model.estate import Estate
from auditor.model.firewall import (
    ApplicationRule,
    Firewall,
    FirewallPolicy,
    NatRule,
    NetworkRule,
    RuleCollectionGroup,
)
from auditor.model.resource_id import ResourceId

Estates = Callable[..., Estate]
FIREWALL, POLICY = "azureFirewalls/f", "firewallPolicies/p"
RCG = f"{POLICY}/ruleCollectionGroups/g"


def firewall(estate: Estate) -> Firewall:
    """The only firewall of an estate."""
    (found,) = estate.firewalls.values()
    return found


def policy(estate: Estate) -> FirewallPolicy:
    """The only policy of an estate."""
    (found,) = estate.policies.values()
    return found


def group(estate: Estate) -> RuleCollectionGroup:
    """The only rule collection group of an estate."""
    (found,) = estate.groups.values()
    return found


def test_a_firewall_in_a_network(estate_of: Estates) -> None:
    """Its address is the next hop of routes (FW-1)."""
    configuration = {
        "name": "c",
        "properties": {
            "privateIPAddress": "10.9.0.4",
            "subnet": {"id": "/s"},
            "publicIPAddress": {"id": "/pip"},
        },
    }
    body = {
        "sku": {"name": "AZFW_VNet", "tier": "Premium"},
        "ipConfigurations": [configuration],
        "managementIpConfiguration": {"name": "m"},
        "firewallPolicy": {"id": "/policy"},
        "additionalProperties": {
            "Network.SNAT.PrivateRanges": "IANAPrivateRanges, 20.0.0.0/8",
            "network.dns.enableproxy": "True",
        },
    }
    estate = estate_of((FIREWALL, body))
    found = firewall(estate)
    assert (found.tier, found.private_addresses, found.subnet) == ("premium", ("10.9.0.4",), ResourceId("/s"))
    assert (found.public_ip_ids, found.policy, found.management) == (
        (ResourceId("/pip"),),
        ResourceId("/policy"),
        True,
    )
    assert (found.classic_private_ranges, found.classic_dns_proxy) == (
        ("IANAPrivateRanges", "20.0.0.0/8"),
        True,
    )
    assert (found.threat_intel, found.hub, found.flaws) == ("alert", None, ())
    assert estate.holders["10.9.0.4"] == (found,)


@pytest.mark.parametrize(
    "public",
    [
        {"publicIPs": {"count": 1, "addresses": [{"address": "20.1.1.1"}]}},
        {"publicIPAddresses": [{"address": "20.1.1.1"}]},
    ],
)
def test_a_firewall_in_a_hub(estate_of: Estates, public: dict[str, Any]) -> None:
    """Its addresses stand in one object, in two forms (FW-1)."""
    body = {"virtualHub": {"id": "/hub"}, "hubIPAddresses": {"privateIPAddress": "10.0.0.68", **public}}
    estate = estate_of((FIREWALL, body), outer={FIREWALL: {"sku": {"tier": "Standard"}}})
    found = firewall(estate)
    assert (found.hub, found.private_addresses, found.public_addresses) == (
        ResourceId("/hub"),
        ("10.0.0.68",),
        ("20.1.1.1",),
    )
    assert (found.classic_private_ranges, found.classic_dns_proxy, found.management) == (None, None, False)
    assert estate.held_public.cidrs() == ("20.1.1.1/32",)


def test_classic_rules(estate_of: Estates) -> None:
    """Each list of collections holds one kind of rule (FW-2, FW-10)."""
    network = {
        "name": "n",
        "protocols": ["TCP"],
        "sourceAddresses": ["*"],
        "destinationAddresses": ["*"],
        "destinationPorts": ["443"],
    }
    application = {
        "name": "a",
        "protocols": [{"protocolType": "Mssql", "port": 1433}],
        "targetFqdns": ["*.Contoso.com"],
        "sourceIpGroups": ["/ipg"],
    }
    nat = {
        "name": "d",
        "protocols": ["TCP"],
        "destinationAddresses": ["20.1.1.1"],
        "destinationPorts": ["96"],
    }
    body = {
        f"{kind}RuleCollections": [
            {"name": kind, "properties": {"priority": 200, "action": {"type": action}, "rules": [rule]}}
        ]
        for kind, action, rule in (
            ("network", "Deny", network),
            ("application", "Allow", application),
            ("nat", "Dnat", nat),
        )
    }
    found = firewall(estate_of((FIREWALL, body)))
    assert [(item.name, item.priority, item.action) for item in found.classic] == [
        ("network", 200, "deny"),
        ("application", 200, "allow"),
        ("nat", 200, "dnat"),
    ]
    one, two, three = (item.rules[0] for item in found.classic)
    assert isinstance(one, NetworkRule)
    assert (one.protocols, one.sources, one.ports) == (("tcp",), ("*",), ("443",))
    assert isinstance(two, ApplicationRule)
    assert (two.protocols, two.fqdns, two.source_groups) == (
        (("mssql", 1433),),
        ("*.contoso.com",),
        (ResourceId("/ipg"),),
    )
    assert isinstance(three, NatRule)
    assert (three.destinations, three.ports) == (("20.1.1.1",), ("96",))
    assert found.flaws == ()


def test_a_policy(estate_of: Estates) -> None:
    """Groups are those listed and those whose id lies below the policy (FW-54)."""
    body = {
        "sku": {"tier": "Premium"},
        "basePolicy": {"id": "/base"},
        "ruleCollectionGroups": [{"id": "/elsewhere/listed"}],
        "threatIntelMode": "Deny",
        "threatIntelWhitelist": {"fqdns": ["*.Contoso.com"], "ipAddresses": ["20.0.0.0/8"]},
        "dnsSettings": {"servers": ["10.0.0.4"], "enableProxy": True},
        "intrusionDetection": {"mode": "Deny"},
        "snat": {"privateRanges": ["IANAPrivateRanges"]},
        "transportSecurity": {"certificateAuthority": {"name": "ca"}},
        "explicitProxy": {"enableExplicitProxy": True},
    }
    found = policy(estate_of((POLICY, body), (RCG, {"priority": 200})))
    assert [item.name for item in found.groups] == ["listed", "g"]
    assert (found.tier, found.base, found.threat_intel, found.idps) == (
        "premium",
        ResourceId("/base"),
        "deny",
        "deny",
    )
    assert (found.threat_allowed_addresses, found.threat_allowed_names) == (
        ("20.0.0.0/8",),
        ("*.contoso.com",),
    )
    assert (found.dns_proxy, found.dns_servers) == (True, ("10.0.0.4",))
    assert found.snat_private_ranges == ("IANAPrivateRanges",)
    assert found.certificate_authority
    assert found.explicit_proxy
    assert found.flaws == ()


def test_a_bare_policy_has_azures_defaults(estate_of: Estates) -> None:
    """What is not set is null; a tier is not made up (FW-4)."""
    found = policy(estate_of((POLICY, {})))
    assert (found.tier, found.base, found.groups, found.threat_intel, found.idps) == (
        "",
        None,
        (),
        "alert",
        "off",
    )
    assert (found.dns_proxy, found.snat_private_ranges) == (None, None)
    assert policy(estate_of((POLICY, {"dnsSettings": {"servers": []}}))).dns_proxy is None
    assert policy(estate_of((POLICY, {"dnsSettings": {"enableProxy": False}}))).dns_proxy is False


NETWORK_RULE = {
    "ruleType": "NetworkRule",
    "name": "n",
    "ipProtocols": ["UDP", "Any"],
    "sourceAddresses": ["10.0.0.0/16"],
    "destinationAddresses": ["AzureCloud.westeurope", "10.0.0.1-10.0.0.9"],
    "destinationIpGroups": ["/ipg"],
    "destinationFqdns": ["NTP.ubuntu.com"],
    "destinationPorts": ["123", "1000-2000"],
}
APPLICATION_RULE = {
    "ruleType": "ApplicationRule",
    "name": "a",
    "protocols": [{"protocolType": "Https", "port": 443}, {"protocolType": "Http", "port": 8080}],
    "sourceAddresses": ["*"],
    "targetFqdns": ["mcr.microsoft.com"],
    "targetUrls": ["example.com/*"],
    "fqdnTags": ["AzureKubernetesService"],
    "webCategories": ["gambling"],
    "terminateTLS": True,
    "httpHeadersToInsert": [{"headerValue": "contoso", "headerName": "Restrict-Access-To-Tenants"}],
}


def collection(*rules: Any, **changes: Any) -> dict[str, Any]:
    return {
        "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
        "name": "c",
        "priority": 300,
        "action": {"type": "Allow"},
        "rules": list(rules),
        **changes,
    }


def test_a_group_keeps_the_order_of_its_rules(estate_of: Estates) -> None:
    """They run top-down (FW-9)."""
    found = group(
        estate_of((RCG, {"priority": 200, "ruleCollections": [collection(NETWORK_RULE, APPLICATION_RULE)]}))
    )
    (rules,) = found.collections
    assert (found.priority, rules.name, rules.priority, rules.action) == (200, "c", 300, "allow")
    one, two = rules.rules
    assert isinstance(one, NetworkRule)
    assert (one.protocols, one.ports, one.fqdns) == (
        ("udp", "any"),
        ("123", "1000-2000"),
        ("ntp.ubuntu.com",),
    )
    assert one.destinations == ("AzureCloud.westeurope", "10.0.0.1-10.0.0.9")
    assert one.destination_groups == (ResourceId("/ipg"),)
    assert isinstance(two, ApplicationRule)
    assert two.protocols == (("https", 443), ("http", 8080))
    assert (two.fqdn_tags, two.web_categories, two.urls) == (
        ("AzureKubernetesService",),
        ("gambling",),
        ("example.com/*",),
    )
    assert two.terminate_tls
    assert two.headers == ('{"headerName": "Restrict-Access-To-Tenants", "headerValue": "contoso"}',)
    assert not one.preview_selector
    assert found.flaws == ()


@pytest.mark.parametrize(
    "name", ["sourceKubeSelectorGroups", "destinationGeoLocations", "afcConfiguration", "aiSecurityAddOn"]
)
def test_preview_selectors_are_told(estate_of: Estates, name: str) -> None:
    """Their meaning is not documented (FW-55)."""
    found = group(
        estate_of((RCG, {"priority": 1, "ruleCollections": [collection({**NETWORK_RULE, name: ["x"]})]}))
    )
    (rule,) = found.collections[0].rules
    assert isinstance(rule, NetworkRule)
    assert rule.preview_selector


def test_what_is_no_plain_name_stands_apart_from_the_names(estate_of: Estates) -> None:
    """Patterns, addresses and URLs are no names (FW-41)."""
    written = ["NTP.Ubuntu.com.", "*.ubuntu.com", "10.0.0.1", "http://x.com", "a b", ""]
    rule = {**NETWORK_RULE, "destinationFqdns": written}
    found = group(estate_of((RCG, {"priority": 1, "ruleCollections": [collection(rule)]})))
    (read,) = found.collections[0].rules
    assert isinstance(read, NetworkRule)
    assert read.fqdns == ("ntp.ubuntu.com",)
    assert read.odd_fqdns == ("*.ubuntu.com", "10.0.0.1", "http://x.com", "a b")
    assert found.flaws == ()


def test_a_nat_collection(estate_of: Estates) -> None:
    """Its rules may leave out what they are."""
    rule = {
        "name": "d",
        "ipProtocols": ["TCP"],
        "destinationAddresses": ["10.9.0.4"],
        "destinationPorts": ["80"],
    }
    body = collection(rule, ruleCollectionType="FirewallPolicyNatRuleCollection", action={"type": "DNAT"})
    found = group(estate_of((RCG, {"priority": 1, "ruleCollections": [body]})))
    assert isinstance(found.collections[0].rules[0], NatRule)
    assert (found.collections[0].action, found.flaws) == ("dnat", ())


@pytest.mark.parametrize(
    "broken",
    [
        collection(NETWORK_RULE, priority=None),
        collection(NETWORK_RULE, action={"type": "Audit"}),
        collection(NETWORK_RULE, action=None),
        collection(NETWORK_RULE, ruleCollectionType="FirewallPolicyMirrorRuleCollection"),
        collection({**NETWORK_RULE, "ruleType": "MagicRule"}),
        collection({**NETWORK_RULE, "ruleType": None}),
        collection({**NETWORK_RULE, "ipProtocols": ["SCTP"]}),
        collection({**NETWORK_RULE, "destinationPorts": ["70000"]}),
        collection({**NETWORK_RULE, "sourceAddresses": "*"}),
        collection({**APPLICATION_RULE, "protocols": [{"protocolType": "Ftp", "port": 21}]}),
        collection({**APPLICATION_RULE, "protocols": [{"protocolType": "Https", "port": "443"}]}),
        collection({**APPLICATION_RULE, "protocols": [{"protocolType": "Https", "port": 0}]}),
        collection(None),
        7,
    ],
)
def test_a_group_that_is_not_understood_is_flawed(estate_of: Estates, broken: Any) -> None:
    """Any of its rules may decide."""
    found = group(estate_of((RCG, {"priority": 200, "ruleCollections": [broken]})))
    assert {flaw.code for flaw in found.flaws} == {"enum-unknown"}


@pytest.mark.parametrize("text", [FIREWALL, POLICY, RCG, "ipGroups/i"])
def test_what_is_being_changed_is_flawed(estate_of: Estates, text: str) -> None:
    """Some instances may run old rules, others new (FW-47)."""
    estate = estate_of((text, {"provisioningState": "Failed", "priority": 1, "ipAddresses": []}))
    tables = (estate.firewalls, estate.policies, estate.groups, estate.ip_groups)
    (record,) = [item for table in tables for item in table.values()]
    assert [flaw.code for flaw in record.flaws] == ["not-succeeded"]


def test_an_ip_group(estate_of: Estates) -> None:
    """Addresses, CIDRs and ranges; a tag is none of them (FW-38)."""
    estate = estate_of(
        ("ipGroups/i", {"ipAddresses": ["10.0.0.1", "10.1.0.0/16", "10.2.0.1-10.2.0.9", "Storage"]})
    )
    (found,) = estate.ip_groups.values()
    assert found.addresses == ("10.0.0.1", "10.1.0.0/16", "10.2.0.1-10.2.0.9")
    assert [flaw.code for flaw in found.flaws] == ["enum-unknown"]
