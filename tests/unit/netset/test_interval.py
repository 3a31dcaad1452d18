"""Interval sets against sets of small integers."""

from __future__ import annotations

import copy
import pickle
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.netset import IntervalSet

TOP = 20
UNIVERSE = IntervalSet.of((0, TOP))
quick = settings(max_examples=100, deadline=None)

# One bit a number: hypothesis draws and shrinks one integer far faster than a set of them.
members = st.integers(0, (1 << TOP + 1) - 1).map(
    lambda bits: frozenset(number for number in range(TOP + 1) if bits >> number & 1)
)


def built(numbers: frozenset[int]) -> IntervalSet:
    """The interval set of some numbers, by way of one interval each."""
    return IntervalSet.of(*((number, number) for number in numbers))


@quick
@given(members, members)
def test_operators_agree_with_plain_sets(one: frozenset[int], other: frozenset[int]) -> None:
    """Each operator gives the value built from the plain set's result, so equal sets are equal values."""
    left, right = built(one), built(other)
    assert left | right == built(one | other)
    assert left & right == built(one & other)
    assert left - right == built(one - other)
    assert (left <= right) is (one <= other)
    assert left.isdisjoint(right) is one.isdisjoint(other)
    assert bool(left) is bool(one)
    assert (left == right) is (one == other)
    assert left.size == len(one)
    assert {number for number in range(TOP + 2) if number in left} == one


@quick
@given(st.binary(min_size=40, max_size=40), st.binary(min_size=40, max_size=40))
def test_long_sets_agree_with_plain_sets(one_bits: bytes, other_bits: bytes) -> None:
    """Two sets of many intervals, which are merged rather than searched, give what plain sets give."""
    one, other = (
        frozenset(number for number in range(320) if bits[number // 8] >> number % 8 & 1)
        for bits in (one_bits, other_bits)
    )
    left, right = built(one), built(other)
    assert left | right == built(one | other)
    assert left & right == built(one & other)
    assert left - right == built(one - other)


@quick
@given(members, members, members)
def test_laws_of_sets_hold(one: frozenset[int], two: frozenset[int], three: frozenset[int]) -> None:
    """Union and intersection commute, associate and distribute; complements obey De Morgan."""
    a, b, c = built(one), built(two), built(three)
    assert a | b == b | a
    assert a & b == b & a
    assert (a | b) | c == a | (b | c)
    assert (a & b) & c == a & (b & c)
    assert a & (b | c) == (a & b) | (a & c)
    assert UNIVERSE - (a | b) == (UNIVERSE - a) & (UNIVERSE - b)
    assert UNIVERSE - (a & b) == (UNIVERSE - a) | (UNIVERSE - b)
    assert a - b == a & (UNIVERSE - b)
    assert (a <= b) is not bool(a - b)


@quick
@given(st.lists(members, max_size=5), st.lists(members, max_size=5))
def test_many_sets_join_at_once(first: list[frozenset[int]], second: list[frozenset[int]]) -> None:
    """Joining any number of sets in one go, in any order, is the same as joining them one by one."""
    one_by_one = IntervalSet()
    for numbers in first + second:
        one_by_one |= built(numbers)
    assert IntervalSet.union_all(map(built, second + first)) == one_by_one


@quick
@given(members)
def test_intervals_rebuild_the_set(numbers: frozenset[int]) -> None:
    """The intervals are sorted, never touch, and give back the same value with the same hash."""
    made = built(numbers)
    pairs = list(made.intervals())
    assert all(high + 1 < low for (_, high), (low, _) in pairwise(pairs))
    for again in (IntervalSet.of(*reversed(pairs)), IntervalSet.from_bounds(made.bounds)):
        assert again == made
        assert hash(again) == hash(made)
    assert pickle.loads(pickle.dumps(made)) == copy.deepcopy(made) == made  # noqa: S301  our own bytes


def test_neighbours_merge() -> None:
    """Intervals that touch or overlap are one interval; a gap of one keeps them apart."""
    assert list(IntervalSet.of((4, 6), (1, 3), (5, 9)).intervals()) == [(1, 9)]
    assert list(IntervalSet.of((1, 3), (5, 6)).intervals()) == [(1, 3), (5, 6)]


def test_empty_set_has_no_minimum() -> None:
    """The minimum is the lowest member, and asking an empty set for it is an error."""
    assert IntervalSet.of((7, 9), (3, 3)).minimum == 3
    with pytest.raises(ValueError, match="no minimum"):
        _ = IntervalSet().minimum


@pytest.mark.parametrize("pair", [(5, 4), (-1, 4)])
def test_bad_intervals_are_refused(pair: tuple[int, int]) -> None:
    """A reversed or negative interval is an error, not an empty set."""
    with pytest.raises(ValueError, match="0 <= low <= high"):
        IntervalSet.of(pair)


def test_is_shown_as_it_is_written() -> None:
    """The representation is the expression that makes the value."""
    assert repr(IntervalSet.of((1, 2), (4, 4))) == "IntervalSet.of((1, 2), (4, 4))"
    assert IntervalSet.of((1, 2)) != "1-2"
