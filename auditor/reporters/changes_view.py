"""What the texts about stored runs share: the four lists, and how a finding, a run and a cluster are named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditor.model.history import PastFinding
from auditor.model.periodic import Compliance, Periodic, RunCounts, StoredRun, StoredWaiver
from auditor.reporters.counts import plural
from auditor.reporters.hop_text import resource_name


def lists(subject: Periodic) -> Iterator[tuple[str, str, Sequence[PastFinding]]]:
    """Each list with its word and what it means, in the order of what a reader should look at first."""
    yield "new", "stand now and did not then", subject.new
    yield "not comparable", "stood then; not read, or not asked for, since", subject.not_comparable
    yield "mended", "stood then and were judged gone", subject.mended
    yield "persisting", "stood then and stand now", subject.persisting


def title(finding: PastFinding) -> str:
    """The cluster, the rule and what it is about."""
    cluster = f"{finding.cluster_name}: " if finding.cluster_name else ""
    return f"{cluster}{finding.rule} {about(finding)}".rstrip()


def about(finding: PastFinding) -> str:
    """What a finding is about: its endpoint, else its resource."""
    return finding.endpoint or (resource_name(finding.resource) if finding.resource else "")


def word(finding: PastFinding) -> str:
    """Its severity, or the status that takes its place."""
    return finding.severity if finding.status == "fail" else finding.status


def heading(subject: Periodic) -> str:
    """Which moments are compared."""
    if subject.base is None:
        return f"run {run_text(subject.last)}"
    behind = f", {plural(subject.runs, 'run')} later" if subject.runs != 1 else ""
    return f"run {run_text(subject.last)}{behind}, beside run {run_text(subject.base)}"


def run_text(run: StoredRun) -> str:
    """`12 of 2026-06-18T08:00:00Z (aks-2026-06-18)`."""
    policy = run.edition if run.policy_file is None else f"{run.policy_file}, {run.edition}"
    return f"{run.id} of {run.time} ({policy}{'' if run.complete else ', incomplete'})"


def standing(cluster: Compliance) -> str:
    """How much of what a cluster requires gets out now, and what it was at first."""
    first, last = cluster.runs[0], cluster.runs[-1]
    if first == last:
        return f"{_share(last)} required endpoints get out"
    then = "as many" if _share(first) == _share(last) else _share(first)
    return f"{_share(last)} required endpoints get out; on {first.time[:10]}: {then}"


def _share(counts: RunCounts) -> str:
    open_ = f" (unknown: {counts.unknown})" if counts.unknown else ""
    unread = "" if counts.complete else " (not all was read)"
    return f"{counts.allowed} of {counts.needed}{open_}{unread}"


def waiver_text(waiver: StoredWaiver) -> str:
    """When it ends, what it covers and who answers for it."""
    if waiver.days_left < 0:
        end = f"ended {waiver.expires}"
    else:
        end = f"ends {waiver.expires}, in {plural(waiver.days_left, 'day')}"
    scope = f" for {', '.join(waiver.scope)}" if waiver.scope else ""
    used = f"waived {plural(waiver.uses, 'finding')}"
    return f"{end}: {waiver.rule}{scope}, owner {waiver.owner}, {used}: {waiver.reason}"
