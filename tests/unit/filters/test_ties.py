"""Rules of one priority that disagree stay open, whichever of them is assumed to match (NSG-5, NSG-31)."""

from __future__ import annotations

from itertools import permutations

import pytest

from auditor.filters.parts import Doubt, Match, Option
from auditor.filters.rule_list import RuleList
from auditor.filters.ties import untied
from auditor.model.security_group import SecurityRule
from auditor.model.verdict import Effect, Hop, Stage
from auditor.netset import AddressSet, ServiceSet, Traffic
from tests.unit.rules.world import security_rule

HERE = Traffic.box(AddressSet.of("192.0.2.1"), ServiceSet.tcp(443))
TIE = "uncertain:NSG-31"


def entry(name: str, access: str, *, assumed: bool) -> tuple[SecurityRule, Match]:
    effect = Effect.ALLOW if access == "allow" else Effect.DENY
    hop = Hop(stage=Stage.ADMIN, resource=None, rule=name, priority=5, outcome=effect, clause="NSG-31")
    doubts = (Doubt(HERE, frozenset({"peering-unread"}), True),) if assumed else ()
    sure = Traffic.EMPTY if assumed else HERE
    return security_rule(name, 5, access), Match(hop=hop, sure=sure, doubts=doubts)


@pytest.mark.parametrize("assumed", [False, True])
def test_a_tie_is_open_under_every_reading(assumed: bool) -> None:
    """Assuming that a rule matches does not say that it comes first."""
    default = Option(
        hop=Hop(stage=Stage.ADMIN, resource=None, rule=None, priority=None, outcome=Effect.ALLOW, clause="x")
    )
    for order in permutations(
        [entry("one", "allow", assumed=assumed), entry("other", "deny", assumed=False)]
    ):
        matches = [match for _, match in untied(order, TIE)]
        (part,) = RuleList(matches, default).parts(HERE)
        for taken in (frozenset[str](), frozenset({"peering-unread"})):
            left = {option.hop.outcome for option in part.options if option.holds(taken)}
            assert left == {Effect.ALLOW, Effect.DENY}
        assert any(TIE in option.codes for option in part.options)
