"""A whole live run in this process: what the manifest says of each read, and what the audit says then."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from auditor.audit import check, load_snapshot
from auditor.cli.exit_codes import Tolerance, exit_code
from auditor.collectors.azure.connection import Connection
from auditor.collectors.azure.source import LiveScope, collect
from auditor.collectors.folder_writer import FolderWriter
from auditor.model.finding import Report
from auditor.model.snapshot import Read
from auditor.policy.policy import Policy, load_policy

TODAY = date(2026, 11, 27)
Question = tuple[str, str, str, str]
"""Cluster, endpoint, pool and subnet."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one run came to."""

    reads: tuple[Read, ...]
    """The manifest."""
    report: Report
    code: int
    """The exit code of a scan."""

    def answers(self, cluster: str) -> dict[Question, tuple[str, tuple[str, ...]]]:
        """Verdict and assumptions of each question about a cluster; those that do not apply are left out."""
        return dict(_answers(self.report, cluster))

    @property
    def clusters(self) -> list[str]:
        """The names of the audited clusters."""
        return [item.cluster.name for item in self.report.clusters]


def live_run(connection: Connection, subscriptions: Sequence[str], *, deep: bool = False) -> Outcome:
    """Collect from the server and audit what was collected; equal snapshots are audited once."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "snapshot"
        scope = LiveScope(subscriptions=tuple(subscriptions), deep=deep)
        result = collect(connection, scope, FolderWriter(path))
        report, code = _audited(_Snapshot(path))
        return Outcome(reads=result.reads, report=report, code=code)


class _Snapshot:
    """A snapshot folder that equals another one if an audit cannot tell them apart."""

    def __init__(self, path: Path) -> None:
        self.path = path
        manifest = json.loads((path / "manifest.json").read_text())
        rows = [(row["scope"], row["kind"], row["status"], row.get("error")) for row in manifest["reads"]]
        self._key = ((path / "resources.jsonl").read_bytes(), tuple(rows))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Snapshot) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)


@cache
def _policy() -> Policy:
    return load_policy(None)


@cache
def _audited(snapshot: _Snapshot) -> tuple[Report, int]:
    report = check(load_snapshot(snapshot.path), _policy(), today=TODAY)
    return report, int(exit_code(report, Tolerance()))


def _answers(report: Report, cluster: str) -> Iterator[tuple[Question, tuple[str, tuple[str, ...]]]]:
    for audited in report.clusters:
        if audited.cluster.name == cluster:
            for endpoint in audited.endpoints:
                if endpoint.verdict is not None:
                    asked = endpoint.asked_from
                    question = (cluster, endpoint.id, str(asked.pool), str(asked.subnet))
                    yield question, (endpoint.verdict.outcome.value, endpoint.verdict.assumptions)
