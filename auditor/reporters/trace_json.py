"""Traces for programs, version 1; `reports/schemas/trace-v1.schema.json` is the contract."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.model.finding import Trace
from auditor.reporters.interface import Options
from auditor.reporters.json_records import Record, answer_record, dump


class TraceJson:
    """JSON with one element for each question, pool and subnet, in the order asked; see the interface."""

    name = "json"
    media_type = "application/json"

    def render(self, subject: Sequence[Trace], options: Options) -> str:  # noqa: ARG002
        """See the interface; the options change nothing."""
        return dump({"version": 1, "traces": [_trace(item) for item in subject]})


def _trace(trace: Trace) -> Record:
    subnet = trace.asked_from.subnet
    return {
        "cluster": trace.cluster.id.text,
        "pool": trace.asked_from.pool,
        "subnet": subnet.text if subnet else None,
        "to": trace.to,
        **answer_record(trace.verdict),
    }
