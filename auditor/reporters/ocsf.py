"""Compliance Findings of the Open Cybersecurity Schema Framework (OCSF), one a line, for data lakes."""

from __future__ import annotations

import json
from collections.abc import Mapping

from auditor.model.cluster import Cluster
from auditor.model.finding import Finding, Report, RuleInfo, Severity, Status
from auditor.model.resource_id import ResourceId
from auditor.reporters.collected import collected_at, utc
from auditor.reporters.finding_text import ID_LIMIT, command_text, control_text, rules_by_id, waiver_text
from auditor.reporters.hop_text import resource_name
from auditor.reporters.interface import Options
from auditor.reporters.json_records import Record
from auditor.reporters.json_v1 import finding_place
from auditor.reporters.terminal_text import safe, safe_name

OCSF_VERSION = "1.5.0"

_SEVERITIES = {Severity.ERROR: (4, "High"), Severity.WARNING: (3, "Medium"), Severity.NOTE: (2, "Low")}
_FINE = (1, "Informational")
_COMPLIANCE = {
    Status.PASS: (1, "Pass"),
    Status.UNKNOWN: (2, "Warning"),
    Status.FAIL: (3, "Fail"),
    Status.WAIVED: (99, "Waived"),
    Status.NOT_APPLICABLE: (99, "Not applicable"),
}
"""OCSF's `Warning` is a check that gave no result for lack of information: what we call unknown."""
_NEW, _SUPPRESSED = (1, "New"), (3, "Suppressed")
_PARTITIONS = {"public": "AzureCloud", "usgov": "AzureUSGovernment", "china": "AzureChinaCloud"}
"""The names that Azure's own command line gives to the clouds."""


class Ocsf:
    """JSON lines with every status, in ASCII; see the interface. A report without finding is an empty text."""

    name = "ocsf"
    media_type = "application/x-ndjson"

    def render(self, subject: Report, options: Options) -> str:  # noqa: ARG002
        """See the interface; the options change nothing."""
        rules = rules_by_id(subject)
        clusters = {item.cluster.id.key: item.cluster for item in subject.clusters}
        time = collected_at(subject)
        milliseconds = int(time.timestamp() * 1000) if time is not None else 0
        seen = _first_seen(subject)
        lines = [
            json.dumps(_event(finding, subject, rules.get(finding.rule), clusters, milliseconds, seen))
            for finding in sorted(subject.findings, key=finding_place)
        ]
        return "".join(f"{line}\n" for line in lines)


def _event(
    finding: Finding,
    report: Report,
    rule: RuleInfo | None,
    clusters: Mapping[str, Cluster],
    time: int,
    seen: Mapping[str, int],
) -> Record:
    fine = finding.status in {Status.PASS, Status.NOT_APPLICABLE}
    severity = _FINE if fine else _SEVERITIES[finding.severity]
    status = _SUPPRESSED if finding.status is Status.WAIVED else _NEW
    cluster = clusters.get(finding.cluster.key) if finding.cluster is not None else None
    remedy = "\n".join([safe(finding.remediation), *map(command_text, finding.commands)]).strip()
    accepted = waiver_text(finding.waiver) if finding.waiver is not None else ""
    return {
        "activity_id": 1,
        "activity_name": "Create",
        "category_name": "Findings",
        "category_uid": 2,
        "class_name": "Compliance Finding",
        "class_uid": 2003,
        "cloud": _cloud(finding, report, cluster),
        "compliance": _compliance(finding, rule),
        "finding_info": _info(finding, report, rule, seen),
        "message": safe(finding.message),
        "metadata": {
            "event_code": safe_name(finding.rule),
            "product": {"name": "egress-audit", "vendor_name": "egress-audit", "version": report.version},
            "profiles": ["cloud"],
            "version": OCSF_VERSION,
        },
        **({"remediation": {"desc": remedy}} if remedy else {}),
        "resources": _resources(finding, report, cluster),
        "severity": severity[1],
        "severity_id": severity[0],
        "status": status[1],
        "status_code": finding.status.value,
        **({"comment": accepted} if accepted else {}),
        "status_id": status[0],
        "time": time,
        "type_name": "Compliance Finding: Create",
        "type_uid": 200301,
        "unmapped": _unmapped(finding, report),
    }


