"""Connections that a public load balancer brings in, and whose replies take another way out."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.finding import AuditedCluster, Finding, Problem, RuleInfo, Severity
from auditor.model.route_table import RouteTable
from auditor.rules.az_command import az
from auditor.rules.default_routes import table_of
from auditor.rules.firewall_match import free
from auditor.rules.hint import Hint
from auditor.rules.problem_findings import reported
from auditor.rules.wording import distinct, listed


class AsymmetricLoadBalancerPath:
    """Fails for each public frontend that serves nodes whose default route leads to a firewall (UDR-51)."""

    info = RuleInfo(
        id="asymmetric-load-balancer-path",
        title="a load balancer brings in connections whose replies a firewall drops",
        severity=Severity.WARNING,
        help=(
            "A load balancer keeps the client's address, so the nodes answer to the client itself, and their default "
            "route takes the answer to the firewall. The firewall has not seen the connection and drops it. Let the "
            "firewall translate the connections, and send what goes to its own public IP straight to the Internet."
        ),
    )

    def check(self, audited: AuditedCluster) -> Iterator[Finding]:
        """See the interface."""
        return reported(
            self.info,
            audited,
            _mend,
            "no load balancer that was read brings in connections whose replies go to a firewall",
        )


def _mend(audited: AuditedCluster, problem: Problem) -> Hint:
    """The route that the documented way around needs, and the translation in words."""
    words = (
        "let clients connect to the firewall and translate there (DNAT) to the load balancer's frontend, or make the "
        "service internal"
    )
    if problem.reasons and not problem.lacking:
        return Hint(words=f"make sure that replies get back: {words}")
    if not problem.lacking:
        return Hint(words=words)
    words += f"; send what goes to the firewall's {listed(problem.lacking)} straight to the Internet"
    return Hint(words=words, commands=_routes(audited, problem))


def _routes(audited: AuditedCluster, problem: Problem) -> tuple[str, ...]:
    found: list[str] = []
    tables = {table.id: table for origin in problem.asked_from if (table := table_of(audited, origin.subnet))}
    for _, table in sorted(tables.items()):
        found += _routes_of(table, problem.lacking)
    return distinct(found)


def _routes_of(table: RouteTable, addresses: tuple[str, ...]) -> Iterator[str]:
    taken = [route.name for route in table.routes]
    for address in addresses:
        name = free("firewall-public-ip", taken)
        taken.append(name)
        yield from az(
            "network route-table route create",
            table.id,
            route_table_name=table.id.name,
            name=name,
            address_prefix=address if "/" in address else f"{address}/32",
            next_hop_type="Internet",
        )
