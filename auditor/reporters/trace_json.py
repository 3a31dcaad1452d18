"""Traces for programs, version 1; `reports/schemas/trace-v1.schema.json` is the contract."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from auditor.model.finding import Trace
from auditor.model.verdict import Hop, Piece
from auditor.reporters.interface import Options
from auditor.reporters.json_layout import Laid, laid_out
from auditor.reporters.json_records import LIST_LIMIT, Record, hop_record, piece_record, pieces_alike


class TraceJson:
    """JSON with one element for each question, pool and subnet, in the order asked; see the interface."""

    name = "json"
    media_type = "application/json"

    def render(self, subject: Sequence[Trace], options: Options) -> str:  # noqa: ARG002
        """See the interface; the options change nothing."""
        hops = _Hops()
        traces: list[Any] = [Laid(laid_out(_trace(trace, hops), depth=2)) for trace in subject]
        # As `dump` does: no name can hurt the terminal it lands on.
        return laid_out({"version": 1, "traces": traces}, depth=0).replace("\x7f", "\\u007f") + "\n"


class _Hops:
    """The text of each hop, laid out once: all stand at one depth, in a list of a piece of a trace."""

    _DEPTH = 6

    def __init__(self) -> None:
        self._known: dict[tuple[Hop, bool | None], Laid] = {}

    def of(self, hop: Hop, *, sufficient: bool | None = None) -> Laid:
        """A hop, or a blocker where `sufficient` is told."""
        key = (hop, sufficient)
        if key not in self._known:
            record = hop_record(hop) if sufficient is None else {**hop_record(hop), "sufficient": sufficient}
            self._known[key] = Laid(laid_out(record, self._DEPTH))
        return self._known[key]


def _trace(trace: Trace, hops: _Hops) -> Record:
    subnet = trace.asked_from.subnet
    verdict = trace.verdict
    return {
        "cluster": trace.cluster.id.text,
        "pool": trace.asked_from.pool,
        "subnet": subnet.text if subnet else None,
        "to": trace.to,
        "verdict": verdict.outcome.value,
        "assumptions": list(verdict.assumptions),
        "reasons": list(verdict.reasons),
        "pieces": _pieces(verdict.pieces, hops),
        "supply": list(trace.supply),
        "supplyCommands": list(trace.supply_commands),
        "confirm": list(trace.confirm),
    }


def _pieces(pieces: Iterable[Piece], hops: _Hops) -> list[Record]:
    """The pieces with what `scan` leaves out: their services, one question inside each, and all that stops them."""
    found = []
    for alike in pieces_alike(pieces, lambda piece: (piece.blockers, piece.sufficient, piece.services)):
        first = alike[0]
        record = piece_record(alike, hops.of)
        record["services"] = list(first.services[:LIST_LIMIT])
        record["witness"] = first.witness
        record["blockers"] = [hops.of(hop, sufficient=hop in first.sufficient) for hop in first.blockers]
        found.append(record)
    return found
