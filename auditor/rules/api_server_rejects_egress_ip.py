"""The API server's authorized ranges leave out the addresses from which the cluster's own nodes call it."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.finding import AuditedCluster, Finding, Problem, RuleInfo, Severity
from auditor.rules.az_command import az
from auditor.rules.hint import Hint
from auditor.rules.problem_findings import reported
from auditor.rules.reason_codes import meaning_of
from auditor.rules.wording import distinct, listed, shown


class ApiServerRejectsEgressIp:
    """Fails for each way out whose public addresses the authorized ranges do not hold (AKS-26)."""

    info = RuleInfo(
        id="api-server-rejects-egress-ip",
        title="the API server refuses the address that nodes call it from",
        severity=Severity.WARNING,
        help=(
            "A public API server with authorized IP ranges answers to these ranges only, to the cluster's own nodes "
            "too. AKS admits the addresses of its own load balancer by itself, but not those of a firewall, a NAT "
            "gateway or of nodes with public IPs: they must be on the list, or nodes turn NotReady."
        ),
    )

    def check(self, audited: AuditedCluster) -> Iterator[Finding]:
        """See the interface."""
        return reported(
            self.info,
            audited,
            _mend,
            "no authorized IP range keeps the cluster's own nodes from its API server",
        )


def _mend(audited: AuditedCluster, problem: Problem) -> Hint:
    """One command sets the whole list, so it adds what any of the ways out lacks."""
    cluster = audited.cluster
    ranges = cluster.api_server.authorized_ranges
    if problem.reasons:
        why = "; ".join(f"{meaning_of(code)} ({shown(code)})" for code in problem.reasons)
        return Hint(
            words="find the address that the nodes' calls come from (curl an echo service from a node) and make sure "
            f"that the authorized ranges hold it; what is missing here: {why}"
        )
    missing = distinct(
        text
        for other in audited.problems
        if other.kind == problem.kind and not other.reasons
        for text in other.lacking
    )
    return Hint(
        words=f"add {listed(missing)} to the authorized IP ranges of cluster {shown(cluster.name)}",
        commands=az(
            "aks update",
            cluster.id,
            name=cluster.id.name,
            api_server_authorized_ip_ranges=",".join((*ranges, *missing)),
        ),
    )
