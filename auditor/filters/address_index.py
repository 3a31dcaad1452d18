"""All addresses cut into classes that a list of address sets tells apart."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence

from auditor.netset import AddressSet, IntervalSet


class AddressIndex:
    """For each address, which columns hold it, as an integer with a bit for each column.

    Addresses that the same columns hold are one class, however many intervals they lie in, so a rule list decides
    about a class once. Columns with equal address sets change together, so a service tag costs its prefixes once and
    not once for each rule that names it.
    """

    __slots__ = ("_halves", "masks")

    masks: tuple[int, ...]
    """The columns of each class."""

    def __init__(self, columns: Mapping[AddressSet, int]) -> None:
        """`columns` gives each different address set the bits of the columns that it stands in."""
        numbers: dict[int, int] = {}
        self._halves = tuple(
            _swept([(half, mask) for half, mask in halves if half], numbers)
            for halves in (
                [(addresses.v4, mask) for addresses, mask in columns.items()],
                [(addresses.v6, mask) for addresses, mask in columns.items()],
            )
        )
        self.masks = tuple(numbers)

    def spans(self, version: int) -> tuple[list[int], list[int]]:
        """The cuts of a family in ascending order, and the class that begins at each; the first cut is 0."""
        return self._halves[0 if version == 4 else 1]

    def class_at(self, number: int, version: int = 4) -> int:
        """The class of one address."""
        cuts, classes = self.spans(version)
        return classes[bisect_right(cuts, number) - 1]


def classes_of(space: AddressSet, cuts: Iterable[AddressSet]) -> tuple[AddressSet, ...]:
    """The IPv4 addresses of a space in the classes that some sets tell apart, by lowest address."""
    listed = {cut: 1 << number for number, cut in enumerate(dict.fromkeys(cuts))}
    index = AddressIndex({**listed, space: listed.get(space, 0) | 1 << len(listed)})
    inside = 1 << len(listed)
    bounds: dict[int, list[int]] = {}
    starts, numbers = index.spans(4)
    for low, end, number in zip(starts, [*starts[1:], 1 << 32], numbers, strict=True):
        if index.masks[number] & inside:
            bounds.setdefault(number, []).extend((low, end))
    return tuple(AddressSet(IntervalSet.from_bounds(tuple(ends))) for ends in bounds.values())


def _swept(halves: Sequence[tuple[IntervalSet, int]], numbers: dict[int, int]) -> tuple[list[int], list[int]]:
    """One walk over all boundaries, in which each set turns its columns on and off."""
    turned: dict[int, int] = {0: 0}
    for half, mask in halves:
        for bound in half.bounds:
            turned[bound] = turned.get(bound, 0) ^ mask
    cuts: list[int] = []
    classes: list[int] = []
    held = 0
    last = -1
    for cut in sorted(turned):
        held ^= turned[cut]
        number = numbers.setdefault(held, len(numbers))
        if number != last:
            cuts.append(cut)
            classes.append(number)
            last = number
    return cuts, classes
