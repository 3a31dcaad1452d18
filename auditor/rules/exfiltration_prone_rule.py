"""A rule that was meant for one's own data admits the accounts of strangers as well."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.finding import AuditedCluster, Finding, Problem, RuleInfo, Severity
from auditor.rules.controls import mcsb, nist, pci
from auditor.rules.hint import Hint
from auditor.rules.problem_findings import reported
from auditor.rules.reason_codes import meaning_of
from auditor.rules.wording import listed, shown


class ExfiltrationProneRule:
    """Fails for each allow rule by which traffic gets out to what every tenant may use (NSG-27)."""

    info = RuleInfo(
        id="exfiltration-prone-rule",
        title="a rule lets traffic out to what anybody can rent a place in",
        severity=Severity.WARNING,
        controls=(*mcsb("NS-3"), *pci("1.3.2"), *nist("SC-7(10)")),
        help=(
            "A service tag names a service, and a suffix such as *.blob.core.windows.net all of its customers: whoever "
            "gets into a pod can send data to an account of their own. Rules should name one's own accounts, or reach "
            "them by private endpoints. What the cluster's own needs name as it stands is no finding."
        ),
    )

    def check(self, audited: AuditedCluster) -> Iterator[Finding]:
        """See the interface."""
        return reported(
            self.info, audited, _mend, "no rule lets traffic out to what anybody can rent a place in"
        )


def _mend(_: AuditedCluster, problem: Problem) -> Hint:
    """Words only: which accounts are one's own no document tells."""
    texts = listed(problem.lacking)
    patterns = [text for text in problem.lacking if "." in text and "*" in text]
    if patterns:
        words = f"name your own hosts in place of {texts} in rule {shown(problem.subject)}"
    else:
        words = (
            f"let application rules name your own hosts in place of {texts} in rule {shown(problem.subject)}"
        )
    words += ", or reach them by private endpoints, and then take it out"
    if problem.reasons:
        why = "; ".join(f"{meaning_of(code)} ({shown(code)})" for code in problem.reasons)
        words += f"; what is missing here: {why}"
    return Hint(words=words)
