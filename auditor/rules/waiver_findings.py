"""What the rules about waivers share: a finding about one waiver, at its place in the policy."""

from __future__ import annotations

from auditor.model.finding import Finding, RuleInfo, Status, Waiver
from auditor.rules.interface import fingerprint
from auditor.rules.wording import shown


def waiver_text(waiver: Waiver) -> str:
    """`excess-egress for cluster=aks-*, endpoint=...`: what is waived, and where."""
    scope = ", ".join(shown(text) for text in waiver.scope)
    return shown(waiver.rule) + (f" for {scope}" if scope else "")


def about(info: RuleInfo, waiver: Waiver, status: Status, message: str, *, remediation: str = "") -> Finding:
    """A finding about a waiver; its identity is what is waived where, not the line on which that stands."""
    subject = "\n".join((waiver.rule.lower(), *sorted(text.lower() for text in waiver.scope)))
    return Finding(
        rule=info.id,
        severity=info.severity,
        status=status,
        cluster=None,
        cluster_name=None,
        subnets=(),
        pools=(),
        endpoint=None,
        resource=None,
        message=message,
        remediation=remediation,
        fingerprint=fingerprint(rule=info.id, cluster=None, subnet=None, resource=None, subject=subject),
        place=waiver.place,
    )
