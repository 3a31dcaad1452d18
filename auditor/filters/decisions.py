"""What a first-match list decides about one class of addresses, for all services at once (V-4).

A decision is a list of *keys*: the entries that leave an outcome open, in order, then the one that ends the search;
each key with the services, as atoms, for which just these are open. Entries are numbered by a view: in the fine view
each is one, in the coarse view those that do the same are one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import chain

from auditor.filters.address_index import Columns
from auditor.filters.columns import Cells, Row

Key = tuple[int, ...]
Decision = tuple[tuple[Key, int], ...]
"""Sorted, so that equal decisions are equal."""
Decided = Iterable[tuple[Key, int]]
"""A decision in no order."""

_SCANNED = 1 << 16
"""Combinations of columns whose scan is remembered."""


class Scan:
    """The rows that speak of some columns, one after the other."""

    def __init__(self, rows: Sequence[Row], ids: Sequence[int], everything: int) -> None:
        self._rows = rows
        self._ids = ids
        self._all = everything
        self._of_column: dict[int, dict[int, None]] = {}
        for number, row in enumerate(rows):
            for column in row.columns:
                self._of_column.setdefault(column.number, {})[number] = None
        self._known: dict[Columns, Decided] = {}

    def decide(self, held: Columns) -> Decided:
        """The decision at addresses that the columns `held` hold, in no order."""
        own = tuple([column for column in held if column in self._of_column])
        found = self._known.get(own)
        if found is None:
            if len(self._known) >= _SCANNED:
                self._known.clear()
            found = self._known[own] = self._decide(own)
        return found

    def _decide(self, held: Columns) -> Decided:
        done: dict[Key, int] = {}
        left: dict[Key, int] = {(): self._all}
        for number in sorted({number for column in held for number in self._of_column[column]}):
            self._apply(self._rows[number], held, done, left)
            if not left:
                break
        for key, bits in left.items():
            _add(done, (*key, self._ids[-1]), bits)
        return done.items()

    def _apply(self, row: Row, held: Columns, done: dict[Key, int], left: dict[Key, int]) -> None:
        """One match: what it is sure of is done; of the rest, each doubt takes its part and leaves it open."""
        mine = self._ids[row.sure.entry]
        for key, hit in _taken(left, row.sure.services_at(held)):
            _add(done, (*key, mine), hit)
        moved: list[tuple[Key, int]] = []
        for cells in row.doubts:
            mine = self._ids[cells.entry]
            moved += [
                (key if mine in key else (*key, mine), hit)
                for key, hit in _taken(left, cells.services_at(held))
            ]
        for key, bits in moved:
            _add(left, key, bits)


def _taken(left: dict[Key, int], services: int) -> list[tuple[Key, int]]:
    """Take some services away from what is left."""
    if not services:
        return []
    taken = [(key, bits & services) for key, bits in left.items() if bits & services]
    for key, hit in taken:
        rest = left[key] & ~hit
        if rest:
            left[key] = rest
        else:
            del left[key]
    return taken


def _add(table: dict[Key, int], key: Key, bits: int) -> None:
    table[key] = table.get(key, 0) | bits


_Standing = tuple[list[int], list[int], list[tuple[Key, int]]]
"""Places of the standing rows that decide something, what is not matched before each and at last, the outcomes."""

_MANY = 6
"""Rows of one column from which on it stands: it is decided once, and few classes differ in it."""

_STANDING = 32
"""The most columns that stand at first: most often few of them overlap."""

_COMBINED = 1024
"""Combinations of standing columns that are remembered; beyond them, only the columns of most rows stand on."""

_FIRM = 8
"""How many those are: each further one could double the number of combinations."""


class Standing:
    """Few rows against those that stand almost everywhere.

    A column that many rows share (any address, a tag, an IP group) is decided once for all rows on such columns, and
    remembers what is matched before each place in the list. The few rows that an address class has besides are laid
    over that: each takes what neither the standing rows before it nor the earlier ones of its kind have taken. Where
    a doubt lies, the scan answers for its services; it sees few columns there, so its answers are soon known.
    """

    def __init__(self, rows: Sequence[Row], ids: Sequence[int], everything: int) -> None:
        self._rows = rows
        self._ids = ids
        self._all = everything
        # What a row has on one column is an item; its place in the list of rows, its services and its outcome.
        self._places: list[int] = []
        self._services: list[int] = []
        self._outcomes: list[Key] = []
        keys = [(number,) for number in ids]
        of_column: dict[int, list[int]] = {}
        named: dict[int, int] = {}
        self._doubtful: dict[int, int] = {}
        for place, row in enumerate(rows):
            for column in row.sure.columns:
                earlier = named.get(column.number, 0)
                if column.services & ~earlier:
                    # Of what earlier rows name on the same column nothing ever comes to this one.
                    named[column.number] = earlier | column.services
                    of_column.setdefault(column.number, []).append(len(self._places))
                    self._places.append(place)
                    self._services.append(column.services)
                    self._outcomes.append(keys[row.sure.entry])
            for cells in row.doubts:
                for column in cells.columns:
                    self._doubtful[column.number] = self._doubtful.get(column.number, 0) | column.services
        shared = sorted(of_column, key=lambda number: (-len(of_column[number]), number))
        self._heavy = {
            number: of_column.pop(number) for number in shared[:_STANDING] if len(of_column[number]) > _MANY
        }
        self._light = of_column
        self._known: dict[Columns, _Standing] = {}
        self._scans: dict[int, Scan] = {}

    def decide(self, held: Columns) -> Decided:
        """See `Scan.decide`."""
        heavy = tuple([column for column in held if column in self._heavy])
        places, before, standing = self._known.get(heavy) or self._stand(heavy)
        doubtful = 0
        if self._doubtful:
            for column in held:
                if column in self._doubtful:
                    doubtful |= self._doubtful[column]
        left = self._all ^ doubtful
        done: dict[Key, int] = {}
        services_of, place_of, outcome_of = self._services, self._places, self._outcomes
        for item in self._listed(held, self._light):
            hit = services_of[item] & left
            if hit:
                hit &= before[bisect_left(places, place_of[item])]
                if hit:
                    left ^= hit
                    outcome = outcome_of[item]
                    done[outcome] = done.get(outcome, 0) | hit
                    if not left:
                        break
        for outcome, bits in standing:
            hit = bits & left
            if hit:
                done[outcome] = done.get(outcome, 0) | hit
        if doubtful:
            for key, bits in self._scan(doubtful).decide(held):
                _add(done, key, bits)
        return done.items()

    def _stand(self, heavy: Columns) -> _Standing:
        """What the standing rows of some columns do."""
        places: list[int] = []
        before = [self._all]
        left = self._all
        done: dict[Key, int] = {}
        for item in self._listed(heavy, self._heavy):
            hit = self._services[item] & left
            if hit:
                left ^= hit
                places.append(self._places[item])
                before.append(left)
                outcome = self._outcomes[item]
                done[outcome] = done.get(outcome, 0) | hit
        if left:
            last = (self._ids[-1],)
            done[last] = done.get(last, 0) | left
        if len(self._known) >= _COMBINED:
            self._let_go()
        found = self._known[heavy] = (places, before, list(done.items()))
        return found

    def _let_go(self) -> None:
        """Let only the first of the standing columns stand from now on; what was found stays right."""
        self._light |= {number: self._heavy.pop(number) for number in list(self._heavy)[_FIRM:]}
        self._known.clear()

    @staticmethod
    def _listed(columns: Columns, of_column: dict[int, list[int]]) -> list[int]:
        """The items on some columns, in the order of the rows."""
        found = [of_column[column] for column in columns if column in of_column]
        if len(found) == 1:
            return found[0]
        return sorted(chain.from_iterable(found))

    def _scan(self, services: int) -> Scan:
        """A scan for some services alone, of the rows that name them."""
        if services not in self._scans:
            rows = [_narrowed(row, services) for row in self._rows]
            named = [row for row in rows if any(row.columns)]
            self._scans[services] = Scan(named, self._ids, services)
        return self._scans[services]


def _narrowed(row: Row, services: int) -> Row:
    """The row where it names some of the services, for which the scan alone is asked."""
    return Row(
        _narrowed_cells(row.sure, services), tuple(_narrowed_cells(cells, services) for cells in row.doubts)
    )


def _narrowed_cells(cells: Cells, services: int) -> Cells:
    return Cells(cells.entry, tuple(column for column in cells.columns if column.services & services))
