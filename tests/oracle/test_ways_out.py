"""The ways out of random estates, each held to an interpreter that knows the clauses alone (UDR-37 to UDR-50)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.oracle.literals import address
from tests.oracle.packet import Packet, word
from tests.oracle.run import ask, parts_of, policy_for, verdict_at
from tests.oracle.seeds import seeds
from tests.oracle.skeleton import Estate
from tests.oracle.ways_out import WaysOut
from tests.oracle.ways_out_estates import ORDINARY, STORAGE, ways_out_estate

SERVICES = (("tcp", 443), ("udp", 443), ("icmp", 0))


def packets(seed: int) -> tuple[Estate, list[tuple[str, Packet, str]]]:
    """An estate, and what is asked of it: the question, a packet that it holds, and the verdict of the clauses."""
    estate, sources = ways_out_estate(seed)
    return estate, list(_packets(WaysOut(estate.documents), sources))


def _packets(slow: WaysOut, sources: list[tuple[str, str]]) -> Iterator[tuple[str, Packet, str]]:
    for to in (ORDINARY, STORAGE):
        for protocol, port in SERVICES:
            question = f"{to}{f':{port}' if port else ''}/{protocol}"
            for subnet, source in sources:
                packet = Packet(subnet, address(source), address(to), protocol, port)
                yield question, packet, word(slow.fates(packet))


@seeds(30, 600)
def test_ways_out(seeds: range, tmp_path: Path) -> None:
    """With nothing assumed, the audit says of each node what the clauses say."""
    wrong: list[str] = []
    for seed in seeds:
        estate, asked = packets(seed)
        questions = list(dict.fromkeys(question for question, _, _ in asked))
        found = ask(estate.write(tmp_path / str(seed)), policy_for(estate), questions)
        for question, packet, expected in asked:
            said = verdict_at(parts_of(found[question]), packet)
            if expected != said:
                wrong.append(f"estate {seed}: {packet}: expected {expected}, found {said}")
    assert not wrong, "\n".join([f"{len(wrong)} packets", *wrong[:10]])


def test_the_estates_are_worth_asking() -> None:
    """All three verdicts are frequent, also of TCP to an ordinary address; else agreement would say little."""
    found = Counter(
        expected
        for seed in range(100)
        for question, _, expected in packets(seed)[1]
        if question == f"{ORDINARY}:443/tcp"
    )
    assert min(found[one] for one in ("allowed", "blocked", "unknown")) > found.total() / 8
