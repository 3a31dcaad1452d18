"""Dead rules of the devices on a cluster's paths: judged once, as a whole, and only where everything was read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from auditor.filters.dead_rules import Entry, Judged, judged_rules
from auditor.model.cluster import AgentPool
from auditor.model.estate import Estate
from auditor.model.finding import Problem
from auditor.model.firewall import FirewallPolicy, IpGroup, RuleCollectionGroup
from auditor.model.gap import Flaw
from auditor.model.reading import Hints, Reading, TagMembers
from auditor.model.resource_id import ResourceId
from auditor.model.security_group import SecurityGroup, SecurityRule
from auditor.model.snapshot import Read, Snapshot
from auditor.paths.cluster_paths import ClusterPaths
from auditor.paths.dead_rules import dead_rule_problems, unjudged_notes
from auditor.paths.network import Network
from tests.unit.plain_records import plain_pool
from tests.unit.rules.world import (
    APPS,
    BASE,
    CHILD,
    FIREWALL,
    GROUP,
    NSG,
    SYS,
    TABLE,
    VNET,
    cluster,
    collection,
    estate,
    firewall,
    group,
    network_rule,
    policy,
    rid,
    route,
    security_rule,
    table,
)

SECOND = rid("Microsoft.Network/azureFirewalls/fw-second", "rg-hub")
INSIDE = ResourceId(f"{VNET}/subnets/AzureFirewallSubnet")
OTHER_CHILD = rid("Microsoft.Network/firewallPolicies/fp-other", "rg-hub")
BASE_GROUP = ResourceId(f"{BASE}/ruleCollectionGroups/rcg-base")
DENY_ALL = replace(security_rule("deny-all", 4000), destinations=("*",))
LATE = replace(security_rule("late", 4010, "allow"), protocol="tcp", destinations=("8.8.8.8",))
TWICE = group(
    collection("first", 100, network_rule("ntp", "*")),
    collection("second", 200, network_rule("again", "8.8.8.8")),
)


def world(*rules: SecurityRule, **changes: Any) -> Estate:
    """The spoke, with the firewall inside it and these rules in the group of its subnets."""
    values: dict[str, Any] = {
        "firewalls": {FIREWALL: firewall(private_addresses=("10.1.9.4",), subnet=INSIDE)},
        "policies": {CHILD: policy(CHILD, None, GROUP)},
        "groups": {GROUP: group()},
        "route_tables": {TABLE: table(route("default", "0.0.0.0/0", "virtualappliance", "10.1.9.4"))},
        "security_groups": {NSG: SecurityGroup(id=NSG, flaws=(), rules=rules)},
        "snapshot": Snapshot(
            documents={},
            reads=(
                Read(
                    scope=f"/subscriptions/{CHILD.subscription}",
                    kind="microsoft.network/firewallpolicies/rulecollectiongroups",
                    status="complete",
                ),
            ),
            has_manifest=True,
            cloud="public",
            collected=None,
            sources=("test",),
        ),
    }
    return estate(**(values | changes))


def paths_in(where: Network, *pools: AgentPool) -> ClusterPaths:
    return ClusterPaths(
        cluster(pools=pools or (plain_pool(name="apps", subnet=APPS),)),
        where,
        Hints(),
        TagMembers(),
        Reading(),
    )


def problems(where: Network, *pools: AgentPool) -> list[Problem]:
    paths = paths_in(where, *pools)
    return [
        problem
        for source in paths.sources
        for problem in dead_rule_problems(paths, source, paths.asked_from(source))
    ]


def compiled(*rules: SecurityRule, **changes: Any) -> Network:
    return Network(world(*rules, **changes), {})


def told(*rules: SecurityRule, **changes: Any) -> list[tuple[str, str]]:
    return [(problem.kind, problem.subject) for problem in problems(compiled(*rules, **changes))]


def test_a_shadowed_security_rule_is_told_with_its_cover() -> None:
    """The deny takes all of the later allow, and does otherwise with a packet that is named."""
    (found,) = problems(compiled(DENY_ALL, LATE))
    assert (found.kind, found.resource, found.subject) == ("rule-shadowed", NSG, "late")
    assert found.message == (
        "security rule late (priority 4010) of nsg-apps decides nothing: deny-all (4000) before it takes all it "
        "matches; deny-all (4000) denies tcp/1 from 0.0.0.1 to 8.8.8.8, which it allows in vain"
    )
    assert [hop.rule for hop in found.evidence] == ["deny-all"]


@pytest.mark.parametrize(
    ("before", "ports", "shown"),
    [
        ("8.8.8.8", "1-600", "tcp/602"),
        ("8.8.8.8", "0-600", "tcp/602"),
        ("9.9.9.9", "1-65535", "tcp/2"),
        ("9.9.9.9", "0", "tcp/2"),
        ("8.8.8.8", "1-65535", "tcp/0"),
    ],
)
def test_the_packet_has_a_port_that_can_be_asked_about(before: str, ports: str, shown: str) -> None:
    """Port 0 is no question; it is shown only where nothing else is left."""
    first = replace(LATE, name="first", priority=100, destinations=(before,), destination_ports=(ports,))
    (found,) = [one for one in problems(compiled(first, DENY_ALL, LATE)) if one.subject == "late"]
    assert f"deny-all (4000) denies {shown} from " in found.message


def test_a_redundant_security_rule_is_told_with_what_stands_in() -> None:
    """The rules are named that would do the same; none where nothing after it does otherwise."""
    early = replace(LATE, name="early", priority=110, access="deny")
    (found,) = problems(
        compiled(early, DENY_ALL, replace(DENY_ALL, name="open", priority=4001, access="allow"))
    )[:1]
    assert found.message == (
        "security rule early (priority 110) of nsg-apps changes nothing: without it deny-all (4000) does the same"
    )
    (found,) = problems(compiled(early))
    assert found.message == (
        "security rule early (priority 110) of nsg-apps changes nothing: no rule after it does otherwise"
    )


@pytest.mark.parametrize(
    "groups", [{}, {NSG: SecurityGroup(id=NSG, flaws=(Flaw("x", "y"),), rules=(DENY_ALL, LATE))}]
)
def test_a_group_that_was_not_read_properly_is_not_judged(groups: dict[ResourceId, SecurityGroup]) -> None:
    """V-6: what its rules are is not known."""
    assert told(security_groups=groups) == []


def test_a_device_is_judged_once_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two subnets and two clusters of one network share what was found about a group and a firewall."""
    asked: list[int] = []

    def counting(entries: Sequence[Entry], most: int) -> Judged:
        asked.append(len(entries))
        return judged_rules(entries, most)

    monkeypatch.setattr("auditor.paths.dead_rules.judged_rules", counting)
    network = compiled(DENY_ALL, LATE, groups={GROUP: TWICE})
    first = problems(network, plain_pool(name="apps", subnet=APPS), plain_pool(subnet=SYS))
    again = problems(network, plain_pool(name="apps", subnet=APPS))
    assert len(first) == 2 * len(again) == 4
    assert len(asked) == 2
    assert {item.subnet for problem in first for item in problem.asked_from} == {APPS, SYS}


