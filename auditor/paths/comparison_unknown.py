"""What neither side of a comparison can tell, where it is not left open by the very same things on both (V-2)."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

from auditor.filters.parts import NO_CODES, Codes
from auditor.model.verdict import Effect, Hop, Outcome
from auditor.netset import NameSet, Traffic
from auditor.paths.egress_states import refined
from auditor.paths.judge import PathPart, judge_each
from auditor.paths.leaving import Leaving
from auditor.paths.senders import Named, Voice


@dataclass(frozen=True, slots=True)
class _Cause:
    """What leaves some traffic open: what else happens on its way does not matter."""

    codes: Codes
    hops: frozenset[Hashable]


def otherwise_unknown(
    traffic: Traffic, key: Named | None, names: NameSet | None, old: Sequence[Voice], new: Sequence[Voice]
) -> Iterator[tuple[Traffic, NameSet | None, Codes]]:
    """The parts of what is unknown on both sides that other codes or other hops leave open, with all their codes.

    The same traffic may leave on one side and be stopped on the other. Where one thing alone leaves it open on both
    sides, nothing on its way changed that is known to matter.
    """
    before, after = [_Asked(one, key, names) for one in old], [_Asked(one, key, names) for one in new]
    for piece in _pieces(names, (*before, *after)):
        known = [cause for one in before for cause in one.causes(traffic, piece)]
        for cause, part in (found for one in after for found in one.causes(traffic, piece)):
            rest = part - Traffic.union_all(other for same, other in known if same == cause)
            for same, other in known:
                if cut := rest & other:
                    yield cut, piece, cause.codes | same.codes
                    rest -= cut
            if rest:
                yield rest, piece, cause.codes


class _Asked:
    """The flows of one sender, each walked once."""

    def __init__(self, voice: Voice, key: Named | None, names: NameSet | None) -> None:
        self._voice = voice
        self._flows = {one.name if names is not None else None: one for one in voice.flows(key, names)}
        self._found: dict[NameSet | None, list[tuple[_Cause, Traffic]]] = {}

    @property
    def names(self) -> list[NameSet]:
        """The classes of names that this side tells apart."""
        return [one for one in self._flows if one is not None]

    def causes(self, traffic: Traffic, piece: NameSet | None) -> list[tuple[_Cause, Traffic]]:
        """What leaves open which part of some traffic, for names within one class."""
        name = piece if piece in self._flows else self._class_of(piece)
        if name not in self._flows:
            return []
        if name not in self._found:
            self._found[name] = self._walked(self._flows[name], traffic)
        return self._found[name]

    def _class_of(self, piece: NameSet | None) -> NameSet | None:
        return next((one for one in self.names if piece is not None and piece <= one), None)

    def _walked(self, asked: Leaving, traffic: Traffic) -> list[tuple[_Cause, Traffic]]:
        found: dict[_Cause, list[Traffic]] = {}
        for part, answer, walked in self._voice.walked(asked, traffic, Outcome.UNKNOWN):
            cause = _Cause(answer.reasons or NO_CODES, _deciding(walked, self._voice.sender.assumed))
            found.setdefault(cause, []).append(part)
        return [(cause, Traffic.union_all(parts)) for cause, parts in found.items()]


def _pieces(names: NameSet | None, asked: Sequence[_Asked]) -> Sequence[NameSet | None]:
    """The names cut wherever a side tells them apart; one None where addresses are meant."""
    return [None] if names is None else refined(*(one.names for one in asked))


def _deciding(walked: Sequence[PathPart], assumed: frozenset[str]) -> frozenset[Hashable]:
    """The hops that leave the answer open: on each way, or all of the ways where these end otherwise."""
    found: set[Hashable] = set()
    for part in walked:
        answers = judge_each(part.ways, assumed)
        open_alike = all(one.outcome is Outcome.UNKNOWN for one in answers)
        for one in answers:
            found.update(_same(hop) for hop in one.hops if not open_alike or hop.outcome is Effect.UNKNOWN)
    return frozenset(found)


def _same(hop: Hop) -> Hashable:
    """What makes two hops one: its sentence names the address of an appliance. Services write ids in any case."""
    texts = (text.lower() for text in (hop.resource or "", hop.rule or "", hop.detail))
    return hop.stage, *texts, hop.priority, hop.outcome, hop.clause, hop.codes
