"""Markdown for pull requests and job summaries."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.model.finding import Coverage, Place, Report, Severity, Status, Waiver
from auditor.model.history import Changes
from auditor.reporters.interface import DEFAULT_CHARACTERS, MINIMUM_CHARACTERS, Options
from auditor.reporters.markdown import Markdown
from auditor.reporters.markdown_text import code, fence
from tests.unit.reporters import records


def rendered(report: Report, characters: int = DEFAULT_CHARACTERS) -> str:
    return Markdown().render(report, Options(characters=characters))


def test_whole() -> None:
    """The head counts, then findings come worst first, each with what breaks and how to mend it."""
    rule = "required-endpoint-blocked"
    text = rendered(records.report())
    assert text.splitlines()[:26] == [
        "## Egress audit",
        "",
        "1 cluster audited by `aks-2026-06-18`. 3 endpoints needed: 1 allowed, 1 blocked, 1 unknown.",
        "",
        "**The audit is incomplete**: 1 required endpoint is undetermined.",
        "",
        "| cluster | Errors | Not known | Warnings | Notes |",
        "|---|---:|---:|---:|---:|",
        "| `aks-payments` | 1 | 1 | 1 | 0 |",
        "",
        "### Errors (1)",
        "",
        f"- **`{records.finding().endpoint}`** from pools `sys`, `apps` of `aks-payments`: `{rule}`",
        f"  - `{records.finding().message}`",
        f"  - breaks: `{records.finding().breaks}`",
        f"  - mend: `{records.finding().remediation}`",
        "",
        "  <details><summary>commands</summary>",
        "",
        "  ```sh",
        f"  {records.COMMAND}",
        "  ```",
        "",
        "  </details>",
        "",
        "",
    ]
    assert text.index("### Errors") < text.index("### Not known (1)") < text.index("### Warnings (1)")
    assert "### Notes" not in text


def test_nothing_found() -> None:
    """A clean audit says so."""
    text = rendered(records.report(findings=(records.finding(status=Status.PASS),)))
    assert text.endswith("\n\nNothing was found.\n")
    assert "incomplete" not in text


def test_waived_places_and_changes() -> None:
    """Who accepted what, where a cause stands, and what is different from the run before."""
    waiver = Waiver(
        rule="*", scope=(), reason="soon", owner="net", expires="2027-01-01", place=Place(file="p.yaml")
    )
    findings = (
        records.finding(status=Status.WAIVED, waiver=waiver),
        replace(records.OUTBOUND, place=Place(file="main.tf", line=4)),
    )
    changes = Changes(run="1", since="2026-08-01", new=("a",), persisting=(), mended=(), not_comparable=())
    text = rendered(records.report(findings=findings, changes=changes))
    assert "Since `2026-08-01`: 1 new, 0 mended, 0 persisting, 0 not comparable." in text
    assert "  - at `main.tf:4`" in text
    assert "### Waived (1)" in text
    assert "  - accepted by `net` until `2027-01-01`: `soon`" in text


def test_no_cluster() -> None:
    """That there is no cluster is said."""
    nothing = records.report(clusters=(), findings=(), coverage=Coverage(complete=True, reads=()))
    assert "**The audit is incomplete**: no AKS cluster was found." in rendered(nothing)


@pytest.mark.parametrize("characters", [MINIMUM_CHARACTERS, 3000, 20_000, DEFAULT_CHARACTERS])
def test_the_limit_holds(characters: int) -> None:
    """However much there is, the text stays within it, the severest is kept and the rest is counted."""
    clusters = tuple(records.audited(records.cluster(f"aks-{'ü' * 100}{number}")) for number in range(300))
    findings = [
        records.finding(
            severity=severity,
            endpoint=f"{severity.value}{number}.example:443/https",
            fingerprint=f"{severity.value}{number}",
        )
        for number in range(200)
        for severity in Severity
    ]
    text = rendered(records.report(clusters=clusters, findings=tuple(findings)), characters)
    assert len(text.encode()) <= characters
    assert "Left out to keep this text short: " in text
    shown = text.count("required-endpoint-blocked")
    assert f"clusters of the table and {len(findings) - shown} findings. Other formats" in text
    if shown < 200:
        assert "### Warnings" not in text
    assert text.count("<details>") == text.count("</details>")


def test_code_spans() -> None:
    """Runs of ticks, ends of ticks and blanks, and control characters stay inside."""
    assert code("a") == "`a`"
    assert code("a`b") == "``a`b``"
    assert code("``") == "``` `` ```"
    assert code(" a") == "`  a `"
    assert code("") == "` `"
    assert code("a\n\u202eb") == "`a\\u000a\\u202eb`"
    assert fence(["a ``` b"], "sh", "") == ["````sh", "a ``` b", "````"]
