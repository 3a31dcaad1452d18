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


def exit_code(report: Report, tolerance: Tolerance) -> ExitCode:
    """The exit code of a scan: findings at the threshold come first, then what is incomplete."""
    if any(counts(finding, tolerance.fail_on) for finding in report.findings):
        return ExitCode.FINDINGS
    return ExitCode.INCOMPLETE if shortcomings(report, tolerance) else ExitCode.CLEAN


def counts(finding: Finding, fail_on: str) -> bool:
    """Whether a finding is at or above the threshold; only what failed counts, never what is unknown."""
    if fail_on == "never" or finding.status.value != "fail":
        return False
    return SEVERITIES.index(finding.severity.value) <= SEVERITIES.index(fail_on)


def shortcomings(report: Report, tolerance: Tolerance) -> tuple[str, ...]:
    """Why the audit is incomplete, in words, without what the user accepts."""
    found: list[str] = []
    if not report.clusters and not tolerance.allow_empty:
        found.append("no AKS cluster found (--allow-empty accepts that)")
    if not tolerance.allow_incomplete:
        reasons = _incomplete(report)
        if reasons:
            found.append(f"{' and '.join(reasons)} (--allow-incomplete accepts that)")
    return tuple(found)


def _incomplete(report: Report) -> list[str]:
    undetermined = {
        (finding.cluster, finding.endpoint) for finding in report.findings if _undetermined(finding)
    }
    reasons: list[str] = []
    if undetermined:
        number = len(undetermined)
        reasons.append(f"{number} required endpoint{'s are' if number > 1 else ' is'} undetermined")
    if any(
        finding.rule == "excess-undetermined" and finding.status.value == "unknown"
        for finding in report.findings
    ):
        reasons.append("what leaves beyond the policy is undetermined")
    unread = any(
        finding.rule == "collection-incomplete" and finding.status.value == "unknown"
        for finding in report.findings
    )
    if unread or not report.coverage.complete:
        reasons.append("something essential was not read")
    return reasons


def _undetermined(finding: Finding) -> bool:
    """Recommended rows may stay open; only required ones make an audit incomplete."""
    about_rows = finding.rule == "endpoint-undetermined" and finding.level == "required"
    return about_rows and finding.status.value == "unknown"


def trace_exit_code(traces: Sequence[Trace]) -> ExitCode:
    """The exit code of `trace`: allowed and blocked are answers alike, unknown is none."""
    answered = bool(traces) and all(trace.verdict.outcome.value != "unknown" for trace in traces)
    return ExitCode.CLEAN if answered else ExitCode.INCOMPLETE
