"""Connections to stored runs: one transaction at a time, and every failure as one of our errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from auditor.errors import InputError, UsageError
from auditor.history.address import Address
from auditor.history.schema import bring_up_to_date, check_version

if TYPE_CHECKING:
    import sqlite3

_WAIT = 30
"""Seconds to wait for another run that is being stored."""
_LOCK = 0x65677265_73730001
"""The advisory lock of PostgreSQL that a writer holds; any number that no other program uses."""
_WRITE = {"egress_write": True}


class Database:
    """An opened history."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._engine = _engine(address)

    @property
    def exists(self) -> bool:
        """Whether there is a file; a server is asked when it is used."""
        return self.address.file is None or self.address.file.exists()

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A transaction that sees one state of the database, brought to the newest schema before.

        Raises InputError when the database cannot be reached, is not ours or is newer than this tool.
        """
        with self._failing(), self._engine.begin() as connection:
            current = check_version(connection, self.address.shown)
            if current:
                yield connection
                return
        with self.writing() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction beside which no other one writes, on the newest schema; all of it happens or nothing.

        Raises as `reading`.
        """
        with self._failing(), self._engine.execution_options(**_WRITE).begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.text(f"SET LOCAL lock_timeout = '{_WAIT}s'"))
                connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
            bring_up_to_date(connection, self.address.shown)
            yield connection

    @contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            detail = self.address.without_secrets(str(error.orig))
            raise InputError(f"the history cannot be used: {detail}", place=self.address.shown) from None
        except SQLAlchemyError as error:
            detail = self.address.without_secrets(str(error))
            raise InputError(f"the history cannot be used: {detail}", place=self.address.shown) from None


def _engine(address: Address) -> sa.Engine:
    """An engine that keeps no connection; a run needs two, minutes apart."""
    if address.file is None:
        if find_spec("psycopg") is None:
            raise UsageError(
                "--history with PostgreSQL needs its driver: pip install 'egress-audit[postgresql]'"
            )
        more = {} if "connect_timeout" in address.url.query else {"connect_timeout": _WAIT}
        return sa.create_engine(address.url, poolclass=NullPool, connect_args=more, hide_parameters=True)
    engine = sa.create_engine(
        address.url, poolclass=NullPool, connect_args={"timeout": _WAIT}, hide_parameters=True
    )
    sa.event.listen(engine, "connect", _hold_references)
    sa.event.listen(engine, "begin", _begin)
    return engine


def _hold_references(connection: sqlite3.Connection, _: object) -> None:
    """SQLite checks foreign keys only where it is asked to."""
    connection.execute("PRAGMA foreign_keys = ON")


def _begin(connection: sa.Connection) -> None:
    """Begin ourselves: the driver would begin behind the first reads and leave changes of the schema outside.

    A writer takes the file at once: two that both read first would wait for each other.
    """
    writes = connection.get_execution_options().get("egress_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
