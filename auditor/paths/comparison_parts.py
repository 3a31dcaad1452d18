"""The parts that a comparison finds, joined where they say the same, and made into records."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace

from auditor.model.difference import Change, Extent, Standing, StandingChange, Undecided
from auditor.model.egress import Sent, witness_of
from auditor.model.reading import ASSUMABLE
from auditor.model.verdict import Hop, Outcome
from auditor.netset import Traffic
from auditor.paths.egress_joins import Joins
from auditor.paths.egress_states import LESS, MORE, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Found(Sent):
    """Some egress that differs, from one class of senders."""

    step: Step
    standings: tuple[Standing, Standing] | None = None
    """On both sides, for what leaves on both; else of the side that lets it out, twice."""
    rule: Hop | None = None
    hops: tuple[Hop, ...] = ()
    blockers: tuple[Hop, ...] = ()
    codes: frozenset[str] = frozenset()
    """What either answer rests on or, for what cannot be told, what leaves it open."""
    witness: str = ""
    whole: Traffic | bool = True
    """For names: all that leaves by them, and once the traffic is joined, whether that is the traffic."""

    @property
    def label(self) -> Hashable:
        """What parts have in common that are told as one; blockers split addresses, but not names."""
        rule = None if self.rule is None else decider(self.rule)
        blockers = tuple(map(decider, self.blockers)) if self.names is None else None
        causes = self.codes if self.rule is None else None
        return self.step, self.standings, rule, blockers, causes, self.application, self.whole


def decider(hop: Hop) -> Hashable:
    """What decides, whatever its sentence says."""
    return hop.stage, hop.resource, hop.rule, hop.priority, hop.clause


def joined(found: Iterable[Found]) -> list[Found]:
    """Fewer parts that hold the same: those that differ in one thing only are one."""
    joins: Joins[Found] = Joins(lambda one: one.label, _first)
    parts = joins.by_traffic(one for one in found if one.traffic)
    parts = [replace(one, whole=_is_whole(one)) for one in parts]
    parts = [one if one.witness else replace(one, witness=_witness(one)) for one in parts]
    return joins.by_senders(joins.by_names(parts))


def _first(group: Sequence[Found]) -> Found:
    """The first part with the blockers and codes of all; the witness and its path stay its own."""
    blockers = {decider(hop): hop for one in reversed(group) for hop in reversed(one.blockers)}
    return replace(
        group[0],
        blockers=tuple(dict.fromkeys(blockers[decider(hop)] for one in group for hop in one.blockers)),
        codes=frozenset().union(*(one.codes for one in group)),
    )


def _is_whole(one: Found) -> bool:
    """Whether some names leave nowhere else by these services."""
    if isinstance(one.whole, bool):
        return one.whole
    return one.whole & Traffic.box(one.whole.addresses, one.traffic.services) <= one.traffic


def _witness(one: Found) -> str:
    """A name alone is no witness where it concerns some of its addresses only."""
    text = witness_of(one.traffic, one.names, one.application)
    return text if one.whole else f"{text} at {one.traffic.witness()[0]}"


# -- records -------------------------------------------------------------------------------------------


def changes(found: Iterable[Found], step: Step) -> tuple[Change, ...]:
    """What got more, or less."""
    return tuple(
        Change(
            extent=extent,
            standing=one.standings[0],
            rule=one.rule,
            hops=one.hops,
            blockers=one.blockers,
            assumptions=tuple(code for code in ASSUMABLE if code in one.codes),
        )
        for one, extent in _ordered(one for one in found if one.step == step)
        if one.rule is not None and one.standings is not None
    )


def undecided(found: Iterable[Found]) -> tuple[Undecided, ...]:
    """What one side cannot tell."""
    return tuple(
        Undecided(extent=extent, before=one.step[0], after=one.step[1], causes=tuple(sorted(one.codes)))
        for one, extent in _ordered(one for one in found if Outcome.UNKNOWN in one.step)
    )


def standing_changes(found: Iterable[Found]) -> tuple[StandingChange, ...]:
    """What leaves on both sides and is needed on one only."""
    return tuple(
        StandingChange(extent=extent, before=one.standings[0], after=one.standings[1], rule=one.rule)
        for one, extent in _ordered(one for one in found if one.step not in (MORE, LESS))
        if one.rule is not None and one.standings is not None
    )


def _ordered(found: Iterable[Found]) -> list[tuple[Found, Extent]]:
    """Most addresses first; names after addresses, whose number is known."""
    return [(one, _extent(one)) for one in sorted(found, key=_place)]


def _place(one: Found) -> tuple[object, ...]:
    rule = one.rule
    return (
        one.step,
        one.names is not None,
        -one.traffic.size,
        (rule.resource or "", rule.rule or "") if rule is not None else ("", ""),
        one.application or "",
        [(origin.pool, str(origin.subnet)) for origin in one.asked_from],
        str(one.sources),
        one.witness,
        one.standings or (),
        str(one.names),
    )


def _extent(one: Found) -> Extent:
    return Extent(
        asked_from=one.asked_from,
        sources=one.sources,
        traffic=one.traffic,
        names=one.names,
        partial=not one.whole,
        application=one.application,
        witness=one.witness,
        witness_source=one.sources.witness() if one.sources else None,
    )
