"""Sets of traffic: which destination can be reached by which service."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from heapq import heapify, heappop, heapreplace
from itertools import chain
from typing import ClassVar, Final, NamedTuple

from auditor.netset.address import EMPTY as NO_ADDRESSES
from auditor.netset.address import AddressSet
from auditor.netset.interval import IntervalSet
from auditor.netset.service import ANY, NONE, ServiceSet

_SHORT: Final = 8
"""Slices up to this length are changed one by one; above it, a table of the different service sets pays."""

_BEYOND: Final = 1 << 129
"""Above every cut of either family."""


Run = tuple[int, int, ServiceSet]
"""The first address as a number, the one after the last, and the services at each between."""


class _Steps(NamedTuple):
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

    def steps(self) -> _Steps:
        """The runs as a step function."""
        if not self._cuts:
            return _Steps((), ())
        return _Steps((*self._cuts, self._end), (*self._values, NONE))


class Traffic:
    """Canonical disjoint destination intervals, each with its services, so equal sets are equal values.

    Adjacent intervals with equal services are one. When a single service set holds everywhere, which is the
    common case, the set is kept as that service set and its addresses, and operators work on interval sets.
    """

    __slots__ = ("_addresses", "_hash", "_services", "_steps", "_uniform", "_within")

    EMPTY: ClassVar[Traffic]

    _uniform: ServiceSet | None
    _addresses: AddressSet | None
    _services: ServiceSet | None
    _within: ServiceSet  # no less than the services, and known without a look at every step
    _steps: _Halves | None
    _hash: int | None

    def __init__(self) -> None:
        """The empty set; see `box` and `union_all` for the others."""
        self._uniform = NONE
        self._addresses = NO_ADDRESSES
        self._services = NONE
        self._within = NONE
        self._steps = None
        self._hash = None

    @classmethod
    def box(cls, addresses: AddressSet, services: ServiceSet) -> Traffic:
        """Every one of these services at every one of these addresses."""
        if not services or not addresses:
            return EMPTY
        made = _new(Traffic)
        made._uniform = services
        made._addresses = addresses
        made._services = services
        made._within = services
        made._steps = None
        made._hash = None
        return made

    @classmethod
    def union_all(cls, sets: Iterable[Traffic]) -> Traffic:
        """The union of any number of sets: boxes of one service set by one sort, the rest in pairs."""
        boxes: dict[ServiceSet, list[AddressSet]] = {}
        parts: list[Traffic] = []
        for item in sets:
            if item._uniform is None:
                parts.append(item)
            else:
                boxes.setdefault(item._uniform, []).append(item.addresses)
        parts += [cls.box(AddressSet.union_all(group), services) for services, group in boxes.items()]
        # Small ones first, so that a large one is copied once and not for each that it meets.
        sized = [(item._length, number, item) for number, item in enumerate(parts)]
        heapify(sized)
        while len(sized) > 1:
            _, number, one = heappop(sized)
            union = one | sized[0][2]
            heapreplace(sized, (union._length, number, union))
        return sized[0][2] if sized else EMPTY

    @classmethod
    def from_runs(cls, v4: Runs, v6: Runs) -> Traffic:
        """The traffic of runs of addresses of each family."""
        return _from_steps((v4.steps(), v6.steps()), ANY)

    def cuts(self, version: int = 4) -> Iterator[tuple[int, ServiceSet]]:
        """The ascending addresses of one family from which on other services are in; none are behind the last one."""
        half = self._both_steps()[0 if version == 4 else 1]
        return zip(half.cuts, half.values, strict=True)

    def runs(self, version: int = 4) -> Iterator[Run]:
        """The ascending runs of addresses of one family that have services, neighbours with equal ones as one."""
        half = self._both_steps()[0 if version == 4 else 1]
        for low, value, end in zip(half.cuts, half.values, half.cuts[1:], strict=False):
            if value is not NONE:
                yield low, end, value

    @property
    def addresses(self) -> AddressSet:
        """The destinations at which at least one service is in."""
        if self._addresses is None:
            self._addresses = self._where(bool)
        return self._addresses

    @property
    def services(self) -> ServiceSet:
        """The services that are in at one destination or more."""
        if self._services is None:
            result = NONE
            for half in self._both_steps():
                for services in set(half.values):
                    result |= services
            self._services = result
        return self._services

    @property
    def size(self) -> int:
        """How many destination addresses there are."""
        return self.addresses.size

    @property
    def _length(self) -> int:
        """How many bounds there are: what an operator has to walk."""
        if self._steps is not None:
            return len(self._steps[0].cuts) + len(self._steps[1].cuts)
        return len(self.addresses.v4.bounds) + len(self.addresses.v6.bounds)

    def restrict(self, addresses: AddressSet) -> Traffic:
        """The part of this traffic that goes to these addresses."""
        return self & Traffic.box(addresses, ANY)

    def boxes(self) -> Iterator[tuple[AddressSet, ServiceSet]]:
        """Each different service set with all addresses at which exactly it holds, by lowest address."""
        if self._uniform is not None:
            if self._uniform:
                yield self.addresses, self._uniform
            return
        v4, v6 = (_grouped(half) for half in self._both_steps())
        for services in dict.fromkeys([*v4, *v6]):
            yield AddressSet(_intervals(v4.get(services)), _intervals(v6.get(services))), services

    def addresses_of(self, services: ServiceSet) -> AddressSet:
        """The destinations at which all of the given services are in; all destinations if none are given."""
        if not services <= self.services:
            return NO_ADDRESSES
        if self._uniform is not None:
            return self.addresses
        return self._where(lambda held: bool(held) and services <= held)

    def witness(self) -> tuple[str, tuple[int, int | None]]:
        """The lowest destination and one service that is in there; ValueError when empty."""
        for version, half in zip((4, 6), self._both_steps(), strict=True):
            if half.cuts:
                lowest = half.cuts[0]
                return AddressSet.from_int_range(lowest, lowest, version).witness(), half.values[0].witness()
        raise ValueError("an empty traffic set has no witness")

    def isdisjoint(self, other: Traffic) -> bool:
        """Whether nothing is in both."""
        if self._within.isdisjoint(other._within):
            return True
        if self._uniform is not None and other._uniform is not None:
            return self.addresses.isdisjoint(other.addresses)
        return not self & other

    def __or__(self, other: Traffic) -> Traffic:
        if not isinstance(other, Traffic):
            return NotImplemented
        if not other or self is other:
            return self
        if not self:
            return other
        if self._uniform is not None and other._uniform is not None:
            if self._uniform is other._uniform:
                return Traffic.box(self.addresses | other.addresses, self._uniform)
            if self.addresses == other.addresses:
                return Traffic.box(self.addresses, self._uniform | other._uniform)
        return self._merged(other, ServiceSet.__or__, self._within | other._within)

    def __and__(self, other: Traffic) -> Traffic:
        if not isinstance(other, Traffic):
            return NotImplemented
        if self is other:
            return self
        if self._uniform is not None and other._uniform is not None:
            services = self._uniform & other._uniform
            return Traffic.box(self.addresses & other.addresses, services) if services else EMPTY
        within = self._within & other._within
        return self._merged(other, ServiceSet.__and__, within) if within else EMPTY

    def __sub__(self, other: Traffic) -> Traffic:
        if not isinstance(other, Traffic):
            return NotImplemented
        if self is other:
            return EMPTY
        if self._within.isdisjoint(other._within):
            return self
        if self._uniform is not None and other._uniform is not None and self._uniform <= other._uniform:
            return Traffic.box(self.addresses - other.addresses, self._uniform)
        return self._merged(other, ServiceSet.__sub__, self._within)

    def __le__(self, other: Traffic) -> bool:
        if not isinstance(other, Traffic):
            return NotImplemented
        if self is other or not self:
            return True
        if other._uniform is not None:
            return self.services <= other._uniform and self.addresses <= other.addresses
        return not self - other

    def __bool__(self) -> bool:
        return self._uniform is not NONE

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Traffic):
            return NotImplemented
        if self._uniform is not other._uniform:
            return False
        if self._uniform is not None:
            return self.addresses == other.addresses
        return self._both_steps() == other._both_steps()

    def __hash__(self) -> int:
        if self._hash is None:
            value = self._both_steps() if self._uniform is None else (self.addresses, self._uniform)
            self._hash = hash(value)
        return self._hash

    def __reduce__(self) -> tuple[Callable[[_Halves, ServiceSet], Traffic], tuple[_Halves, ServiceSet]]:
        """Hashes of service sets hold in one process only, so a copy starts without the cached one."""
        return _from_steps, (self._both_steps(), self._within)

    def __str__(self) -> str:
        return "; ".join(f"{addresses} {services}" for addresses, services in self.boxes()) or "none"

    def __repr__(self) -> str:
        return f"<Traffic {self}>"

    def _both_steps(self) -> _Halves:
        """The step functions of IPv4 and IPv6."""
        if self._steps is None:
            pair = (self._uniform or NONE, NONE)
            v4, v6 = self.addresses.v4.bounds, self.addresses.v6.bounds
            self._steps = _Steps(v4, pair * (len(v4) // 2)), _Steps(v6, pair * (len(v6) // 2))
        return self._steps

    def _merged(self, other: Traffic, operator: _Operator, within: ServiceSet) -> Traffic:
        """The operator applied to the services at each address, which cannot lead out of some services."""
        halves = zip(self._both_steps(), other._both_steps(), strict=True)
        v4, v6 = (_combined(mine, theirs, operator) for mine, theirs in halves)
        return _from_steps((v4, v6), within)

    def _where(self, wanted: Callable[[ServiceSet], bool]) -> AddressSet:
        """The destinations whose services are wanted; no services are never wanted."""
        v4, v6 = (_support(half, wanted) for half in self._both_steps())
        return AddressSet(v4, v6)


_new = object.__new__
EMPTY: Final[Traffic] = Traffic()
Traffic.EMPTY = EMPTY

_Operator = Callable[[ServiceSet, ServiceSet], ServiceSet]
_Halves = tuple[_Steps, _Steps]


def _from_steps(steps: _Halves, within: ServiceSet) -> Traffic:
    """The traffic of two canonical step functions, as a box if it is one."""
    single = _single(*steps)
    if single is not None:
        v4, v6 = (IntervalSet.from_bounds(half.cuts) for half in steps)
        return Traffic.box(AddressSet(v4, v6), single)
    made = _new(Traffic)
    made._uniform = None
    made._addresses = None
    made._services = None
    made._within = within
    made._steps = steps
    made._hash = None
    return made


def _single(v4: _Steps, v6: _Steps) -> ServiceSet | None:
    """The only value besides nothing; nothing if there is no other, None if there are several."""
    found = NONE
    # A set of all values would say the same, but most often a second value shows up at once.
    for value in chain(v4.values, v6.values):
        if value is not found and value is not NONE:
            if found is not NONE:
                return None
            found = value
    return found


def _combined(mine: _Steps, theirs: _Steps, operator: _Operator) -> _Steps:
    """The step function of the operator, which must keep nothing where both are nothing."""
    if len(mine.cuts) <= len(theirs.cuts):
        return _swept(mine, theirs, operator)

    def turned(theirs_value: ServiceSet, mine_value: ServiceSet) -> ServiceSet:
        return operator(mine_value, theirs_value)

    return _swept(theirs, mine, turned)


def _swept(few: _Steps, many: _Steps, operator: _Operator) -> _Steps:
    """Walk the shorter function; what the longer one holds along each of its steps is mapped as a whole."""
    result = _Rising()
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


class _Rising:
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

    def steps(self) -> _Steps:
        """The function as a value."""
        return _Steps(tuple(self._cuts), tuple(self._values))


def _support(steps: _Steps, wanted: Callable[[ServiceSet], bool]) -> IntervalSet:
    """The numbers at which the value is wanted."""
    table = {value: wanted(value) for value in set(steps.values)}
    bounds: list[int] = []
    inside = False
    for cut, value in zip(steps.cuts, steps.values, strict=True):
        if table[value] is not inside:
            bounds.append(cut)
            inside = not inside
    return IntervalSet.from_bounds(tuple(bounds))


def _grouped(steps: _Steps) -> dict[ServiceSet, list[int]]:
    """The bounds at which each different non-empty value holds."""
    groups: dict[ServiceSet, list[int]] = {}
    for cut, value, end in zip(steps.cuts, steps.values, steps.cuts[1:], strict=False):
        if value:
            groups.setdefault(value, []).extend((cut, end))
    return groups


def _intervals(bounds: list[int] | None) -> IntervalSet:
    return IntervalSet.from_bounds(tuple(bounds or ()))
