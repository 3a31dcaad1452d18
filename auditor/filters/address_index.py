"""All addresses cut into classes that a list of address sets tells apart."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from auditor.netset import AddressSet, IntervalSet

Columns = tuple[int, ...]
"""Ascending numbers of columns."""


class AddressIndex:
    """For each address, which columns hold it, as their ascending numbers.

    Addresses that the same columns hold are one class, however many intervals they lie in, so a rule list decides
    about a class once. Columns with equal address sets are one, so a service tag costs its prefixes once and not
    once for each rule that names it.
    """

    __slots__ = ("_halves", "held")

    held: tuple[Columns, ...]
    """The columns of each class."""

    def __init__(self, columns: Sequence[AddressSet]) -> None:
        """`columns` are different address sets, numbered by their places."""
        numbers: dict[Columns, int] = {}
        self._halves = (
            _swept([addresses.v4 for addresses in columns], numbers),
            _swept([addresses.v6 for addresses in columns], numbers),
        )
        self.held = tuple(numbers)

    def spans(self, version: int) -> tuple[list[int], list[int]]:
        """The cuts of a family in ascending order, and the class that begins at each; the first cut is 0."""
        return self._halves[0 if version == 4 else 1]

    def class_at(self, number: int, version: int = 4) -> int:
        """The class of one address."""
        cuts, classes = self.spans(version)
        return classes[bisect_right(cuts, number) - 1]


def classes_of(space: AddressSet, cuts: Iterable[AddressSet]) -> tuple[AddressSet, ...]:
    """The addresses of a space in the classes that some sets tell apart, by lowest address, IPv4 first."""
    index = AddressIndex(list(dict.fromkeys([space, *cuts])))
    return tuple(
        AddressSet(**{f"v{version}": IntervalSet.from_bounds(tuple(ends))})
        for version, last in ((4, 1 << 32), (6, 1 << 128))
        for ends in _bounds_of_classes(index, version, last).values()
    )


def _bounds_of_classes(index: AddressIndex, version: int, last: int) -> dict[int, list[int]]:
    """The classes of one family in the first column of an index, as bounds."""
    bounds: dict[int, list[int]] = {}
    starts, numbers = index.spans(version)
    for low, end, number in zip(starts, [*starts[1:], last], numbers, strict=True):
        if index.held[number][:1] == (0,):
            bounds.setdefault(number, []).extend((low, end))
    return bounds


def turns(sets: Sequence[IntervalSet]) -> dict[int, Columns]:
    """The bounds at which sets begin or end, in no order, each with the numbers of those that do."""
    found: dict[int, Columns] = {}
    for column, one in enumerate(sets):
        own = (column,)
        for bound in one.bounds:
            # Most bounds are of one set, and a set has each of its bounds once.
            if found.setdefault(bound, own) is not own:
                found[bound] += own
    return found


def turn(held: list[int], column: int) -> bool:
    """Let a set begin or end among those that hold a point, ascending numbers; whether it begins."""
    place = bisect_left(held, column)
    ends = place < len(held) and held[place] == column
    if ends:
        del held[place]
    else:
        held.insert(place, column)
    return not ends


def _swept(halves: Sequence[IntervalSet], numbers: dict[Columns, int]) -> tuple[list[int], list[int]]:
    """One walk over all boundaries, in which each set turns its column on and off."""
    turned = turns(halves)
    turned.setdefault(0, ())
    cuts: list[int] = []
    classes: list[int] = []
    held: list[int] = []
    for cut in sorted(turned):
        for column in turned[cut]:
            turn(held, column)
        columns = tuple(held)
        cuts.append(cut)
        classes.append(numbers.setdefault(columns, len(numbers)))
    return cuts, classes
