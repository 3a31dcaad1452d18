"""Parts of a traffic set, what may happen to each, and first match over rules that may be uncertain.

This is V-4 made into data: a first-match list is scanned in order and keeps every outcome that its uncertain
predicates leave open. Nothing is assumed here; an Option only says under which assumptions it is ruled out, so
one compiled filter serves every reading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from auditor.model.verdict import Effect, Hop
from auditor.netset import AddressSet, NamePattern, NameSet, ServiceSet, Traffic

Codes = frozenset[str]
SourceCut = tuple[AddressSet, ServiceSet]
"""Sources that a rule tells from others, and the services about which it may do so."""
Conditions = frozenset[Codes]
"""Ruled out when any of these sets of codes is assumed as a whole."""

NEVER: Conditions = frozenset()
NO_CODES: Codes = frozenset()
UNSETTLED: Codes = frozenset({"not-succeeded"})
"""Whether a rule, a route or an endpoint is in force whose state is not Succeeded; never assumed (V-6)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One thing that may happen to a part at a stage."""

    hop: Hop
    unless: Conditions = NEVER
    """Assumptions that rule this option out."""
    codes: Codes = NO_CODES
    """Codes that leave it open; the reasons of an `unknown`."""
    literal: bool | None = None
    """Whether a literal prefix (not 0/0), an IP group or a service endpoint matched; None: nothing is matched."""
    target: Any = None
    """For a routing stage: the next hop that this option leads to."""
    kind: str = ""
    """`network` or `application` for a firewall's allow, `service-endpoint` for such a route."""

    def holds(self, assumed: frozenset[str]) -> bool:
        """Whether the option is still open when `assumed` codes are taken for granted."""
        return not any(codes <= assumed for codes in self.unless)


Options = tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """Traffic that is treated alike, with everything that may happen to it."""

    traffic: Traffic
    options: Options


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """What is asked of a stage: one class of sources, at most one class of names, and a traffic set."""

    source: AddressSet
    traffic: Traffic
    name: NameSet | None = None
    """The names asked for (all treated alike by every rule), or None for an address."""
    pattern: NamePattern | None = None
    """The pattern as asked, for messages."""
    application: str | None = None
    """`http`, `https` or `mssql`; None for raw TCP, UDP, ICMP (V-1)."""
    own_api_server: bool = False
    resolver: tuple[str, ...] = ()
    """DNS servers that the source uses; empty means Azure DNS (FW-41)."""
    translated: bool = False
    """A firewall gave it a source address of its own: rules about its groups no more mean it (NSG-16, FW-44)."""
    coarse: bool = False
    """Only what becomes of the traffic is asked, not which rule decides: hops name none, and parts are few."""
    devices: bool = False
    """Of a coarse flow: the rules of firewalls and appliances are told apart all the same."""

    def over(self, traffic: Traffic) -> Flow:
        """The same flow for other traffic."""
        return replace(self, traffic=traffic)


@dataclass(frozen=True, slots=True)
class Doubt:
    """Traffic for which nobody can say whether a rule matches."""

    traffic: Traffic
    codes: Codes
    assumed: bool | None
    """What the predicate is taken to be when all of `codes` are assumed; None: never assumed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One entry of a first-match list: where it surely matches and where it may."""

    hop: Hop
    sure: Traffic
    doubts: tuple[Doubt, ...] = ()
    literal: bool | None = None
    target: Any = None
    kind: str = ""


def contested(match: Match, rivals: Traffic, codes: Codes) -> Match | None:
    """The match with a doubt (`codes`) where rivals may come before it; None where they take nothing of it."""
    common = match.sure & rivals
    doubts = [Doubt(common, codes, None)] if common else []
    assumed = False
    for doubt in match.doubts:
        # To assume that it matches would end the search here, which is right only if it comes first.
        met = doubt.traffic & rivals if doubt.assumed is True else Traffic.EMPTY
        if not met:
            doubts.append(doubt)
            continue
        assumed = True
        doubts.append(Doubt(met, doubt.codes | codes, None))
        doubts.append(replace(doubt, traffic=doubt.traffic - met))
    if not common and not assumed:
        return None
    return replace(match, sure=match.sure - common, doubts=tuple(doubt for doubt in doubts if doubt.traffic))


