"""From everything that may happen on a path to one outcome under a reading (V-2, V-4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from auditor.filters.parts import NEVER, NO_CODES, Codes, Conditions, Option, Options
from auditor.model.verdict import Effect, Hop, Outcome
from auditor.netset import Traffic


@dataclass(frozen=True, slots=True)
class Way:
    """One path that the traffic may take, as the options of each stage."""

    steps: tuple[Options, ...] = ()
    unless: Conditions = NEVER
    """Assumptions under which the traffic does not take this way."""
    codes: Codes = NO_CODES

    def holds(self, assumed: frozenset[str]) -> bool:
        """Whether the way is still open when `assumed` codes are taken for granted."""
        return not any(codes <= assumed for codes in self.unless)

    def then(self, options: Options) -> Way:
        """The way with one more stage."""
        return replace(self, steps=(*self.steps, options))


@dataclass(frozen=True, slots=True)
class PathPart:
    """Traffic that is treated alike on its whole way, with every way that is open."""

    traffic: Traffic
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What becomes of one part under one reading."""

    outcome: Outcome
    reasons: Codes
    hops: tuple[Hop, ...]
    blockers: tuple[Hop, ...]
    sufficient: tuple[Hop, ...] = ()
    """The blockers of which each alone is a sure drop on every open way."""


def judge(ways: Sequence[Way], assumed: frozenset[str]) -> Judgement:
    """Blocked needs a sure drop on every way, allowed a sure pass on every way; the rest is unknown (V-2)."""
    alive = _alive(ways, assumed)
    judged = [_judge_way(way, assumed) for way in alive]
    outcomes = {item.outcome for item in judged}
    first = next((item for item in judged if item.outcome is Outcome.UNKNOWN), judged[0])
    if len(outcomes) == 1:
        blockers = tuple(dict.fromkeys(hop for item in judged for hop in item.blockers))
        reasons = frozenset().union(*(item.reasons for item in judged))
        return Judgement(
            outcome=first.outcome,
            reasons=reasons,
            hops=first.hops,
            blockers=blockers,
            sufficient=_on_every_way(blockers, judged),
        )
    reasons = frozenset().union(*(item.reasons for item in judged), *(way.codes for way in alive)) - assumed
    return Judgement(
        outcome=Outcome.UNKNOWN,
        reasons=reasons or frozenset({"uncertain:UDR-15"}),
        hops=first.hops,
        blockers=(),
    )


def judge_each(ways: Sequence[Way], assumed: frozenset[str]) -> tuple[Judgement, ...]:
    """What becomes of one part on each way that is open under a reading."""
    return tuple(_judge_way(way, assumed) for way in _alive(ways, assumed))


def _alive(ways: Sequence[Way], assumed: frozenset[str]) -> Sequence[Way]:
    return [way for way in ways if way.holds(assumed)] or list(ways)


def _on_every_way(blockers: Iterable[Hop], judged: Sequence[Judgement]) -> tuple[Hop, ...]:
    """The blockers that are sure drops on each way: a device on one way only leaves the others to the rest (UDR-15)."""
    common = set.intersection(*({_decider(hop) for hop in item.sufficient} for item in judged))
    return tuple(hop for hop in blockers if _decider(hop) in common)


def _decider(hop: Hop) -> tuple[object, ...]:
    """What decides, whatever its sentence says: two firewalls of one policy drop by the same rule."""
    detail = hop.detail if hop.resource is None else ""
    return hop.stage, hop.resource, hop.rule, hop.priority, hop.clause, detail


def _judge_way(way: Way, assumed: frozenset[str]) -> Judgement:
    hops: list[Hop] = []
    blockers: list[Hop] = []
    sufficient: list[Hop] = []
    reasons: set[str] = set()
    open_question = False
    for options in way.steps:
        alive = [option for option in options if option.holds(assumed)] or list(options)
        effects = {option.hop.outcome for option in alive}
        stops = [effect for effect in effects if effect.stops]
        if effects and len(stops) == len(effects):
            blockers += [option.hop for option in alive]
            # Where it is open which rule drops, none of them is known to.
            if len({_decider(option.hop) for option in alive}) == 1:
                sufficient += [option.hop for option in alive]
            hops.append(alive[0].hop)
        elif stops or Effect.UNKNOWN in effects:
            open_question = True
            reasons |= _reasons(alive, assumed)
            hops.append(_undecided(alive))
        else:
            hops.append(alive[0].hop)
    if blockers:
        return Judgement(
            outcome=Outcome.BLOCKED,
            reasons=NO_CODES,
            hops=tuple(hops),
            blockers=tuple(dict.fromkeys(blockers)),
            sufficient=tuple(dict.fromkeys(sufficient)),
        )
    if open_question:
        return Judgement(outcome=Outcome.UNKNOWN, reasons=frozenset(reasons), hops=tuple(hops), blockers=())
    return Judgement(outcome=Outcome.ALLOWED, reasons=NO_CODES, hops=tuple(hops), blockers=())


def _reasons(alive: Iterable[Option], assumed: frozenset[str]) -> set[str]:
    found: set[str] = set()
    for option in alive:
        found |= option.codes
        found |= {code for code in option.hop.codes if option.hop.outcome is Effect.UNKNOWN}
    # A code that is assumed and still leaves the answer open is the reason after all: a custom VirtualNetwork rule.
    return found - assumed or found or {"uncertain:V-4"}


def _undecided(alive: Sequence[Option]) -> Hop:
    """One hop that stands for several possible outcomes."""
    unknown = next((option for option in alive if option.hop.outcome is Effect.UNKNOWN), None)
    if unknown is not None:
        return unknown.hop
    first = alive[0].hop
    codes = tuple(sorted({code for option in alive for code in option.codes}))
    detail = "; or ".join(dict.fromkeys(option.hop.detail for option in alive))
    return replace(first, outcome=Effect.UNKNOWN, detail=detail, codes=codes)


def codes_used(parts: Iterable[PathPart]) -> Codes:
    """Every code on which some option or way of these parts depends."""
    found: set[str] = set()
    for part in parts:
        for way in part.ways:
            for codes in way.unless:
                found |= codes
            for options in way.steps:
                for option in options:
                    for codes in option.unless:
                        found |= codes
    return frozenset(found)


def codes_mentioned(parts: Iterable[PathPart]) -> Codes:
    """Every code that can change the answer of these parts or its reasons."""
    found = set(codes_used(parts))
    for part in parts:
        for way in part.ways:
            found |= way.codes
            for options in way.steps:
                for option in options:
                    found |= option.codes
                    found.update(option.hop.codes)
    return frozenset(found)
