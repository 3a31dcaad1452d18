"""Commands of one report that cannot all succeed, because each was made for the estate as it was read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.audit import check, render
from auditor.model.finding import Finding, Report
from auditor.model.snapshot import Snapshot
from auditor.rules.az_command import az
from auditor.rules.colliding_commands import collision_notes
from auditor.rules.excess_egress import ExcessEgress
from auditor.rules.excess_findings import passed
from tests.estates.documents import SECURITY_GROUPS, Bodies, edited, example, named, policy
from tests.unit.rules.world import GROUP, audited

SAID = "of the proposed commands claim a priority or a name that another of them claims"


def finding(*commands: tuple[str, ...]) -> Finding:
    one = passed(ExcessEgress.info, audited(), None, "")
    return replace(one, commands=tuple(text for made in commands for text in made))


def rule(name: str, priority: int, group: str = "nsg") -> tuple[str, ...]:
    return az("network nsg rule create", GROUP, nsg_name=group, name=name, priority=priority)


@pytest.mark.parametrize(
    ("others", "told"),
    [
        ([rule("a b", 100)], False),
        ([rule("a b", 100), rule("b", 101)], False),
        ([rule("a b", 100), rule("b", 100, "other")], False),
        ([rule("a b", 100), rule("b", 100)], True),
        ([rule("a b", 100), rule("A B", 101)], True),
        ([az("network nsg rule delete", GROUP, nsg_name="nsg", name="a b")], False),
        ([az("network nsg show", GROUP, name="a b")] * 2, False),
    ],
)
def test_what_claims_the_same(others: list[tuple[str, ...]], told: bool) -> None:
    """Rules of one group with the same priority or name collide; the same command twice and other groups do not."""
    found = collision_notes([finding(rule("a b", 100)), *map(finding, others)])
    assert [SAID in note for note in found] == ([True] if told else [])


def test_collections_collide_by_name_and_priority() -> None:
    """Each collection of a group needs a priority of its own (FW-11)."""
    make = "network firewall policy rule-collection-group collection add-filter-collection"
    place = {"policy_name": "p", "rule_collection_group_name": "g"}
    one, two, three = (
        az(make, GROUP, **place, name=name, collection_priority=priority, rule_name="x")
        for name, priority in (("a", 200), ("b", 200), ("c", 300))
    )
    assert collision_notes([finding(one), finding(three)]) == ()
    (note,) = collision_notes([finding(one), finding(two), finding(three)])
    assert note.startswith("2 of")


def closed() -> Snapshot:
    """The example with a deny of the Internet behind all else: many endpoints want a rule before it."""

    def edit(bodies: Bodies) -> None:
        rules = named(bodies, SECURITY_GROUPS, "nsg-aks-nodes")["properties"]["securityRules"]
        rules.append(
            {
                "name": "DenyInternet",
                "properties": {
                    "priority": 4096,
                    "direction": "Outbound",
                    "access": "Deny",
                    "protocol": "*",
                    "sourceAddressPrefix": "*",
                    "sourcePortRange": "*",
                    "destinationAddressPrefix": "Internet",
                    "destinationPortRange": "*",
                },
            }
        )

    return edited(example("locked-down"), edit)


@pytest.fixture(scope="module")
def report() -> Report:
    return check(closed(), policy("aks-2026-06-18"))


@pytest.mark.parametrize("form", ["table", "markdown", "html", "json"])
def test_every_report_says_so(report: Report, form: str) -> None:
    """Who reads the commands reads that one of them is to be applied before the next scan."""
    assert SAID in " ".join(render(report, form).split())
