"""Excess is one finding for each subnet and responsible rule, as severe as what it opens."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from auditor.model.egress import Beyond, Excess, Undetermined
from auditor.model.finding import Severity, Status
from auditor.model.verdict import Effect, Stage
from auditor.netset import AddressSet, NameSet, ServiceSet, Traffic
from auditor.rules.excess_egress import ExcessEgress
from auditor.rules.excess_undetermined import ExcessUndetermined
from auditor.rules.register import run_rules
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


def test_findings_keep_the_order_of_the_audit() -> None:
    """The audit puts the worst rule first, whatever its name and subnet; so does the list of findings."""
    parts = tuple(
        replace(excess(prefix), rule=replace(RULE, rule=f"net/{name}"), asked_from=(origin,), literal=False)
        for name, prefix, origin in (
            ("m", "198.0.0.0/10", FROM_SYS),
            ("z", "203.0.0.0/12", FROM_APPS),
            ("a", "204.0.0.0/16", FROM_SYS),
            ("b", "205.0.0.0/17", FROM_APPS),
        )
    )
    found = [one for one in run_rules([audited(excess=parts)]) if one.rule == "excess-egress"]
    assert [one.evidence[0].rule for one in found] == ["net/m", "net/z", "net/a", "net/b"]


def test_what_may_leave_is_told_in_full_in_the_details() -> None:
    """A note names one set of names and few ranges; the details hold all of them."""
    addresses = ("1.0.0.0/24", "2.0.0.0/24", "3.0.0.0/24", "4.0.0.0/24", "5.0.0.0/24")
    shared: dict[str, Any] = {
        "cause": "smtp-platform",
        "asked_from": (FROM_APPS,),
        "sources": AddressSet.of("10.1.0.0/24"),
        "witness": "1.0.0.0:25/tcp",
    }
    parts = (
        Undetermined(
            **shared,
            traffic=Traffic.box(AddressSet.of(*addresses), ServiceSet.tcp(25)),
            names=None,
            application=None,
        ),
        *(
            Undetermined(
                **shared,
                traffic=Traffic.box(AddressSet.of("1.0.0.0/8"), ServiceSet.tcp(port)),
                names=NameSet.of(f"a{port}.example.net"),
                application="https",
            )
            for port in (80, 443)
        ),
    )
    (note,) = ExcessUndetermined().check(audited(undetermined=parts))
    assert "3.0.0.0/24 and 2 more" in note.message
    assert "and 1 more set of names" in note.message
    assert [one.members for one in note.details] == [addresses, ("a443.example.net",)]


def test_what_is_published_is_the_other_rules_matter() -> None:
    """A set that is published for AKS is a note of its own and no excess."""
    world = audited(sources=(FROM_APPS,), excess=(replace(excess("203.120.0.0/16"), kind=Beyond.UNNEEDED),))
    assert [item.status for item in ExcessEgress().check(world)] == [Status.PASS]
    (note,) = UnneededBaselineEgress().check(world)
    assert (note.status, note.severity) == (Status.FAIL, Severity.NOTE)
