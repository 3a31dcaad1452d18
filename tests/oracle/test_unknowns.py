"""Three-valued soundness: what is said of estates with unknowns holds for everything that they may turn out to be."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random

from auditor.model.finding import Trace
from tests.oracle.estates import random_estate
from tests.oracle.interpreter import Interpreter
from tests.oracle.literals import address
from tests.oracle.packet import OPEN, Fates, Packet
from tests.oracle.run import SERVICES, ask, flat_questions, parts_of, policy_for, verdict_at
from tests.oracle.seeds import seeds
from tests.oracle.skeleton import NAMES, SOURCES, Estate, addresses
from tests.oracle.unknowns import BOUND, FREE, Unknown, concretisations

PACKETS = 5
"""Packets asked of each estate and of each kind of question."""


def with_unknowns(seed: int) -> tuple[Estate, list[Unknown], bool]:
    """An estate with one to four unknowns, and whether all of them are free."""
    random = Random(seed)  # noqa: S311 - the same on every run
    estate = random_estate(seed)
    count = random.choice((1, 1, 2, 2, 3, 4))
    bound = random.random() < 0.3
    chosen = random.sample(FREE, count - bound) + random.sample(BOUND, int(bound))
    unknowns = [make(estate, random, number) for number, make in enumerate(chosen)]
    return estate, [one for one in unknowns if one is not None], not bound


def truth(estate: Estate, unknowns: Sequence[Unknown], packet: Packet) -> Fates:
    """What may become of a packet over all concretisations."""
    found: Fates = frozenset()
    for filled in concretisations(estate, unknowns, packet):
        found |= Interpreter(filled.documents).fates(packet)
        if found == OPEN:
            break
    return found


def fault(said: str, fates: Fates, *, free: bool) -> str | None:
    """What is wrong with a verdict, if anything."""
    if said == "allowed" and False in fates:
        return "allowed, though it may be dropped"
    if said == "blocked" and True in fates:
        return "blocked, though it may pass"
    if said == "unknown" and free and len(fates) == 1:
        return f"unknown, though it is always {'allowed' if True in fates else 'blocked'}"
    return None


def _packets(random: Random, block: str, protocol: str) -> list[Packet]:
    found = []
    for _ in range(PACKETS):
        subnet = random.choice(tuple(SOURCES))
        port = random.choice([port for named, port in SERVICES if named == protocol])
        source = address(random.choice(SOURCES[subnet]))
        found.append(Packet(subnet.lower(), source, random.choice(addresses(block)), protocol, port))
    return found


@seeds(20, 2000)
def test_addresses(seeds: range, tmp_path: Path) -> None:
    """Allowed means that all concretisations allow, blocked that none does, unknown that both occur."""
    wrong: list[str] = []
    for seed in seeds:
        estate, unknowns, free = with_unknowns(seed)
        random = Random(seed)  # noqa: S311 - the same on every run
        questions = flat_questions()
        found = ask(estate.write(tmp_path / str(seed)), policy_for(estate), list(questions))
        kinds = ", ".join(unknown.kind for unknown in unknowns)
        for question, (block, protocol) in questions.items():
            parts = parts_of(found[question])
            for packet in _packets(random, block, protocol):
                said = verdict_at(parts, packet)
                bad = fault(said, truth(estate, unknowns, packet), free=free)
                if bad:
                    wrong.append(f"estate {seed} ({kinds}): {packet}: {bad}")
    assert not wrong, "\n".join([f"{len(wrong)} packets", *wrong[:10]])


def _outcome(traces: Sequence[Trace], subnet: str) -> str:
    (found,) = [
        one for one in traces if one.asked_from.subnet and one.asked_from.subnet.key == subnet.lower()
    ]
    return found.verdict.outcome.value


@seeds(20, 2000)
def test_names(seeds: range, tmp_path: Path) -> None:
    """The same of names: what is said of a whole subnet holds for each of its sources."""
    wrong: list[str] = []
    for seed in seeds:
        estate, unknowns, _ = with_unknowns(seed)
        random = Random(seed)  # noqa: S311 - the same on every run
        for name in NAMES:
            estate.pins[name] = estate.pins[name][:1]
        asked = {
            f"{name}:443/{protocol}": (name, protocol) for name in NAMES[:4] for protocol in ("http", "https")
        }
        found = ask(estate.write(tmp_path / str(seed)), policy_for(estate), list(asked))
        for question, (name, protocol) in asked.items():
            subnet = random.choice(tuple(SOURCES))
            pin = address(estate.pins[name][0])
            for source in SOURCES[subnet]:
                packet = Packet(subnet.lower(), address(source), pin, "tcp", 443, protocol, name)
                bad = fault(_outcome(found[question], subnet), truth(estate, unknowns, packet), free=False)
                if bad:
                    kinds = ", ".join(unknown.kind for unknown in unknowns)
                    wrong.append(f"estate {seed} ({kinds}): {packet}: {bad}")
    assert not wrong, "\n".join([f"{len(wrong)} questions", *wrong[:10]])


@seeds(20, 500)
def test_readings(seeds: range, tmp_path: Path) -> None:
    """Assumptions choose among what may happen: a sure answer stays, and an assumed one is one of the possible."""
    wrong: list[str] = []
    for seed in seeds:
        estate, _, _ = with_unknowns(seed)
        questions = flat_questions()
        folder = estate.write(tmp_path / str(seed))
        strict = ask(folder, policy_for(estate), list(questions))
        default = ask(folder, policy_for(estate, strict=False), list(questions))
        for question, (block, protocol) in questions.items():
            sure, assumed = parts_of(strict[question]), parts_of(default[question])
            for subnet, sources in SOURCES.items():
                for source in map(address, sources):
                    for destination in addresses(block):
                        packet = Packet(
                            subnet.lower(), source, destination, protocol, 443 if protocol != "icmp" else 0
                        )
                        said = verdict_at(sure, packet)
                        if said not in {"unknown", verdict_at(assumed, packet)}:
                            wrong.append(
                                f"estate {seed}: {packet}: {said} turns {verdict_at(assumed, packet)}"
                            )
    assert not wrong, "\n".join([f"{len(wrong)} packets", *wrong[:10]])
