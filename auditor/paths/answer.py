"""Answering questions from one source: joining cells, hints and assumptions into a verdict (design: verdicts)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property, reduce

from auditor.model.question import Question
from auditor.model.reading import ASSUMABLE, Hints, Reading
from auditor.model.resource_id import ResourceId
from auditor.model.verdict import Hop, Outcome, Piece, Stage, Verdict
from auditor.netset import AddressSet, NamePattern
from auditor.paths.cells import Cell, CellMaker, application_of
from auditor.paths.hint_sets import HintSets, hint_sets, public_addresses
from auditor.paths.interfaces import Interfaces
from auditor.paths.joined_answers import Answer, Shown, all_of, best_of, either
from auditor.paths.judge import codes_used
from auditor.paths.network import Network
from auditor.paths.pieces import Judged, JudgedCells, largest_group, may_set_aside
from auditor.paths.resolver_networks import resolver_networks
from auditor.paths.source_classes import alternatives
from auditor.paths.sources import Source

_ALL_CODES = frozenset(ASSUMABLE)
_HINT_CODES = frozenset({"address-unlisted", "address-by-tag", "address-pinned"})


_WAY_BACK = (
    "a network rule may let it through with the source's own address: the way back was not checked (FW-57)"
)


def _keeps_its_source(hops: Sequence[Hop]) -> bool:
    """Whether a network rule of a firewall lets it through to a private destination, where nothing translates it."""
    passed = any(hop.stage is Stage.FIREWALL and hop.clause == "FW-7" for hop in hops)
    return passed and hops[-1].stage is Stage.EXIT and hops[-1].clause in {"UDR-2", "UDR-7", "NSG-29"}


class Answerer:
    """Answers questions from one source of a cluster under one reading."""

    def __init__(
        self, network: Network, source: Source, maker: CellMaker, hints: Hints, reading: Reading
    ) -> None:
        self._network = network
        self._source = source
        self._maker = maker
        self.judged = JudgedCells()
        self._hints = hints
        self._reading = reading

    def answer(self, question: Question, *, baseline: bool = True, known_only: bool = False) -> Verdict:
        """The verdict on one question; `baseline` takes the estate's own public addresses out of a name's hints."""
        return self._verdict(_Asked(self, question, baseline=baseline, known_only=known_only))

    def unrestricted(self, question: Question) -> Verdict:
        """Whether raw traffic leaves to all public addresses but those that may be set aside."""
        return self._verdict(_Asked(self, replace(question, anywhere=False), baseline=True, everywhere=True))

    def _verdict(self, asked: _Asked) -> Verdict:
        assumed = self._reading.assumed
        base = asked.under(assumed)
        pieces = base.pieces(asked.protocol)
        notes = asked.notes(base.outcome, pieces)
        if base.definite:
            needed = asked.minimal(assumed, base.outcome)
            return Verdict(
                outcome=base.outcome,
                assumptions=needed,
                reasons=(),
                pieces=pieces,
                notes=notes,
            )
        full = asked.under(_ALL_CODES)
        reasons = base.reasons
        if full.definite:
            missing = [code for code in asked.minimal(_ALL_CODES, full.outcome) if code not in assumed]
            reasons = frozenset(missing) or reasons
        return Verdict(
            outcome=Outcome.UNKNOWN,
            assumptions=(),
            reasons=tuple(sorted(reasons)),
            pieces=pieces,
            notes=notes,
        )

    # -- what _Asked needs -----------------------------------------------------------------------------

    @property
    def network(self) -> Network:
        """The compiled network."""
        return self._network

    @property
    def source(self) -> Source:
        """Where questions are asked from."""
        return self._source

    @cached_property
    def resolving(self) -> frozenset[ResourceId | None]:
        """From which networks the source's names are resolved."""
        return resolver_networks(self._source, self._network.estate)

    @property
    def maker(self) -> CellMaker:
        """Cuts questions into cells."""
        return self._maker

    @property
    def hints(self) -> Hints:
        """Pins and tags of names."""
        return self._hints


