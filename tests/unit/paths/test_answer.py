"""What an answer says beside its outcome: what it rests on, and to where a row without destination leaves."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from auditor.audit import check, load_policy, load_snapshot
from auditor.model.question import parse_question
from auditor.model.reading import ASSUMABLE
from auditor.model.verdict import Effect, Hop, Outcome, Piece, Stage
from auditor.paths.answer import _Asked
from auditor.paths.joined_answers import Answer

FLAT = Path(__file__).resolve().parents[2] / "cases/estates/flat"


def test_a_row_without_destination_says_to_where_it_leaves() -> None:
    """The first three ranges of the largest piece, an ellipsis for the others, and how many addresses it has."""
    report = check(load_snapshot(FLAT), load_policy("aks-2019-05-14"))
    (row,) = [one for one in report.clusters[0].endpoints if one.id == "pub-core-any-udp-123"]
    assert row.verdict is not None
    largest = max(piece.addresses for piece in row.verdict.pieces)
    (note,) = row.verdict.notes
    assert re.fullmatch(rf"leaves to [0-9.-]+, [0-9.-]+, [0-9.-]+, \.\.\. \({largest} addresses\)", note)
    assert note.startswith("leaves to 1.0.0.0-9.255.255.255, 11.0.0.0-")


Codes = frozenset[str]
PINNED, TAGGED = "address-pinned", "address-by-tag"
FIRST, SECOND = "admin-rules-not-read", "threat-intel-deny"
assert set(ASSUMABLE) > {PINNED, TAGGED, FIRST, SECOND}


class Known(_Asked):
    """A question whose outcome under each set of codes is given, with the codes that walks turn up."""

    def __init__(self, holds: Callable[[Codes], bool], found: Codes) -> None:
        self._holds = holds
        self._found = found

    def under(self, assumed: Codes) -> Answer:
        return Answer(outcome=Outcome.ALLOWED if self._holds(assumed) else Outcome.UNKNOWN)

    def _codes(self) -> Codes:
        return self._found


@pytest.mark.parametrize(
    ("holds", "found", "needed"),
    [
        (lambda _: True, {FIRST, SECOND}, ()),
        (lambda codes: FIRST in codes, {FIRST, SECOND}, (FIRST,)),
        (lambda codes: {FIRST, SECOND} <= codes, {FIRST, SECOND}, (FIRST, SECOND)),
        (lambda codes: FIRST in codes or SECOND in codes, {FIRST, SECOND}, (SECOND,)),
        (lambda codes: FIRST in codes or SECOND in codes, {FIRST}, (FIRST,)),
        (lambda codes: PINNED in codes, set(), (PINNED,)),
        (lambda codes: PINNED in codes and FIRST in codes, {FIRST}, (FIRST, PINNED)),
        (lambda codes: (TAGGED in codes and FIRST in codes) or PINNED in codes, {FIRST}, (PINNED,)),
        (lambda codes: SECOND in codes, {FIRST}, (SECOND,)),
        (lambda codes: FIRST in codes or PINNED not in codes, {FIRST}, ()),
    ],
)
def test_an_answer_rests_on_no_code_in_vain(
    holds: Callable[[Codes], bool], found: set[str], needed: tuple[str, ...]
) -> None:
    """Codes are left out in the order of the table; none are needed exactly if the strict answer is the same.

    A code that no walk turned up is not named where one that did is enough.
    """
    assumed = frozenset(ASSUMABLE)
    asked = Known(holds, frozenset(found))
    assert asked.minimal(assumed, Outcome.ALLOWED) == needed
    assert asked.under(frozenset(needed)).outcome is Outcome.ALLOWED
    assert (needed == ()) is holds(frozenset())


RULE = Hop(
    stage=Stage.FIREWALL, resource="/group", rule="net/a", priority=100, outcome=Effect.ALLOW, clause="FW-7"
)
DELIVERED = Hop(
    stage=Stage.EXIT, resource="/network", rule=None, priority=None, outcome=Effect.ALLOW, clause="UDR-2"
)


def piece(verdict: Outcome, *hops: Hop) -> Piece:
    return Piece(
        sources=("10.0.0.0/24",), destinations=("10.1.0.1",), addresses=1, verdict=verdict, hops=hops
    )


@pytest.mark.parametrize(
    ("pieces", "told"),
    [
        ([piece(Outcome.ALLOWED, RULE, DELIVERED)], True),
        ([piece(Outcome.ALLOWED, DELIVERED), piece(Outcome.ALLOWED, RULE, DELIVERED)], True),
        ([piece(Outcome.ALLOWED, replace(RULE, clause="FW-22"), DELIVERED)], False),
        ([piece(Outcome.ALLOWED, RULE, replace(DELIVERED, clause="UDR-40"))], False),
        ([piece(Outcome.ALLOWED, DELIVERED), piece(Outcome.BLOCKED, RULE, DELIVERED)], False),
        ([], False),
    ],
)
def test_a_source_that_is_kept_leaves_the_way_back_open(pieces: list[Piece], told: bool) -> None:
    """FW-57: one allowed piece that a network rule lets through to a private destination is enough for the note."""
    asked = Known(lambda _: True, frozenset())
    asked._question = parse_question("10.1.0.1:443/tcp")
    assert any("FW-57" in note for note in asked.notes(Outcome.ALLOWED, pieces)) is told
