"""A firewall's rules as one first-match list, where the order of some is not documented (FW-8, FW-9, FW-12).

What ties keeps its own order inside: of two groups with one priority nobody knows which comes first, but the first
match of each stands by itself. So a packet meets the first match of one or of the other, in whatever way the rules of
both are interleaved. The list says so by doubts for what may come first.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from auditor.filters.firewall_rules import PlacedCollection
from auditor.filters.parts import Match, contested
from auditor.model.verdict import Effect
from auditor.netset import Traffic

Placed = tuple[PlacedCollection, Match]
_UNDOCUMENTED = frozenset({"ordering-undocumented"})


def in_order(entries: Sequence[Placed]) -> list[Match]:
    """Entries in processing order, those of one group and of one collection side by side, as one list."""
    return _blocks(
        entries,
        lambda place: place.order[:2],
        lambda place: place.owner,
        lambda group: _blocks(
            group,
            lambda place: place.order,
            # By identity: collections may share a name, and to compare them is to compare all their rules.
            lambda place: id(place.collection),
            lambda collection: [match for _, match in collection],
        ),
    )


def _blocks(
    entries: Sequence[Placed],
    place_of: Callable[[PlacedCollection], Hashable],
    holder_of: Callable[[PlacedCollection], Hashable],
    inside: Callable[[Sequence[Placed]], list[Match]],
) -> list[Match]:
    """The list of entries in ascending places; holders that share a place tie."""
    found: list[Match] = []
    for _, block in groupby(entries, key=lambda entry: place_of(entry[0])):
        holders = [list(one) for _, one in groupby(block, key=lambda entry: holder_of(entry[0]))]
        found += _tied([inside(holder) for holder in holders])
    return found


def _tied(lists: Sequence[list[Match]]) -> list[Match]:
    """Several first-match lists of which each may come first, as one list."""
    effects = {match.hop.outcome for one in lists for match in one}
    if len(lists) == 1 or len(effects) == 1:
        return [match for one in lists for match in one]
    reached = [_reached(one) for one in lists]
    found: list[Match] = []
    again: list[Match] = []
    for number, one in enumerate(lists):
        rivals = {effect: _others(effect, reached[number + 1 :]) for effect in effects}
        opened, repeated = _opened(one, rivals)
        found += opened
        again += repeated
    # Where no later list surely matches, the contested entries end the search after all.
    return [*found, *again]


def _reached(matches: Iterable[Match]) -> dict[Effect, Traffic]:
    """Where the first match of a list may have each effect."""
    found: dict[Effect, list[Traffic]] = {}
    taken = Traffic.EMPTY
    for effect, run in _runs(matches):
        sure = Traffic.union_all(match.sure for match in run)
        maybe = Traffic.union_all(doubt.traffic for match in run for doubt in match.doubts)
        found.setdefault(effect, []).append((sure | maybe) - taken)
        taken |= sure
    return {effect: Traffic.union_all(parts) for effect, parts in found.items()}


def _others(effect: Effect, reached: Iterable[dict[Effect, Traffic]]) -> Traffic:
    """Where lists may do something else."""
    return Traffic.union_all(
        traffic for one in reached for other, traffic in one.items() if other is not effect
    )


def _opened(matches: Iterable[Match], rivals: dict[Effect, Traffic]) -> tuple[list[Match], list[Match]]:
    """A list with doubts where rivals may come first, and its entries of which that is so as they were."""
    found: list[Match] = []
    again: list[Match] = []
    gone: list[Traffic] = []
    for effect, run in _runs(matches):
        # What an entry surely took does not reach those after it, though the doubt now lets it through.
        before = Traffic.union_all(gone)
        for match in run:
            left = _without(match, before)
            doubtful = contested(left, rivals[effect], _UNDOCUMENTED)
            found.append(doubtful or left)
            if doubtful is not None:
                again.append(left)
                gone.append(left.sure & rivals[effect])
    return found, again


def _without(match: Match, gone: Traffic) -> Match:
    if not gone:
        return match
    doubts = (replace(doubt, traffic=doubt.traffic - gone) for doubt in match.doubts)
    return replace(match, sure=match.sure - gone, doubts=tuple(doubt for doubt in doubts if doubt.traffic))


def _runs(matches: Iterable[Match]) -> Iterator[tuple[Effect, list[Match]]]:
    """Neighbours with one effect: which of them decides makes no difference."""
    for effect, run in groupby(matches, key=lambda match: match.hop.outcome):
        yield effect, list(run)
