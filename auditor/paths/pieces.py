"""Judged parts of a cell, their groups, and what may be set aside for a name without known addresses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Address

from auditor.filters.parts import Option
from auditor.model.question import endpoint_text
from auditor.model.verdict import Hop, Outcome, Piece, Stage
from auditor.netset import AddressSet, ServiceSet
from auditor.paths.cells import Cell
from auditor.paths.judge import Judgement, PathPart, codes_mentioned, judge
from auditor.paths.recent import Recent
from auditor.paths.service_endpoints import TAGS

SHOWN = 21
"""How many destinations a piece carries: one more than reports show, so that they know that more exist."""
FEW = 1 << 20
"""The most addresses that may be set aside together."""
_UNMATCHED = {Stage.EXIT, Stage.PEERING, Stage.HUB, Stage.PROXY}
Step = tuple[Hop, bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A part of a cell with its answer under one reading."""

    addresses: AddressSet
    judgement: Judgement
    steps: tuple[tuple[Step, ...], ...]
    """For each open way, its hops and whether each was matched by a literal prefix or by nothing at all."""

    @property
    def outcome(self) -> Outcome:
        """The answer."""
        return self.judgement.outcome


class JudgedCells:
    """Cells with the answers of their parts; a cell is judged once for all readings that it cannot tell apart."""

    def __init__(self) -> None:
        # Keyed by identity, and each entry holds what it is about: an id must not be used again while it is known.
        self._codes: Recent[tuple[tuple[PathPart, ...], frozenset[str]]] = Recent(lambda kept: len(kept[0]))
        self._judged: Recent[tuple[tuple[PathPart, ...], tuple[Judged, ...]]] = Recent(
            lambda kept: len(kept[0])
        )

    def of(self, cell: Cell, assumed: frozenset[str]) -> tuple[Judged, ...]:
        """Every part of a cell with its answer under a set of assumptions; cells that share their parts share it."""
        parts = cell.parts
        _, codes = self._codes.get(id(parts), lambda: (parts, codes_mentioned(parts)))
        read = assumed & codes
        key = (id(parts), read)
        return self._judged.get(key, lambda: (parts, tuple(_judged(part, read) for part in parts)))[1]


def _judged(part: PathPart, assumed: frozenset[str]) -> Judged:
    return Judged(
        addresses=part.traffic.addresses,
        judgement=judge(part.ways, assumed),
        steps=tuple(_steps(part, assumed)),
    )


def _steps(part: PathPart, assumed: frozenset[str]) -> Iterator[tuple[Step, ...]]:
    for way in part.ways:
        if way.holds(assumed):
            yield tuple(
                _step([option for option in options if option.holds(assumed)] or list(options))
                for options in way.steps
            )


def _step(alive: Sequence[Option]) -> Step:
    hop = alive[0].hop
    return hop, hop.stage in _UNMATCHED or all(option.literal is True for option in alive)


def largest_group(parts: Sequence[Judged]) -> tuple[list[Judged], list[Judged]]:
    """The parts with the outcome that most addresses share, and the others."""
    sizes: dict[Outcome, int] = {}
    for part in parts:
        sizes[part.outcome] = sizes.get(part.outcome, 0) + part.addresses.size
    winner = max(sizes, key=lambda outcome: (sizes[outcome], outcome.value))
    return [part for part in parts if part.outcome is winner], [
        part for part in parts if part.outcome is not winner
    ]


def may_set_aside(
    largest: Sequence[Judged],
    others: Sequence[Judged],
    *,
    own_region: AddressSet | None,
    tags: Sequence[str],
    own: bool,
) -> bool:
    """Whether the others are so few and so plainly named that the largest group may speak for the name.

    `own_region` holds the addresses of AzureCloud.<region> (None: not read); it matters for the cluster's own fqdn.
    """
    if sum(part.addresses.size for part in others) >= FEW:
        return False
    return all(_plain(part, largest, own_region, tags, own=own) for part in others)


def _plain(
    part: Judged, largest: Sequence[Judged], own_region: AddressSet | None, tags: Sequence[str], *, own: bool
) -> bool:
    service = _endpoint_service(part)
    if service is not None and _names(service, tags):
        return False
    # An endpoint's addresses belong to another service, so they cannot be the API server's.
    may_be_api_server = own_region is None or not part.addresses.isdisjoint(own_region)
    if own and service is None and may_be_api_server and _may_open(part, largest):
        return False
    return all(_way_is_plain(steps, largest) for steps in part.steps)


def _may_open(part: Judged, largest: Sequence[Judged]) -> bool:
    """Whether it is let out or, where the name would count as blocked without it, may be."""
    if part.outcome is Outcome.UNKNOWN:
        return any(other.outcome is Outcome.BLOCKED for other in largest)
    return part.outcome is Outcome.ALLOWED


def _way_is_plain(steps: Sequence[Step], largest: Sequence[Judged]) -> bool:
    for index, (hop, literal) in enumerate(steps):
        if literal:
            continue
        same = any(index < len(other) and other[index][0] == hop for part in largest for other in part.steps)
        if not same:
            return False
    return True


