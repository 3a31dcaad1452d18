"""First-match lists and computed sets as binary decision diagrams of CUDD: equal sets are equal nodes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, Final

from dd.cudd import BDD

from auditor.netset import Traffic
from benchmarks.engine import service_boxes
from benchmarks.plain_rules import Entry, Prefix, Services

_WIDTHS: Final = {"protocol": 8, "port": 16, "address": 32}
"""Fields in the order of their variables, each from its highest bit down."""
Node = Any


class Diagrams:
    """One manager with the variables of a packet, and what was built in it."""

    def __init__(self, memory: int = 1 << 31) -> None:
        self._bdd = BDD(memory_estimate=memory)
        self._bdd.configure(reordering=False)
        names = [f"{field}{bit}" for field, width in _WIDTHS.items() for bit in range(width)]
        self._bdd.declare(*names)
        self._bits = {
            field: [self._bdd.var(f"{field}{bit}") for bit in range(width)]
            for field, width in _WIDTHS.items()
        }
        # The tag or IP group that many rules name is one object; hashing thousands of prefixes would cost more.
        self._shared: dict[int, tuple[tuple[Prefix, ...], Node]] = {}
        # The same few hundred services come back in thousands of rules.
        self._services_of = cache(self._all_services)

    @property
    def none(self) -> Node:
        """The empty set."""
        return self._bdd.false

    def policy(self, entries: Sequence[Entry], *, open_counts: bool) -> Node:
        """What the list allows; with `open_counts`, what it may allow, if some entries are not sure (V-4)."""
        allowed = self._bdd.false
        for entry in reversed(entries):
            if not entry.sure and entry.allow is not open_counts:
                # An entry that may match only opens what `open_counts` asks for; the other way it changes nothing.
                continue
            hit = self.matches(entry)
            allowed = allowed | hit if entry.allow else allowed & ~hit
        return allowed

    def matches(self, entry: Entry) -> Node:
        """Where an entry matches."""
        return self._prefixes(entry.prefixes) & self._services_of(entry.services)

    def traffic(self, computed: Traffic) -> Node:
        """A computed set."""
        return self._union(
            self._intervals("address", addresses.v4.bounds)
            & self._services_of(tuple(service_boxes(services)))
            for addresses, services in computed.boxes()
        )

    def _prefixes(self, prefixes: tuple[Prefix, ...]) -> Node:
        known = self._shared.get(id(prefixes))
        if known is None:
            bounds = [bound for low, end in _merged(prefixes) for bound in (low, end)]
            known = self._shared[id(prefixes)] = (prefixes, self._intervals("address", bounds))
        return known[1]

    def _all_services(self, services: Sequence[Services]) -> Node:
        return self._union(
            self._intervals("protocol", (first, last + 1)) & self._intervals("port", (low, high + 1))
            for first, last, low, high in services
        )

    def _intervals(self, field: str, bounds: Sequence[int]) -> Node:
        """The numbers inside ascending half-open intervals, built from the highest bit down."""
        bits = self._bits[field]
        true, false, ite = self._bdd.true, self._bdd.false, self._bdd.ite

        def build(depth: int, base: int, first: int, last: int) -> Node:
            # bounds[first:last] are those strictly inside the block; an odd number before it means: inside.
            if first == last:
                return true if first & 1 else false
            half = 1 << (len(bits) - 1 - depth)
            middle = base + half
            below = bisect_left(bounds, middle, first, last)
            above = below + 1 if below < last and bounds[below] == middle else below
            return ite(
                bits[depth], build(depth + 1, middle, above, last), build(depth + 1, base, first, below)
            )

        start = 1 if bounds and bounds[0] == 0 else 0
        stop = len(bounds) - 1 if bounds and bounds[-1] == 1 << len(bits) else len(bounds)
        return build(0, 0, start, stop)

    def _union(self, parts: Iterable[Node]) -> Node:
        """The union in pairs, which keeps the operands alike in size."""
        found = list(parts) or [self._bdd.false]
        while len(found) > 1:
            odd = found[len(found) & ~1 :]
            found = [one | other for one, other in zip(found[::2], found[1::2], strict=False)] + odd
        return found[0]


def _merged(prefixes: Iterable[Prefix]) -> Iterable[tuple[int, int]]:
    """Half-open, ascending, apart from each other."""
    found: list[list[int]] = []
    for low, end in sorted((number, number + (1 << (32 - length))) for number, length in prefixes):
        if found and low <= found[-1][1]:
            found[-1][1] = max(end, found[-1][1])
        else:
            found.append([low, end])
    return ((low, end) for low, end in found)
