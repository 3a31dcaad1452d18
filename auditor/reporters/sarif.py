"""SARIF 2.1.0, as GitHub code scanning and other collections of alerts take it.

An upload replaces the one before it, and what it lacks counts as mended. So a run says for what it speaks
(`automationDetails.id`), what it leaves out, and whether it was complete.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from auditor.model.finding import ReadRow, Report
from auditor.reporters.counts import plural
from auditor.reporters.incomplete import incomplete
from auditor.reporters.interface import Options
from auditor.reporters.json_records import Record, dump
from auditor.reporters.sarif_results import RESULT_LIMIT, chosen, message, result
from auditor.reporters.sarif_rules import described
from auditor.reporters.terminal_text import safe, safe_name

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_SCOPE_LIMIT = 500
_NOTICES = 100
"""So many unread things are told one by one."""


class Sarif:
    """A SARIF log with one run; see the interface."""

    name = "sarif"
    media_type = "application/sarif+json"

    def render(self, subject: Report, options: Options) -> str:
        """See the interface; `scope`, `anchor` and `suppressions` count."""
        return dump({"$schema": _SCHEMA, "version": "2.1.0", "runs": [_run(subject, options)]})


def _run(report: Report, options: Options) -> Record:
    found, left_out = chosen(report, options)
    rules = described(report.rules, found)
    places = {rule["id"]: place for place, rule in enumerate(rules)}
    return {
        "tool": {
            "driver": {
                "name": "egress-audit",
                "semanticVersion": report.version,
                "organization": "egress-audit",
                "rules": rules,
            }
        },
        "invocations": [_invocation(report, left_out)],
        "automationDetails": {"id": _scope(report, options)},
        "columnKind": "unicodeCodePoints",
        "results": [result(item, places, options) for item in found],
        "properties": {
            "cloud": safe_name(report.cloud),
            "collected": safe_name(report.collected) if report.collected is not None else None,
            "edition": safe_name(report.edition),
            "policyFile": safe_name(report.policy_file) if report.policy_file is not None else None,
            "strict": report.strict,
            "clusters": len(report.clusters),
        },
    }


def _scope(report: Report, options: Options) -> str:
    """What the run speaks for: code scanning keeps the alerts of different scopes apart (up to the last slash)."""
    words = options.scope or "+".join(report.sources)
    shown = quote(words[:_SCOPE_LIMIT], safe="/+", errors="backslashreplace").strip("/")
    return f"egress-audit/{shown}/" if shown else "egress-audit/"


def _invocation(report: Report, left_out: int) -> Record:
    reasons = list(incomplete(report)) + ([] if report.clusters else ["no AKS cluster was found"])
    notices = [_notice("error", f"The audit is incomplete: {reason}.") for reason in reasons]
    notices += _unread(report.coverage.reads)
    if left_out:
        text = f"Only the {RESULT_LIMIT} severest results are listed; {plural(left_out, 'result')} left out."
        notices.append(_notice("warning", text))
    return {"executionSuccessful": not reasons, "toolExecutionNotifications": notices}


def _unread(rows: Iterable[ReadRow]) -> list[Record]:
    """What of the essential was not read, row by row."""
    failed = sorted(
        (row.scope, row.kind, row.status, row.error or "")
        for row in rows
        if row.essential and row.status != "complete"
    )
    told = [
        _notice(
            "warning",
            f"Not read: {safe_name(kind)} under {safe(scope)}: {safe_name(status)}"
            + (f" ({safe(error)})" if error else "")
            + ".",
        )
        for scope, kind, status, error in failed[:_NOTICES]
    ]
    if len(failed) > _NOTICES:
        told.append(_notice("warning", f"{len(failed) - _NOTICES} more were not read."))
    return told


def _notice(level: str, text: str) -> Record:
    return {"level": level, "message": {"text": message(text)}}
