"""What two audits differ in: the traffic that got more and less, with the rules that did it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from auditor.model.finding import From, ReadRow
from auditor.model.resource_id import ResourceId
from auditor.model.verdict import Hop, Outcome
from auditor.netset import AddressSet, NameSet, Traffic

SIDES = ("old", "new")


class Presence(StrEnum):
    """On which side a cluster or subnet exists."""

    BOTH = "both"
    APPEARED = "appeared"
    DISAPPEARED = "disappeared"


class Standing(StrEnum):
    """How traffic that leaves stands to what its cluster needs, by the policy of its side."""

    NEEDED = "needed"
    UNNEEDED = "unneeded"
    """Published for AKS, but not needed by this cluster."""
    EXCESS = "excess"


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """An exact set of egress: senders, destinations with services and, where names are meant, names."""

    asked_from: tuple[From, ...]
    """Pools of one subnet to all of which it applies."""
    sources: AddressSet
    """The senders; empty where the addresses of the subnet were not read."""
    traffic: Traffic
    names: NameSet | None
    """None where addresses are meant, whatever name is asked for."""
    partial: bool
    """For names: whether it concerns some of the addresses only at which they leave."""
    application: str | None
    witness: str
    """One member in the grammar of `--to`, or a text where that grammar has no word for it."""
    witness_source: str | None
    """A sender of the witness."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What leaves on one side for sure and is stopped on the other for sure."""

    extent: Extent
    standing: Standing
    """On the side that lets it out."""
    rule: Hop
    """The hop that is responsible on that side."""
    hops: tuple[Hop, ...]
    """The path of the witness there."""
    blockers: tuple[Hop, ...]
    """What stops it on the other side; empty where its subnet does not exist there."""
    assumptions: tuple[str, ...] = ()
    """Codes that either answer rests on, by the reading of its side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecided:
    """What one side cannot tell while the other side can, or neither can and not for the same reason."""

    extent: Extent
    before: Outcome
    after: Outcome
    causes: tuple[str, ...]
    """Codes of the side that cannot tell, or of both."""

    @property
    def may_be_more(self) -> bool:
        """Whether more may leave than before."""
        return self.before is not Outcome.ALLOWED and self.after is not Outcome.BLOCKED

    @property
    def on_both_sides(self) -> bool:
        """Whether neither side can tell."""
        return self.before is self.after


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingChange:
    """What leaves on both sides, and is judged otherwise by the policy."""

    extent: Extent
    before: Standing
    after: Standing
    rule: Hop
    """The hop that is responsible on the new side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubnetDifference:
    """Everything in which the egress of one subnet differs."""

    subnet: ResourceId
    presence: Presence
    senders: AddressSet
    """All addresses of the subnet on both sides; empty where they were not read."""
    more: tuple[Change, ...]
    less: tuple[Change, ...]
    undetermined: tuple[Undecided, ...]
    standing: tuple[StandingChange, ...]

    def __bool__(self) -> bool:
        return self.presence is not Presence.BOTH or bool(
            self.more or self.less or self.undetermined or self.standing
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointChange:
    """A needed endpoint that is answered otherwise, or that one side only needs."""

    to: str
    asked_from: tuple[From, ...]
    level: str
    """The severer level of both sides: `required` or `recommended`."""
    certain: bool
    """False when whether it is needed at all hangs on facts that were not read."""
    before: Outcome | None
    """None where it was not needed, or not asked because the cluster or subnet did not exist."""
    after: Outcome | None
    breaks: str
    deciding: tuple[Hop, ...]
    """What stops it, leaves it open or, when it is allowed now, stopped it before."""
    reasons: tuple[str, ...] = ()
    """Why the new answer is unknown."""

    @property
    def counts(self) -> bool:
        """Whether it is surely needed, and required."""
        return self.certain and self.level == "required"

    @property
    def worse(self) -> bool:
        """Whether an answer got worse for sure: `unknown` may be either."""
        rank = {Outcome.ALLOWED: 0, Outcome.MIXED: 1, Outcome.BLOCKED: 2}
        if self.before is None:
            return self.after in (Outcome.MIXED, Outcome.BLOCKED)
        if self.after is None or self.before not in rank or self.after not in rank:
            return False
        return rank[self.after] > rank[self.before]

    @property
    def may_be_worse(self) -> bool:
        """Whether it is open if the answer got worse."""
        return (
            self.after is not None
            and not self.worse
            and Outcome.UNKNOWN in (self.before, self.after)
            and (self.after is not Outcome.ALLOWED)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterDifference:
    """Everything in which two states of one cluster differ."""

    name: str
    old_id: ResourceId | None
    new_id: ResourceId | None
    endpoints: tuple[EndpointChange, ...]
    subnets: tuple[SubnetDifference, ...]
    """Those that differ; empty where nothing does."""

    @property
    def presence(self) -> Presence:
        """On which side it exists."""
        if self.old_id is None:
            return Presence.APPEARED
        return Presence.DISAPPEARED if self.new_id is None else Presence.BOTH

    def __bool__(self) -> bool:
        return self.presence is not Presence.BOTH or bool(self.endpoints or self.subnets)


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two things that were compared."""

    sources: tuple[str, ...]
    collected: str | None
    edition: str
    strict: bool
    not_assumed: tuple[str, ...]
    clusters: int
    incomplete: tuple[ReadRow, ...]
    """Essential reads that failed, and documents that a path needed and that are absent."""
    policy_file: str | None = None
    """The organisation policy, as the user named it; None for a plain edition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The result of a comparison; reporters translate it and nothing else."""

    version: str
    old: Side
    new: Side
    clusters: tuple[ClusterDifference, ...]
    """All clusters that were compared, whether they differ or not."""
    notes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return any(self.clusters)

    @property
    def subnets(self) -> Iterator[SubnetDifference]:
        """The subnets that differ."""
        return (subnet for cluster in self.clusters for subnet in cluster.subnets)

    @property
    def endpoints(self) -> Iterator[EndpointChange]:
        """The endpoints that differ."""
        return (endpoint for cluster in self.clusters for endpoint in cluster.endpoints)

    @property
    def got_more(self) -> bool:
        """Whether something leaves for sure that surely did not."""
        return any(subnet.more for subnet in self.subnets)

    @property
    def got_excess(self) -> bool:
        """Whether something leaves beyond what its cluster needs that did not, or was needed."""
        return any(
            any(change.standing is Standing.EXCESS for change in subnet.more)
            or any(change.after is Standing.EXCESS for change in subnet.standing)
            for subnet in self.subnets
        )

    @property
    def got_worse(self) -> bool:
        """Whether an endpoint that is surely required is answered worse for sure."""
        return any(one.worse and one.counts for one in self.endpoints)

    @property
    def open(self) -> tuple[str, ...]:
        """Why it is not known whether more leaves or something got worse, in words."""
        found = [
            f"something essential was not read on the {name} side"
            for name, side in zip(SIDES, (self.old, self.new), strict=True)
            if side.incomplete
        ]
        # Nothing that was collected by mistake, or by somebody who sees no cluster, may pass for one that shut down.
        bare = [name for name, side in zip(SIDES, (self.old, self.new), strict=True) if not side.clusters]
        if bare:
            found.append(
                f"there is no AKS cluster on {f'the {bare[0]} side' if len(bare) == 1 else 'either side'}"
            )
        open_parts = [one for subnet in self.subnets for one in subnet.undetermined if one.may_be_more]
        if any(not one.on_both_sides for one in open_parts):
            found.append("more may leave than before")
        if any(one.on_both_sides for one in open_parts):
            found.append("what neither side can tell hangs on something else now, so more may leave")
        number = sum(one.may_be_worse and one.counts for one in self.endpoints)
        if number:
            found.append(f"{number} required endpoint{'s' if number > 1 else ''} may have got worse")
        return tuple(found)
