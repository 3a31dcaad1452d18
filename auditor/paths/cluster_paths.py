"""All questions about one cluster: its sources, their answers, and the way through its proxy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from auditor.filters.known_addresses import PLATFORM, SPECIAL
from auditor.filters.terms import addresses_of
from auditor.model.cluster import Cluster
from auditor.model.finding import From
from auditor.model.question import Question
from auditor.model.reading import ASSUMABLE, Hints, Reading, TagMembers
from auditor.model.verdict import Effect, Hop, Outcome, Piece, Stage, Verdict
from auditor.netset import AddressSet
from auditor.paths.answer import Answerer
from auditor.paths.cells import CellMaker
from auditor.paths.hint_sets import public_addresses
from auditor.paths.joined_answers import BEST_FIRST
from auditor.paths.leaving import SourceEgress
from auditor.paths.network import Network
from auditor.paths.proxy import way_to_proxy
from auditor.paths.sources import Source, sources_of

_IGNORED = frozenset({"uncertain:AKS-27"})
"""Which software ignores the proxy's variables is not known."""


class ClusterPaths:
    """Answers for one cluster under one reading."""

    def __init__(
        self,
        cluster: Cluster,
        network: Network,
        hints: Hints,
        members: TagMembers,
        reading: Reading,
        *,
        private: bool = False,
    ) -> None:
        """`private` makes private destinations part of what leaves, beside public ones."""
        space = public_addresses(network.estate)
        # What stays between the pods of an overlay is no egress (NSG-33, AKS-12).
        inside = addresses_of(cluster.overlay_pods) - space
        self.space = (space | SPECIAL) - PLATFORM - inside if private else space
        """The destinations that count as egress."""
        self.cluster = cluster
        self.network = network
        self.members = members
        self.sources: tuple[Source, ...] = sources_of(cluster, network.estate)
        self._reading = reading
        self._hints = hints
        self._makers: dict[object, CellMaker] = {}
        self._answerers: dict[Source, Answerer] = {}
        self._verdicts: dict[tuple[object, Question, bool], Verdict] = {}
        self._egress: dict[object, SourceEgress] = {}

    def asked_from(self, source: Source) -> From:
        """The pool and subnet of a source, as reports name it."""
        return From(pool=source.pool, subnet=source.subnet_id)

    def needed(self, alternatives: Sequence[Question], source: Source) -> Verdict:
        """The best verdict of a row's alternatives (design: verdicts, join 3)."""
        best: Verdict | None = None
        for question in alternatives:
            verdict = self.ask(question, source)
            if best is None or BEST_FIRST.index(verdict.outcome) < BEST_FIRST.index(best.outcome):
                best = verdict
            if verdict.outcome is Outcome.ALLOWED and not verdict.assumptions:
                return verdict
        if best is None:
            return Verdict(
                outcome=Outcome.UNKNOWN, assumptions=(), reasons=("unreadable-resource",), pieces=()
            )
        return best

    def ask(self, question: Question, source: Source, *, baseline: bool = True) -> Verdict:
        """The verdict on one question; sources that are alike share their answers."""
        key = (_alike(source), question, baseline)
        if key not in self._verdicts:
            self._verdicts[key] = self._ask(question, source, baseline=baseline)
        return self._verdicts[key]

    def unrestricted(self, question: Question, source: Source) -> Verdict:
        """Whether raw traffic leaves to all public addresses but those set aside."""
        return self._answerer(source).unrestricted(question)

    def egress(self, source: Source, space: AddressSet | None = None) -> SourceEgress:
        """Everything that leaves a source to the destinations that count as egress; sources that are alike share it.

        With `space`, to those instead.
        """
        space = self.space if space is None else space
        key = (_alike(source), space)
        if key not in self._egress:
            self._egress[key] = SourceEgress(self.network, source, self.members, space, self._reading.assumed)
        return self._egress[key]

    def _ask(self, question: Question, source: Source, *, baseline: bool) -> Verdict:
        answerer = self._answerer(source)
        direct = answerer.answer(question, baseline=baseline)
        way = way_to_proxy(question, self.cluster.proxy)
        if way is None:
            return direct
        if way.question is None:
            reasons = tuple(sorted(way.unknown))
            return Verdict(
                outcome=Outcome.UNKNOWN,
                assumptions=(),
                reasons=reasons,
                pieces=(
                    _unknown_proxy(
                        "HTTP proxy", question.to, "where the HTTP proxy stands is not known", reasons
                    ),
                ),
                notes=(f"the direct path is {direct.outcome.value}",),
            )
        path = answerer.answer(way.question, baseline=False, known_only=True)
        through = self._through_proxy(path, direct, way.question)
        return _either(direct, through, way.perhaps) if way.perhaps else through

    def _through_proxy(self, path: Verdict, direct: Verdict, to_proxy: Question) -> Verdict:
        """The path to the proxy decides; what it stops, software that knows no proxy may still reach (AKS-27)."""
        note = f"by the HTTP proxy at {to_proxy.to}; the direct path is {direct.outcome.value}"
        pieces = tuple(_with_proxy(piece, to_proxy) for piece in path.pieces)
        if not pieces:
            detail = f"the address of the HTTP proxy {to_proxy.name} is not known"
            pieces = (_unknown_proxy(to_proxy.to, str(to_proxy.name), detail, path.reasons),)
        if path.outcome is Outcome.UNKNOWN and set(path.reasons) <= set(ASSUMABLE) - self._reading.assumed:
            # What stands in the way could be assumed; then the proxy's own decision would stand there too.
            reasons = {*path.reasons, "proxy-destination"} - self._reading.assumed
            return replace(path, reasons=tuple(sorted(reasons)), pieces=pieces, notes=(*path.notes, note))
        if path.outcome in {Outcome.BLOCKED, Outcome.MIXED} and direct.outcome is not Outcome.BLOCKED:
            found = replace(path, pieces=pieces, notes=(*path.notes, note))
            return _either(direct, found, _IGNORED, alike=False)
        if path.outcome is not Outcome.ALLOWED:
            return replace(path, pieces=pieces, notes=(*path.notes, note))
        if "proxy-destination" not in self._reading.assumed:
            return Verdict(
                outcome=Outcome.UNKNOWN,
                assumptions=(),
                reasons=("proxy-destination",),
                pieces=pieces,
                notes=(note,),
            )
        codes = {*path.assumptions, "proxy-destination"}
        ordered = tuple(code for code in ASSUMABLE if code in codes)
        return replace(path, assumptions=ordered, pieces=pieces, notes=(*path.notes, note))

    def _answerer(self, source: Source) -> Answerer:
        if source not in self._answerers:
            alike = _alike(source)
            if alike not in self._makers:
                self._makers[alike] = CellMaker(self.network, source, self.members)
            self._answerers[source] = Answerer(
                self.network, source, self._makers[alike], self._hints, self._reading
            )
        return self._answerers[source]


