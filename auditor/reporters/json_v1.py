"""The report for programs, version 1; `reports/schemas/scan-v1.schema.json` is its contract.

The format has records of its own: renaming a field of ours must not break a reader of theirs.
"""

from __future__ import annotations

from collections.abc import Iterable

from auditor.model.finding import AuditedCluster, Coverage, Endpoint, Finding, From, Place, Report, Waiver
from auditor.model.history import Changes
from auditor.model.resource_id import ResourceId
from auditor.model.verdict import Outcome
from auditor.reporters.changes_json import past_findings
from auditor.reporters.counts import Answers, answers, assumptions, general_notes, severities
from auditor.reporters.excess_json import excess_records, undetermined_records
from auditor.reporters.interface import Options
from auditor.reporters.json_records import Record, answer_record, dump, hop_record


class JsonV1:
    """JSON with everything that was judged, sorted; see the interface."""

    name = "json"
    media_type = "application/json"

    def render(self, subject: Report, options: Options) -> str:  # noqa: ARG002
        """See the interface; the options change nothing."""
        return dump(document(subject))


def document(report: Report) -> Record:
    """The whole report."""
    clusters = sorted(report.clusters, key=lambda item: item.cluster.id.key)
    return {
        "version": 1,
        "tool": {"name": "egress-audit", "version": report.version},
        "snapshot": {
            "sources": list(report.sources),
            "cloud": report.cloud,
            "collected": report.collected,
            "skipped": list(report.coverage.skipped),
            "origins": [
                {"source": one.source, "collected": one.collected, "documents": one.documents}
                for one in report.origins
            ],
        },
        "policy": {
            "edition": report.edition,
            "file": report.policy_file,
            "strict": report.strict,
            "notAssumed": list(report.not_assumed),
            "waivers": [_waiver_of_policy(waiver) for waiver in report.waivers],
        },
        "clusters": [_cluster(item) for item in clusters],
        "findings": [_finding(item) for item in sorted(report.findings, key=finding_place)],
        "coverage": _coverage(report.coverage),
        "changes": None if report.changes is None else _changes(report.changes),
        "summary": _summary(report, clusters),
    }


def _changes(changes: Changes) -> Record:
    return {
        "run": changes.run,
        "since": changes.since,
        "new": list(changes.new),
        "persisting": past_findings(changes.persisting),
        "mended": past_findings(changes.mended),
        "notComparable": past_findings(changes.not_comparable),
    }


def _cluster(audited: AuditedCluster) -> Record:
    return {
        "id": audited.cluster.id.text,
        "name": audited.cluster.name,
        "sources": [_from(source) for source in audited.sources],
        "endpoints": [_endpoint(item) for item in sorted(audited.endpoints, key=_endpoint_place)],
        "excess": [record for one in audited.excess for record in excess_records(one)],
        "undetermined": [record for one in audited.undetermined for record in undetermined_records(one)],
    }


def _from(source: From) -> Record:
    return {"pool": source.pool, "subnet": _id(source.subnet)}


def _endpoint(endpoint: Endpoint) -> Record:
    return {
        "endpoint": {"id": endpoint.id, "to": endpoint.to},
        "level": endpoint.level,
        "applies": "unknown" if endpoint.applies is None else endpoint.applies,
        "from": _from(endpoint.asked_from),
        **answer_record(endpoint.verdict),
    }


def _finding(finding: Finding) -> Record:
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "status": finding.status.value,
        "cluster": _id(finding.cluster),
        "resource": _id(finding.resource),
        "message": finding.message,
        "evidence": {
            "endpoint": finding.endpoint,
            "level": finding.level or None,
            "pools": list(finding.pools),
            "subnets": [subnet.text for subnet in finding.subnets],
            "purpose": finding.purpose or None,
            "breaks": finding.breaks or None,
            "assumptions": list(finding.assumptions),
            "reasons": list(finding.reasons),
            "hops": [hop_record(hop) for hop in finding.evidence],
        },
        "remediation": {"text": finding.remediation or None, "commands": list(finding.commands)},
        "fingerprint": finding.fingerprint,
        "waiver": None if finding.waiver is None else _waiver(finding.waiver),
        "place": None if finding.place is None else _place(finding.place),
    }


def _waiver(waiver: Waiver) -> Record:
    return {
        "rule": waiver.rule,
        "scope": list(waiver.scope),
        "reason": waiver.reason,
        "owner": waiver.owner,
        "expires": waiver.expires,
        "place": _place(waiver.place),
    }


def _waiver_of_policy(waiver: Waiver) -> Record:
    return {**_waiver(waiver), "expired": waiver.expired, "uses": waiver.uses}


def _place(place: Place) -> Record:
    return {"file": place.file, "line": place.line, "column": place.column}


def _coverage(coverage: Coverage) -> Record:
    rows = sorted(
        coverage.reads, key=lambda row: (row.scope.lower(), row.kind.lower(), row.status, row.error or "")
    )
    reads: list[Record] = [
        {
            "scope": row.scope,
            "kind": row.kind,
            "essential": row.essential,
            "status": row.status,
            "error": row.error,
            "neededBy": list(row.needed_by),
        }
        for row in rows
    ]
    return {"complete": coverage.complete, "reads": reads}


def _summary(report: Report, clusters: Iterable[AuditedCluster]) -> Record:
    found = answers(report.clusters)
    return {
        "clusters": len(report.clusters),
        "endpoints": _answers(found),
        "findings": severities(report.findings),
        "assumptions": list(assumptions(report)),
        "notes": [
            *({"cluster": None, "text": text} for text in general_notes(report)),
            *({"cluster": item.cluster.id.text, "text": text} for item in clusters for text in item.notes),
        ],
    }


def _answers(found: Answers) -> Record:
    return {
        "required": {outcome.value: found.required[outcome] for outcome in Outcome},
        "recommended": {
            outcome.value: found.recommended[outcome] + found.uncertain[outcome] for outcome in Outcome
        },
        "notApplicable": found.not_applicable,
    }


def _id(reference: ResourceId | None) -> str | None:
    return None if reference is None else reference.text


def _endpoint_place(item: Endpoint) -> tuple[str, ...]:
    subnet = item.asked_from.subnet
    return (item.id, item.to, item.asked_from.pool, subnet.key if subnet else "")


def finding_place(item: Finding) -> tuple[str, ...]:
    """The order of findings in formats for machines: by what they speak of, not by how bad they are."""
    cluster = item.cluster.key if item.cluster else ""
    resource = item.resource.key if item.resource else ""
    subnets = " ".join(subnet.key for subnet in item.subnets)
    return (cluster, item.rule, item.endpoint or "", resource, subnets, item.fingerprint, item.message)
