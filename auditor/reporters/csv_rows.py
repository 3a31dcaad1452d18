"""One row a finding, for spreadsheets and for programs that read tables (RFC 4180)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable

from auditor.model.finding import Finding, Report, RuleInfo
from auditor.reporters.finding_text import ID_LIMIT, command_text, control_text, rules_by_id
from auditor.reporters.interface import Options
from auditor.reporters.json_v1 import finding_place
from auditor.reporters.terminal_text import TEXT_LIMIT, safe, safe_name

COLUMNS = (
    "status",
    "severity",
    "rule",
    "cluster_name",
    "endpoint",
    "level",
    "pools",
    "message",
    "breaks",
    "remediation",
    "commands",
    "reasons",
    "assumptions",
    "controls",
    "waiver_reason",
    "waiver_owner",
    "waiver_expires",
    "file",
    "line",
    "cluster",
    "subnets",
    "resource",
    "fingerprint",
)
"""The first line. Columns are added at the end, and none is renamed or removed."""

_CELL_LIMIT = 32_000
"""A spreadsheet cuts a cell after 32,767 characters, silently."""
_FORMULA = re.compile(r"(^|;)(\s*)(?=[=+\-@＝＋－＠])")  # noqa: RUF001 - the wide forms are formulas, too
"""Where a spreadsheet would begin a formula: at the start of a cell, and where it takes `;` to part two."""


class CsvRows:
    """CSV with every status; see the interface. Lines end with CR LF, as RFC 4180 says."""

    name = "csv"
    media_type = "text/csv; charset=utf-8; header=present"

    def render(self, subject: Report, options: Options) -> str:  # noqa: ARG002
        """See the interface; the options change nothing."""
        rules = rules_by_id(subject)
        stream = io.StringIO(newline="")
        writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        writer.writerow(COLUMNS)
        for finding in sorted(subject.findings, key=finding_place):
            row = _row(finding, rules.get(finding.rule))
            writer.writerow([cell(row[column]) for column in COLUMNS])
        return stream.getvalue()


def cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe stands before what could begin one."""
    shown = _FORMULA.sub(r"\1'\2", text)
    return shown if len(shown) <= _CELL_LIMIT else shown[: _CELL_LIMIT - 3] + "..."


def _row(finding: Finding, rule: RuleInfo | None) -> dict[str, str]:
    waiver, place = finding.waiver, finding.place
    return {
        "status": finding.status.value,
        "severity": finding.severity.value,
        "rule": safe_name(finding.rule),
        "cluster_name": safe_name(finding.cluster_name or ""),
        "endpoint": safe_name(finding.endpoint or ""),
        "level": safe_name(finding.level),
        "pools": _joined(map(safe_name, finding.pools)),
        "message": safe(finding.message),
        "breaks": safe(finding.breaks),
        "remediation": safe(finding.remediation),
        "commands": _joined(map(command_text, finding.commands)),
        "reasons": _joined(map(safe_name, finding.reasons)),
        "assumptions": _joined(map(safe_name, finding.assumptions)),
        "controls": _joined(map(control_text, rule.controls)) if rule is not None else "",
        "waiver_reason": safe(waiver.reason) if waiver is not None else "",
        "waiver_owner": safe_name(waiver.owner) if waiver is not None else "",
        "waiver_expires": safe_name(waiver.expires) if waiver is not None else "",
        "file": safe(place.file, TEXT_LIMIT) if place is not None else "",
        "line": str(place.line) if place is not None else "",
        "cluster": safe(finding.cluster.text, ID_LIMIT) if finding.cluster is not None else "",
        "subnets": _joined(safe(subnet.text, ID_LIMIT) for subnet in finding.subnets),
        "resource": safe(finding.resource.text, ID_LIMIT) if finding.resource is not None else "",
        "fingerprint": safe_name(finding.fingerprint),
    }


def _joined(values: Iterable[str]) -> str:
    return "; ".join(values)
