"""Traces for programs, version 1; `reports/schemas/trace-v1.schema.json` is the contract."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from auditor.model.finding import Trace
from auditor.model.verdict import Piece
from auditor.reporters.interface import Options
from auditor.reporters.json_records import LIST_LIMIT, Record, dump, hop_record, piece_record, pieces_alike

_INDENT = " " * 4


class TraceJson:
    """JSON with one element for each question, pool and subnet, in the order asked; see the interface."""

    name = "json"
    media_type = "application/json"

    def render(self, subject: Sequence[Trace], options: Options) -> str:  # noqa: ARG002
        """See the interface; the options change nothing."""
        if not subject:
            return dump({"version": 1, "traces": []})
        # Each element is written by itself: the records of ten thousand questions need not lie in memory together.
        elements = ",\n".join(_element(trace) for trace in subject)
        return f'{{\n  "version": 1,\n  "traces": [\n{elements}\n  ]\n}}\n'


def _element(trace: Trace) -> str:
    # No text of JSON holds a line feed, so those that are there are all of the layout.
    return _INDENT + dump(_record(trace)).rstrip("\n").replace("\n", f"\n{_INDENT}")


def _record(trace: Trace) -> Record:
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
        "pieces": _pieces(verdict.pieces),
        "supply": list(trace.supply),
        "supplyCommands": list(trace.supply_commands),
        "confirm": list(trace.confirm),
    }


def _pieces(pieces: Iterable[Piece]) -> list[Record]:
    """The pieces with what `scan` leaves out: their services, one question inside each, and all that stops them."""
    found = []
    for alike in pieces_alike(pieces, lambda piece: (piece.blockers, piece.sufficient, piece.services)):
        first = alike[0]
        blockers = [{**hop_record(hop), "sufficient": hop in first.sufficient} for hop in first.blockers]
        services = list(first.services[:LIST_LIMIT])
        found.append(
            {**piece_record(alike), "services": services, "witness": first.witness, "blockers": blockers}
        )
    return found
