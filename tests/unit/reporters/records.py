"""Hand-made reports: two clusters of an estate with a hub firewall, and what rules would say about them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from auditor.model.cluster import Cluster
from auditor.model.estate import Estate
from auditor.model.finding import (
    AuditedCluster,
    Coverage,
    Endpoint,
    Finding,
    From,
    ReadRow,
    Report,
    RuleInfo,
    Severity,
    Status,
    Trace,
)
from auditor.model.resource_id import ResourceId
from auditor.model.snapshot import Snapshot
from auditor.model.verdict import Effect, Hop, Outcome, Piece, Stage, Verdict
from tests.unit.plain_records import plain_cluster, plain_pool

GROUP = "/subscriptions/00000000-0000-0000-0000-00000000000a/resourceGroups/rg-shop"
NETWORK = f"{GROUP}/providers/Microsoft.Network"
SYS = From(pool="sys", subnet=ResourceId(f"{NETWORK}/virtualNetworks/spoke/subnets/snet-sys"))
APPS = From(pool="apps", subnet=ResourceId(f"{NETWORK}/virtualNetworks/spoke/subnets/snet-apps"))
FIREWALL = f"{NETWORK}/azureFirewalls/fw-hub"

NSG_HOP = Hop(
    stage=Stage.SUBNET_NSG,
    resource=f"{NETWORK}/networkSecurityGroups/nsg-apps",
    rule="AllowAll",
    priority=100,
    outcome=Effect.ALLOW,
    clause="NSG-4",
)
ROUTE_HOP = Hop(
    stage=Stage.ROUTE,
    resource=f"{NETWORK}/routeTables/rt-spoke",
    rule="default",
    priority=None,
    outcome=Effect.FORWARD,
    clause="UDR-1",
    detail="0.0.0.0/0 to 10.0.0.4",
)
DENY_HOP = Hop(
    stage=Stage.FIREWALL,
    resource=FIREWALL,
    rule=None,
    priority=None,
    outcome=Effect.DENY,
    clause="FW-6",
    detail="no rule of policy fp-child or its parent fp-base matches; denied by default",
)
ALLOW_HOP = replace(DENY_HOP, rule="aks/mcr", priority=200, outcome=Effect.ALLOW, clause="FW-5", detail="")


def cluster(name: str = "aks-payments", **changes: Any) -> Cluster:
    values: dict[str, Any] = {
        "id": ResourceId(f"{GROUP}/providers/Microsoft.ContainerService/managedClusters/{name}"),
        "name": name,
        "pools": (
            plain_pool(name="sys", subnet=SYS.subnet),
            plain_pool(name="apps", subnet=APPS.subnet),
        ),
    }
    return plain_cluster(**(values | changes))


def verdict(outcome: Outcome, *hops: Hop, **changes: Any) -> Verdict:
    piece = Piece(
        sources=("10.1.0.0/24",),
        destinations=("20.0.0.0/8",),
        addresses=16_777_216,
        verdict=outcome,
        hops=hops,
    )
    made = Verdict(outcome=outcome, assumptions=(), reasons=(), pieces=(piece,))
    return replace(made, **changes)


def endpoint(to: str, answer: Verdict | None, asked_from: From = SYS, **changes: Any) -> Endpoint:
    made = Endpoint(
        id=to.partition(":")[0],
        to=to,
        level="required",
        applies=answer is not None,
        condition="every cluster",
        purpose="image layers",
        breaks="nodes do not start",
        origin=("aks-2026-06-18",),
        asked_from=asked_from,
        verdict=answer,
    )
    return replace(made, **changes)


def finding(asked_from: From = SYS, **changes: Any) -> Finding:
    made = Finding(
        rule="required-endpoint-blocked",
        severity=Severity.ERROR,
        status=Status.FAIL,
        cluster=cluster().id,
        cluster_name="aks-payments",
        subnets=(asked_from.subnet,) if asked_from.subnet else (),
        pools=(asked_from.pool,),
        endpoint="*.data.mcr.microsoft.com:443/https",
        resource=ResourceId(FIREWALL),
        message="firewall fw-hub: no rule of policy fp-child or its parent fp-base matches; denied by default (FW-6)",
        purpose="image layers",
        breaks="image layers from Microsoft Container Registry cannot be pulled: nodes do not start",
        evidence=(DENY_HOP,),
        path=(NSG_HOP, ROUTE_HOP, DENY_HOP),
        remediation='add *.data.mcr.microsoft.com, Https:443, to rule "mcr" of collection aks-required (fp-child)',
        commands=(COMMAND,),
        fingerprint=f"f1{asked_from.pool}",
        level="required",
    )
    return replace(made, **changes)


COMMAND = (
    "az network firewall policy rule-collection-group collection rule update --policy-name fp-child "
    "--resource-group rg-hub --rule-collection-group-name rcg-aks --collection-name aks-required --name mcr"
)

UNKNOWN = finding(
    From(pool="gpu", subnet=None),
    rule="endpoint-undetermined",
    status=Status.UNKNOWN,
    endpoint="packages.microsoft.com:443/https",
    message='next hop 10.9.0.4 of route "default" (rt-gpu) is no device in this snapshot',
    breaks="",
    evidence=(),
    path=(NSG_HOP,),
    reasons=("nva-opaque",),
    assumptions=("admin-rules-not-read",),
    remediation="--appliance FILE describing 10.9.0.4, or the subscription that holds it",
    commands=(),
    fingerprint="f2",
)

OUTBOUND = finding(
    rule="outbound-type-mismatch",
    severity=Severity.WARNING,
    endpoint=None,
    resource=cluster().id,
    message="outboundType is userDefinedRouting, but traffic leaves by a NAT gateway",
    breaks="",
    evidence=(),
    path=(),
    remediation="",
    commands=(),
    fingerprint="f3",
    level="",
)


def read(kind: str, status: str = "complete", **changes: Any) -> ReadRow:
    made = ReadRow(
        scope=GROUP, kind=f"Microsoft.Network/{kind}", essential=True, status=status, error=None, needed_by=()
    )
    return replace(made, **changes)


def audited(made: Cluster | None = None, **changes: Any) -> AuditedCluster:
    blocked = verdict(Outcome.BLOCKED, NSG_HOP, ROUTE_HOP, DENY_HOP)
    allowed = verdict(Outcome.ALLOWED, ROUTE_HOP, ALLOW_HOP, assumptions=("nic-nsg-unread",))
    unknown = verdict(
        Outcome.UNKNOWN, NSG_HOP, reasons=("nva-opaque",), assumptions=("admin-rules-not-read",), pieces=()
    )
    endpoints = (
        endpoint("*.data.mcr.microsoft.com:443/https", blocked),
        endpoint("*.data.mcr.microsoft.com:443/https", blocked, APPS),
        endpoint("mcr.microsoft.com:443/https", allowed),
        endpoint("mcr.microsoft.com:443/https", allowed, APPS),
        endpoint("packages.microsoft.com:443/https", unknown),
        endpoint("packages.microsoft.com:443/https", allowed, APPS, level="recommended", applies=None),
        endpoint("login.microsoftonline.us:443/https", None),
    )
    snapshot = Snapshot(
        documents={}, reads=(), has_manifest=True, cloud="public", collected=None, sources=("estate",)
    )
    result = AuditedCluster(
        cluster=made or cluster(),
        estate=Estate(snapshot=snapshot),
        sources=(SYS, APPS),
        endpoints=endpoints,
    )
    return replace(result, **changes)


def report(**changes: Any) -> Report:
    made = Report(
        version="0.1.0",
        sources=("estate",),
        cloud="public",
        collected="2026-09-01T10:00:00Z",
        edition="aks-2026-06-18",
        strict=False,
        not_assumed=(),
        clusters=(audited(),),
        findings=(
            finding(APPS),
            UNKNOWN,
            finding(),
            OUTBOUND,
            finding(endpoint="x:1/tcp", status=Status.PASS),
        ),
        rules=(RuleInfo(id="required-endpoint-blocked", title="blocked", severity=Severity.ERROR),),
        coverage=Coverage(
            complete=True,
            reads=(read("virtualNetworks"), read("azureFirewalls"), read("dns", "denied", essential=False)),
        ),
    )
    return replace(made, **changes)


def trace(to: str, answer: Verdict, asked_from: From = SYS) -> Trace:
    return Trace(cluster=cluster(), asked_from=asked_from, to=to, verdict=answer)
