"""The version of the tables in a database, and the steps to the newest; users never run these by hand."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from auditor.errors import InputError
from auditor.history.tables import VERSION_TABLE

_FOLDER = Path(__file__).parent / "migrations"


def bring_up_to_date(connection: sa.Connection, place: str) -> None:
    """Make or change the tables to the newest version, in the open transaction of `connection`.

    Raises InputError for a version that this tool does not know.
    """
    if not check_version(connection, place):
        upgrade(connection, "head")


def check_version(connection: sa.Connection, place: str) -> bool:
    """Whether the tables are of the newest version; False for an older one and for an empty database.

    Raises InputError for a version that this tool does not know.
    """
    found = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_heads()
    script = ScriptDirectory.from_config(_config())
    known = {step.revision for step in script.walk_revisions()}
    for version in found:
        if version not in known:
            text = "the history was written by a newer version of egress-audit; install that or a later one"
            raise InputError(f"{text} (its schema is {version!r})", place=place)
    return list(found) == script.get_heads()


def upgrade(connection: sa.Connection, version: str) -> None:
    """Run the steps that lead to a version."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, version)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
