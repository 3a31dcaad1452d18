"""Rules of a first-match list that decide nothing, or nothing that would not be decided alike without them.

The list is plain: entries made of boxes over any dimensions, no topology and no Azure. A box may hang on doubts:
facts about which nobody knows whether they hold for a packet, such as whether an unread service tag holds its
destination. The answers hold for every way in which the doubts may turn out: a box matches when all of its doubts
do, the same doubt turns out alike in every box that names it, and different doubts turn out independently.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from auditor.filters.effort import Effort, SpentError
from auditor.filters.line_classes import ones
from auditor.filters.packet_classes import Packet, PacketClasses, Sides

Doubts = frozenset[Hashable]
SURE: Doubts = frozenset()
_CELLS = 1 << 21
"""The most kinds of packets of one box that are looked at all together."""


@dataclass(frozen=True, slots=True)
class Box:
    """Every packet whose coordinates lie in the sides, if all doubts turn out true."""

    sides: Sides
    doubts: Doubts = SURE


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One rule of the list: what it may match, and what it does with it."""

    order: int
    """Its place. Entries come in ascending order; nobody knows which of two with equal numbers is asked first."""
    effect: Hashable
    boxes: tuple[Box, ...]
    judged: bool = True
    """Whether it may be called dead: the built-in rules at the end of a list cannot be removed."""


class Death(StrEnum):
    """Why a rule may go."""

    UNMATCHABLE = "unmatchable"
    SHADOWED = "shadowed"
    REDUNDANT = "redundant"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadRule:
    """One entry that may be removed, alone or with any others that are reported, without changing an answer."""

    index: int
    """Its place in the list that was asked about."""
    death: Death
    by: tuple[int, ...] = ()
    """Shadowed: entries before it that take all it matches, none of which could be left out. Redundant: entries
    after it that would do the same with all it decides; none where nothing after it does anything else."""
    contrary: int | None = None
    """One of `by` that surely does something else with a packet that a shadowed rule matches."""
    witness: Packet | None = None
    """That packet."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What is known of the entries of a list."""

    dead: list[DeadRule]
    """In the order of the list."""
    left: int
    """Judged entries of which it is not known whether they are dead, for the effort ended before."""


def dead_rules(entries: Sequence[Entry]) -> list[DeadRule]:
    """Every judged entry that decides nothing or could go unnoticed, in the order of the list; see `judged_rules`."""
    return judged_rules(entries).dead


def judged_rules(entries: Sequence[Entry], most: int | None = None) -> Judged:
    """The judged entries that decide nothing or could go unnoticed, as far as `most` steps of effort lead.

    The last entries must take every packet that there is: a list says something about all of them.
    A rule is redundant only by rules that stay: of two that could stand in for each other, one is reported. But
    it is not redundant as long as a rule that stands in its shadow, and would do otherwise, is there.
    """
    return _Analysis(entries, Effort(most)).judged()


