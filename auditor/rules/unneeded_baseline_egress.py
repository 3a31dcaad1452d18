"""A rule opens what AKS publishes and this cluster does not need."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.egress import Beyond
from auditor.model.finding import AuditedCluster, Finding, RuleInfo, Severity
from auditor.rules.controls import pci
from auditor.rules.excess_findings import reported, rule_text
from auditor.rules.hint import Hint


class UnneededBaselineEgress:
    """Fails for each subnet and rule that lets out published endpoints whose condition does not hold here."""

    info = RuleInfo(
        id="unneeded-baseline-egress",
        title="an endpoint of the baseline is open that this cluster does not need",
        severity=Severity.NOTE,
        controls=pci("1.2.5"),
        help=(
            "The endpoint is published for AKS, but only for a feature that this cluster does not use, for nodes "
            "that it does not have, or as a wildcard of which it needs one name. It is no danger of its own; "
            "closing it makes the rule set say what the cluster is."
        ),
    )

    def check(self, audited: AuditedCluster) -> Iterator[Finding]:
        """See the interface."""
        return reported(
            self.info,
            audited,
            Beyond.UNNEEDED,
            severity=lambda _: self.info.severity,
            tail=", which is published for AKS and not needed by this cluster",
            hint=lambda rule, _: Hint(
                words=f"take it out of {rule_text(rule, audited)}, if nothing else needs it"
            ),
            fine="nothing of the baseline is open without need",
        )
