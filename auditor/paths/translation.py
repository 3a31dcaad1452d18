"""What becomes of the source address of what a firewall lets through (FW-30, FW-44)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from auditor.filters.firewall_rules import ResolvedFirewall
from auditor.filters.parts import Conditions, Option, Part
from auditor.model.firewall import Firewall
from auditor.model.verdict import Effect
from auditor.paths.judge import PathPart, Way

_NETWORK, _APPLICATION = "network", "application"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """Traffic behind a firewall."""

    firewall: Firewall
    kept: bool
    """Whether it still has the source address that it came with; else it has one of the firewall's own."""


Branch = tuple[PathPart, bool]
"""Traffic with the firewall's options as its stage, and whether it keeps its source address."""


def branches(part: Part, firewall: ResolvedFirewall, *, named: bool) -> Iterator[tuple[Branch, ...]]:
    """A firewall's part cut by what becomes of its source address; several branches are alternatives.

    Application rules always translate; network rules do not where the firewall has the destination among its
    private ranges. Where both kinds may let it through, or nobody knows the ranges, it may leave either way.
    `named` says whether application rules see it at all: what was not read (V-6) may hold rules of either kind.
    """
    network = _passing(part.options, _NETWORK, named=named)
    application = _passing(part.options, _APPLICATION, named=named)
    plain = Way(steps=(part.options,))
    either = replace(plain, codes=frozenset().union(*(option.codes for option in part.options)))
    if network and not firewall.no_snat_known:
        keeps = replace(either, unless=_closed(network))
        yield (PathPart(part.traffic, (keeps,)), True), (PathPart(part.traffic, (either,)), False)
        return
    kept = part.traffic.restrict(firewall.no_snat) if network else part.traffic - part.traffic
    if kept and application:
        keeps, translates = (replace(either, unless=_closed(options)) for options in (network, application))
        yield (PathPart(kept, (keeps,)), True), (PathPart(kept, (translates,)), False)
    elif kept:
        yield ((PathPart(kept, (plain,)), True),)
    rest = part.traffic - kept
    doubtful = rest.restrict(firewall.no_snat_open) if network else rest - rest
    if doubtful:
        open_ranges = replace(either, codes=either.codes | firewall.no_snat_doubt)
        keeps = replace(open_ranges, unless=_closed(network))
        yield (PathPart(doubtful, (keeps,)), True), (PathPart(doubtful, (open_ranges,)), False)
    rest = rest - doubtful
    if rest:
        yield ((PathPart(rest, (plain,)), False),)


def _passing(options: Sequence[Option], kind: str, *, named: bool) -> list[Option]:
    """The options by which a rule of one kind lets it through, or may."""
    return [option for option in options if _may_pass(option, kind, named=named)]


def _may_pass(option: Option, kind: str, *, named: bool) -> bool:
    if option.hop.outcome is Effect.UNKNOWN and not option.kind:
        return named or kind == _NETWORK
    return option.kind == kind and not option.hop.outcome.stops


def _closed(options: Sequence[Option]) -> Conditions:
    """The assumptions under which none of the options is left."""
    found = options[0].unless
    for option in options[1:]:
        found &= option.unless
    return found
