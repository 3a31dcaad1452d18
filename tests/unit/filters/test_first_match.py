"""First match over uncertain rules keeps exactly the outcomes that V-4 leaves open, under every reading."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import chain, combinations, product
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.filters.parts import Doubt, Match, Option, Part, first_match, merge, overlay
from auditor.filters.rule_list import RuleList
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


def matches_of(specs: list[Any]) -> list[Match]:
    return [
        Match(
            hop=hop(effect, str(index)),
            sure=traffic(sure),
            doubts=tuple(Doubt(traffic(where), frozenset({code}), value) for where, code, value in doubts),
        )
        for index, (sure, doubts, effect) in enumerate(specs)
    ]


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


def scanned(wanted: Traffic, matches: list[Match]) -> list[Part]:
    return first_match(wanted, matches, Option(hop=hop(Effect.DENY, None)))


def compiled(wanted: Traffic, matches: list[Match]) -> list[Part]:
    return RuleList(matches, Option(hop=hop(Effect.DENY, None))).parts(wanted)


def coarse(wanted: Traffic, matches: list[Match]) -> list[Part]:
    return RuleList(matches, Option(hop=hop(Effect.DENY, None))).parts(wanted, coarse=True)


def outcomes(wanted: Traffic, matches: list[Match]) -> list[Part]:
    default = Option(hop=hop(Effect.DENY, None))
    return RuleList(matches, default, only_outcomes=True).parts(wanted, coarse=True)


@pytest.mark.parametrize("way", [scanned, compiled, coarse, outcomes])
@settings(max_examples=200, deadline=None)
@given(specs=st.lists(rule_specs, max_size=5))
def test_every_point_keeps_exactly_the_open_outcomes(
    way: Callable[[Traffic, list[Match]], list[Part]], specs: list[Any]
) -> None:
    """For every point and every set of assumptions the open options have the effects that a naive reader finds."""
    parts = way(traffic(set(POINTS)), matches_of(specs))
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


@settings(max_examples=200, deadline=None)
@given(specs=st.lists(rule_specs, max_size=6), asked=points)
def test_both_ways_give_the_same_parts(specs: list[Any], asked: set[tuple[str, int]]) -> None:
    """The compiled list answers any question with the parts, rules and conditions that a scan finds."""
    matches = matches_of(specs)
    by_scan = {part.options: part.traffic for part in scanned(traffic(asked), matches)}
    assert {part.options: part.traffic for part in compiled(traffic(asked), matches)} == by_scan


@settings(max_examples=100, deadline=None)
@given(specs=st.lists(rule_specs, max_size=6))
def test_a_look_up_is_the_part_that_holds_the_point(specs: list[Any]) -> None:
    """Asking a list for one address and service gives the options of the part in which it lies."""
    listed = RuleList(matches_of(specs), Option(hop=hop(Effect.DENY, None)))
    for part in listed.parts(traffic(set(POINTS))):
        for point in POINTS:
            if traffic({point}) <= part.traffic:
                assert listed.parts(traffic({point})) == [Part(traffic({point}), part.options)]


@settings(max_examples=100, deadline=None)
@given(specs=st.lists(rule_specs, max_size=6), before=points, asked=points)
def test_coarse_parts_do_not_depend_on_earlier_questions(
    specs: list[Any], before: set[tuple[str, int]], asked: set[tuple[str, int]]
) -> None:
    """What stands for an outcome may be chosen by an earlier question, and no answer shows it."""
    new, used = (
        RuleList(matches_of(specs), Option(hop=hop(Effect.DENY, None)), only_outcomes=True) for _ in range(2)
    )
    used.parts(traffic(before), coarse=True)
    assert used.parts(traffic(asked), coarse=True) == new.parts(traffic(asked), coarse=True)


def test_a_list_of_outcomes_tells_nothing_else_apart() -> None:
    """Rules and defaults that do the same are one part, whatever clause and target they have."""
    here, there = traffic({POINTS[0]}), traffic({POINTS[1]})
    matches = [
        Match(hop=hop(Effect.DENY, "0"), sure=here, target="a"),
        Match(hop=replace(hop(Effect.DENY, "1"), clause="NSG-8"), sure=there, target="b"),
    ]
    everything = traffic(set(POINTS))
    for only_outcomes, count in ((True, 1), (False, 3)):
        listed = RuleList(matches, Option(hop=hop(Effect.DENY, None)), only_outcomes=only_outcomes)
        assert len(listed.parts(everything, coarse=True)) == count
        assert len(listed.parts(everything)) == 3


@pytest.mark.parametrize(("size", "kept"), [(60, None), (300, None), (60, 1), (300, 50)])
def test_long_lists_are_decided_as_a_scan_decides(
    size: int, kept: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lists of many blocks, with doubts among them, give the same parts as a scan, and the same effects when coarse.

    So they do where hardly anything is remembered.
    """
    for memory in ("rule_list._KEPT", "rule_list._SHARES", "rule_list._CLASSES", "decisions._SCANNED"):
        if kept is not None:
            monkeypatch.setattr(f"auditor.filters.{memory}", kept)
            monkeypatch.setattr("auditor.netset.atoms._KEPT", kept)
    random = Random(size)  # noqa: S311  a seeded choice of cases
    blocks = [AddressSet.of(f"198.18.{number}.0/{random.choice([24, 25, 28])}") for number in range(40)]
    matches = []
    for number in range(size):
        box = Traffic.box(
            AddressSet.union_all(random.sample(blocks, 3)), ServiceSet.tcp(f"{number % 50}-{number % 50 + 9}")
        )
        doubtful = random.random() < 0.2
        matches.append(
            Match(
                hop=hop(random.choice(EFFECTS), str(number)),
                sure=Traffic.EMPTY if doubtful else box,
                doubts=(Doubt(box, frozenset({random.choice(CODES)}), random.choice([True, False, None])),)
                if doubtful
                else (),
            )
        )
    asked = Traffic.box(AddressSet.of("198.18.0.0/16"), ServiceSet.tcp("1-70") | ServiceSet.udp())
    by_scan = {part.options: part.traffic for part in scanned(asked, matches)}
    assert {part.options: part.traffic for part in compiled(asked, matches)} == by_scan
    narrow = Traffic.box(AddressSet.of("198.18.0.0/16"), ServiceSet.tcp(20))
    assert {part.options: part.traffic for part in compiled(narrow, matches)} == {
        part.options: part.traffic for part in scanned(narrow, matches)
    }
    for assumed in (frozenset[str](), frozenset({"a"}), frozenset(CODES)):
        assert by_effects(coarse(asked, matches), assumed) == by_effects(scanned(asked, matches), assumed)


