"""What became of stored estates, for programs, version 1; `reports/schemas/report-v1.schema.json` is the contract."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.model.history import PastFinding
from auditor.model.periodic import Compliance, Periodic, StoredRun, StoredWaiver
from auditor.reporters.interface import Options
from auditor.reporters.json_records import Record, dump

_NAME = "egress-audit"


class ChangesJson:
    """JSON with the four lists whole; see the interface."""

    name = "json"
    media_type = "application/json"

    def render(self, subject: Periodic, options: Options) -> str:  # noqa: ARG002 - nothing to choose
        """See the interface."""
        return dump(
            {
                "version": 1,
                "tool": {"name": _NAME, "version": subject.version},
                "history": subject.place,
                "since": subject.since,
                "base": None if subject.base is None else _run(subject.base),
                "last": _run(subject.last),
                "runs": subject.runs,
                "new": past_findings(subject.new),
                "notComparable": past_findings(subject.not_comparable),
                "mended": past_findings(subject.mended),
                "persisting": past_findings(subject.persisting),
                "clusters": [_cluster(one) for one in subject.compliance],
                "waivers": [_waiver(one) for one in subject.expiring],
                "notes": list(subject.notes),
            }
        )


def _run(run: StoredRun) -> Record:
    return {
        "id": run.id,
        "time": run.time,
        "toolVersion": run.version,
        "edition": run.edition,
        "policyFile": run.policy_file,
        "sources": list(run.sources),
        "collected": run.collected,
        "complete": run.complete,
        "clusters": run.clusters,
    }


def past_findings(findings: Iterable[PastFinding]) -> list[Record]:
    """Findings as stored runs kept them, in the order given."""
    return [
        {
            "fingerprint": one.fingerprint,
            "rule": one.rule,
            "severity": one.severity,
            "status": one.status,
            "cluster": one.cluster,
            "clusterName": one.cluster_name,
            "endpoint": one.endpoint,
            "resource": one.resource,
            "message": one.message,
            "firstSeen": one.first_seen,
            "lastSeen": one.last_seen,
        }
        for one in findings
    ]


def _cluster(cluster: Compliance) -> Record:
    return {
        "cluster": cluster.cluster,
        "name": cluster.name,
        "runs": [
            {
                "run": one.run,
                "time": one.time,
                "complete": one.complete,
                "required": {
                    "allowed": one.allowed,
                    "blocked": one.blocked,
                    "mixed": one.mixed,
                    "unknown": one.unknown,
                },
            }
            for one in cluster.runs
        ],
    }


def _waiver(waiver: StoredWaiver) -> Record:
    return {
        "rule": waiver.rule,
        "scope": list(waiver.scope),
        "reason": waiver.reason,
        "owner": waiver.owner,
        "expires": waiver.expires,
        "daysLeft": waiver.days_left,
        "uses": waiver.uses,
        "policyFile": waiver.policy_file,
    }
