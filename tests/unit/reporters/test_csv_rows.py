"""CSV, a row a finding."""

from __future__ import annotations

import csv
import io

import pytest

from auditor.model.finding import Control, Place, Report, RuleInfo, Severity, Status, Waiver
from auditor.reporters.csv_rows import COLUMNS, CsvRows, cell
from auditor.reporters.interface import Options
from tests.unit.reporters import records


def rows_of(report: Report) -> list[dict[str, str]]:
    text = CsvRows().render(report, Options())
    assert text.endswith("\r\n")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_every_status_has_its_row() -> None:
    """One line a finding, whatever its status, below a header that stays."""
    findings = tuple(records.finding(status=status, fingerprint=status.value) for status in Status)
    rows = rows_of(records.report(findings=findings))
    assert sorted(row["status"] for row in rows) == sorted(status.value for status in Status)
    assert list(rows[0]) == list(COLUMNS)
    empty = CsvRows().render(records.report(findings=()), Options())
    assert empty == ",".join(f'"{name}"' for name in COLUMNS) + "\r\n"


def test_a_row() -> None:
    """Lists are joined by semicolons, controls come from the rule, waiver and place from the finding."""
    control = Control(standard="PCI DSS v4.0.1", id="1.3.2")
    rule = RuleInfo(
        id="required-endpoint-blocked", title="x", severity=Severity.ERROR, controls=(control, control)
    )
    waiver = Waiver(
        rule="*", scope=(), reason="soon", owner="net", expires="2027-01-01", place=Place(file="p.yaml")
    )
    finding = records.finding(pools=("sys", "apps"), waiver=waiver, place=Place(file="main.tf", line=4))
    (row,) = rows_of(records.report(findings=(finding,), rules=(rule,)))
    assert row["pools"] == "sys; apps"
    assert row["controls"] == "PCI DSS v4.0.1 1.3.2; PCI DSS v4.0.1 1.3.2"
    assert (row["waiver_reason"], row["waiver_owner"], row["waiver_expires"]) == ("soon", "net", "2027-01-01")
    assert (row["file"], row["line"]) == ("main.tf", "4")
    assert row["cluster"] == records.cluster().id.text
    assert row["commands"] == records.COMMAND
    assert row["remediation"] == finding.remediation


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(1)", "'@SUM(1)"),
        ("  =1", "'  =1"),
        ("＝1", "'＝1"),  # noqa: RUF001 - the wide form
        ("a;=1;-2", "a;'=1;'-2"),
        ("a; -b", "a;' -b"),
        ("*.a.b:443/https", "*.a.b:443/https"),
        ("a-b=c; d", "a-b=c; d"),
        ("", ""),
    ],
)
def test_formulas(text: str, shown: str) -> None:
    """What a spreadsheet would compute gets an apostrophe, all else stays."""
    assert cell(text) == shown


def test_a_cell_has_an_end() -> None:
    """Longer than a spreadsheet takes is cut here, visibly."""
    assert cell("a" * 40_000) == "a" * 31_997 + "..."
