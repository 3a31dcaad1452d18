"""What the rules share that report excess egress: one finding for each subnet and responsible rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from auditor.model.egress import Beyond, Excess
from auditor.model.finding import AuditedCluster, Finding, Place, RuleInfo, Severity, Status
from auditor.model.reading import ASSUMABLE
from auditor.model.resource_id import ResourceId
from auditor.model.verdict import Hop
from auditor.rules.egress_text import sent_details, sent_text
from auditor.rules.hint import Hint
from auditor.rules.hop_text import hop_subject
from auditor.rules.interface import fingerprint
from auditor.rules.problem_findings import read_hint
from auditor.rules.wording import quoted, shown


def by_rule(audited: AuditedCluster, kind: Beyond) -> Iterator[tuple[ResourceId | None, Hop, list[Excess]]]:
    """The excess of a kind, by subnet and responsible rule, in the order of the audit: worst first."""
    found: dict[tuple[ResourceId | None, Hop], list[Excess]] = {}
    for one in audited.excess:
        if one.kind is kind:
            found.setdefault((one.asked_from[0].subnet, one.rule), []).append(one)
    for (subnet, rule), parts in found.items():
        yield subnet, rule, parts


def reported(
    info: RuleInfo,
    audited: AuditedCluster,
    kind: Beyond,
    *,
    severity: Callable[[Sequence[Excess]], Severity],
    tail: str,
    hint: Callable[[Hop, Sequence[Excess]], Hint],
    fine: str,
) -> Iterator[Finding]:
    """A failure for each subnet and rule with excess of a kind; a pass for each subnet without any."""
    failed: set[ResourceId | None] = set()
    for rank, (subnet, rule, parts) in enumerate(by_rule(audited, kind)):
        failed.add(subnet)
        mend = hint(rule, parts)
        yield leaving(
            info,
            audited,
            subnet,
            rule,
            parts,
            severity=severity(parts),
            message=f"{deciding(rule, audited)} lets out {sent_text(parts)}{tail}, such as {parts[0].witness}",
            remediation=mend.words,
            commands=mend.commands,
            rank=rank,
        )
    for subnet in dict.fromkeys(source.subnet for source in audited.sources):
        if subnet not in failed:
            yield passed_where_read(info, audited, subnet, fine)


def passed_where_read(
    info: RuleInfo, audited: AuditedCluster, subnet: ResourceId | None, fine: str
) -> Finding:
    """Nothing of the kind leaves a subnet; unknown where something of it may leave by what was not read (V-6)."""
    return _unread(info, audited, subnet) or passed(info, audited, subnet, fine)


def _unread(info: RuleInfo, audited: AuditedCluster, subnet: ResourceId | None) -> Finding | None:
    """In the place of a pass: something of the kind may leave by rules or routes that were not read."""
    for problem in audited.problems:
        if problem.kind == info.id and any(origin.subnet == subnet for origin in problem.asked_from):
            hint = read_hint(problem)
            return replace(
                passed(info, audited, subnet, shown(problem.message)),
                status=Status.UNKNOWN,
                reasons=problem.reasons,
                remediation=hint.words,
                commands=hint.commands,
            )
    return None


def rule_text(rule: Hop, audited: AuditedCluster) -> str:
    """`rule "x" of firewall fw-hub`, or the way out where no rule is concerned."""
    subject = hop_subject(rule, audited.estate)
    if rule.rule is not None:
        return f"rule {quoted(rule.rule)} of {subject}"
    detail = shown(rule.detail).removeprefix("leaves by ").replace("delivered inside", "delivery inside")
    return detail or subject


def deciding(rule: Hop, audited: AuditedCluster) -> str:
    """The responsible rule with the clause by which it decides."""
    text = rule_text(rule, audited)
    return f"{text} ({shown(rule.clause)})" if rule.clause and f"({rule.clause})" not in text else text


def passed(info: RuleInfo, audited: AuditedCluster, subnet: ResourceId | None, message: str) -> Finding:
    """Nothing of the kind leaves a subnet."""
    cluster = audited.cluster
    resource = subnet if subnet is not None else cluster.id
    return Finding(
        rule=info.id,
        severity=info.severity,
        status=Status.PASS,
        cluster=cluster.id,
        cluster_name=cluster.name,
        subnets=(subnet,) if subnet is not None else (),
        pools=tuple(sorted({source.pool for source in audited.sources if source.subnet == subnet})),
        endpoint=None,
        resource=resource,
        message=message,
        fingerprint=fingerprint(
            rule=info.id, cluster=cluster.id, subnet=subnet, resource=resource, subject=""
        ),
    )


def leaving(
    info: RuleInfo,
    audited: AuditedCluster,
    subnet: ResourceId | None,
    rule: Hop,
    parts: Sequence[Excess],
    *,
    severity: Severity,
    message: str,
    remediation: str,
    commands: tuple[str, ...],
    endpoint: str | None = None,
    place: Place | None = None,
    rank: int = 0,
) -> Finding:
    """What one rule lets out of one subnet, as a failure; with an endpoint, of what is named so."""
    cluster = audited.cluster
    used = {code for part in parts for code in part.assumptions}
    resource = resource_of(rule) or subnet or cluster.id
    subject = rule.rule or "way out"
    return Finding(
        rule=info.id,
        severity=severity,
        status=Status.FAIL,
        cluster=cluster.id,
        cluster_name=cluster.name,
        subnets=(subnet,) if subnet is not None else (),
        pools=tuple(sorted({origin.pool for part in parts for origin in part.asked_from})),
        endpoint=endpoint,
        resource=resource,
        message=message,
        evidence=(rule,),
        path=parts[0].hops,
        assumptions=tuple(code for code in ASSUMABLE if code in used),
        remediation=remediation,
        commands=commands,
        fingerprint=fingerprint(
            rule=info.id,
            cluster=cluster.id,
            subnet=subnet,
            resource=resource,
            subject=subject if endpoint is None else f"{endpoint} {subject}",
        ),
        details=sent_details(parts),
        place=place,
        rank=rank,
    )


def resource_of(rule: Hop) -> ResourceId | None:
    """The resource of a hop, where it is one of Azure's."""
    return ResourceId(rule.resource) if rule.resource is not None and rule.resource.startswith("/") else None
