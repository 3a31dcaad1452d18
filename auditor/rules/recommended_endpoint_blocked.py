"""An endpoint that the cluster should reach, or may need, does not get out."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.finding import AuditedCluster, Finding, RuleInfo, Severity, Status
from auditor.model.resource_id import ResourceId
from auditor.model.verdict import Outcome
from auditor.rules.endpoint_findings import Subject, judged, passed, subjects
from auditor.rules.interface import fingerprint
from auditor.rules.wording import counted, distinct, listed, shown

_UNNAMED = "a fact that the condition reads"
_SETTINGS = {
    "podsUseApiServerAddress": "say it: --pods-use-api-server-address yes, or no where pods call it by name",
    "konnectivity": "say it: --konnectivity or --no-konnectivity",
}
"""Facts that no Azure document shows: the user states them (AKS-21, AKS-22)."""


class RecommendedEndpointBlocked:
    """Fails for each recommended destination that is blocked; one `unknown` for each fact that was not read."""

    info = RuleInfo(
        id="recommended-endpoint-blocked",
        title="a recommended endpoint is blocked",
        severity=Severity.WARNING,
        help=(
            "The endpoint is recommended, or needed only for a feature whose state was not read, and something on the "
            "path stops it. The cluster works, but updates, time or an add-on may not. Endpoints whose condition "
            "could not be decided are gathered into one finding for each fact that was not read."
        ),
    )

    def check(self, audited: AuditedCluster) -> Iterator[Finding]:
        """See the interface."""
        yield from judged(self.info, audited, "recommended")
        doubtful: dict[tuple[str, ResourceId | None], list[Subject]] = {}
        for subject in subjects(audited):
            if subject.applies:
                continue
            open_rows = subject.answered(Outcome.BLOCKED, Outcome.MIXED, Outcome.UNKNOWN)
            if open_rows is None:
                yield passed(self.info, audited, subject, "allowed, whether it is needed or not")
                continue
            for fact in distinct(fact for row in open_rows.rows for fact in row.unread or (_UNNAMED,)):
                doubtful.setdefault((fact, subject.subnet), []).append(open_rows)
        for (fact, subnet), found in doubtful.items():
            yield self._unread(audited, fact, subnet, found)

    def _unread(
        self, audited: AuditedCluster, fact: str, subnet: ResourceId | None, found: list[Subject]
    ) -> Finding:
        cluster = audited.cluster
        rows = [row for subject in found for row in subject.rows]
        names = distinct(subject.to for subject in found)
        return Finding(
            rule=self.info.id,
            severity=self.info.severity,
            status=Status.UNKNOWN,
            cluster=cluster.id,
            cluster_name=cluster.name,
            subnets=(subnet,) if subnet is not None else (),
            pools=tuple(sorted({row.asked_from.pool for row in rows})),
            endpoint=None,
            resource=cluster.id,
            message=f"{shown(fact)} is not known: if it holds, the cluster needs "
            f"{counted(len(names), 'endpoint')} that may not get out: {listed(names)}",
            purpose="; ".join(distinct(shown(row.purpose) for row in rows)),
            breaks="; ".join(distinct(shown(row.breaks) for row in rows)),
            reasons=tuple(
                sorted(
                    {"condition-unknown"}.union(*(verdict.reasons for s in found for verdict in s.verdicts))
                )
            ),
            remediation=_SETTINGS.get(fact, f"collect what tells {shown(fact)}"),
            fingerprint=fingerprint(
                rule=self.info.id, cluster=cluster.id, subnet=subnet, resource=cluster.id, subject=fact
            ),
            level="recommended",
        )
