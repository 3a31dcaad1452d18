"""What a rule is: a description and a function from one audited cluster to findings.

A rule takes values and gives values: it reads no file, asks no network, looks at no clock and prints nothing.
It yields `pass` once for each subject that it judged, so that silence never means "looked at and fine".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from auditor.model.finding import AuditedCluster, Finding, Place, RuleInfo, Waiver
from auditor.model.resource_id import ResourceId


class Rule(Protocol):
    """One question about a cluster that has a fixed id, a severity and a page in the documentation."""

    @property
    def info(self) -> RuleInfo:
        """What is the same for every finding; its `id` never changes once released."""
        ...

    def check(self, audited: AuditedCluster) -> Iterator[Finding]:
        """Findings about this cluster, each with its fingerprint; any order, no two with one fingerprint."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What a rule about the policy must know of an audit to say that something occurs nowhere."""

    whole: bool
    """Every cluster of the snapshot was audited."""
    complete: bool
    """Everything essential was read."""
    doubtful: frozenset[Place] = frozenset()
    """Places of waivers that may yet cover something of which it is unknown whether it is so."""


class PolicyRule(Protocol):
    """One question about the policy itself; as `Rule` otherwise. What day it is, it takes from the waivers."""

    @property
    def info(self) -> RuleInfo:
        """See `Rule`."""
        ...

    def check_policy(self, waivers: tuple[Waiver, ...], audit: Audit) -> Iterator[Finding]:
        """Findings about the waivers of a policy, each with its place, once it is known what they cover."""
        ...


def fingerprint(
    *,
    rule: str,
    cluster: ResourceId | None,
    subnet: ResourceId | None,
    resource: ResourceId | None,
    subject: str,
) -> str:
    """The identity of a finding from run to run: SHA-256 in hex of its five parts, joined by newlines.

    Ids count without case, a missing one as an empty line. `subject` is the endpoint's `to`, or the id or name
    of the responsible rule. Priorities, messages and the order of documents are no part of it.
    """
    ids = (item.key if item is not None else "" for item in (cluster, subnet, resource))
    return sha256("\n".join((rule, *ids, subject)).encode("utf-8", "surrogatepass")).hexdigest()
