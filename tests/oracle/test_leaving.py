"""The exact sets of what leaves, and of what leaves beyond a policy, held to the interpreter packet by packet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random
from typing import TypeAlias

from auditor.audit import load_snapshot
from auditor.audit.excess import excess_of
from auditor.audit.network import network_of
from auditor.filters.services import with_ports
from auditor.model.egress import Allowance, AllowedNames, Beyond, Excess
from auditor.model.finding import Trace
from auditor.model.reading import Hints, TagMembers
from auditor.netset import AddressSet, IntervalSet, NameSet, ServiceSet, Traffic
from auditor.paths.cluster_paths import ClusterPaths
from auditor.paths.excess import ExcessOfSource
from auditor.paths.leaving import Leaving
from tests.oracle.estates import random_estate
from tests.oracle.interpreter import Interpreter
from tests.oracle.literals import Span, address, dotted, inside, span
from tests.oracle.packet import Packet
from tests.oracle.run import SERVICES, Service, ask, policy_for
from tests.oracle.seeds import seeds
from tests.oracle.skeleton import BLOCKS, NAMES, PORTS, SOURCES, Estate, addresses

NOTHING = Allowance()
_Sliced: TypeAlias = "tuple[str, Leaving, Slices, Slices]"


@dataclass(frozen=True)
class Slices:
    """A traffic set as plain ranges of addresses for each service of the tiny universe."""

    spans: dict[Service, tuple[Span, ...]]

    def holds(self, packet: Packet) -> bool:
        """Whether a packet lies in the set."""
        return inside(packet.destination, self.spans[packet.protocol, packet.port])


def slices(traffic: Traffic) -> Slices:
    """A traffic set, sliced."""
    return Slices({one: tuple(traffic.addresses_of(_service(one)).v4.intervals()) for one in SERVICES})


def _service(service: Service) -> ServiceSet:
    protocol, port = service
    return ServiceSet.icmp() if protocol == "icmp" else with_ports((protocol,), IntervalSet.of((port, port)))


def paths_of(folder: Path, estate: Estate, *, strict: bool = True) -> ClusterPaths:
    """The paths of the estate's cluster, private destinations looked at as well."""
    policy = policy_for(estate, strict=strict, pins=False)
    network = network_of(load_snapshot(folder), policy)
    (cluster,) = network.estate.clusters
    return ClusterPaths(cluster, network, Hints(), TagMembers(), policy.reading, private=True)


def raw_packets() -> Iterator[Packet]:
    """Every packet of the tiny universe without a name."""
    for subnet, sources in SOURCES.items():
        for source in map(address, sources):
            for block in BLOCKS:
                for destination in addresses(block):
                    for protocol, port in SERVICES:
                        yield Packet(subnet.lower(), source, destination, protocol, port)


def named_packets(random: Random) -> Iterator[Packet]:
    """Some packets that mean a name."""
    for _ in range(300):
        subnet = random.choice(tuple(SOURCES))
        source = address(random.choice(SOURCES[subnet]))
        destination = random.choice(addresses(random.choice(BLOCKS)))
        application = random.choice(("http", "https", "mssql"))
        port, name = random.choice((443, *PORTS)), random.choice((*NAMES, "nobody.names.this"))
        yield Packet(subnet.lower(), source, destination, "tcp", port, application, name)


@cache
def _holds_source(source: AddressSet, number: int) -> bool:
    return AddressSet.of(dotted(number)) <= source


def sent_by(source: AddressSet, packet: Packet) -> bool:
    """Whether the packet comes from one of the sources."""
    return _holds_source(source, packet.source)


