"""Which mutants are chosen, before any is tried: `make test-deep` tries them."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest

from tests.mutants.candidates import PACKAGES, Candidate, candidates, chosen, mutant
from tests.mutants.equivalents import PLACE, WrongEntryError, key_of, read_equivalents, stale
from tests.mutants.operators import KINDS

ROOT = Path(__file__).resolve().parents[2]

SOURCE = """
from dataclasses import dataclass

@dataclass(frozen=True)
class Pair:
    low: int | None = 1

    def holds(self, *, other: int | str) -> bool | None:
        for one, two in zip((1, 2), (3, 4), strict=True):
            if one <= other and min(one, two) < 9:
                return True
        return self.low | 2 == other
"""


@pytest.fixture(scope="module")
def found() -> list[Candidate]:
    return candidates(ROOT)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A checkout of one small file."""
    folder = tmp_path / "auditor/netset"
    folder.mkdir(parents=True)
    (folder / "pair.py").write_text(SOURCE, encoding="utf-8")
    (tmp_path / PLACE).parent.mkdir(parents=True)
    (tmp_path / PLACE).write_text("[]", encoding="utf-8")
    return tmp_path


def test_every_kind_is_tried_in_every_package(found: list[Candidate]) -> None:
    """At least three hundred, none twice, and no package or kind is a token."""
    some = chosen(found, 320, seed=1)
    assert len(set(some)) == len(some) == 320
    assert min(Counter(one.package for one in some)[name] for name in PACKAGES) > 80
    assert min(Counter(one.kind for one in some)[name] for name in KINDS) > 30
    assert len({one.operator for one in some}) > 30


def test_a_seed_chooses_the_same_every_time(found: list[Candidate]) -> None:
    """Another seed chooses others."""
    assert chosen(found, 60, seed=1) == chosen(list(reversed(found)), 60, seed=1)
    assert chosen(found, 60, seed=1) != chosen(found, 60, seed=2)


def test_what_never_runs_is_left_alone(small: Path) -> None:
    """Annotations, decorators and the check of a zip offer no place; each operator of the code does."""
    lines = Counter(one.text for one in candidates(small))
    assert not any("@" in text for text in lines)
    assert {one.operator for one in candidates(small) if one.text == "low: int | None = 1"} == {
        "NumberReplacer"
    }
    assert not any("True" in one.operator for one in candidates(small) if "zip" in one.text)
    assert not any(text.startswith("def ") for text in lines)
    operators = {one.operator for one in candidates(small)}
    assert {"SwapFunction", "ReplaceAndWithOr", "ReplaceComparisonOperator_LtE_Lt"} <= operators
    assert {"ReplaceBinaryOperator_BitOr_BitAnd", "ReplaceComparisonOperator_Eq_NotEq"} <= operators


def test_every_mutant_is_code_that_differs_in_its_line(small: Path) -> None:
    """Each operator is applied to the place that the candidate names."""
    for at in candidates(small):
        made = mutant(small, at)
        ast.parse(made.code)
        assert at.function in {"Pair", "Pair.holds"}
        assert made.becomes != at.text
        assert made.code.count("\n") == SOURCE.count("\n")


def test_a_proof_holds_for_its_mutant_only(small: Path) -> None:
    """An entry is found by lines, wherever they stand; one that fits no mutant is stale."""
    at = next(one for one in candidates(small) if one.operator == "ReplaceComparisonOperator_LtE_Lt")
    key = key_of(mutant(small, at))
    fields = f"{{file: {key.file}, function: {key.function}, operator: {key.operator}, proof: never equal,"
    entry = f"- {fields} text: '{key.text}', becomes: '{key.becomes}'}}\n"
    (small / PLACE).write_text(entry, encoding="utf-8")
    proofs = read_equivalents(small)
    assert proofs == {key: "never equal"}
    path = small / at.file
    path.write_text(f"# moved\n{SOURCE}", encoding="utf-8")
    assert list(stale(small, proofs, candidates(small))) == []
    path.write_text(SOURCE.replace("one <= other", "one <= 1 + other"), encoding="utf-8")
    assert list(stale(small, proofs, candidates(small))) == [key]
    (small / PLACE).write_text(entry * 2, encoding="utf-8")
    with pytest.raises(WrongEntryError, match="twice"):
        read_equivalents(small)
    (small / PLACE).write_text("- {file: a}\n", encoding="utf-8")
    with pytest.raises(WrongEntryError, match="expected the texts"):
        read_equivalents(small)
