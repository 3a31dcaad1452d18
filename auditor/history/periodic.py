"""What became of the stored estates between two moments: new, mended, persisting, not comparable, and over time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from auditor import __version__
from auditor.errors import InputError
from auditor.history import tables
from auditor.history.compare import ordered
from auditor.history.database import Database
from auditor.history.records import stamp
from auditor.history.store import past_finding
from auditor.model.history import PastFinding
from auditor.model.periodic import Compliance, Periodic, RunCounts, StoredRun, StoredWaiver

SOON = 30
"""Days before its end from which on a waiver is told."""
MOST_POINTS = 90
"""Points of a cluster's line; with more runs, as many as that, evenly spread, the first and last among them."""


@dataclass(frozen=True, slots=True)
class _Window:
    """The runs that are looked at: those behind `base`, up to `last`."""

    base: StoredRun | None
    last: StoredRun
    runs: int

    @property
    def start(self) -> int:
        """Id of the base; 0 comes before every run."""
        return int(self.base.id) if self.base is not None else 0


def periodic(database: Database, since: str | None = None) -> Periodic:
    """The state after the last stored run beside the one before `since` (a day or a time, ISO 8601, else UTC).

    Without `since`, beside the run before the last. Raises InputError for a text that is no time, for a history
    without a run, and as `Database`.
    """
    moment = None if since is None else _moment(since)
    if not database.exists:
        raise InputError("there is no such file; scan with --history makes it", place=database.address.shown)
    with database.reading() as connection:
        window, notes = _window(connection, moment, database.address.shown)
        found = _Lists(connection, window)
        return Periodic(
            version=__version__,
            place=database.address.shown,
            since=since,
            base=window.base,
            last=window.last,
            runs=window.runs,
            new=ordered(found.new),
            persisting=ordered(found.persisting),
            mended=ordered(found.mended),
            not_comparable=ordered(found.not_comparable),
            compliance=tuple(_compliance(connection, window.start if since is not None else 0)),
            expiring=_expiring(connection, window),
            notes=(*notes, *_notes(window, found)),
        )


def _moment(text: str) -> str:
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"{text[:40]!r} is no day or time; expected YYYY-MM-DD", place="--since") from error
    return stamp(time if time.tzinfo is not None else time.replace(tzinfo=UTC))


def _window(connection: sa.Connection, moment: str | None, place: str) -> tuple[_Window, tuple[str, ...]]:
    there = tables.run.c
    newest = list(connection.scalars(sa.select(there.id).order_by(there.id.desc()).limit(2)))
    if not newest:
        raise InputError("no run is stored; scan with --history stores one", place=place)
    notes: tuple[str, ...] = ()
    base = newest[1] if len(newest) > 1 else None
    if moment is not None:
        base = connection.scalar(sa.select(sa.func.max(there.id)).where(there.time < moment))
        if base is None and len(newest) > 1:
            base = connection.scalar(sa.select(sa.func.min(there.id)))
            notes = ("no run from before that time is stored; the first one stands for it",)
    if base is None:
        notes = ("only one run is stored, so everything in it is new",)
    if base == newest[0]:
        notes = ("no run is stored since that time",)
    start = base or 0
    runs = connection.scalar(sa.select(sa.func.count()).where(there.id > start)) or 0
    stored = None if base is None else _run(connection, base)
    return _Window(stored, _run(connection, newest[0]), runs), notes


def _run(connection: sa.Connection, run: int) -> StoredRun:
    row = connection.execute(sa.select(tables.run).where(tables.run.c.id == run)).one()
    there = tables.run_cluster.c
    return StoredRun(
        id=str(row.id),
        time=row.time,
        version=row.tool,
        edition=row.edition,
        policy_file=row.policy_file,
        sources=tuple(row.sources),
        collected=row.collected,
        complete=row.complete,
        clusters=connection.scalar(sa.select(sa.func.count()).where(there.run_id == run)) or 0,
    )


class _Lists:
    """The findings that stand at either end of a window, sorted out."""

    def __init__(self, connection: sa.Connection, window: _Window) -> None:
        self.new: list[PastFinding] = []
        self.persisting: list[PastFinding] = []
        self.mended: list[PastFinding] = []
        self.not_comparable: list[PastFinding] = []
        self.passing = 0
        """How many came and went between the two moments."""
        self._start = window.start
        self._clusters = _last_of_clusters(connection, self._start)
        self._policies = _last_of_policies(connection, self._start)
        for row in connection.execute(_candidates(self._start)):
            self._sort(row)

    def _sort(self, row: Any) -> None:
        finding = past_finding(row, row.seen_first, row.seen_last)
        stood = row.before is not None and row.before != tables.MENDED
        stands = row.mended_run is None
        if stood and stands:
            (self.persisting if self._still_seen(row) else self.not_comparable).append(finding)
        elif stood:
            self.mended.append(finding)
        elif stands:
            self.new.append(finding)
        else:
            self.passing += 1

    def _still_seen(self, row: Any) -> bool:
        """Whether the last run in the window about the subject had the finding."""
        asked = (
            self._policies.get(row.policy_file)
            if row.cluster_key is None
            else self._clusters.get(row.cluster_key)
        )
        return bool(row.last_run > self._start and row.last_run == asked)


