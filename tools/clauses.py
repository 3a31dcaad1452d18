# ruff: noqa: INP001 - a script, in no package
"""Says which clauses of the semantics reference no case reaches: `python tools/clauses.py` (`make clauses`).

A case reaches a clause only by what it *expects*: the clause of a hop, a blocker or a note, a reason code that the
reference ties to the clause, or a finding of a rule that is about the clause. What a case merely lists under
`clauses` does not count. A clause that no case reaches needs a reason in `tests/clauses.yaml`, and a reason that is
no longer needed must go.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).resolve().parent.parent
REFERENCE: Final = Path("docs/azure-semantics.md")
REASONS: Final = Path("tests/clauses.yaml")
CASES: Final = Path("tests/cases")

JUDGED: Final = ("V", "NSG", "UDR", "FW", "AKS")
"""Families whose clauses must be reached or excused; what is left is about reading ARM, sizes and whole cases."""
FAMILIES: Final = (*JUDGED, "ARM", "LIM", "GOT")

_ID: Final = re.compile(rf"(?<![\w-])(?:{'|'.join(FAMILIES)})-[0-9]+(?![\w-])")
_DEFINED: Final = re.compile(rf"^(?:- \*\*|\| )((?:{'|'.join(FAMILIES)})-[0-9]+)(?:\*\*| \|)", re.MULTILINE)
_UNCERTAIN: Final = "uncertain:"


class WrongTableError(Exception):
    """A document from which the table is made does not hold what it should."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Excuse:
    """Why no case reaches a clause."""

    why: str
    cases: tuple[str, ...] = ()
    """Cases that turn on the clause although no hop and no code carries its id."""
    tests: tuple[str, ...] = ()
    """Tests that show it instead, as `path::name`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One row of the table: a clause, the code that cites it and the cases that reach it."""

    id: str
    code: tuple[str, ...]
    cases: tuple[str, ...]
    listed: tuple[str, ...]
    """Cases that name it under `clauses` or as their gotcha, whether they reach it or not."""
    excuse: Excuse | None

    @property
    def family(self) -> str:
        """The part of the id before the number."""
        return self.id.rpartition("-")[0]

    def document(self) -> dict[str, Any]:
        """The row as JSON holds it."""
        row: dict[str, Any] = {"id": self.id, "code": self.code, "cases": self.cases, "listed": self.listed}
        if self.excuse is not None:
            row["unreached"] = {
                "why": self.excuse.why,
                "cases": self.excuse.cases,
                "tests": self.excuse.tests,
            }
        return row


@dataclass(frozen=True, slots=True)
class Table:
    """Every clause of the reference, and what is wrong with the reasons for the unreached ones."""

    clauses: tuple[Clause, ...]
    faults: tuple[str, ...]


def reference_ids(text: str) -> list[str]:
    """The ids that the reference defines, in its order."""
    return _DEFINED.findall(text)


