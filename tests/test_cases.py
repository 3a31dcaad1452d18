"""Every folder under tests/cases/ is a case: an estate, questions, and the answers that the clauses give."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases_support.case_file import ReadingName, case_id, case_paths, read_case
from tests.cases_support.run import faults_of


@pytest.mark.parametrize("reading", ["default", "strict"])
@pytest.mark.parametrize("path", case_paths(), ids=case_id)
def test_case(path: Path, reading: ReadingName, tmp_path: Path) -> None:
    """The audit answers as the clauses named in the case say, under the default reading and under --strict."""
    case = read_case(path)
    faults = faults_of(case, reading, tmp_path)
    assert not faults, "\n".join([case.title, *faults])
