"""Findings that say the same thing about several subnets, told once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from auditor.model.finding import AuditedCluster, Finding, Report, Status
from auditor.model.resource_id import ResourceId
from auditor.reporters.counts import PROBLEMS

T = TypeVar("T")

_RANK = {"error": 0, "unknown": 1, "warning": 2, "note": 3}


@dataclass(frozen=True, slots=True)
class Block:
    """Findings with equal rule, endpoint and deciding hops; the table prints one block for them."""

    findings: tuple[Finding, ...]
    pool_order: tuple[str, ...] = ()
    """The cluster's pools, in its own order."""

    @property
    def first(self) -> Finding:
        """The finding that stands for all."""
        return self.findings[0]

    @property
    def word(self) -> str:
        """What stands in front: the severity, or `unknown`."""
        return "unknown" if self.first.status is Status.UNKNOWN else self.first.severity.value

    @property
    def pools(self) -> tuple[str, ...]:
        """The pools concerned, each once, as the cluster orders them."""
        found = _once(pool for item in self.findings for pool in item.pools)
        order = {name: place for place, name in enumerate(self.pool_order)}
        return tuple(sorted(found, key=lambda pool: order.get(pool, len(order))))

    @property
    def subnets(self) -> tuple[ResourceId, ...]:
        """The subnets concerned."""
        return _once(subnet for item in self.findings for subnet in item.subnets)

    @property
    def messages(self) -> tuple[str, ...]:
        """What is said, without what breaks, which stands below; one sentence where all say the same."""
        return _once(
            item.message.replace(f"; breaks: {item.breaks}", "") for item in self.findings if item.message
        )

    @property
    def reasons(self) -> tuple[str, ...]:
        """The codes that say why something is not known."""
        return _once(code for item in self.findings for code in item.reasons)

    @property
    def assumptions(self) -> tuple[str, ...]:
        """The codes that the findings rest on."""
        return _once(code for item in self.findings for code in item.assumptions)

    @property
    def remediations(self) -> tuple[str, ...]:
        """How to mend it, in words; one text where all say the same."""
        return _once(item.remediation for item in self.findings if item.remediation)

    @property
    def commands(self) -> tuple[str, ...]:
        """Command lines that would do it."""
        return _once(command for item in self.findings for command in item.commands)

    @property
    def order(self) -> tuple[object, ...]:
        """Worst first, then required before recommended, then by rule and subject."""
        item = self.first
        resource = item.resource.key if item.resource else ""
        return (
            _RANK[self.word],
            item.level != "required",
            item.rule,
            item.endpoint or "",
            resource,
            item.fingerprint,
        )


@dataclass(frozen=True, slots=True)
class Group:
    """A cluster with its blocks; without a cluster, what concerns the whole snapshot."""

    cluster: AuditedCluster | None
    blocks: tuple[Block, ...]

    @property
    def order(self) -> tuple[object, ...]:
        """The cluster with most errors, then most unknowns, then most warnings comes first."""
        words = [block.word for block in self.blocks]
        name = self.cluster.cluster.name if self.cluster else ""
        key = self.cluster.cluster.id.key if self.cluster else ""
        counts = tuple(-words.count(word) for word in _RANK)
        return (self.cluster is None, *counts, name.lower(), key)


def groups(report: Report) -> tuple[Group, ...]:
    """Every cluster with its problems, worst first, and last what belongs to no cluster that was audited."""
    found: dict[str, list[Finding]] = {item.cluster.id.key: [] for item in report.clusters}
    others: list[Finding] = []
    for finding in report.findings:
        if finding.status in PROBLEMS:
            found.get(finding.cluster.key if finding.cluster else "", others).append(finding)
    made = [Group(item, merged(found[item.cluster.id.key], _pools(item))) for item in report.clusters]
    if others:
        made.append(Group(None, merged(others)))
    return tuple(sorted(made, key=lambda group: group.order))


def merged(findings: Iterable[Finding], pool_order: tuple[str, ...] = ()) -> tuple[Block, ...]:
    """The findings as blocks, worst first."""
    same: dict[object, list[Finding]] = {}
    for item in findings:
        about: tuple[object, ...] = (
            item.rule,
            item.status,
            item.severity,
            item.cluster,
            item.endpoint,
            item.evidence,
        )
        if item.endpoint is None or not item.evidence:
            # Then the sentence is what tells two subjects of one resource apart.
            about = (*about, item.resource, item.message)
        same.setdefault(about, []).append(item)
    blocks = (Block(tuple(items), pool_order) for items in same.values())
    return tuple(sorted(blocks, key=lambda block: block.order))


def _pools(audited: AuditedCluster) -> tuple[str, ...]:
    return _once(source.pool for source in audited.sources)


def _once(values: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(values))
