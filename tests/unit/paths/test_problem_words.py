"""When rules are worth a problem, by how much they let out, and how long lists are cut."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from auditor.model.finding import From, Status
from auditor.model.firewall import NetworkRule
from auditor.model.resource_id import ResourceId
from auditor.model.shared_destinations import SharedNames
from auditor.model.verdict import Effect, Hop, Stage
from auditor.netset import AddressSet, NameSet, ServiceSet, Traffic
from auditor.paths import problems_load_balancer, problems_network_rules
from auditor.paths.problems_network_rules import WIDE
from auditor.paths.problems_shared import _most, _Out, _problem, _Prone, _strangers
from auditor.paths.shared_rules import SharedRule
from tests.cases_support.case_file import CASES, case_of
from tests.cases_support.run import prepare

GROUP = ResourceId(
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/networkSecurityGroups/nodes"
)
HOP = Hop(
    stage=Stage.SUBNET_NSG,
    resource=GROUP.text,
    rule="cloud",
    priority=100,
    outcome=Effect.ALLOW,
    clause="NSG-4",
)
HTTPS = ServiceSet.tcp(443)
RULE = SharedRule(
    resource=GROUP,
    rule="cloud",
    kind="security",
    text="AzureCloud",
    holds="every tenant's machines",
    whole=True,
    services=HTTPS,
    addresses=AddressSet.of("20.0.0.0/24"),
)
NAMED = Traffic.box(AddressSet.of("20.0.0.0/24"), HTTPS)
ASKED = From(pool="sys", subnet=None)


def box(first: int, last: int) -> Traffic:
    start = 20 << 24
    return Traffic.box(AddressSet.from_int_range(start + first, start + last), HTTPS)


@pytest.mark.parametrize(
    ("sure", "may", "told"),
    [
        (box(0, 127), None, ()),
        (box(0, 255), None, ()),
        (box(0, 126), None, None),
        (box(0, 126), box(127, 127), ("nva-opaque",)),
        (box(0, 126), box(0, 127), ("nva-opaque",)),
        (box(0, 99), box(50, 126), None),
        (None, box(128, 255), ("nva-opaque",)),
        (None, box(0, 126), None),
        (box(1000, 1999), box(2000, 2999), None),
        (None, None, None),
    ],
)
def test_half_of_the_addresses_make_a_destination_prone(
    sure: Traffic | None, may: Traffic | None, told: tuple[str, ...] | None
) -> None:
    """At least half, surely; or at least half surely and perhaps together, and then it is not known."""
    item = _Out(hop=HOP, sure=[sure] if sure else [], open=[may] if may else [], reasons={"nva-opaque"})
    found = list(_most(RULE, item, NAMED, 256))
    assert [one.reasons for one in found] == ([] if told is None else [told])


@pytest.mark.parametrize(
    ("pattern", "shared", "strangers"),
    [
        ("*.blob.core.windows.net", "*.blob.core.windows.net", True),
        ("*", "*.blob.core.windows.net", True),
        ("a.blob.core.windows.net", "*.blob.core.windows.net", False),
        ("*.contoso.com", "*.blob.core.windows.net", False),
    ],
)
def test_strangers_have_names_below_a_wildcard(pattern: str, shared: str, strangers: bool) -> None:
    """A single name belongs to somebody; a pattern of it with exceptions is still one."""
    rule = replace(
        RULE, addresses=None, names=SharedNames(names=NameSet.of(shared), holds="all", whole=False)
    )
    names = NameSet.of(pattern)
    assert _strangers(names, rule) is strangers
    assert _strangers(names - NameSet.of("b.blob.core.windows.net"), rule) is strangers
    assert not _strangers(None, rule)
    assert not _strangers(names, RULE)


@pytest.mark.parametrize(
    ("count", "more"),
    [(1, ""), (3, ""), (4, ", 1 more such destinations"), (7, ", 4 more such destinations")],
)
def test_of_many_destinations_three_are_named(count: int, more: str) -> None:
    """The sentence names the first three and counts the rest; the fields hold all."""
    prone = [_Prone(rule=replace(RULE, text=f"Tag{number}"), hop=HOP) for number in range(count)]
    found = _problem(prone, ASKED)
    shown = ", ".join(f"Tag{number} (every tenant's machines)" for number in range(min(count, 3)))
    assert found.message == f"security rule cloud lets traffic out to {shown}{more} (NSG-27)"
    assert len(found.lacking) == count


@pytest.mark.parametrize(("count", "cut"), [(1, False), (3, False), (4, True)])
def test_of_many_rules_three_are_named(count: int, cut: bool) -> None:
    """More are an ellipsis, also where rules that deny by name are made unreachable."""
    names = [f"web/rule-{number}" for number in range(count)]
    shown = ", ".join(names[:3]) + (", ..." if cut else "")
    assert problems_load_balancer._listed(names) == shown
    told = problems_network_rules._message("net/wide", [("TCP", 443, 70000)], names, certain=True)
    assert told.endswith(f"unreachable: {shown}")
    assert "70,000 public addresses" in told


def network_rule(*destinations: str, groups: tuple[ResourceId, ...] = ()) -> NetworkRule:
    return NetworkRule(
        name="n",
        sources=("*",),
        source_groups=(),
        protocols=("tcp",),
        destinations=destinations,
        destination_groups=groups,
        fqdns=(),
        ports=("443",),
        preview_selector=False,
    )


@pytest.mark.parametrize(
    ("rule", "maybe"),
    [
        (network_rule("20.0.0.0/16"), False),
        (network_rule("20.0.0.0/15"), True),
        (network_rule("20.0.0.0/16", "30.0.0.1"), True),
        (network_rule("20.0.0.0/17", "30.0.0.0/18", "40.0.0.0/18"), False),
        (network_rule("20.0.0.0/17", "30.0.0.0/18", "40.0.0.0/18", "50.0.0.0/32"), True),
        (network_rule("20.0.0.1", "20.0.0.2"), False),
        (network_rule("*"), True),
        (network_rule("AzureCloud"), True),
        (network_rule("20.0.0.0-21.0.0.0"), True),
        (network_rule("fd00::/64"), True),
        (network_rule("20.0.0.1", groups=(GROUP,)), True),
        (network_rule(), False),
    ],
)
def test_a_cheap_look_tells_which_rules_cannot_be_wide(rule: NetworkRule, maybe: bool) -> None:
    """Addresses are counted where the text gives their number; whatever else may hold more than a few."""
    assert WIDE == 65536
    assert problems_network_rules._may_be_wide(rule) is maybe


def test_what_surely_gets_out_is_told_without_what_may(tmp_path: Path) -> None:
    """A rule with one destination that was read and one that was not is a finding for the first, not an unknown."""
    collection = {
        "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
        "name": "net",
        "priority": 600,
        "action": {"type": "Allow"},
        "rules": [
            {
                "name": "both",
                "ruleType": "NetworkRule",
                "sourceAddresses": ["*"],
                "ipProtocols": ["TCP"],
                "destinationAddresses": ["EventHub", "Storage.WestEurope"],
                "destinationPorts": ["443"],
            }
        ],
    }
    place = {"resource": "ruleCollectionGroups/rules", "path": "properties.ruleCollections"}
    case = case_of(
        {
            "title": "A rule names two tags, of which one was read.",
            "clauses": ["NSG-27"],
            "base": "hub-spoke",
            "edit": [{"append": {**place, "value": collection}}],
            "ask": [
                {
                    "to": "20.50.200.9:443/tcp",
                    "verdict": "allowed",
                    "hop": {"stage": "firewall", "outcome": "allow"},
                }
            ],
        },
        CASES / "area/id/case.yaml",
    )
    report = prepare(case, "default", tmp_path).report()
    (found,) = [one for one in report.findings if one.rule == "exfiltration-prone-rule"]
    assert found.status is Status.FAIL
    assert "Storage.WestEurope" in found.message
    assert "EventHub" not in found.message
