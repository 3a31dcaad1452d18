"""Sets of traffic: which destination can be reached by which service."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from heapq import heapify, heappop, heapreplace
from typing import ClassVar, Final

from auditor.netset.address import EMPTY as NO_ADDRESSES
from auditor.netset.address import AddressSet
from auditor.netset.interval import IntervalSet
from auditor.netset.service import ANY, NONE, ServiceSet
from auditor.netset.service_steps import Operator, Run, Runs, Steps, combined, grouped, single, support


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
        v4, v6 = (grouped(half) for half in self._both_steps())
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
            self._steps = Steps(v4, pair * (len(v4) // 2)), Steps(v6, pair * (len(v6) // 2))
        return self._steps

    def _merged(self, other: Traffic, operator: Operator, within: ServiceSet) -> Traffic:
        """The operator applied to the services at each address, which cannot lead out of some services."""
        halves = zip(self._both_steps(), other._both_steps(), strict=True)
        v4, v6 = (combined(mine, theirs, operator) for mine, theirs in halves)
        return _from_steps((v4, v6), within)

    def _where(self, wanted: Callable[[ServiceSet], bool]) -> AddressSet:
        """The destinations whose services are wanted; no services are never wanted."""
        v4, v6 = (support(half, wanted) for half in self._both_steps())
        return AddressSet(v4, v6)


_new = object.__new__
EMPTY: Final[Traffic] = Traffic()
Traffic.EMPTY = EMPTY

_Halves = tuple[Steps, Steps]


def _from_steps(steps: _Halves, within: ServiceSet) -> Traffic:
    """The traffic of two canonical step functions, as a box if it is one."""
    only = single(*steps)
    if only is not None:
        v4, v6 = (IntervalSet.from_bounds(half.cuts) for half in steps)
        return Traffic.box(AddressSet(v4, v6), only)
    made = _new(Traffic)
    made._uniform = None
    made._addresses = None
    made._services = None
    made._within = within
    made._steps = steps
    made._hash = None
    return made


def _intervals(bounds: list[int] | None) -> IntervalSet:
    return IntervalSet.from_bounds(tuple(bounds or ()))
