"""Answers of parts, joined: what is asked for, what is an alternative, and what is either (design: verdicts)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from auditor.model.verdict import Outcome, Piece
from auditor.paths.cells import Cell
from auditor.paths.pieces import Judged, merge_pieces, pieces_of

BEST_FIRST = (Outcome.ALLOWED, Outcome.UNKNOWN, Outcome.MIXED, Outcome.BLOCKED)
"""Alternatives of which one is enough: an earlier outcome beats a later one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The judged parts of one cell, with those set aside."""

    cell: Cell
    parts: tuple[Judged, ...]
    aside: tuple[Judged, ...] = ()
    named: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An outcome under one set of assumptions, with its pieces."""

    outcome: Outcome
    reasons: frozenset[str] = frozenset()
    shown: tuple[Shown, ...] = ()
    """What its pieces are made of; they are written out only for the answer that is reported."""

    def pieces(self, protocol: str) -> tuple[Piece, ...]:
        """The pieces, as reports show them; `protocol` is that of the question."""
        split = len({item.cell.name for item in self.shown}) > 1
        return merge_pieces(
            [
                piece
                for item in self.shown
                for piece in pieces_of(
                    item.cell, item.parts, item.aside, protocol, named=item.named, split=split
                )
            ]
        )

    @property
    def definite(self) -> bool:
        """Whether the question is answered."""
        return self.outcome is not Outcome.UNKNOWN


def all_of(answers: Sequence[Answer]) -> Answer:
    """Everything is asked for: all equal; allowed and blocked both occur: mixed; otherwise unknown."""
    shown = tuple(item for answer in answers for item in answer.shown)
    outcomes = {answer.outcome for answer in answers}
    reasons = frozenset().union(*(answer.reasons for answer in answers))
    if not outcomes:
        return Answer(outcome=Outcome.UNKNOWN, reasons=frozenset({"fqdn-address-unknown"}), shown=shown)
    if len(outcomes) == 1:
        return Answer(outcome=next(iter(outcomes)), reasons=reasons, shown=shown)
    if Outcome.MIXED in outcomes or {Outcome.ALLOWED, Outcome.BLOCKED} <= outcomes:
        return Answer(outcome=Outcome.MIXED, reasons=reasons, shown=shown)
    return Answer(outcome=Outcome.UNKNOWN, reasons=reasons, shown=shown)


def either(one: Answer, other: Answer) -> Answer:
    """Alternatives of which nobody says which one counts: alike, or unknown."""
    shown, reasons = one.shown + other.shown, one.reasons | other.reasons
    if one.outcome is other.outcome:
        return Answer(outcome=one.outcome, reasons=reasons, shown=shown)
    open_reasons = (answer.reasons for answer in (one, other) if not answer.definite)
    return Answer(
        outcome=Outcome.UNKNOWN,
        reasons=frozenset({"fqdn-address-unknown"}).union(*open_reasons),
        shown=shown,
    )


def best_of(answers: Sequence[Answer]) -> Answer:
    """Alternatives of which one is enough."""
    if not answers:
        return Answer(outcome=Outcome.UNKNOWN, reasons=frozenset({"fqdn-address-unknown"}))
    found = min(answers, key=lambda answer: BEST_FIRST.index(answer.outcome))
    reasons = frozenset().union(*(answer.reasons for answer in answers if answer.outcome is found.outcome))
    return Answer(outcome=found.outcome, reasons=reasons, shown=found.shown)
