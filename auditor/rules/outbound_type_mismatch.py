"""The cluster's outbound type says one way out, and its traffic takes another."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.finding import AuditedCluster, Finding, Problem, RuleInfo, Severity
from auditor.model.network import Subnet
from auditor.rules.az_command import az
from auditor.rules.default_routes import default_route, forwarding_route, send_to_firewall, table_of
from auditor.rules.hint import Hint, joined
from auditor.rules.problem_findings import reported
from auditor.rules.wording import shown


class OutboundTypeMismatch:
    """Fails for each way in which `outboundType` and the data plane disagree (AKS-19)."""

    info = RuleInfo(
        id="outbound-type-mismatch",
        title="the outbound type does not say how traffic leaves",
        severity=Severity.WARNING,
        help=(
            "The outbound type is what AKS believes about the way out; routes, gateways and load balancers decide it. "
            "Where the two differ, AKS may keep resources that nothing uses, or rely on a way that does not exist. "
            "Either the network or the outbound type should change."
        ),
    )

    def check(self, audited: AuditedCluster) -> Iterator[Finding]:
        """See the interface."""
        return reported(
            self.info, audited, _mend, "the outbound type agrees with the way that traffic leaves"
        )


def _mend(audited: AuditedCluster, problem: Problem) -> Hint:
    """Change the network; or, where all subnets leave one and the same way, the outbound type."""
    actual = {_actual(audited, origin.subnet) for origin in problem.asked_from or audited.sources}
    cluster = audited.cluster
    current = cluster.outbound_type or "the default"
    if current.lower() == "userdefinedrouting":
        subnets = {origin.subnet for origin in problem.asked_from if origin.subnet is not None}
        return joined(send_to_firewall(audited, subnet) for subnet in sorted(subnets))
    words = f"make the network leave as outbound type {shown(current)} says"
    if len(actual) != 1 or None in actual or actual == {cluster.outbound_type}:
        return Hint(words=f"{words}, or set the outbound type that fits it")
    (kind,) = actual
    return Hint(
        words=f"{words}, or set outbound type {kind}, which is how the subnets leave; AKS allows some changes only",
        commands=az("aks update", cluster.id, name=cluster.id.name, outbound_type=kind),
    )


def _actual(audited: AuditedCluster, subnet: object) -> str | None:
    """The outbound type that a subnet's own settings stand for: a default route goes before a NAT gateway."""
    record = next((item for key, item in audited.estate.subnets.items() if key == subnet), None)
    if not isinstance(record, Subnet):
        return None
    table = table_of(audited, record.id)
    default = default_route(table) if table is not None else None
    if default is not None and default.unsettled:
        return None
    if table is not None and forwarding_route(table) is not None:
        return "userDefinedRouting"
    if record.nat_gateway is not None and (table is not None or record.route_table is None):
        return "userAssignedNATGateway"
    return None
