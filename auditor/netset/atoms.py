"""Services cut into atoms, so that a set of them is one integer and set operators are those of integers."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import compress

from auditor.netset.interval import IntervalSet
from auditor.netset.service import ANY, ServiceSet

_DIGITS = bytes(digit == ord("1") for digit in range(256))
"""Turns the digits of a binary number into zeros and ones."""
_KEPT = 1 << 16
"""Integers whose sets are remembered."""


class ServiceAtoms:
    """The coarsest cut of all services along which each of some sets is a union of pieces.

    Bit `i` of an integer stands for atom `i`; `|`, `&` and `& ~` of such integers are union, intersection and
    difference of the sets that they stand for.
    """

    __slots__ = ("_bits", "_cuts", "_sets", "_touched", "all")

    all: int
    """Every service."""

    def __init__(self, sets: Iterable[ServiceSet]) -> None:
        """Cut along the boundaries of these sets."""
        cuts = set(ANY.points.bounds)
        for services in set(sets):
            cuts.update(services.points.bounds)
        self._cuts = sorted(cuts)
        self._bits: dict[ServiceSet, int] = {}
        self._sets: dict[int, ServiceSet] = {}
        self._touched: dict[ServiceSet, int] = {}
        self.all = self.bits(ANY)

    def bits(self, services: ServiceSet) -> int:
        """The integer of one of the sets, or of a union of atoms; the caller vouches that it is one."""
        found = self._bits.get(services)
        if found is None:
            found = 0
            bounds = services.points.bounds
            for low, high in zip(bounds[::2], bounds[1::2], strict=True):
                found |= (1 << bisect_left(self._cuts, high)) - (1 << bisect_left(self._cuts, low))
            self._bits[services] = found
            self._sets[found] = services
        return found

    def touched(self, services: ServiceSet) -> int:
        """The integer of all atoms in which some of these services lie; any set will do."""
        found = self._bits.get(services) or self._touched.get(services)
        if found is not None:
            return found
        found = 0
        bounds = services.points.bounds
        for low, high in zip(bounds[::2], bounds[1::2], strict=True):
            found |= (1 << bisect_left(self._cuts, high)) - (1 << bisect_right(self._cuts, low) - 1)
        self._touched[services] = found
        return found

    def services(self, bits: int) -> ServiceSet:
        """The set that an integer stands for."""
        found = self._sets.get(bits)
        if found is None:
            if len(self._sets) >= _KEPT:
                # Equal sets are one object, so what is made again is what is still in use.
                self._sets.clear()
            found = self._sets[bits] = ServiceSet.of_points(
                IntervalSet.from_bounds(tuple(self._bounds(bits)))
            )
        return found

    def _bounds(self, bits: int) -> Iterator[int]:
        """The cuts at which a run of ones begins or ends."""
        ends = f"{bits ^ bits << 1:b}"[::-1].encode().translate(_DIGITS)
        return compress(self._cuts, ends)
