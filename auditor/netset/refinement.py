"""The common refinement of two partitions of traffic, by one walk over their boundaries."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.netset.service import NONE, ServiceSet
from auditor.netset.traffic import Run, Traffic

_Held = tuple[tuple[int, ServiceSet], ...]
"""The parts that hold something at an address, each with its services there."""
_Pair = tuple[int, int]


def common_refinement(first: Sequence[Traffic], second: Sequence[Traffic]) -> list[tuple[int, int, Traffic]]:
    """What each pair of parts has in common, where that is something, as (place in first, place in second, traffic).

    The parts of each sequence must be disjoint. Sorted by both places. Cutting every pair would cost their product;
    this costs the boundaries and what comes out.
    """
    if len(first) == 1 and len(second) == 1:
        common = first[0] & second[0]
        return [(0, 0, common)] if common else []
    found: dict[_Pair, tuple[list[Run], list[Run]]] = {}
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


def _steps(parts: Sequence[Traffic], version: int) -> tuple[list[int], list[_Held]]:
    """What is held from each cut on."""
    turned: dict[int, list[tuple[int, ServiceSet, bool]]] = {}
    for number, part in enumerate(parts):
        for low, end, services in part.runs(version):
            turned.setdefault(low, []).append((number, services, True))
            turned.setdefault(end, []).append((number, services, False))
    cuts = sorted(turned)
    held: dict[int, ServiceSet] = {}
    steps: list[_Held] = []
    for cut in cuts:
        # What ends here ends before what begins: a part may go on with other services.
        for number, _, begins in turned[cut]:
            if not begins:
                held.pop(number, None)
        held.update((number, services) for number, services, begins in turned[cut] if begins)
        steps.append(tuple(sorted(held.items(), key=_by_number)))
    return cuts, steps


def _by_number(item: tuple[int, ServiceSet]) -> int:
    return item[0]


def _walk(
    one: tuple[list[int], list[_Held]],
    other: tuple[list[int], list[_Held]],
    found: dict[_Pair, tuple[list[Run], list[Run]]],
    place: int,
) -> None:
    if not one[0] or not other[0]:
        return
    cuts = sorted({*one[0], *other[0]})
    known: dict[tuple[_Held, _Held], list[tuple[_Pair, ServiceSet]]] = {}
    mine: _Held = ()
    theirs: _Held = ()
    at_mine = at_theirs = 0
    for number, low in enumerate(cuts[:-1]):
        if at_mine < len(one[0]) and one[0][at_mine] == low:
            mine = one[1][at_mine]
            at_mine += 1
        if at_theirs < len(other[0]) and other[0][at_theirs] == low:
            theirs = other[1][at_theirs]
            at_theirs += 1
        if not mine or not theirs:
            continue
        pairs = known.get((mine, theirs))
        if pairs is None:
            pairs = known[mine, theirs] = _pairs(mine, theirs)
        end = cuts[number + 1]
        for pair, services in pairs:
            runs = found.get(pair)
            if runs is None:
                runs = found[pair] = ([], [])
            runs[place].append((low, end, services))


def _pairs(mine: _Held, theirs: _Held) -> list[tuple[_Pair, ServiceSet]]:
    return [
        ((left, right), common)
        for left, services in mine
        for right, others in theirs
        if (common := services & others) is not NONE
    ]
