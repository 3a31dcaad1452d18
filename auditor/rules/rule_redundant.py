"""A rule does what would be done without it."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.finding import AuditedCluster, Finding, Problem, RuleInfo, Severity
from auditor.rules.controls import mcsb, pci
from auditor.rules.hint import Hint
from auditor.rules.problem_findings import reported
from auditor.rules.remove_rule import remove_rule


class RuleRedundant:
    """Notes each rule that decides something, and that later rules or the default would decide alike (NSG-8, FW-6)."""

    info = RuleInfo(
        id="rule-redundant",
        title="a rule changes nothing, because the rules after it do the same",
        severity=Severity.NOTE,
        controls=(*mcsb("NS-7"), *pci("1.2.7")),
        help=(
            "The rule decides packets, but without it each of them would be decided the same way by rules after it or "
            "by the default. It can be removed, together with everything else that the dead-rule notes report, "
            "without changing an answer. Keep it if it is there to be read, or to guard against a change further down."
        ),
    )

    def check(self, audited: AuditedCluster) -> Iterator[Finding]:
        """See the interface."""
        return reported(
            self.info,
            audited,
            _mend,
            "no rule of the groups and firewalls on the cluster's paths is surely redundant",
        )


def _mend(audited: AuditedCluster, problem: Problem) -> Hint:
    return Hint(
        words="remove it, which changes nothing as long as the rules after it stay",
        commands=remove_rule(audited.estate, problem.resource, problem.subject),
    )
