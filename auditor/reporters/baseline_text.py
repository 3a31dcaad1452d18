"""Baseline editions and their difference for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tabulate import tabulate

from auditor.model.question import endpoint_text
from auditor.policy.baseline import Edition, Row
from auditor.policy.edition_diff import EditionDiff
from auditor.reporters.counts import plural
from auditor.reporters.interface import Options
from auditor.reporters.wrap import wrap

_LEVEL_WIDTH = 13


def editions_text(editions: Sequence[Edition], options: Options) -> str:
    """The editions, oldest first; a narrow screen loses the status first."""
    rows = [[item.edition, item.published.isoformat(), len(item.rows), item.status] for item in editions]
    room = options.columns - 42
    if room < 20:
        return str(tabulate([row[:2] for row in rows], headers=["edition", "published"])) + "\n"
    for row in rows:
        row[3] = "\n".join(wrap(str(row[3]), room))
    return str(tabulate(rows, headers=["edition", "published", "rows", "status"])) + "\n"


def edition_text(edition: Edition, options: Options) -> str:
    """Everything about one edition."""
    columns = options.columns
    source = edition.source
    read = f"read from {source.repository} {source.path} at {source.commit[:12]} of {source.commit_date}"
    lines = wrap(f"{edition.edition}: {edition.title}", columns)
    lines += wrap(f"published {edition.published}; {edition.status}", columns)
    lines += [source.url, *wrap(read, columns)]
    for paragraph in (edition.about or "").splitlines():
        lines += ["", *wrap(paragraph, columns)] if paragraph.strip() else []
    if edition.prerequisites:
        lines += ["", "Before the rows count:"]
        for prerequisite in edition.prerequisites:
            lines += wrap(prerequisite.text, columns, "  - ")
    section = None
    for row in edition.rows:
        if row.section != section:
            lines += ["", *wrap(row.section, columns), ""]
            section = row.section
        lines += _row(row, edition, columns)
    lines += ["", f"{plural(len(edition.rows), 'row')}.", *_notes(edition, columns)]
    return "\n".join(lines) + "\n"


def diff_text(diff: EditionDiff, options: Options) -> str:
    """What changes from one edition to the other."""
    columns = options.columns
    lines: list[str] = []
    lines += _section(f"Only in {diff.before}", (_short(row, "-") for row in diff.only_before), columns)
    lines += _section(f"Only in {diff.after}", (_short(row, "+") for row in diff.only_after), columns)
    changes = (
        f"~ {target(item.after)}{_cloud(item.after)}: "
        + ", ".join(
            f"{name} {getattr(item.before, name)} -> {getattr(item.after, name)}" for name in item.fields
        )
        for item in diff.changed
    )
    lines += _section("Asked for differently", changes, columns)
    only_before, only_after = len(diff.only_before), len(diff.only_after)
    summary = (
        f"{diff.unchanged} rows alike, {len(diff.changed)} changed, {only_before} gone, {only_after} new."
    )
    return "\n".join([*lines, *wrap(summary, columns)]) + "\n"


def target(row: Row) -> str:
    """The row's destination, ports and protocol as in `--to`."""
    return endpoint_text(row.destination, row.protocol, tuple((port, port) for port in row.ports))


def _cloud(row: Row) -> str:
    return "" if row.cloud in ("public", "any") else f" ({row.cloud})"


def _short(row: Row, sign: str) -> str:
    return f"{sign} {target(row)}{_cloud(row)}, {row.level}"


def _section(title: str, items: Iterable[str], columns: int) -> list[str]:
    lines = [line for item in items for line in wrap(item, columns, "  ", "      ")]
    return [f"{title}:", *lines, ""] if lines else []


def _row(row: Row, edition: Edition, columns: int) -> list[str]:
    indent = " " * (2 + _LEVEL_WIDTH)
    lines = wrap(f"{target(row)}{_cloud(row)}", columns, f"  {row.level:{_LEVEL_WIDTH}}")
    condition = edition.condition(row.condition)
    texts = [row.purpose]
    if condition.when is not True:
        texts.append(f"when: {condition.text}")
    texts += [f"unless: {edition.condition(name).text}" for name in row.unless]
    if row.alternatives:
        texts.append("or: " + ", ".join(item.value for item in row.alternatives))
    texts.append(f"breaks: {row.breaks}")
    if row.practice:
        texts.append(f"in practice {row.practice}: {row.practice_note}")
    if row.note:
        texts.append(f"note: {row.note}")
    return lines + [line for text in texts for line in wrap(text, columns, indent)]


def _notes(edition: Edition, columns: int) -> list[str]:
    if not edition.notes:
        return []
    return ["", "Notes:", *(line for note in edition.notes for line in wrap(note, columns, "  - "))]
