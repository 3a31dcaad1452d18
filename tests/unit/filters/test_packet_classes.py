"""Boxes of packets against the packets themselves, in a space small enough to list."""

from __future__ import annotations

from itertools import product
from random import Random

import pytest

from auditor.filters.packet_classes import _FEW, PacketClasses, Sides
from auditor.netset import IntervalSet

TOP = 7
Packets = frozenset[tuple[int, ...]]


def packets(sides: Sides) -> Packets:
    return frozenset(product(*([n for n in range(TOP + 1) if n in side] for side in sides)))


def random_side(random: Random, width: int) -> IntervalSet:
    low = random.randrange(TOP + 1)
    pairs = [(low, min(TOP, low + random.randrange(width)))]
    if random.random() < 0.3:
        pairs.append((random.randrange(TOP + 1),) * 2)
    return IntervalSet.of(*pairs)


def union(listed: list[Packets], cover: int) -> Packets:
    return frozenset().union(*(held for number, held in enumerate(listed) if cover >> number & 1))


@pytest.mark.parametrize(("long", "choices"), [(512, 256), (0, 256), (2, 9)])
@pytest.mark.parametrize("dimensions", [1, 2, 3])
@pytest.mark.parametrize(("count", "width"), [(1, 8), (4, 8), (12, 5), (70, 2), (_FEW + 9, 1), (_FEW + 9, 2)])
def test_a_packet_is_found_exactly_where_there_is_one(
    dimensions: int, count: int, width: int, long: int, choices: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Outside of few boxes and of many, of one box and of two together; what is found lies there indeed."""
    monkeypatch.setattr("auditor.filters.packet_classes._LONG", long)
    monkeypatch.setattr("auditor.filters.packet_classes._CHOICES", choices)
    random = Random(f"{dimensions} {count} {width}")  # noqa: S311  a seeded choice of cases
    whole = (IntervalSet.of((0, TOP)),) * dimensions
    boxes: list[Sides] = [whole]
    boxes += [tuple(random_side(random, width) for _ in range(dimensions)) for _ in range(count)]
    if dimensions > 1:
        # Walls that leave one corner: it is bare on no single dimension.
        boxes += [
            tuple(
                IntervalSet.of((0, TOP - 1)) if place == wall else whole[place] for place in range(dimensions)
            )
            for wall in range(dimensions)
        ]
    listed = [packets(sides) for sides in boxes]
    classes = PacketClasses(boxes)
    everything = (1 << len(boxes)) - 2
    found, missed = 0, 0
    for turn in range(60):
        one, other = (0, random.randrange(len(boxes))) if turn % 3 else random.sample(range(len(boxes)), 2)
        cover = everything if turn % 2 else random.getrandbits(len(boxes)) | random.getrandbits(len(boxes))
        cover &= ~(1 << one) & ~(1 << other)
        if turn % 5 == 0:
            cover &= (1 << max(1, len(boxes) - dimensions)) - 1
        for at, covered, wanted in (
            (
                classes.common_outside(one, one, cover),
                classes.covers_common(cover, one, one),
                listed[one] - union(listed, cover),
            ),
            (
                classes.common_outside(one, other, cover),
                classes.covers_common(cover, one, other),
                (listed[one] & listed[other]) - union(listed, cover),
            ),
        ):
            assert (at in wanted) if wanted else (at is None)
            assert covered is not bool(wanted)
            found, missed = found + bool(wanted), missed + (not wanted)
    assert found or count > 12
    assert missed or count == 1


@pytest.mark.parametrize("count", [3, _FEW - 1, _FEW, _FEW + 1, _FEW + 20])
def test_a_gap_on_one_dimension_is_seen(count: int) -> None:
    """Boxes that leave a column bare leave packets in it, wherever the column is, until another box takes it."""
    for gap in (0, count // 2, count - 1):
        whole = (IntervalSet.of((0, count)), IntervalSet.of((0, 3)))
        columns = [(IntervalSet.of((place, place)), whole[1]) for place in range(count + 1) if place != gap]
        plug = (IntervalSet.of((gap, gap)), IntervalSet.of((0, 2)))
        classes = PacketClasses([whole, *columns, plug])
        walls = (1 << len(columns) + 1) - 2
        at = classes.common_outside(0, 0, walls)
        assert at is not None
        assert at[0] == gap
        assert classes.common_outside(0, 0, walls | 1 << len(columns) + 1) == (gap, 3)
        assert classes.common_outside(0, len(columns) + 1, walls) is not None
        assert classes.common_outside(0, 1, walls) is None


def test_touching_and_around() -> None:
    """Boxes meet in a packet if they meet on every dimension; one is around another if it holds all of it."""
    random = Random(5)  # noqa: S311  a seeded choice of cases
    boxes = [tuple(random_side(random, 5) for _ in range(2)) for _ in range(20)]
    listed = [packets(sides) for sides in boxes]
    classes = PacketClasses(boxes)
    for number, held in enumerate(listed):
        touching = sum(1 << other for other, theirs in enumerate(listed) if held & theirs)
        around = sum(1 << other for other, theirs in enumerate(listed) if held <= theirs)
        assert classes.touching(number) == touching
        assert classes.around(number) == around
