"""A route leads to an address that nothing holds."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.finding import AuditedCluster, Finding, Problem, RuleInfo, Severity
from auditor.model.route_table import RouteTable
from auditor.rules.default_routes import only_firewall, update_route
from auditor.rules.hint import Hint
from auditor.rules.problem_findings import reported
from auditor.rules.wording import quoted, shown


class NextHopDangling:
    """Fails for each route whose next hop is no device of a network that was read completely (FW-5)."""

    info = RuleInfo(
        id="next-hop-dangling",
        title="a route leads to an address that nothing holds",
        severity=Severity.WARNING,
        help=(
            "The route sends traffic to an appliance's address, and no firewall, load balancer or network interface "
            "holds it. That happens when a firewall was stopped and came back with another address, or was replaced. "
            "Until it is mended the traffic most likely goes nowhere, so verdicts through it stay unknown."
        ),
    )

    def check(self, audited: AuditedCluster) -> Iterator[Finding]:
        """See the interface."""
        return reported(
            self.info,
            audited,
            _mend,
            "every next hop on the cluster's paths is held by a device or not decidable",
        )


def _mend(audited: AuditedCluster, problem: Problem) -> Hint:
    table = audited.estate.route_table(problem.resource)
    address = only_firewall(audited)
    if isinstance(table, RouteTable):
        route = next((item for item in table.routes if item.name.lower() == problem.subject.lower()), None)
        if route is not None and address is not None and address not in route.addresses:
            return Hint(
                words=f"point route {quoted(route.name)} of route table {shown(table.id.name)} to the firewall "
                f"at {shown(address)}, if that is the device it is meant for",
                commands=update_route(table, route, address),
            )
    return Hint(
        words="start or restore the device that held the address, or point the route to the one that took its place"
    )
