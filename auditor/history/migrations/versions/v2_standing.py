"""Whether a finding still stands, how each run was asked and read, its waivers, and the indexes to find them by.

Stored findings count as standing: the first version kept no word of what was mended, so the next run that judges
them says so. Runs of that version assumed what is assumed by default, because nothing else could be asked for.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v2"
down_revision = "v1"


def upgrade() -> None:
    """Add columns and indexes; every row is kept."""
    op.add_column("egress_run", sa.Column("policy_file", sa.Text))
    op.add_column("egress_run", sa.Column("asked", sa.JSON, nullable=False, server_default="[]"))
    op.add_column("egress_run", sa.Column("reading", sa.Text, nullable=False, server_default="{}"))
    op.add_column("egress_run", sa.Column("waivers", sa.JSON, nullable=False, server_default="[]"))
    op.add_column(
        "egress_run_cluster", sa.Column("recommended", sa.JSON, nullable=False, server_default="{}")
    )
    op.add_column(  # inline, because SQLite can add a foreign key in no other way without copying the table
        "egress_finding",
        sa.Column("mended_run", sa.Integer, sa.ForeignKey("egress_run.id")),
        inline_references=True,
    )
    op.create_index("egress_finding_open", "egress_finding", ["mended_run", "cluster_key"])
    op.create_index("egress_run_cluster_by_cluster", "egress_run_cluster", ["cluster_key", "run_id"])
    op.create_index("egress_run_finding_by_finding", "egress_run_finding", ["finding_id", "run_id"])
