"""The records that reports print about what leaves, each held to the interpreter packet by packet, senders included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from auditor.audit.excess import excess_of
from auditor.model.egress import Sent
from auditor.netset import NameSet
from tests.oracle.estates import random_estate
from tests.oracle.packet import Packet
from tests.oracle.seeds import seeds
from tests.oracle.test_leaving import (
    NOTHING,
    Sets,
    Slices,
    admits_name,
    named_packets,
    paths_of,
    raw_packets,
    sent_by,
    slices,
    some_policy,
)


@dataclass(frozen=True)
class Told:
    """A record as a reader takes it: each of its sources sends all of its traffic, by all of its names."""

    record: Sent
    traffic: Slices
    subnets: frozenset[str]

    def holds(self, packet: Packet) -> bool:
        """Whether the record says so of a packet."""
        record = self.record
        return (
            packet.subnet in self.subnets
            and sent_by(record.sources, packet)
            and self.traffic.holds(packet)
            and (record.names is None or _named(record.names, record.application, packet))
        )


def _named(names: NameSet, application: str | None, packet: Packet) -> bool:
    return packet.name is not None and packet.name in names and application in {None, packet.application}


def told(records: Sequence[Sent]) -> list[Told]:
    """The records, sliced."""
    return [
        Told(
            one,
            slices(one.traffic),
            frozenset(origin.subnet.key for origin in one.asked_from if origin.subnet is not None),
        )
        for one in records
    ]


@seeds(10, 2000)
def test_records_are_the_whole_and_nothing_else(seeds: range, tmp_path: Path) -> None:
    """A packet is in one record if it leaves beyond the policy, in an open one if it may, and else in none."""
    wrong: list[str] = []
    joined = 0
    for seed in seeds:
        random = Random(seed)  # noqa: S311 - the same on every run
        estate, policy = random_estate(seed), some_policy(random)
        paths = paths_of(estate.write(tmp_path / str(seed)), estate)
        excess, undetermined = map(told, excess_of(paths, policy, NOTHING, frozenset()))
        joined += sum(len(one.record.sources.ranges()) > 1 for one in excess)
        admitted, sets = slices(policy.traffic), Sets(paths)
        for packet in (*raw_packets(), *named_packets(random)):
            raw = sets.of(replace(packet, application=None, name=None))
            # A rule that does not look at names is admitted by address, one that does by name (FW-23).
            by_address, by_name = admitted.holds(packet), admits_name(policy, packet)
            must, may = sets.by_name(packet) if packet.name is not None else (False, False)
            expected = (
                int(not by_address) if raw[0] else int(must and not by_name),
                (raw[1] and not raw[0] and not by_address) or (may and not must and not by_name),
            )
            found = (
                sum(one.holds(packet) for one in excess),
                any(one.holds(packet) for one in undetermined),
            )
            if found != expected:
                wrong.append(f"estate {seed}: {packet}: expected {expected}, found {found}")
    assert not wrong, "\n".join([f"{len(wrong)} packets", *wrong[:10]])
    # A few estates may have none; those of every run have some.
    assert joined or seeds.start