@pytest.mark.parametrize("combined", [3, 1000])
def test_groups_that_many_rules_name_may_overlap_anyhow(
    combined: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list gives the parts of a scan however many overlaps its common address sets have, remembered or not."""
    monkeypatch.setattr("auditor.filters.decisions._COMBINED", combined)
    monkeypatch.setattr("auditor.filters.decisions._FIRM", 2)
    random = Random(7)  # noqa: S311  a seeded choice of cases
    groups = [
        AddressSet.of(*(f"198.18.{number}.0/24" for number in random.sample(range(16), 6))) for _ in range(9)
    ]
    own = [AddressSet.of(f"198.18.{number}.0/25") for number in range(16)]
    matches = [
        Match(
            hop=hop(random.choice(EFFECTS), str(number)),
            sure=Traffic.box(
                random.choice(groups if number % 5 else own), ServiceSet.tcp(f"{number * 7 % 97}-{number}")
            ),
        )
        for number in range(97, 250)
    ]
    asked = Traffic.box(AddressSet.of("198.18.0.0/16"), ServiceSet.ANY)
    by_scan = scanned(asked, matches)
    assert {part.options: part.traffic for part in compiled(asked, matches)} == {
        part.options: part.traffic for part in by_scan
    }
    assert by_effects(coarse(asked, matches), frozenset()) == by_effects(by_scan, frozenset())


@pytest.mark.parametrize("way", [first_match, lambda asked, found, last: RuleList(found, last).parts(asked)])
def test_the_default_keeps_its_own_codes(
    way: Callable[[Traffic, list[Match], Option], list[Part]],
) -> None:
    """Behind a doubt the default is open for the codes of both, also where they are the same ones."""
    default = Option(
        hop=hop(Effect.DENY, None), codes=frozenset({"a", "b"}), unless=frozenset({frozenset("b")})
    )
    here = traffic({POINTS[0]})
    doubts = (Doubt(here, frozenset({"a", "c"}), True),)
    (part,) = way(here, [Match(hop=hop(Effect.ALLOW, "0"), sure=Traffic.EMPTY, doubts=doubts)], default)
    assert [option.codes for option in part.options] == [frozenset("ac"), frozenset("abc")]
    assert part.options[1].unless == {frozenset("b"), frozenset("ac")}


def test_parts_come_in_the_order_of_what_decides_them() -> None:
    """First by the rule that ends the search, then by the doubts before it, wherever the addresses lie."""
    early, late = ({POINTS[0], POINTS[2]}, {POINTS[0]})
    matches = [
        Match(
            hop=hop(Effect.ALLOW, str(number)),
            sure=Traffic.EMPTY,
            doubts=(Doubt(traffic(where), frozenset({"a"}), None),),
            target=number,
        )
        for number, where in enumerate((early, late))
    ]
    asked = traffic({POINTS[0], POINTS[2], POINTS[4]})
    found = [[option.hop.rule for option in part.options] for part in compiled(asked, matches)]
    assert found == [[None], ["0", None], ["0", "1", None]]


partitions = st.lists(st.integers(0, 3), min_size=len(POINTS), max_size=len(POINTS))


@settings(max_examples=200, deadline=None)
@given(partitions, partitions)
def test_an_overlay_is_the_common_refinement(one: list[int], other: list[int]) -> None:
    """Each point has what both partitions say of it, whichever parts they share, and equal parts are one."""

    def parts(numbers: list[int]) -> list[Part]:
        return merge(
            [
                Part(traffic({point}), (Option(hop=hop(Effect.ALLOW, str(number))),))
                for point, number in zip(POINTS, numbers, strict=True)
            ]
        )

    found = overlay(parts(one), parts(other), lambda first, second: (*first, *second))
    assert len({part.options for part in found}) == len(found) == len(set(zip(one, other, strict=True)))
    for point, *numbers in zip(POINTS, one, other, strict=True):
        (part,) = [part for part in found if traffic({point}) <= part.traffic]
        assert [option.hop.rule for option in part.options] == list(map(str, numbers))


@pytest.mark.parametrize("outcomes", [1, 2, 3, 4, 5, 8, 9])
def test_many_outcomes_are_kept_apart(outcomes: int) -> None:
    """However many things rules may do, each address and service has what the first rule that matches does."""
    random = Random(outcomes)  # noqa: S311  a seeded choice of cases
    matches = [
        Match(
            hop=hop(Effect.ALLOW, str(number)),
            sure=Traffic.box(
                AddressSet.of(f"198.18.{random.randrange(12)}.0/24", f"198.18.{random.randrange(12)}.0/25"),
                ServiceSet.tcp(f"{number % 9}-{number % 9 + 3}"),
            ),
            target=number % outcomes,
        )
        for number in range(31)
    ]
    for asked in (
        Traffic.box(AddressSet.of("198.18.0.0/20"), ServiceSet.tcp("0-20")),
        Traffic.box(AddressSet.of("0.0.0.0/0", "::/0"), ServiceSet.ANY),
        Traffic.box(AddressSet.of("198.18.3.0/25"), ServiceSet.tcp(5)),
    ):
        by_scan = by_target(scanned(asked, matches))
        assert by_target(coarse(asked, matches)) == by_scan
        assert by_target(compiled(asked, matches)) == by_scan


def by_target(parts: list[Part]) -> dict[tuple[Effect, object], Traffic]:
    found: dict[tuple[Effect, object], list[Traffic]] = {}
    for part in parts:
        (option,) = part.options
        found.setdefault((option.hop.outcome, option.target), []).append(part.traffic)
    return {does: Traffic.union_all(traffic) for does, traffic in found.items()}


def by_effects(parts: list[Part], assumed: frozenset[str]) -> dict[frozenset[Effect], Traffic]:
    found: dict[frozenset[Effect], list[Traffic]] = {}
    for part in parts:
        effects = frozenset(option.hop.outcome for option in part.options if option.holds(assumed))
        found.setdefault(effects, []).append(part.traffic)
    return {effects: Traffic.union_all(traffic) for effects, traffic in found.items()}
