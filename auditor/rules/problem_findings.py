"""What the rules share that report the problems found while paths were followed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from auditor.model.finding import AuditedCluster, Finding, Problem, RuleInfo, Status
from auditor.rules.hint import Hint
from auditor.rules.interface import fingerprint
from auditor.rules.reason_codes import SUPPLIES
from auditor.rules.wording import distinct, listed, shown

_UNREAD = "unreadable-resource"


def read_hint(problem: Problem) -> Hint:
    """What to supply where rules were not read that may hold a defect."""
    names = listed(problem.unread, 3)
    told = [
        supply.how.format(address=names, resource=names, name=names)
        for code in problem.reasons
        if (supply := SUPPLIES.get(code)) is not None
    ]
    return Hint(words="; ".join(distinct(told)) or f"see the reason {listed(problem.reasons)}")


def passed(info: RuleInfo, audited: AuditedCluster, fine: str) -> Finding:
    """Nothing of the kind on the cluster's paths; where no node was found there is no path to look at (V-6)."""
    cluster = audited.cluster
    message, status, how = fine, Status.PASS, ""
    reasons: tuple[str, ...] = ()
    if not audited.sources:
        message = (
            f"where the nodes of {shown(cluster.name)} stand was not read, so there was no path to look at"
        )
        status, reasons = Status.UNKNOWN, (_UNREAD,)
        how = "collect the cluster's node pools, or add a snapshot that holds them with --snapshot"
    return Finding(
        rule=info.id,
        severity=info.severity,
        status=status,
        cluster=cluster.id,
        cluster_name=cluster.name,
        subnets=(),
        pools=(),
        endpoint=None,
        resource=cluster.id,
        message=message,
        reasons=reasons,
        remediation=how,
        fingerprint=fingerprint(
            rule=info.id, cluster=cluster.id, subnet=None, resource=cluster.id, subject=""
        ),
    )


def reported(
    info: RuleInfo, audited: AuditedCluster, mend: Callable[[AuditedCluster, Problem], Hint], fine: str
) -> Iterator[Finding]:
    """One failure for each problem of this rule's kind; one pass for the cluster, saying `fine`, without any.

    A problem that has reasons is not certain: its status is unknown. The subnet is no part of such a finding's
    identity: one more subnet behind the same device is no new finding.
    """
    cluster = audited.cluster
    problems = [problem for problem in audited.problems if problem.kind == info.id]
    if not problems:
        yield passed(info, audited, fine)
    for problem in problems:
        hint = read_hint(problem) if problem.unread else mend(audited, problem)
        yield Finding(
            rule=info.id,
            severity=info.severity,
            status=Status.UNKNOWN if problem.reasons else Status.FAIL,
            cluster=cluster.id,
            cluster_name=cluster.name,
            subnets=tuple(
                sorted({origin.subnet for origin in problem.asked_from if origin.subnet is not None})
            ),
            pools=tuple(sorted({origin.pool for origin in problem.asked_from})),
            endpoint=None,
            resource=problem.resource,
            message=shown(problem.message),
            evidence=problem.evidence,
            reasons=problem.reasons,
            remediation=hint.words,
            commands=hint.commands,
            fingerprint=fingerprint(
                rule=info.id,
                cluster=cluster.id,
                subnet=None,
                resource=problem.resource,
                subject=problem.subject,
            ),
        )