def test_what_takes_too_long_to_judge_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    """V-1: no rule is called dead for want of effort, and none is passed over in silence."""
    network = compiled(DENY_ALL, LATE, groups={GROUP: TWICE})
    assert len(problems(network)) == 2
    assert list(unjudged_notes(paths_in(network))) == []
    monkeypatch.setattr("auditor.paths.dead_rules._EFFORT", 0)
    network = compiled(DENY_ALL, LATE, groups={GROUP: TWICE})
    assert problems(network) == []
    assert list(unjudged_notes(paths_in(network))) == [
        f"2 rules of {device} were not judged whether they are needed: what they name overlaps in too many ways"
        for device in ("nsg-apps", "fw-hub")
    ]


def test_a_firewall_on_the_path_is_judged() -> None:
    """FW-8: the second collection repeats a part of the first."""
    assert told(groups={GROUP: TWICE}) == [("rule-shadowed", "second/again")]


def test_a_firewall_that_was_not_read_completely_is_not_judged() -> None:
    """FW-53: an unread parent comes first and may decide anything."""
    unread = {CHILD: policy(CHILD, BASE, GROUP)}
    assert told(policies=unread, groups={GROUP: TWICE}) == []


def second(own: RuleCollectionGroup, **changes: Any) -> dict[str, Any]:
    """Two firewalls whose policies have one parent; the second one's own rules are `own`."""
    return {
        "firewalls": {
            FIREWALL: firewall(private_addresses=("10.1.9.4",), subnet=INSIDE),
            SECOND: firewall(id=SECOND, private_addresses=("10.1.9.5",), policy=OTHER_CHILD, **changes),
        },
        "policies": {
            CHILD: policy(CHILD, BASE, GROUP),
            OTHER_CHILD: policy(OTHER_CHILD, BASE, own.id),
            BASE: policy(BASE, None, BASE_GROUP),
        },
        "groups": {
            GROUP: group(collection("own", 100, network_rule("all", "*"))),
            own.id: own,
            BASE_GROUP: group(collection("base", 100, network_rule("one", "8.8.8.8")), identity=BASE_GROUP),
        },
    }


