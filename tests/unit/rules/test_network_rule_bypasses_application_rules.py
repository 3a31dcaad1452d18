from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.model.finding import Problem, Status
from auditor.model.firewall import NetworkRule
from auditor.rules.network_rule_bypasses_application_rules import NetworkRuleBypassesApplicationRules
from tests.unit.rules.world import (
    FIREWALL,
    FROM_SYS,
    GROUP,
    SUBSCRIPTION,
    audited,
    collection,
    estate,
    firewall,
    group,
    network_rule,
)

START = "az network firewall policy rule-collection-group collection rule "
PLACE = (
    f"--subscription {SUBSCRIPTION} --resource-group rg-hub --policy-name fp-child "
    "--rule-collection-group-name rcg-aks --collection-name net --name web"
)


def problem(*ports: str) -> Problem:
    return Problem(
        kind="network-rule-bypasses-application-rules",
        resource=GROUP,
        subject="net/web",
        message="wide",
        asked_from=(FROM_SYS,),
        lacking=ports,
    )


def web(*ports: str) -> NetworkRule:
    return replace(network_rule("web", "*"), ports=ports)


@pytest.mark.parametrize(
    ("ports", "expected"),
    [
        (("443",), (f"{START}remove {PLACE}",)),
        (("443", "9000", "123"), (f"{START}update {PLACE} --destination-ports 9000 123",)),
        (("440-450",), ()),
        (("*",), ()),
    ],
)
def test_the_ports_are_taken_out_of_the_rule(ports: tuple[str, ...], expected: tuple[str, ...]) -> None:
    """Ports that no application rule names stay; a range would have to be cut, which is left to people."""
    world = estate(groups={GROUP: group(collection("net", 200, web(*ports)))})
    (found,) = NetworkRuleBypassesApplicationRules().check(
        audited(estate=world, problems=(problem("80", "443"),))
    )
    assert found.status is Status.FAIL
    assert found.commands == expected
    assert "port 80, 443" in found.remediation


def test_a_classic_rule_is_deleted_on_the_firewall() -> None:
    """Without a policy the rule lies on the firewall itself."""
    classic = firewall(policy=None, classic=(collection("net", 200, web("443")),))
    (found,) = NetworkRuleBypassesApplicationRules().check(
        audited(
            estate=estate(firewalls={FIREWALL: classic}),
            problems=(replace(problem("443"), resource=FIREWALL),),
        )
    )
    assert found.commands == (
        (
            f"az network firewall network-rule delete --subscription {SUBSCRIPTION} --resource-group rg-hub "
            "--firewall-name fw-hub --collection-name net --name web"
        ),
    )


def test_two_rules_of_one_name_get_words_only() -> None:
    """A command could change the wrong one."""
    world = estate(
        groups={GROUP: group(collection("net", 200, web("443")), collection("NET", 300, web("443")))}
    )
    (found,) = NetworkRuleBypassesApplicationRules().check(audited(estate=world, problems=(problem("443"),)))
    assert found.commands == ()
    assert found.remediation


def test_passes_where_no_rule_is_in_the_way() -> None:
    """Silence is said."""
    (found,) = NetworkRuleBypassesApplicationRules().check(audited())
    assert found.status is Status.PASS
