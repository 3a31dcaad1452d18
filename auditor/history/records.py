"""A report as rows of bounded size: what is kept of a run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from auditor.model.answers import answers
from auditor.model.finding import AuditedCluster, Finding, Report
from auditor.model.verdict import Outcome
from auditor.policy.settings import DEFAULT_SETTINGS, Settings

Row = dict[str, Any]

KEY_LIMIT = 600
"""Characters of a cluster's key; longer than any ARM id, short enough for an index."""
TEXT_LIMIT = 2000
LIST_LIMIT = 200
"""Sources, clusters asked for, unread documents and waivers that are kept of a run; their number is kept, too."""


def stamp(time: datetime) -> str:
    """A time as it is stored: UTC, to the second."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def storable(text: str, limit: int = TEXT_LIMIT) -> str:
    """The text, cut so that different texts stay different, without what a database cannot hold."""
    clean = text.replace("\0", "\\u0000").encode("utf-8", "backslashreplace").decode()
    if len(clean) <= limit:
        return clean
    return f"{clean[: limit - 17]}~{sha256(clean.encode()).hexdigest()[:16]}"


def cluster_key(arm_id: str) -> str:
    """What a cluster is found by: its id without case."""
    return storable(arm_id.strip().rstrip("/").lower(), KEY_LIMIT)


def reading_of(report: Report, settings: Settings) -> str:
    """What a run assumed and counted, as far as it is not the default: runs with equal texts judge alike.

    Pins, appliances and tag lists are no part of it: they are knowledge of the network, as documents are.
    """
    chosen: Row = {
        one.name: getattr(settings, one.name)
        for one in fields(settings)
        if one.name not in {"strict", "not_assumed"}
        and getattr(settings, one.name) != getattr(DEFAULT_SETTINGS, one.name)
    }
    if report.strict:
        chosen["strict"] = True
    elif report.not_assumed:
        chosen["not_assumed"] = sorted(report.not_assumed)
    return storable(json.dumps(chosen, sort_keys=True, default=str))


def run_row(report: Report, time: datetime, reading: str, asked: tuple[str, ...]) -> Row:
    """The run itself; `asked` are the clusters that it was limited to."""
    unread = [row for row in report.coverage.reads if row.essential and row.status != "complete"]
    return {
        "time": stamp(time),
        "tool": storable(report.version, 64),
        "cloud": storable(report.cloud, 64),
        "edition": storable(report.edition),
        "policy_file": None if report.policy_file is None else storable(report.policy_file),
        "reading": reading,
        "collected": None if report.collected is None else storable(report.collected, 64),
        "sources": [storable(text) for text in report.sources[:LIST_LIMIT]],
        "asked": [storable(text) for text in asked[:LIST_LIMIT]],
        "complete": report.coverage.complete and bool(report.clusters),
        "coverage": {
            "reads": len(report.coverage.reads),
            "unread": len(unread),
            "first": [
                {"scope": storable(row.scope), "kind": storable(row.kind, 200), "status": row.status}
                for row in unread[:LIST_LIMIT]
            ],
        },
        "waivers": [
            {
                "rule": storable(one.rule, 200),
                "scope": [storable(text, 200) for text in one.scope[:20]],
                "reason": storable(one.reason, 500),
                "owner": storable(one.owner, 200),
                "expires": one.expires,
                "uses": one.uses,
            }
            for one in sorted(report.waivers, key=lambda one: (one.expires, one.rule, one.scope))[:LIST_LIMIT]
        ],
    }


def cluster_row(audited: AuditedCluster) -> Row:
    """A cluster that the run judged, with how what it needs was answered."""
    told = answers([audited])
    return {
        "cluster_key": cluster_key(audited.cluster.id.text),
        "cluster": storable(audited.cluster.id.text),
        "name": storable(audited.cluster.name),
        "complete": not audited.incomplete,
        **_counts(told.required),
        "recommended": _counts(told.recommended),
    }


def finding_row(finding: Finding) -> Row:
    """A problem; the fingerprint tells it apart from all others."""
    cluster = finding.cluster
    return {
        "fingerprint": finding.fingerprint,
        "rule": storable(finding.rule, 100),
        "severity": finding.severity.value,
        "status": finding.status.value,
        "cluster_key": None if cluster is None else cluster_key(cluster.text),
        "cluster": None if cluster is None else storable(cluster.text),
        "cluster_name": None if finding.cluster_name is None else storable(finding.cluster_name),
        "endpoint": None if finding.endpoint is None else storable(finding.endpoint),
        "resource": None if finding.resource is None else storable(finding.resource.text),
        "message": storable(finding.message),
    }


def _counts(counted: Mapping[Outcome, int]) -> dict[str, int]:
    return {outcome.value: counted.get(outcome, 0) for outcome in Outcome}
