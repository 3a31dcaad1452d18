"""Step functions: which services hold from which address on, of one family."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from functools import partial
from itertools import chain
from typing import Final, NamedTuple

from auditor.netset.interval import IntervalSet
from auditor.netset.service import ANY, NONE, ServiceSet

_SHORT: Final = 8
"""Slices up to this length are changed one by one; above it, a table of the different service sets pays."""

_BEYOND: Final = 1 << 129
"""Above every cut of either family."""

Operator = Callable[[ServiceSet, ServiceSet], ServiceSet]
"""Combines the services of two functions at one address."""

Run = tuple[int, int, ServiceSet]
"""The first address as a number, the one after the last, and the services at each between."""


class Steps(NamedTuple):
    """A step function from numbers to services: `values[i]` holds from `cuts[i]` on, and nothing before.

    Neighbouring values differ and the last one is empty, so equal functions are equal steps.
    """

    cuts: tuple[int, ...]
    values: tuple[ServiceSet, ...]


class Runs:
    """Ascending, disjoint runs of addresses of one family, each with some services; neighbours with equal ones join."""

    __slots__ = ("_cuts", "_end", "_values")

    def __init__(self) -> None:
        self._cuts: list[int] = []
        self._values: list[ServiceSet] = []
        self._end = -1

    def add(self, low: int, end: int, services: ServiceSet) -> None:
        """Add a run above the others, up to an address that is not in it; it must have services."""
        if low == self._end:
            if services is self._values[-1]:
                self._end = end
                return
        elif self._end >= 0:
            self._cuts.append(self._end)
            self._values.append(NONE)
        self._cuts.append(low)
        self._values.append(services)
        self._end = end

    def __bool__(self) -> bool:
        return bool(self._cuts)

    @property
    def first(self) -> tuple[int, ServiceSet]:
        """The lowest address and its services."""
        return self._cuts[0], self._values[0]

    def steps(self) -> Steps:
        """The runs as a step function."""
        if not self._cuts:
            return Steps((), ())
        return Steps((*self._cuts, self._end), (*self._values, NONE))


def single(v4: Steps, v6: Steps) -> ServiceSet | None:
    """The only value besides nothing; nothing if there is no other, None if there are several."""
    found = NONE
    # A set of all values would say the same, but most often a second value shows up at once.
    for value in chain(v4.values, v6.values):
        if value is not found and value is not NONE:
            if found is not NONE:
                return None
            found = value
    return found


def combined(mine: Steps, theirs: Steps, operator: Operator) -> Steps:
    """The step function of the operator, which must keep nothing where both are nothing."""
    if len(mine.cuts) <= len(theirs.cuts):
        return _swept(mine, theirs, operator)

    def turned(theirs_value: ServiceSet, mine_value: ServiceSet) -> ServiceSet:
        return operator(mine_value, theirs_value)

    return _swept(theirs, mine, turned)


def _swept(few: Steps, many: Steps, operator: Operator) -> Steps:
    """Walk the shorter function; what the longer one holds along each of its steps is mapped as a whole."""
    result = Rising()
    last = 0
    # Every operator with nothing on this side keeps either all or nothing of the other side.
    keeps = operator(NONE, ANY) is ANY
    # Before its first cut the shorter function is nothing, which is a step like the others.
    spans = zip((-1, *few.cuts), (*few.cuts, _BEYOND), (NONE, *few.values), strict=True)
    for low, high, value in spans:
        first = bisect_right(many.cuts, low, last)
        last = bisect_left(many.cuts, high, first)
        here = many.values[first - 1] if first else NONE
        result.append(low, operator(value, here))
        if first == last:
            continue
        if value is not NONE:
            result.extend_changed(many.cuts[first:last], many.values[first:last], partial(operator, value))
        elif keeps:
            result.extend(many.cuts[first:last], many.values[first:last])
    return result.steps()


class Rising:
    """A step function in the making, canonical at every moment: a cut that changes nothing is not taken."""

    __slots__ = ("_cuts", "_values")

    def __init__(self) -> None:
        self._cuts: list[int] = []
        self._values: list[ServiceSet] = []

    def append(self, cut: int, value: ServiceSet) -> None:
        """Add one step above the others."""
        if value is not (self._values[-1] if self._values else NONE):
            self._cuts.append(cut)
            self._values.append(value)

    def extend(self, cuts: tuple[int, ...], values: tuple[ServiceSet, ...]) -> None:
        """Add the steps of a canonical slice as they are."""
        # Neighbours in the slice differ, so only its first step can repeat the value that stands before it.
        self.append(cuts[0], values[0])
        self._cuts += cuts[1:]
        self._values += values[1:]

    def extend_changed(
        self,
        cuts: tuple[int, ...],
        values: tuple[ServiceSet, ...],
        change: Callable[[ServiceSet], ServiceSet],
    ) -> None:
        """Add the steps of a canonical slice, each value changed."""
        if len(values) > _SHORT:
            table = {value: change(value) for value in set(values)}
            outcomes = set(table.values())
            if len(outcomes) == 1:
                self.append(cuts[0], outcomes.pop())
                return
            if len(outcomes) == len(table):
                self.extend(cuts, tuple(map(table.__getitem__, values)))
                return
        for cut, value in zip(cuts, values, strict=True):
            self.append(cut, change(value))

    def steps(self) -> Steps:
        """The function as a value."""
        return Steps(tuple(self._cuts), tuple(self._values))


def support(steps: Steps, wanted: Callable[[ServiceSet], bool]) -> IntervalSet:
    """The numbers at which the value is wanted."""
    table = {value: wanted(value) for value in set(steps.values)}
    bounds: list[int] = []
    inside = False
    for cut, value in zip(steps.cuts, steps.values, strict=True):
        if table[value] is not inside:
            bounds.append(cut)
            inside = not inside
    return IntervalSet.from_bounds(tuple(bounds))


def grouped(steps: Steps) -> dict[ServiceSet, list[int]]:
    """The bounds at which each different non-empty value holds."""
    groups: dict[ServiceSet, list[int]] = {}
    for cut, value, end in zip(steps.cuts, steps.values, steps.cuts[1:], strict=False):
        if value:
            groups.setdefault(value, []).extend((cut, end))
    return groups
