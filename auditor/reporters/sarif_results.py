"""Findings as SARIF results: problems only, the severest first, no more than code scanning shows."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.model.finding import Finding, Report, Severity, Status, Waiver
from auditor.reporters.finding_text import command_text, origin_text, waiver_text
from auditor.reporters.interface import Options
from auditor.reporters.json_records import Record
from auditor.reporters.sarif_places import location, place_record
from auditor.reporters.sarif_rules import LEVELS
from auditor.reporters.terminal_text import safe, safe_name

RESULT_LIMIT = 5000
"""Code scanning shows no more of one run, and chooses by itself which it drops."""

_SEVERITIES = tuple(Severity)
_SHOWN = (Status.FAIL, Status.UNKNOWN)


def chosen(report: Report, options: Options) -> tuple[tuple[Finding, ...], int]:
    """The findings that become results, severest first, and how many are left out for their number."""
    statuses = (*_SHOWN, Status.WAIVED) if options.suppressions else _SHOWN
    found = sorted((item for item in report.findings if item.status in statuses), key=_order)
    return tuple(found[:RESULT_LIMIT]), max(len(found) - RESULT_LIMIT, 0)


def result(finding: Finding, places: Mapping[str, int], options: Options) -> Record:
    """One result; `places` gives the index of each rule."""
    return {
        "ruleId": finding.rule,
        "ruleIndex": places[finding.rule],
        "level": _level(finding),
        "message": {"text": message(_text(finding))},
        "locations": [location(finding, options.anchor)],
        "partialFingerprints": {"primaryLocationLineHash": safe_name(finding.fingerprint)},
        **({"suppressions": [_suppression(finding.waiver)]} if finding.status is Status.WAIVED else {}),
        "properties": {
            "status": finding.status.value,
            "severity": finding.severity.value,
            "reasons": list(map(safe_name, finding.reasons)),
            "assumptions": list(map(safe_name, finding.assumptions)),
            "commands": list(map(command_text, finding.commands)),
        },
    }


def message(text: str) -> str:
    """Text as a SARIF message: no name makes a link (SARIF 3.11.6) or a place holder (3.11.5)."""
    return text.replace("](", "] (").replace("{", "{{").replace("}", "}}")


def _level(finding: Finding) -> str:
    return "warning" if finding.status is Status.UNKNOWN else LEVELS[finding.severity]


def _order(finding: Finding) -> tuple[object, ...]:
    severity = Severity.WARNING if finding.status is Status.UNKNOWN else finding.severity
    statuses = (Status.FAIL, Status.UNKNOWN, Status.WAIVED)
    subnets = tuple(subnet.key for subnet in finding.subnets)
    return (
        finding.status is Status.WAIVED,
        _SEVERITIES.index(severity),
        statuses.index(finding.status),
        finding.rule,
        finding.cluster.key if finding.cluster else "",
        finding.endpoint or "",
        finding.resource.key if finding.resource else "",
        subnets,
        finding.fingerprint,
    )


def _text(finding: Finding) -> str:
    """Sentences, the one that tells most first: it alone is shown where there is little room."""
    ending = f"; breaks: {finding.breaks}"  # a sentence of its own
    said = safe(finding.message.removesuffix(ending))
    subject = f"{safe_name(finding.endpoint)}: " if finding.endpoint is not None else ""
    where = [origin_text(finding)] if origin_text(finding) else []
    where += [f"cluster {safe_name(finding.cluster_name)}"] if finding.cluster_name else []
    lines = [f"{subject}{said}"]
    lines += [f"From {' of '.join(where)}"] if where else []
    lines += [f"Breaks: {safe(finding.breaks)}"] if finding.breaks else []
    label = "To settle it" if finding.status is Status.UNKNOWN else "To mend it"
    lines += [f"{label}: {safe(finding.remediation)}"] if finding.remediation else []
    if finding.place is not None and place_record(finding.place) is None:
        lines += [f"It stands in {safe(finding.place.file)}, line {finding.place.line}"]
    return "\n".join(f"{line}." for line in lines)


def _suppression(waiver: Waiver | None) -> Record:
    made: Record = {"kind": "external", "status": "accepted"}
    if waiver is None:
        return made
    made["justification"] = waiver_text(waiver)
    place = place_record(waiver.place)
    return made | ({"location": place} if place is not None else {})
