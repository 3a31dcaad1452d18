"""First match over uncertain rules keeps exactly the outcomes that V-4 leaves open, under every reading."""

from __future__ import annotations

from itertools import chain, combinations, product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.filters.parts import Doubt, Match, Option, first_match
from auditor.model.verdict import Effect, Hop, Stage
from auditor.netset import AddressSet, ServiceSet, Traffic

ADDRESSES = [f"192.0.2.{number}" for number in range(4)]
PORTS = [80, 443]
POINTS = list(product(ADDRESSES, PORTS))
CODES = ["a", "b", "c"]
EFFECTS = [Effect.ALLOW, Effect.DENY]

points = st.sets(st.sampled_from(POINTS), max_size=len(POINTS))
doubt_specs = st.tuples(points, st.sampled_from(CODES), st.sampled_from([True, False, None]))
rule_specs = st.tuples(points, st.lists(doubt_specs, max_size=2), st.sampled_from(EFFECTS))


def traffic(wanted: set[tuple[str, int]]) -> Traffic:
    return Traffic.union_all(
        Traffic.box(AddressSet.of(address), ServiceSet.tcp(port)) for address, port in wanted
    )


def hop(effect: Effect, rule: str | None) -> Hop:
    return Hop(stage=Stage.FIREWALL, resource=None, rule=rule, priority=None, outcome=effect, clause="V-4")


def naive(specs: list[Any], point: tuple[str, int], assumed: frozenset[str]) -> set[Effect]:
    """All effects over every truth value that the assumptions leave to the doubts, one rule after the other."""
    if not specs:
        return {Effect.DENY}
    sure, doubts, effect = specs[0]
    if point in sure:
        return {effect}
    for where, code, value in doubts:
        if point in where:
            if code in assumed and value is not None:
                return {effect} if value else naive(specs[1:], point, assumed)
            return {effect} | naive(specs[1:], point, assumed)
    return naive(specs[1:], point, assumed)


@settings(max_examples=200, deadline=None)
@given(st.lists(rule_specs, max_size=5))
def test_every_point_keeps_exactly_the_open_outcomes(specs: list[Any]) -> None:
    """For every point and every set of assumptions the open options have the effects that a naive reader finds."""
    matches = [
        Match(
            hop=hop(effect, str(index)),
            sure=traffic(sure),
            doubts=tuple(Doubt(traffic(where), frozenset({code}), value) for where, code, value in doubts),
        )
        for index, (sure, doubts, effect) in enumerate(specs)
    ]
    parts = first_match(traffic(set(POINTS)), matches, Option(hop=hop(Effect.DENY, None)))
    for point in POINTS:
        own = [part for part in parts if traffic({point}) <= part.traffic]
        assert len(own) == 1, "the parts are a partition"
        for codes in chain.from_iterable(combinations(CODES, size) for size in range(4)):
            assumed = frozenset(codes)
            found = {option.hop.outcome for option in own[0].options if option.holds(assumed)}
            assert found == naive(specs, point, assumed)


def test_nothing_is_left_for_an_empty_question() -> None:
    """An empty traffic set has no parts."""
    assert first_match(Traffic.EMPTY, [], Option(hop=hop(Effect.DENY, None))) == []
