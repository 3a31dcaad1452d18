"""Addresses in classes that some sets tell apart."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.filters.address_index import AddressIndex, classes_of
from auditor.netset import AddressSet, IntervalSet
from auditor.netset.address import ALL_V4

TOP = 12
members = st.integers(0, (1 << TOP + 1) - 1).map(
    lambda bits: frozenset(number for number in range(TOP + 1) if bits >> number & 1)
)
families = st.lists(members, max_size=4, unique=True)


def built(numbers: frozenset[int], version: int = 4) -> AddressSet:
    half = IntervalSet.of(*((number, number) for number in numbers))
    return AddressSet(v4=half) if version == 4 else AddressSet(v6=half)


@pytest.mark.parametrize("version", [4, 6])
@settings(max_examples=100, deadline=None)
@given(sets=families)
def test_each_address_has_the_columns_that_hold_it(version: int, sets: list[frozenset[int]]) -> None:
    """Every address, the very first and those behind all sets included, is in the class of just these columns."""
    index = AddressIndex([built(one, version) for one in sets])
    for number in range(TOP + 3):
        held = tuple(place for place, one in enumerate(sets) if number in one)
        assert index.held[index.class_at(number, version)] == held
        assert index.held[index.class_at(number, 10 - version)] == ()


@settings(max_examples=100, deadline=None)
@given(sets=families)
def test_cuts_are_where_columns_change(sets: list[frozenset[int]]) -> None:
    """The first cut is 0, cuts ascend, and neighbours are of different classes; equal columns are one class."""
    index = AddressIndex([built(one) for one in sets])
    cuts, classes = index.spans(4)
    assert cuts[0] == 0
    assert cuts == sorted(set(cuts))
    assert all(one != other for one, other in pairwise(classes))
    assert len(set(index.held)) == len(index.held)
    assert index.spans(6)[0] == [0]


@settings(max_examples=100, deadline=None)
@given(space=members, sets=families)
def test_classes_of_a_space(space: frozenset[int], sets: list[frozenset[int]]) -> None:
    """A partition of the space: two addresses are in one class exactly if the same sets hold them."""
    found = classes_of(built(space), [built(one) for one in (*sets, *sets)])
    expected: dict[tuple[bool, ...], set[int]] = {}
    for number in sorted(space):
        expected.setdefault(tuple(number in one for one in sets), set()).add(number)
    assert found == tuple(built(frozenset(one)) for one in expected.values())


def test_classes_reach_to_both_ends() -> None:
    """The first and the last address of a family belong to a class; a class has one family."""
    half = AddressSet.of("128.0.0.0/1", "fd00::/8")
    assert classes_of(ALL_V4, [half]) == (AddressSet.of("0.0.0.0/1"), AddressSet.of("128.0.0.0/1"))
    assert classes_of(half, [AddressSet.of("fd00::/9")]) == (
        AddressSet.of("128.0.0.0/1"),
        AddressSet.of("fd00::/9"),
        AddressSet.of("fd80::/9"),
    )
    assert classes_of(AddressSet.of("ff00::/8"), []) == (AddressSet.of("ff00::/8"),)
    assert classes_of(ALL_V4, [ALL_V4]) == (ALL_V4,)
    assert classes_of(AddressSet.of(), [half]) == ()
