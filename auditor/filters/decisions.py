"""What a first-match list decides about one class of addresses, for all services at once (V-4).

A decision is a list of *keys*: the entries that leave an outcome open, in order, then the one that ends the search;
each key with the services, as atoms, for which just these are open. Entries are numbered by a view: in the fine view
each is one, in the coarse view those that do the same are one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from auditor.filters.columns import Cells, Row

Key = tuple[int, ...]
Decision = tuple[tuple[Key, int], ...]

_BLOCK = 48
"""Columns in a block: few enough that most address classes share the decision of most blocks."""


@dataclass(frozen=True, slots=True)
class _Decided:
    """What a run of rows does with all services: what it ends, and what it leaves to the rows behind it."""

    done: tuple[tuple[Key, int], ...]
    open: tuple[tuple[Key, int], ...]


class Scan:
    """The rows scanned in order, in blocks; what a block does is remembered for the columns that it depends on."""

    def __init__(self, rows: Sequence[Row], ids: Sequence[int], everything: int) -> None:
        self._ids = ids
        self._all = everything
        self._blocks = [_Block(block) for block in _in_blocks(rows)]
        self._known: list[dict[int, _Decided]] = [{} for _ in self._blocks]

    def decide(self, held: int) -> Decision:
        """The decision at addresses that the columns `held` hold."""
        done: dict[Key, int] = {}
        left: tuple[tuple[Key, int], ...] = (((), self._all),)
        for block, known in zip(self._blocks, self._known, strict=True):
            own = held & block.mask
            if not own:
                continue
            answer = known.get(own)
            if answer is None:
                answer = known[own] = self._decide_block(block, own)
            left = _joined(left, answer, done)
            if not left:
                break
        for key, bits in left:
            _add(done, (*key, self._ids[-1]), bits)
        return tuple(sorted(done.items()))

    def _decide_block(self, block: _Block, held: int) -> _Decided:
        done: dict[Key, int] = {}
        left: dict[Key, int] = {(): self._all}
        for mask, row in block.rows:
            if mask & held:
                self._apply(row, held, done, left)
                if not left:
                    break
        return _Decided(tuple(done.items()), tuple(left.items()))

    def _apply(self, row: Row, held: int, done: dict[Key, int], left: dict[Key, int]) -> None:
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


class _Block:
    """Neighbouring rows with the columns on which each depends."""

    __slots__ = ("mask", "rows")

    def __init__(self, rows: Iterable[Row]) -> None:
        self.rows = [(_mask_of(row.cells), row) for row in rows]
        self.mask = 0
        for mask, _ in self.rows:
            self.mask |= mask


def _in_blocks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Neighbouring rows in blocks of about `_BLOCK` columns; a row is never split."""
    block: list[Row] = []
    size = 0
    for row in rows:
        block.append(row)
        size += sum(len(cells.columns) for cells in row.cells)
        if size >= _BLOCK:
            yield block
            block, size = [], 0
    if block:
        yield block


def _services_of(row: Row) -> int:
    """Every service that a row names."""
    found = 0
    for cells in row.cells:
        for column in cells.columns:
            found |= column.services
    return found


def _mask_of(cells: Iterable[Cells]) -> int:
    found = 0
    for one in cells:
        for column in one.columns:
            found |= column.bit
    return found


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


def _joined(
    left: tuple[tuple[Key, int], ...], answer: _Decided, done: dict[Key, int]
) -> tuple[tuple[Key, int], ...]:
    """What is open before a block meets what the block does; what it ends goes to `done`."""
    following: dict[Key, int] = {}
    for key, bits in left:
        for ending, taken in answer.done:
            hit = bits & taken
            if hit:
                _add(done, _behind(key, ending), hit)
        for opening, kept in answer.open:
            hit = bits & kept
            if hit:
                _add(following, _behind(key, opening), hit)
    return tuple(following.items())


def _behind(key: Key, more: Key) -> Key:
    """One key behind another; a doubt that is open already adds nothing."""
    return key + tuple(number for number in more if number not in key) if key else more


_Item = tuple[int, int, int]
"""Place of a row, the services that it has on one column, and its outcome."""

_Standing = tuple[list[int], list[int], list[tuple[int, int]]]
"""Places of the standing rows that decide something, what is not matched before each and at last, the outcomes."""

_MANY = 6
"""Rows of one column from which on it stands: it is decided once, and few classes differ in it."""

