from __future__ import annotations

from auditor.model.finding import Problem, Severity, Status
from auditor.rules.rule_redundant import RuleRedundant
from tests.unit.rules.world import CLUSTER, FROM_APPS, GROUP, SUBSCRIPTION, audited


def test_a_redundant_rule_of_a_policy_is_removed() -> None:
    """The command names the rule by its group and collection."""
    redundant = Problem(
        kind="rule-redundant",
        resource=GROUP,
        subject="other/web",
        message="other/web changes nothing",
        asked_from=(FROM_APPS,),
    )
    (found,) = RuleRedundant().check(audited(problems=(redundant,)))
    assert (found.status, found.severity, found.resource) == (Status.FAIL, Severity.NOTE, GROUP)
    assert found.commands == (
        (
            "az network firewall policy rule-collection-group collection rule remove "
            f"--subscription {SUBSCRIPTION} --resource-group rg-hub --policy-name fp-child "
            "--rule-collection-group-name rcg-aks --collection-name other --name web"
        ),
    )
    assert "as long as the rules after it stay" in found.remediation


def test_passes_for_a_cluster_without_redundant_rules() -> None:
    """Silence is said, and says no more than is known."""
    (found,) = RuleRedundant().check(audited())
    assert (found.status, found.resource) == (Status.PASS, CLUSTER)
    assert "surely" in found.message
