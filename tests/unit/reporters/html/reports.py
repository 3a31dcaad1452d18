"""Reports for pages: one with everything that a page can show, one whose every name is the same hostile text."""

from __future__ import annotations

from dataclasses import replace

from auditor.model.egress import Beyond, Excess
from auditor.model.finding import (
    Control,
    Coverage,
    Detail,
    Origin,
    Place,
    Report,
    RuleInfo,
    Severity,
    Status,
    Waiver,
)
from auditor.model.history import Changes, PastFinding
from auditor.model.resource_id import ResourceId
from auditor.model.verdict import Outcome
from auditor.netset import AddressSet, ServiceSet, Traffic
from tests.unit.reporters import records

WAIVER = Waiver(
    rule="outbound-type-mismatch",
    scope=("cluster=aks-*",),
    reason="moves next year",
    owner="net-team@example.com",
    expires="2027-01-31",
    place=Place(file="egress-policy.yaml", line=12, column=5),
    uses=1,
)
PAST = PastFinding(
    fingerprint="f1sys",
    rule="required-endpoint-blocked",
    severity="error",
    status="fail",
    cluster=None,
    cluster_name="aks-payments",
    endpoint="*.data.mcr.microsoft.com:443/https",
    resource=None,
    message="was blocked",
    first_seen="2026-07-01T00:00:00Z",
    last_seen="2026-08-01T00:00:00Z",
)
EXCESS = Excess(
    kind=Beyond.EXCESS,
    asked_from=(records.SYS,),
    sources=AddressSet.of("10.1.0.0/24"),
    traffic=Traffic.box(AddressSet.of("20.0.0.0/8"), ServiceSet.tcp(22)),
    names=None,
    application=None,
    witness="20.0.0.0:22/tcp",
    rule=records.ALLOW_HOP,
    hops=(records.NSG_HOP, records.ROUTE_HOP, records.ALLOW_HOP),
    literal=True,
)


def compared() -> Report:
    """A report with waivers, changes, origins, controls, failed reads and excess."""
    waived = replace(records.OUTBOUND, status=Status.WAIVED, waiver=WAIVER)
    older = replace(PAST, fingerprint="gone", message="is mended")
    report = records.report()
    rules = (
        RuleInfo(
            id="required-endpoint-blocked",
            title="blocked",
            severity=Severity.ERROR,
            controls=(Control(standard="PCI DSS v4.0.1", id="1.3.2"),),
        ),
        RuleInfo(id="outbound-type-mismatch", title="mismatch", severity=Severity.WARNING),
        RuleInfo(id="endpoint-undetermined", title="unknown", severity=Severity.ERROR),
    )
    return replace(
        report,
        clusters=(records.audited(excess=(EXCESS,)),),
        findings=(*(one for one in report.findings if one.rule != waived.rule), waived),
        rules=rules,
        policy_file="egress-policy.yaml",
        waivers=(WAIVER, replace(WAIVER, rule="excess-*", expires="2026-01-01", expired=True, uses=0)),
        origins=(Origin(source="--snapshot estate", collected="2026-09-01T10:00:00Z", documents=17),),
        changes=Changes(
            run="r-1",
            since="2026-08-01T00:00:00Z",
            new=("f2",),
            persisting=(PAST,),
            mended=(older,),
            not_comparable=(replace(older, fingerprint="lost", message="was not read"),),
        ),
        coverage=Coverage(
            complete=False,
            reads=(
                records.read("virtualNetworks"),
                records.read("azureFirewalls", "denied", error="403 for the hub", needed_by=("fw-hub",)),
                records.read("dns", "failed", essential=False),
            ),
            skipped=("notes.txt: no ARM document",),
        ),
    )


def hostile(name: str) -> Report:
    """A report in which the cluster, its pools, its devices, rules, endpoints and texts are all called `name`."""
    pool = replace(
        records.SYS, pool=name, subnet=ResourceId(f"{records.NETWORK}/virtualNetworks/v/subnets/{name}")
    )
    resource = ResourceId(f"{records.NETWORK}/azureFirewalls/{name}")
    hop = replace(
        records.DENY_HOP, resource=resource.text, rule=name, detail=name, clause=name, codes=(name,)
    )
    answer = records.verdict(Outcome.BLOCKED, hop, assumptions=(name,), reasons=(name,), notes=(name,))
    piece = replace(
        answer.pieces[0], sources=(name,), destinations=(name,), services=(name,), blockers=(hop,)
    )
    endpoint = records.endpoint(
        name,
        replace(answer, pieces=(piece,)),
        pool,
        id=name,
        condition=name,
        purpose=name,
        breaks=name,
        origin=(name,),
        unread=(name,),
    )
    cluster = records.cluster(
        id=ResourceId(f"{records.GROUP}/providers/Microsoft.ContainerService/managedClusters/{name}"),
        name=name,
        location=name,
        outbound_type=name,
    )
    finding = records.finding(
        pool,
        cluster=cluster.id,
        cluster_name=name,
        endpoint=name,
        resource=resource,
        message=name,
        breaks=name,
        evidence=(hop,),
        path=(hop,),
        reasons=(name,),
        assumptions=(name,),
        remediation=name,
        commands=(name,),
        fingerprint=name,
        details=(Detail(head=name, members=(name,), tail=name),),
        place=Place(file=name),
    )
    waiver = replace(WAIVER, rule=name, scope=(name,), reason=name, owner=name, place=Place(file=name))
    past = replace(
        PAST, rule=name, severity=name, cluster_name=name, endpoint=name, message=name, first_seen=name
    )
    report = compared()
    assert report.changes is not None
    excess = replace(EXCESS, asked_from=(pool,), rule=hop, hops=(hop,), witness=name, assumptions=(name,))
    return replace(
        report,
        sources=(name,),
        cloud=name,
        collected=name,
        edition=name,
        policy_file=name,
        not_assumed=(name,),
        clusters=(
            records.audited(cluster, endpoints=(endpoint,), sources=(pool,), excess=(excess,), notes=(name,)),
        ),
        findings=(finding, replace(finding, status=Status.WAIVED, waiver=waiver, endpoint=None, rule=name)),
        notes=(name, f"{name}."),
        waivers=(waiver,),
        origins=(Origin(source=name, collected=name, documents=1),),
        rules=(
            RuleInfo(
                id=name, title=name, severity=Severity.ERROR, controls=(Control(standard=name, id=name),)
            ),
        ),
        changes=replace(
            report.changes, run=name, since=name, new=(name,), mended=(past,), not_comparable=(past,)
        ),
        coverage=replace(
            report.coverage,
            reads=(
                records.read(name, name, scope=name, error=name, needed_by=(name,)),
                records.read(name, scope=name),
            ),
            skipped=(name,),
        ),
    )
