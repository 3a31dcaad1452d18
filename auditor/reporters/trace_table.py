"""Traces for people: each answer with its path, hop by hop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from auditor.model.finding import Trace
from auditor.model.reading import ASSUMPTIONS
from auditor.reporters.counts import plural, spoken
from auditor.reporters.hop_text import resource_name
from auditor.reporters.interface import Options
from auditor.reporters.paint import paint
from auditor.reporters.terminal_text import columns_of, safe, safe_name
from auditor.reporters.trace_pieces import names_of, piece_lines
from auditor.reporters.wrap import wrap

_BODY = "         "


class TraceTable:
    """Text that fits a screen; see the interface."""

    name = "table"
    media_type = "text/plain; charset=utf-8"

    def render(self, subject: Sequence[Trace], options: Options) -> str:
        """See the interface."""
        lines: list[str] = []
        for _, alike in groupby(subject, key=_alike):
            lines += [*_trace(list(alike), options), ""]
        lines += _closing(subject, options)
        return "\n".join(lines) + "\n"


def _alike(trace: Trace) -> object:
    """What makes neighbours one: the same question and answer from pools of one subnet."""
    return trace.cluster.id, trace.to, trace.asked_from.subnet, trace.verdict


def _trace(alike: Sequence[Trace], options: Options) -> list[str]:
    trace = alike[0]
    word = trace.verdict.outcome.value
    start = word.ljust(len(_BODY))
    origin = _origin(trace, [item.asked_from.pool for item in alike])
    one_line = f"{start}{safe_name(trace.to)}   {origin}"
    if columns_of(one_line) <= options.columns:
        lines = [one_line]
    else:
        lines = wrap(safe_name(trace.to), options.columns, start, _BODY) + wrap(
            origin, options.columns, _BODY
        )
    lines[0] = paint(word, word, options.color) + lines[0][len(word) :]
    verdict = trace.verdict
    lines += _missing(trace, options)
    if verdict.assumptions:
        lines += wrap(", ".join(map(safe_name, verdict.assumptions)), options.columns, f"{_BODY}assumes  ")
    for note in verdict.notes:
        lines += wrap(safe(note), options.columns, _BODY)
    if verdict.pieces:
        lines += piece_lines(verdict.pieces, options, _BODY)
    return lines + _confirm(trace, options)


def _origin(trace: Trace, pools: Sequence[str]) -> str:
    subnet = trace.asked_from.subnet
    where = f"subnet {safe_name(resource_name(subnet.text))}" if subnet else "a subnet that was not found"
    word = "pools" if len(pools) > 1 else "pool"
    return f"from {word} {names_of(pools)} of {safe_name(trace.cluster.name)}, {where}"


def _missing(trace: Trace, options: Options) -> list[str]:
    """What an `unknown` lacks, with the commands that read it; they stand alone on their lines, to be copied."""
    if not trace.supply:
        reasons = ", ".join(map(safe_name, trace.verdict.reasons))
        return wrap(reasons, options.columns, f"{_BODY}reasons  ") if reasons else []
    lines: list[str] = []
    for text in trace.supply:
        label = "missing  " if not lines else " " * len("missing  ")
        lines += wrap(safe(text), options.columns, f"{_BODY}{label}")
    return lines + [f"{_BODY}{' ' * len('missing  ')}{_command(text)}" for text in trace.supply_commands]


def _confirm(trace: Trace, options: Options) -> list[str]:
    """The first probe, or with `verbose` every command."""
    shown = trace.confirm if options.verbose else trace.confirm[:1]
    labels = ["confirm  ", *([" " * len("confirm  ")] * len(shown))]
    return [f"{_BODY}{label}{_command(text)}" for label, text in zip(labels, shown, strict=False)]


def _command(text: str) -> str:
    return safe(text, len(text) * 10)


def _closing(traces: Sequence[Trace], options: Options) -> list[str]:
    if not traces:
        return ["No question was answered."]
    counted = Counter(trace.verdict.outcome for trace in traces)
    lines = wrap(f"{plural(len(traces), 'answer')}: {spoken(counted)}.", options.columns)
    used = {code for trace in traces for code in trace.verdict.assumptions}
    shown = [code for code in ASSUMPTIONS if code in used]
    if shown and options.verbose:
        lines += ["", "Assumed:"]
        for code in shown:
            lines += wrap(f"{code}: {ASSUMPTIONS[code]}", options.columns, "  ", "    ")
    return lines
