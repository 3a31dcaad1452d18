"""The common refinement of two partitions is what cutting every pair would give."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.netset import AddressSet, ServiceSet, Traffic
from auditor.netset.refinement import common_refinement

ADDRESSES = st.builds(
    lambda number, length: AddressSet.of(f"192.0.2.{number}/{length}"),
    st.integers(0, 255),
    st.sampled_from([24, 26, 29, 32]),
)
SIXTH = st.builds(lambda number: AddressSet.of(f"2001:db8::{number}/126"), st.integers(0, 63))
SERVICES = st.sampled_from(
    [ServiceSet.tcp(80), ServiceSet.tcp("1-100"), ServiceSet.udp(), ServiceSet.icmp(), ServiceSet.ANY]
)
BOXES = st.builds(Traffic.box, st.one_of(ADDRESSES, SIXTH), SERVICES)


def disjoint(boxes: list[Traffic]) -> list[Traffic]:
    """Each box without those before it."""
    seen = Traffic.EMPTY
    parts = []
    for box in boxes:
        if box - seen:
            parts.append(box - seen)
        seen |= box
    return parts


@settings(max_examples=200, deadline=None)
@given(st.lists(BOXES, max_size=6), st.lists(BOXES, max_size=6))
def test_it_is_what_every_pair_has_in_common(first: list[Traffic], second: list[Traffic]) -> None:
    """All pairs with something in common are there, in order, and no others."""
    one, other = disjoint(first), disjoint(second)
    expected = [
        (left, right, mine & theirs)
        for left, mine in enumerate(one)
        for right, theirs in enumerate(other)
        if mine & theirs
    ]
    assert common_refinement(one, other) == expected
