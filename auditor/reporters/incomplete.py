"""Why an audit is incomplete, told from its report alone."""

from __future__ import annotations

from auditor.model.finding import Finding, Report, Status


def incomplete(report: Report) -> tuple[str, ...]:
    """What was not read or not determined, in words; empty when the audit is complete.

    That there is no cluster at all is another matter: `report.clusters` tells.
    """
    reasons: list[str] = []
    undetermined = {(item.cluster, item.endpoint) for item in report.findings if _required_and_open(item)}
    if undetermined:
        number = len(undetermined)
        reasons.append(f"{number} required endpoint{'s are' if number > 1 else ' is'} undetermined")
    if _open(report, "excess-undetermined"):
        reasons.append("what leaves beyond the policy is undetermined")
    if _open(report, "forbidden-egress"):
        reasons.append("whether forbidden traffic leaves is undetermined")
    if _open(report, "collection-incomplete") or not report.coverage.complete:
        reasons.append("something essential was not read")
    return tuple(reasons)


def _open(report: Report, rule: str) -> bool:
    return any(item.rule == rule and item.status is Status.UNKNOWN for item in report.findings)


def _required_and_open(finding: Finding) -> bool:
    """Recommended rows may stay open; only required ones make an audit incomplete."""
    about_rows = finding.rule == "endpoint-undetermined" and finding.level == "required"
    return about_rows and finding.status is Status.UNKNOWN
