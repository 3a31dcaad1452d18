"""Packets sorted into classes that no box of a list tells apart, and the search for one outside a union of boxes.

A box holds every packet whose coordinates (source, destination, service, ...) lie in its sides, one side a
dimension. On each dimension the sides of all boxes cut the line into few classes of points; a class is a bit mask
that says which boxes hold it. Whether boxes cover another one is then a question about masks: it costs what the
number of classes costs, not what prefixes and ports cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from auditor.netset import IntervalSet

Sides = tuple[IntervalSet, ...]
Packet = tuple[int, ...]
"""One coordinate on each dimension."""

_Classes = dict[int, int]
"""Mask of the boxes that hold a class, and one point of the class."""
_FEW = 128
"""Up to so many boxes are told apart one by one, whatever the number of classes; more are looked up by class."""


class PacketClasses:
    """Numbered boxes of one space; a set of boxes is an integer whose bit `n` stands for box `n`."""

    def __init__(self, boxes: Sequence[Sides]) -> None:
        """Every box must have the same number of sides, none of them empty."""
        self._spans: list[list[int]] = [[] for _ in boxes]
        self._any: list[int] = [-1] * len(boxes)
        self._all: list[int] = [-1] * len(boxes)
        self._masks: list[list[int]] = []
        self._points: list[list[int]] = []
        for sides in zip(*boxes, strict=True):
            self._add_dimension(sides)

    def _add_dimension(self, sides: Sequence[IntervalSet]) -> None:
        """Number the classes of one line, and note which boxes hold each and which classes each box has."""
        numbers: dict[IntervalSet, int] = {}
        holders: list[int] = []
        for box, side in enumerate(sides):
            number = numbers.setdefault(side, len(holders))
            if number == len(holders):
                holders.append(0)
            holders[number] |= 1 << box
        spans, reach, throughout = [0] * len(holders), [0] * len(holders), [-1] * len(holders)
        kinds = _cut(list(numbers))
        masks: list[int] = []
        for kind, members in enumerate(kinds):
            held = ones(members)
            mask = 0
            for number in held:
                mask |= holders[number]
            for number in held:
                spans[number] |= 1 << kind
                reach[number] |= mask
                throughout[number] &= mask
            masks.append(mask)
        self._masks.append(masks)
        self._points.append(list(kinds.values()))
        for box, side in enumerate(sides):
            number = numbers[side]
            self._spans[box].append(spans[number])
            self._any[box] &= reach[number]
            self._all[box] &= throughout[number]

    def touching(self, box: int) -> int:
        """The boxes that may share a packet with a box: they meet it on every dimension, and so in a packet."""
        return self._any[box]

    def around(self, box: int) -> int:
        """The boxes that hold all of a box, itself among them."""
        return self._all[box]

    def outside(self, box: int, cover: int) -> Packet | None:
        """A packet of a box that is in no box of `cover`; None when they cover it."""
        near = cover & self._any[box]
        if near & self._all[box]:
            return None
        return self._find(self._spans[box], near)

    def common_outside(self, one: int, other: int, cover: int) -> Packet | None:
        """A packet that two boxes share and that is in no box of `cover`; None when there is none."""
        if not self._any[one] >> other & 1:
            return None
        near = cover & self._any[one] & self._any[other]
        if near & (self._all[one] | self._all[other]):
            return None
        shared = [mine & theirs for mine, theirs in zip(self._spans[one], self._spans[other], strict=True)]
        return self._find(shared, near)

    def _find(self, region: Sequence[int], cover: int) -> Packet | None:
        """A packet in some classes of each dimension that no box of `cover` holds."""
        for place, classes in enumerate(region):
            if cover.bit_count() > _FEW and classes.bit_count() <= _FEW:
                reach = 0
                for kind in ones(classes):
                    reach |= self._masks[place][kind]
                cover &= reach
        boxes = ones(cover)
        if len(boxes) > _FEW:
            return self._bare(region, boxes) or _search(self._by_class(region, cover), cover)
        # Few boxes get numbers of their own, so that masks are small.
        sides = [self._told_apart(place, classes, boxes) for place, classes in enumerate(region)]
        return _search(sides, (1 << len(boxes)) - 1)

    def _bare(self, region: Sequence[int], boxes: Sequence[int]) -> Packet | None:
        """A packet in a class that none of the boxes holds on some dimension, where there is such a class."""
        for place, classes in enumerate(region):
            rest = classes
            for box in boxes:
                rest &= ~self._spans[box][place]
                if not rest:
                    break
            if rest:
                return tuple(
                    points[_lowest(rest if number == place else region[number])]
                    for number, points in enumerate(self._points)
                )
        return None

    def _by_class(self, region: Sequence[int], cover: int) -> list[_Classes]:
        found: list[_Classes] = []
        for masks, points, classes in zip(self._masks, self._points, region, strict=True):
            found.append({masks[kind] & cover: points[kind] for kind in ones(classes)})
        return found

    def _told_apart(self, place: int, classes: int, boxes: Sequence[int]) -> _Classes:
        """The classes in groups that some boxes do not tell apart; bit `n` of a mask is the n-th of the boxes."""
        groups = [(classes, 0)]
        for number, box in enumerate(boxes):
            span = self._spans[box][place]
            finer: list[tuple[int, int]] = []
            for group, mask in groups:
                inside = group & span
                if inside:
                    finer.append((inside, mask | 1 << number))
                if inside != group:
                    finer.append((group ^ inside, mask))
            groups = finer
        points = self._points[place]
        return {mask: points[_lowest(group)] for group, mask in groups}


def _cut(sets: Sequence[IntervalSet]) -> dict[int, int]:
    """Which of the sets hold a point, as a mask, for every kind of point that occurs, with one such point.

    It is the second of the lowest ones where there are two in a row: port 1 and address .1 read better than 0.
    """
    turns: dict[int, int] = {}
    for number, item in enumerate(sets):
        bit = 1 << number
        for bound in item.bounds:
            turns[bound] = turns.get(bound, 0) ^ bit
    found: dict[int, int] = {}
    members = 0
    bounds = sorted(turns)
    for bound, after in pairwise(bounds):
        members ^= turns[bound]
        if members and members not in found:
            found[members] = bound + 1 if after > bound + 1 else bound
    return found


def _search(sides: Sequence[_Classes], cover: int) -> Packet | None:
    """A choice of one class on each dimension that no box of `cover` holds on all of them.

    What decides at once is tried first: a class that nothing holds, a box that holds everything, boxes that hold
    everything but on one dimension. What is left is split on the dimension with the fewest classes.
    """
    current = list(sides)
    places = sorted(range(len(current)), key=lambda place: len(current[place]))
    while True:
        before = cover
        for place in places:
            # The short sides come first: they leave few boxes to look for on the long ones.
            small: _Classes = {}
            for mask, point in current[place].items():
                met = mask & cover
                if not met:
                    return _chosen(current, place, point)
                small.setdefault(met, point)
            current[place] = small
            cover = _union(small)
        if cover != before:
            continue
        throughout = [_common(side) for side in current]
        smaller = False
        for place, side in enumerate(current):
            slabs = cover
            for other, common in enumerate(throughout):
                if other != place:
                    slabs &= common
            if not slabs:
                continue
            left = {mask: point for mask, point in side.items() if not mask & slabs}
            if not left:
                return None
            if len(left) < len(side):
                current[place] = left
                throughout[place] = _common(left)
                smaller = True
        if not smaller:
            return _split(current, cover)


def _split(sides: list[_Classes], cover: int) -> Packet | None:
    place = min(
        (place for place, side in enumerate(sides) if len(side) > 1), key=lambda number: len(sides[number])
    )
    # A class that few boxes hold is the likeliest to have a packet outside of them.
    for mask, point in sorted(sides[place].items(), key=_crowd):
        found = _search([*sides[:place], {mask: point}, *sides[place + 1 :]], cover & mask)
        if found is not None:
            return found
    return None


def _crowd(item: tuple[int, int]) -> tuple[int, int]:
    mask, point = item
    return mask.bit_count(), point


def _chosen(sides: Sequence[_Classes], place: int, point: int) -> Packet:
    """The first class everywhere but on one dimension."""
    return tuple(point if number == place else next(iter(side.values())) for number, side in enumerate(sides))


def _union(classes: _Classes) -> int:
    found = 0
    for mask in classes:
        found |= mask
    return found


def _common(classes: _Classes) -> int:
    found = -1
    for mask in classes:
        found &= mask
    return found


def _lowest(mask: int) -> int:
    return (mask & -mask).bit_length() - 1


def ones(mask: int) -> list[int]:
    """The numbers of the bits that are set, ascending."""
    # A text is searched in one go; taking bit after bit away would copy the whole number for each.
    text = bin(mask)[:1:-1]
    found: list[int] = []
    place = text.find("1")
    while place >= 0:
        found.append(place)
        place = text.find("1", place + 1)
    return found
