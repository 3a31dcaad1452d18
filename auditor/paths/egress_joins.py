"""Records about what senders send, joined where one statement says the same: exact before, exact after.

A record means each of its sources, from each of its pools, with all of its traffic by all of its names. Two records
may be one only where they differ in one of these; joined in two at once, they would claim what nobody sends.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from auditor.model.egress import Bypass, Excess, Sent, Undetermined
from auditor.model.reading import ASSUMABLE
from auditor.netset import AddressSet, NameSet, Traffic

AnySent = TypeVar("AnySent", bound=Sent)


@dataclass(frozen=True, slots=True)
class Joins(Generic[AnySent]):
    """Ways to join records of one kind: each unites one thing and leaves alone what differs in another."""

    label: Callable[[AnySent], Hashable]
    """What records must have in common to be told as one."""
    first: Callable[[Sequence[AnySent]], AnySent] = lambda group: group[0]
    """The record that speaks for several, with what it takes over from the others."""

    def by_traffic(self, parts: Iterable[AnySent]) -> list[AnySent]:
        """Unite the traffic of records with the same senders and names."""
        return self._merged(
            parts,
            lambda one: (one.asked_from, one.sources, one.names),
            lambda one, others: replace(one, traffic=Traffic.union_all(item.traffic for item in others)),
        )

    def by_names(self, parts: Iterable[AnySent]) -> list[AnySent]:
        """Unite the names of records with the same senders and traffic; addresses stay addresses."""
        return self._merged(
            parts,
            lambda one: (one.asked_from, one.sources, one.traffic, one.names is None),
            lambda one, others: replace(one, names=_names(others)),
        )

    def by_senders(self, parts: Iterable[AnySent]) -> list[AnySent]:
        """Unite the sources of records with the same pools, traffic and names, then the pools of those alike."""
        by_source = self._merged(
            parts,
            # A subnet that was not read has no sources to unite.
            lambda one: (one.asked_from, bool(one.sources), one.traffic, one.names),
            lambda one, others: replace(one, sources=AddressSet.union_all(item.sources for item in others)),
        )
        return self._merged(
            by_source,
            lambda one: (one.sources, one.traffic, one.names),
            lambda one, others: replace(
                one, asked_from=tuple(dict.fromkeys(origin for item in others for origin in item.asked_from))
            ),
        )

    def all(self, parts: Iterable[AnySent]) -> list[AnySent]:
        """Few records that together are exactly the given ones."""
        return self.by_senders(self.by_traffic(self.by_names(parts)))

    def _merged(
        self,
        parts: Iterable[AnySent],
        key: Callable[[AnySent], Hashable],
        join: Callable[[AnySent, Sequence[AnySent]], AnySent],
    ) -> list[AnySent]:
        groups: dict[Hashable, list[AnySent]] = {}
        for one in parts:
            groups.setdefault((self.label(one), key(one)), []).append(one)
        return [group[0] if len(group) == 1 else join(self.first(group), group) for group in groups.values()]


def joined(parts: Iterable[Excess]) -> list[Excess]:
    """Parts of what rules let out, by subnet and responsible rule; the first of several gives the witness."""
    return Joins(_rule, _excess).all(parts)


def joined_bypasses(parts: Iterable[Bypass]) -> list[Bypass]:
    """Parts of what leaves beside a device, by subnet and what leads past it."""
    return Joins(_way, _bypass).all(parts)


def joined_causes(parts: Iterable[Undetermined]) -> list[Undetermined]:
    """Parts of what may leave, by subnet and what leaves it open, in the order of the causes."""
    return sorted(Joins(_cause).all(parts), key=lambda one: one.cause)


def _rule(one: Excess) -> Hashable:
    return one.asked_from[0].subnet, one.kind, one.rule, one.application


def _way(one: Bypass) -> Hashable:
    return one.asked_from[0].subnet, one.rule


def _cause(one: Undetermined) -> Hashable:
    return one.asked_from[0].subnet, one.cause, one.application


def _excess(group: Sequence[Excess]) -> Excess:
    return replace(
        group[0],
        literal=all(one.literal for one in group),
        assumptions=_in_order(one.assumptions for one in group),
    )


def _bypass(group: Sequence[Bypass]) -> Bypass:
    return replace(group[0], assumptions=_in_order(one.assumptions for one in group))


def _in_order(codes: Iterable[Iterable[str]]) -> tuple[str, ...]:
    used = {code for one in codes for code in one}
    return tuple(code for code in ASSUMABLE if code in used)


def _names(group: Sequence[Sent]) -> NameSet | None:
    names = [one.names for one in group if one.names is not None]
    return NameSet.union_all(names) if names else None
