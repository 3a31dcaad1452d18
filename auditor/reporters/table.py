"""The report for people: grouped by cluster, worst first; problems only, the rest is counted."""

from __future__ import annotations

from collections import Counter

from auditor.model.finding import AuditedCluster, Report
from auditor.model.verdict import Outcome
from auditor.reporters.blocks import block_lines
from auditor.reporters.counts import answers, general_notes, plural, spoken
from auditor.reporters.interface import Options
from auditor.reporters.merge import Group, groups
from auditor.reporters.paint import paint
from auditor.reporters.summary import closing, clusters_table
from auditor.reporters.terminal_text import safe, safe_name
from auditor.reporters.wrap import both_ends, wrap


class Table:
    """Text that fits a screen; see the interface."""

    name = "table"
    media_type = "text/plain; charset=utf-8"

    def render(self, subject: Report, options: Options) -> str:
        """See the interface."""
        shown = groups(subject)
        names = [item.cluster.name.lower() for item in subject.clusters]
        lines: list[str] = []
        for group in shown:
            twin = group.cluster is not None and names.count(group.cluster.cluster.name.lower()) > 1
            lines += [*_group(group, options, twin), ""]
        if len(subject.clusters) > 1:
            lines += [*clusters_table(shown, options), ""]
        for note in general_notes(subject):
            lines += wrap(f"note: {safe(note)}", options.columns, rest="      ")
        lines += closing(subject, options)
        return "\n".join(lines) + "\n"


def _group(group: Group, options: Options, twin: bool) -> list[str]:
    title, *rest = _title(group, options, twin)
    lines = [paint(title, "title", options.color), *rest]
    told: dict[str, str] = {}
    for number, block in enumerate(group.blocks):
        previous = group.blocks[number - 1] if number else None
        if previous is None or options.verbose or previous.word != block.word:
            lines.append("")
        lines += block_lines(block, options, told)
    notes = group.cluster.notes if group.cluster else ()
    if notes:
        lines.append("")
    for note in notes:
        lines += wrap(safe(note), options.columns, first="  note     ")
    return lines


def _title(group: Group, options: Options, twin: bool) -> list[str]:
    if group.cluster is None:
        return both_ends(("snapshot",), plural(len(group.blocks), "finding"), options.columns)
    cluster = group.cluster.cluster
    name = safe_name(cluster.name)
    if twin:
        name += f" ({safe_name(cluster.id.group or cluster.id.text)})"
    subnets = {source.subnet for source in group.cluster.sources}
    described = (safe_name(cluster.location), safe_name(cluster.outbound_type or ""))
    facts = (name, *described, plural(len(subnets), "subnet"))
    return both_ends(filter(None, facts), _verdict(group.cluster, group), options.columns)


def _verdict(cluster: AuditedCluster, group: Group) -> str:
    """`2 blocked, 1 unknown`, or that everything asked for gets out, and what else was found."""
    counted = answers([cluster]).certain
    bad = spoken(Counter({outcome: n for outcome, n in counted.items() if outcome is not Outcome.ALLOWED}))
    good = f"all {counted.total()} allowed" if counted.total() else "no endpoint judged"
    others = sum(block.first.endpoint is None for block in group.blocks)
    return (bad or good) + (f", {plural(others, 'other finding')}" if others else "")
