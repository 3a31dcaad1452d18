"""Which blockers of a judged path suffice alone."""

from __future__ import annotations

from dataclasses import replace

from auditor.filters.parts import Option
from auditor.model.verdict import Effect, Hop, Outcome, Stage
from auditor.paths.judge import Way, judge

NSG = Hop(
    stage=Stage.SUBNET_NSG,
    resource="/nsg",
    rule="DenyAll",
    priority=100,
    outcome=Effect.DENY,
    clause="NSG-4",
)
PASS = replace(NSG, rule="AllowAll", outcome=Effect.ALLOW)
EAST = replace(NSG, stage=Stage.FIREWALL, resource="/fw-east", rule=None, priority=None, clause="FW-6")
WEST = replace(EAST, resource="/fw-west")
OPEN = replace(EAST, rule="all", outcome=Effect.ALLOW)


def way(*stages: Hop | tuple[Option, ...]) -> Way:
    return Way(steps=tuple((Option(hop=item),) if isinstance(item, Hop) else item for item in stages))


def test_each_of_two_devices_in_a_row_suffices() -> None:
    """Two sure drops on one way are both listed, and mending one of them mends nothing."""
    found = judge([way(NSG, EAST)], frozenset())
    assert found.blockers == found.sufficient == (NSG, EAST)


def test_a_device_on_one_of_two_ways_does_not_suffice_alone() -> None:
    """Next hops that share traffic block it together only; what stands before them blocks it alone (UDR-15)."""
    found = judge([way(PASS, EAST), way(PASS, WEST)], frozenset())
    assert found.outcome is Outcome.BLOCKED
    assert found.blockers == (EAST, WEST)
    assert found.sufficient == ()
    found = judge([way(NSG, EAST), way(NSG, WEST)], frozenset())
    assert found.blockers == (NSG, EAST, WEST)
    assert found.sufficient == (NSG,)


def test_one_rule_on_every_way_suffices_whatever_its_sentence_says() -> None:
    """Two firewalls of one policy drop by the same rule."""
    rule = replace(EAST, resource="/group", rule="block", detail="as fw-east sees it")
    same = replace(rule, detail="as fw-west sees it")
    found = judge([way(PASS, rule), way(PASS, same)], frozenset())
    assert found.sufficient == (rule, same)


def test_platform_drops_are_told_apart_by_what_they_say() -> None:
    """Hops without a resource have nothing but their sentence."""
    mail = replace(EAST, stage=Stage.EXIT, resource=None, detail="port 25 is closed")
    ping = replace(mail, detail="only TCP and UDP are translated")
    assert judge([way(mail), way(ping)], frozenset()).sufficient == ()
    assert judge([way(mail), way(mail)], frozenset()).sufficient == (mail,)


def test_a_stage_that_drops_by_one_rule_or_another_has_no_sure_rule() -> None:
    """Where it is open which rule matches, all are listed and none is known to drop alone (V-4)."""
    stage = (Option(hop=NSG, codes=frozenset({"asg-members-unknown"})), Option(hop=replace(NSG, rule="Rest")))
    found = judge([way(stage)], frozenset())
    assert found.outcome is Outcome.BLOCKED
    assert [hop.rule for hop in found.blockers] == ["DenyAll", "Rest"]
    assert found.sufficient == ()


def test_ways_and_options_that_an_assumption_rules_out_do_not_count() -> None:
    """What suffices alone is judged under the reading of the answer."""
    codes = frozenset({frozenset({"bgp-routes-unknown"})})
    ways = [way(PASS, EAST), replace(way(PASS, OPEN), unless=codes)]
    assert judge(ways, frozenset()).outcome is Outcome.UNKNOWN
    assert judge(ways, frozenset({"bgp-routes-unknown"})).sufficient == (EAST,)
    maybe = (Option(hop=NSG), Option(hop=replace(NSG, rule="Rest"), unless=codes))
    assert judge([way(maybe)], frozenset()).sufficient == ()
    assert judge([way(maybe)], frozenset({"bgp-routes-unknown"})).sufficient == (NSG,)
