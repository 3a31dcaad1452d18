"""Every packet of the tiny universe, from every kind of source, through whole random estates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.oracle.estates import random_estate
from tests.oracle.interpreter import Interpreter
from tests.oracle.literals import address
from tests.oracle.packet import Packet, word
from tests.oracle.run import SERVICES, ask, flat_questions, parts_of, policy_for, verdict_at
from tests.oracle.seeds import seeds
from tests.oracle.skeleton import SOURCES, addresses


def packets(block: str, protocol: str) -> Iterator[Packet]:
    """Every packet of a block and a protocol, from the four sources."""
    for subnet, sources in SOURCES.items():
        for source in map(address, sources):
            for destination in addresses(block):
                for named, port in SERVICES:
                    if named == protocol:
                        yield Packet(subnet.lower(), source, destination, protocol, port)


@seeds(60, 3000)
def test_every_packet(seeds: range, tmp_path: Path) -> None:
    """Asked about whole blocks and port ranges at once, the audit says of each packet what the clauses say."""
    wrong: list[str] = []
    for seed in seeds:
        estate = random_estate(seed)
        slow = Interpreter(estate.documents)
        questions = flat_questions()
        found = ask(estate.write(tmp_path / str(seed)), policy_for(estate), list(questions))
        for question, (block, protocol) in questions.items():
            parts = parts_of(found[question])
            for packet in packets(block, protocol):
                expected, said = word(slow.fates(packet)), verdict_at(parts, packet)
                if expected != said:
                    wrong.append(f"estate {seed}: {packet}: expected {expected}, found {said}")
    assert not wrong, "\n".join([f"{len(wrong)} packets", *wrong[:10]])


def test_the_estates_are_worth_asking() -> None:
    """Random estates answer with all three verdicts, each of them often; else agreement would say little."""
    found: Counter[str] = Counter()
    for seed in range(12):
        slow = Interpreter(random_estate(seed).documents)
        for block, protocol in flat_questions().values():
            found.update(word(slow.fates(packet)) for packet in packets(block, protocol))
    total = sum(found.values())
    assert found["allowed"] > total / 5
    assert found["blocked"] > total / 5
    assert found["unknown"] > total / 100


def test_the_interpreter_is_independent() -> None:
    """Nothing that says what is right imports the product."""
    here = Path(__file__).parent
    names = (
        "interpreter",
        "groups",
        "routes",
        "firewall",
        "network",
        "literals",
        "packet",
        "skeleton",
        "estates",
        "ways_out",
        "ways_out_balancers",
        "ways_out_ends",
        "ways_out_estates",
    )
    for name in names:
        assert "auditor" not in (here / f"{name}.py").read_text(encoding="utf-8").replace(
            "egress-auditor", ""
        )
