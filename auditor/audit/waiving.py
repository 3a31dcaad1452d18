"""A policy's severities and waivers applied to findings, and what rules say about the waivers themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from auditor.errors import UsageError
from auditor.model.finding import Finding, Status, Waiver
from auditor.model.resource_id import ResourceId
from auditor.policy.organisation import Organisation, fits
from auditor.policy.organisation_file import INCOMPLETENESS
from auditor.rules.interface import Audit
from auditor.rules.register import ordered, run_policy_rules

_PROBLEMS = frozenset({Status.FAIL, Status.UNKNOWN})
_MAKE_INCOMPLETE = frozenset({"excess-undetermined", "forbidden-egress", *INCOMPLETENESS})
"""Rules whose unknowns make an audit incomplete."""
_WOULD_BE = {
    "endpoint-undetermined": ("required-endpoint-blocked", "recommended-endpoint-blocked"),
    "excess-undetermined": ("excess-egress",),
}
"""What a finding of a rule that only tells what is unknown would be a failure of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waived:
    """The findings of an audit after the policy had its say."""

    findings: tuple[Finding, ...]
    waivers: tuple[Waiver, ...] = ()
    """Each knows whether it is over, and how many findings it waives."""
    notes: tuple[str, ...] = ()
    """What was left out, counted."""


def waived(
    findings: Sequence[Finding],
    organisation: Organisation | None,
    today: date | None,
    *,
    whole: bool,
    complete: bool,
) -> Waived:
    """Give findings the policy's severities, mark those that somebody accepted, and judge the waivers.

    Only a failure can be waived: what is unknown stays unknown, so that no waiver makes an incomplete audit look
    complete. The first waiver in the file that fits is the one that counts. `whole` and `complete` say whether every
    cluster was audited and everything essential read. Raises UsageError if there are waivers and nobody says what day
    it is.
    """
    if organisation is None:
        return Waived(findings=tuple(findings))
    if organisation.waivers and today is None:
        raise UsageError("the policy has waivers, so an audit must be told the day: check(..., today=...)")
    kept, notes = _rated(findings, organisation)
    waivers = [
        replace(one, expired=today is not None and today > _last_day(one)) for one in organisation.waivers
    ]
    holding = [one for one in waivers if not one.expired]
    covers = [next((one for one in holding if _covers(one, finding)), None) for finding in kept]
    uses = Counter(one.place for one in covers if one is not None)
    waivers = [replace(one, uses=uses[one.place]) for one in waivers]
    counted = {one.place: one for one in waivers}
    found = [
        finding if one is None else replace(finding, status=Status.WAIVED, waiver=counted[one.place])
        for finding, one in zip(kept, covers, strict=True)
    ]
    doubtful = frozenset(one.place for one in holding if any(_may_cover(one, finding) for finding in kept))
    audit = Audit(whole=whole, complete=complete, doubtful=doubtful)
    own, more = _rated(run_policy_rules(tuple(waivers), audit), organisation)
    return Waived(findings=ordered((*found, *own)), waivers=tuple(waivers), notes=(*notes, *more))


def _last_day(waiver: Waiver) -> date:
    return date.fromisoformat(waiver.expires)


def _rated(findings: Iterable[Finding], organisation: Organisation) -> tuple[list[Finding], list[str]]:
    """The findings with the policy's severities; without those of rules that are off, which are counted.

    What is unknown and makes an audit incomplete is never left out.
    """
    kept: list[Finding] = []
    left_out: Counter[str] = Counter()
    for finding in findings:
        if finding.rule not in organisation.severities:
            kept.append(finding)
            continue
        severity = organisation.severities[finding.rule]
        if severity is not None:
            kept.append(replace(finding, severity=severity))
        elif finding.status is Status.UNKNOWN and finding.rule in _MAKE_INCOMPLETE:
            kept.append(finding)
        elif finding.status in _PROBLEMS:
            left_out[finding.rule] += 1
    notes = []
    for rule, number in sorted(left_out.items()):
        place = organisation.severity_places[rule]
        many = "1 finding" if number == 1 else f"{number} findings"
        notes.append(f"{rule} is off by {place}: {many} left out")
    return kept, notes


def _covers(waiver: Waiver, finding: Finding) -> bool:
    return finding.status is Status.FAIL and fits(waiver.rule, finding.rule) and _in_scope(waiver, finding)


def _may_cover(waiver: Waiver, finding: Finding) -> bool:
    """Whether a waiver would cover what a finding leaves open, if that turned out to be a failure."""
    rules = _WOULD_BE.get(finding.rule, (finding.rule,))
    return (
        finding.status is Status.UNKNOWN
        and any(fits(waiver.rule, rule) for rule in rules)
        and _in_scope(waiver, finding)
    )


def _in_scope(waiver: Waiver, finding: Finding) -> bool:
    scope: dict[str, list[str]] = {}
    for text in waiver.scope:
        key, _, pattern = text.partition("=")
        scope.setdefault(key, []).append(pattern)
    return all(_within(key, patterns, finding) for key, patterns in scope.items())


def _within(key: str, patterns: Sequence[str], finding: Finding) -> bool:
    match key:
        case "cluster":
            names = (finding.cluster_name or "", finding.cluster.text if finding.cluster else "")
            return _any(patterns, names)
        case "endpoint":
            return finding.endpoint is not None and _any(patterns, (finding.endpoint,))
        case "resource":
            return finding.resource is not None and _any(patterns, _names(finding.resource))
        case _:
            return bool(finding.subnets) and all(_any(patterns, _names(subnet)) for subnet in finding.subnets)


def _names(resource: ResourceId) -> tuple[str, str]:
    return resource.name, resource.text


def _any(patterns: Iterable[str], texts: Iterable[str]) -> bool:
    return any(fits(pattern, text) for pattern in patterns for text in texts if text)
