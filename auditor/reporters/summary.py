"""The end of the screen: the clusters side by side, the counts, what was assumed and what was read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from auditor.model.finding import AuditedCluster, Report, Status
from auditor.model.reading import ASSUMPTIONS
from auditor.model.verdict import Outcome
from auditor.reporters.counts import Answers, answers, assumptions, plural, spoken
from auditor.reporters.interface import Options
from auditor.reporters.merge import Group
from auditor.reporters.terminal_text import safe, safe_name
from auditor.reporters.wrap import wrap

_WORDS = ("cluster", "region", "outbound type")
_COLUMNS = (*_WORDS, "needed", "allowed", "blocked", "mixed", "unknown", "findings")
_LEAST_FIRST = (("region", "outbound type"), ("needed", "allowed"), ("findings",), ("mixed",))
"""Columns that a narrow screen does without, in this order."""
_NAME_WIDTH = 12


def clusters_table(shown: Iterable[Group], options: Options) -> list[str]:
    """The clusters side by side, in the order of the screen."""
    rows = [_row(group.cluster, len(group.blocks)) for group in shown if group.cluster is not None]
    columns = [column for column in _COLUMNS if column != "mixed" or any(row["mixed"] != "0" for row in rows)]
    room = _room(rows, columns, options.columns)
    for less in _LEAST_FIRST:
        if room < _NAME_WIDTH:
            columns = [column for column in columns if column not in less]
            room = _room(rows, columns, options.columns)
    for row in rows:
        row["cluster"] = safe(row["cluster"], max(room, _NAME_WIDTH))
    table = [[row[column] for column in columns] for row in rows]
    sides = ["left" if column in _WORDS else "right" for column in columns]
    from tabulate import tabulate  # noqa: PLC0415 - costs a tenth of a second, and one cluster needs no table

    text = tabulate(table, headers=columns, tablefmt="simple", colalign=sides, disable_numparse=True)
    return [line.rstrip() for line in str(text).splitlines()]


def _room(rows: Sequence[Mapping[str, str]], columns: Iterable[str], width: int) -> int:
    """Columns of the screen that are left for the cluster's name; tabulate widens each head by two."""
    others = [column for column in columns if column != "cluster"]
    taken = (max([len(column) + 2, *(len(row[column]) for row in rows)]) + 2 for column in others)
    return width - sum(taken)


def _row(audited: AuditedCluster, findings: int) -> dict[str, str]:
    counted = answers([audited]).certain
    cluster = audited.cluster
    return {
        "cluster": safe_name(cluster.name).encode("ascii", "backslashreplace").decode(),
        "region": safe(cluster.location, 24),
        "outbound type": safe(cluster.outbound_type or "", 24),
        "needed": str(counted.total()),
        **{outcome.value: str(counted[outcome]) for outcome in Outcome},
        "findings": str(findings),
    }


def closing(report: Report, options: Options) -> list[str]:
    """The summary line, and with `verbose` what stands behind its numbers."""
    sentences = [*_counted(report), *_assumed(report, options), *_read(report, options)]
    lines = wrap(" ".join(sentences), options.columns, rest="")
    lines += _origins(report, options)
    return lines + (_behind(report, options) if options.verbose else [])


def _origins(report: Report, options: Options) -> list[str]:
    """What came from where, and how old it is; said only where sources may differ in that."""
    if len(report.origins) < 2:
        return []
    lines = ["", "Sources:"]
    for one in report.origins:
        when = safe_name(one.collected) if one.collected else "at a time that nothing tells"
        text = f"{safe_name(one.source)}: {plural(one.documents, 'document')}, read {when}"
        lines += wrap(text, options.columns, "  ", "    ")
    return lines


def _counted(report: Report) -> Iterable[str]:
    if not report.clusters:
        yield "No AKS cluster found: nothing was audited."
        return
    found = answers(report.clusters)
    yield f"{_answered(report, found)}; {plural(found.not_applicable, 'row does', 'rows do')} not apply."
    waived = sum(finding.status is Status.WAIVED for finding in report.findings)
    if waived:
        by = f" by {safe(report.policy_file)}" if report.policy_file else ""
        yield f"{plural(waived, 'finding')} waived{by}."


def _answered(report: Report, found: Answers) -> str:
    total = found.required.total()
    text = f"{plural(total, 'endpoint')} needed ({safe_name(report.edition)}): {spoken(found.required)}"
    if not total:
        text = f"No endpoint needed ({safe_name(report.edition)})"
    if found.recommended.total():
        text += f"; {found.recommended.total()} recommended: {spoken(found.recommended)}"
    if found.uncertain.total():
        text += f"; {found.uncertain.total()} perhaps needed: {spoken(found.uncertain)}"
    return text


def _assumed(report: Report, options: Options) -> Iterable[str]:
    if not report.clusters:
        return
    if report.strict:
        yield "Strict: nothing assumed."
        return
    number = len(assumptions(report))
    yield f"{plural(number, 'assumption')}{_hint(number, options)}." if number else "No assumptions."


def _read(report: Report, options: Options) -> Iterable[str]:
    counted = Counter((row.essential, row.status == "complete") for row in report.coverage.reads)
    good, bad = counted[True, True], counted[True, False]
    if bad:
        yield f"{bad} of {good + bad} essential reads did not complete."
    elif good:
        yield f"{'All ' if report.coverage.complete else ''}{good} essential reads complete."
    if not report.coverage.complete:
        yield "The audit is incomplete."
    failed, skipped = counted[False, False], len(report.coverage.skipped)
    if failed:
        yield f"{plural(failed, 'supplementary read')} did not complete{_hint(failed, options)}."
    if skipped:
        yield f"{plural(skipped, 'input')} skipped{_hint(skipped, options)}."


def _hint(number: int, options: Options) -> str:
    """Where to find what was counted."""
    return "" if options.verbose else f" (-v lists {'it' if number == 1 else 'them'})"


def _behind(report: Report, options: Options) -> list[str]:
    """Lists that the summary line only counts."""
    lines: list[str] = []
    used = [waiver for waiver in report.waivers if waiver.uses]
    if used:
        lines += ["", "Waived:"]
        for waiver in used:
            scope = "".join(f", {safe(text)}" for text in waiver.scope)
            text = f"{safe(waiver.rule)}{scope}: {plural(waiver.uses, 'finding')} until {waiver.expires}"
            text += f", by {safe(waiver.owner)}: {safe(waiver.reason)}"
            lines += wrap(text, options.columns, "  ", "    ")
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