def _alike(source: Source) -> object:
    """What the answers of a source depend on: pools that share it share their answers."""
    kinds = frozenset((one, one.addresses) for one in source.interfaces)
    return source.subnet_id, kinds, source.opaque


def _either(direct: Verdict, through: Verdict, codes: frozenset[str], *, alike: bool = True) -> Verdict:
    """Two ways of which nobody says which one is taken: alike, or unknown for `codes`."""
    if alike and direct.outcome is through.outcome:
        needed = {*direct.assumptions, *through.assumptions}
        reasons = {*direct.reasons, *through.reasons}
        return replace(
            through,
            assumptions=tuple(code for code in ASSUMABLE if code in needed),
            reasons=tuple(sorted(reasons)),
        )
    return Verdict(
        outcome=Outcome.UNKNOWN,
        assumptions=(),
        reasons=tuple(sorted({*codes, *direct.reasons, *through.reasons})),
        pieces=(*through.pieces, *direct.pieces),
        notes=through.notes,
    )


def _unknown_proxy(name: str, destination: str, detail: str, reasons: tuple[str, ...]) -> Piece:
    """What stands for the path to a proxy whose address nobody knows."""
    hop = Hop(
        stage=Stage.PROXY,
        resource=name,
        rule=None,
        priority=None,
        outcome=Effect.UNKNOWN,
        clause="AKS-27",
        detail=detail,
        codes=reasons,
    )
    return Piece(
        sources=(),
        destinations=(destination,),
        addresses=0,
        verdict=Outcome.UNKNOWN,
        hops=(hop,),
        reasons=reasons,
    )


def _with_proxy(piece: Piece, to_proxy: Question) -> Piece:
    outcome = Effect.FORWARD if piece.verdict is Outcome.ALLOWED else Effect.UNKNOWN
    hop = Hop(
        stage=Stage.PROXY,
        resource=to_proxy.to,
        rule=None,
        priority=None,
        outcome=outcome,
        clause="AKS-27",
        detail="the HTTP proxy decides about the destination itself",
        codes=("proxy-destination",),
    )
    return replace(piece, hops=(*piece.hops, hop)) if piece.verdict is Outcome.ALLOWED else piece