def _endpoint_service(part: Judged) -> str | None:
    for steps in part.steps:
        for hop, _ in steps:
            if hop.stage is Stage.ROUTE and hop.clause == "UDR-10":
                return hop.rule
    return None


def _names(service: str, tags: Sequence[str]) -> bool:
    tag = TAGS.get(service, "").lower()
    return any(name.lower().partition(".")[0] == tag for name in tags)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A piece with the sets that its texts stand for: the texts are cut, so only the sets tell pieces apart."""

    piece: Piece
    source: AddressSet
    addresses: AddressSet
    services: ServiceSet


def pieces_of(
    cell: Cell,
    parts: Sequence[Judged],
    aside: Sequence[Judged],
    protocol: str,
    *,
    named: bool,
    split: bool = False,
) -> list[Drawn]:
    """The report's pieces of a cell; parts with equal hops and answers are one.

    `named` shows the name in place of addresses that are all alike; `split`, where rules tell names of a pattern
    apart, shows it for the largest part of each class, for its addresses say nothing about which names it is.
    """
    merged: dict[tuple[object, ...], tuple[AddressSet, Judged, bool]] = {}
    for part in parts:
        out = part in aside
        key = (part.judgement, out)
        if key in merged:
            addresses, _, _ = merged[key]
            merged[key] = (addresses | part.addresses, part, out)
        else:
            merged[key] = (part.addresses, part, out)
    largest = max((addresses.size for addresses, _, _ in merged.values()), default=0)
    found: list[Drawn] = []
    for addresses, part, out in merged.values():
        alike = (named and len(merged) == 1) or (split and addresses.size == largest)
        by_name = cell.name is not None and alike
        destinations = (str(cell.name),) if by_name else tuple(some_ranges(addresses))
        piece = Piece(
            sources=tuple(some_ranges(cell.senders)),
            destinations=destinations,
            addresses=addresses.size,
            verdict=part.outcome,
            hops=part.judgement.hops,
            blockers=part.judgement.blockers,
            reasons=tuple(sorted(part.judgement.reasons)),
            aside=out,
            sufficient=part.judgement.sufficient,
            witness=_witness(cell, addresses, protocol),
        )
        found.append(Drawn(piece=piece, source=cell.senders, addresses=addresses, services=cell.services))
    return sorted(found, key=lambda item: (item.piece.aside, -item.piece.addresses, item.piece.destinations))


def _witness(cell: Cell, addresses: AddressSet, protocol: str) -> str:
    """One question inside a piece. Who asks for a name gets the address that DNS gives, so the name is asked for."""
    host = cell.name.witness() if cell.name is not None else _host(addresses)
    _, port = cell.services.witness()
    shown = f"[{host}]" if ":" in host else host
    return endpoint_text(shown, protocol, () if port is None else ((port, port),))


def _host(addresses: AddressSet) -> str:
    """An address of the set; rather not the first of a block, which is that of a network."""
    low, high = next(iter(addresses.v4.intervals()), (0, 0))
    return str(IPv4Address(low + 1)) if high > low + 1 else addresses.witness()


def merge_pieces(drawn: Sequence[Drawn]) -> tuple[Piece, ...]:
    """Pieces that are equal but for their services become one, then those equal but for their sources."""
    asked = ServiceSet.NONE
    for item in drawn:
        asked = asked | item.services
    by_service: dict[tuple[object, ...], Drawn] = {}
    for item in drawn:
        key = (*_told(item.piece), item.addresses, item.source)
        known = by_service.get(key)
        by_service[key] = item if known is None else replace(known, services=known.services | item.services)
    by_source: dict[tuple[object, ...], Drawn] = {}
    for item in by_service.values():
        key = (*_told(item.piece), item.addresses, item.services)
        known = by_source.get(key)
        by_source[key] = item if known is None else replace(known, source=known.source | item.source)
    return tuple(
        replace(
            item.piece,
            sources=tuple(some_ranges(item.source)),
            services=() if item.services == asked else tuple(str(item.services).split(",")),
        )
        for item in by_source.values()
    )


def _told(piece: Piece) -> tuple[object, ...]:
    """What a piece says, but for its sources and services."""
    return (
        piece.destinations,
        piece.addresses,
        piece.verdict,
        piece.hops,
        piece.blockers,
        piece.sufficient,
        piece.reasons,
        piece.aside,
    )


def some_ranges(addresses: AddressSet) -> Iterator[str]:
    """The first ranges of a set as text, at most `SHOWN`, without listing thousands."""
    count = 0
    for low, high in addresses.v4.intervals():
        if count == SHOWN:
            return
        count += 1
        yield _text(low, high)
    if count < SHOWN:
        yield from addresses.only_v6().ranges()[: SHOWN - count]


def _text(low: int, high: int) -> str:
    if low == high:
        return str(IPv4Address(low))
    size = high - low + 1
    if size & (size - 1) == 0 and low % size == 0:
        return f"{IPv4Address(low)}/{32 - size.bit_length() + 1}"
    return f"{IPv4Address(low)}-{IPv4Address(high)}"
