"""Every gotcha of the semantics reference is a case, answered under the default reading and under --strict."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache

from tests.cases_support.case_file import CASES, Case, case_paths, read_case

REFERENCE = (CASES.parent.parent / "docs" / "azure-semantics.md").read_text(encoding="utf-8")


def gotchas() -> dict[str, frozenset[str]]:
    """The clauses that each gotcha of section 7 names."""
    found: dict[str, frozenset[str]] = {}
    for line in REFERENCE.splitlines():
        match = re.match(r"\| (GOT-[0-9]+) \|.*\| ([^|]+) \|$", line)
        if match is not None:
            found[match[1]] = frozenset(re.findall(r"[A-Z]+-[0-9]+", match[2]))
    return found


@cache
def cases() -> tuple[Case, ...]:
    return tuple(map(read_case, case_paths()))


def cases_of() -> dict[str, list[Case]]:
    """The cases of each gotcha."""
    found: dict[str, list[Case]] = defaultdict(list)
    for case in cases():
        if case.gotcha is not None:
            found[case.gotcha].append(case)
    return found


def test_the_reference_lists_sixty_two_gotchas() -> None:
    """The table is read whole: 62 rows, each with a clause."""
    assert list(gotchas()) == [f"GOT-{number}" for number in range(1, 63)]
    assert all(gotchas().values())


def test_every_gotcha_has_a_case_and_every_case_a_gotcha() -> None:
    """A trap that the reference warns of is one that the program is held to."""
    assert set(cases_of()) == set(gotchas())


def test_the_case_of_a_gotcha_rests_on_its_clauses() -> None:
    """Some case of a gotcha names a clause that the table gives as its ground."""
    astray = [
        name
        for name, clauses in gotchas().items()
        if not any(clauses & set(case.clauses) for case in cases_of().get(name, ()))
    ]
    assert not astray


def test_the_case_of_a_gotcha_is_answered_under_both_readings() -> None:
    """Each holds a question with an answer by default and one under --strict."""
    for name, found in cases_of().items():
        asks = [ask for case in found for ask in case.asks]
        assert asks, name
        assert all(ask.expected(reading).verdict for ask in asks for reading in ("default", "strict")), name


def test_a_folder_named_for_a_gotcha_is_its_case() -> None:
    """A folder `got-<number>-...` says the same as the `gotcha` inside."""
    strange = {
        case.id: case.gotcha
        for case in cases()
        if (match := re.match(r"got-0*([0-9]+)-", case.path.parent.name)) and case.gotcha != f"GOT-{match[1]}"
    }
    assert not strange
