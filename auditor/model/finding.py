"""What a rule reports, and the report of a whole audit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from auditor.model.cluster import Cluster
from auditor.model.egress import Bypass, Excess, Forbidden, Undetermined
from auditor.model.estate import Estate
from auditor.model.finding_place import From, Place
from auditor.model.history import Changes
from auditor.model.resource_id import ResourceId
from auditor.model.snapshot import Origin
from auditor.model.verdict import Hop, Verdict

__all__ = [
    "AuditedCluster",
    "Control",
    "Coverage",
    "Detail",
    "Endpoint",
    "Finding",
    "From",
    "Origin",
    "Place",
    "Problem",
    "ReadRow",
    "Report",
    "RuleInfo",
    "Severity",
    "Status",
    "Trace",
    "Waiver",
]


class Severity(StrEnum):
    """How much a finding matters."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Status(StrEnum):
    """What became of the subject that a rule judged."""

    PASS = "pass"  # noqa: S105 - a status, not a secret
    FAIL = "fail"
    UNKNOWN = "unknown"
    WAIVED = "waived"
    NOT_APPLICABLE = "not-applicable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One thing that a cluster needs, judged from one pool and subnet."""

    id: str
    """The row's id in its edition, `own:<domain>:<port>` for the cluster's own list, `require:<n>` for a policy."""
    to: str
    """The destination in the grammar of `--to`, or a service tag, or `*`: `mcr.microsoft.com:443/https`."""
    level: str
    """The effective level: `required` or `recommended`."""
    applies: bool | None
    """None when a fact that the row's condition reads was not read."""
    condition: str
    """Why it applies or not, in words."""
    purpose: str
    breaks: str
    """What stops working when it is blocked."""
    origin: tuple[str, ...]
    """Editions and lists that the row comes from."""
    asked_from: From
    verdict: Verdict | None
    """None when the row does not apply."""
    unread: tuple[str, ...] = ()
    """Facts that were not read, for `applies` None."""
    tags: tuple[str, ...] = ()
    """Service tags that hold the destination, where the service documents them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedCluster:
    """A cluster with the answers to everything that was asked about it: what rules look at."""

    cluster: Cluster
    estate: Estate
    sources: tuple[From, ...]
    endpoints: tuple[Endpoint, ...]
    probes: Mapping[str, tuple[tuple[From, Verdict], ...]] = field(default_factory=dict)
    """Questions beyond the rows that rules need, by name: `unrestricted` is TCP 443 and a port no rule names."""
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    excess: tuple[Excess, ...] = ()
    """What must leave beyond the policy, by responsible rule."""
    undetermined: tuple[Undetermined, ...] = ()
    """What may leave beyond the policy, by what leaves it open."""
    strict: bool = False
    """Whether nothing is assumed: then what may leave beyond the policy counts."""
    bypasses: tuple[Bypass, ...] = ()
    """What leaves beside the firewall that the default route leads to."""
    forbidden: tuple[Forbidden, ...] = ()
    """What of each destination that the policy forbids leaves, by subnet; rows where nothing does are among them."""
    incomplete: tuple[ReadRow, ...] = ()
    """Essential reads of this cluster that failed, and documents that a path needed and that are absent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A defect on a path that rules report: a dangling next hop, an FQDN rule without DNS proxy, ..."""

    kind: str
    """Id of the rule that reports it."""
    resource: ResourceId
    subject: str
    """The route, rule or property within the resource."""
    message: str
    asked_from: tuple[From, ...]
    evidence: tuple[Hop, ...] = ()
    reasons: tuple[str, ...] = ()
    """Codes that leave open whether it is a defect at all; empty when it surely is one."""
    lacking: tuple[str, ...] = ()
    """What a remedy would have to add, such as addresses."""
    unread: tuple[str, ...] = ()
    """Not a defect, but what was not read and may hold one: then it stands in the place of a pass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """A clause of a published standard that a rule serves."""

    standard: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleInfo:
    """What is the same for every finding of a rule."""

    id: str
    title: str
    severity: Severity
    controls: tuple[Control, ...] = ()
    help: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """One line about a set: what it is, its members as ranges or names, and how many they are."""

    head: str
    members: tuple[str, ...]
    tail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """A risk that someone accepted until a day."""

    rule: str
    """The rule's id, or a pattern of ids."""
    scope: tuple[str, ...]
    """What it is limited to, as the policy spells it: `cluster=aks-*`, `resource=...`, `endpoint=...`; empty: all."""
    reason: str
    owner: str
    expires: str
    """The last day on which it holds, `YYYY-MM-DD`."""
    place: Place
    expired: bool = False
    uses: int = 0
    """How many findings it waives in this report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a rule says about one subject, with its proof."""

    rule: str
    severity: Severity
    status: Status
    cluster: ResourceId | None
    cluster_name: str | None
    subnets: tuple[ResourceId, ...]
    pools: tuple[str, ...]
    endpoint: str | None
    """The endpoint's `to`, for rules about endpoints."""
    resource: ResourceId | None
    """The primary resource: what decides, or what is to be mended."""
    message: str
    purpose: str = ""
    breaks: str = ""
    evidence: tuple[Hop, ...] = ()
    """The deciding hop or all blockers."""
    path: tuple[Hop, ...] = ()
    reasons: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    remediation: str = ""
    commands: tuple[str, ...] = ()
    fingerprint: str = ""
    level: str = ""
    details: tuple[Detail, ...] = ()
    """What more there is to say than the message, weightiest first; a reporter that shows less says so."""
    rank: int = 0
    """Its place among what its rule finds in one cluster, the worst first; 0 where no finding is worse than another."""
    waiver: Waiver | None = None
    """Who accepted it, for status `waived`."""
    place: Place | None = None
    """Where its cause stands in a file of the user's: a policy, a plan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRow:
    """One row of the coverage."""

    scope: str
    kind: str
    essential: bool
    status: str
    error: str | None
    needed_by: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What was read and what was not."""

    complete: bool
    reads: tuple[ReadRow, ...]
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The result of an audit; reporters translate it and nothing else."""

    version: str
    sources: tuple[str, ...]
    cloud: str
    collected: str | None
    edition: str
    strict: bool
    not_assumed: tuple[str, ...]
    clusters: tuple[AuditedCluster, ...]
    findings: tuple[Finding, ...]
    rules: tuple[RuleInfo, ...]
    coverage: Coverage
    notes: tuple[str, ...] = ()
    policy_file: str | None = None
    """The organisation policy, as the user named it; None for a plain edition."""
    waivers: tuple[Waiver, ...] = ()
    """All waivers of the policy, used or not, expired or not."""
    origins: tuple[Origin, ...] = ()
    """Where the documents came from, one for each source."""
    changes: Changes | None = None
    """What is different from the stored run that this one was compared with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """The answer to one question asked by `trace` from one pool and subnet."""

    cluster: Cluster
    asked_from: From
    to: str
    verdict: Verdict
    supply: tuple[str, ...] = ()
    """For `unknown`: what each reason lacks and how to supply it, one sentence for each."""
    supply_commands: tuple[str, ...] = ()
    """Command lines that fetch what `supply` asks for."""
    confirm: tuple[str, ...] = ()
    """Command lines that would confirm the answer: probes for a node or pod, then what Azure can be asked."""
