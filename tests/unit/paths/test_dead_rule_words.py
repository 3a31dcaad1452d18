"""How dead rules are named: lists of rules, and why a rule can match nothing."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.filters.dead_firewall_rules import FirewallRules
from auditor.filters.firewall_rules import ResolvedFirewall
from auditor.model.firewall import ApplicationRule, IpGroup, NetworkRule
from auditor.model.resource_id import ResourceId
from auditor.model.service_tags import NO_TAGS
from auditor.model.verdict import Effect
from auditor.paths.dead_rule_problems import _contrary, _listed, _why_unmatchable
from tests.unit.plain_records import plain_firewall

BASE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network"
EMPTIED, FILLED = (ResourceId(f"{BASE}/ipGroups/{name}") for name in ("emptied", "filled"))


@pytest.mark.parametrize(
    ("names", "text"),
    [
        ("a", "a"),
        ("ab", "a and b"),
        ("abc", "a, b and c"),
        ("abcdef", "a, b, c, d, e and f"),
        ("abcdefg", "a, b, c, d, e and 2 more"),
        ("abcdefghi", "a, b, c, d, e and 4 more"),
        ("", ""),
    ],
)
def test_of_many_rules_the_first_are_named(names: str, text: str) -> None:
    """Up to six are listed; `and 1 more` would take as much room as the name."""
    assert _listed(list(names)) == text


def test_a_packet_is_shown_where_rules_disagree() -> None:
    """Two rules that do the same need no packet that shows it."""
    assert _contrary("first", Effect.ALLOW, Effect.ALLOW, "a packet") == ""
    assert (
        _contrary("first", Effect.ALLOW, Effect.DENY, "a packet")
        == "; first allows a packet, which it denies in vain"
    )


def network(**fields: Any) -> NetworkRule:
    values: dict[str, Any] = {
        "name": "n",
        "sources": ("*",),
        "source_groups": (),
        "protocols": ("tcp",),
        "destinations": ("*",),
        "destination_groups": (),
        "fqdns": (),
        "ports": ("443",),
        "preview_selector": False,
    }
    return NetworkRule(**{**values, **fields})


def application(**fields: Any) -> ApplicationRule:
    values: dict[str, Any] = {
        "name": "a",
        "sources": ("*",),
        "source_groups": (),
        "protocols": (("https", 443),),
        "fqdns": ("contoso.com",),
        "urls": (),
        "fqdn_tags": (),
        "web_categories": (),
        "destinations": (),
        "terminate_tls": False,
        "preview_selector": False,
    }
    return ApplicationRule(**{**values, **fields})


BOTH = "no packet has both a source and a "


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        (
            network(source_groups=(FILLED, EMPTIED)),
            "IP group emptied is empty, so Azure skips the rule (FW-40)",
        ),
        (
            network(destination_groups=(EMPTIED,)),
            "IP group emptied is empty, so Azure skips the rule (FW-40)",
        ),
        (network(sources=()), "it names no source (FW-25)"),
        (network(sources=(), source_groups=(FILLED,)), f"{BOTH}destination of it"),
        (network(destinations=(), fqdns=("contoso.com",)), f"{BOTH}destination of it"),
        (network(destinations=(), destination_groups=(FILLED,)), f"{BOTH}destination of it"),
        (network(), f"{BOTH}destination of it"),
        (application(), f"{BOTH}name of it"),
        (application(fqdns=(), urls=("contoso.com/a",)), f"{BOTH}name of it"),
    ],
)
def test_why_a_rule_can_match_nothing(rule: NetworkRule | ApplicationRule, why: str) -> None:
    """The first thing that the rule lacks is named."""
    groups = {
        EMPTIED: IpGroup(id=EMPTIED, flaws=(), addresses=()),
        FILLED: IpGroup(id=FILLED, flaws=(), addresses=("10.0.0.0/8",)),
    }
    rules = FirewallRules(ResolvedFirewall(firewall=plain_firewall(), ip_groups=groups), NO_TAGS)
    assert _why_unmatchable(rules, rule) == why
