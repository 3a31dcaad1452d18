"""Sets of non-negative integers as intervals: the ground the address, port and service sets stand on."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from typing import Final


class IntervalSet:
    """Sorted, disjoint, non-adjacent intervals of non-negative integers, so equal sets have equal bounds.

    The bounds are one flat, strictly increasing tuple `(low, high + 1, low, high + 1, ...)`: a number is in
    the set when an odd number of bounds are less than or equal to it. Operators walk the operand with fewer
    intervals and find its place in the other by bisection; two long operands of like length are merged.
    """

    __slots__ = ("_bounds", "_hash")

    _bounds: tuple[int, ...]
    _hash: int | None

    def __init__(self) -> None:
        """The empty set; see `of` and `union_all` for the others."""
        self._bounds = ()
        self._hash = None

    @classmethod
    def of(cls, *pairs: tuple[int, int]) -> IntervalSet:
        """The union of closed intervals, given in any order; refuses a negative or reversed one."""
        for low, high in pairs:
            if low < 0 or high < low:
                raise ValueError(f"interval {low}-{high}: expected 0 <= low <= high")
        return _merged([low for low, _ in pairs], [high + 1 for _, high in pairs])

    @classmethod
    def from_ends(cls, lows: list[int], ends: list[int]) -> IntervalSet:
        """The union of half-open intervals, given as their lows and their ends; the caller vouches for them.

        Both lists are sorted in place.
        """
        return _merged(lows, ends)

    @classmethod
    def from_bounds(cls, bounds: tuple[int, ...]) -> IntervalSet:
        """The set with these half-open bounds, which the caller vouches are even in number and increasing."""
        return _make(bounds)

    @classmethod
    def union_all(cls, sets: Iterable[IntervalSet]) -> IntervalSet:
        """The union of any number of sets, by one sort."""
        filled = [item for item in sets if item._bounds]
        if len(filled) == 1:
            return filled[0]
        lows: list[int] = []
        ends: list[int] = []
        for item in filled:
            lows += item._bounds[::2]
            ends += item._bounds[1::2]
        return _merged(lows, ends)

    @property
    def bounds(self) -> tuple[int, ...]:
        """The flat half-open bounds: low, high + 1, low, high + 1, and so on."""
        return self._bounds

    @property
    def size(self) -> int:
        """How many integers are in the set."""
        return sum(self._bounds[1::2]) - sum(self._bounds[::2])

    @property
    def minimum(self) -> int:
        """The smallest member; an empty set has none and raises ValueError."""
        if not self._bounds:
            raise ValueError("an empty interval set has no minimum")
        return self._bounds[0]

    def intervals(self) -> Iterator[tuple[int, int]]:
        """The closed intervals in ascending order."""
        bounds = self._bounds
        for index in range(0, len(bounds), 2):
            yield bounds[index], bounds[index + 1] - 1

    def isdisjoint(self, other: IntervalSet) -> bool:
        """Whether no integer is in both."""
        few, many = self._bounds, other._bounds
        if len(few) > len(many):
            few, many = many, few
        if not few or few[-1] <= many[0] or many[-1] <= few[0]:
            return True
        start = 0
        for index in range(0, len(few), 2):
            start = bisect_right(many, few[index], start)
            if start & 1 or (start < len(many) and many[start] < few[index + 1]):
                return False
        return True

    def __contains__(self, number: int) -> bool:
        return bool(bisect_right(self._bounds, number) & 1)

    def __or__(self, other: IntervalSet) -> IntervalSet:
        if not isinstance(other, IntervalSet):
            return NotImplemented
        few, many = self._bounds, other._bounds
        if len(few) > len(many):
            few, many = many, few
        if not few or few == many:
            return self if self._bounds is many else other
        if _alike(few, many):
            return _merged([*few[::2], *many[::2]], [*few[1::2], *many[1::2]])
        return _make(_joined(few, many))

    def __and__(self, other: IntervalSet) -> IntervalSet:
        if not isinstance(other, IntervalSet):
            return NotImplemented
        few, many = self._bounds, other._bounds
        if len(few) > len(many):
            few, many = many, few
        if not few:
            return EMPTY
        if few == many:
            return self
        if _alike(few, many):
            return _overlap(few, many)
        return _make(_common(few, many))

    def __sub__(self, other: IntervalSet) -> IntervalSet:
        if not isinstance(other, IntervalSet):
            return NotImplemented
        mine, theirs = self._bounds, other._bounds
        if not mine or not theirs:
            return self
        if mine == theirs:
            return EMPTY
        if _alike(mine, theirs):
            # The bounds of what the other set leaves out, as far up as it matters; its first and last
            # interval may be empty, which changes nothing.
            return _overlap(mine, (0, *theirs, max(mine[-1], theirs[-1])))
        if len(mine) <= len(theirs):
            return _make(_few_without_many(mine, theirs))
        return _make(_many_without_few(mine, theirs))

    def __le__(self, other: IntervalSet) -> bool:
        if not isinstance(other, IntervalSet):
            return NotImplemented
        mine, theirs = self._bounds, other._bounds
        if not mine or mine == theirs:
            return True
        if not theirs or mine[0] < theirs[0] or mine[-1] > theirs[-1]:
            return False
        if len(mine) <= len(theirs):
            return _few_inside_many(mine, theirs)
        return _many_inside_few(mine, theirs)

    def __bool__(self) -> bool:
        return bool(self._bounds)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, IntervalSet):
            return NotImplemented
        return self._bounds == other._bounds

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(self._bounds)
        return self._hash

    def __repr__(self) -> str:
        return f"IntervalSet.of({', '.join(map(str, self.intervals()))})"


_new = object.__new__


def _make(bounds: tuple[int, ...]) -> IntervalSet:
    """A set around bounds that are known to be canonical."""
    made = _new(IntervalSet)
    made._bounds = bounds
    made._hash = None
    return made


EMPTY: Final = IntervalSet()

_LONG: Final = 32
_RATIO: Final = 8
"""Merging pays a little for each interval of both operands, bisection eight times as much for each of one."""


def _alike(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Whether two operands are long enough, and near enough in length, for merging to be the faster way."""
    shorter, longer = sorted((len(one), len(other)))
    return shorter >= _LONG and longer <= _RATIO * shorter


