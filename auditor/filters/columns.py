"""The matches of a first-match list as rows of columns: which address sets, which services, sure or doubtful."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from auditor.filters.address_index import AddressIndex, Columns
from auditor.filters.parts import Doubt, Match
from auditor.netset import AddressSet, ServiceSet, Traffic
from auditor.netset.atoms import ServiceAtoms


class Entry(NamedTuple):
    """A match where it is sure, or one of its doubts; the default of a list is the entry without a match."""

    match: Match | None
    doubt: Doubt | None = None


class Column(NamedTuple):
    """Services at the addresses of one column of an index."""

    number: int
    """The number of the address set."""
    services: int
    """The services, as atoms."""


class Cells(NamedTuple):
    """Where one entry holds."""

    entry: int
    columns: tuple[Column, ...]

    def services_at(self, held: Columns) -> int:
        """The services at addresses that the columns `held` hold."""
        found = 0
        for column in self.columns:
            if column.number in held:
                found |= column.services
        return found


class Row(NamedTuple):
    """One match: where it is sure, and where each of its doubts lies."""

    sure: Cells
    doubts: tuple[Cells, ...]

    @property
    def columns(self) -> Iterator[Column]:
        """All of them."""
        for cells in (self.sure, *self.doubts):
            yield from cells.columns


class ColumnIndex:
    """The address classes and service atoms that the matches of one or several lists tell apart."""

    def __init__(self, matches: Iterable[Match]) -> None:
        boxes = [box for match in matches for traffic in _traffic_of(match) for box in traffic.boxes()]
        sets = list(dict.fromkeys(addresses for addresses, _ in boxes))
        self._numbers = {one: number for number, one in enumerate(sets)}
        self._known: dict[Traffic, tuple[Column, ...]] = {}
        self.atoms = ServiceAtoms(services for _, services in boxes)
        self.addresses = AddressIndex(sets)

    @property
    def size(self) -> int:
        """How many columns there are."""
        return len(self._numbers)

    def rows(self, matches: Sequence[Match]) -> tuple[tuple[Row, ...], tuple[Entry, ...]]:
        """The matches as rows, and the entries that their cells number; the last one is the default.

        Raises KeyError for an address set that the index does not hold.
        """
        entries: list[Entry] = []

        def cells(traffic: Traffic, entry: Entry) -> Cells:
            entries.append(entry)
            columns = self._known.get(traffic)
            if columns is None:
                columns = self._known[traffic] = tuple(self._column(*box) for box in traffic.boxes())
            return Cells(len(entries) - 1, columns)

        rows = tuple(
            Row(
                cells(match.sure, Entry(match)),
                tuple(cells(doubt.traffic, Entry(match, doubt)) for doubt in match.doubts),
            )
            for match in matches
        )
        return rows, (*entries, Entry(None))

    def _column(self, addresses: AddressSet, services: ServiceSet) -> Column:
        bits = self.atoms.touched(services)
        if self.atoms.services(bits) is not services:
            raise KeyError(services)
        return Column(self._numbers[addresses], bits)


def _traffic_of(match: Match) -> Iterator[Traffic]:
    yield match.sure
    for doubt in match.doubts:
        yield doubt.traffic
