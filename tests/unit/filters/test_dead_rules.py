"""Dead rules of a plain list: exactly those that a naive reader finds, with covers none of which can be left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.filters.dead_rules import Box, DeadRule, Death, Entry, dead_rules, judged_rules
from auditor.netset import IntervalSet

PACKETS = list(product(range(2), range(2), range(3)))
DOUBTS = ("a", "b")
TRUTHS = [frozenset(some) for size in range(3) for some in combinations(DOUBTS, size)]
Packet = tuple[int, ...]


def side(*numbers: int) -> IntervalSet:
    return IntervalSet.of(*((number, number) for number in numbers))


EVERYTHING = (side(0, 1), side(0, 1), side(0, 1, 2))


def some_of(count: int) -> st.SearchStrategy[IntervalSet]:
    return st.sets(st.sampled_from(range(count)), min_size=1).map(lambda some: side(*some))


all_sides = st.tuples(some_of(2), some_of(2), some_of(3))
boxes = st.builds(Box, all_sides, st.sets(st.sampled_from(DOUBTS)).map(frozenset))
sure_boxes = st.builds(Box, all_sides)


def listed(rules: Sequence[tuple[str, Sequence[Box]]], default: str) -> list[Entry]:
    """Rules in their order, and a default that is not judged."""
    return [
        *(Entry(order=place, effect=effect, boxes=tuple(own)) for place, (effect, own) in enumerate(rules)),
        Entry(order=len(rules), effect=default, boxes=(Box(EVERYTHING),), judged=False),
    ]


effects = st.sampled_from(["allow", "deny"])
lists = st.builds(
    listed,
    st.lists(st.tuples(effects, st.lists(st.one_of(boxes, sure_boxes), max_size=2)), max_size=7),
    effects,
)


def matches(entry: Entry, packet: Packet, true: frozenset[str]) -> bool:
    return any(
        box.doubts <= true and all(at in one for at, one in zip(packet, box.sides, strict=True))
        for box in entry.boxes
    )


def worlds() -> Iterator[tuple[Packet, frozenset[str]]]:
    """Every packet under every way in which the doubts may turn out for it."""
    yield from product(PACKETS, TRUTHS)


def decider(entries: Sequence[Entry], packet: Packet, true: frozenset[str], without: set[int]) -> int:
    return next(
        number
        for number, entry in enumerate(entries)
        if number not in without and matches(entry, packet, true)
    )


def decided_by(entries: Sequence[Entry], number: int) -> list[tuple[Packet, frozenset[str]]]:
    return [world for world in worlds() if decider(entries, *world, set()) == number]


def naive(entries: Sequence[Entry]) -> dict[int, Death]:
    """The rules that may go, by trying every packet; the last of two that stand in for each other stays."""
    found: dict[int, Death] = {}
    for number, entry in enumerate(entries):
        if entry.judged and not entry.boxes:
            found[number] = Death.UNMATCHABLE
        elif entry.judged and not decided_by(entries, number):
            found[number] = Death.SHADOWED
    for number in reversed(range(len(entries))):
        if entries[number].judged and number not in found:
            same = entries[number].effect
            if all(
                _stands_in(entries, number, world, set(found), same) for world in decided_by(entries, number)
            ):
                found[number] = Death.REDUNDANT
    return found


def _stands_in(
    entries: Sequence[Entry], number: int, world: tuple[Packet, frozenset[str]], gone: set[int], same: object
) -> bool:
    """Whether a rule that stays decides alike, and no rule before it, staying or not, does otherwise."""
    for other in range(number + 1, len(entries)):
        if matches(entries[other], *world):
            if entries[other].effect != same:
                return False
            if other not in gone:
                return True
    return False


@settings(max_examples=200, deadline=None)
@given(lists)
def test_the_dead_are_those_that_a_naive_reader_finds(entries: list[Entry]) -> None:
    """Each rule is called unmatchable, shadowed or redundant exactly when trying every packet says so."""
    assert {dead.index: dead.death for dead in dead_rules(entries)} == naive(entries)


@settings(max_examples=200, deadline=None)
@given(lists, st.randoms(use_true_random=False))
def test_any_of_the_dead_may_go(entries: list[Entry], random: object) -> None:
    """Whichever reported rules are removed, no packet is decided otherwise, however the doubts turn out."""
    dead = sorted(rule.index for rule in dead_rules(entries))
    some = chain([dead], ([one] for one in dead), [[one for one in dead if random.random() < 0.5]])  # type: ignore[attr-defined]
    for gone in map(set, some):
        for world in worlds():
            before, after = decider(entries, *world, set()), decider(entries, *world, gone)
            assert entries[before].effect == entries[after].effect


def covered(entries: Sequence[Entry], number: int, by: Sequence[int]) -> bool:
    return not any(
        matches(entries[number], *world) and not any(matches(entries[other], *world) for other in by)
        for world in worlds()
    )


@settings(max_examples=200, deadline=None)
@given(lists)
def test_covers_are_minimal(entries: list[Entry]) -> None:
    """The covers of a shadowed rule come before it, are alive, take all it matches, and none can be left out."""
    found = dead_rules(entries)
    shadowed = {dead.index for dead in found if dead.death is Death.SHADOWED}
    for dead in found:
        if dead.death is Death.SHADOWED:
            assert all(other < dead.index and other not in shadowed for other in dead.by)
            assert covered(entries, dead.index, dead.by)
            for other in dead.by:
                assert not covered(entries, dead.index, [one for one in dead.by if one != other])


@settings(max_examples=200, deadline=None)
@given(lists)
def test_a_contrary_rule_decides_its_witness_otherwise(entries: list[Entry]) -> None:
    """The witness is a packet of the shadowed rule that a rule of another effect takes before anything could."""
    for dead in dead_rules(entries):
        if dead.contrary is None:
            continue
        assert dead.witness is not None
        assert dead.contrary in dead.by
        assert entries[dead.contrary].effect != entries[dead.index].effect
        every = frozenset(DOUBTS)
        assert matches(entries[dead.index], dead.witness, every)
        assert decider(entries, dead.witness, every, set()) == dead.contrary


@settings(max_examples=300, deadline=None)
@given(lists)
def test_stand_ins_are_minimal(entries: list[Entry]) -> None:
    """With only its stand-ins after it, and all that does otherwise, a redundant rule is redundant still."""
    gone = {dead.index for dead in dead_rules(entries)}
    for dead in dead_rules(entries):
        if dead.death is not Death.REDUNDANT:
            continue
        assert not gone & set(dead.by)

        def still(by: Sequence[int], dead: DeadRule = dead) -> bool:
            same = entries[dead.index].effect
            return not any(
                _opposed_first(entries, dead.index, world, by, same)
                for world in decided_by(entries, dead.index)
            )

        assert still(dead.by)
        for other in dead.by:
            assert not still([one for one in dead.by if one != other])


def _opposed_first(
    entries: Sequence[Entry],
    number: int,
    world: tuple[Packet, frozenset[str]],
    by: Sequence[int],
    same: object,
) -> bool:
    for other in range(number + 1, len(entries)):
        if matches(entries[other], *world):
            if entries[other].effect != same:
                return True
            if other in by:
                return False
    return False


def entry(order: int, effect: str, *first: int) -> Entry:
    return Entry(order=order, effect=effect, boxes=(Box((side(*first), *EVERYTHING[1:])),))


DENY_REST = Entry(order=99, effect="deny", boxes=(Box(EVERYTHING),), judged=False)


def test_two_rules_together_cast_a_shadow() -> None:
    """Neither allow holds all of the deny, both together do; the allow is named as what does otherwise."""
    found = dead_rules([entry(1, "allow", 0), entry(2, "deny", 1), entry(3, "deny", 0, 1), DENY_REST])
    assert found[-1] == DeadRule(
        index=2, death=Death.SHADOWED, by=(0, 1), contrary=0, witness=found[-1].witness
    )
    assert found[-1].witness is not None
    assert found[-1].witness[0] == 0


def test_what_a_shadowed_rule_would_do_keeps_a_rule() -> None:
    """The first allow could be left to the last one, were there not a deny in its shadow that would then wake."""
    rules = [entry(1, "allow", 0), entry(2, "deny", 0), entry(3, "allow", 0, 1), DENY_REST]
    assert [(dead.index, dead.death) for dead in dead_rules(rules)] == [(1, Death.SHADOWED)]


def test_of_twins_the_later_one_may_go() -> None:
    """Either could be removed, not both: only the one that decides nothing is reported."""
    rules = [entry(1, "allow", 0), entry(2, "allow", 0), DENY_REST]
    assert [(dead.index, dead.death, dead.by) for dead in dead_rules(rules)] == [(1, Death.SHADOWED, (0,))]


def test_rules_whose_order_nobody_knows_cover_nothing() -> None:
    """Of two rules of one place either may be asked first: one that agrees with the other may go, no other."""
    assert dead_rules([entry(1, "allow", 0), entry(1, "deny", 0), DENY_REST]) == []
    agreeing = [entry(1, "allow", 0), entry(1, "allow", 0), DENY_REST]
    assert [(dead.index, dead.death, dead.by) for dead in dead_rules(agreeing)] == [
        (1, Death.REDUNDANT, (0,))
    ]


def test_whichever_of_two_decides_a_later_rule_does_not() -> None:
    """Rules of one place that disagree cast a shadow together; which of them does otherwise is not said."""
    rules = [entry(1, "allow", 0), entry(1, "deny", 0), entry(2, "deny", 0), DENY_REST]
    (found,) = dead_rules(rules)
    assert (found.index, found.death, found.contrary) == (2, Death.SHADOWED, None)


def test_no_rule_stands_in_from_a_place_that_is_disputed() -> None:
    """The second allow may be asked after the deny, so it cannot stand in for the first."""
    rules = [entry(1, "allow", 0), entry(2, "allow", 0, 1), entry(2, "deny", 0, 1), DENY_REST]
    assert dead_rules(rules) == []


def test_the_same_doubt_turns_out_alike() -> None:
    """An unknown set covers itself and nothing else."""
    one, other = Box(EVERYTHING, frozenset({"a"})), Box(EVERYTHING, frozenset({"b"}))
    twins = listed([("allow", [one]), ("deny", [one])], "deny")
    strangers = listed([("allow", [one]), ("deny", [other]), ("allow", [one])], "allow")
    assert [(dead.index, dead.death) for dead in dead_rules(twins)] == [(1, Death.SHADOWED)]
    assert [dead.index for dead in dead_rules(strangers) if dead.death is Death.SHADOWED] == [2]


def test_an_empty_list_has_no_dead() -> None:
    """Nothing to judge, nothing to say."""
    assert dead_rules([]) == []
    assert dead_rules([DENY_REST]) == []


@settings(max_examples=200, deadline=None)
@given(lists, st.integers(0, 400))
def test_an_effort_that_ends_leaves_the_rest_open(entries: list[Entry], most: int) -> None:
    """What is called dead within some effort is dead, and every other entry is alive or counted as open."""
    whole = {dead.index: dead for dead in dead_rules(entries)}
    found = judged_rules(entries, most)
    assert all(whole.get(dead.index) == dead for dead in found.dead)
    assert len(whole) - len(found.dead) <= found.left
    assert judged_rules(entries, 1 << 40).left == 0


@settings(max_examples=200, deadline=None)
@given(lists)
def test_covers_are_the_same_found_at_once_or_one_by_one(entries: list[Entry]) -> None:
    """Where the kinds of packets are too many to look at together, halving finds the same covers."""
    at_once = dead_rules(entries)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("auditor.filters.dead_rules._CELLS", 0)
        assert dead_rules(entries) == at_once


@pytest.mark.parametrize("first", ["allow", "deny"])
def test_of_two_covers_the_one_that_does_otherwise_is_named(first: str) -> None:
    """The last decides about one packet, and either of the others completes it: the one of another effect is told."""
    second = "deny" if first == "allow" else "allow"
    covers = [(first, side(0, 1)), (second, side(1, 2)), ("allow", side(0, 2, 3))]
    entries = [
        *(
            Entry(order=place, effect=effect, boxes=(Box((held, side(0), side(0))),))
            for place, (effect, held) in enumerate(covers)
        ),
        Entry(order=3, effect="allow", boxes=(Box((side(0, 1, 2, 3), side(0), side(0))),)),
    ]
    found = [one for one in dead_rules(entries) if one.index == 3]
    contrary = 0 if first == "deny" else 1
    assert [(one.by, one.contrary) for one in found] == [((contrary, 2), contrary)]