def clauses_of_codes(text: str) -> dict[str, tuple[str, ...]]:
    """The table of section 8: the clauses that a reason code stands for."""
    section = re.search(r"^## 8\. .*?(?=^## )", text, re.MULTILINE | re.DOTALL)
    if section is None:
        raise WrongTableError("the reference holds no section 8")
    found: dict[str, tuple[str, ...]] = {}
    for line in section[0].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `") and len(cells) == 2:
            for code in re.findall(r"`([^`]+)`", cells[0]):
                found[code] = tuple(_ID.findall(cells[1]))
    return found


def cited_in_code(root: Path) -> dict[str, tuple[str, ...]]:
    """The modules below `auditor/` that cite each clause."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((root / "auditor").rglob("*.py")):
        for clause in sorted(set(_ID.findall(path.read_text(encoding="utf-8")))):
            found[clause].append(path.relative_to(root).as_posix())
    return {clause: tuple(paths) for clause, paths in found.items()}


def read_cases(root: Path) -> dict[str, Mapping[str, Any]]:
    """Every case file by the case's id; whether it is sound is for tests/test_cases.py to say."""
    folder = root / CASES
    return {
        path.parent.relative_to(folder).as_posix(): yaml.safe_load(path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob("*/*/case.yaml"))
    }


def reached_by(
    case: Mapping[str, Any], codes: Mapping[str, Sequence[str]], rules: Mapping[str, Sequence[str]]
) -> frozenset[str]:
    """The clauses that a case reaches by what it expects."""
    found: set[str] = set()
    for ask in case.get("ask", ()):
        for hop in (ask.get("hop"), *ask.get("hops", ()), *ask.get("blockers", ())):
            if hop is not None and "clause" in hop:
                found.add(hop["clause"])
        found.update(_ID.findall(ask.get("note", "")))
        strict = ask.get("strict", {})
        for code in (*ask.get("assumptions", ()), *ask.get("reasons", ()), *strict.get("reasons", ())):
            if code.startswith(_UNCERTAIN):
                found.add(code.removeprefix(_UNCERTAIN))
            found.update(codes.get(code, ()))
    for rule in case.get("found", ()):
        found.update(rules.get(rule, ()))
    for text in case.get("told", ()):
        found.update(_ID.findall(text))
    return frozenset(found)


def table(root: Path = ROOT) -> Table:
    """The table of a checkout."""
    text = (root / REFERENCE).read_text(encoding="utf-8")
    said = yaml.safe_load((root / REASONS).read_text(encoding="utf-8"))
    rules: dict[str, list[str]] = said["found"]
    excuses = {clause: _excuse(clause, value) for clause, value in said["unreached"].items()}
    codes, code, cases = clauses_of_codes(text), cited_in_code(root), read_cases(root)
    reached: dict[str, list[str]] = defaultdict(list)
    listed: dict[str, list[str]] = defaultdict(list)
    for name, case in cases.items():
        for clause in reached_by(case, codes, rules):
            reached[clause].append(name)
        for clause in {*case["clauses"], case.get("gotcha")} - {None}:
            listed[clause].append(name)
    clauses = tuple(
        Clause(
            id=clause,
            code=code.get(clause, ()),
            cases=tuple(reached[clause]),
            listed=tuple(listed[clause]),
            excuse=excuses.get(clause),
        )
        for clause in reference_ids(text)
    )
    known = {clause.id for clause in clauses}
    faults = [
        *_unexcused(clauses),
        *(f"{REASONS}: {clause} is no clause of the reference" for clause in sorted(excuses.keys() - known)),
        *(fault for clause in clauses for fault in _excuse_faults(clause, root)),
        *_rule_faults(rules, known, root),
    ]
    return Table(clauses, tuple(faults))


def _excuse(clause: str, value: Any) -> Excuse:
    unknown = set(value) - {"why", "cases", "tests"} if isinstance(value, dict) else {"no mapping"}
    if unknown or not isinstance(value.get("why"), str):
        raise WrongTableError(f"{REASONS}: {clause}: expected why, perhaps cases and tests")
    return Excuse(why=value["why"], cases=tuple(value.get("cases", ())), tests=tuple(value.get("tests", ())))


def _unexcused(clauses: Sequence[Clause]) -> Iterator[str]:
    for clause in clauses:
        if clause.family in JUDGED and not clause.cases and clause.excuse is None:
            yield f"{clause.id}: no case reaches it, and {REASONS} gives no reason"
        if clause.cases and clause.excuse is not None:
            yield f"{clause.id}: {REASONS} gives a reason, but {clause.cases[0]} reaches it"


def _excuse_faults(clause: Clause, root: Path) -> Iterator[str]:
    """Cases and tests that a reason names must be there, and the cases must list the clause."""
    if clause.excuse is None:
        return
    for case in clause.excuse.cases:
        if case not in clause.listed:
            yield f"{clause.id}: {REASONS} names case {case}, which is not there or does not list the clause"
    for test in clause.excuse.tests:
        path, _, name = test.partition("::")
        place = root / path
        if not place.is_file() or f"def {name}(" not in place.read_text(encoding="utf-8"):
            yield f"{clause.id}: {REASONS} names test {test}, which is not there"


def _rule_faults(rules: Mapping[str, Sequence[str]], known: set[str], root: Path) -> Iterator[str]:
    """A rule shows a clause only if its module or its page says that it is about it."""
    for rule, clauses in rules.items():
        paths = (root / f"auditor/rules/{rule.replace('-', '_')}.py", root / f"docs/rules/{rule}.md")
        told = {clause for path in paths if path.is_file() for clause in _ID.findall(path.read_text("utf-8"))}
        for clause in clauses:
            if clause not in known or clause not in told:
                yield f"{REASONS}: rule {rule} says nowhere that it is about {clause}"


def shown(found: Table) -> Iterator[str]:
    """The totals, the unreached clauses with their reasons, and the faults, as lines."""
    for family in FAMILIES:
        of_family = [clause for clause in found.clauses if clause.family == family]
        reached = sum(bool(clause.cases) for clause in of_family)
        shown_by_case = sum(
            not clause.cases and bool(clause.excuse and clause.excuse.cases) for clause in of_family
        )
        if family in JUDGED:
            yield (
                f"{family:4} {len(of_family):3} clauses: {reached} reached by what a case expects, "
                f"{shown_by_case} shown by a case without their id, {len(of_family) - reached - shown_by_case} not"
            )
        else:
            cases = sum(bool(clause.cases or clause.listed) for clause in of_family)
            yield f"{family:4} {len(of_family):3} clauses: {cases} named by a case"
    for clause in found.clauses:
        if clause.excuse is not None and not clause.cases:
            places = (*(f"case {name}" for name in clause.excuse.cases), *clause.excuse.tests)
            yield f"{clause.id:7} {clause.excuse.why}" + (f" ({', '.join(places)})" if places else "")
    yield from (f"fault: {fault}" for fault in found.faults)


def main() -> None:
    """Print the unreached clauses; exit 1 if one has no reason or a reason is stale."""
    parser = argparse.ArgumentParser(description="Print the clauses that no case reaches.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write clause, code and cases as JSON")
    arguments = parser.parse_args()
    try:
        found = table()
    except WrongTableError as error:
        sys.exit(str(error))
    if arguments.json is not None:
        rows = [clause.document() for clause in found.clauses]
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"version": 1, "clauses": rows}, indent=2) + "\n"
        arguments.json.write_text(text, encoding="utf-8")
    sys.stdout.write("".join(f"{line}\n" for line in shown(found)))
    sys.exit(1 if found.faults else 0)


if __name__ == "__main__":
    main()
