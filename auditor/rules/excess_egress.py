"""Traffic leaves that the policy does not admit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditor.filters.known_addresses import PUBLIC
from auditor.model.egress import Beyond, Excess
from auditor.model.egress_sums import by_address
from auditor.model.finding import AuditedCluster, Finding, RuleInfo, Severity
from auditor.model.verdict import Hop
from auditor.rules.controls import mcsb, nist, pci
from auditor.rules.default_routes import send_to_firewall
from auditor.rules.excess_findings import reported, rule_text
from auditor.rules.hint import Hint

_FEW = 256
"""Below so many public addresses that a rule names one by one, excess is a warning (design: our rules)."""


class ExcessEgress:
    """Fails for each subnet and responsible rule that lets out more than the policy admits."""

    info = RuleInfo(
        id="excess-egress",
        title="traffic leaves that the policy does not admit",
        severity=Severity.ERROR,
        controls=(*mcsb("NS-1", "NS-3"), *pci("1.2.5", "1.3.2"), *nist("SC-7(5)")),
        help=(
            "The exact set of what leaves this subnet, less what the policy admits, is not empty. The finding "
            "names the rule that lets it out and one member as a proof; the report holds the whole set. Only "
            "traffic that surely leaves counts. A name that rules admit by itself does not excuse opening all "
            "addresses of its service."
        ),
    )

    def check(self, audited: AuditedCluster) -> Iterator[Finding]:
        """See the interface."""

        def hint(rule: Hop, parts: Sequence[Excess]) -> Hint:
            if rule.rule is not None:
                return Hint(words=f"narrow {rule_text(rule, audited)} to what the cluster needs")
            if all(part.traffic.addresses.isdisjoint(PUBLIC) for part in parts):
                return Hint(words="deny it by a security rule of the subnet, if the cluster does not need it")
            return send_to_firewall(audited, parts[0].asked_from[0].subnet)

        return reported(
            self.info,
            audited,
            Beyond.EXCESS,
            severity=_severity,
            tail=" beyond the policy",
            hint=hint,
            fine="nothing surely leaves beyond the policy",
        )


def _severity(parts: Sequence[Excess]) -> Severity:
    few = all(part.names is None and part.literal for part in parts)
    small = by_address(parts).size < _FEW
    return Severity.WARNING if few and small else Severity.ERROR
