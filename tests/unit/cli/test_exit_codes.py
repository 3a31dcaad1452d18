"""How a report leads to an exit code."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from auditor.cli.exit_codes import ExitCode, Tolerance, exit_code, shortcomings, trace_exit_code
from auditor.model.finding import Coverage, Severity, Status
from auditor.model.history import Changes, PastFinding
from auditor.model.verdict import Outcome
from tests.unit.reporters import records

ERROR = records.finding()
WARNING = records.OUTBOUND
NOTE = replace(WARNING, severity=Severity.NOTE)
UNKNOWN = records.UNKNOWN
OPEN = replace(UNKNOWN, level="recommended")
UNREAD = replace(UNKNOWN, rule="collection-incomplete", endpoint=None, level="")
GAP = Coverage(complete=False, reads=())


@pytest.mark.parametrize(
    ("findings", "tolerance", "code"),
    [
        ((), {}, 0),
        ((ERROR,), {}, 1),
        ((WARNING,), {}, 0),
        ((WARNING,), {"fail_on": "warning"}, 1),
        ((NOTE,), {"fail_on": "warning"}, 0),
        ((NOTE,), {"fail_on": "note"}, 1),
        ((ERROR,), {"fail_on": "never"}, 0),
        ((replace(ERROR, status=Status.PASS),), {"fail_on": "note"}, 0),
        ((replace(ERROR, status=Status.WAIVED),), {"fail_on": "note"}, 0),
        ((replace(ERROR, status=Status.NOT_APPLICABLE),), {"fail_on": "note"}, 0),
        ((replace(ERROR, status=Status.UNKNOWN),), {"fail_on": "note"}, 0),
        ((UNKNOWN,), {}, 3),
        ((UNKNOWN,), {"fail_on": "note"}, 3),
        ((UNKNOWN,), {"allow_incomplete": True}, 0),
        ((UNKNOWN,), {"allow_empty": True}, 3),
        ((OPEN,), {}, 0),
        ((replace(UNKNOWN, status=Status.WAIVED),), {}, 0),
        ((UNREAD,), {}, 3),
        ((UNREAD,), {"allow_incomplete": True}, 0),
        ((UNKNOWN, ERROR), {}, 1),
        ((UNKNOWN, ERROR), {"allow_incomplete": True}, 1),
        ((UNKNOWN, ERROR), {"fail_on": "never"}, 3),
        ((UNKNOWN, ERROR), {"fail_on": "never", "allow_incomplete": True}, 0),
        ((UNKNOWN, WARNING), {}, 3),
        ((UNKNOWN, WARNING), {"fail_on": "warning"}, 1),
    ],
)
def test_exit_code(findings: tuple[Any, ...], tolerance: dict[str, Any], code: int) -> None:
    """Findings at the threshold come first, then what is incomplete; only what failed counts."""
    assert exit_code(records.report(findings=findings), Tolerance(**tolerance)) == code


@pytest.mark.parametrize(
    ("tolerance", "code"),
    [({}, 3), ({"allow_incomplete": True}, 3), ({"allow_empty": True}, 0)],
)
def test_no_cluster(tolerance: dict[str, Any], code: int) -> None:
    """Finding no cluster is incomplete, and has a flag of its own."""
    assert exit_code(records.report(clusters=(), findings=()), Tolerance(**tolerance)) == code


@pytest.mark.parametrize(
    ("tolerance", "code"),
    [
        ({}, 3),
        ({"allow_empty": True}, 3),
        ({"allow_incomplete": True}, 3),
        ({"allow_incomplete": True, "allow_empty": True}, 0),
    ],
)
def test_no_cluster_and_not_read(tolerance: dict[str, Any], code: int) -> None:
    """Each flag accepts its own shortcoming only."""
    assert exit_code(records.report(clusters=(), findings=(), coverage=GAP), Tolerance(**tolerance)) == code


def test_failed_essential_read() -> None:
    """A coverage that is not complete is enough."""
    report = records.report(findings=(), coverage=GAP)
    assert exit_code(report, Tolerance()) is ExitCode.INCOMPLETE
    assert exit_code(report, Tolerance(allow_incomplete=True)) is ExitCode.CLEAN


def test_shortcomings_in_words() -> None:
    """The reasons are said with the flag that accepts them."""
    report = records.report(findings=(UNKNOWN,), coverage=GAP)
    said = "1 required endpoint is undetermined and something essential was not read"
    assert shortcomings(report, Tolerance()) == (f"{said} (--allow-incomplete accepts that)",)


def test_trace_exit_code() -> None:
    """Allowed, blocked and mixed are answers; unknown is none, and neither is silence."""
    answers = {outcome: records.trace("a.b:1/tcp", records.verdict(outcome)) for outcome in Outcome}
    unknown = answers.pop(Outcome.UNKNOWN)
    assert trace_exit_code(tuple(answers.values())) is ExitCode.CLEAN
    assert trace_exit_code((*answers.values(), unknown)) is ExitCode.INCOMPLETE
    assert trace_exit_code(()) is ExitCode.INCOMPLETE


def had(severity: str, status: str, fingerprint: str = ERROR.fingerprint) -> Changes:
    """A report's changes, when an earlier run had one finding that this one has, too."""
    past = PastFinding(
        fingerprint=fingerprint,
        rule=ERROR.rule,
        severity=severity,
        status=status,
        cluster=None,
        cluster_name=None,
        endpoint=None,
        resource=None,
        message="",
        first_seen="",
        last_seen="",
    )
    return Changes(run="1", since="", new=(), persisting=(past,), mended=(), not_comparable=())


@pytest.mark.parametrize(
    ("changes", "fail_on", "code"),
    [
        (None, "error", 1),
        (had("error", "fail"), "error", 0),
        (had("error", "fail", "of-another"), "error", 1),
        (had("error", "waived"), "error", 1),
        (had("error", "unknown"), "error", 1),
        (had("warning", "fail"), "error", 1),
        (had("warning", "fail"), "warning", 0),
        (had("note", "waived"), "never", 0),
    ],
)
def test_new_only(changes: Changes | None, fail_on: str, code: int) -> None:
    """Known is what counted before by the same threshold: not what was waived, unknown or milder then."""
    report = records.report(findings=(ERROR,), changes=changes)
    assert exit_code(report, Tolerance(fail_on=fail_on, new_only=True)) == code
    assert exit_code(report, Tolerance(fail_on=fail_on)) == (0 if fail_on == "never" else 1)


def test_new_only_excuses_nothing_unknown() -> None:
    """What is incomplete stays incomplete, known or not."""
    known = had("error", "unknown", UNKNOWN.fingerprint)
    report = records.report(findings=(UNKNOWN,), changes=known)
    assert exit_code(report, Tolerance(new_only=True)) == ExitCode.INCOMPLETE
