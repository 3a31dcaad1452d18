"""Parts of a finding in words that several formats share; all of it is harmless text on one line."""

from __future__ import annotations

from auditor.model.finding import Control, Finding, Report, RuleInfo, Waiver
from auditor.reporters.hop_text import resource_name
from auditor.reporters.terminal_text import safe, safe_name

ID_LIMIT = 2000
"""Longer than any ARM id; what is longer was made to flood."""


def rules_by_id(report: Report) -> dict[str, RuleInfo]:
    """The descriptions of the rules."""
    return {rule.id: rule for rule in report.rules}


def control_text(control: Control) -> str:
    """A clause of a standard with the standard's name."""
    return safe(f"{control.standard} {control.id}")


def origin_text(finding: Finding) -> str:
    """`pools sys, apps`, or the subnets where no pool is concerned; empty where neither is."""
    names, word = [safe_name(pool) for pool in finding.pools], "pool"
    if not names:
        names, word = [safe_name(resource_name(subnet.text)) for subnet in finding.subnets], "subnet"
    return f"{word}{'s' if len(names) > 1 else ''} {', '.join(names)}" if names else ""


def subject_text(finding: Finding) -> str:
    """The endpoint, or the resource that it speaks of; empty for a finding about neither."""
    if finding.endpoint is not None:
        return safe_name(finding.endpoint)
    return safe_name(resource_name(finding.resource.text)) if finding.resource is not None else ""


def waiver_text(waiver: Waiver) -> str:
    """Who accepted it, why and until when."""
    return f"{safe(waiver.reason)} (accepted by {safe_name(waiver.owner)} until {safe_name(waiver.expires)})"


def command_text(command: str) -> str:
    """A command line, uncut unless it was made to flood: it is there to be copied."""
    return safe(command, max(len(command) * 10, 1) if len(command) < 20_000 else 20_000)
