"""Classes of packets answer what trying every packet answers, on the short way and on the long one."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.filters import packet_classes
from auditor.filters.packet_classes import PacketClasses, Sides, ones
from auditor.netset import IntervalSet

PACKETS = list(product(range(4), range(3), range(2)))


def some_of(count: int) -> st.SearchStrategy[IntervalSet]:
    return st.sets(st.sampled_from(range(count)), min_size=1).map(
        lambda some: IntervalSet.of(*((number, number) for number in some))
    )


boxes = st.lists(st.tuples(some_of(4), some_of(3), some_of(2)), min_size=2, max_size=8)


def inside(packet: tuple[int, ...], sides: Sides) -> bool:
    return all(at in side for at, side in zip(packet, sides, strict=True))


@pytest.mark.parametrize("few", [0, 2, 128])
@given(given_boxes=boxes, cover=st.integers(min_value=0, max_value=255))
@settings(max_examples=200, deadline=None)
def test_what_lies_outside_is_found(given_boxes: list[Sides], cover: int, few: int) -> None:
    """For every box, and every two: a packet outside the cover exactly where there is one, and a true one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packet_classes, "_FEW", few)
        classes = PacketClasses(given_boxes)
        cover &= (1 << len(given_boxes)) - 1
        free = [
            packet for packet in PACKETS if not any(inside(packet, given_boxes[box]) for box in ones(cover))
        ]
        for one, other in product(range(len(given_boxes)), repeat=2):
            shared = [
                packet
                for packet in free
                if inside(packet, given_boxes[one]) and inside(packet, given_boxes[other])
            ]
            found = classes.outside(one, cover) if one == other else classes.common_outside(one, other, cover)
            assert found in shared if shared else found is None


@given(boxes)
@settings(max_examples=100, deadline=None)
def test_neighbours_are_told(given_boxes: list[Sides]) -> None:
    """The boxes that meet a box and those that hold all of it are known without a search."""
    classes = PacketClasses(given_boxes)
    for number, sides in enumerate(given_boxes):
        own = [packet for packet in PACKETS if inside(packet, sides)]
        for other, theirs in enumerate(given_boxes):
            common = [packet for packet in own if inside(packet, theirs)]
            assert bool(classes.touching(number) >> other & 1) == bool(common)
            assert bool(classes.around(number) >> other & 1) == (common == own)


def test_two_halves_and_a_hole() -> None:
    """Boxes that hold everything but on one dimension are put together there; a hole is found."""
    line, port = IntervalSet.of((0, 99)), IntervalSet.of((0, 9))
    halves: list[Sides] = [
        (line, port),
        (IntervalSet.of((0, 49)), port),
        (IntervalSet.of((50, 99)), port),
        (IntervalSet.of((50, 98)), port),
    ]
    classes = PacketClasses(halves)
    assert classes.outside(0, 0b0110) is None
    assert classes.outside(0, 0b1010) == (99, 1)
