"""What became of the problems of earlier runs, as a function of values.

A problem stands from the run that first had it until a run *judges* it and finds it gone. A run that did not read
what it takes, was not asked, or assumed more than the run before says nothing about it: it is not comparable, goes
on standing, and is no new finding when it is seen again.
"""

from __future__ import annotations

from dataclasses import dataclass

from auditor.model.finding import AuditedCluster, Endpoint, Finding, Report, Status
from auditor.model.history import Changes, PastFinding
from auditor.model.reading import ASSUMABLE
from auditor.model.resource_id import ResourceId
from auditor.model.verdict import Outcome

PROBLEMS = frozenset({Status.FAIL, Status.UNKNOWN, Status.WAIVED})
"""What is stored; the rest is counted only."""
_BEYOND = frozenset({"excess-egress", "forbidden-egress", "firewall-bypassed", "unneeded-baseline-egress"})
"""Rules about what leaves beyond the need; what they do not report may be what is undetermined."""
_BLOCKED = frozenset({"required-endpoint-blocked", "recommended-endpoint-blocked"})
_ENDPOINTS = _BLOCKED | {"endpoint-undetermined"}
"""Rules that judge each needed endpoint by itself."""
_WEIGHTS = ("error", "unknown", "warning", "note", "waived")
"""Severities, and the statuses that take their place, worst first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A problem that stands, and how the run that had it last was made."""

    finding: PastFinding
    reading: str
    """What that run assumed and counted, as `records.reading_of` writes it."""
    policy_file: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """The state before a run."""

    run: str
    """Id of the last run that judged one of its clusters."""
    since: str
    """When that was, UTC, ISO 8601."""
    standing: tuple[Standing, ...]
    """Problems of the clusters of both runs, and those of no cluster."""


def compare(report: Report, past: Past, reading: str) -> Changes:
    """This report beside the state before it; `reading` says what this run assumed and counted.

    Findings are told apart by fingerprint. The lists of findings are sorted: the worst first, then by cluster,
    rule, endpoint and fingerprint.
    """
    problems = {item.fingerprint: item for item in report.findings if item.status in PROBLEMS}
    judge = _Judge(report, reading)
    persisting: list[PastFinding] = []
    mended: list[PastFinding] = []
    open_: list[PastFinding] = []
    for one in past.standing:
        if one.finding.fingerprint in problems:
            persisting.append(one.finding)
        else:
            (mended if judge.gone(one) else open_).append(one.finding)
    before = {one.finding.fingerprint for one in past.standing}
    return Changes(
        run=past.run,
        since=past.since,
        new=tuple(sorted(problems.keys() - before)),
        persisting=ordered(persisting),
        mended=ordered(mended),
        not_comparable=ordered(open_),
    )


def ordered(findings: list[PastFinding]) -> tuple[PastFinding, ...]:
    """The findings in the order in which they are shown."""
    return tuple(sorted(findings, key=_place))


def _place(item: PastFinding) -> tuple[int, str, str, str, str]:
    said = item.severity if item.status == Status.FAIL.value else item.status
    weight = _WEIGHTS.index(said) if said in _WEIGHTS else len(_WEIGHTS)
    return weight, (item.cluster or "").lower(), item.rule, item.endpoint or "", item.fingerprint


class _Judge:
    """Says of a problem that this report does not have whether the report shows it gone."""

    def __init__(self, report: Report, reading: str) -> None:
        self._report = report
        self._reading = reading
        self._clusters = {item.cluster.id.key: item for item in report.clusters}
        self._fingerprints = {item.fingerprint for item in report.findings}
        self._rules = {rule.id for rule in report.rules}
        self._by_rule: dict[tuple[str, str], list[Finding]] = {}
        self._by_endpoint: dict[tuple[str, str | None], list[Finding]] = {}
        for item in report.findings:
            if item.cluster is not None:
                self._by_rule.setdefault((item.cluster.key, item.rule), []).append(item)
                self._by_endpoint.setdefault((item.cluster.key, item.endpoint), []).append(item)

    def gone(self, one: Standing) -> bool:
        """Whether this run judged the subject and found no problem."""
        finding = one.finding
        alike = one.reading == self._reading
        if finding.fingerprint in self._fingerprints:  # it passes, by name
            return alike or finding.status != Status.UNKNOWN.value  # more assumptions only hide an unknown
        if not alike:
            return False
        if finding.cluster is None:
            complete = self._report.coverage.complete and bool(self._report.clusters)
            return complete and finding.rule in self._rules and one.policy_file == self._report.policy_file
        cluster = self._clusters.get(ResourceId(finding.cluster).key)
        if cluster is None or cluster.incomplete:
            return False
        return (
            self._answered(finding, cluster) if finding.rule in _ENDPOINTS else self._judged(finding, cluster)
        )

    def _answered(self, finding: PastFinding, cluster: AuditedCluster) -> bool:
        """Whether the endpoint is needed no more, or the run told its answer."""
        rows = [row for row in cluster.endpoints if row.to == finding.endpoint and row.applies is not False]
        if any(_open(row) for row in rows):
            return False
        told = self._by_endpoint.get((cluster.cluster.id.key, finding.endpoint), [])
        return not rows or any(
            item.rule == finding.rule or (item.rule in _BLOCKED and item.status is Status.PASS)
            for item in told
        )

    def _judged(self, finding: PastFinding, cluster: AuditedCluster) -> bool:
        """Whether the rule looked at the cluster, and nothing that it left open may be this problem.

        A rule that looked says so by a finding of some status; one that a policy switched off says nothing.
        """
        said = self._by_rule.get((cluster.cluster.id.key, finding.rule), [])
        if not said or any(item.status is Status.UNKNOWN for item in said):
            return False
        return finding.rule not in _BEYOND or all(one.cause in ASSUMABLE for one in cluster.undetermined)


def _open(row: Endpoint) -> bool:
    return row.applies is None or row.verdict is None or row.verdict.outcome is Outcome.UNKNOWN
