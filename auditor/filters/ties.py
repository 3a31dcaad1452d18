"""Rules of one priority that disagree: nobody knows which of them comes first (NSG-5, NSG-31)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from auditor.filters.parts import Match, contested
from auditor.model.security_group import SecurityRule
from auditor.netset import Traffic

_Entry = tuple[SecurityRule, Match]


def untied(listed: Iterable[_Entry], code: str) -> Iterator[_Entry]:
    """The entries in their order; one that may come behind another of its priority matches but perhaps (`code`)."""
    entries = list(listed)
    ties = _ties(entries)
    for rule, match in entries:
        yield rule, _untied(rule, match, ties.get(rule.priority, ()), code)


def _ties(entries: Sequence[_Entry]) -> dict[int, list[_Entry]]:
    """Entries of different rules with one priority that disagree, by that priority."""
    found: dict[int, list[_Entry]] = {}
    for rule, match in entries:
        found.setdefault(rule.priority, []).append((rule, match))
    return {
        priority: equal for priority, equal in found.items() if len({rule.access for rule, _ in equal}) > 1
    }


def _untied(rule: SecurityRule, match: Match, equal: Sequence[_Entry], code: str) -> Match:
    """The entry, in doubt wherever a later one of its priority says otherwise.

    Rules of several collections may share a name, so the rules themselves are told apart.
    """
    place = next((number for number, (_, other) in enumerate(equal) if other is match), len(equal))
    later = [
        other_match
        for other, other_match in equal[place + 1 :]
        if other is not rule and other.access != rule.access and not (rule.default and other.default)
    ]
    if not later:
        return match
    rivals = Traffic.union_all(
        [item.sure for item in later] + [doubt.traffic for item in later for doubt in item.doubts]
    )
    return contested(match, rivals, frozenset({code})) or match
