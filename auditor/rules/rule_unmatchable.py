"""A rule can match no packet at all."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.finding import AuditedCluster, Finding, Problem, RuleInfo, Severity
from auditor.rules.controls import mcsb, pci
from auditor.rules.hint import Hint
from auditor.rules.problem_findings import reported
from auditor.rules.remove_rule import remove_rule


class RuleUnmatchable:
    """Notes each rule whose own fields leave no packet: an emptied IP group, no source (FW-25, FW-40)."""

    info = RuleInfo(
        id="rule-unmatchable",
        title="a rule can match no packet",
        severity=Severity.NOTE,
        controls=(*mcsb("NS-7"), *pci("1.2.7")),
        help=(
            "What the rule itself says leaves no packet that it could match, wherever it stands in the list. The "
            "usual cause is an IP group that was emptied: Azure then skips every rule that uses it, allows and denies "
            "alike. Whoever reads the rule believes that it protects or opens something."
        ),
    )

    def check(self, audited: AuditedCluster) -> Iterator[Finding]:
        """See the interface."""
        return reported(
            self.info,
            audited,
            _mend,
            "no rule of the groups and firewalls on the cluster's paths is surely one that can match nothing",
        )


def _mend(audited: AuditedCluster, problem: Problem) -> Hint:
    return Hint(
        words="fill in what it lacks, or remove it, which changes nothing",
        commands=remove_rule(audited.estate, problem.resource, problem.subject),
    )
