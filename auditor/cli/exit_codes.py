"""Exit codes, and how a report leads to one of them; nothing here prints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auditor.model.finding import Finding, Report, Trace

SEVERITIES = ("error", "warning", "note")
"""Worst first."""
THRESHOLDS = (*SEVERITIES, "never")


class ExitCode(IntEnum):
    """What the process ends with."""

    CLEAN = 0
    FINDINGS = 1
    USAGE = 2
    INCOMPLETE = 3
    INTERNAL = 4
    INTERRUPTED = 130


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerance:
    """What the user accepts."""

    fail_on: str = "error"
    """One of `THRESHOLDS`."""
    allow_incomplete: bool = False
    allow_empty: bool = False
    new_only: bool = False
    """Count only findings that the stored runs do not have."""


def exit_code(report: Report, tolerance: Tolerance) -> ExitCode:
    """The exit code of a scan: findings at the threshold come first, then what is incomplete."""
    had = _had_before(report, tolerance) if tolerance.new_only else frozenset()
    if any(
        counts(finding, tolerance.fail_on) and finding.fingerprint not in had for finding in report.findings
    ):
        return ExitCode.FINDINGS
    return ExitCode.INCOMPLETE if shortcomings(report, tolerance) else ExitCode.CLEAN


def counts(finding: Finding, fail_on: str) -> bool:
    """Whether a finding is at or above the threshold; only what failed counts, never what is unknown."""
    return _counts(finding.severity.value, finding.status.value, fail_on)


def _counts(severity: str, status: str, fail_on: str) -> bool:
    if fail_on == "never" or status != "fail":
        return False
    return SEVERITIES.index(severity) <= SEVERITIES.index(fail_on)


def _had_before(report: Report, tolerance: Tolerance) -> frozenset[str]:
    """Fingerprints that counted before, too: what was waived, unknown or milder then is new now."""
    persisting = report.changes.persisting if report.changes is not None else ()
    return frozenset(
        past.fingerprint for past in persisting if _counts(past.severity, past.status, tolerance.fail_on)
    )


def shortcomings(report: Report, tolerance: Tolerance) -> tuple[str, ...]:
    """Why the audit is incomplete, in words, without what the user accepts."""
    found: list[str] = []
    if not report.clusters and not tolerance.allow_empty:
        found.append("no AKS cluster found (--allow-empty accepts that)")
    if not tolerance.allow_incomplete:
        from auditor.reporters.incomplete import incomplete

        reasons = incomplete(report)
        if reasons:
            found.append(f"{' and '.join(reasons)} (--allow-incomplete accepts that)")
    return tuple(found)


def trace_exit_code(traces: Sequence[Trace]) -> ExitCode:
    """The exit code of `trace`: allowed and blocked are answers alike, unknown is none."""
    answered = bool(traces) and all(trace.verdict.outcome.value != "unknown" for trace in traces)
    return ExitCode.CLEAN if answered else ExitCode.INCOMPLETE
