"""The pieces of an answer: their services, and the question inside each."""

from __future__ import annotations

import pytest

from auditor import resources
from auditor.audit import load_policy, load_snapshot, trace
from auditor.model.verdict import Outcome, Piece

QUESTIONS = ("10.0.0.0/8:22-80/tcp", "0.0.0.0/0:443/tcp", "20.0.0.0/6:1-65535/udp", "10.20.0.0/16/icmp")


def _pieces(*questions: str) -> list[Piece]:
    found = trace(load_snapshot(resources.examples() / "broken"), load_policy(None), questions, pool="sys")
    return [piece for item in found for piece in item.verdict.pieces]


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_question_inside_a_piece_is_answered_as_the_piece(question: str) -> None:
    """A piece can be tried: its witness, asked by itself, has the same answer by the same hops."""
    pieces = _pieces(question)
    assert len(pieces) > 1
    for piece, alone in zip(pieces, _pieces(*(piece.witness for piece in pieces)), strict=True):
        assert alone.addresses == 1
        assert (alone.verdict, alone.hops, alone.blockers) == (piece.verdict, piece.hops, piece.blockers)
        assert alone.sufficient == piece.sufficient


def test_a_port_that_is_treated_otherwise_has_pieces_of_its_own() -> None:
    """Pieces of a port range say for which ports they hold, unless they hold for all."""
    pieces = _pieces("10.0.0.0/8:22-80/tcp")
    own = {piece.destinations: piece for piece in pieces if piece.services == ("tcp/22",)}
    rest = {piece.destinations: piece for piece in pieces if piece.services == ("tcp/23-80",)}
    assert own.keys() == rest.keys() != set()
    assert {piece.verdict for piece in own.values()} == {Outcome.BLOCKED}
    assert {piece.verdict for piece in rest.values()} == {Outcome.ALLOWED}
    whole = [piece for piece in pieces if not piece.services]
    assert sum(piece.addresses for piece in (*whole, *own.values())) == 1 << 24


def test_a_pattern_is_tried_by_a_name_inside_it() -> None:
    """Who asks for a name cannot choose its address, so the witness is a name."""
    (piece, *_) = _pieces("*.data.mcr.microsoft.com:443/https")
    assert piece.witness == "a.data.mcr.microsoft.com:443/https"
