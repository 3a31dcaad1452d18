"""What an answer says beside its outcome: to where a row without destination leaves."""

from __future__ import annotations

import re
from pathlib import Path

from auditor.audit import check, load_policy, load_snapshot

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
