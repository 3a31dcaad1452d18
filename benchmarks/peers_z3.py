"""First-match lists and computed sets as z3 formulas over one packet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import z3

from auditor.netset import Traffic
from benchmarks.engine import service_boxes
from benchmarks.plain_rules import Entry, Prefix, Services

Witness = tuple[int, int, int]
"""Address, protocol and port of one packet."""


@dataclass(slots=True)
class Packet:
    """The variables of one packet; every packet has the same ones."""

    address: Any = field(default_factory=lambda: z3.BitVec("address", 32))
    protocol: Any = field(default_factory=lambda: z3.BitVec("protocol", 8))
    port: Any = field(default_factory=lambda: z3.BitVec("port", 16))
    shared: dict[int, tuple[tuple[Prefix, ...], Any]] = field(default_factory=dict)
    """Formulas of prefix lists by identity: the tag or IP group that many rules name is one object."""


def policy(packet: Packet, entries: Sequence[Entry], *, open_counts: bool) -> Any:
    """Whether the list allows the packet; with `open_counts`, whether it may, if some entries are not sure (V-4)."""
    allowed = z3.BoolVal(False)
    for entry in reversed(entries):
        if not entry.sure and entry.allow is not open_counts:
            # An entry that may match only opens what `open_counts` asks for; the other way it changes nothing.
            continue
        hit = matches(packet, entry)
        allowed = z3.Or(hit, allowed) if entry.allow else z3.And(z3.Not(hit), allowed)
    return allowed


def beyond(one: Any, other: Any) -> Any:
    """What the first formula holds and the second does not."""
    return z3.And(one, z3.Not(other))


def changes_without(packet: Packet, entries: Sequence[Entry], place: int) -> Any:
    """Whether the list surely allows other packets without one of its entries."""
    before = _any(matches(packet, entry) for entry in entries[:place] if entry.sure or not entry.allow)
    behind = policy(packet, entries[place + 1 :], open_counts=False)
    decided = z3.Not(behind) if entries[place].allow else behind
    return z3.And(matches(packet, entries[place]), z3.Not(before), decided)


def matches(packet: Packet, entry: Entry) -> Any:
    """Whether an entry's predicates hold."""
    return z3.And(_in_prefixes(packet, entry.prefixes), _in_services(packet, entry.services))


def traffic(packet: Packet, computed: Traffic) -> Any:
    """Whether a computed set holds the packet."""
    return _any(
        z3.And(
            _any(_between(packet.address, low, high, 32) for low, high in addresses.v4.intervals()),
            _any(_service(packet, one) for one in service_boxes(services)),
        )
        for addresses, services in computed.boxes()
    )


def witness(formula: Any) -> Witness | None:
    """One packet of a formula, or the proof that there is none; raises if z3 gives up."""
    solver = z3.SolverFor("QF_BV")
    solver.add(formula)
    answer = solver.check()
    if answer == z3.unsat:
        return None
    if answer != z3.sat:
        raise RuntimeError(f"z3 gave up: {solver.reason_unknown()}")
    model = solver.model()
    packet = Packet()
    address, protocol, port = (
        model.eval(one, model_completion=True).as_long()
        for one in (packet.address, packet.protocol, packet.port)
    )
    return address, protocol, port


def differences(one: Any, other: Any) -> tuple[Witness | None, Witness | None]:
    """A packet of the first formula alone, and one of the second alone; None is the proof that there is none."""
    return witness(beyond(one, other)), witness(beyond(other, one))


def _in_prefixes(packet: Packet, prefixes: tuple[Prefix, ...]) -> Any:
    known = packet.shared.get(id(prefixes))
    if known is None:
        formula = _any(_prefix(packet.address, number, length) for number, length in prefixes)
        known = packet.shared[id(prefixes)] = (prefixes, formula)
    return known[1]


def _prefix(address: Any, number: int, length: int) -> Any:
    if length == 0:
        return z3.BoolVal(True)
    return z3.Extract(31, 32 - length, address) == number >> (32 - length)


def _in_services(packet: Packet, services: Sequence[Services]) -> Any:
    return _any(_service(packet, one) for one in services)


def _service(packet: Packet, service: Services) -> Any:
    first, last, low, high = service
    return z3.And(_between(packet.protocol, first, last, 8), _between(packet.port, low, high, 16))


def _between(variable: Any, low: int, high: int, width: int) -> Any:
    if low == high:
        return variable == low
    parts = [z3.UGE(variable, low)] if low else []
    if high < (1 << width) - 1:
        parts.append(z3.ULE(variable, high))
    return z3.And(*parts) if parts else z3.BoolVal(True)


def _any(parts: Iterable[Any]) -> Any:
    found = list(parts)
    if not found:
        return z3.BoolVal(False)
    return found[0] if len(found) == 1 else z3.Or(*found)
