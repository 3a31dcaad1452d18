"""A first-match list compiled once for all destinations and services, and looked up for each question (V-4).

The list is cut into columns: each address set of a match, or of one of its doubts, is one. An index tells for each
address which columns hold it; the list then decides once for each class of addresses, with services as integers.

The same machinery serves two views. The fine view tells entries apart. The coarse view tells apart only what they do:
it answers what leaves, not which rule decides, and stays small however long the list is.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import replace

from auditor.filters.address_index import Columns
from auditor.filters.columns import ColumnIndex, Entry, Row
from auditor.filters.decisions import Decided, Decision, Key, Standing
from auditor.filters.parts import NEVER, NO_CODES, Match, Option, Options, Part, merge, with_option
from auditor.model.verdict import Effect, Hop
from auditor.netset import ServiceSet, Traffic
from auditor.netset.service import ANY
from auditor.netset.service_steps import Run, Runs

_WIDE = 64
"""Address classes from which on it pays to leave out the rows that a question's services never meet."""
_LONG = 256
"""Rows from which on it pays for any question: few of so many rules speak of one service."""
_VIEWS = 64
"""Narrow views that are kept; fewer of lists that tell so many address classes apart that a view is large itself."""
_CLASSES = 1 << 21
"""Address classes that the narrow views have altogether."""
_KEPT = 1 << 19
"""Keys in the decisions that a view remembers. At Azure's limits each of half a million classes has ten of its own."""
_SHARES = 1 << 16
"""Shares, and combinations of columns, that are remembered: neighbours are decided alike, the rest seldom returns."""

_Add = Callable[[int, int, ServiceSet], None]
_Laid = dict[Key, tuple[Runs, Runs]]
_Shares = dict[tuple[int, ServiceSet], tuple[Decision, list[tuple[_Add, ServiceSet]]]]
"""What each key gets of some services, and where it is laid; with the decision, lest its place in memory is reused."""