def _compliance(finding: Finding, rule: RuleInfo | None) -> Record:
    """Our rule as the check, and the controls that it serves; empty lists where it serves none."""
    controls = rule.controls if rule is not None else ()
    standards = list(dict.fromkeys(safe_name(item.standard) for item in controls))
    served = [control_text(item) for item in controls]
    number, word = _COMPLIANCE[finding.status]
    check = {"uid": safe_name(finding.rule), "standards": standards, "status": word, "status_id": number}
    return {
        "checks": [check | ({"name": safe(rule.title)} if rule is not None else {})],
        **({"control": "; ".join(served)} if served else {}),
        "requirements": served,
        "standards": standards,
        "status": word,
        "status_id": number,
        **({"status_details": list(map(safe_name, finding.reasons))} if finding.reasons else {}),
    }


def _info(finding: Finding, report: Report, rule: RuleInfo | None, seen: Mapping[str, int]) -> Record:
    first = {"first_seen_time": seen[finding.fingerprint]} if finding.fingerprint in seen else {}
    title = rule.title if rule is not None else finding.rule
    return {
        "analytic": {"name": safe(title), "type": "Rule", "type_id": 1, "uid": safe_name(finding.rule)},
        "data_sources": [safe(source) for source in report.sources],
        "desc": safe(finding.message),
        **first,
        "title": safe(title),
        "uid": safe_name(finding.fingerprint),
    }


def _first_seen(report: Report) -> dict[str, int]:
    """When a stored run first had the problems that this one has, too, in milliseconds."""
    past = report.changes.persisting if report.changes is not None else ()
    times = {item.fingerprint: utc(item.first_seen) for item in past}
    return {key: int(time.timestamp() * 1000) for key, time in times.items() if time is not None}


def _cloud(finding: Finding, report: Report, cluster: Cluster | None) -> Record:
    reference = finding.cluster or finding.resource
    account = safe_name(reference.subscription or "") if reference is not None else ""
    region = safe_name(cluster.location) if cluster is not None else ""
    subscription = {"name": account, "uid": account, "type": "Azure Subscription", "type_id": 99}
    return {
        "provider": "Azure",
        "cloud_partition": _partition(report),
        **({"account": subscription} if account else {}),
        **({"region": region} if region else {}),
    }


def _resources(finding: Finding, report: Report, cluster: Cluster | None) -> list[Record]:
    """What decides or is to be mended, the cluster and the subnets, each once."""
    ids = [finding.resource, finding.cluster, *finding.subnets]
    return [
        _resource(item, report, cluster) for item in dict.fromkeys(item for item in ids if item is not None)
    ]


def _resource(reference: ResourceId, report: Report, cluster: Cluster | None) -> Record:
    here = cluster is not None and reference == cluster.id
    return {
        "cloud_partition": _partition(report),
        "name": safe_name(resource_name(reference.text)),
        "type": safe_name(reference.kind),
        "uid": safe(reference.text, ID_LIMIT),
        **({"group": {"name": safe_name(reference.group)}} if reference.group else {}),
        **({"region": safe_name(cluster.location)} if cluster is not None and here else {}),
    }


def _partition(report: Report) -> str:
    return _PARTITIONS.get(report.cloud, safe_name(report.cloud))


def _unmapped(finding: Finding, report: Report) -> Record:
    """What the schema has no place for."""
    place = finding.place
    return {
        "assumptions": list(map(safe_name, finding.assumptions)),
        "breaks": safe(finding.breaks),
        "edition": safe_name(report.edition),
        "endpoint": safe_name(finding.endpoint) if finding.endpoint is not None else None,
        "file": f"{safe(place.file)}:{place.line}" if place is not None else None,
        "level": safe_name(finding.level) or None,
        "policy_file": safe_name(report.policy_file) if report.policy_file is not None else None,
        "pools": list(map(safe_name, finding.pools)),
        "reasons": list(map(safe_name, finding.reasons)),
        "waiver_expires": safe_name(finding.waiver.expires) if finding.waiver is not None else None,
    }