class Sets:
    """The sets of one cluster, asked packet by packet."""

    def __init__(self, paths: ClusterPaths) -> None:
        self._by_address: list[_Sliced] = []
        self._by_name: list[_Sliced] = []
        for source in paths.sources:
            egress = paths.egress(source)
            assert source.subnet_id is not None
            for found, into in ((egress.by_address, self._by_address), (egress.by_name, self._by_name)):
                into += [(source.subnet_id.key, one, slices(one.must), slices(one.may)) for one in found]

    def of(self, packet: Packet) -> tuple[bool, bool]:
        """Whether a packet must leave, and whether it may."""
        return self._of(packet, (self._by_address, *([] if packet.name is None else [self._by_name])))

    def by_name(self, packet: Packet) -> tuple[bool, bool]:
        """Whether a packet must leave, and whether it may, for its name alone."""
        return self._of(packet, (self._by_name,))

    @staticmethod
    def _of(packet: Packet, layers: Sequence[Sequence[_Sliced]]) -> tuple[bool, bool]:
        found = [
            (must.holds(packet), may.holds(packet))
            for layer in layers
            for subnet, leaving, must, may in layer
            if subnet == packet.subnet and sent_by(leaving.source, packet) and speaks_of(leaving, packet)
        ]
        return any(must for must, _ in found), any(may for _, may in found)


def speaks_of(leaving: Leaving, packet: Packet) -> bool:
    """Whether what leaves is about packets with such a name, if it is about names."""
    if leaving.name is None:
        return True
    return (
        packet.name is not None
        and packet.name in leaving.name
        and leaving.application in {None, packet.application}
    )


@seeds(10, 2000)
def test_what_leaves(seeds: range, tmp_path: Path) -> None:
    """With nothing assumed, must holds exactly what surely passes, and may what is not surely dropped."""
    wrong: list[str] = []
    for seed in seeds:
        estate = random_estate(seed)
        slow = Interpreter(estate.documents)
        sets = Sets(paths_of(estate.write(tmp_path / str(seed)), estate))
        for packet in (*raw_packets(), *named_packets(Random(seed))):  # noqa: S311 - the same on every run
            fates = slow.fates(packet)
            expected = (fates == {True}, True in fates)
            if sets.of(packet) != expected:
                wrong.append(f"estate {seed}: {packet}: expected {expected}, found {sets.of(packet)}")
    assert not wrong, "\n".join([f"{len(wrong)} packets", *wrong[:10]])


@seeds(10, 1000)
def test_readings(seeds: range, tmp_path: Path) -> None:
    """What must leave when nothing is assumed must leave under every reading, and that may leave in any case."""
    for seed in seeds:
        estate = random_estate(seed)
        folder = estate.write(tmp_path / str(seed))
        strict, default = paths_of(folder, estate), paths_of(folder, estate, strict=False)
        for source, same in zip(strict.sources, default.sources, strict=True):
            pairs = zip(strict.egress(source).by_address, default.egress(same).by_address, strict=True)
            for bare, read in pairs:
                assert bare.must <= read.must <= read.may == bare.may
                assert bare.beside <= bare.must
                assert read.unknown <= read.may - read.must


def some_policy(random: Random) -> Allowance:
    """A random policy: a few blocks by address, a few names."""
    low, high = sorted(random.sample(range(len(addresses(BLOCKS[0]))), 2))
    block = addresses(random.choice(BLOCKS))
    ports = IntervalSet.of((PORTS[0], random.choice(PORTS)))
    traffic = Traffic.box(
        AddressSet.of(f"{dotted(block[low])}-{dotted(block[high])}"),
        with_ports(random.choice((("tcp",), ("tcp", "udp"))), ports),
    )
    names = tuple(
        AllowedNames(
            names=NameSet.of(pattern),
            application=random.choice(("http", "https")),
            services=ServiceSet.tcp(443, random.choice(PORTS)),
        )
        for pattern in random.sample(("*.contoso.com", "contoso.com", "*.net", "other.org"), 2)
    )
    return Allowance(traffic=traffic, names=names)


def admits_name(policy: Allowance, packet: Packet) -> bool:
    """Whether a policy admits a packet by its name."""
    return any(
        packet.name is not None
        and one.application == packet.application
        and packet.name in one.names
        and ServiceSet.tcp(packet.port) <= one.services
        for one in policy.names
    )