_STANDING = 8
"""The most columns that stand: each further one could double the number of what is decided in advance."""


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
        self._services = [_services_of(row) for row in rows]
        self._of_column: dict[int, list[_Item]] = {}
        self._doubtful: dict[int, int] = {}
        self._doubt_mask = 0
        for number, row in enumerate(rows):
            outcome = ids[row.sure.entry]
            for column in row.sure.columns:
                self._of_column.setdefault(column.bit, []).append((number, column.services, outcome))
            for cells in row.doubts:
                for column in cells.columns:
                    self._doubtful[column.bit] = self._doubtful.get(column.bit, 0) | column.services
                    self._doubt_mask |= column.bit
        shared = sorted(self._of_column, key=lambda bit: (-len(self._of_column[bit]), bit))
        self._heavy = 0
        for bit in shared[:_STANDING]:
            if len(self._of_column[bit]) > _MANY:
                self._heavy |= bit
        self._light = 0
        for bit in shared:
            self._light |= bit & ~self._heavy
        self._known: dict[int, _Standing] = {}
        self._of_doubts: dict[int, int] = {0: 0}
        self._scans: dict[int, tuple[Scan, int, dict[int, Decision]]] = {}

    def decide(self, held: int) -> Decision:
        """See `Scan.decide`."""
        heavy = held & self._heavy
        places, before, standing = self._known.get(heavy) or self._stand(heavy)
        doubts = held & self._doubt_mask
        doubtful = self._of_doubts.get(doubts)
        if doubtful is None:
            doubtful = self._services_in_doubt(doubts)
        left = self._all ^ doubtful
        done: dict[int, int] = {}
        for number, services, outcome in self._listed(held & self._light):
            hit = services & left
            if hit:
                hit &= before[bisect_left(places, number)]
                if hit:
                    left ^= hit
                    done[outcome] = done.get(outcome, 0) | hit
        for outcome, bits in standing:
            hit = bits & left
            if hit:
                done[outcome] = done.get(outcome, 0) | hit
        found: dict[Key, int] = {(outcome,): bits for outcome, bits in done.items()}
        if doubtful:
            for key, bits in self._scanned(doubtful, held):
                _add(found, key, bits)
        return tuple(sorted(found.items()))

    def _stand(self, heavy: int) -> _Standing:
        """What the standing rows of some columns do."""
        places: list[int] = []
        before = [self._all]
        left = self._all
        done: dict[int, int] = {}
        for number, services, outcome in self._listed(heavy):
            hit = services & left
            if hit:
                left ^= hit
                places.append(number)
                before.append(left)
                done[outcome] = done.get(outcome, 0) | hit
        if left:
            last = self._ids[-1]
            done[last] = done.get(last, 0) | left
        found = self._known[heavy] = (places, before, list(done.items()))
        return found

    def _services_in_doubt(self, columns: int) -> int:
        """The services about which some doubt lies on some columns."""
        found = 0
        for bit in _bits(columns):
            found |= self._doubtful[bit]
        self._of_doubts[columns] = found
        return found

    def _listed(self, columns: int) -> list[_Item]:
        """What the rows have on some columns, in the order of the rows."""
        items: list[_Item] = []
        for bit in _bits(columns):
            items += self._of_column[bit]
        items.sort()
        return items

    def _scanned(self, services: int, held: int) -> Decision:
        """The decision about some services alone, from the rows that name them."""
        if services not in self._scans:
            named = (
                row for row, all_of_it in zip(self._rows, self._services, strict=True) if all_of_it & services
            )
            rows = [_narrowed(row, services) for row in named]
            mask = _mask_of(cells for row in rows for cells in row.cells)
            self._scans[services] = (Scan(rows, self._ids, services), mask, {})
        scan, mask, known = self._scans[services]
        own = held & mask
        if own not in known:
            known[own] = scan.decide(own)
        return known[own]


def _bits(mask: int) -> Iterator[int]:
    """Each bit of a mask, lowest first."""
    while mask:
        low = mask & -mask
        mask ^= low
        yield low


def _narrowed(row: Row, services: int) -> Row:
    """The row where it names some of the services, for which the scan alone is asked."""
    return Row(
        _narrowed_cells(row.sure, services), tuple(_narrowed_cells(cells, services) for cells in row.doubts)
    )


def _narrowed_cells(cells: Cells, services: int) -> Cells:
    return Cells(cells.entry, tuple(column for column in cells.columns if column.services & services))