class _Analysis:
    """The list with its boxes numbered in order: the lowest bit of a mask belongs to the rule that is asked first."""

    def __init__(self, entries: Sequence[Entry], effort: Effort) -> None:
        self._entries = entries
        boxes = [(number, box) for number, entry in enumerate(entries) for box in entry.boxes]
        self._owner = [number for number, _ in boxes]
        self._doubts = [box.doubts for _, box in boxes]
        self._classes = PacketClasses([box.sides for _, box in boxes], effort)
        self._own: list[range] = []
        start = 0
        for entry in entries:
            self._own.append(range(start, start + len(entry.boxes)))
            start += len(entry.boxes)
        self._before, self._after, self._rivals = self._places()
        self._ordered = (1 << len(boxes)) - 1
        for number, rivals in enumerate(self._rivals):
            if rivals:
                self._ordered &= ~self._mask(number)
        self._with_doubts: dict[Doubts, int] = {}
        for number, (_, box) in enumerate(boxes):
            self._with_doubts[box.doubts] = self._with_doubts.get(box.doubts, 0) | 1 << number
        self._trusted: dict[Doubts, int] = {}
        self._of_effect: dict[Hashable, int] = {}
        for number, entry in enumerate(entries):
            self._of_effect[entry.effect] = self._of_effect.get(entry.effect, 0) | self._mask(number)
        self._kept = (1 << len(boxes)) - 1

    def _places(self) -> tuple[list[int], list[int], list[int]]:
        """For each entry: what surely comes before it, what may come after it, and what it shares its place with.

        The last is empty where all of one place do the same, for then it does not matter which of them decides.
        """
        groups: dict[int, list[int]] = {}
        for number, entry in enumerate(self._entries):
            groups.setdefault(entry.order, []).append(number)
        count, total = len(self._entries), len(self._owner)
        before, after, rivals = [0] * count, [0] * count, [0] * count
        for members in groups.values():
            start = self._own[members[0]].start
            disagree = len({self._entries[number].effect for number in members}) > 1
            together = self._union(members)
            for number in members:
                before[number] = (1 << start) - 1
                after[number] = (1 << total) - (1 << start) & ~self._mask(number)
                rivals[number] = together & ~self._mask(number) if disagree else 0
        return before, after, rivals

    def _mask(self, number: int) -> int:
        own = self._own[number]
        return (1 << own.stop) - (1 << own.start)

    def _trust(self, doubts: Doubts) -> int:
        """The boxes that surely match wherever these doubts turn out true."""
        if doubts not in self._trusted:
            found = 0
            for needed, mask in self._with_doubts.items():
                if needed <= doubts:
                    found |= mask
            self._trusted[doubts] = found
        return self._trusted[doubts]

    def judged(self) -> Judged:
        """See `judged_rules`."""
        dead: dict[int, DeadRule] = {}
        open_ones = {number for number, entry in enumerate(self._entries) if entry.judged}
        try:
            for number in sorted(open_ones):
                self._judge_before(number, dead)
            for number in sorted(open_ones - dead.keys(), reverse=True):
                self._judge_after(number, dead)
                open_ones.discard(number)
        except SpentError:
            pass
        return Judged([dead[number] for number in sorted(dead)], len(open_ones - dead.keys()))

    def _judge_before(self, number: int, dead: dict[int, DeadRule]) -> None:
        """Whether an entry matches nothing, or nothing that those before it leave."""
        if not self._entries[number].boxes:
            dead[number] = DeadRule(index=number, death=Death.UNMATCHABLE)
        elif self._is_covered(number, self._before[number] & self._kept):
            # What stands in a shadow casts none of its own, so the covers are rules that decide something.
            dead[number] = self._shadowed(number, self._kept)
            self._kept &= ~self._mask(number)

    def _judge_after(self, number: int, dead: dict[int, DeadRule]) -> None:
        """Whether those behind an entry would do the same without it."""
        if self._is_redundant(number, self._kept):
            dead[number] = DeadRule(
                index=number, death=Death.REDUNDANT, by=self._stand_ins(number, self._kept)
            )
            self._kept &= ~self._mask(number)

    # -- shadowed --------------------------------------------------------------------------------------

    def _is_covered(self, number: int, cover: int) -> bool:
        """Whether boxes take all that an entry matches, however the doubts turn out."""
        return all(
            self._classes.covers_common(cover & self._trust(self._doubts[box]), box, box)
            for box in self._own[number]
        )

    def _shadowed(self, number: int, alive: int) -> DeadRule:
        effect = self._entries[number].effect
        cover = self._before[number] & alive
        by = self._cover_at_once(number, cover)
        if by is None:
            found = [one for one in self._candidates(number, cover) if self._decides(one, number, cover)]
            by = _smallest(
                self._by_preference(found, effect),
                lambda chosen: self._is_covered(number, cover & self._union(chosen)),
            )
        for other in sorted(by):
            witness = self._surely_decided(other, number) if self._entries[other].effect != effect else None
            if witness is not None:
                return DeadRule(
                    index=number,
                    death=Death.SHADOWED,
                    by=tuple(sorted(by)),
                    contrary=other,
                    witness=witness,
                )
        return DeadRule(index=number, death=Death.SHADOWED, by=tuple(sorted(by)))

    def _by_preference(self, entries: Iterable[int], effect: Hashable) -> list[int]:
        """Entries of another effect first: that a rule is in vain is worse than that it is superfluous."""
        return sorted(entries, key=lambda one: (self._entries[one].effect == effect, one))

    def _cover_at_once(self, number: int, cover: int) -> list[int] | None:
        """Entries that decide about an entry and cover it, none of which can be left out; None if that is too much.

        The packets of the entry are sorted by the boxes that hold them. The first of these boxes decides about a
        packet; of the deciding entries so many are kept that every packet has one.
        """
        held: list[tuple[list[int], set[int]]] = []
        deciding: set[int] = set()
        for box in self._own[number]:
            found = self._classes.holders(box, cover & self._trust(self._doubts[box]), _CELLS)
            if found is None:
                return None
            owners = [self._owner[other] for other in found[0]]
            held.append((owners, found[1]))
            deciding.update(owners[(mask & -mask).bit_length() - 1] for mask in found[1])
        preferred = self._by_preference(deciding, self._entries[number].effect)
        bits = {one: 1 << place for place, one in enumerate(preferred)}
        packets: set[int] = set()
        for owners, masks in held:
            of_box = [bits.get(one, 0) for one in owners]
            known = sum(1 << place for place, bit in enumerate(of_box) if bit)
            for mask in {mask & known for mask in masks}:
                choice = 0
                for place in ones(mask):
                    choice |= of_box[place]
                packets.add(choice)
        return [preferred[place] for place in _hitting(packets, len(preferred))]

    def _candidates(self, number: int, among: int) -> list[int]:
        """The entries of some boxes that meet an entry; of each box none behind the first that surely holds it."""
        near = 0
        for box in self._own[number]:
            found = among & self._classes.touching(box)
            around = among & self._trust(self._doubts[box]) & self._classes.around(box)
            near |= found & ((around & -around) * 2 - 1) if around else found
        return sorted({self._owner[box] for box in ones(near)})

    def _decides(self, other: int, number: int, cover: int) -> bool:
        """Whether an earlier entry is the first of the cover to take some packet of an entry."""
        earlier = cover & ((1 << self._own[other].start) - 1)
        return any(
            not self._classes.covers_common(earlier & self._trust(self._doubts[box]), box, theirs)
            for box in self._own[number]
            for theirs in self._own[other]
            if self._trust(self._doubts[box]) >> theirs & 1
        )

    def _surely_decided(self, other: int, number: int) -> Packet | None:
        """A packet of an entry that an earlier one decides, and that no rule before that one could match."""
        earlier = self._before[other] | self._rivals[other]
        for box in self._own[number]:
            for theirs in self._own[other]:
                if self._trust(self._doubts[box]) >> theirs & 1:
                    witness = self._classes.common_outside(box, theirs, earlier)
                    if witness is not None:
                        return witness
        return None

    # -- redundant -------------------------------------------------------------------------------------

    def _is_redundant(self, number: int, standing_in: int) -> bool:
        """Whether all that an entry decides would be decided alike by those that stand in for it.

        It is not if some later box of another effect can be the first to take a packet that the entry decides.
        The doubts of both are then true; a doubt that neither needs is false, which leaves the fewest others.
        """
        same = self._of_effect[self._entries[number].effect]
        standing_in &= same & self._after[number] & self._ordered
        for box in self._own[number]:
            doubts = self._doubts[box]
            opposed = self._after[number] & ~same & self._classes.touching(box)
            whole = standing_in & self._trust(doubts) & self._classes.around(box)
            if whole:
                opposed &= (whole & -whole) - 1
            while opposed:
                # The broadest rules stand at the end of a list and are the likeliest to differ.
                other = opposed.bit_length() - 1
                opposed ^= 1 << other
                taken = self._before[number] | (standing_in & ((1 << other) - 1))
                taken &= self._trust(doubts | self._doubts[other])
                if not self._classes.covers_common(taken, box, other):
                    return False
        return True

    def _stand_ins(self, number: int, kept: int) -> tuple[int, ...]:
        later = kept & self._after[number] & self._of_effect[self._entries[number].effect] & self._ordered
        return tuple(
            sorted(
                _smallest(
                    self._candidates(number, later),
                    lambda chosen: self._is_redundant(number, kept & self._union(chosen)),
                )
            )
        )

    def _union(self, numbers: Sequence[int]) -> int:
        found = 0
        for number in numbers:
            found |= self._mask(number)
        return found


def _hitting(sets: set[int], count: int) -> list[int]:
    """Places of bits of which every set has one, none of which can be left out; lower ones are preferred."""
    chosen: list[int] = []
    for place in reversed(range(count)):
        bit = 1 << place
        if bit in sets:
            # A set has no other bit that is still there.
            chosen.append(place)
            sets = {one for one in sets if not one & bit}
        else:
            sets = {one & ~bit for one in sets}
    return chosen


def _smallest(items: list[int], enough: Callable[[Sequence[int]], bool]) -> list[int]:
    """Items that are enough, none of which can be left out; the first ones are preferred.

    `enough` must hold for all items and stay true when items are added. Halving finds few among many.
    """
    if enough(()):
        return []

    def needed(given: list[int], added: bool, among: list[int]) -> list[int]:
        if added and enough(given):
            return []
        if len(among) == 1:
            return among
        half = len(among) // 2
        first, second = among[:half], among[half:]
        from_second = needed([*given, *first], True, second)
        return [*needed([*given, *from_second], bool(from_second), first), *from_second]

    return needed([], False, items)
