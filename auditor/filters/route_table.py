"""Route selection on one subnet: longest prefix first, then user before learned before system (UDR-8)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from auditor.filters.next_hop import HopKind, NextHop
from auditor.filters.parts import Codes, Doubt, Flow, Match, Option, Part
from auditor.filters.rule_list import RuleList
from auditor.model.verdict import Effect, Hop, Stage
from auditor.netset import AddressSet, Traffic
from auditor.netset.service import ANY

USER, LEARNED, SYSTEM = 0, 10, 20
"""Ranks on equal prefixes: user-defined beats learned beats system (UDR-8); tag routes lie between (UDR-20)."""
_LONGEST = 32
_TIED = frozenset({"uncertain:UDR-20"})
PREFERRED = 1000
"""A length above every prefix: service endpoints and other routes that nothing overrides (UDR-10)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A route that may be chosen for the addresses of its prefix."""

    addresses: AddressSet
    length: int
    rank: int
    target: NextHop
    hop: Hop
    literal: bool
    """A prefix other than 0/0 that stands in the configuration itself, not a tag or a system route."""
    codes: Codes = frozenset()
    """Not empty: nobody knows whether the route exists."""
    assumed: bool | None = None


class RouteFilter:
    """The routes of one subnet as a first-match list."""

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        ordered = list(_ordered(candidates))
        self._list = RuleList([_match(item) for item in ordered], _NO_ROUTE)
        self._answers: dict[tuple[Traffic, bool], list[Part]] = {}
        self.targets = tuple({item.target: None for item in ordered})
        """Every next hop that some route names."""
        self.defaults = tuple(dict.fromkeys(_defaults(ordered)))
        """The next hops of the 0/0 route that is in force, and of those that may be; whether they decide or not."""

    def parts(self, flow: Flow) -> list[Part]:
        """Partition by the chosen route; an option's target is its NextHop."""
        key = (flow.traffic, flow.coarse)
        found = self._answers.get(key)
        if found is None:
            found = self._answers[key] = self._list.parts(flow.traffic, coarse=flow.coarse)
        return found


def _defaults(ordered: Sequence[Candidate]) -> Iterator[NextHop]:
    for item in ordered:
        if item.length == 0:
            yield item.target
            if not item.codes:
                return


def _ordered(candidates: Sequence[Candidate]) -> Iterator[Candidate]:
    """As routes win: longest first, then by rank; of user routes in a tie only the last is sure to match (UDR-20)."""
    alike: dict[tuple[int, int, AddressSet | None], list[Candidate]] = {}
    for item in sorted(candidates, key=lambda item: (-item.length, item.rank)):
        # Explicit prefixes of one length are equal or apart; of a tag's many one may be another tag's, too.
        whole = item.addresses if item.rank == USER else None
        alike.setdefault((item.length, item.rank, whole), []).append(item)
    for group in alike.values():
        explicit_or_tag = group[0].rank < LEARNED and group[0].length <= _LONGEST
        yield from _untied(group) if explicit_or_tag and len(group) > 1 else group


def _untied(group: Sequence[Candidate]) -> Iterator[Candidate]:
    # Beside a route that exists for sure nothing shorter is chosen, so those that may not exist come first.
    ordered = sorted(group, key=lambda item: not item.codes)
    for number, item in enumerate(ordered):
        others = [one.addresses for one in ordered[number + 1 :] if _leads_to(one) != _leads_to(item)]
        tied = item.addresses & AddressSet.union_all(others)
        if tied:
            yield replace(item, addresses=tied, codes=item.codes | _TIED)
        apart = item.addresses - tied
        if apart:
            yield replace(item, addresses=apart)


def _leads_to(item: Candidate) -> tuple[object, ...]:
    """The next hop, whichever route names it."""
    return item.target.kind, frozenset(item.target.addresses), item.target.resource


def _match(item: Candidate) -> Match:
    traffic = Traffic.box(item.addresses, ANY)
    if not item.codes:
        return Match(hop=item.hop, sure=traffic, literal=item.literal, target=item.target)
    hop = replace(item.hop, codes=tuple(sorted(item.codes)))
    doubt = Doubt(traffic, item.codes, item.assumed)
    return Match(hop=hop, sure=Traffic.EMPTY, doubts=(doubt,), literal=item.literal, target=item.target)


_NO_ROUTE = Option(
    hop=Hop(
        stage=Stage.ROUTE,
        resource=None,
        rule=None,
        priority=None,
        outcome=Effect.DROP,
        clause="UDR-8",
        detail="no route covers the destination",
    ),
    literal=False,
    target=NextHop(HopKind.NONE),
)
