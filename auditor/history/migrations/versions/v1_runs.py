"""Runs, the clusters they judged, and the findings they had."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v1"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "egress_run",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("time", sa.String(20), nullable=False),
        sa.Column("tool", sa.String(64), nullable=False),
        sa.Column("cloud", sa.String(64), nullable=False),
        sa.Column("edition", sa.Text, nullable=False),
        sa.Column("collected", sa.Text),
        sa.Column("sources", sa.JSON, nullable=False),
        sa.Column("complete", sa.Boolean, nullable=False),
        sa.Column("coverage", sa.JSON, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "egress_run_cluster",
        sa.Column("run_id", sa.Integer, sa.ForeignKey("egress_run.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("cluster_key", sa.String(600), primary_key=True),
        sa.Column("cluster", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("complete", sa.Boolean, nullable=False),
        sa.Column("allowed", sa.Integer, nullable=False),
        sa.Column("blocked", sa.Integer, nullable=False),
        sa.Column("mixed", sa.Integer, nullable=False),
        sa.Column("unknown", sa.Integer, nullable=False),
    )
    op.create_table(
        "egress_finding",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("fingerprint", sa.String(64), nullable=False, unique=True),
        sa.Column("rule", sa.String(100), nullable=False),
        sa.Column("severity", sa.String(10), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("cluster_key", sa.String(600)),
        sa.Column("cluster", sa.Text),
        sa.Column("cluster_name", sa.Text),
        sa.Column("endpoint", sa.Text),
        sa.Column("resource", sa.Text),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("first_run", sa.Integer, sa.ForeignKey("egress_run.id"), nullable=False),
        sa.Column("last_run", sa.Integer, sa.ForeignKey("egress_run.id"), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "egress_run_finding",
        sa.Column("run_id", sa.Integer, sa.ForeignKey("egress_run.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("finding_id", sa.Integer, sa.ForeignKey("egress_finding.id"), primary_key=True),
        sa.Column("severity", sa.String(10), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
    )
