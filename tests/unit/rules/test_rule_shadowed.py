from __future__ import annotations

from auditor.model.finding import Problem, Severity, Status
from auditor.model.verdict import Effect, Stage
from auditor.rules.rule_shadowed import RuleShadowed
from tests.unit.rules.world import CLUSTER, FROM_APPS, NSG, SUBSCRIPTION, audited, hop


def test_a_shadowed_rule_is_removed_or_moved() -> None:
    """Both ways out are named: removing it, and asking it before the rules that take everything."""
    cover = hop(Stage.SUBNET_NSG, Effect.DENY, resource=str(NSG), rule="deny-internet", priority=4000)
    shadowed = Problem(
        kind="rule-shadowed",
        resource=NSG,
        subject="late",
        message="late decides nothing",
        asked_from=(FROM_APPS,),
        evidence=(cover,),
    )
    (found,) = RuleShadowed().check(audited(problems=(shadowed,)))
    assert (found.status, found.severity, found.resource) == (Status.FAIL, Severity.NOTE, NSG)
    assert found.evidence == (cover,)
    assert found.remediation == "remove it, which changes nothing, or move it before deny-internet"
    assert found.commands == (
        (
            f"az network nsg rule delete --subscription {SUBSCRIPTION} --resource-group rg-net "
            "--nsg-name nsg-apps --name late"
        ),
    )


def test_passes_for_a_cluster_without_shadowed_rules() -> None:
    """Silence is said, and says no more than is known."""
    (found,) = RuleShadowed().check(audited())
    assert (found.status, found.resource) == (Status.PASS, CLUSTER)
    assert "surely" in found.message
