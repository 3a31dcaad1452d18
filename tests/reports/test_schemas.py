"""Reports about whole estates keep the schemas that the readers of each format use."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding

from auditor.model.finding import Coverage, Report
from auditor.reporters.interface import Options
from auditor.reporters.register import report_reporter
from tests.reports import validators
from tests.reports.estates import EXAMPLES, hostile_report, report_of


def empty_report() -> Report:
    nothing = Coverage(complete=False, reads=())
    return replace(report_of("open"), clusters=(), findings=(), collected=None, coverage=nothing)


REPORTS: dict[str, Callable[[], Report]] = {
    **{name: partial(report_of, name) for name in EXAMPLES},
    "hostile": hostile_report,
    "empty": empty_report,
}
every_report = pytest.mark.parametrize("name", REPORTS)


def rendered(style: str, report: Report, **options: Any) -> str:
    return report_reporter(style).render(report, Options(**options))


@every_report
@pytest.mark.parametrize("suppressions", [False, True])
def test_sarif(name: str, suppressions: bool) -> None:
    """SARIF keeps the official schema, with waived results and without."""
    text = rendered("sarif", REPORTS[name](), suppressions=suppressions, scope=name)
    validators.sarif().validate(json.loads(text))


@every_report
def test_junit(name: str) -> None:
    """JUnit keeps the schema that Jenkins reads it by, and its counts are those of its cases."""
    text = rendered("junit", REPORTS[name]())
    validators.junit().validate(text)


@every_report
def test_ocsf(name: str) -> None:
    """Each line is a Compliance Finding by OCSF's own schema, and a library that reads such events takes it."""
    report = REPORTS[name]()
    events = [json.loads(line) for line in rendered("ocsf", report).splitlines()]
    assert len(events) == len(report.findings)
    for event in events:
        errors = [error.message for error in validators.ocsf().iter_errors(event)]
        assert errors == []
    for event in events[:5]:
        read = ComplianceFinding(**event).model_dump(mode="json", exclude_unset=True)
        assert read["finding_info"] == event["finding_info"]
        assert read["compliance"].items() <= event["compliance"].items()
        assert (read["time"], read["type_uid"], read["status_id"]) == (
            event["time"],
            event["type_uid"],
            event["status_id"],
        )


def test_the_schemas_refuse_something() -> None:
    """A schema that lets everything pass would prove nothing."""
    log = json.loads(rendered("sarif", report_of("open")))
    log["runs"][0]["results"][0]["severity"] = "high"
    assert not validators.sarif().is_valid(log)
    assert not validators.junit().is_valid("<testsuites><testsuite name='a'/></testsuites>")
    event = json.loads(rendered("ocsf", report_of("open")).splitlines()[0])
    del event["cloud"]
    assert not validators.ocsf().is_valid(event)
