"""Sets of services: what a rule says about protocol and port."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from threading import Lock
from typing import ClassVar, Final
from weakref import WeakValueDictionary

from auditor.netset.interval import IntervalSet
from auditor.netset.port import ALL as ALL_PORTS
from auditor.netset.port import parse_ports
from auditor.netset.protocol import HIGHEST, ICMP, NAMES, TCP, UDP

_WIDTH: Final = 65536
_WITH_PORTS: Final = frozenset((TCP, UDP))
_MEMO_SIZE: Final = 1 << 14


class ServiceSet:
    """Canonical set of (protocol, port) points, interned: two equal sets are one object.

    TCP and UDP have 65,536 ports each, every other protocol is one point. Since there is never a second
    object for the same set, equality and hash are those of the object, and operators can be looked up.
    """

    __slots__ = ("__weakref__", "_points")

    NONE: ClassVar[ServiceSet]
    ANY: ClassVar[ServiceSet]
    TCP_UDP_ICMP: ClassVar[ServiceSet]

    _points: IntervalSet

    def __new__(cls) -> ServiceSet:  # noqa: PYI034  one object a set, and no subclasses
        """The empty set; see the class methods for the others."""
        return _intern(IntervalSet())

    @classmethod
    def tcp(cls, *ports: int | str) -> ServiceSet:
        """These TCP ports, as numbers or texts that `parse_ports` reads; all of them when none is given."""
        return cls.ports(_ports(ports), TCP)

    @classmethod
    def udp(cls, *ports: int | str) -> ServiceSet:
        """These UDP ports, as numbers or texts that `parse_ports` reads; all of them when none is given."""
        return cls.ports(_ports(ports), UDP)

    @classmethod
    def icmp(cls) -> ServiceSet:
        """ICMP, which has no ports."""
        return cls.protocols(ICMP)

    @classmethod
    def protocols(cls, *numbers: int) -> ServiceSet:
        """Everything that these protocols carry; a number outside 0 to 255 raises ValueError."""
        return cls.ports(ALL_PORTS, *numbers)

    @classmethod
    def ports(cls, ports: IntervalSet, *protocols: int) -> ServiceSet:
        """These ports of each protocol.

        A protocol without ports has all or nothing: some but not all ports raise ValueError.
        """
        if not ports <= ALL_PORTS:
            raise ValueError(f"ports {ports!r}: expected numbers from 0 to {_WIDTH - 1}")
        pairs: list[tuple[int, int]] = []
        for protocol in protocols:
            if not 0 <= protocol <= HIGHEST:
                raise ValueError(f"protocol {protocol}: expected a number from 0 to {HIGHEST}")
            base = protocol * _WIDTH
            if protocol in _WITH_PORTS:
                pairs.extend((base + low, base + high) for low, high in ports.intervals())
            elif ports == ALL_PORTS:
                pairs.append((base, base))
            elif ports:
                raise ValueError(f"protocol {protocol}: has no ports, found {ports!r}")
        return _intern(IntervalSet.of(*pairs))

    @classmethod
    def of_points(cls, points: IntervalSet) -> ServiceSet:
        """The set with these points, each protocol * 65536 + port as in `points`, which the caller vouches for."""
        return _intern(points)

    @property
    def points(self) -> IntervalSet:
        """The points as numbers, each protocol * 65536 + port."""
        return self._points

    def split(self) -> Iterator[tuple[int, IntervalSet]]:
        """Each protocol with its ports, ascending; a protocol without ports comes with port 0 alone."""
        for protocol, pieces in groupby(_pieces(self._points), key=itemgetter(0)):
            yield protocol, IntervalSet.of(*((low, high) for _, low, high in pieces))

    def witness(self) -> tuple[int, int | None]:
        """One member: TCP before UDP before ICMP before the rest, port 0 last; ValueError when empty."""
        if self is NONE:
            raise ValueError("an empty service set has no witness")
        protocol, ports = min(self.split(), key=_reading_order)
        if protocol not in _WITH_PORTS:
            return protocol, None
        above_zero = ports - _PORT_ZERO
        return protocol, (above_zero or ports).minimum

    def isdisjoint(self, other: ServiceSet) -> bool:
        """Whether no service is in both."""
        return _intersection(self, other) is NONE

    def __or__(self, other: ServiceSet) -> ServiceSet:
        if not isinstance(other, ServiceSet):
            return NotImplemented
        if self is NONE:
            return other
        return self if self is other else _union(self, other)

    def __and__(self, other: ServiceSet) -> ServiceSet:
        if not isinstance(other, ServiceSet):
            return NotImplemented
        return self if self is other else _intersection(self, other)

    def __sub__(self, other: ServiceSet) -> ServiceSet:
        if not isinstance(other, ServiceSet):
            return NotImplemented
        return NONE if self is other else _difference(self, other)

    def __le__(self, other: ServiceSet) -> bool:
        if not isinstance(other, ServiceSet):
            return NotImplemented
        return self is other or _intersection(self, other) is self

    def __bool__(self) -> bool:
        return self is not NONE

    def __reduce__(self) -> tuple[Callable[[IntervalSet], ServiceSet], tuple[IntervalSet]]:
        """A copy or an unpickled set is the one that is already here."""
        return _intern, (self._points,)

    def __str__(self) -> str:
        """Such as `tcp/443,udp/53,icmp,ip/2-5`: the last is how protocols without a name are written."""
        if self is ANY:
            return "any"
        return ",".join(_texts(self)) or "none"

    def __repr__(self) -> str:
        return f"<ServiceSet {self}>"


_PORT_ZERO: Final = IntervalSet.of((0, 0))
_interned: Final[WeakValueDictionary[IntervalSet, ServiceSet]] = WeakValueDictionary()
_interning: Final = Lock()


def _intern(points: IntervalSet) -> ServiceSet:
    """The one set with these points."""
    with _interning:
        found = _interned.get(points)
        if found is None:
            found = object.__new__(ServiceSet)
            found._points = points
            _interned[points] = found
    return found


NONE: Final[ServiceSet] = ServiceSet()
ANY: Final[ServiceSet] = ServiceSet.protocols(*range(HIGHEST + 1))
TCP_UDP_ICMP: Final[ServiceSet] = ServiceSet.protocols(TCP, UDP, ICMP)
ServiceSet.NONE = NONE
ServiceSet.ANY = ANY
ServiceSet.TCP_UDP_ICMP = TCP_UDP_ICMP


@lru_cache(maxsize=_MEMO_SIZE)
def _union(one: ServiceSet, other: ServiceSet) -> ServiceSet:
    return _intern(one._points | other._points)


@lru_cache(maxsize=_MEMO_SIZE)
def _intersection(one: ServiceSet, other: ServiceSet) -> ServiceSet:
    return _intern(one._points & other._points)


@lru_cache(maxsize=_MEMO_SIZE)
def _difference(one: ServiceSet, other: ServiceSet) -> ServiceSet:
    return _intern(one._points - other._points)


def _pieces(points: IntervalSet) -> Iterator[tuple[int, int, int]]:
    """The intervals as protocol, first and last port."""
    # The last TCP port and the point of protocol 7 are neighbours, so an interval can cross into a protocol.
    for low, high in points.intervals():
        start = low
        while start <= high:
            protocol, first = divmod(start, _WIDTH)
            last = min(high - start + first, _WIDTH - 1)
            yield protocol, first, last
            start += last - first + 1


def _ports(given: tuple[int | str, ...]) -> IntervalSet:
    """Ports given as numbers or texts; all of them when none is given."""
    if not given:
        return ALL_PORTS
    return IntervalSet.union_all([parse_ports(str(port)) for port in given])


_READING_ORDER: Final = {TCP: -3, UDP: -2, ICMP: -1}


def _reading_order(part: tuple[int, IntervalSet]) -> int:
    """TCP, UDP, ICMP, then by number."""
    return _READING_ORDER.get(part[0], part[0])


def _texts(services: ServiceSet) -> Iterator[str]:
    """The parts of the printed form; a run of nameless protocols is one part."""
    first = last = -2
    for protocol, ports in sorted(services.split(), key=_reading_order):
        if protocol not in NAMES and protocol == last + 1:
            last = protocol
            continue
        if first >= 0:
            yield _run_text(first, last)
            first = last = -2
        if protocol not in NAMES:
            first = last = protocol
        elif protocol not in _WITH_PORTS or ports == ALL_PORTS:
            yield NAMES[protocol]
        else:
            for low, high in ports.intervals():
                yield f"{NAMES[protocol]}/{low}" if low == high else f"{NAMES[protocol]}/{low}-{high}"
    if first >= 0:
        yield _run_text(first, last)


def _run_text(first: int, last: int) -> str:
    return f"ip/{first}" if first == last else f"ip/{first}-{last}"
