"""Traces for people: each answer with its path, hop by hop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from auditor.model.finding import Trace
from auditor.model.reading import ASSUMPTIONS
from auditor.model.verdict import Piece
from auditor.reporters.counts import plural, spoken
from auditor.reporters.hop_text import resource_name, step
from auditor.reporters.interface import Options
from auditor.reporters.paint import paint
from auditor.reporters.terminal_text import columns_of, safe, safe_name
from auditor.reporters.wrap import wrap

_PIECES_SHOWN = 20
_ITEMS_SHOWN = 4
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
    for label, codes in (("reasons", verdict.reasons), ("assumes", verdict.assumptions)):
        if codes:
            lines += wrap(", ".join(map(safe_name, codes)), options.columns, f"{_BODY}{label}  ")
    for note in verdict.notes:
        lines += wrap(safe(note), options.columns, _BODY)
    return lines + _pieces(verdict.pieces, options)


def _origin(trace: Trace, pools: Sequence[str]) -> str:
    subnet = trace.asked_from.subnet
    where = f"subnet {safe_name(resource_name(subnet.text))}" if subnet else "a subnet that was not found"
    word = "pools" if len(pools) > 1 else "pool"
    return f"from {word} {_list(pools)} of {safe_name(trace.cluster.name)}, {where}"


def _pieces(pieces: Sequence[Piece], options: Options) -> list[str]:
    lines: list[str] = []
    for piece in pieces[:_PIECES_SHOWN]:
        if len(pieces) > 1:
            lines += wrap(_part(piece), options.columns, _BODY, _BODY + "  ")
        indent = _BODY + ("  " if len(pieces) > 1 else "")
        for number, hop in enumerate(piece.hops, start=1):
            lines += wrap(step(hop), options.columns, f"{indent}{number}. ")
    if len(pieces) > _PIECES_SHOWN:
        more = f"and {len(pieces) - _PIECES_SHOWN} more parts (--format json holds all of them)"
        lines += wrap(more, options.columns, _BODY)
    return lines


def _part(piece: Piece) -> str:
    """`blocked: 10.0.0.0/8 (16777216 addresses) from 10.1.0.0/24`, with a word on a part set aside."""
    size = f" ({plural(piece.addresses, 'address', 'addresses')})" if piece.addresses else ""
    source = f" from {_list(piece.sources)}" if piece.sources else ""
    aside = "; set aside" if piece.aside else ""
    return f"{piece.verdict.value}: {_list(piece.destinations)}{size}{source}{aside}"


def _list(items: Sequence[str]) -> str:
    more = f" and {len(items) - _ITEMS_SHOWN} more" if len(items) > _ITEMS_SHOWN else ""
    return ", ".join(map(safe_name, items[:_ITEMS_SHOWN])) + more


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
