"""The parts that a comparison finds, joined where they say the same, and made into records."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace

from auditor.model.difference import Change, Extent, Standing, StandingChange, Undecided
from auditor.model.egress import witness_of
from auditor.model.finding import From
from auditor.model.reading import ASSUMABLE
from auditor.model.verdict import Hop, Outcome
from auditor.netset import AddressSet, NameSet, Traffic
from auditor.paths.egress_states import LESS, MORE, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Some egress that differs, from one class of senders."""

    asked_from: tuple[From, ...]
    source: AddressSet
    traffic: Traffic
    names: NameSet | None
    application: str | None
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
    parts = _merged(
        [one for one in found if one.traffic],
        lambda one: (one.asked_from, one.source, one.names),
        lambda one, others: replace(one, traffic=Traffic.union_all(item.traffic for item in others)),
    )
    parts = [replace(one, whole=_is_whole(one)) for one in parts]
    parts = [one if one.witness else replace(one, witness=_witness(one)) for one in parts]
    parts = _merged(
        parts,
        lambda one: (one.asked_from, one.source, one.traffic, one.names is None),
        lambda one, others: replace(one, names=_names(others)),
    )
    parts = _merged(
        parts,
        lambda one: (one.asked_from, one.traffic, one.names),
        lambda one, others: replace(one, source=AddressSet.union_all(item.source for item in others)),
    )
    return _merged(
        parts,
        lambda one: (one.source, one.traffic, one.names),
        lambda one, others: replace(
            one, asked_from=tuple(dict.fromkeys(origin for item in others for origin in item.asked_from))
        ),
    )


def _merged(
    parts: Sequence[Found],
    key: Callable[[Found], Hashable],
    join: Callable[[Found, Sequence[Found]], Found],
) -> list[Found]:
    groups: dict[Hashable, list[Found]] = {}
    for one in parts:
        groups.setdefault((one.label, key(one)), []).append(one)
    return [group[0] if len(group) == 1 else join(_first(group), group) for group in groups.values()]


def _first(group: Sequence[Found]) -> Found:
    """The first part with the blockers and codes of all; the witness and its path stay its own."""
    blockers = {decider(hop): hop for one in reversed(group) for hop in reversed(one.blockers)}
    return replace(
        group[0],
        blockers=tuple(dict.fromkeys(blockers[decider(hop)] for one in group for hop in one.blockers)),
        codes=frozenset().union(*(one.codes for one in group)),
    )


def _names(group: Sequence[Found]) -> NameSet | None:
    names: NameSet | None = None
    for one in group:
        names = one.names if names is None else names if one.names is None else names | one.names
    return names


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
        str(one.source),
        one.witness,
        one.standings or (),
        str(one.names),
    )


def _extent(one: Found) -> Extent:
    return Extent(
        asked_from=one.asked_from,
        sources=one.source,
        traffic=one.traffic,
        names=one.names,
        partial=not one.whole,
        application=one.application,
        witness=one.witness,
        witness_source=one.source.witness() if one.source else None,
    )
