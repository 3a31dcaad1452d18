from __future__ import annotations

import pytest

from auditor.model.estate import Estate
from auditor.model.finding import Problem, Severity, Status
from auditor.model.resource_id import ResourceId
from auditor.rules.remove_rule import remove_rule
from auditor.rules.rule_unmatchable import RuleUnmatchable
from tests.unit.rules.world import (
    CLUSTER,
    FIREWALL,
    FROM_APPS,
    GROUP,
    NETWORK,
    OTHER,
    SUBSCRIPTION,
    TABLE,
    application_rule,
    audited,
    collection,
    estate,
    firewall,
    group,
)


def test_an_unmatchable_rule_is_filled_or_removed() -> None:
    """What it lacks may be what is wrong, so both are offered."""
    unmatchable = Problem(
        kind="rule-unmatchable",
        resource=GROUP,
        subject="aks-network/ntp",
        message="aks-network/ntp can match nothing",
        asked_from=(FROM_APPS,),
    )
    (found,) = RuleUnmatchable().check(audited(problems=(unmatchable,)))
    assert (found.status, found.severity, found.resource) == (Status.FAIL, Severity.NOTE, GROUP)
    assert found.remediation == "fill in what it lacks, or remove it, which changes nothing"
    assert len(found.commands) == 1


def test_passes_for_a_cluster_whose_rules_could_match() -> None:
    """Silence is said, and says no more than is known."""
    (found,) = RuleUnmatchable().check(audited())
    assert (found.status, found.resource) == (Status.PASS, CLUSTER)
    assert "surely" in found.message


CLASSIC = estate(firewalls={FIREWALL: firewall(policy=None, classic=(OTHER, NETWORK))})
TWINS = estate(
    groups={
        GROUP: group(collection("c", 100, application_rule("same", "a.b"), application_rule("same", "c.d")))
    }
)


@pytest.mark.parametrize(("subject", "kind"), [("other/web", "application"), ("aks-network/ntp", "network")])
def test_classic_rules_are_removed_from_the_firewall(subject: str, kind: str) -> None:
    """Classic rules have a command for each kind."""
    name = subject.partition("/")[2]
    assert remove_rule(CLASSIC, FIREWALL, subject) == (
        (
            f"az network firewall {kind}-rule delete --subscription {SUBSCRIPTION} --resource-group rg-hub "
            f"--firewall-name fw-hub --collection-name {subject.partition('/')[0]} --name {name}"
        ),
    )


@pytest.mark.parametrize(
    ("world", "resource", "subject"),
    [(TWINS, GROUP, "c/same"), (TWINS, GROUP, "c/gone"), (TWINS, TABLE, "c/same")],
)
def test_a_name_that_does_not_say_which_rule_gets_no_command(
    world: Estate, resource: ResourceId, subject: str
) -> None:
    """A command that might remove another rule is worse than none."""
    assert remove_rule(world, resource, subject) == ()
