"""What became of stored estates, as a summary for a job, a comment or a mail."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.history import PastFinding
from auditor.model.periodic import Periodic
from auditor.reporters.changes_view import about, heading, lists, standing, waiver_text, word
from auditor.reporters.counts import plural
from auditor.reporters.interface import Options
from auditor.reporters.markdown_text import Budget, cell, code
from auditor.reporters.terminal_text import NAME_LIMIT

_CLOSING_ROOM = 500
"""Kept for the line that says what was left out."""
_TABLE_SHARE = 4
"""The table of clusters gets at most this part of the text, so does the list of waivers."""


class ChangesMarkdown:
    """GitHub's Markdown, cut to `characters`; see the interface. What persists is counted only."""

    name = "markdown"
    media_type = "text/markdown; charset=utf-8; variant=GFM"

    def render(self, subject: Periodic, options: Options) -> str:
        """See the interface."""
        text = Budget(max(options.characters - _CLOSING_ROOM, 0))
        text.force(_head(subject))
        share = text.size // _TABLE_SHARE
        rows = _table(subject, text, share)
        waivers = _waivers(subject, text, share)
        hidden = _findings(subject, text)
        told = [
            plural(number, name)
            for number, name in ((rows, "cluster"), (waivers, "waiver"), (hidden, "finding"))
            if number
        ]
        if told:
            text.force(
                ["", f"Left out to keep this text short: {', '.join(told)}. JSON and HTML hold everything."]
            )
        return "\n".join(text.lines) + "\n"


def _head(subject: Periodic) -> Iterator[str]:
    yield "## Egress audit: what changed"
    yield ""
    yield f"{code(subject.place)}: {code(heading(subject))}"
    yield ""
    yield ", ".join(f"**{len(findings)} {title}**" for title, _, findings in lists(subject)) + "."
    for note in subject.notes:
        yield ""
        yield f"> {code(note)}"


def _table(subject: Periodic, text: Budget, share: int) -> int:
    """The clusters; how many found no room."""
    table = Budget(min(share, text.size))
    if not subject.compliance or not table.add(["", "| cluster | required endpoints |", "|---|---|"]):
        return len(subject.compliance)
    hidden = sum(
        not table.add([f"| {cell(one.name, NAME_LIMIT)} | {cell(standing(one))} |"])
        for one in subject.compliance
    )
    text.add(table.lines)
    return hidden


def _waivers(subject: Periodic, text: Budget, share: int) -> int:
    table = Budget(min(share, text.size))
    if not subject.expiring or not table.add(["", f"### Waivers about to end ({len(subject.expiring)})", ""]):
        return len(subject.expiring)
    hidden = sum(not table.add([f"- {code(waiver_text(one))}"]) for one in subject.expiring)
    text.add(table.lines)
    return hidden


def _findings(subject: Periodic, text: Budget) -> int:
    hidden = 0
    for title, meaning, findings in lists(subject):
        if title == "persisting" or not findings:
            continue
        begin = ["", f"### {title.capitalize()} ({len(findings)}): {meaning}", ""]
        for finding in findings:
            if not hidden and text.add([*begin, *_item(finding)]):
                begin = []
            else:
                hidden += 1
    return hidden


def _item(finding: PastFinding) -> Iterator[str]:
    names = (word(finding), about(finding), finding.cluster_name or "", finding.rule)
    yield f"- {', '.join(code(name, NAME_LIMIT) for name in names if name)}"
    yield f"  - {code(finding.message)}"
    yield f"  - seen {code(finding.first_seen[:10])} to {code(finding.last_seen[:10])}"
