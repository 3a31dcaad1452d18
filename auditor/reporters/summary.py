"""The end of the screen: the clusters side by side, the counts, what was assumed and what was read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from tabulate import tabulate

from auditor.model.finding import AuditedCluster, Report, Status
from auditor.model.reading import ASSUMPTIONS
from auditor.model.verdict import Outcome
from auditor.reporters.counts import Answers, answers, assumptions, plural, spoken
from auditor.reporters.interface import Options
from auditor.reporters.merge import Group
from auditor.reporters.terminal_text import safe, safe_name
from auditor.reporters.wrap import wrap

_COLUMNS = ("cluster", "region", "outbound type", "needed", *Outcome, "findings")
_WIDE = 90
_MEDIUM = 70


def clusters_table(shown: Iterable[Group], options: Options) -> list[str]:
    """The clusters side by side, in the order of the screen."""
    rows = [_row(group.cluster, len(group.blocks)) for group in shown if group.cluster is not None]
    columns = list(_COLUMNS)
    hidden = {"mixed"} if not any(row["mixed"] for row in rows) else set()
    hidden |= {"region", "outbound type"} if options.columns < _WIDE else set()
    hidden |= {"needed", "allowed"} if options.columns < _MEDIUM else set()
    columns = [column for column in columns if column not in hidden]
    others = max((len(str(row["outbound type"])) + len(str(row["region"])) for row in rows), default=0)
    room = options.columns - 10 * len(columns) - (others if "region" in columns else 0)
    for row in rows:
        row["cluster"] = safe(str(row["cluster"]), max(room, 14))
    table = [[row[column] for column in columns] for row in rows]
    return str(tabulate(table, headers=columns, tablefmt="simple", disable_numparse=[0, 1, 2])).splitlines()


def _row(audited: AuditedCluster, findings: int) -> dict[str, str | int]:
    counted = answers([audited]).all
    cluster = audited.cluster
    return {
        "cluster": cluster.name,
        "region": safe(cluster.location, 24),
        "outbound type": safe(cluster.outbound_type or "", 24),
        "needed": counted.total(),
        **{outcome.value: counted[outcome] for outcome in Outcome},
        "findings": findings,
    }


def closing(report: Report, options: Options) -> list[str]:
    """The summary line, and with `verbose` what stands behind its numbers."""
    sentences = [*_counted(report), *_assumed(report, options), *_read(report, options)]
    lines = wrap(" ".join(sentences), options.columns, rest="")
    return lines + (_behind(report, options) if options.verbose else [])


def _counted(report: Report) -> Iterable[str]:
    if not report.clusters:
        yield "No AKS cluster found: nothing was audited."
        return
    found = answers(report.clusters)
    yield f"{_answered(report, found)}; {plural(found.not_applicable, 'row does', 'rows do')} not apply."
    waived = sum(finding.status is Status.WAIVED for finding in report.findings)
    if waived:
        yield f"{plural(waived, 'finding')} waived."


def _answered(report: Report, found: Answers) -> str:
    total = found.required.total()
    text = f"{plural(total, 'endpoint')} needed ({safe_name(report.edition)}): {spoken(found.required)}"
    if not total:
        text = f"No endpoint needed ({safe_name(report.edition)})"
    if found.recommended.total():
        text += f"; {found.recommended.total()} recommended: {spoken(found.recommended)}"
    return text


def _assumed(report: Report, options: Options) -> Iterable[str]:
    if not report.clusters:
        return
    if report.strict:
        yield "Strict: nothing assumed."
        return
    number = len(assumptions(report))
    hint = "" if options.verbose or not number else " (-v lists them)"
    yield f"{plural(number, 'assumption') if number else 'No assumptions'}{hint}."


def _read(report: Report, options: Options) -> Iterable[str]:
    counted = Counter((row.essential, row.status == "complete") for row in report.coverage.reads)
    good, bad = counted[True, True], counted[True, False]
    if bad:
        yield f"{bad} of {good + bad} essential reads did not complete."
    elif good:
        yield f"{'All ' if report.coverage.complete else ''}{good} essential reads complete."
    if not report.coverage.complete:
        yield "The audit is incomplete."
    hint = "" if options.verbose else " (-v lists them)"
    if counted[False, False]:
        yield f"{plural(counted[False, False], 'supplementary read')} did not complete{hint}."
    if report.coverage.skipped:
        yield f"{plural(len(report.coverage.skipped), 'input')} skipped{hint}."


def _behind(report: Report, options: Options) -> list[str]:
    """Lists that the summary line only counts."""
    lines: list[str] = []
    codes = assumptions(report)
    if codes:
        lines += ["", "Assumed:"]
        for code in codes:
            meaning = ASSUMPTIONS.get(code, "no description")
            lines += wrap(f"{safe_name(code)}: {meaning}", options.columns, "  ", "    ")
    failed = [row for row in report.coverage.reads if row.status != "complete"]
    if failed:
        lines += ["", "Not read:"]
        for row in failed:
            error = f" ({safe(row.error)})" if row.error else ""
            kind = "" if row.essential else ", supplementary"
            text = f"{safe_name(row.kind)} under {safe(row.scope)}: {safe_name(row.status)}{error}{kind}"
            lines += wrap(text, options.columns, "  ", "    ")
    if report.coverage.skipped:
        lines += ["", "Skipped:"]
        for skipped in report.coverage.skipped:
            lines += wrap(safe(skipped), options.columns, "  ", "    ")
    return lines
