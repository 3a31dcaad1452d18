"""Traffic leaves beside the firewall that the default route leads to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditor.model.egress import Bypass
from auditor.model.finding import AuditedCluster, Finding, RuleInfo, Severity, Status
from auditor.model.reading import ASSUMABLE
from auditor.model.resource_id import ResourceId
from auditor.model.verdict import Hop
from auditor.rules.controls import mcsb, nist, pci
from auditor.rules.egress_text import sent_details, sent_text
from auditor.rules.excess_findings import passed_where_read, resource_of, rule_text
from auditor.rules.interface import fingerprint
from auditor.rules.wording import quoted, shown

_ENDPOINT = "UDR-10"


class FirewallBypassed:
    """Fails for each route or service endpoint by which public traffic leaves past the firewall of its subnet."""

    info = RuleInfo(
        id="firewall-bypassed",
        title="traffic leaves beside the firewall",
        severity=Severity.ERROR,
        controls=(*mcsb("NS-3"), *pci("1.3.2", "1.4.1"), *nist("SC-7")),
        help=(
            "The default route of the subnet leads to a firewall, yet a narrower route, a route for a service tag "
            "or a service endpoint takes some public destinations past it, so no rule of the firewall sees them. "
            "A service endpoint is a warning: it opens one service of Azure, of every tenant. Routes to the "
            "firewall's own public addresses are not meant: replies of inbound flows need them."
        ),
    )

    def check(self, audited: AuditedCluster) -> Iterator[Finding]:
        """See the interface."""
        failed: set[ResourceId | None] = set()
        found: dict[tuple[ResourceId | None, Hop], list[Bypass]] = {}
        for one in audited.bypasses:
            found.setdefault((one.asked_from[0].subnet, one.rule), []).append(one)
        for (subnet, rule), parts in found.items():
            failed.add(subnet)
            yield self._beside(audited, subnet, rule, parts)
        for subnet in dict.fromkeys(source.subnet for source in audited.sources):
            if subnet not in failed:
                yield passed_where_read(self.info, audited, subnet, "nothing surely leaves beside a firewall")

    def _beside(
        self, audited: AuditedCluster, subnet: ResourceId | None, rule: Hop, parts: Sequence[Bypass]
    ) -> Finding:
        cluster, first = audited.cluster, parts[0]
        endpoint = rule.clause == _ENDPOINT
        resource = resource_of(rule) or subnet or cluster.id
        what = shown(rule.detail) if rule.rule is None else rule_text(rule, audited)
        used = {code for part in parts for code in part.assumptions}
        mend = (
            "remove the service endpoint from the subnet, or use a private endpoint or a service endpoint policy"
            if endpoint
            else f"remove {rule_text(rule, audited)}, or point it to the firewall"
        )
        name = rule.rule or shown(rule.detail)
        return Finding(
            rule=self.info.id,
            severity=Severity.WARNING if endpoint else self.info.severity,
            status=Status.FAIL,
            cluster=cluster.id,
            cluster_name=cluster.name,
            subnets=(subnet,) if subnet is not None else (),
            pools=tuple(sorted({origin.pool for part in parts for origin in part.asked_from})),
            endpoint=None,
            resource=resource,
            message=f"past the firewall by {what}: {sent_text(parts)}, such as {first.witness}",
            evidence=(rule,),
            path=first.hops,
            assumptions=tuple(code for code in ASSUMABLE if code in used),
            remediation=mend,
            details=sent_details(parts),
            fingerprint=fingerprint(
                rule=self.info.id, cluster=cluster.id, subnet=subnet, resource=resource, subject=quoted(name)
            ),
        )
