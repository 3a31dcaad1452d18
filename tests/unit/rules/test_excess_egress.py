"""Excess is one finding for each subnet and responsible rule, as severe as what it opens."""

from __future__ import annotations

from dataclasses import replace

from auditor.model.egress import Beyond, Excess
from auditor.model.finding import Severity, Status
from auditor.model.verdict import Effect, Stage
from auditor.netset import AddressSet, NameSet, ServiceSet, Traffic
from auditor.rules.excess_egress import ExcessEgress
from auditor.rules.unneeded_baseline_egress import UnneededBaselineEgress
from tests.unit.rules.world import FROM_APPS, FROM_SYS, GROUP, audited, hop

RULE = hop(
    Stage.FIREWALL, Effect.ALLOW, resource=str(GROUP), rule="net/partner", clause="FW-7", detail="allows it"
)
HTTPS = ServiceSet.tcp(443)


def excess(prefix: str, *, literal: bool = True) -> Excess:
    return Excess(
        kind=Beyond.EXCESS,
        asked_from=(FROM_APPS,),
        sources=AddressSet.of("10.1.0.0/24"),
        traffic=Traffic.box(AddressSet.of(prefix), HTTPS),
        names=None,
        application=None,
        witness="203.120.0.1:443/tcp",
        rule=RULE,
        hops=(RULE,),
        literal=literal,
    )


def test_few_addresses_named_one_by_one_are_a_warning() -> None:
    """255 literal addresses are a warning; 256, a tag, and names are errors."""
    one_less = Traffic.box(AddressSet.of("203.120.0.1-203.120.0.255"), HTTPS)
    small = replace(excess("203.120.0.0/24"), traffic=one_less)
    named = replace(small, names=NameSet.of("paste.example.net"), application="https", literal=False)
    for found, severity in (
        (small, Severity.WARNING),
        (excess("203.120.0.0/24"), Severity.ERROR),
        (replace(small, literal=False), Severity.ERROR),
        (named, Severity.ERROR),
    ):
        failed = [
            item for item in ExcessEgress().check(audited(excess=(found,))) if item.status is Status.FAIL
        ]
        assert [item.severity for item in failed] == [severity]


def test_one_finding_for_a_rule_and_a_pass_for_the_other_subnet() -> None:
    """Two sets of one rule are one finding that names a member; a subnet without excess passes."""
    world = audited(
        sources=(FROM_APPS, FROM_SYS), excess=(excess("203.120.0.0/16"), excess("203.121.0.0/16"))
    )
    failed, passed = sorted(ExcessEgress().check(world), key=lambda item: item.status.value)
    assert failed.status is Status.FAIL
    assert "203.120.0.1:443/tcp" in failed.message
    assert failed.evidence == (RULE,)
    assert (passed.status, passed.subnets) == (Status.PASS, (FROM_SYS.subnet,))


def test_what_several_senders_share_counts_once() -> None:
    """Records of one rule that differ by their senders are told as their union, in numbers and in severity."""
    some = excess("203.120.0.0/25")
    others = replace(excess("203.120.0.0-203.120.0.199"), sources=AddressSet.of("10.1.1.0/24"))
    (found,) = [
        one for one in ExcessEgress().check(audited(excess=(others, some))) if one.status is Status.FAIL
    ]
    assert "lets out tcp/443 to 203.120.0.0-203.120.0.199 (200 addresses) beyond" in found.message
    assert found.severity is Severity.WARNING


def test_a_message_tells_few_sets_of_names() -> None:
    """However many sets of names a rule lets out, the message names four, and the details hold the others."""
    parts = tuple(
        replace(
            excess("203.120.0.0/24"),
            traffic=Traffic.box(AddressSet.of("203.120.0.0/24"), ServiceSet.tcp(port, 444)),
            names=NameSet.of(f"a{port}.example.net"),
            application="https",
        )
        for port in range(1, 8)
    )
    (found,) = [one for one in ExcessEgress().check(audited(excess=parts)) if one.status is Status.FAIL]
    assert found.message.count("; https") == 3
    assert "and 4 more sets of names beyond the policy" in found.message
    assert found.message.count("444") == 1, "each name comes once with each service"
    assert len(found.details) == 5, "the union on port 444 has too many names for the message"


def test_what_is_published_is_the_other_rules_matter() -> None:
    """A set that is published for AKS is a note of its own and no excess."""
    world = audited(sources=(FROM_APPS,), excess=(replace(excess("203.120.0.0/16"), kind=Beyond.UNNEEDED),))
    assert [item.status for item in ExcessEgress().check(world)] == [Status.PASS]
    (note,) = UnneededBaselineEgress().check(world)
    assert (note.status, note.severity) == (Status.FAIL, Severity.NOTE)
