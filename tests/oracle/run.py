"""The product's own answers about an estate, packet by packet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from auditor.audit import load_policy, load_snapshot, trace
from auditor.model.finding import Trace
from auditor.model.reading import ASSUMABLE
from auditor.netset import AddressSet
from auditor.policy.policy import Policy
from tests.oracle.literals import Span, inside, ports, span
from tests.oracle.packet import Packet
from tests.oracle.skeleton import BLOCKS, PORTS, Estate

EXCEPT_PINS = tuple(code for code in ASSUMABLE if code != "address-pinned")
EVERY_PORT = f"{PORTS[0]}-{PORTS[-1]}"
Service = tuple[str, int]
"""A protocol and a port; port 0 for icmp."""
SERVICES: tuple[Service, ...] = (
    *((protocol, port) for protocol in ("tcp", "udp") for port in PORTS),
    ("icmp", 0),
)
"""Every service of the tiny universe."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of an answer as plain ranges."""

    subnet: str
    sources: tuple[Span, ...]
    destinations: tuple[Span, ...]
    services: Mapping[str, tuple[Span, ...]]
    """Ports by protocol; empty for all that were asked for."""
    verdict: str

    def holds(self, packet: Packet) -> bool:
        """Whether it speaks about a packet."""
        if self.services and not inside(packet.port, self.services.get(packet.protocol, ())):
            return False
        return (
            self.subnet == packet.subnet
            and inside(packet.source, self.sources)
            and inside(packet.destination, self.destinations)
        )


def verdict_at(parts: Sequence[Part], packet: Packet) -> str:
    """The verdict on one packet; the pieces must be a partition of what was asked."""
    found = {part.verdict for part in parts if part.holds(packet)}
    if len(found) != 1:
        raise AssertionError(f"{len(found)} verdicts on {packet}: {sorted(found)}")
    return found.pop()


def policy_for(estate: Estate, *, strict: bool = True, pins: bool = True) -> Policy:
    """A policy that assumes nothing but, for names, the pins."""
    not_assumed = (EXCEPT_PINS if pins else ASSUMABLE) if strict else ()
    pinned = {name: AddressSet.of(*texts) for name, texts in estate.pins.items()} if pins else {}
    return replace(load_policy(not_assumed=not_assumed), pins=pinned)


def ask(folder: Path, policy: Policy, questions: Sequence[str]) -> Mapping[str, tuple[Trace, ...]]:
    """The answers to each question, one for each pool."""
    found: dict[str, list[Trace]] = {question: [] for question in questions}
    answers = trace(load_snapshot(folder), policy, questions)
    each = len(answers) // len(questions)
    for index, one in enumerate(answers):
        found[questions[index // each]].append(one)
    return {question: tuple(traces) for question, traces in found.items()}


def flat_questions() -> dict[str, tuple[str, str]]:
    """Questions about whole blocks and all ports, with their block and protocol."""
    found: dict[str, tuple[str, str]] = {}
    for block in BLOCKS:
        found |= {f"{block}:{EVERY_PORT}/{protocol}": (block, protocol) for protocol in ("tcp", "udp")}
        found[f"{block}/icmp"] = (block, "icmp")
    return found


def parts_of(traces: Sequence[Trace]) -> list[Part]:
    """The pieces of a question's answers."""
    return list(_parts(traces))


def _parts(traces: Sequence[Trace]) -> Iterator[Part]:
    for one in traces:
        assert one.asked_from.subnet is not None
        for piece in one.verdict.pieces:
            yield Part(
                subnet=one.asked_from.subnet.text.lower(),
                sources=tuple(map(span, piece.sources)),
                destinations=tuple(map(span, piece.destinations)),
                services=_services(piece.services),
                verdict=piece.verdict.value,
            )


def _services(texts: Sequence[str]) -> Mapping[str, tuple[Span, ...]]:
    found: dict[str, tuple[Span, ...]] = {}
    for text in texts:
        protocol, _, port = text.partition("/")
        found[protocol] = (*found.get(protocol, ()), *map(ports, port.split(","))) if port else ((0, 65535),)
    return found