def _candidates(start: int) -> sa.Select[Any]:
    """Findings that may stand at one end, each with its status as of the start."""
    first, latest, then = tables.run.alias(), tables.run.alias(), tables.run_finding.alias()
    there = tables.finding.c
    before = (
        sa.select(then.c.status)
        .where(then.c.finding_id == there.id, then.c.run_id <= start)
        .order_by(then.c.run_id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        sa.select(
            tables.finding,
            first.c.time.label("seen_first"),
            latest.c.time.label("seen_last"),
            latest.c.policy_file,
            before.label("before"),
        )
        .join(first, there.first_run == first.c.id)
        .join(latest, there.last_run == latest.c.id)
        .where(sa.or_(there.mended_run.is_(None), there.mended_run > start))
    )


def _last_of_clusters(connection: sa.Connection, start: int) -> dict[str, int]:
    there = tables.run_cluster.c
    rows = connection.execute(
        sa.select(there.cluster_key, sa.func.max(there.run_id))
        .where(there.run_id > start)
        .group_by(there.cluster_key)
    )
    return {key: run for key, run in rows}  # noqa: C416 - rows are no pairs to the type checker


def _last_of_policies(connection: sa.Connection, start: int) -> dict[str | None, int]:
    there = tables.run.c
    rows = connection.execute(
        sa.select(there.policy_file, sa.func.max(there.id))
        .where(there.id > start)
        .group_by(there.policy_file)
    )
    return {file: run for file, run in rows}  # noqa: C416 - as above


def _compliance(connection: sa.Connection, start: int) -> Iterator[Compliance]:
    """Every cluster that was judged from the run `start` on, by name."""
    there = tables.run_cluster.c
    rows = connection.execute(
        sa.select(tables.run_cluster, tables.run.c.time)
        .join(tables.run, there.run_id == tables.run.c.id)
        .where(there.run_id >= start)
        .order_by(there.cluster_key, there.run_id)
    )
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row.cluster_key, []).append(row)
    for same in sorted(found.values(), key=lambda one: (one[-1].name.lower(), one[-1].cluster_key)):
        points = tuple(
            RunCounts(
                run=str(row.run_id),
                time=row.time,
                complete=row.complete,
                allowed=row.allowed,
                blocked=row.blocked,
                mixed=row.mixed,
                unknown=row.unknown,
            )
            for row in _thinned(same)
        )
        yield Compliance(cluster=same[-1].cluster, name=same[-1].name, runs=points)


def _thinned(rows: Sequence[Any]) -> Sequence[Any]:
    if len(rows) <= MOST_POINTS:
        return rows
    step = (len(rows) - 1) / (MOST_POINTS - 1)
    return [rows[round(place * step)] for place in range(MOST_POINTS)]


def _expiring(connection: sa.Connection, window: _Window) -> tuple[StoredWaiver, ...]:
    """The waivers of the newest run of each policy file, as far as they end soon."""
    runs = set(_last_of_policies(connection, window.start).values()) | {int(window.last.id)}
    today = datetime.fromisoformat(window.last.time).date()
    rows = connection.execute(
        sa.select(tables.run.c.policy_file, tables.run.c.waivers).where(tables.run.c.id.in_(sorted(runs)))
    )
    found = (
        StoredWaiver(
            rule=one["rule"],
            scope=tuple(one["scope"]),
            reason=one["reason"],
            owner=one["owner"],
            expires=one["expires"],
            days_left=(date.fromisoformat(one["expires"]) - today).days,
            uses=one["uses"],
            policy_file=row.policy_file,
        )
        for row in rows
        for one in row.waivers
    )
    soon = (one for one in found if one.days_left <= SOON)
    return tuple(sorted(soon, key=lambda one: (one.expires, one.policy_file or "", one.rule, one.scope)))


def _notes(window: _Window, found: _Lists) -> Iterable[str]:
    if found.passing:
        yield f"{found.passing} more came and went in between"
    if not window.last.complete:
        yield "the last run was incomplete: what it did not read is not comparable"
    if window.base is None:
        return
    for name, old, new in (
        ("edition", window.base.edition, window.last.edition),
        ("policy", window.base.policy_file or "none", window.last.policy_file or "none"),
        ("tool version", window.base.version, window.last.version),
    ):
        if old != new:
            yield f"{name} was {old}, is {new}: some of what changed may come from that"