def _merged(lows: list[int], ends: list[int]) -> IntervalSet:
    """The union of the half-open intervals that begin and end at these numbers, in any order."""
    if len(lows) <= 1:
        return _make((lows[0], ends[0])) if lows else EMPTY
    lows.sort()
    ends.sort()
    bounds = [lows[0]]
    # All that began before has ended before the next one begins: there is a gap. Which end belongs to which
    # beginning does not matter, and two lists of numbers sort faster than one of pairs.
    for low, end in zip(lows[1:], ends, strict=False):
        if low > end:
            bounds += (end, low)
    bounds.append(ends[-1])
    return _make(tuple(bounds))


def _overlap(one: tuple[int, ...], other: tuple[int, ...]) -> IntervalSet:
    """The intersection by merging: where a second interval begins before the first has ended."""
    lows = sorted(one[::2] + other[::2])
    ends = sorted(one[1::2] + other[1::2])
    bounds: list[int] = []
    for low, end in zip(lows[1:], ends, strict=False):
        if low < end:
            bounds += (low, end)
    return _make(tuple(bounds))


def _joined(few: tuple[int, ...], many: tuple[int, ...]) -> tuple[int, ...]:
    """Bounds of the union: each interval of the first swallows the bounds of the second that it covers."""
    result: list[int] = []
    done = 0
    for index in range(0, len(few), 2):
        low, high = few[index], few[index + 1]
        first = bisect_left(many, low, done)
        result += many[done:first]
        done = bisect_right(many, high, first)
        if not first & 1:
            result.append(low)
        if not done & 1:
            result.append(high)
    result += many[done:]
    return tuple(result)


def _common(few: tuple[int, ...], many: tuple[int, ...]) -> tuple[int, ...]:
    """Bounds of the intersection: the slice of the second inside each interval of the first."""
    result: list[int] = []
    last = 0
    for index in range(0, len(few), 2):
        low, high = few[index], few[index + 1]
        first = bisect_right(many, low, last)
        last = bisect_left(many, high, first)
        if first & 1:
            result.append(low)
        result += many[first:last]
        if last & 1:
            result.append(high)
    return tuple(result)


def _few_without_many(few: tuple[int, ...], many: tuple[int, ...]) -> tuple[int, ...]:
    """Bounds of the difference when the first is the smaller: `_common` with the parity turned."""
    result: list[int] = []
    last = 0
    for index in range(0, len(few), 2):
        low, high = few[index], few[index + 1]
        first = bisect_right(many, low, last)
        last = bisect_left(many, high, first)
        if not first & 1:
            result.append(low)
        result += many[first:last]
        if not last & 1:
            result.append(high)
    return tuple(result)


def _many_without_few(many: tuple[int, ...], few: tuple[int, ...]) -> tuple[int, ...]:
    """Bounds of the difference when the second is the smaller: each of its intervals cuts a hole."""
    result: list[int] = []
    done = 0
    for index in range(0, len(few), 2):
        low, high = few[index], few[index + 1]
        first = bisect_left(many, low, done)
        result += many[done:first]
        done = bisect_right(many, high, first)
        if first & 1:
            result.append(low)
        if done & 1:
            result.append(high)
    result += many[done:]
    return tuple(result)


def _few_inside_many(few: tuple[int, ...], many: tuple[int, ...]) -> bool:
    """Whether each interval of the first lies in one interval of the second."""
    place = 0
    for index in range(0, len(few), 2):
        place = bisect_right(many, few[index], place)
        if not place & 1 or many[place] < few[index + 1]:
            return False
    return True


def _many_inside_few(many: tuple[int, ...], few: tuple[int, ...]) -> bool:
    """Whether no gap between the intervals of the second holds a member of the first."""
    place = 0
    for index in range(1, len(few) - 1, 2):
        place = bisect_right(many, few[index], place)
        if place & 1 or (place < len(many) and many[place] < few[index + 1]):
            return False
    return True
