"""Pairs of random estates compared: what `diff` says of each packet is what the clauses say of it on both sides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from auditor.audit import load_snapshot
from auditor.audit.diff import diff
from auditor.model.difference import Difference, Extent
from auditor.netset import ServiceSet
from auditor.policy.policy import Policy
from tests.oracle.estates import random_estate
from tests.oracle.interpreter import Interpreter
from tests.oracle.literals import address, dotted
from tests.oracle.packet import Packet, word
from tests.oracle.run import SERVICES, policy_for
from tests.oracle.seeds import seeds
from tests.oracle.skeleton import BLOCKS, NAMES, PORTS, SOURCES, Estate, addresses

Step = tuple[str, str]
OPEN = ("unknown", "unknown")
STAYS = [(one, one) for one in ("allowed", "blocked", "unknown")]
NOBODY = "nobody.names.this"
EVERY_NAME = (*NAMES, NOBODY)
EVERY_SOURCE = tuple(address(text) for texts in SOURCES.values() for text in texts)
SETS = {
    (protocol, port): {"tcp": ServiceSet.tcp, "udp": ServiceSet.udp}[protocol](port)
    if port
    else ServiceSet.icmp()
    for protocol, port in SERVICES
}


def policy(estate: Estate) -> Policy:
    """Nothing assumed, private destinations looked at as well."""
    found = policy_for(estate)
    return replace(found, settings=replace(found.settings, private_egress=True))


@dataclass(frozen=True)
class Part:
    """What a part of a comparison says of the tiny universe, as plain sets."""

    step: Step
    by_name: bool
    application: str | None
    names: frozenset[str | None]
    sources: frozenset[int]
    reached: frozenset[tuple[str, int, int]]
    """Protocol, port and destination."""

    def holds(self, packet: Packet) -> bool:
        """Whether it speaks of a packet."""
        if self.by_name and (packet.name not in self.names or packet.application != self.application):
            return False
        there = packet.protocol, packet.port, packet.destination
        return packet.source in self.sources and there in self.reached


def part(step: Step, extent: Extent) -> Part:
    """A part as plain sets."""
    reached = [
        (protocol, port, destination)
        for protocol, port in SERVICES
        for low, high in extent.traffic.addresses_of(SETS[protocol, port]).v4.intervals()
        for block in BLOCKS
        for destination in addresses(block)
        if low <= destination <= high
    ]
    names = extent.names
    return Part(
        step=step,
        by_name=names is not None,
        application=extent.application,
        names=frozenset(name for name in EVERY_NAME if names is not None and name in names),
        sources=frozenset(one for one in EVERY_SOURCE if dotted(one) in extent.sources),
        reached=frozenset(reached),
    )


class Said:
    """What a comparison says, asked packet by packet."""

    def __init__(self, found: Difference) -> None:
        self._parts: dict[str, list[Part]] = {}
        self._open: dict[str, list[Part]] = {}
        for subnet in found.subnets:
            steps: list[tuple[Step, Extent]] = [(("blocked", "allowed"), one.extent) for one in subnet.more]
            steps += [(("allowed", "blocked"), one.extent) for one in subnet.less]
            steps += [((one.before.value, one.after.value), one.extent) for one in subnet.undetermined]
            parts = [part(*one) for one in steps]
            self._parts[subnet.subnet.key] = [one for one in parts if one.step != OPEN]
            self._open[subnet.subnet.key] = [one for one in parts if one.step == OPEN]

    def of(self, packet: Packet) -> tuple[list[Step], list[Step]]:
        """The steps of the parts by address that hold a packet, and of the parts by name."""
        holding = [one for one in self._parts.get(packet.subnet, ()) if one.holds(packet)]
        return [one.step for one in holding if not one.by_name], [one.step for one in holding if one.by_name]

    def open_on_both(self, packet: Packet) -> bool:
        """Whether it is unknown on both sides and not for the same reason: by its name, or where it has none."""
        by_name = packet.name is not None
        return any(one.holds(packet) for one in self._open.get(packet.subnet, ()) if one.by_name is by_name)


def compared(seed: int, folder: Path) -> tuple[Interpreter, Interpreter, Said]:
    """Two estates of the same skeleton, and their comparison."""
    old, new = random_estate(seed), random_estate(seed + 5000)
    found = diff(
        load_snapshot(old.write(folder / f"{seed}-old")),
        policy(old),
        load_snapshot(new.write(folder / f"{seed}-new")),
        policy(new),
    )
    return Interpreter(old.documents), Interpreter(new.documents), Said(found)


def raw_packets() -> Iterator[Packet]:
    """Every packet of the universe, from the four sources."""
    for subnet, sources in SOURCES.items():
        for source in map(address, sources):
            for block in BLOCKS:
                for destination in addresses(block):
                    for protocol, port in SERVICES:
                        yield Packet(subnet.lower(), source, destination, protocol, port)


def named_packets() -> Iterator[Packet]:
    """Packets of clients that name their server: every name, some destinations."""
    for subnet, sources in SOURCES.items():
        for block in BLOCKS:
            for destination in list(addresses(block))[::5]:
                for name in EVERY_NAME:
                    for application in ("http", "https", "mssql"):
                        for port in PORTS[::3]:
                            source = address(sources[0])
                            yield Packet(subnet.lower(), source, destination, "tcp", port, application, name)


def faults(seed: int, folder: Path, seen: Counter[Step]) -> Iterator[str]:
    """Every packet of which the comparison says something else than the clauses."""
    old, new, said = compared(seed, folder)
    for packet in raw_packets():
        expected = word(old.fates(packet)), word(new.fates(packet))
        seen[expected] += 1
        found, _ = said.of(packet)
        if expected != OPEN and said.open_on_both(packet):
            found = [OPEN]
        if found != ([] if expected in STAYS else [expected]):
            yield f"estates {seed}: {packet}: expected {expected}, found {found}"
    for packet in named_packets():
        expected = word(old.fates(packet)), word(new.fates(packet))
        by_address, by_name = said.of(packet)
        if expected in STAYS:
            wrong: Sequence[Step] = by_name
        else:
            wrong = [one for one in by_name if one != expected]
            wrong = wrong or ([] if expected in (*by_name, *by_address) else [("nothing", "said")])
        if expected != OPEN and said.open_on_both(packet):
            wrong = [OPEN]
        if wrong or len(by_name) > 1 or (by_name and by_name == by_address):
            yield f"estates {seed}: {packet}: expected {expected}, found {by_address}, by name {by_name}"


@seeds(10, 300)
def test_every_packet(seeds: range, tmp_path: Path) -> None:
    """More is what was surely stopped and surely leaves, less the other way round; unknowns are kept apart."""
    seen: Counter[Step] = Counter()
    wrong = [fault for seed in seeds for fault in faults(seed, tmp_path, seen)]
    assert not wrong, "\n".join([f"{len(wrong)} packets", *wrong[:10]])
    assert min(seen["blocked", "allowed"], seen["allowed", "blocked"]) > sum(seen.values()) / 50
