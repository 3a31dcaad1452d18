"""The semantics reference, what cites it, and the table of clauses, code and cases that `make clauses` prints."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
import yaml

from auditor.model.reading import ASSUMABLE
from auditor.rules.reason_codes import SUPPLIES
from tools import clauses

REFERENCE = (clauses.ROOT / clauses.REFERENCE).read_text(encoding="utf-8")


def test_the_reference_numbers_its_clauses_without_gaps() -> None:
    """Every family counts from 1 on, each id once: a clause that is taken back keeps its number."""
    numbers: dict[str, list[int]] = defaultdict(list)
    for clause in clauses.reference_ids(REFERENCE):
        family, _, number = clause.rpartition("-")
        numbers[family].append(int(number))
    assert set(numbers) == set(clauses.FAMILIES)
    for family, found in numbers.items():
        assert sorted(found) == list(range(1, len(found) + 1)), family


def test_every_clause_cited_is_in_the_reference() -> None:
    """Code, cases, documentation and the reference itself cite clauses that exist."""
    known = set(clauses.reference_ids(REFERENCE))
    cited = re.compile(rf"(?<![\w-])(?:{'|'.join(clauses.FAMILIES)})-[0-9]+(?![\w-])")
    paths = [
        *(clauses.ROOT / "auditor").rglob("*.py"),
        *(clauses.ROOT / "tests" / "cases").rglob("case.yaml"),
        *(clauses.ROOT / "docs").rglob("*.md"),
    ]
    strange = {
        f"{path.relative_to(clauses.ROOT)}: {clause}"
        for path in paths
        for clause in cited.findall(path.read_text(encoding="utf-8"))
        if clause not in known
    }
    assert not strange


def test_every_page_that_a_case_names_is_there() -> None:
    """What is no clause of Azure is a rule of ours, and written down."""
    pages = {
        name for case in clauses.read_cases(clauses.ROOT).values() for name in case["clauses"] if "/" in name
    }
    assert pages
    assert not {page for page in pages if not (clauses.ROOT / page).is_file()}


def test_every_source_cited_is_listed() -> None:
    """A key in brackets has a row in the list of sources, and no row is there for nothing."""
    body, _, sources = REFERENCE.partition("## 10. Sources")
    listed = set(re.findall(r"^\| \[([^\]]+)\] \|", sources, re.MULTILINE)) | {"nat-old"}
    used = set(re.findall(r"\[([a-z0-9-]+)\](?!\()", body)) - {"x2"}
    assert used == listed - {"aks:X"}


def test_the_reference_knows_every_reason_code() -> None:
    """Section 8 lists exactly the codes that the program assumes or gives as reasons."""
    assert set(clauses.clauses_of_codes(REFERENCE)) == {*ASSUMABLE, *SUPPLIES}


def test_every_clause_is_reached_or_excused() -> None:
    """`make clauses` passes: no clause without case or reason, no reason that is stale or names what is not there."""
    assert clauses.table().faults == ()


def test_the_table_is_written_as_json(tmp_path: Path) -> None:
    """The command writes clause, code and cases, and prints each unreached clause with its reason."""
    written = tmp_path / "out" / "clauses.json"
    script = clauses.ROOT / "tools" / "clauses.py"
    done = subprocess.run(
        [sys.executable, script, "--json", written], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "\nV-8     not visible in ARM" in done.stdout
    rows = {row["id"]: row for row in json.loads(written.read_text(encoding="utf-8"))["clauses"]}
    assert list(rows) == clauses.reference_ids(REFERENCE)
    assert "auditor/filters/network_rules.py" in rows["FW-7"]["code"]
    assert "firewall/order-inside-a-collection" in rows["FW-7"]["cases"]
    assert rows["V-8"]["unreached"]["why"].startswith("not visible in ARM")
    assert "unreached" not in rows["FW-7"]


@pytest.mark.parametrize(
    "asked",
    [
        {"hop": {"clause": "NSG-1"}},
        {"hops": [{"clause": "FW-6"}, {"clause": "NSG-1"}]},
        {"blockers": [{"clause": "NSG-1"}]},
        {"assumptions": ["tied"]},
        {"reasons": ["tied"]},
        {"reasons": ["uncertain:NSG-1"]},
        {"strict": {"verdict": "unknown", "reasons": ["tied"]}},
        {"note": "it does (NSG-1)"},
    ],
)
def test_what_a_case_expects_reaches_a_clause(asked: dict[str, Any]) -> None:
    """The clause of a hop, blocker or note, and the codes tied to it, count."""
    assert "NSG-1" in clauses.reached_by({"ask": [asked]}, {"tied": ["NSG-1"]}, {})


def test_findings_and_told_notes_reach_a_clause() -> None:
    """So do the findings of rules about it, and the notes of a scan."""
    assert clauses.reached_by({"found": ["rule"]}, {}, {"rule": ["NSG-1"]}) == {"NSG-1"}
    assert clauses.reached_by({"told": ["nodes only (AKS-16)"]}, {}, {}) == {"AKS-16"}


def test_what_a_case_lists_reaches_nothing() -> None:
    """Naming a clause in a title or a list proves nothing about the answer."""
    case = {
        "title": "NSG-1",
        "clauses": ["NSG-1"],
        "ask": [{"hop": {"stage": "route"}, "verdict": "allowed"}],
    }
    assert clauses.reached_by(case, {}, {}) == frozenset()


CASE = {"title": "x", "clauses": ["NSG-1", "NSG-2"], "ask": [{"hop": {"clause": "NSG-1"}}]}
EXCUSED = {"found": {}, "unreached": {"NSG-2": {"why": "no hop", "cases": ["area/one"]}}}


def checkout(root: Path, said: dict[str, Any]) -> clauses.Table:
    """The table of a tiny checkout: two clauses, one module, one case."""
    shutil.rmtree(root, ignore_errors=True)
    for path, text in {
        "docs/azure-semantics.md": "- **NSG-1** a\n- **NSG-2** b\n## 8. Codes\n## 9. x\n",
        "auditor/rules/moat.py": '"""About NSG-1."""\n',
        "tests/cases/area/one/case.yaml": yaml.safe_dump(CASE),
        "tests/test_moat.py": "def test_moat() -> None: ...\n",
        "tests/clauses.yaml": yaml.safe_dump(said),
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return clauses.table(root)


def test_a_tiny_table(tmp_path: Path) -> None:
    """Each clause with the code that cites it, the cases that reach it and those that name it."""
    found = checkout(tmp_path, EXCUSED)
    assert found.faults == ()
    assert [(one.id, one.code, one.cases, one.listed) for one in found.clauses] == [
        ("NSG-1", ("auditor/rules/moat.py",), ("area/one",), ("area/one",)),
        ("NSG-2", (), (), ("area/one",)),
    ]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"found": {}, "unreached": {}}, "NSG-2: no case reaches it"),
        (
            {"found": {}, "unreached": {**EXCUSED["unreached"], "NSG-1": {"why": "x"}}},
            "NSG-1: .* but area/one reaches it",
        ),
        ({"found": {}, "unreached": {**EXCUSED["unreached"], "NSG-3": {"why": "x"}}}, "NSG-3 is no clause"),
        ({"found": {}, "unreached": {"NSG-2": {"why": "x", "cases": ["area/two"]}}}, "names case area/two"),
        (
            {"found": {}, "unreached": {"NSG-2": {"why": "x", "tests": ["tests/test_moat.py::test_x"]}}},
            "names test tests/test_moat.py::test_x",
        ),
        ({**EXCUSED, "found": {"moat": ["NSG-2"]}}, "rule moat says nowhere that it is about NSG-2"),
    ],
)
def test_a_reason_that_is_missing_or_wrong_is_a_fault(
    said: dict[str, Any], told: str, tmp_path: Path
) -> None:
    """Reasons are checked like code: they are there when needed, gone when not, and name what exists."""
    faults = checkout(tmp_path, said).faults
    assert any(re.search(told, fault) for fault in faults), faults


def test_a_test_that_is_there_excuses(tmp_path: Path) -> None:
    """A clause may be shown by a test instead of a case."""
    excuse = {"why": "x", "tests": ["tests/test_moat.py::test_moat"]}
    assert checkout(tmp_path, {"found": {"moat": ["NSG-1"]}, "unreached": {"NSG-2": excuse}}).faults == ()


def test_a_reason_without_words_is_refused(tmp_path: Path) -> None:
    """An entry that says nothing is a mistake of its writer."""
    with pytest.raises(clauses.WrongTableError, match="NSG-2: expected why"):
        checkout(tmp_path, {"found": {}, "unreached": {"NSG-2": {"cases": ["area/one"]}}})
