"""An endpoint that the cluster cannot work without does not get out."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.finding import AuditedCluster, Finding, RuleInfo, Severity
from auditor.rules.endpoint_findings import judged


class RequiredEndpointBlocked:
    """Fails for each destination and subnet that a required row asks for and that is blocked or mixed."""

    info = RuleInfo(
        id="required-endpoint-blocked",
        title="a required endpoint is blocked",
        severity=Severity.ERROR,
        help=(
            "The cluster needs this endpoint, and something on the path from its subnet stops it, for all of the "
            "destination or for a part. Nodes then fail to start, to join or to pull images, often only at the next "
            "upgrade or scale-out. The finding names every rule that stops it and a change that would open the path."
        ),
    )

    def check(self, audited: AuditedCluster) -> Iterator[Finding]:
        """See the interface."""
        return judged(self.info, audited, "required")
