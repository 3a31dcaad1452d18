"""A rule stands behind others that take all it matches."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.finding import AuditedCluster, Finding, Problem, RuleInfo, Severity
from auditor.rules.controls import mcsb, pci
from auditor.rules.hint import Hint
from auditor.rules.problem_findings import reported
from auditor.rules.remove_rule import remove_rule
from auditor.rules.wording import listed


class RuleShadowed:
    """Notes each rule whose every packet is surely decided by rules before it (NSG-4, FW-6, FW-13)."""

    info = RuleInfo(
        id="rule-shadowed",
        title="a rule decides nothing, because rules before it take all it matches",
        severity=Severity.NOTE,
        controls=(*mcsb("NS-7"), *pci("1.2.7")),
        help=(
            "Every packet that the rule could match is decided by rules that are asked first, so it can be removed "
            "without changing an answer. The finding names the fewest rules that do this together, and a packet that "
            "one of them treats otherwise where there is one: then the rule does not do what it seems to promise."
        ),
    )

    def check(self, audited: AuditedCluster) -> Iterator[Finding]:
        """See the interface."""
        return reported(
            self.info,
            audited,
            _mend,
            "no rule of the groups and firewalls on the cluster's paths is surely shadowed",
        )


def _mend(audited: AuditedCluster, problem: Problem) -> Hint:
    before = listed(hop.rule for hop in problem.evidence if hop.rule is not None)
    return Hint(
        words="remove it, which changes nothing" + (f", or move it before {before}" if before else ""),
        commands=remove_rule(audited.estate, problem.resource, problem.subject),
    )
