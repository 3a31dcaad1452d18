"""What became of stored estates, for people: the four lists, clusters over time, and waivers that end."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.history import PastFinding
from auditor.model.periodic import Periodic
from auditor.reporters.changes_view import heading, lists, standing, title, waiver_text, word
from auditor.reporters.counts import plural
from auditor.reporters.interface import Options
from auditor.reporters.paint import paint
from auditor.reporters.terminal_text import columns_of, safe, safe_name
from auditor.reporters.wrap import wrap

_BODY = " " * 11


class ChangesText:
    """Text that fits a screen; see the interface. What persists is counted, and listed with `verbose`."""

    name = "table"
    media_type = "text/plain; charset=utf-8"

    def render(self, subject: Periodic, options: Options) -> str:
        """See the interface."""
        lines = wrap(safe(f"{subject.place}: {heading(subject)}"), options.columns)
        for name, meaning, findings in lists(subject):
            head = paint(f"{len(findings)} {name}", "title", options.color)
            lines += ["", f"{head}   {paint(meaning, 'label', options.color)}"]
            if name != "persisting" or options.verbose:
                for finding in findings:
                    lines += _finding(finding, options)
        lines += _clusters(subject, options)
        lines += _waivers(subject, options)
        for note in subject.notes:
            lines += ["", *wrap(safe(note), options.columns, "note: ")]
        return "\n".join(lines) + "\n"


def _finding(finding: PastFinding, options: Options) -> Iterator[str]:
    said = word(finding)
    first, *rest = wrap(safe(title(finding)), options.columns, _BODY)
    yield f"  {paint(safe_name(said).ljust(9), said, options.color)}{first[11:]}"
    yield from rest
    yield from wrap(safe(finding.message), options.columns, _BODY)
    yield f"{_BODY}{paint('seen', 'label', options.color)} {finding.first_seen[:10]} to {finding.last_seen[:10]}"


def _clusters(subject: Periodic, options: Options) -> Iterator[str]:
    if not subject.compliance:
        return
    yield ""
    yield paint(plural(len(subject.compliance), "cluster"), "title", options.color)
    names = [safe_name(cluster.name) for cluster in subject.compliance]
    widest = min(max(map(columns_of, names)), 30)
    for name, cluster in zip(names, subject.compliance, strict=True):
        gap = " " * max(widest - columns_of(name), 0)
        yield from wrap(safe(standing(cluster)), options.columns, f"  {name}{gap}   ", "    ")


def _waivers(subject: Periodic, options: Options) -> Iterator[str]:
    if not subject.expiring:
        return
    yield ""
    yield paint(f"{plural(len(subject.expiring), 'waiver')} about to end", "title", options.color)
    for waiver in subject.expiring:
        yield from wrap(safe(waiver_text(waiver)), options.columns, "  ", "    ")
