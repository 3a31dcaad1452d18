"""What became of the findings since the run that this one was compared with, and who accepted which risk."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from auditor.model.finding import Report, Waiver
from auditor.model.history import PastFinding
from auditor.reporters.hop_text import resource_name
from auditor.reporters.terminal_text import safe, safe_name


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRow:
    """A finding of the earlier run."""

    rule: str
    severity: str
    cluster: str
    subject: str
    message: str
    first_seen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesView:
    """New findings are marked where they stand; the others are no findings of this run."""

    run: str
    since: str
    new: int
    persisting: int
    mended: tuple[PastRow, ...]
    not_comparable: tuple[PastRow, ...]


def changes_view(report: Report) -> ChangesView | None:
    """The changes; None when nothing was compared."""
    changes = report.changes
    if changes is None:
        return None
    return ChangesView(
        run=safe_name(changes.run),
        since=safe_name(changes.since),
        new=len(changes.new),
        persisting=len(changes.persisting),
        mended=_rows(changes.mended),
        not_comparable=_rows(changes.not_comparable),
    )


def _rows(found: Iterable[PastFinding]) -> tuple[PastRow, ...]:
    rows = [
        PastRow(
            rule=safe_name(one.rule),
            severity=safe_name(one.severity),
            cluster=safe_name(one.cluster_name or ""),
            subject=safe_name(one.endpoint or (resource_name(one.resource) if one.resource else "")),
            message=safe(one.message),
            first_seen=safe_name(one.first_seen[:10]),
        )
        for one in found
    ]
    return tuple(sorted(rows, key=lambda row: (row.cluster.lower(), row.rule, row.subject, row.message)))


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverRow:
    """A waiver as the policy has it."""

    rule: str
    scope: str
    reason: str
    owner: str
    expires: str
    state: str
    """`in use`, `unused` or `expired`."""
    uses: int
    place: str


def waiver_rows(waivers: Iterable[Waiver]) -> tuple[WaiverRow, ...]:
    """All waivers, those that end first on top."""
    ordered = sorted(waivers, key=lambda one: (one.expires, one.rule, one.scope, one.place.line))
    return tuple(
        WaiverRow(
            rule=safe_name(one.rule),
            scope=safe(", ".join(one.scope)) or "everything",
            reason=safe(one.reason),
            owner=safe_name(one.owner),
            expires=safe_name(one.expires),
            state="expired" if one.expired else "in use" if one.uses else "unused",
            uses=one.uses,
            place=f"{safe(one.place.file)}:{one.place.line}",
        )
        for one in ordered
    )
