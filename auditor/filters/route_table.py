"""Route selection on one subnet: longest prefix first, then user before learned before system (UDR-8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from auditor.filters.next_hop import HopKind, NextHop
from auditor.filters.parts import Codes, Doubt, Flow, Match, Option, Part
from auditor.filters.rule_list import RuleList
from auditor.model.verdict import Effect, Hop, Stage
from auditor.netset import AddressSet, Traffic
from auditor.netset.service import ANY

USER, LEARNED, SYSTEM = 0, 10, 20
"""Ranks on equal prefixes: user-defined beats learned beats system (UDR-8); tag routes lie between (UDR-20)."""
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
        ordered = sorted(candidates, key=lambda item: (-item.length, item.rank))
        self._list = RuleList([_match(item) for item in ordered], _NO_ROUTE)
        self._answers: dict[tuple[Traffic, bool], list[Part]] = {}
        self.targets = tuple({item.target: None for item in ordered})
        """Every next hop that some route names."""

    def parts(self, flow: Flow) -> list[Part]:
        """Partition by the chosen route; an option's target is its NextHop."""
        key = (flow.traffic, flow.coarse)
        found = self._answers.get(key)
        if found is None:
            found = self._answers[key] = self._list.parts(flow.traffic, coarse=flow.coarse)
        return found


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