@dataclass(frozen=True, slots=True)
class _Open:
    """Traffic that no entry has surely matched yet."""

    traffic: Traffic
    options: Options
    carry: Conditions
    codes: Codes


def first_match(traffic: Traffic, matches: Iterable[Match], default: Option) -> list[Part]:
    """Partition `traffic` by the first entry that matches, keeping what doubts leave open (V-4, NSG-4, FW-6)."""
    pending = [_Open(traffic, (), NEVER, NO_CODES)] if traffic else []
    done: list[Part] = []
    for match in matches:
        if not pending:
            break
        left: list[_Open] = []
        for item in pending:
            _apply(match, item, done, left)
        pending = left
    for item in pending:
        option = replace(default, unless=default.unless | item.carry, codes=default.codes | item.codes)
        done.append(Part(item.traffic, with_option(item.options, option)))
    return merge(done)


def _apply(match: Match, item: _Open, done: list[Part], left: list[_Open]) -> None:
    rest = item.traffic
    hit = rest & match.sure
    if hit:
        done.append(Part(hit, with_option(item.options, _option(match, item.carry, item.codes))))
        rest = rest - hit
    for doubt in match.doubts:
        if not rest:
            return
        maybe = rest & doubt.traffic
        if not maybe:
            continue
        rest = rest - maybe
        ruled_out = item.carry | {doubt.codes} if doubt.assumed is False else item.carry
        carried = item.carry | {doubt.codes} if doubt.assumed is True else item.carry
        codes = item.codes | doubt.codes
        left.append(_Open(maybe, with_option(item.options, _option(match, ruled_out, codes)), carried, codes))
    if rest:
        left.append(replace(item, traffic=rest) if rest is not item.traffic else item)


def _option(match: Match, unless: Conditions, codes: Codes) -> Option:
    return Option(
        hop=match.hop, unless=unless, codes=codes, literal=match.literal, target=match.target, kind=match.kind
    )


def with_option(options: Options, option: Option) -> Options:
    """`options` and one more, unless an earlier one with the same consequence is open whenever it is."""
    for earlier in options:
        if (
            earlier.hop.outcome is option.hop.outcome
            and earlier.target == option.target
            and earlier.kind == option.kind
            and earlier.unless <= option.unless
        ):
            return options
    return (*options, option)


def merge(parts: Sequence[Part]) -> list[Part]:
    """Parts with equal options become one."""
    if len(parts) < 2:
        return list(parts)
    groups: dict[Options, list[Traffic]] = {}
    for part in parts:
        groups.setdefault(part.options, []).append(part.traffic)
    return [Part(_union(traffic), options) for options, traffic in groups.items()]


def _union(traffic: Sequence[Traffic]) -> Traffic:
    return traffic[0] if len(traffic) == 1 else Traffic.union_all(traffic)


def overlay(
    first: Sequence[Part], second: Sequence[Part], combine: Callable[[Options, Options], Options]
) -> list[Part]:
    """The common refinement of two partitions of the same traffic."""
    if len(second) == 1:
        return merge([Part(part.traffic, combine(part.options, second[0].options)) for part in first])
    found: list[Part] = []
    # Most often the partitions differ in few places, and equal traffic need not be cut.
    same = {part.traffic: part for part in second}
    left_over = set(same).difference(part.traffic for part in first)
    others = [part for part in second if part.traffic in left_over]
    for left in first:
        equal = same.get(left.traffic)
        if equal is not None:
            found.append(Part(left.traffic, combine(left.options, equal.options)))
            continue
        rest = left.traffic
        for right in others:
            common = rest & right.traffic
            if common:
                found.append(Part(common, combine(left.options, right.options)))
                rest = rest - common
                if not rest:
                    break
    return merge(found)


def every(flow: Flow, *options: Option) -> list[Part]:
    """All of a flow's traffic with the same options."""
    return [Part(flow.traffic, options)] if flow.traffic else []


def unknown(hop: Hop, *codes: str) -> Option:
    """An option about which nothing is known."""
    return Option(
        hop=replace(hop, outcome=Effect.UNKNOWN, codes=tuple(sorted(codes))), codes=frozenset(codes)
    )
