"""A waiver's last day is over, so it waives nothing any more."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.finding import Finding, RuleInfo, Severity, Status, Waiver
from auditor.rules.controls import nist
from auditor.rules.interface import Audit
from auditor.rules.waiver_findings import about, waiver_text
from auditor.rules.wording import shown


class WaiverExpired:
    """Fails for each waiver whose last day is over; passes for each that still holds."""

    info = RuleInfo(
        id="waiver-expired",
        title="the last day of a waiver is over",
        severity=Severity.WARNING,
        controls=nist("SC-7(4)"),
        help=(
            "Somebody accepted a risk until a day, and that day is over. What the waiver covered counts again. Mend "
            "the cause and take the waiver out of the policy, or let its owner decide again and give it a new day."
        ),
    )

    def check_policy(self, waivers: tuple[Waiver, ...], audit: Audit) -> Iterator[Finding]:  # noqa: ARG002
        """See the interface."""
        for waiver in waivers:
            if not waiver.expired:
                message = f"the waiver of {waiver_text(waiver)} holds until {waiver.expires}"
                yield about(self.info, waiver, Status.PASS, message)
                continue
            owner = shown(waiver.owner)
            yield about(
                self.info,
                waiver,
                Status.FAIL,
                f"the waiver of {waiver_text(waiver)} ended on {waiver.expires}; its owner is {owner}",
                remediation=f"mend what it covered and remove it, or let {owner} decide again and set a new day",
            )
