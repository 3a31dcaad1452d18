"""The parts that our JSON formats share: hops and pieces, cut to a readable length."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from auditor.model.verdict import Hop, Piece, Verdict

LIST_LIMIT = 20
"""Longer lists of sources or destinations are cut; `destinations` keeps the count of addresses."""

Record = dict[str, Any]


def hop_record(hop: Hop) -> Record:
    """One stage of a path."""
    return {
        "stage": hop.stage.value,
        "resource": hop.resource,
        "rule": hop.rule,
        "priority": hop.priority,
        "outcome": hop.outcome.value,
        "clause": hop.clause,
    }


def piece_records(pieces: Iterable[Piece]) -> list[Record]:
    """The pieces of a verdict; those with equal answer and hops are one."""
    return [piece_record(alike) for alike in pieces_alike(pieces, lambda _: ())]


def pieces_alike(pieces: Iterable[Piece], more: Callable[[Piece], object]) -> Iterable[list[Piece]]:
    """The pieces in groups of equal answer, hops and whatever `more` gives of them."""
    alike: dict[object, list[Piece]] = {}
    for piece in pieces:
        alike.setdefault((piece.verdict, piece.aside, piece.hops, more(piece)), []).append(piece)
    return alike.values()


def piece_record(alike: list[Piece], write: Callable[[Hop], object] = hop_record) -> Record:
    """Pieces that are alike, as one; `write` gives what stands for a hop."""
    first = alike[0]
    counted = {piece.destinations: piece.addresses for piece in alike}
    return {
        "source": _cut(source for piece in alike for source in piece.sources),
        "destination": _cut(destination for piece in alike for destination in piece.destinations),
        "destinations": sum(counted.values()),
        "aside": first.aside,
        "verdict": first.verdict.value,
        "hops": [write(hop) for hop in first.hops],
    }


def answer_record(verdict: Verdict | None) -> Record:
    """The answer to one question; without one, `verdict` is null and the lists are empty."""
    if verdict is None:
        return {"verdict": None, "assumptions": [], "reasons": [], "pieces": []}
    return {
        "verdict": verdict.outcome.value,
        "assumptions": list(verdict.assumptions),
        "reasons": list(verdict.reasons),
        "pieces": piece_records(verdict.pieces),
    }


def dump(document: Mapping[str, Any]) -> str:
    """The document as text: ASCII only, so that no name can hurt the terminal it lands on."""
    return json.dumps(document, indent=2).replace("\x7f", "\\u007f") + "\n"


def _cut(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))[:LIST_LIMIT]
