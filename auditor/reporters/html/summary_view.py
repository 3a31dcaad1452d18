"""The head of the page: what the audit says in a sentence, its numbers, and what it was made from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from auditor.model.finding import AuditedCluster, Report, Severity, Status
from auditor.model.reading import ASSUMPTIONS
from auditor.model.verdict import Outcome
from auditor.reporters.counts import answers, assumptions, general_notes, plural, severities, spoken
from auditor.reporters.html.cards import CardGroup
from auditor.reporters.terminal_text import safe, safe_name

_ORDER = (Outcome.ALLOWED, Outcome.MIXED, Outcome.UNKNOWN, Outcome.BLOCKED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """Answers as a bar: each part with its number and where it begins, in percent."""

    title: str
    total: int
    parts: tuple[tuple[str, int, float, float], ...]
    """Outcome, number, start, length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterRow:
    """One cluster in the table of clusters."""

    group: int
    name: str
    region: str
    outbound_type: str
    pools: int
    subnets: int
    needed: int
    counted: Mapping[str, int]
    findings: tuple[tuple[str, int], ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Everything above the matrix."""

    state: str
    """`pass`, `fail` or `unknown`."""
    headline: str
    remarks: tuple[str, ...]
    bars: tuple[Bar, ...]
    not_applicable: int
    findings: Mapping[str, int]
    clusters: tuple[ClusterRow, ...]
    assumptions: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]


def summary(report: Report, groups: Sequence[CardGroup]) -> Summary:
    """The summary of a report whose findings are grouped already."""
    found = answers(report.clusters)
    bars = [_bar("Required endpoints", found.required)]
    if found.recommended:
        bars.append(_bar("Recommended endpoints", found.recommended))
    if found.uncertain:
        bars.append(_bar("Endpoints perhaps needed", found.uncertain))
    return Summary(
        state=_state(report),
        headline=_headline(report, found.required),
        remarks=tuple(_remarks(report)),
        bars=tuple(bars) if report.clusters else (),
        not_applicable=found.not_applicable,
        findings=severities(report.findings),
        clusters=tuple(_row(group, group.cluster) for group in groups if group.cluster is not None),
        assumptions=tuple((safe_name(code), ASSUMPTIONS.get(code, "")) for code in assumptions(report)),
        notes=tuple(map(safe, general_notes(report))),
    )


def _state(report: Report) -> str:
    """As the exit code takes it: an error, else whether something was left open."""
    if any(one.status is Status.FAIL and one.severity is Severity.ERROR for one in report.findings):
        return "fail"
    required = answers(report.clusters).required
    if not report.clusters or not report.coverage.complete or required[Outcome.UNKNOWN]:
        return "unknown"
    return "pass"


def _headline(report: Report, required: Counter[Outcome]) -> str:
    if not report.clusters:
        return "No AKS cluster found: nothing was audited"
    total = required.total()
    bad = spoken(Counter({outcome: n for outcome, n in required.items() if outcome is not Outcome.ALLOWED}))
    if not total:
        first = "No endpoint needed"
    elif bad:
        first = f"{bad} of {plural(total, 'required endpoint')}"
    else:
        first = (
            f"All {plural(total, 'required endpoint')} get out"
            if total > 1
            else "The required endpoint gets out"
        )
    counted = severities(report.findings)
    errors = f"{plural(counted['error'], 'error')}, " if counted["error"] else "no error, "
    return f"{first}; {errors}{plural(counted['warning'], 'warning')}"


def _remarks(report: Report) -> list[str]:
    told = [] if report.coverage.complete else ["The audit is incomplete: see coverage."]
    if report.strict:
        told.append("Strict: nothing was assumed.")
    return told


def _bar(title: str, counted: Counter[Outcome]) -> Bar:
    total = counted.total()
    parts = []
    start = 0
    for outcome in _ORDER:
        number = counted[outcome]
        if number:
            parts.append(
                (outcome.value, number, round(100 * start / total, 2), round(100 * number / total, 2))
            )
        start += number
    return Bar(title=title, total=total, parts=tuple(parts))


def _row(group: CardGroup, audited: AuditedCluster) -> ClusterRow:
    counted = answers([audited]).certain
    return ClusterRow(
        group=group.number,
        name=group.name,
        region=safe_name(audited.cluster.location),
        outbound_type=safe_name(audited.cluster.outbound_type or ""),
        pools=len({source.pool for source in audited.sources}),
        subnets=len({source.subnet for source in audited.sources}),
        needed=counted.total(),
        counted={outcome.value: counted[outcome] for outcome in Outcome},
        findings=group.counted,
        notes=tuple(map(safe, audited.notes)),
    )
