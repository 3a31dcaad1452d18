"""The common refinement of two partitions of traffic, by one walk over their boundaries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from auditor.netset.service import NONE, ServiceSet
from auditor.netset.service_steps import Runs
from auditor.netset.traffic import Traffic

_Held = tuple[tuple[int, ServiceSet], ...]
"""The parts that hold something at an address, each with its services there."""
_Pair = tuple[int, int]
_Found = dict[_Pair, tuple[Runs, Runs]]

_REMEMBERED = 1 << 15
"""Pairs of what two partitions hold whose common services are kept: neighbours hold alike, the rest never returns."""


def common_refinement(first: Sequence[Traffic], second: Sequence[Traffic]) -> list[tuple[int, int, Traffic]]:
    """What each pair of parts has in common, where that is something, as (place in first, place in second, traffic).

    The parts of each sequence must be disjoint. Sorted by both places. Cutting every pair would cost their product;
    this costs the boundaries and what comes out.
    """
    if len(first) == 1 and len(second) == 1:
        common = first[0] & second[0]
        return [(0, 0, common)] if common else []
    found: _Found = {}
    for place, version in enumerate((4, 6)):
        _walk(_steps(first, version), _steps(second, version), found, place)
    return [(*pair, Traffic.from_runs(*found[pair])) for pair in sorted(found)]


def cut_along(first: Sequence[Traffic], second: Sequence[Traffic]) -> list[tuple[int, int, Traffic]]:
    """`common_refinement` of two partitions of the same traffic; one of a single part cuts nothing."""
    if len(second) == 1:
        return [(number, 0, traffic) for number, traffic in enumerate(first)]
    if len(first) == 1:
        return [(0, number, traffic) for number, traffic in enumerate(second)]
    return common_refinement(first, second)


def _steps(parts: Sequence[Traffic], version: int) -> tuple[list[int], Iterator[_Held]]:
    """The cuts, and what is held from each on, which is made as it is asked for."""
    turned: dict[int, list[tuple[int, ServiceSet]]] = {}
    for number, part in enumerate(parts):
        for cut, services in part.cuts(version):
            turned.setdefault(cut, []).append((number, services))
    cuts = sorted(turned)
    return cuts, _held(cuts, turned)


def _held(cuts: Sequence[int], turned: dict[int, list[tuple[int, ServiceSet]]]) -> Iterator[_Held]:
    held: dict[int, ServiceSet] = {}
    for cut in cuts:
        for number, services in turned.pop(cut):
            if services is NONE:
                del held[number]
            else:
                held[number] = services
        yield tuple(sorted(held.items(), key=_by_number))


def _by_number(item: tuple[int, ServiceSet]) -> int:
    return item[0]


def _walk(
    one: tuple[list[int], Iterator[_Held]],
    other: tuple[list[int], Iterator[_Held]],
    found: _Found,
    place: int,
) -> None:
    if not one[0] or not other[0]:
        return
    cuts = sorted({*one[0], *other[0]})
    starts, others = set(one[0]), set(other[0])
    known: dict[tuple[_Held, _Held], list[tuple[_Pair, ServiceSet]]] = {}
    mine: _Held = ()
    theirs: _Held = ()
    for low, end in pairwise(cuts):
        if low in starts:
            mine = next(one[1])
        if low in others:
            theirs = next(other[1])
        if not mine or not theirs:
            continue
        pairs = known.get((mine, theirs))
        if pairs is None:
            if len(known) >= _REMEMBERED:
                known.clear()
            pairs = known[mine, theirs] = _pairs(mine, theirs)
        for pair, services in pairs:
            runs = found.get(pair)
            if runs is None:
                runs = found[pair] = (Runs(), Runs())
            runs[place].add(low, end, services)


def _pairs(mine: _Held, theirs: _Held) -> list[tuple[_Pair, ServiceSet]]:
    return [
        ((left, right), common)
        for left, services in mine
        for right, others in theirs
        if (common := services & others) is not NONE
    ]