class _Asked:
    """One question with its cells, answered again under any set of assumptions."""

    def __init__(
        self,
        answerer: Answerer,
        question: Question,
        *,
        baseline: bool,
        everywhere: bool = False,
        known_only: bool = False,
    ) -> None:
        self._answerer = answerer
        self._question = question
        self._everywhere = everywhere
        self._known_only = known_only
        self._application = application_of(question)
        self._seen: dict[frozenset[str], Answer] = {}
        self._cells_used: dict[int, tuple[Cell, ...]] = {}
        source = answerer.source
        self._hints: HintSets | None = None
        if question.name is not None:
            location = source.cluster.location
            self._hints = hint_sets(
                question,
                answerer.resolving,
                location,
                answerer.hints,
                answerer.network.estate,
                baseline=baseline,
            )

    @property
    def protocol(self) -> str:
        """The protocol of the question."""
        return self._question.protocol

    def under(self, assumed: frozenset[str]) -> Answer:
        """The answer under a set of assumptions."""
        if assumed not in self._seen:
            self._seen[assumed] = self._answer(assumed)
        return self._seen[assumed]

    def minimal(self, assumed: frozenset[str], outcome: Outcome) -> tuple[str, ...]:
        """A minimal set of codes with which the answer holds, looked for in the order of the table."""
        # Other addresses may count without a pin or a tag, so an answer can hold with all codes and with none alone.
        if self.under(frozenset()).outcome is outcome:
            return ()
        self.under(assumed - _HINT_CODES)
        used = self._codes() | _HINT_CODES
        current = assumed & used
        if self.under(current).outcome is not outcome:
            current = assumed
        for code in ASSUMABLE:
            if code in current and self.under(current - {code}).outcome is outcome:
                current -= {code}
        return tuple(code for code in ASSUMABLE if code in current)

    def notes(self, outcome: Outcome, pieces: Sequence[Piece]) -> tuple[str, ...]:
        """To where a row without destination leaves, and what an allowed answer leaves open."""
        allowed = [piece for piece in pieces if piece.verdict is Outcome.ALLOWED]
        found: list[str] = []
        if allowed and self._question.anywhere and outcome is Outcome.ALLOWED:
            largest = max(allowed, key=lambda piece: piece.addresses)
            shown = ", ".join(largest.destinations[:3]) + (", ..." if len(largest.destinations) > 3 else "")
            found.append(f"leaves to {shown} ({largest.addresses} addresses)")
        if any(_keeps_its_source(piece.hops) for piece in allowed):
            found.append(_WAY_BACK)
        return tuple(found)

    def _codes(self) -> frozenset[str]:
        return frozenset().union(
            *(codes_used(cell.parts) for cells in self._cells_used.values() for cell in cells)
        )

    # -- answers ---------------------------------------------------------------------------------------

    def _answer(self, assumed: frozenset[str]) -> Answer:
        question = self._question
        estate = self._answerer.network.estate
        if self._everywhere:
            return self._to_everywhere(self._cells(public_addresses(estate)), assumed)
        if question.anywhere:
            return self._somewhere(assumed)
        if question.tag is not None:
            members = estate.service_tags.get(question.tag)
            if members is None:
                return Answer(outcome=Outcome.UNKNOWN, reasons=frozenset({"tag-snapshot-missing"}))
            return self._everything(self._cells(members.only_v4()), assumed)
        if question.addresses is not None:
            if not question.addresses:
                return Answer(outcome=Outcome.UNKNOWN, reasons=frozenset({"fqdn-address-unknown"}))
            return self._everything(self._cells(question.addresses), assumed)
        return self._named(assumed)

    def _named(self, assumed: frozenset[str]) -> Answer:
        """A name: its hints in order of what is known best."""
        hints = self._hints
        if hints is None:
            return Answer(outcome=Outcome.UNKNOWN, reasons=frozenset({"fqdn-address-unknown"}))
        if hints.pinned is not None and "address-pinned" in assumed:
            return self._alternatives(self._cells_of_name(hints.pinned), assumed, aside=False)
        private = hints.private
        if private.certain:
            return self._alternatives(self._cells_of_name(private.addresses), assumed, aside=False)
        if self._known_only or private.open:
            # A proxy's name has pins or private addresses; guessing that it is public would be a verdict on nothing.
            return Answer(outcome=Outcome.UNKNOWN, reasons=frozenset({"fqdn-address-unknown"}))
        public = self._publicly(hints, assumed)
        if not private.addresses:
            return public
        return either(
            public, self._alternatives(self._cells_of_name(private.addresses), assumed, aside=False)
        )

    def _publicly(self, hints: HintSets, assumed: frozenset[str]) -> Answer:
        """A name that is looked up publicly: by its tags, else everywhere."""
        if hints.tagged is not None and "address-by-tag" in assumed:
            by_tag = self._alternatives(self._cells(hints.tagged), assumed, aside=False)
            if hints.grade != "description" or by_tag.outcome is Outcome.ALLOWED:
                return by_tag
        return self._alternatives(self._cells(hints.public), assumed, aside=True)

    def _cells_of_name(self, addresses: AddressSet) -> tuple[Cell, ...]:
        """Cells for the addresses of a name, of which a sender takes one of its own families (AKS-18)."""
        return self._cells(alternatives(addresses, self._answerer.source.subnet))

    def _cells(
        self, addresses: AddressSet, *, pattern: NamePattern | None = None, application: str | None = None
    ) -> tuple[Cell, ...]:
        question = self._question
        cells = self._answerer.maker.cells(
            question,
            addresses,
            pattern=pattern or question.name,
            application=application or self._application,
        )
        self._cells_used[id(cells)] = cells
        return cells

    def _alternatives(self, cells: Sequence[Cell], assumed: frozenset[str], *, aside: bool) -> Answer:
        """Addresses are alternatives, of both families: alike, or set aside, or unknown; all else is asked for."""
        families: dict[bool, list[Answer]] = {}
        for cell in cells:
            answer = self._one_name(cell, assumed, aside=aside)
            families.setdefault(bool(cell.source.v6), []).append(answer)
        return reduce(either, map(all_of, families.values() or [()]))

    def _to_everywhere(self, cells: Sequence[Cell], assumed: frozenset[str]) -> Answer:
        """Whether everything public is reached but what may be set aside; a part that stays is mixed, not unknown."""
        leaving = self._alternatives(cells, assumed, aside=True)
        return leaving if leaving.definite else self._everything(cells, assumed)

    def _one_name(self, cell: Cell, assumed: frozenset[str], *, aside: bool) -> Answer:
        parts = self._judged(cell, assumed)
        if not parts:
            return Answer(outcome=Outcome.UNKNOWN, reasons=frozenset({"fqdn-address-unknown"}))
        largest, others = largest_group(parts)
        if not others:
            return self._grouped(cell, parts, ())
        hints = self._hints
        plain = aside and may_set_aside(
            largest,
            others,
            own_region=hints.region if hints else None,
            tags=hints.tags if hints else (),
            own=self._question.own_api_server,
        )
        if plain and "address-unlisted" in assumed:
            return self._grouped(cell, parts, tuple(others))
        code = "address-unlisted" if plain else "fqdn-address-unknown"
        reasons = frozenset({code}).union(
            *(part.judgement.reasons for part in parts if part.outcome is Outcome.UNKNOWN)
        )
        return Answer(outcome=Outcome.UNKNOWN, reasons=reasons, shown=(Shown(cell=cell, parts=parts),))

    def _judged(self, cell: Cell, assumed: frozenset[str]) -> tuple[Judged, ...]:
        return self._answerer.judged.of(cell, assumed)

    @staticmethod
    def _grouped(cell: Cell, parts: tuple[Judged, ...], aside: tuple[Judged, ...]) -> Answer:
        deciding = [part for part in parts if part not in aside]
        reasons = frozenset().union(*(part.judgement.reasons for part in deciding))
        shown = Shown(cell=cell, parts=parts, aside=aside, named=cell.name is not None)
        return Answer(outcome=deciding[0].outcome, reasons=reasons, shown=(shown,))

    def _everything(self, cells: Sequence[Cell], assumed: frozenset[str]) -> Answer:
        """Every address is asked for (V-5)."""
        answers: list[Answer] = []
        for cell in cells:
            parts = self._judged(cell, assumed)
            joined = all_of([Answer(outcome=part.outcome, reasons=part.judgement.reasons) for part in parts])
            answers.append(replace(joined, shown=(Shown(cell=cell, parts=parts),)))
        return all_of(answers)

    def _somewhere(self, assumed: frozenset[str]) -> Answer:
        """A row without destination asks whether anything on its protocol and port leaves to public addresses."""
        addresses = public_addresses(self._answerer.network.estate)
        raw = all_of([self._some_address(cell, assumed) for cell in self._cells(addresses)])
        if raw.outcome is Outcome.ALLOWED:
            return raw
        by_name = [self._some_name(addresses, application, assumed) for application in self._applications()]
        return best_of([raw, *by_name])

    def _applications(self) -> tuple[str, ...]:
        """What application rules let out as https or http counts for TCP 443 and 80."""
        if self._question.protocol != "tcp":
            return ()
        known = {443: "https", 80: "http"}
        return tuple(known[low] for low, high in self._question.ports if low == high and low in known)

    def _some_name(self, addresses: AddressSet, application: str, assumed: frozenset[str]) -> Answer:
        cells = self._cells(addresses, pattern=NamePattern.parse("*"), application=application)
        by_sender: dict[tuple[Interfaces, AddressSet], list[Answer]] = {}
        for cell in cells:
            same = by_sender.setdefault((cell.interfaces, cell.source), [])
            same.append(self._some_address(cell, assumed))
        return all_of([best_of(answers) for answers in by_sender.values()])

    def _some_address(self, cell: Cell, assumed: frozenset[str]) -> Answer:
        parts = self._judged(cell, assumed)
        best = best_of([Answer(outcome=part.outcome, reasons=part.judgement.reasons) for part in parts])
        return replace(best, shown=(Shown(cell=cell, parts=parts),))
