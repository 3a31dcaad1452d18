"""The tables of the newest schema; `migrations/` makes them, a test holds both together.

A finding's row says how it stands now: who had it first and last, and by which run it was found gone. One row of
`egress_run_finding` for each run and finding says how it stood then, so that any two moments can be compared.
"""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, MetaData, String, Table, Text

VERSION_TABLE = "egress_schema_version"
"""Not alembic's own name: the database may be shared with another program that uses alembic."""
MENDED = "mended"
"""The status of a finding in the run that judged it gone; the other words are those of `Status`."""

metadata = MetaData()

run = Table(
    "egress_run",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("time", String(20), nullable=False),
    Column("tool", String(64), nullable=False),
    Column("cloud", String(64), nullable=False),
    Column("edition", Text, nullable=False),
    Column("collected", Text),
    Column("sources", JSON, nullable=False),
    Column("complete", Boolean, nullable=False),
    Column("coverage", JSON, nullable=False),
    Column("policy_file", Text),
    Column("asked", JSON, nullable=False),
    Column("reading", Text, nullable=False),
    Column("waivers", JSON, nullable=False),
    sqlite_autoincrement=True,
)

run_cluster = Table(
    "egress_run_cluster",
    metadata,
    Column("run_id", Integer, ForeignKey("egress_run.id", ondelete="CASCADE"), primary_key=True),
    Column("cluster_key", String(600), primary_key=True),
    Column("cluster", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("complete", Boolean, nullable=False),
    Column("allowed", Integer, nullable=False),
    Column("blocked", Integer, nullable=False),
    Column("mixed", Integer, nullable=False),
    Column("unknown", Integer, nullable=False),
    Column("recommended", JSON, nullable=False),
)
Index("egress_run_cluster_by_cluster", run_cluster.c.cluster_key, run_cluster.c.run_id)

finding = Table(
    "egress_finding",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("fingerprint", String(64), nullable=False, unique=True),
    Column("rule", String(100), nullable=False),
    Column("severity", String(10), nullable=False),
    Column("status", String(20), nullable=False),
    Column("cluster_key", String(600)),
    Column("cluster", Text),
    Column("cluster_name", Text),
    Column("endpoint", Text),
    Column("resource", Text),
    Column("message", Text, nullable=False),
    Column("first_run", Integer, ForeignKey("egress_run.id"), nullable=False),
    Column("last_run", Integer, ForeignKey("egress_run.id"), nullable=False),
    Column("mended_run", Integer, ForeignKey("egress_run.id")),
    sqlite_autoincrement=True,
)
Index("egress_finding_open", finding.c.mended_run, finding.c.cluster_key)

run_finding = Table(
    "egress_run_finding",
    metadata,
    Column("run_id", Integer, ForeignKey("egress_run.id", ondelete="CASCADE"), primary_key=True),
    Column("finding_id", Integer, ForeignKey("egress_finding.id"), primary_key=True),
    Column("severity", String(10), nullable=False),
    Column("status", String(20), nullable=False),
)
Index("egress_run_finding_by_finding", run_finding.c.finding_id, run_finding.c.run_id)
