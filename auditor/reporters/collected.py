"""When the snapshot was taken, for formats that want a time; no clock is asked."""

from __future__ import annotations

from datetime import UTC, datetime

from auditor.model.finding import Report


def collected_at(report: Report) -> datetime | None:
    """The time that the report names, in UTC; None where it names none or what it names is no time."""
    return utc(report.collected)


def utc(text: str | None) -> datetime | None:
    """A time in ISO 8601 as UTC, which also counts where no zone is named; None for anything else."""
    try:
        time = datetime.fromisoformat(text or "")
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
