"""Storing a run: its rows, and what it says about the problems that stood before, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa

from auditor.history import tables
from auditor.history.compare import PROBLEMS, Past, Standing, compare
from auditor.history.database import Database
from auditor.history.records import cluster_key, cluster_row, finding_row, reading_of, run_row
from auditor.model.finding import Finding, Report
from auditor.model.history import Changes, PastFinding
from auditor.policy.settings import Settings

Item = TypeVar("Item")

_CHUNK = 500
"""Values in one question; databases limit how many it may hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """How a report was made, as far as the report does not say so itself."""

    time: datetime
    """When, with a zone."""
    settings: Settings
    asked: tuple[str, ...] = ()
    """The clusters that it was limited to."""


class Store:
    """Stored runs, as a scan uses them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def check(self) -> None:
        """Raise InputError now when no run could be stored later; makes or changes the tables."""
        with self._database.writing():
            pass

    def compared(self, report: Report, making: Making) -> Report:
        """The report with its changes since the stored runs, which stay as they are.

        `changes` stays None where no stored run judged one of its clusters. Raises InputError as `Database`.
        """
        if not self._database.exists:
            return report
        with self._database.reading() as connection:
            return replace(report, changes=_changes(connection, report, making))

    def stored(self, report: Report, making: Making) -> Report:
        """The report with its changes, once it is stored itself; raises InputError as `Database`.

        Comparing and storing are one transaction: of two runs stored at once, one is compared with the other.
        """
        with self._database.writing() as connection:
            changes = _changes(connection, report, making)
            _insert(connection, report, making, changes)
        return replace(report, changes=changes)


def _changes(connection: sa.Connection, report: Report, making: Making) -> Changes | None:
    past = _past(connection, report)
    return None if past is None else compare(report, past, reading_of(report, making.settings))


def _past(connection: sa.Connection, report: Report) -> Past | None:
    keys = {cluster_key(item.cluster.id.text) for item in report.clusters}
    there = tables.run_cluster.c
    last = max(
        (
            found
            for chunk in _chunks(sorted(keys))
            if (
                found := connection.scalar(
                    sa.select(sa.func.max(there.run_id)).where(there.cluster_key.in_(chunk))
                )
            )
        ),
        default=None,
    )
    if last is None:
        return None
    keys.update(connection.scalars(sa.select(there.cluster_key).where(there.run_id == last)))
    since = connection.scalar(sa.select(tables.run.c.time).where(tables.run.c.id == last))
    return Past(run=str(last), since=since or "", standing=tuple(_standing(connection, keys)))


def _standing(connection: sa.Connection, keys: set[str]) -> Iterable[Standing]:
    """The problems that stand in these clusters or in none."""
    first, latest = tables.run.alias(), tables.run.alias()
    wanted = (
        sa.select(tables.finding, first.c.time, latest.c.time, latest.c.reading, latest.c.policy_file)
        .join(first, tables.finding.c.first_run == first.c.id)
        .join(latest, tables.finding.c.last_run == latest.c.id)
        .where(tables.finding.c.mended_run.is_(None))
    )
    for row in connection.execute(wanted):
        if row.cluster_key is None or row.cluster_key in keys:
            *_, seen_first, seen_last, reading, policy_file = row
            yield Standing(
                finding=past_finding(row, seen_first, seen_last), reading=reading, policy_file=policy_file
            )


def past_finding(row: Any, first_seen: str, last_seen: str) -> PastFinding:
    """A row of `egress_finding` as a record."""
    return PastFinding(
        fingerprint=row.fingerprint,
        rule=row.rule,
        severity=row.severity,
        status=row.status,
        cluster=row.cluster,
        cluster_name=row.cluster_name,
        endpoint=row.endpoint,
        resource=row.resource,
        message=row.message,
        first_seen=first_seen,
        last_seen=last_seen,
    )


def _insert(connection: sa.Connection, report: Report, making: Making, changes: Changes | None) -> None:
    reading = reading_of(report, making.settings)
    row = run_row(report, making.time, reading, making.asked)
    run = connection.execute(sa.insert(tables.run).values(row).returning(tables.run.c.id)).scalar_one()
    clusters = [cluster_row(item) | {"run_id": run} for item in report.clusters]
    if clusters:
        connection.execute(sa.insert(tables.run_cluster), clusters)
    rows = {item.fingerprint: finding_row(item) for item in _problems(report)}
    ids = _upsert(connection, run, rows)
    seen = [
        {
            "run_id": run,
            "finding_id": ids[fingerprint],
            "severity": row["severity"],
            "status": row["status"],
        }
        for fingerprint, row in rows.items()
    ]
    if changes is not None:
        seen += _mend(connection, run, changes)
    if seen:
        connection.execute(sa.insert(tables.run_finding), seen)


def _problems(report: Report) -> Iterable[Finding]:
    return (item for item in report.findings if item.status in PROBLEMS)


def _upsert(connection: sa.Connection, run: int, rows: dict[str, dict[str, Any]]) -> dict[str, int]:
    """Make or renew the findings' rows; gives their ids by fingerprint."""
    there = tables.finding.c
    ids = _ids(connection, rows)
    known = [row | {"key": ids[name], "run": run} for name, row in rows.items() if name in ids]
    if known:
        renewed: dict[str, Any] = {
            name: sa.bindparam(name) for name in next(iter(rows.values())) if name != "fingerprint"
        }
        connection.execute(
            sa.update(tables.finding)
            .where(there.id == sa.bindparam("key"))
            .values(**renewed, last_run=sa.bindparam("run"), mended_run=None),
            [{name: value for name, value in row.items() if name != "fingerprint"} for row in known],
        )
    fresh = [row | {"first_run": run, "last_run": run} for name, row in rows.items() if name not in ids]
    if fresh:
        connection.execute(sa.insert(tables.finding), fresh)
        ids |= _ids(connection, [row["fingerprint"] for row in fresh])
    return ids


def _mend(connection: sa.Connection, run: int, changes: Changes) -> list[dict[str, Any]]:
    """Close what the run judged gone; gives the rows that say so."""
    ids = _ids(connection, [item.fingerprint for item in changes.mended])
    there = tables.finding.c
    for chunk in _chunks(list(ids.values())):
        connection.execute(sa.update(tables.finding).where(there.id.in_(chunk)).values(mended_run=run))
    return [
        {
            "run_id": run,
            "finding_id": ids[item.fingerprint],
            "severity": item.severity,
            "status": tables.MENDED,
        }
        for item in changes.mended
    ]


def _ids(connection: sa.Connection, fingerprints: Iterable[str]) -> dict[str, int]:
    there = tables.finding.c
    found: dict[str, int] = {}
    for chunk in _chunks(list(fingerprints)):
        rows = connection.execute(sa.select(there.fingerprint, there.id).where(there.fingerprint.in_(chunk)))
        found.update({row.fingerprint: row.id for row in rows})
    return found


def _chunks(items: Sequence[Item]) -> Iterable[Sequence[Item]]:
    return (items[start : start + _CHUNK] for start in range(0, len(items), _CHUNK))
