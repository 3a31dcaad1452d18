"""What neither side of a comparison can tell, where it is not left open by the very same things on both (V-2)."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

from auditor.filters.parts import NO_CODES, Codes
from auditor.model.verdict import Effect, Outcome
from auditor.netset import NameSet, Traffic
from auditor.paths.comparison_drops import Steps, only_drops_added, steps_of
from auditor.paths.comparison_hops import Likeness
from auditor.paths.egress_states import refined
from auditor.paths.judge import PathPart, judge_each
from auditor.paths.leaving import Leaving
from auditor.paths.senders import Named, Voice


@dataclass(frozen=True, slots=True)
class _Cause:
    """What leaves some traffic open: what else happens on its way does not matter."""

    codes: Codes
    hops: frozenset[Hashable]


@dataclass(frozen=True, slots=True)
class _Open:
    """All that one cause leaves open."""

    cause: _Cause
    traffic: Traffic
    parts: tuple[tuple[Steps | None, Traffic], ...]
    """The same traffic by what may happen on its way."""


def otherwise_unknown(
    traffic: Traffic,
    key: Named | None,
    names: NameSet | None,
    old: Sequence[Voice],
    new: Sequence[Voice],
    likeness: Likeness,
) -> Iterator[tuple[Traffic, NameSet | None, Codes]]:
    """The parts of what is unknown on both sides that other codes or other hops leave open, with all their codes.

    The same traffic may leave on one side and be stopped on the other. Where one thing alone leaves it open on both
    sides, nothing on its way changed that is known to matter. Where the way of the new side only got further things
    that may stop it, it lets out no more.
    """
    before, after = ([_Asked(one, key, names, likeness) for one in side] for side in (old, new))
    for piece in _pieces(names, (*before, *after)):
        known = [found for one in before for found in one.open(traffic, piece)]
        for found in (found for one in after for found in one.open(traffic, piece)):
            rest = found.traffic - Traffic.union_all(one.traffic for one in known if one.cause == found.cause)
            if rest:
                rest -= Traffic.union_all(_no_more(known, found))
            for one in known:
                if cut := rest & one.traffic:
                    yield cut, piece, found.cause.codes | one.cause.codes
                    rest -= cut
            if rest:
                yield rest, piece, found.cause.codes


def _no_more(known: Sequence[_Open], found: _Open) -> Iterator[Traffic]:
    """What is open on both sides and only got further things that may stop it."""
    for before, traffic in (part for one in known for part in one.parts):
        for after, other in found.parts:
            if only_drops_added(before, after):
                yield traffic & other


class _Asked:
    """The flows of one sender, each walked once."""

    def __init__(self, voice: Voice, key: Named | None, names: NameSet | None, likeness: Likeness) -> None:
        self._voice = voice
        self._likeness = likeness
        self._flows = {one.name if names is not None else None: one for one in voice.flows(key, names)}
        self._found: dict[NameSet | None, list[_Open]] = {}

    @property
    def names(self) -> list[NameSet]:
        """The classes of names that this side tells apart."""
        return [one for one in self._flows if one is not None]

    def open(self, traffic: Traffic, piece: NameSet | None) -> list[_Open]:
        """What leaves open which part of some traffic, for names within one class."""
        name = piece if piece in self._flows else self._class_of(piece)
        if name not in self._flows:
            return []
        if name not in self._found:
            self._found[name] = self._walked(self._flows[name], traffic)
        return self._found[name]

    def _class_of(self, piece: NameSet | None) -> NameSet | None:
        return next((one for one in self.names if piece is not None and piece <= one), None)

    def _walked(self, asked: Leaving, traffic: Traffic) -> list[_Open]:
        assumed = self._voice.sender.assumed
        found: dict[_Cause, dict[Steps | None, list[Traffic]]] = {}
        for _, answer, walked in self._voice.walked(asked, traffic, Outcome.UNKNOWN):
            cause = _Cause(answer.reasons or NO_CODES, _deciding(walked, assumed, self._likeness))
            for part in walked:
                steps = steps_of(part, assumed, self._likeness)
                found.setdefault(cause, {}).setdefault(steps, []).append(part.traffic)
        opened: list[_Open] = []
        for cause, ways in found.items():
            parts = tuple((steps, Traffic.union_all(alike)) for steps, alike in ways.items())
            opened.append(_Open(cause, Traffic.union_all(one for _, one in parts), parts))
        return opened


def _pieces(names: NameSet | None, asked: Sequence[_Asked]) -> Sequence[NameSet | None]:
    """The names cut wherever a side tells them apart; one None where addresses are meant."""
    return [None] if names is None else refined(*(one.names for one in asked))


def _deciding(walked: Sequence[PathPart], assumed: frozenset[str], likeness: Likeness) -> frozenset[Hashable]:
    """The hops that leave the answer open: on each way, or all of the ways where these end otherwise."""
    found: set[Hashable] = set()
    for part in walked:
        answers = judge_each(part.ways, assumed)
        open_alike = all(one.outcome is Outcome.UNKNOWN for one in answers)
        for one in answers:
            found.update(
                likeness.of(hop) for hop in one.hops if not open_alike or hop.outcome is Effect.UNKNOWN
            )
    return frozenset(found)
