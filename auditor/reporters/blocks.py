"""One finding on the terminal: what, from where, who decides and why, what breaks, how to mend it."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.model.finding import Severity, Status
from auditor.model.verdict import Hop
from auditor.reporters.block_text import origin, subject, why
from auditor.reporters.counts import plural
from auditor.reporters.hop_text import step
from auditor.reporters.interface import Options
from auditor.reporters.merge import Block
from auditor.reporters.paint import paint
from auditor.reporters.terminal_text import columns_of, safe, safe_name
from auditor.reporters.wrap import wrap

_NARROW = 60
_SEVERITY_COLUMN = 2
_SEVERITY_WIDTH = 9
_LABEL_WIDTH = 9
_MEMBERS = 4
"""Ranges or names of a set that are shown unless all are asked for."""
_WIDEST_LINE = 1 << 24
_LONG = 2
"""Lines of an explanation that is not told twice."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the columns of a block begin on a screen of this width."""

    width: int
    color: bool

    @property
    def body(self) -> int:
        """Column of the text below the head line."""
        return 4 if self.width < _NARROW else _SEVERITY_COLUMN + _SEVERITY_WIDTH

    def text(self, text: str) -> list[str]:
        """A paragraph of the body."""
        return wrap(text, self.width, first=" " * self.body)

    def labelled(self, label: str, text: str, number: str = "") -> list[str]:
        """A paragraph with a word before it, and perhaps a number."""
        start = " " * self.body + label.ljust(_LABEL_WIDTH) + number
        first, *rest = wrap(text, self.width, first=start)
        shown = " " * self.body + paint(label, "label", self.color) + first[self.body + len(label) :]
        return [shown, *rest]

    def command(self, text: str) -> str:
        """A command line, on one line however long it is: it is there to be copied."""
        return " " * (self.body + _LABEL_WIDTH) + text


def block_lines(block: Block, options: Options, told: dict[str, str]) -> list[str]:
    """All lines of one block.

    `told` keeps long explanations of the blocks before it, by subject: one that stands there is not repeated.
    """
    layout = Layout(options.columns, options.color)
    lines = _head(block, layout)
    for said in why(block):
        paragraph = layout.text(said)
        before = told.get(said)
        if before is not None and len(paragraph) > _LONG and not options.verbose:
            paragraph = layout.text(f"as for {before} above")
        told.setdefault(said, subject(block))
        lines += paragraph
    if block.first.breaks:
        lines += layout.labelled("breaks", safe(block.first.breaks))
    lines += _details(block, layout, options.limit)
    lines += _mend(block, layout)
    if block.assumptions:
        lines += layout.labelled("assumes", ", ".join(map(safe_name, block.assumptions)))
    return lines + (_proof(block, layout) if options.verbose else [])


def _head(block: Block, layout: Layout) -> list[str]:
    about = subject(block)
    start = " " * _SEVERITY_COLUMN + block.word.ljust(_SEVERITY_WIDTH)
    asked_from = origin(block)
    one_line = f"{start}{about}   {asked_from}".rstrip()
    if columns_of(one_line) <= layout.width:
        lines = [one_line]
    else:
        lines = wrap(about, layout.width, first=start, rest=" " * layout.body)
        lines += layout.text(asked_from) if asked_from else []
    painted = paint(block.word, block.word, layout.color)
    lines[0] = " " * _SEVERITY_COLUMN + painted + lines[0][_SEVERITY_COLUMN + len(block.word) :]
    return lines


def _details(block: Block, layout: Layout, limit: int) -> list[str]:
    """What is more to say, as far as the limit goes, and how much that hides; of a note all of it or nothing."""
    found = list(dict.fromkeys(detail for finding in block.findings for detail in finding.details))
    most = 0 if block.first.severity is Severity.NOTE else limit
    shown = found if limit == 0 else found[:most]
    lines: list[str] = []
    hidden, cut = len(found) - len(shown), False
    for detail in shown:
        members = detail.members if limit == 0 else detail.members[:_MEMBERS]
        more = len(detail.members) - len(members)
        text = f"{detail.head} {', '.join(members)}{f' and {more} more' if more else ''} {detail.tail}"
        lines += layout.labelled("" if lines else "exactly", safe(text.rstrip(), _WIDEST_LINE))
        cut = cut or more > 0
    if hidden or cut:
        sets = f"and {plural(hidden, 'more set')}; " if hidden and shown else ""
        lines += layout.labelled("" if lines else "exactly", f"{sets}--limit 0 shows all of it")
    return lines


def _mend(block: Block, layout: Layout) -> list[str]:
    label = "supply" if block.first.status is Status.UNKNOWN else "mend"
    lines: list[str] = []
    for text in block.remediations or (("run",) if block.commands else ()):
        lines += layout.labelled("" if lines else label, safe(text))
    return lines + [layout.command(safe(command, len(command) * 10)) for command in block.commands]


def _proof(block: Block, layout: Layout) -> list[str]:
    """Each path that the merged findings took, and what names the finding to a machine."""
    lines: list[str] = []
    for path, pools in _paths(block).items():
        where = f"from {', '.join(map(safe_name, pools))}" if pools and len(_paths(block)) > 1 else ""
        lines += layout.labelled("path", where) if where else []
        for number, hop in enumerate(path, start=1):
            label = "path" if number == 1 and not where else ""
            lines += layout.labelled(label, step(hop), f"{number}. ")
    lines += layout.labelled("rule", safe_name(block.first.rule))
    for finding in block.findings:
        lines += layout.labelled("id", safe_name(finding.fingerprint)) if finding.fingerprint else []
    return lines


def _paths(block: Block) -> dict[tuple[Hop, ...], tuple[str, ...]]:
    paths: dict[tuple[Hop, ...], tuple[str, ...]] = {}
    for finding in block.findings:
        path = finding.path or finding.evidence
        if path:
            paths[path] = tuple(dict.fromkeys((*paths.get(path, ()), *finding.pools)))
    return paths
