"""The same estate gives the same bytes, and a finding keeps its identity while what does not matter changes."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from auditor.reporters.interface import Options
from auditor.reporters.register import REPORTERS
from tests.reports.estates import EXAMPLES, hostile_report, moved, report_of
from tests.reports.fingerprints import fingerprints, recorded


@pytest.mark.parametrize("example", EXAMPLES)
def test_fingerprints_are_those_on_record(example: str) -> None:
    """Every fingerprint equals the golden file (`python -m tests.reports.fingerprints` writes it anew)."""
    assert fingerprints(report_of(example)) == recorded()[example]


@pytest.mark.parametrize("example", EXAMPLES)
def test_fingerprints_survive_what_does_not_matter(example: str) -> None:
    """Other priorities in the same order, and documents and lists in another, change no fingerprint or status."""
    before, after = report_of(example), moved(example)
    assert fingerprints(before) == fingerprints(after)
    statuses = {finding.fingerprint: finding.status for finding in before.findings}
    assert {finding.fingerprint: finding.status for finding in after.findings} == statuses
    assert before.findings != after.findings or example == "open"


@pytest.mark.parametrize("style", ["sarif", "csv", "junit", "ocsf", "json"])
def test_the_order_of_findings_does_not_show(style: str) -> None:
    """Formats for machines sort by themselves."""
    reporter = next(item for item in REPORTERS if item.name == style)
    report = hostile_report()
    turned = replace(report, findings=report.findings[::-1])
    options = Options(suppressions=True)
    assert reporter.render(report, options) == reporter.render(turned, options)


def test_alerts_keep_their_identity() -> None:
    """In SARIF each result has the finding's fingerprint, each once."""
    sarif = next(item for item in REPORTERS if item.name == "sarif")
    (run,) = json.loads(sarif.render(report_of("broken"), Options()))["runs"]
    told = [result["partialFingerprints"]["primaryLocationLineHash"] for result in run["results"]]
    problems = {
        item.fingerprint for item in report_of("broken").findings if item.status.value in {"fail", "unknown"}
    }
    assert len(told) == len(set(told))
    assert set(told) == problems
