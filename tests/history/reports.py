"""Reports of real audits, and changes to them that a test asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import NamedTuple

from auditor import audit, resources
from auditor.history.store import Making
from auditor.model.finding import AuditedCluster, Finding, ReadRow, Report, Status
from auditor.policy.settings import DEFAULT_SETTINGS, Settings

START = datetime(2026, 6, 1, 8, tzinfo=UTC)


@cache
def example(name: str) -> Report:
    """The audit of a bundled estate; `broken` and `locked-down` hold the same cluster."""
    return audit.check(audit.load_snapshot(resources.examples() / name), audit.load_policy())


def making(day: int = 0, settings: Settings = DEFAULT_SETTINGS) -> Making:
    """A run of some day after the first of June."""
    return Making(time=START + timedelta(days=day), settings=settings)


def incomplete(report: Report) -> Report:
    """The report, had something essential not been read."""
    row = ReadRow(
        scope="/subscriptions/x",
        kind="microsoft.network/routetables",
        essential=True,
        status="denied",
        error=None,
        needed_by=(),
    )
    clusters = tuple(replace(one, incomplete=(row,)) for one in report.clusters)
    return replace(report, clusters=clusters, coverage=replace(report.coverage, complete=False, reads=(row,)))


def findings(report: Report, change: Callable[[Finding], Finding | None]) -> Report:
    """The report with changed findings; None leaves one out."""
    changed = (change(one) for one in report.findings)
    return replace(report, findings=tuple(one for one in changed if one is not None))


def clusters(report: Report, change: Callable[[AuditedCluster], AuditedCluster]) -> Report:
    """The report with changed clusters."""
    return replace(report, clusters=tuple(map(change, report.clusters)))


class Sizes(NamedTuple):
    """How many problems the bundled estates have, by set arithmetic on their fingerprints."""

    broken: int
    kept: int
    """In `broken` and in `locked-down`, which has no others."""
    gone: int
    """In `broken` only."""
    web: int
    """In `open`, which is another cluster."""


@cache
def count() -> Sizes:
    """The sizes; all differ, so that no list is taken for another."""
    broken, whole, web = map(problems, ("broken", "locked-down", "open"))
    assert whole < broken
    found = Sizes(len(broken), len(whole), len(broken - whole), len(web))
    assert len({0, *found}) == 5
    return found


def problems(name: str) -> frozenset[str]:
    """The fingerprints of what fails or is unknown."""
    return frozenset(
        one.fingerprint for one in example(name).findings if one.status in {Status.FAIL, Status.UNKNOWN}
    )
