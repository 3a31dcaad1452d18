"""Which denying application rules a wide network rule leaves nothing to: asked of what reaches the firewall (FW-13)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from auditor.audit import check, load_policy, load_snapshot
from auditor.filters.firewall import FirewallFilter
from auditor.filters.firewall_rules import PlacedCollection, ResolvedFirewall
from auditor.model.finding import Finding, Status
from auditor.model.firewall import RuleCollection
from auditor.model.reading import TagMembers
from auditor.model.resource_id import ResourceId
from auditor.model.service_tags import NO_TAGS
from auditor.paths.unasked_denies import rule_order
from tests.cases_support.estate import load_estate
from tests.unit.plain_records import plain_firewall
from tests.unit.rules.world import network_rule

RULES = {"resource": "ruleCollectionGroups/rules", "path": "properties.ruleCollections"}
ROUTES = {"resource": "routeTables/rt", "path": "properties.routes"}
HALVES = ("0.0.0.0/1", "128.0.0.0/1")


def collection(name: str, priority: int, action: str, *rules: dict[str, Any]) -> dict[str, Any]:
    value = {
        "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
        "name": name,
        "priority": priority,
        "action": {"type": action},
        "rules": list(rules),
    }
    return {"append": {**RULES, "value": value}}


def network(name: str, *destinations: str, ports: tuple[str, ...] = ("443",)) -> dict[str, Any]:
    return {
        "ruleType": "NetworkRule",
        "name": name,
        "sourceAddresses": ["*"],
        "ipProtocols": ["TCP"],
        "destinationAddresses": list(destinations),
        "destinationPorts": list(ports),
    }


def application(name: str, *protocols: tuple[str, int]) -> dict[str, Any]:
    return {
        "ruleType": "ApplicationRule",
        "name": name,
        "sourceAddresses": ["*"],
        "protocols": [{"protocolType": kind, "port": port} for kind, port in protocols],
        "targetFqdns": ["pastebin.com"],
    }


def route(prefix: str, kind: str, address: str | None = None) -> dict[str, Any]:
    hop = {"nextHopType": kind} | ({"nextHopIpAddress": address} if address else {})
    value = {"name": "own", "properties": {"addressPrefix": prefix, **hop}}
    return {"append": {**ROUTES, "value": value}}


PASTE = collection("bad", 500, "Deny", application("paste", ("Https", 443)))
ALSO_8443 = collection("bad", 500, "Deny", application("paste", ("Https", 443), ("Https", 8443)))
EVERYWHERE = collection("net", 300, "Allow", network("web", "*"))
BLOCKLIST = collection("first", 200, "Deny", network("block", "45.155.205.0/24"))
SOME = collection("first", 200, "Allow", network("one", "20.0.0.0/24"))


def found(folder: Path, *edits: dict[str, Any]) -> dict[str, Finding]:
    """The findings about wide network rules, by the rule."""
    estate = load_estate("hub-spoke")
    estate.apply(list(edits))
    estate.write(folder / "snapshot")
    report = check(load_snapshot(folder / "snapshot"), load_policy())
    kind = "network-rule-bypasses-application-rules"
    findings = [one for one in report.findings if one.rule == kind]
    assert {one.status for one in findings} == {Status.FAIL}
    return {one.message.split()[2]: one for one in findings}


@pytest.mark.parametrize(
    "edits",
    [
        (EVERYWHERE, PASTE),
        (EVERYWHERE, PASTE, BLOCKLIST),
        (EVERYWHERE, PASTE, SOME),
        (EVERYWHERE, PASTE, route("20.61.91.14/32", "Internet")),
        (EVERYWHERE, PASTE, route("20.61.91.14/32", "None")),
        (collection("net", 300, "Allow", network("web", *HALVES)), PASTE),
    ],
)
def test_a_deny_to_which_nothing_is_left_is_named(edits: tuple[dict[str, Any], ...], tmp_path: Path) -> None:
    """What another rule took before, or what never comes to the firewall, is not left to application rules either."""
    told = found(tmp_path, *edits)["net/web"].message
    assert told.endswith("; it makes what denies by name unreachable: bad/paste")


@pytest.mark.parametrize(
    "edits",
    [
        (collection("net", 300, "Allow", network("web", "0.0.0.0/1")), PASTE),
        (EVERYWHERE, ALSO_8443),
        (
            EVERYWHERE,
            PASTE,
            {
                "merge": {
                    "resource": "firewallPolicies/policy",
                    "value": {"explicitProxy": {"enableExplicitProxy": True, "httpPort": 8080}},
                }
            },
        ),
    ],
)
def test_a_deny_that_may_be_asked_is_not_named(edits: tuple[dict[str, Any], ...], tmp_path: Path) -> None:
    """Addresses, a port or requests to the explicit proxy (FW-51) are left to it."""
    assert "unreachable" not in found(tmp_path, *edits)["net/web"].message


def test_the_rule_that_takes_the_rest_is_the_one(tmp_path: Path) -> None:
    """Of two rules that take all between them, the first leaves something, and the second does not."""
    first = collection("first", 200, "Allow", network("half", HALVES[0]))
    second = collection("net", 300, "Allow", network("web", HALVES[1]))
    told = found(tmp_path, first, second, PASTE)
    assert "unreachable" not in told["first/half"].message
    assert told["net/web"].message.endswith("unreachable: bad/paste")


def filter_of(name: str, *owners: str) -> FirewallFilter:
    """A firewall with one rule of each owner."""
    rule = network_rule("r", "*")
    collections = tuple(
        PlacedCollection(
            owner=ResourceId(f"/subscriptions/s/{owner}"),
            policy=None,
            collection=RuleCollection(name="c", priority=100, action="allow", rules=(rule,)),
            order=(0, 0, 100),
        )
        for owner in owners
    )
    firewall = plain_firewall(id=ResourceId(f"/subscriptions/s/{name}"))
    return FirewallFilter(
        ResolvedFirewall(firewall=firewall, collections=collections), NO_TAGS, TagMembers((), ())
    )


def test_other_firewalls_on_the_way_count_where_they_share_rules() -> None:
    """One that runs the same policy asks the same application rules; one with rules of its own asks others."""
    own, same, other = filter_of("one", "a"), filter_of("two", "a", "b"), filter_of("three", "c")
    places = rule_order(own, [own, same, other]).places
    assert places == {f"/subscriptions/s/{name}" for name in ("one", "two", "a", "b")}
