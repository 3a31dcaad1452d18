"""Something that the audit of a cluster depends on was not read."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.finding import AuditedCluster, Finding, ReadRow, RuleInfo, Severity, Status
from auditor.model.resource_id import ResourceId
from auditor.rules.hop_text import resource_name
from auditor.rules.interface import fingerprint
from auditor.rules.wording import shown


class CollectionIncomplete:
    """`unknown` for each essential read that failed and each document that a path needed and that is absent."""

    info = RuleInfo(
        id="collection-incomplete",
        title="an essential read failed or a document is missing",
        severity=Severity.ERROR,
        help=(
            "The audit needed a resource that was not read, so every answer that depends on it is unknown. "
            "It never counts as absent: a security group that nobody may read could still deny. "
            "Give the collecting identity the Reader role there, or add a snapshot that holds it."
        ),
    )

    def check(self, audited: AuditedCluster) -> Iterator[Finding]:
        """See the interface."""
        if not audited.incomplete:
            yield self._finding(audited, None, Status.PASS, "all essential reads are complete")
        for row in audited.incomplete:
            yield self._finding(audited, row, Status.UNKNOWN, _message(row))

    def _finding(self, audited: AuditedCluster, row: ReadRow | None, status: Status, message: str) -> Finding:
        cluster = audited.cluster
        place = ResourceId(row.scope) if row is not None and row.scope.startswith("/") else cluster.id
        return Finding(
            rule=self.info.id,
            severity=self.info.severity,
            status=status,
            cluster=cluster.id,
            cluster_name=cluster.name,
            subnets=(),
            pools=(),
            endpoint=None,
            resource=place,
            message=message,
            reasons=("unreadable-resource",) if row is not None else (),
            remediation=_supply(row) if row is not None else "",
            fingerprint=fingerprint(
                rule=self.info.id,
                cluster=cluster.id,
                subnet=None,
                resource=place,
                subject=row.kind.lower() if row is not None else "",
            ),
        )


def _message(row: ReadRow) -> str:
    what = shown(row.kind)
    place = ResourceId(row.scope)
    if row.scope.startswith("/") and place.kind == row.kind.lower():
        what = f"{resource_name(place)} ({what})"
    else:
        what = f"{what} under {shown(row.scope)}"
    return f"{what}: {shown(row.status)}" + (f" ({shown(row.error)})" if row.error else "")


def _supply(row: ReadRow) -> str:
    scope = shown(row.scope)
    if row.status == "denied":
        return f"give the collecting identity the Reader role on {scope}, or add a snapshot with --snapshot"
    if row.status in {"failed", "partial"}:
        return "collect it again until it is complete, or add a snapshot that holds it with --snapshot"
    return f"collect {scope}, or add a snapshot that holds it with --snapshot"
