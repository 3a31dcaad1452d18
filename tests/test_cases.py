"""Every folder under tests/cases/ is a case: an estate, questions, and the answers that the clauses give."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases_support.case_file import (
    CASES,
    BrokenCaseError,
    ReadingName,
    case_id,
    case_of,
    case_paths,
    read_case,
)
from tests.cases_support.estate import load_estate
from tests.cases_support.run import faults_of


@pytest.mark.parametrize("reading", ["default", "strict"])
@pytest.mark.parametrize("path", case_paths(), ids=case_id)
def test_case(path: Path, reading: ReadingName, tmp_path: Path) -> None:
    """The audit answers as the clauses named in the case say, under the default reading and under --strict."""
    case = read_case(path)
    faults = faults_of(case, reading, tmp_path)
    assert not faults, "\n".join([case.title, *faults])


FORWARD = {"stage": "route", "rule": "default", "outcome": "forward"}
GOOD = {
    "title": "A title that says what the naive answer would be.",
    "clauses": ["FW-6"],
    "base": "hub-spoke",
    "ask": [{"to": "1.1.1.1:443/tcp", "verdict": "blocked", "hop": {"stage": "firewall", "outcome": "deny"}}],
}
HERE = CASES / "area" / "id" / "case.yaml"


def test_a_good_case_passes(tmp_path: Path) -> None:
    """The case from which the broken ones below are made is sound."""
    assert faults_of(case_of(GOOD, HERE), "default", tmp_path) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"titel": "x"}, "titel"),
        ({"found": ["moat"]}, "names no rule: moat"),
        ({"clauses": []}, "clauses"),
        ({"clauses": ["rule six"]}, "rule six"),
        ({"ask": None}, "ask"),
        ({"ask": [{"to": "1.1.1.1:443/tcp", "verdict": "perhaps"}]}, "perhaps"),
        ({"ask": [{"to": "1.1.1.1:443/tcp", "verdict": "unknown"}]}, "reasons"),
        ({"ask": [{"to": "1.1.1.1:443/tcp", "verdict": "allowed"}]}, "hop"),
        ({"ask": [{"to": "x", "row": "y", "verdict": "mixed"}]}, "valid under each"),
        ({"ask": [{"to": "x", "verdict": "mixed", "hop": {"stage": "moat", "outcome": "deny"}}]}, "moat"),
        ({"edit": [{"sett": {}}]}, "sett"),
        ({"edit": [{"set": {"resource": "fw", "path": "a"}}]}, "value"),
        ({"edit": [{"remove": "a", "unread": {"kind": "b", "status": "denied"}}]}, "edit"),
    ],
)
def test_a_broken_case_is_refused(change: dict[str, object], told: str) -> None:
    """A file that does not fit the format says where, instead of testing less than it seems to."""
    with pytest.raises(BrokenCaseError, match=told):
        case_of({**GOOD, **change}, HERE)


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        ({"set": {"resource": "azureFirewalls/none", "path": "properties.x", "value": 1}}, "found none"),
        ({"remove": "virtualNetworks"}, "found none"),
        (
            {"set": {"resource": "azureFirewalls/fw", "path": "properties.skuu.tier", "value": "Basic"}},
            "skuu",
        ),
        (
            {"set": {"resource": "azureFirewalls/fw", "path": "properties.sku.tier", "value": "Standard"}},
            "nothing",
        ),
        (
            {
                "set": {
                    "resource": "virtualNetworks/hub",
                    "path": "properties.subnets[no].properties.x",
                    "value": 1,
                }
            },
            "no",
        ),
        ({"merge": {"resource": "azureFirewalls/fw", "value": {}}}, "nothing"),
        ({"unread": {"kind": "Microsoft.Network/moats", "status": "denied"}}, "no manifest row"),
        ({"removeAll": "/subscriptions/other"}, "no id begins"),
        ({"add": {"id": "${azureFirewalls/fw}"}}, "there already"),
        ({"add": {"id": "${azureFirewalls/none}/x"}}, "found none"),
    ],
)
def test_an_edit_that_matches_nothing_is_refused(edit: dict[str, object], told: str) -> None:
    """An edit that finds nothing, finds several or changes nothing breaks the case."""
    with pytest.raises(BrokenCaseError, match=told):
        load_estate("hub-spoke").apply([edit])


def test_a_question_that_nobody_answers_is_refused(tmp_path: Path) -> None:
    """A pool or row that does not exist would otherwise pass without a word."""
    ask = {"to": "1.1.1.1:443/tcp", "pool": "gone", "verdict": "unknown", "reasons": ["ipv6"]}
    with pytest.raises(BrokenCaseError, match="nothing answers"):
        faults_of(case_of({**GOOD, "ask": [ask]}, HERE), "default", tmp_path)


def test_keys_written_twice_are_refused(tmp_path: Path) -> None:
    """YAML would silently take the last one."""
    path = tmp_path / "case.yaml"
    path.write_text("title: one\ntitle: two\n", encoding="utf-8")
    with pytest.raises(BrokenCaseError, match="written twice: title"):
        read_case(path)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"verdict": "allowed"}, "verdict blocked, expected allowed"),
        ({"assumptions": ["address-by-tag"]}, "assumptions"),
        ({"hop": {"stage": "firewall", "outcome": "allow"}}, "no path holds"),
        (
            {
                "hops": [
                    {"stage": "firewall", "outcome": "deny"},
                    FORWARD,
                ]
            },
            "no path",
        ),
        ({"blockers": []}, "blockers"),
        ({"note": "moat"}, "no note"),
    ],
)
def test_a_wrong_expectation_is_found(change: dict[str, object], told: str, tmp_path: Path) -> None:
    """Each thing that a case may expect is compared: change one and the case fails."""
    ask: dict[str, object] = {**GOOD["ask"][0], **change}  # type: ignore[dict-item]
    if "hops" in change:
        del ask["hop"]
    faults = faults_of(case_of({**GOOD, "ask": [ask]}, HERE), "default", tmp_path)
    assert any(told in fault for fault in faults)


def test_every_promised_gotcha_has_a_case() -> None:
    """The gotchas that the foundation promises (GOT-1..10, 13, 18, ...) are all there."""
    promised = {*range(1, 11), 13, 18, 19, 26, *range(30, 34), *range(38, 41), *range(42, 47)}
    found = {read_case(path).gotcha for path in case_paths()}
    assert {f"GOT-{number}" for number in promised} <= found
