"""A waiver covers no finding of this audit."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.finding import Finding, RuleInfo, Severity, Status, Waiver
from auditor.rules.controls import nist
from auditor.rules.interface import Audit
from auditor.rules.waiver_findings import about, waiver_text


class WaiverUnused:
    """Fails for each waiver that holds and covers nothing; passes for each that covers something."""

    info = RuleInfo(
        id="waiver-unused",
        title="a waiver covers no finding",
        severity=Severity.NOTE,
        controls=nist("SC-7(4)"),
        help=(
            "Either what it covered was mended, or its scope does not say what its owner meant. A waiver that covers "
            "nothing today would silently cover whatever comes back tomorrow. When only some clusters were audited "
            "nothing is said, and when something was not read it is not known."
        ),
    )

    def check_policy(self, waivers: tuple[Waiver, ...], audit: Audit) -> Iterator[Finding]:
        """See the interface."""
        for waiver in waivers:
            if waiver.expired:
                continue
            yield self._judge(waiver, audit)

    def _judge(self, waiver: Waiver, audit: Audit) -> Finding:
        text = waiver_text(waiver)
        if waiver.uses:
            times = "1 finding" if waiver.uses == 1 else f"{waiver.uses} findings"
            return about(self.info, waiver, Status.PASS, f"the waiver of {text} covers {times}")
        if not audit.whole:
            message = f"the waiver of {text} covers no finding, but not every cluster was audited"
            return about(self.info, waiver, Status.NOT_APPLICABLE, message)
        if not audit.complete or waiver.place in audit.doubtful:
            message = f"the waiver of {text} covers no finding, but not everything is known that it may cover"
            return about(self.info, waiver, Status.UNKNOWN, message)
        return about(
            self.info,
            waiver,
            Status.FAIL,
            f"the waiver of {text} covers no finding",
            remediation="remove it from the policy, or correct its rule or scope",
        )