class RuleList:
    """Matches in order with a default behind them; immutable, and equal questions have equal answers."""

    def __init__(
        self,
        matches: Iterable[Match],
        default: Option,
        shared: ColumnIndex | None = None,
        *,
        only_outcomes: bool = False,
    ) -> None:
        """`shared` is an index of these matches, and perhaps of more; one that lacks some is not used.

        With `only_outcomes`, a coarse answer tells no clauses and no targets apart.
        """
        listed = list(matches)
        self._default = default
        self._plainly = _outcome_only if only_outcomes else nameless
        self._index = shared if shared is not None else ColumnIndex(listed)
        try:
            self._rows, self._entries = self._index.rows(listed)
        except KeyError:
            # Two rules that contest each other's place cut address sets of their own.
            self._index = ColumnIndex(listed)
            self._rows, self._entries = self._index.rows(listed)
        self._views: dict[tuple[bool, ServiceSet], _View] = {}

    def parts(self, traffic: Traffic, *, coarse: bool = False) -> list[Part]:
        """Partition of `traffic` by what the first entry that matches does, keeping what doubts leave open.

        With `coarse`, hops name no rule and parts that are treated alike are one.
        """
        if not self._rows:
            # Nothing is told apart, so nothing is laid out: a firewall's raw traffic meets no application rule.
            default = self._plainly(self._default) if coarse else self._default
            return [Part(traffic, (default,))] if traffic else []
        scope = traffic.services
        if coarse or not (len(self._rows) > _LONG or self._is_wide(traffic)):
            # What leaves is asked for all services first, and then for those of names: one view serves both.
            scope = ANY
        return self._view(coarse, scope).parts(traffic)

    def _is_wide(self, traffic: Traffic) -> bool:
        spanned = 0
        for version in (4, 6):
            cuts, _ = self._index.addresses.spans(version)
            for low, end, _ in traffic.runs(version):
                spanned += bisect_left(cuts, end) - bisect_right(cuts, low) + 1
                if spanned > _WIDE:
                    return True
        return False

    def _view(self, coarse: bool, scope: ServiceSet) -> _View:
        key = (coarse, scope)
        if key not in self._views:
            self._make_room()
            rows: Sequence[Row] = self._rows
            if scope is not ANY:
                touched = self._index.atoms.touched(scope)
                rows = [row for row in rows if any(column.services & touched for column in row.columns)]
            plainly = self._plainly if coarse else None
            self._views[key] = _View(self._index, rows, self._entries, self._default, plainly)
        return self._views[key]

    def _make_room(self) -> None:
        """Let go of the oldest narrow view where one more would be too many."""
        narrow = [key for key in self._views if key[1] is not ANY]
        if len(narrow) >= max(2, min(_VIEWS, _CLASSES // len(self._index.addresses.held))):
            del self._views[narrow[0]]


class _View:
    """A list as seen with all entries apart, or with those apart that do different things."""

    def __init__(
        self,
        index: ColumnIndex,
        rows: Sequence[Row],
        entries: Sequence[Entry],
        default: Option,
        plainly: Callable[[Option], Option] | None,
    ) -> None:
        """`plainly` makes the view coarse: it leaves of an option what is to be told apart."""
        self._index = index
        self._entries = entries
        self._default = default
        self._plainly = plainly
        ids = range(len(entries)) if plainly is None else _alike(entries)
        self._way = Standing(rows, ids, index.atoms.all)
        mine = {column.number for row in rows for column in row.columns}
        self._mine = mine if len(mine) < index.size else None
        self._of_columns: dict[Columns, Decision] = {}
        self._of_class: list[Decision | None] = [None] * len(index.addresses.held)
        self._known: dict[Decision, Decision] = {}
        self._weight = 0
        self._options: dict[Key, Options] = {}
        self._first: dict[Options, Key] = {}
        self._key_of: dict[Key, Key] = {}

    # -- questions -------------------------------------------------------------------------------------

    def parts(self, traffic: Traffic) -> list[Part]:
        """See `RuleList.parts`."""
        runs: _Laid = {}
        for place, version in enumerate((4, 6)):
            shares: _Shares = {}
            for run in traffic.runs(version):
                self._look_up(run, version, shares, runs, place)
        if self._plainly is None:
            keys = sorted(runs, key=lambda key: (key[-1], key[:-1]))
            return merge([Part(Traffic.from_runs(*runs[key]), self._options_of(key)) for key in keys])
        # Which key stands for an outcome depends on what was asked before, so the order may not depend on it.
        keys = sorted(runs, key=lambda key: _lowest(*runs[key]))
        return [Part(Traffic.from_runs(*runs[key]), self._options_of(key)) for key in keys]

    def _look_up(self, run: Run, version: int, shares: _Shares, runs: _Laid, place: int) -> None:
        low, end, services = run
        cuts, classes = self._index.addresses.spans(version)
        known = self._of_class
        at = bisect_right(cuts, low) - 1
        last = bisect_left(cuts, end)
        current = self._decided(classes[at])
        while low < end:
            at += 1
            # Neighbouring classes are often decided alike; equal decisions are one object. This runs for each cut of
            # the index, so it does not call anything for a class that is known.
            while at < last:
                number = classes[at]
                if (known[number] or self._decided(number)) is not current:
                    break
                at += 1
            stop = cuts[at] if at < last else end
            share = shares.get((id(current), services))
            if share is None:
                if len(shares) >= _SHARES or self._weight > _KEPT:
                    shares.clear()
                    self._forget()
                laid: list[tuple[_Add, ServiceSet]] = [
                    (runs.setdefault(key, (Runs(), Runs()))[place].add, taken)
                    for key, taken in self._share(current, services)
                ]
                share = shares[id(current), services] = (current, laid)
            for add, taken in share[1]:
                add(low, stop, taken)
            low = stop
            if at < last:
                current = known[classes[at]] or self._decided(classes[at])

    def _share(self, decided: Decision, services: ServiceSet) -> list[tuple[Key, ServiceSet]]:
        """What each key gets of some services."""
        atoms = self._index.atoms
        if services is ANY:
            return [(key, atoms.services(bits)) for key, bits in decided]
        wanted = atoms.touched(services)
        found = [(key, atoms.services(bits) & services) for key, bits in decided if bits & wanted]
        return [(key, taken) for key, taken in found if taken]

    def _decided(self, number: int) -> Decision:
        """What becomes of each service in a class of addresses."""
        found = self._of_class[number]
        if found is None:
            held = self._index.addresses.held[number]
            if self._mine is None:
                found = self._decide(held)
            else:
                # Other lists of the index may tell more classes apart.
                held = tuple([column for column in held if column in self._mine])
                found = self._of_columns.get(held)
                if found is None:
                    if len(self._of_columns) >= _SHARES:
                        self._of_columns.clear()
                    found = self._of_columns[held] = self._decide(held)
            self._of_class[number] = found
        return found

    def _decide(self, held: Columns) -> Decision:
        decided = tuple(sorted(self._way.decide(held)))
        found = self._known.get(decided)
        if found is None:
            # Joining once more changes nothing, so what is joined and what is not can be keys of one table.
            joined = decided if self._plainly is None else tuple(sorted(self._joined(decided)))
            found = self._known[decided] = self._known.setdefault(joined, joined)
            self._weight += len(decided)
        return found

    def _forget(self) -> None:
        """Forget decisions where they are too many to keep; they are made again when they are asked for."""
        if self._weight > _KEPT:
            # In place, for a question that is under way looks at this list.
            self._of_class[:] = [None] * len(self._of_class)
            self._of_columns.clear()
            self._known.clear()
            self._weight = 0

    def _joined(self, decision: Decided) -> Decided:
        """The decision with one key for each outcome that is told apart: fewer are laid out."""
        found: dict[Key, int] = {}
        for key, bits in decision:
            first = self._key_of.get(key)
            if first is None:
                first = self._key_of[key] = self._first.setdefault(self._options_of(key), key)
            found[first] = found.get(first, 0) | bits
        return found.items()

    # -- options ---------------------------------------------------------------------------------------

    def _options_of(self, key: Key) -> Options:
        found = self._options.get(key)
        if found is None:
            found = self._replayed(key)
            found = self._options[key] = found if self._plainly is None else tuple(map(self._plainly, found))
        return found

    def _replayed(self, key: Key) -> Options:
        """The options that scanning the entries of a key leaves open, in order."""
        options: Options = ()
        carry, codes = NEVER, NO_CODES
        for number in key:
            entry = self._entries[number]
            match, doubt = entry.match, entry.doubt
            if match is None:
                default = self._default
                last = replace(default, unless=default.unless | carry, codes=default.codes | codes)
                return with_option(options, last)
            ruled_out = carry
            if doubt is not None:
                codes = codes | doubt.codes
                if doubt.assumed is False:
                    ruled_out = carry | {doubt.codes}
                elif doubt.assumed is True:
                    carry = carry | {doubt.codes}
            options = with_option(options, _option(match, ruled_out, codes))
        return options


def _lowest(v4: Runs, v6: Runs) -> tuple[int, int, int]:
    """Family, lowest address and lowest service there: no two parts of a partition have the same."""
    version, (low, services) = (4, v4.first) if v4 else (6, v6.first)
    return version, low, services.points.minimum


def _option(match: Match, unless: frozenset[frozenset[str]], codes: frozenset[str]) -> Option:
    return Option(
        hop=match.hop, unless=unless, codes=codes, literal=match.literal, target=match.target, kind=match.kind
    )


def _alike(entries: Sequence[Entry]) -> list[int]:
    """For each entry the first that does the same, whatever rule it belongs to."""
    first: dict[object, int] = {}
    found: list[int] = []
    for number, entry in enumerate(entries):
        consequence: object = number
        if entry.match is not None:
            does = _does(entry.match)
            consequence = (does, entry.doubt.codes, entry.doubt.assumed) if entry.doubt is not None else does
        found.append(first.setdefault(consequence, number))
    return found


def _does(match: Match) -> Hashable:
    """What a match does, whatever rule it belongs to."""
    codes = match.hop.codes if match.hop.outcome is Effect.UNKNOWN else ()
    return (match.hop.stage, match.hop.outcome, match.hop.clause, match.target, match.kind, codes)


def effects_of(matches: Iterable[Match]) -> Hashable:
    """What a first-match list does: lists with equal values do the same to all traffic."""
    # A match that repeats an earlier one finds nothing left.
    return tuple(dict.fromkeys((_does(match), match.sure, match.doubts) for match in matches))


def nameless(option: Option) -> Option:
    """An option without the rule that gives it; the clause stays, for it tells default rules from others (NSG-17)."""
    hop = option.hop
    codes = hop.codes if hop.outcome is Effect.UNKNOWN else ()
    plain = Hop(
        stage=hop.stage,
        resource=None,
        rule=None,
        priority=None,
        outcome=hop.outcome,
        clause=hop.clause,
        codes=codes,
    )
    return replace(option, hop=plain, literal=None)


def _outcome_only(option: Option) -> Option:
    """An option without the rule that gives it, its clause and its target."""
    plain = nameless(option)
    return replace(plain, hop=replace(plain.hop, clause="V-4"), target=None)
