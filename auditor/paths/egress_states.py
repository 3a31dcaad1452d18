"""Three-valued egress of two sides, and every way in which a part of it can go from one value to another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol, Self, TypeVar

from auditor.model.verdict import Outcome
from auditor.netset import Traffic


@dataclass(frozen=True, slots=True)
class State:
    """What leaves for sure and what is unknown, under one reading; all else is blocked."""

    must: Traffic = Traffic.EMPTY
    unknown: Traffic = Traffic.EMPTY

    @classmethod
    def joined(cls, states: Iterable[State]) -> State:
        """What leaves from any of several senders."""
        every = list(states)
        must = Traffic.union_all(state.must for state in every)
        return cls(must, Traffic.union_all(state.unknown for state in every) - must)

    def of(self, outcome: Outcome) -> Traffic:
        """What leaves for sure, or what is unknown."""
        return self.must if outcome is Outcome.ALLOWED else self.unknown

    def __or__(self, other: State) -> State:
        return State.joined((self, other))


Step = tuple[Outcome, Outcome]
"""From which value to which."""

_A, _B, _U = Outcome.ALLOWED, Outcome.BLOCKED, Outcome.UNKNOWN
MORE: Step = (_B, _A)
LESS: Step = (_A, _B)
TO_NEW: tuple[Step, ...] = (MORE, (_U, _A), (_B, _U))
"""The steps by which something may leave that did not for sure."""
TO_OLD: tuple[Step, ...] = (LESS, (_A, _U), (_U, _B))
STEPS: tuple[Step, ...] = (*TO_NEW, *TO_OLD)
STILL_UNKNOWN: Step = (_U, _U)
"""No step that counts, unless what leaves it open differs."""


def steps(old: State, new: State) -> Mapping[Step, Traffic]:
    """The disjoint parts that change their value; together with what keeps it they are all traffic."""
    if old == new:
        return dict.fromkeys(STEPS, Traffic.EMPTY)
    before, after = old.must | old.unknown, new.must | new.unknown
    return {
        MORE: new.must - before,
        (_U, _A): old.unknown & new.must,
        (_B, _U): new.unknown - before,
        LESS: old.must - after,
        (_A, _U): old.must & new.unknown,
        (_U, _B): old.unknown - after,
    }


class _Set(Protocol):
    def __and__(self, other: Self) -> Self: ...
    def __sub__(self, other: Self) -> Self: ...
    def __bool__(self) -> bool: ...
    def __hash__(self) -> int: ...


S = TypeVar("S", bound=_Set)


def refined(*families: Iterable[S]) -> list[S]:
    """The coarsest disjoint sets of which every set of some families is a union; families are disjoint themselves."""
    lists = [[one for one in family if one] for family in families]
    counted: dict[S, int] = {}
    for family in lists:
        for one in dict.fromkeys(family):
            counted[one] = counted.get(one, 0) + 1
    # What stands in every family cannot be cut by any of them.
    alike = [one for one, count in counted.items() if count == len(lists)]
    pieces: list[S] = []
    for cut, count in counted.items():
        if count == len(lists):
            continue
        rest = cut
        found: list[S] = []
        for piece in pieces:
            inside = piece & cut
            if inside:
                found += [part for part in (inside, piece - cut) if part]
                rest = rest - piece
            else:
                found.append(piece)
        pieces = [*found, rest] if rest else found
    return [*alike, *pieces]
