"""A process of its own that stores runs: `python writer.py URL DAY...`; it dies before statement KILL_AT, if set."""

from __future__ import annotations

import os
import signal
import sys

import sqlalchemy as sa

from auditor.history.address import parse_address
from auditor.history.database import Database
from auditor.history.store import Store
from tests.history.reports import example, making


def main(url: str, *days: str) -> None:
    """Store the two states of one cluster in turn, the odd days the broken one; waits for a line on stdin first."""
    reports = [(example(("locked-down", "broken")[day % 2]), making(day)) for day in map(int, days)]
    database = Database(parse_address(url))
    if "KILL_AT" in os.environ:
        _die(database, int(os.environ["KILL_AT"]))
    print("ready", flush=True)  # noqa: T201 - the test waits for it
    sys.stdin.readline()
    for report, how in reports:
        Store(database).stored(report, how)


def _die(database: Database, at: int) -> None:
    seen = 0

    def count(*_: object) -> None:
        nonlocal seen
        seen += 1
        if seen == at:
            os.kill(os.getpid(), signal.SIGKILL)

    sa.event.listen(database._engine, "before_cursor_execute", count)


if __name__ == "__main__":
    main(*sys.argv[1:])
