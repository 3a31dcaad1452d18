"""Packets sorted into classes that no box of a list tells apart, and the search for one outside a union of boxes.

A box holds every packet whose coordinates (source, destination, service, ...) lie in its sides, one side a
dimension. On each dimension the sides of all boxes cut the line into few classes of points, and of a class it is
known which boxes hold it. Whether boxes cover another one is then a question about bit masks: it costs what the
number of classes costs, not what prefixes and ports cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import prod

from auditor.filters.effort import Effort
from auditor.filters.line_classes import LineClasses, ones
from auditor.netset import IntervalSet

Sides = tuple[IntervalSet, ...]
Packet = tuple[int, ...]
"""One coordinate on each dimension."""

_Classes = dict[int, int]
"""Mask of the boxes that hold a class, and one point of the class."""
_Region = Sequence[Sequence[int]]
"""Some classes of each dimension, ascending."""
_FEW = 128
"""From more boxes on it pays to leave out those that a region does not meet, and to look for a bare class first."""
_LONG = 512
"""Classes of a dimension from which on it pays to walk along it for each choice on the others."""
_CHOICES = 256
"""The most choices for which that pays."""
_PROBES = 64
"""Packets that are tried before a region is searched whole: where much is outside, one of them soon is."""
_PROBE = 16
"""What one of them costs, in looks at one class."""
_STRIDE = 0x9E3779B1
"""A prime far from a simple fraction of anything, so that its multiples spread the packets that are tried."""


class PacketClasses:
    """Numbered boxes of one space; a set of boxes is an integer whose bit `n` stands for box `n`."""

    def __init__(self, boxes: Sequence[Sides], effort: Effort | None = None) -> None:
        """Every box must have the same number of sides, none of them empty. Questions cost effort."""
        self._effort = effort or Effort()
        self._lines = [LineClasses(sides, self._effort) for sides in zip(*boxes, strict=True)]
        self._touching: list[int] = [-1] * len(boxes)
        self._around: list[int] = [-1] * len(boxes)
        for line in self._lines:
            for box in range(len(boxes)):
                self._touching[box] &= line.touching(box)
                self._around[box] &= line.around(box)

    def touching(self, box: int) -> int:
        """The boxes that may share a packet with a box: they meet it on every dimension, and so in a packet."""
        return self._touching[box]

    def around(self, box: int) -> int:
        """The boxes that hold all of a box, itself among them."""
        return self._around[box]

    def common_outside(self, one: int, other: int, cover: int) -> Packet | None:
        """A packet that two boxes share and that is in no box of `cover`; None when there is none.

        A box shares all of its packets with itself. One that reads well comes first: port 0 is the last resort.
        """
        near = self._near(one, other, cover)
        if near is None:
            return None
        region = self._common_region(one, other)
        readable = [line.readable(classes) for line, classes in zip(self._lines, region, strict=True)]
        found = self._find(readable, near)
        if found is None and any(
            len(some) < len(every) for some, every in zip(readable, region, strict=True)
        ):
            return self._find(region, near)
        return found

    def covers_common(self, cover: int, one: int, other: int) -> bool:
        """Whether no packet that two boxes share is outside of `cover`; quicker than looking for one."""
        near = self._near(one, other, cover)
        return near is None or self._is_covered(self._common_region(one, other), near)

    def holders(self, box: int, cover: int, most: int) -> tuple[Sequence[int], set[int]] | None:
        """Which boxes of `cover` hold the packets of a box: the boxes, and each mask of them that occurs.

        Bit `n` of a mask is the n-th of the boxes, which ascend. None when there may be more than `most` masks.
        """
        boxes = ones(cover & self._touching[box])
        region = self._common_region(box, box)
        sides = [line.told_apart(classes, boxes) for line, classes in zip(self._lines, region, strict=True)]
        count = prod(map(len, sides))
        if count > most:
            return None
        self._effort.spend(count)
        masks = {(1 << len(boxes)) - 1}
        for side in sides:
            masks = {mask & held for mask in masks for held in side}
        return boxes, masks

    def _near(self, one: int, other: int, cover: int) -> int | None:
        """The boxes of a cover that matter for what two boxes share; None when nothing is left to be found."""
        if not self._touching[one] >> other & 1:
            return None
        near = cover & self._touching[one] & self._touching[other]
        return None if near & (self._around[one] | self._around[other]) else near

    def _common_region(self, one: int, other: int) -> _Region:
        return [line.common_classes(one, other) for line in self._lines]

    def _is_covered(self, region: _Region, cover: int) -> bool:
        for probe in range(_PROBES):
            self._effort.spend(_PROBE)
            left = cover
            for line, classes in zip(self._lines, region, strict=True):
                left &= line.boxes_at(classes[probe * _STRIDE % len(classes)])
                if not left:
                    return False
        return self._find(region, cover) is None

    def _find(self, region: _Region, cover: int) -> Packet | None:
        """A packet in some classes of each dimension that no box of `cover` holds."""
        for line, classes in zip(self._lines, region, strict=True):
            if cover.bit_count() > _FEW and len(classes) <= _FEW:
                reach = 0
                for kind in classes:
                    reach |= line.boxes_at(kind)
                cover &= reach
        boxes = ones(cover)
        longest = max(range(len(region)), key=lambda place: len(region[place]))
        if len(region[longest]) > _LONG:
            choices = self._choices(region, longest, boxes)
            if choices is not None:
                return self._along(region[longest], longest, choices)
        if len(boxes) > _FEW:
            bare = self._bare(region, boxes)
            if bare is not None:
                return bare
        # The boxes get numbers of their own, so that masks are as small as can be.
        sides = [line.told_apart(classes, boxes) for line, classes in zip(self._lines, region, strict=True)]
        return _search(sides, (1 << len(boxes)) - 1, self._effort)

    def _choices(
        self, region: _Region, longest: int, boxes: Sequence[int]
    ) -> list[tuple[Sequence[int], Packet]] | None:
        """The boxes that hold a choice of classes on all dimensions but the longest, and its points, with a zero there.

        None where there are too many choices.
        """
        sides = [
            {-1: 0} if place == longest else line.told_apart(classes, boxes)
            for place, (line, classes) in enumerate(zip(self._lines, region, strict=True))
        ]
        if prod(map(len, sides)) > _CHOICES:
            return None
        everything = (1 << len(boxes)) - 1
        found: list[tuple[Sequence[int], Packet]] = []
        for choice in product(*(side.items() for side in sides)):
            held = everything
            for mask, _ in choice:
                held &= mask
            found.append(([boxes[number] for number in ones(held)], tuple(point for _, point in choice)))
        return found

    def _along(
        self, classes: Sequence[int], longest: int, choices: Sequence[tuple[Sequence[int], Packet]]
    ) -> Packet | None:
        """A packet with one of the choices, somewhere on the longest dimension, that none of its boxes holds."""
        for boxes, points in choices:
            point = self._lines[longest].bare(classes, boxes)
            if point is not None:
                return (*points[:longest], point, *points[longest + 1 :])
        return None

    def _bare(self, region: _Region, boxes: Sequence[int]) -> Packet | None:
        """A packet in a class that none of the boxes holds on some dimension, where there is such a class."""
        for place, (line, classes) in enumerate(zip(self._lines, region, strict=True)):
            point = line.bare(classes, boxes)
            if point is not None:
                return tuple(
                    point if number == place else other.points[region[number][0]]
                    for number, other in enumerate(self._lines)
                )
        return None


def _search(sides: Sequence[_Classes], cover: int, effort: Effort) -> Packet | None:
    """A choice of one class on each dimension that no box of `cover` holds on all of them.

    What decides at once is tried first: a class that nothing holds, a box that holds everything, boxes that hold
    everything but on one dimension. What is left is split on the dimension with the fewest classes.
    """
    current = list(sides)
    places = sorted(range(len(current)), key=lambda place: len(current[place]))
    while True:
        effort.spend(sum(map(len, current)))
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
            return _split(current, cover, effort)


def _split(sides: list[_Classes], cover: int, effort: Effort) -> Packet | None:
    place = min(
        (place for place, side in enumerate(sides) if len(side) > 1), key=lambda number: len(sides[number])
    )
    # A class that few boxes hold is the likeliest to have a packet outside of them.
    for mask, point in sorted(sides[place].items(), key=_crowd):
        found = _search([*sides[:place], {mask: point}, *sides[place + 1 :]], cover & mask, effort)
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
