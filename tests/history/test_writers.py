"""Several processes at one history, and processes that are killed while they store: nothing is lost or half there."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from auditor.errors import InputError
from auditor.history import database as opened
from auditor.history import tables
from auditor.history.address import parse_address
from auditor.history.database import Database
from auditor.history.store import Store
from tests.history.conftest import Server
from tests.history.reports import count, example, making

ROOT = Path(__file__).resolve().parents[2]
Rows = dict[str, list[tuple[object, ...]]]


@contextmanager
def writer(url: str, *days: int, kill_at: int | None = None) -> Iterator[subprocess.Popen[str]]:
    """A process that is ready to store and waits to be told."""
    more = {} if kill_at is None else {"KILL_AT": str(kill_at)}
    with subprocess.Popen(
        [sys.executable, "-W", "error", str(Path(__file__).parent / "writer.py"), url, *map(str, days)],
        env=os.environ | {"PYTHONPATH": str(ROOT)} | more,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n", process.communicate()[1]
        yield process


def rows(database: Database) -> Rows:
    """Everything that is stored."""
    with database.reading() as connection:
        return {
            table.name: [
                tuple(row) for row in connection.execute(sa.select(table).order_by(*table.primary_key))
            ]
            for table in tables.metadata.sorted_tables
        }


def test_two_writers_at_once(url: str, database: Database) -> None:
    """Two processes that start with an empty place: the tables are made once, every run of both is there and whole."""
    with writer(url, 1, 2, 3, 4) as one, writer(url, 5, 6, 7, 8) as other:
        for process in (one, other):
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        said = [process.communicate(timeout=60)[1] for process in (one, other)]
    assert (one.returncode, other.returncode, said) == (0, 0, ["", ""])
    stored = rows(database)
    assert sorted(str(row[1]) for row in stored["egress_run"]) == [
        f"2026-06-{day:02}T08:00:00Z" for day in range(2, 10)
    ]
    assert len(stored["egress_run_cluster"]) == 8
    times = {row[0]: str(row[1]) for row in stored["egress_run"]}
    for run, time in times.items():
        broken = (int(time[8:10]) - 1) % 2
        seen = [row for row in stored["egress_run_finding"] if row[0] == run and row[3] != tables.MENDED]
        assert len(seen) == (count().broken if broken else count().kept)
    last = max(times, key=lambda run: int(str(run)))
    standing = [row for row in stored["egress_finding"] if row[-1] is None]
    assert {row[-2] for row in standing} == {last}


STATEMENTS = (4, 7, 10)
"""Statements before which a writer of a second run dies: while it compares, and between its changes."""


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_killed_writer_leaves_nothing_behind(kind: str, request: pytest.FixtureRequest) -> None:
    """SIGKILL in the middle of storing: the history is as it was before, and the next run is stored as ever."""
    url: str = request.getfixturevalue(f"{kind}_url")
    database = Database(parse_address(url))
    Store(database).stored(example("broken"), making(1))
    before = rows(database)
    for statement in STATEMENTS if kind == "sqlite" else STATEMENTS[-1:]:
        with writer(url, 2, kill_at=statement) as process:
            process.communicate("\n", timeout=60)
        assert process.returncode == -signal.SIGKILL
        assert rows(database) == before, statement
    with writer(url, 2) as process:
        assert process.communicate("\n", timeout=60)[1] == ""
    after = rows(database)
    assert len(after["egress_run"]) == 2
    assert len(after["egress_run_finding"]) == 2 * count().broken  # as many mended or persisting as before


def test_a_killed_migration_leaves_the_old_schema(sqlite_url: str) -> None:
    """SIGKILL between the steps of the schema: the next look begins them again, and all rows are there."""
    connection = sqlite3.connect(parse_address(sqlite_url).file or "")
    connection.executescript((Path(__file__).parent / "v1.sqlite.sql").read_text("utf-8"))
    connection.close()
    for statement in (12, 20):
        with writer(sqlite_url, 2, kill_at=statement) as process:
            process.communicate("\n", timeout=60)
        assert process.returncode == -signal.SIGKILL
        with sqlite3.connect(parse_address(sqlite_url).file or "") as raw:
            assert raw.execute("SELECT version_num FROM egress_schema_version").fetchall() == [("v1",)]
            columns = {row[1] for row in raw.execute("PRAGMA table_info(egress_run)")}
        raw.close()
        assert "reading" not in columns
    assert len(rows(Database(parse_address(sqlite_url)))["egress_run_finding"]) == 44


def test_a_writer_that_waits_too_long_says_so(
    url: str, database: Database, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """Somebody holds the history and does not let go: one clear error after the wait, and no run is half stored."""
    monkeypatch.setattr(opened, "_WAIT", 0.2 if url.startswith("sqlite") else 1)
    impatient = Store(Database(parse_address(url)))
    Store(database).stored(example("broken"), making(1))
    with database.writing():
        with pytest.raises(InputError, match=r"the history cannot be used: .*lock"):
            impatient.stored(example("broken"), making(2))
        if not url.startswith("sqlite"):  # its readers wait for nobody
            server: Server = request.getfixturevalue("server")
            assert server.sql("SELECT count(*) FROM egress_run", url.rpartition("/")[2]) == "1\n"
    assert len(rows(database)["egress_run"]) == 1
