"""What a policy says, in a few lines, with what its author should look at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from auditor.model.finding import Waiver
from auditor.model.reading import Hints
from auditor.model.service_tags import NO_TAGS
from auditor.policy.organisation import Organisation, PolicyRow
from auditor.policy.organisation_sets import RowSets, excepts_all, nothing_admitted, sets_of
from auditor.policy.policy import Policy

_SOON: Final = timedelta(days=30)


def summary(policy: Policy, today: date) -> Iterator[str]:
    """One line on what the policy holds, then one for each thing that needs a look."""
    organisation = policy.organisation or Organisation(file="")
    off = sum(severity is None for severity in organisation.severities.values())
    counts = (
        (len(organisation.require), "required"),
        (len(organisation.allow), "allowed"),
        (len(organisation.forbid), "forbidden"),
        (len(organisation.waivers), "waived"),
        (len(organisation.severities) - off, "with a severity of its own"),
        (off, "off"),
    )
    held = ", ".join(f"{number} {word}" for number, word in counts if number) or "nothing of its own"
    strict = "; strict" if policy.settings.strict else ""
    yield f"{organisation.file}: {policy.edition.edition}; {held}{strict}"
    for waiver in organisation.waivers:
        yield from _waiver(waiver, today)
    for rule, severity in organisation.severities.items():
        if severity is None:
            yield f"{organisation.severity_places[rule]}: {rule} is off; scans tell how much that leaves out"
    for row in organisation.allow:
        yield from (f"{row.place}: {text}" for text in nothing_admitted(row))
    for kind, rows in (("allow", organisation.allow), ("forbid", organisation.forbid)):
        yield from (excepts_all(row, kind) for row in rows if sets_of(row, Hints(), NO_TAGS).empty)
    yield from _contradictions(organisation)


def _waiver(waiver: Waiver, today: date) -> Iterator[str]:
    last = date.fromisoformat(waiver.expires)
    if last < today:
        yield f"{waiver.place}: the waiver of {waiver.rule} ended on {waiver.expires} and waives nothing"
    elif last - today <= _SOON:
        yield f"{waiver.place}: the waiver of {waiver.rule} ends on {waiver.expires}"


def _contradictions(organisation: Organisation) -> Iterator[str]:
    """Rows of which a part is forbidden as well, as far as no list of service tags is needed to see it."""
    forbidden = [(row, sets_of(row, Hints(), NO_TAGS)) for row in organisation.forbid]
    for kind, rows in (("require", organisation.require), ("allow", organisation.allow)):
        for row in rows:
            sets = sets_of(row, Hints(), NO_TAGS)
            if kind == "require":
                # An address is required by the port that carries the protocol.
                sets = replace(sets, traffic=sets.ports)
            for other, taken in forbidden:
                if _may_meet(row, other) and _overlap(sets, taken):
                    where = other.place
                    yield f"{row.place}: {kind} {row.to} is in part forbidden by {where}, which wins"


def _may_meet(one: PolicyRow, other: PolicyRow) -> bool:
    """Whether two rows can speak of the same cluster; patterns that differ are taken to differ."""
    return not one.clusters or not other.clusters or bool(set(one.clusters) & set(other.clusters))


def _overlap(one: RowSets, other: RowSets) -> bool:
    """Whether what one row admits meets what the other forbids."""
    if not one.traffic.isdisjoint(other.ports):
        return True
    return any(
        mine.application == theirs.application
        and not mine.services.isdisjoint(theirs.services)
        and not mine.names.isdisjoint(theirs.names)
        for mine in one.names
        for theirs in other.names
    )
