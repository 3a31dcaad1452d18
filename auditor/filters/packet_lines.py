"""Addresses of both families and names laid out on lines of numbers, so that each is one dimension of a box."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from ipaddress import IPv6Address

from auditor.netset import AddressSet, IntervalSet, NamePattern, NameSet, ServiceSet
from auditor.netset.protocol import TCP, UDP

_SIXTH = 1 << 33
"""Where the IPv6 addresses begin, with a gap after the last IPv4 one."""
_LETTERS = 38
"""The characters that may stand in front of a suffix; fewer patterns than that cannot use it up."""


def address_lines(sources: AddressSet, destinations: AddressSet) -> Iterator[tuple[IntervalSet, IntervalSet]]:
    """Sources and destinations of the packets between them: a packet has one family."""
    if sources.v4 and destinations.v4:
        yield sources.v4, destinations.v4
    if sources.v6 and destinations.v6:
        yield _shifted(sources.v6), _shifted(destinations.v6)


@lru_cache(maxsize=1 << 12)
def _shifted(numbers: IntervalSet) -> IntervalSet:
    return IntervalSet.from_bounds(tuple(bound + _SIXTH for bound in numbers.bounds))


def address_at(number: int) -> str:
    """The address that a number on the line stands for."""
    if number >= _SIXTH:
        return str(IPv6Address(number - _SIXTH))
    return AddressSet.from_int_range(number, number).witness()


def service_at(point: int) -> str:
    """The service that a point of a service set stands for."""
    protocol, port = divmod(point, 65536)
    if protocol in {TCP, UDP}:
        return str(ServiceSet.ports(IntervalSet.of((port, port)), protocol))
    return str(ServiceSet.protocols(protocol))


class NameLine:
    """Names on a line: what no given pattern tells apart is one point, and each pattern is an interval.

    Two patterns are nested or disjoint, so in the order of their reversed suffixes those nested in one follow it.
    """

    NAMELESS = 0
    """The point of a request without a name."""

    def __init__(self, patterns: Iterable[NamePattern]) -> None:
        everything = NamePattern(suffix="", wildcard=True)
        ordered = sorted({everything, *patterns}, key=lambda one: (one.suffix[::-1], not one.wildcard))
        self._spans: dict[NamePattern, tuple[int, int]] = {}
        self._points: list[tuple[NamePattern, list[NamePattern]]] = []
        enclosing: list[tuple[NamePattern, list[NamePattern], int]] = []
        for pattern in ordered:
            while enclosing and not pattern <= enclosing[-1][0]:
                self._close(*enclosing.pop())
            if enclosing:
                enclosing[-1][1].append(pattern)
            enclosing.append((pattern, [], len(self._points)))
        while enclosing:
            self._close(*enclosing.pop())

    def _close(self, pattern: NamePattern, nested: list[NamePattern], start: int) -> None:
        """Give the names of a pattern that are in none of those nested in it a point, if there are such names."""
        if len(nested) < _LETTERS or _rest(pattern, nested):
            self._points.append((pattern, nested))
        self._spans[pattern] = (start + 1, len(self._points))

    @property
    def names(self) -> IntervalSet:
        """Every name."""
        return IntervalSet.of((1, len(self._points)))

    @property
    def all(self) -> IntervalSet:
        """Every name, and requests without one."""
        return IntervalSet.of((0, len(self._points)))

    def of(self, patterns: Iterable[NamePattern]) -> IntervalSet:
        """The names that match one of some patterns, each among those that the line was made for."""
        return IntervalSet.of(*(self._spans[pattern] for pattern in patterns))

    def name_at(self, number: int) -> str | None:
        """A name at a point of the line; None for a request without one."""
        if number == self.NAMELESS:
            return None
        return _rest(*self._points[number - 1]).witness()


def _rest(pattern: NamePattern, nested: list[NamePattern]) -> NameSet:
    return NameSet.of(pattern) - NameSet.of(*nested)
