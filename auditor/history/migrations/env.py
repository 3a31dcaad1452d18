"""What alembic runs around the steps: they all happen in the transaction that the caller holds open."""

from __future__ import annotations

from alembic import context

from auditor.history.tables import VERSION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    transactional_ddl=True,  # alembic thinks SQLite has none; it has, as long as the driver does not meddle
)
context.run_migrations()
