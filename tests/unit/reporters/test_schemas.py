"""Our JSON keeps the contracts that lie beside it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from auditor import resources
from auditor.model.finding import Coverage, Severity, Status
from auditor.model.verdict import Outcome, Piece
from auditor.reporters.interface import Options
from auditor.reporters.json_v1 import JsonV1
from auditor.reporters.trace_json import TraceJson
from tests.unit.reporters import records


def validator(name: str) -> Draft202012Validator:
    schema = json.loads((resources.reports() / "schemas" / f"{name}.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def scanned(**changes: Any) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(JsonV1().render(records.report(**changes), Options()))
    return document


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"clusters": (), "findings": (), "collected": None, "coverage": Coverage(complete=False, reads=())},
        {"findings": tuple(records.finding(status=status) for status in Status)},
        {"findings": tuple(records.finding(severity=severity, cluster=None) for severity in Severity)},
        {"notes": ("text",), "strict": True, "not_assumed": ("nic-nsg-unread",)},
    ],
)
def test_scan_keeps_its_schema(changes: dict[str, Any]) -> None:
    """Every kind of report is valid."""
    validator("scan-v1").validate(scanned(**changes))


def test_scan_schema_is_strict() -> None:
    """An unknown property anywhere is refused, and so is a verdict for a row that does not apply."""
    check = validator("scan-v1")
    for place in ("", "clusters", "findings"):
        document = scanned()
        (document[place][0] if place else document)["more"] = 1
        assert not check.is_valid(document)
    document = scanned()
    absent = next(row for row in document["clusters"][0]["endpoints"] if row["applies"] is False)
    absent["verdict"] = "allowed"
    assert not check.is_valid(document)


def test_trace_keeps_its_schema() -> None:
    """Traces are valid, with and without a subnet."""
    answer = records.verdict(Outcome.BLOCKED, records.NSG_HOP, records.ROUTE_HOP, records.DENY_HOP)
    lost = replace(records.SYS, subnet=None)
    traces = (records.trace("a.b:443/https", answer), records.trace("8.8.8.8/icmp", answer, lost))
    document = json.loads(TraceJson().render(traces, Options()))
    validator("trace-v1").validate(document)
    assert [item["to"] for item in document["traces"]] == ["a.b:443/https", "8.8.8.8/icmp"]
    document["traces"][0]["pieces"][0]["more"] = 1
    assert not validator("trace-v1").is_valid(document)


def test_long_lists_are_cut() -> None:
    """At most 20 sources and destinations are written; the count stays whole."""
    many = tuple(f"20.0.{number}.0/24" for number in range(50))
    piece = Piece(sources=many, destinations=many, addresses=12_800, verdict=Outcome.ALLOWED, hops=())
    answer = replace(records.verdict(Outcome.ALLOWED), pieces=(piece,))
    (trace,) = json.loads(TraceJson().render((records.trace("a.b:443/https", answer),), Options()))["traces"]
    (found,) = trace["pieces"]
    assert found["destination"] == list(many[:20]) == found["source"]
    assert found["destinations"] == 12_800


def test_pieces_with_equal_hops_are_one() -> None:
    """Two pieces that differ in nothing but their destinations are written as one."""
    answer = records.verdict(Outcome.ALLOWED, records.ROUTE_HOP)
    other = replace(answer.pieces[0], destinations=("30.0.0.0/8",))
    both = replace(answer, pieces=(*answer.pieces, other))
    (trace,) = json.loads(TraceJson().render((records.trace("a.b:443/https", both),), Options()))["traces"]
    (found,) = trace["pieces"]
    assert found["destination"] == ["20.0.0.0/8", "30.0.0.0/8"]
    assert found["destinations"] == 2 * 16_777_216
