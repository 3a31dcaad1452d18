"""A summary for a pull request or a job: the worst first, no longer than a comment may be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from auditor.model.finding import Report, Status
from auditor.reporters.counts import answers, general_notes, plural, spoken
from auditor.reporters.incomplete import incomplete
from auditor.reporters.interface import Options
from auditor.reporters.markdown_items import Item, block_item, waived_item
from auditor.reporters.markdown_text import Budget, cell, code
from auditor.reporters.merge import Group, groups
from auditor.reporters.terminal_text import NAME_LIMIT

_CLOSING_ROOM = 500
"""Kept for the lines that say what was left out."""
_TABLE_SHARE = 3
"""The table of clusters gets at most this part of the text."""
_HEADS = {"error": "Errors", "unknown": "Not known", "warning": "Warnings", "note": "Notes"}


class Markdown:
    """GitHub's Markdown, cut to `characters`; see the interface. What is left out is counted."""

    name = "markdown"
    media_type = "text/markdown; charset=utf-8; variant=GFM"

    def render(self, subject: Report, options: Options) -> str:
        """See the interface; `characters` counts, and the head is written however little that is."""
        shown = groups(subject)
        head = list(_head(subject))
        room = max(options.characters - _CLOSING_ROOM, 0)
        text = Budget(room)
        text.force(head)
        rows = _clusters(shown, text, room // _TABLE_SHARE)
        for note in general_notes(subject):
            text.add(["", f"Note: {code(note)}"])
        hidden = _sections(subject, shown, text)
        return "\n".join([*text.lines, *_left_out(rows, hidden)]) + "\n"


def _head(report: Report) -> Iterable[str]:
    found = answers(report.clusters)
    yield "## Egress audit"
    yield ""
    total = found.required.total()
    needed = (
        f"{plural(total, 'endpoint')} needed: {spoken(found.required)}" if total else "No endpoint needed"
    )
    if found.recommended.total():
        needed += f"; {found.recommended.total()} recommended: {spoken(found.recommended)}"
    strict = ", nothing assumed" if report.strict else ""
    clusters = plural(len(report.clusters), "cluster")
    policies = [report.policy_file] if report.policy_file is not None else []
    by = " and ".join(code(name, NAME_LIMIT) for name in (report.edition, *policies))
    yield f"{clusters} audited by {by}{strict}. {needed}."
    reasons = [*incomplete(report), *([] if report.clusters else ["no AKS cluster was found"])]
    if reasons:
        yield ""
        yield f"**The audit is incomplete**: {'; '.join(reasons)}."
    changes = report.changes
    if changes is not None:
        yield ""
        yield (
            f"Since {code(changes.since, NAME_LIMIT)}: {len(changes.new)} new, {len(changes.mended)} mended, "
            f"{len(changes.persisting)} persisting, {len(changes.not_comparable)} not comparable."
        )


def _clusters(shown: Iterable[Group], text: Budget, share: int) -> int:
    """The clusters side by side, worst first; how many found no room."""
    rows = [_row(group) for group in shown if group.cluster is not None]
    if not rows:
        return 0
    table = Budget(min(share, text.size))
    table.add(["", f"| cluster | {' | '.join(_HEADS.values())} |", "|---|---:|---:|---:|---:|"])
    hidden = sum([not table.add([row]) for row in rows])
    text.add(table.lines)
    return hidden


def _row(group: Group) -> str:
    words = [block.word for block in group.blocks]
    name = group.cluster.cluster.name if group.cluster is not None else ""
    return f"| {cell(name, NAME_LIMIT)} | {' | '.join(str(words.count(word)) for word in _HEADS)} |"


def _sections(report: Report, shown: Sequence[Group], text: Budget) -> int:
    """What was found, severest first over all clusters; how many found no room."""
    blocks = [(group, block) for group in shown for block in group.blocks]
    sections: list[tuple[str, list[Item]]] = [
        (head, [block_item(group, block) for group, block in blocks if block.word == word])
        for word, head in _HEADS.items()
    ]
    waived = [item for item in report.findings if item.status is Status.WAIVED]
    sections.append(("Waived", [waived_item(item) for item in waived]))
    if not any(items for _, items in sections):
        text.add(["", "Nothing was found."])
    hidden = 0
    short = False
    for head, items in sections:
        begin = ["", f"### {head} ({len(items)})", ""]
        for item in items:
            if hidden:
                hidden += 1
                continue
            if not short and text.add(chain(begin, item.whole)):
                begin = []
                continue
            short = True
            if text.add(chain(begin, item.short)):
                begin = []
                continue
            hidden += 1
    return hidden


def _left_out(rows: int, findings: int) -> Iterable[str]:
    told = [plural(rows, "cluster of the table", "clusters of the table")] if rows else []
    told += [plural(findings, "finding")] if findings else []
    if told:
        yield ""
        yield f"Left out to keep this text short: {' and '.join(told)}. Other formats hold everything."
