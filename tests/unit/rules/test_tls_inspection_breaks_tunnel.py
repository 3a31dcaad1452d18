from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.model.estate import Estate
from auditor.model.finding import Problem, Status
from auditor.model.firewall import ApplicationRule, RuleCollection
from auditor.rules.tls_inspection_breaks_tunnel import TlsInspectionBreaksTunnel
from tests.unit.rules.world import (
    FROM_SYS,
    GROUP,
    IP_GROUP,
    OTHER,
    SUBSCRIPTION,
    application_rule,
    audited,
    collection,
    estate,
    firewall,
    group,
)

NAME = "aks-payments.hcp.westeurope.azmk8s.io"
START = f"az network firewall policy rule-collection-group collection %s --subscription {SUBSCRIPTION} "
PLACE = START + "--resource-group rg-hub --policy-name fp-child --rule-collection-group-name rcg-aks "


def problem(subject: str, reasons: tuple[str, ...] = ()) -> Problem:
    return Problem(
        kind="tls-inspection-breaks-tunnel",
        resource=GROUP,
        subject=subject,
        message="inspected",
        asked_from=(FROM_SYS,),
        reasons=reasons,
        lacking=(NAME,),
    )


def inspecting(*fqdns: str, **changes: object) -> ApplicationRule:
    return replace(application_rule("web", *fqdns), terminate_tls=True, **changes)  # type: ignore[arg-type]


def world(rule: ApplicationRule, *others: RuleCollection) -> Estate:
    return estate(groups={GROUP: group(collection("app", 200, rule), *others)})


def commands(places: Estate) -> tuple[str, ...]:
    (found,) = TlsInspectionBreaksTunnel().check(audited(estate=places, problems=(problem("app/web"),)))
    assert found.status is Status.FAIL
    return found.commands


def test_a_rule_for_api_servers_alone_stops_inspecting() -> None:
    """Nothing else loses its inspection by that."""
    expected = PLACE % "rule update" + "--collection-name app --name web --enable-tls-insp false"
    assert commands(world(inspecting(NAME, "*.hcp.northeurope.azmk8s.io"))) == (expected,)


@pytest.mark.parametrize(
    "rule",
    [
        inspecting("*"),
        inspecting(NAME, "example.com"),
        inspecting(NAME, fqdn_tags=("AzureKubernetesService",)),
        inspecting(NAME, "a.*.b"),
    ],
)
def test_a_wider_rule_gets_one_before_it(rule: ApplicationRule) -> None:
    """What else the rule inspects stays inspected; the new rule has its sources."""
    (line,) = commands(world(rule))
    assert line.startswith(
        PLACE % "add-filter-collection" + "--name app-not-inspected --collection-priority 199 "
    )
    assert line.endswith(f"--target-fqdns {NAME} --protocols Https=443 --source-addresses 10.1.0.0/16")


def test_the_new_rule_keeps_ip_groups_as_sources() -> None:
    """A rule with groups has no addresses of its own to repeat."""
    rule = replace(application_rule("web", "*", source_groups=(IP_GROUP,)), terminate_tls=True)
    (line,) = commands(world(rule))
    assert line.endswith(f"--source-ip-groups {IP_GROUP}")


def test_no_command_without_a_free_priority() -> None:
    """A priority that is taken would fail; words remain."""
    assert commands(world(inspecting("*"), replace(OTHER, priority=199))) == ()


def test_a_rule_that_cannot_be_found_gets_words_only() -> None:
    """Neither a firewall that is gone nor a name that stands twice leads to a command."""
    assert commands(estate(firewalls={})) == ()
    assert commands(world(inspecting("*"), collection("APP", 300, inspecting("*")))) == ()
    classic = firewall(policy=None, classic=(collection("app", 200, inspecting("*")),))
    (found,) = TlsInspectionBreaksTunnel().check(
        audited(
            estate=estate(firewalls={classic.id: classic}),
            problems=(replace(problem("app/web"), resource=classic.id),),
        )
    )
    assert found.commands == ()
    assert NAME in found.remediation


def test_an_open_question_is_unknown() -> None:
    """Reasons beside the inspection leave open whether it happens."""
    world_ = audited(estate=world(inspecting("*")), problems=(problem("app/web", ("fw-feature-tier",)),))
    (found,) = TlsInspectionBreaksTunnel().check(world_)
    assert (found.status, found.reasons) == (Status.UNKNOWN, ("fw-feature-tier",))
