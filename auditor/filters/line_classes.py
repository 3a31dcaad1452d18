"""One dimension of a list of boxes: its points sorted into classes that no side tells apart."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

from auditor.filters.address_index import Columns, turn, turns
from auditor.filters.effort import Effort
from auditor.netset import IntervalSet

_STRETCH = 1 << 16
"""The ports of a protocol on the line of services: a multiple of it is port 0, about which nobody can ask."""
_KEPT = 1 << 12
"""Classes whose boxes are remembered: every one of a short line, and of a long line those asked for last."""


class LineClasses:
    """The classes of one line, numbered by their lowest points, and the boxes whose sides hold them.

    A set of boxes is an integer whose bit `n` stands for box `n`. Boxes with equal sides share a number, so an IP
    group costs its prefixes once and not once for each rule that names it.
    """

    def __init__(self, sides: Sequence[IntervalSet], effort: Effort) -> None:
        """The side of each box, none of them empty. Questions cost effort, counted in looks at one class."""
        self._effort = effort
        numbers: dict[IntervalSet, int] = {}
        self._side_of = [numbers.setdefault(side, len(numbers)) for side in sides]
        self._boxes_of = [0] * len(numbers)
        for box, number in enumerate(self._side_of):
            self._boxes_of[number] |= 1 << box
        self.points: list[int] = []
        """One point of each class: the second of the lowest ones where there are two in a row, for port 1 and
        address .1 read better than 0; where they are a mere 0, such as port 0 beside a range of others, the next."""
        self._held: list[Columns] = []
        self._classes_of = [array("l") for _ in numbers]
        self._boxes_at: dict[int, int] = {}
        meeting, around = self._sweep(list(numbers))
        self._touching = [self._boxes(mask) for mask in meeting]
        self._around = [self._boxes(mask) for mask in around]

    def touching(self, box: int) -> int:
        """The boxes whose sides have a point in common with a box's side."""
        return self._touching[self._side_of[box]]

    def around(self, box: int) -> int:
        """The boxes whose sides hold all of a box's side."""
        return self._around[self._side_of[box]]

    def common_classes(self, one: int, other: int) -> Sequence[int]:
        """The classes that the sides of two boxes share, ascending."""
        few, many = self._side_of[one], self._side_of[other]
        if few == many:
            return self._classes_of[few]
        if len(self._classes_of[few]) > len(self._classes_of[many]):
            few, many = many, few
        held = self._held
        self._effort.spend(len(self._classes_of[few]))
        return [kind for kind in self._classes_of[few] if many in held[kind]]

    def readable(self, classes: Sequence[int]) -> Sequence[int]:
        """Those of some classes that have a point which reads well; all of them where there is none."""
        return [kind for kind in classes if self.points[kind] % _STRETCH] or classes

    def boxes_at(self, kind: int) -> int:
        """The boxes whose sides hold a class."""
        found = self._boxes_at.get(kind)
        if found is None:
            if len(self._boxes_at) >= _KEPT:
                self._boxes_at.clear()
            found = 0
            for number in self._held[kind]:
                found |= self._boxes_of[number]
            self._boxes_at[kind] = found
        return found

    def told_apart(self, classes: Sequence[int], boxes: Sequence[int]) -> dict[int, int]:
        """Some classes as some boxes tell them apart: a mask, whose bit `n` is the n-th of the boxes, and a point."""
        self._effort.spend(len(classes) + len(boxes))
        near: dict[int, int] = {}
        for place, box in enumerate(boxes):
            number = self._side_of[box]
            near[number] = near.get(number, 0) | 1 << place
        names = near.keys()
        found: dict[int, int] = {}
        masks: dict[frozenset[int], int] = {}
        for kind in classes:
            held = frozenset(names & self._held[kind])
            mask = masks.get(held)
            if mask is None:
                mask = 0
                for number in held:
                    mask |= near[number]
                masks[held] = mask
                found.setdefault(mask, self.points[kind])
        return found

    def bare(self, classes: Sequence[int], boxes: Sequence[int]) -> int | None:
        """A point in the first of some classes that none of the boxes holds; None where there is none."""
        near = {self._side_of[box] for box in boxes}
        for looked, kind in enumerate(classes, start=1):
            if near.isdisjoint(self._held[kind]):
                self._effort.spend(looked + len(boxes))
                return self.points[kind]
        self._effort.spend(len(classes) + len(boxes))
        return None

    def _sweep(self, sides: Sequence[IntervalSet]) -> tuple[list[int], list[int]]:
        """One walk over all bounds; for each side, as masks of sides, those that meet it and those that hold it."""
        turned = turns(sides)
        meeting, around = [0] * len(sides), [-1] * len(sides)
        known: dict[Columns, int] = {}
        held: list[int] = []
        members = 0
        for bound, after in pairwise(sorted(turned)):
            begun: list[int] = []
            for number in turned[bound]:
                members ^= 1 << number
                if turn(held, number):
                    begun.append(number)
            # What begins later finds this side held, so all that meet are seen when the later of the two begins.
            for number in begun:
                meeting[number] |= members
                around[number] &= members
            columns = tuple(held)
            if not columns:
                continue
            point = bound + 1 if after > bound + 1 else bound
            kind = known.setdefault(columns, len(self.points))
            if kind == len(self.points):
                for number in columns:
                    self._classes_of[number].append(kind)
                self._held.append(columns)
                self.points.append(point)
            elif not self.points[kind] % _STRETCH:
                self.points[kind] = point
        for number, mask in enumerate(list(meeting)):
            for other in ones(mask):
                meeting[other] |= 1 << number
        for number, side in enumerate(sides):
            # Whatever holds a side is there where each of its intervals begins; whether it lasts is seen now.
            for other in ones(around[number]):
                if not _holds(sides[other], side):
                    around[number] ^= 1 << other
        return meeting, around

    def _boxes(self, sides: int) -> int:
        found = 0
        for number in ones(sides):
            found |= self._boxes_of[number]
        return found


def _holds(whole: IntervalSet, part: IntervalSet) -> bool:
    """Whether each interval of one set, which begins within the other, ends there, too."""
    if whole is part:
        return True
    bounds = whole.bounds
    return all(
        end <= bounds[bisect_right(bounds, low)]
        for low, end in zip(part.bounds[::2], part.bounds[1::2], strict=True)
    )


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