@seeds(10, 2000)
def test_excess_and_policy_share_what_leaves(seeds: range, tmp_path: Path) -> None:
    """What leaves is either admitted by the policy or in the excess, never both, never neither."""
    wrong: list[str] = []
    for seed in seeds:
        random = Random(seed)  # noqa: S311 - the same on every run
        estate, policy = random_estate(seed), some_policy(random)
        paths = paths_of(estate.write(tmp_path / str(seed)), estate)
        admitted = slices(policy.traffic)
        listed = []
        for source in paths.sources:
            found = ExcessOfSource(
                paths.egress(source), paths.asked_from(source), policy, NOTHING, frozenset()
            )
            assert source.subnet_id is not None
            listed += [
                (source.subnet_id.key, one, slices(part), names) for _, one, part, names in found.beyond()
            ]
        sets = Sets(paths)
        for packet in (*raw_packets(), *named_packets(random)):
            excess = [
                names
                for subnet, leaving, part, names in listed
                if subnet == packet.subnet
                and sent_by(leaving.source, packet)
                and speaks_of(leaving, packet)
                and (names is None or (packet.name is not None and packet.name in names))
                and part.holds(packet)
            ]
            by_address = sets.of(replace(packet, application=None, name=None))[0]
            must = sets.of(packet)[0]
            # What leaves by address is admitted by address, for its rule does not look at names; what leaves by name
            # is admitted by name, for the firewall itself chooses where it connects to (FW-23).
            allowed = admitted.holds(packet) if by_address else admits_name(policy, packet)
            if len(excess) != int(must and not allowed):
                wrong.append(
                    f"estate {seed}: {packet}: leaves {must}, admitted {allowed}, excess {len(excess)}"
                )
    assert not wrong, "\n".join([f"{len(wrong)} packets", *wrong[:10]])


@seeds(10, 300)
def test_witnesses(seeds: range, tmp_path: Path) -> None:
    """Each witness lies in its part, outside the policy, and is allowed when it is asked for."""
    seen = 0
    for seed in seeds:
        estate, policy = random_estate(seed), some_policy(Random(seed))  # noqa: S311 - the same on every run
        folder = estate.write(tmp_path / str(seed))
        excess, _ = excess_of(paths_of(folder, estate), policy, NOTHING, frozenset())
        askable = [one for one in excess if " over " not in one.witness]
        seen += len(askable)
        if not askable:
            continue
        for one, found in _asked(folder, estate, askable):
            assert one.kind is Beyond.EXCESS
            assert one.traffic.isdisjoint(policy.traffic) or one.names is not None
            assert "allowed" in _verdicts(one, found), (seed, one.witness)
    assert seen > len(seeds)


def _asked(
    folder: Path, estate: Estate, askable: Sequence[Excess]
) -> Iterator[tuple[Excess, Sequence[Trace]]]:
    """What a trace says of each witness; a name `at ADDRESS` is pinned to it."""
    plain = [one for one in askable if " at " not in one.witness]
    if plain:
        found = ask(folder, policy_for(estate, pins=False), list(dict.fromkeys(one.witness for one in plain)))
        yield from ((one, found[one.witness]) for one in plain)
    for one in askable:
        question, at, place = one.witness.partition(" at ")
        if at:
            pins = {question.rpartition(":")[0]: AddressSet.of(place)}
            yield one, ask(folder, replace(policy_for(estate), pins=pins), [question])[question]


def _verdicts(one: Excess, traces: Sequence[Trace]) -> set[str]:
    """The verdicts on a witness from the first source that it is said to leave from."""
    low = address(one.sources.witness())
    return {
        piece.verdict.value
        for trace in traces
        if trace.asked_from.subnet == one.asked_from[0].subnet
        for piece in trace.verdict.pieces
        if inside(low, tuple(map(span, piece.sources)))
    }
