"""The parts of a traced answer: what is common to all of them once, then what tells each apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from auditor.model.verdict import Effect, Hop, Piece
from auditor.reporters.hop_text import step, who
from auditor.reporters.interface import Options
from auditor.reporters.json_records import LIST_LIMIT
from auditor.reporters.terminal_text import safe_name
from auditor.reporters.wrap import wrap

_PIECES_SHOWN = 20
_PATHS_SHOWN = 3
"""Answers in more parts show what decides each; `verbose` shows the path of each."""
_ITEMS_SHOWN = 4


def piece_lines(pieces: Sequence[Piece], options: Options, indent: str) -> list[str]:
    """The path of a single piece; of several the hops that not all of them share; of many what decides each."""
    if len(pieces) == 1:
        return [
            *_path(pieces[0].hops, frozenset(), options, indent),
            *_stopped_by(pieces[0], options, indent),
        ]
    shown = pieces[:_PIECES_SHOWN]
    detailed = options.verbose or len(pieces) <= _PATHS_SHOWN
    common = _common(shown) if detailed else frozenset[int]()
    lines: list[str] = []
    if common:
        lines += wrap("every part:", options.columns, indent)
        steps = [hop for place, hop in enumerate(shown[0].hops) if place in common]
        for place, hop in zip(sorted(common), steps, strict=True):
            lines += wrap(step(hop), options.columns, f"{indent}  {place + 1}. ")
    same_source = len({piece.sources for piece in pieces}) == 1
    for piece in shown:
        lines += wrap(_part(piece, same_source=same_source), options.columns, indent, f"{indent}  ")
        if detailed:
            lines += _path(piece.hops, common, options, f"{indent}  ")
            lines += _stopped_by(piece, options, f"{indent}  ")
        else:
            lines += _decided_by(piece, options, f"{indent}  ")
    if len(pieces) > _PIECES_SHOWN:
        more = f"and {len(pieces) - _PIECES_SHOWN} more parts (--format json holds all of them)"
        lines += wrap(more, options.columns, indent)
    if not detailed:
        lines += wrap("-v shows the path of each part", options.columns, indent)
    return lines


def names_of(items: Sequence[str]) -> str:
    """`a, b, c, d and 3 more`; a list that was cut says only that there are more."""
    rest = len(items) - _ITEMS_SHOWN
    more = f" and {rest} more" if rest > 0 else ""
    if len(items) > LIST_LIMIT:
        more = " and more"
    return ", ".join(map(safe_name, items[:_ITEMS_SHOWN])) + more


def _common(pieces: Sequence[Piece]) -> frozenset[int]:
    """The places at which all paths have the same hop."""
    shortest = min(len(piece.hops) for piece in pieces)
    return frozenset(place for place in range(shortest) if len({piece.hops[place] for piece in pieces}) == 1)


def _path(hops: Sequence[Hop], without: frozenset[int], options: Options, indent: str) -> Iterator[str]:
    for place, hop in enumerate(hops):
        if place not in without:
            yield from wrap(step(hop), options.columns, f"{indent}{place + 1}. ")


def _part(piece: Piece, *, same_source: bool) -> str:
    """`blocked: tcp/22 to 10.0.0.0/8 (16,777,216 addresses)`, with a word on a part set aside."""
    services = f"{names_of(piece.services)} to " if piece.services else ""
    number = f"{piece.addresses:,} address{'' if piece.addresses == 1 else 'es'}"
    size = f" ({number})" if piece.addresses else ""
    source = f" from {names_of(piece.sources)}" if piece.sources and not same_source else ""
    aside = "; set aside" if piece.aside else ""
    return f"{piece.verdict.value}: {services}{names_of(piece.destinations)}{size}{source}{aside}"


def _decided_by(piece: Piece, options: Options, indent: str) -> Iterator[str]:
    """What stops a part, what leaves it open, or else the last rule that lets it pass and where it ends."""
    if piece.blockers:
        return _labelled("stopped by", _marked(piece), options, indent)
    opened = [hop for hop in piece.hops if hop.outcome is Effect.UNKNOWN]
    if opened:
        return _labelled("open at", map(step, opened), options, indent)
    passing = [hop for hop in piece.hops if hop.rule is not None and hop.outcome is Effect.ALLOW]
    told = [who(hop) for hop in passing[-1:]] + [step(hop) for hop in piece.hops[-1:] if hop not in passing]
    return _labelled("passes", told, options, indent)


def _stopped_by(piece: Piece, options: Options, indent: str) -> Iterator[str]:
    """All blockers, unless one hop of the path is the only one and the path says so already."""
    if len(piece.blockers) == 1 and piece.blockers[0] in piece.hops:
        return iter(())
    return _labelled("stopped by", _marked(piece), options, indent)


def _marked(piece: Piece) -> Iterator[str]:
    """The blockers; one says why, and of several each says whether it would suffice alone."""
    for hop in piece.blockers:
        alone = "would suffice alone" if hop in piece.sufficient else "does not suffice alone"
        yield step(hop) if len(piece.blockers) == 1 else f"{who(hop)}: {alone}"


def _labelled(label: str, texts: Iterable[str], options: Options, indent: str) -> Iterator[str]:
    for number, text in enumerate(texts):
        start = label if number == 0 else " " * len(label)
        yield from wrap(text, options.columns, f"{indent}{start}  ")