SAME = group(
    collection("own", 100, network_rule("all", "*")),
    identity=ResourceId(f"{OTHER_CHILD}/ruleCollectionGroups/rcg"),
)
NONE = group(identity=SAME.id)


def test_a_shared_rule_must_be_dead_on_every_firewall() -> None:
    """A parent's rule that one child's rules make redundant may be what another child lives on."""
    assert told(**second(SAME)) == [("rule-redundant", "base/one")]
    assert told(**second(NONE)) == []


def test_a_shared_rule_is_not_judged_where_one_firewall_is_unread() -> None:
    """What the parent's rule does there is not known."""
    assert told(**second(SAME, flaws=(Flaw("x", "y"),))) == []


EMPTIED = rid("Microsoft.Network/ipGroups/ipg-empty", "rg-hub")
SKIPPED = replace(network_rule("skipped"), destinations=(), destination_groups=(EMPTIED,))
WITH_EMPTIED: dict[str, Any] = {"ip_groups": {EMPTIED: IpGroup(id=EMPTIED, flaws=(), addresses=())}}


@pytest.mark.parametrize(
    ("codes", "policies", "expected"),
    [
        ((), {CHILD: policy(CHILD, BASE, GROUP)}, [("rule-unmatchable", "own/skipped")]),
        (("enum-unknown",), {CHILD: policy(CHILD, None, GROUP)}, [("rule-unmatchable", "own/skipped")]),
        (("enum-unknown", "snapshot-inconsistent"), {CHILD: policy(CHILD, None, GROUP)}, []),
        (("not-succeeded",), {CHILD: policy(CHILD, None, GROUP)}, []),
    ],
)
def test_a_skipped_rule_is_told_whatever_else_is_not_known(
    codes: tuple[str, ...], policies: dict[ResourceId, FirewallPolicy], expected: list[tuple[str, str]]
) -> None:
    """FW-40: an emptied group is enough, if the rule itself is known; a copy that disagrees may use another."""
    own = group(collection("own", 100, network_rule("all", "*"), SKIPPED, network_rule("all2", "*")))
    flawed = replace(own, flaws=tuple(Flaw(code, "why") for code in codes))
    assert told(policies=policies, groups={GROUP: flawed}, **WITH_EMPTIED) == expected


def test_a_shared_rule_is_skipped_by_every_firewall() -> None:
    """FW-40: whether another firewall of the parent was read changes nothing about the emptied group."""
    values = second(SAME, flaws=(Flaw("x", "y"),))
    values["groups"][BASE_GROUP] = group(collection("base", 100, SKIPPED), identity=BASE_GROUP)
    assert told(**values, **WITH_EMPTIED) == [("rule-unmatchable", "base/skipped")]
