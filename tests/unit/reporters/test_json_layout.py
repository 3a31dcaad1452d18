"""JSON laid out by parts."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from auditor.model.verdict import Outcome
from auditor.reporters.interface import Options
from auditor.reporters.json_layout import Laid, laid_out
from auditor.reporters.trace_json import TraceJson
from tests.unit.reporters import records


@pytest.mark.parametrize(
    "value",
    [{}, [], {"a": []}, {"a": {"b": [1, None, True, 'x\n\u202e"\\']}, "c": "é"}, [[], [{}], ["x"]], 3, None],
)
def test_the_layout_is_that_of_the_library(value: Any) -> None:
    """Whatever is built up by parts reads as if it had been written at once."""
    assert laid_out(value, 0) == json.dumps(value, indent=2)
    inside = Laid(laid_out(value, 2))
    assert laid_out({"of": [inside, inside]}, 0) == json.dumps({"of": [value, value]}, indent=2)


def test_traces_are_laid_out_as_one_document() -> None:
    """Hops that recur stand at their depth, in paths and among blockers; no DEL reaches a terminal."""
    hops = (records.NSG_HOP, records.DENY_HOP)
    answer = records.verdict(Outcome.BLOCKED, *hops)
    piece = replace(answer.pieces[0], blockers=hops, sufficient=(records.DENY_HOP,), services=("tcp/22",))
    traces = [records.trace(to, replace(answer, pieces=(piece,))) for to in ("a.b:22/tcp", "\x7f.b:22/tcp")]
    text = TraceJson().render(traces, Options())
    document = json.loads(text)
    assert text == json.dumps(document, indent=2).replace("\x7f", "\\u007f") + "\n"
    (found,) = document["traces"][0]["pieces"]
    assert [hop["sufficient"] for hop in found["blockers"]] == [False, True]
    assert [hop["rule"] for hop in found["hops"]] == [hop["rule"] for hop in found["blockers"]]
    assert found["services"] == ["tcp/22"]
    assert json.loads(TraceJson().render((), Options())) == {"version": 1, "traces": []}


def test_pieces_that_differ_in_what_stops_them_stay_apart() -> None:
    """Equal paths do not hide that one part is stopped by one rule and the other by two."""
    answer = records.verdict(Outcome.BLOCKED, records.DENY_HOP)
    one = replace(answer.pieces[0], blockers=(records.DENY_HOP,), sufficient=(records.DENY_HOP,))
    two = replace(one, destinations=("30.0.0.0/8",), sufficient=())
    text = TraceJson().render((records.trace("a.b:1/tcp", replace(answer, pieces=(one, two))),), Options())
    assert [len(item["destination"]) for item in json.loads(text)["traces"][0]["pieces"]] == [1, 1]
