"""Two audits side by side: what got more, what less, what is answered otherwise, and by which rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from auditor import __version__
from auditor.audit.cluster import Asked, ask
from auditor.audit.coverage import failed_reads, incomplete_of
from auditor.audit.endpoint_changes import endpoint_changes
from auditor.audit.network import network_of
from auditor.audit.selection import select_clusters
from auditor.errors import InputError
from auditor.model.cluster import Cluster
from auditor.model.difference import ClusterDifference, Difference, Presence, Side, SubnetDifference
from auditor.model.finding import ReadRow
from auditor.model.resource_id import ResourceId
from auditor.model.snapshot import Snapshot
from auditor.netset import AddressSet
from auditor.paths.comparison import differences
from auditor.paths.comparison_hops import BY_ID, Likeness
from auditor.paths.comparison_parts import changes, joined, standing_changes, undecided
from auditor.paths.egress_states import LESS, MORE
from auditor.paths.excess import ExcessOfSource
from auditor.paths.network import Network
from auditor.paths.senders import Sender, senders_of
from auditor.policy.policy import Policy

Progress = Callable[[str, int, int], None]
"""Told (phase, done, total) as work goes on."""
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class _Given:
    """One side as it was given, compiled."""

    snapshot: Snapshot
    policy: Policy
    network: Network

    @classmethod
    def of(cls, snapshot: Snapshot, policy: Policy) -> _Given:
        return cls(snapshot, policy, network_of(snapshot, policy))


def diff(
    old_snapshot: Snapshot,
    old_policy: Policy,
    new_snapshot: Snapshot,
    new_policy: Policy,
    *,
    clusters: Sequence[str] = (),
    progress: Progress | None = None,
) -> Difference:
    """Compare two snapshots, each by its policy, cluster by cluster and subnet by subnet.

    `clusters` are names or ARM ids; a name may be known to one side only. Raises InputError for one that neither
    side knows or that is ambiguous, and for firewall policies that are each other's parents.
    """
    old, new = _Given.of(old_snapshot, old_policy), _Given.of(new_snapshot, new_policy)
    pairs = _clusters(old.network, new.network, clusters)
    shared = frozenset(old_snapshot.documents) & frozenset(new_snapshot.documents)
    asked: tuple[list[Asked], list[Asked]] = ([], [])
    found: list[ClusterDifference] = []
    for done, (before, after) in enumerate(pairs):
        if progress is not None:
            progress("clusters", done, len(pairs))
        one = None if before is None else ask(before, old.network, old.policy)
        other = None if after is None else ask(after, new.network, new.policy)
        asked[0].extend(() if one is None else (one,))
        asked[1].extend(() if other is None else (other,))
        found.append(_cluster(before, after, one, other, shared))
    if progress is not None:
        progress("clusters", len(pairs), len(pairs))
    return Difference(
        version=__version__, old=_side(old, asked[0]), new=_side(new, asked[1]), clusters=tuple(found)
    )


# -- who is compared with whom -------------------------------------------------------------------------


def _clusters(
    old: Network, new: Network, wanted: Sequence[str]
) -> list[tuple[Cluster | None, Cluster | None]]:
    """Clusters by ARM id, else by name where each side has one of it; in the order of names and ids."""
    before: Sequence[Cluster] = old.estate.clusters
    after: Sequence[Cluster] = new.estate.clusters
    if wanted:
        before, after = _selected(before, after, wanted)
    pairs = _matched(before, after, lambda cluster: cluster.id.key, lambda cluster: cluster.name.lower())
    return sorted(pairs, key=lambda pair: _place(pair[1] or pair[0]))


def _place(cluster: Cluster | None) -> tuple[str, str]:
    assert cluster is not None  # noqa: S101  a pair has one at least
    return cluster.name.lower(), cluster.id.key


def _selected(
    before: Sequence[Cluster], after: Sequence[Cluster], wanted: Sequence[str]
) -> tuple[list[Cluster], list[Cluster]]:
    """The clusters named; a name must be known to one side at least and ambiguous on none."""
    chosen: tuple[list[Cluster], list[Cluster]] = ([], [])
    for name in wanted:
        errors: list[InputError] = []
        for side, clusters in zip(chosen, (before, after), strict=True):
            try:
                side += [one for one in select_clusters(clusters, (name,)) if one not in side]
            except InputError as error:
                errors.append(error)
        ambiguous = [error for error in errors if "are named" in str(error)]
        if ambiguous or len(errors) == 2:
            raise (ambiguous or errors)[-1]
    return chosen


def _matched(
    before: Sequence[Item], after: Sequence[Item], *keys: Callable[[Item], str]
) -> list[tuple[Item | None, Item | None]]:
    """Pairs of items with an equal key, tried in order; a key that several items of a side have matches nothing."""
    pairs: list[tuple[Item | None, Item | None]] = []
    old, new = list(before), list(after)
    for key in keys:
        others = _once(new, key)
        for name, one in _once(old, key).items():
            if name in others:
                pairs.append((one, others[name]))
                old.remove(one)
                new.remove(others[name])
    return [*pairs, *((one, None) for one in old), *((None, one) for one in new)]


def _once(items: Sequence[Item], key: Callable[[Item], str]) -> Mapping[str, Item]:
    names = [key(item) for item in items]
    return {name: item for name, item in zip(names, items, strict=True) if names.count(name) == 1}


# -- what differs --------------------------------------------------------------------------------------


def _cluster(
    before: Cluster | None,
    after: Cluster | None,
    old: Asked | None,
    new: Asked | None,
    shared: frozenset[str],
) -> ClusterDifference:
    senders = _senders(old), _senders(new)
    subnets = _matched(tuple(senders[0]), tuple(senders[1]), lambda one: one.key, _short)
    renamed = {one: other for one, other in subnets if one is not None and other is not None}
    cluster = after or before
    assert cluster is not None  # noqa: S101  a pair has one at least
    moved = before is not None and after is not None and before.id != after.id
    compared = (
        _subnet(
            one,
            other,
            senders[0].get(one, ()) if one else (),
            senders[1].get(other, ()) if other else (),
            Likeness(by_name=True, shared=shared) if moved or one != other else BY_ID,
        )
        for one, other in subnets
    )
    return ClusterDifference(
        name=cluster.name,
        old_id=None if before is None else before.id,
        new_id=None if after is None else after.id,
        endpoints=endpoint_changes(
            () if old is None else old.endpoints, () if new is None else new.endpoints, renamed
        ),
        subnets=tuple(sorted((one for one in compared if one), key=lambda one: one.subnet.key)),
    )


def _short(subnet: ResourceId) -> str:
    """The name of a subnet with that of its network: what stays when a cluster is built again elsewhere."""
    parent = subnet.parent
    return f"{parent.name if parent is not None else ''}/{subnet.name}".lower()


def _senders(asked: Asked | None) -> dict[ResourceId, tuple[Sender, ...]]:
    found: dict[ResourceId, tuple[Sender, ...]] = {}
    for sender in _every_sender(asked) if asked is not None else ():
        subnet = sender.asked_from.subnet
        if subnet is not None:
            found[subnet] = (*found.get(subnet, ()), sender)
    return found


def _every_sender(asked: Asked) -> Iterator[Sender]:
    paths = asked.paths
    for source in paths.sources:
        egress, origin = paths.egress(source), paths.asked_from(source)
        excess = ExcessOfSource(egress, origin, asked.needed, asked.published, asked.assumed)
        yield from senders_of(egress, excess, origin, pods=source.pods, assumed=asked.assumed)


def _subnet(
    before: ResourceId | None,
    after: ResourceId | None,
    old: Sequence[Sender],
    new: Sequence[Sender],
    likeness: Likeness,
) -> SubnetDifference:
    subnet = after or before
    assert subnet is not None  # noqa: S101  a pair has one at least
    presence = Presence.BOTH
    if before is None or after is None:
        presence = Presence.APPEARED if before is None else Presence.DISAPPEARED
    found = joined(differences(old, new, likeness))
    return SubnetDifference(
        subnet=subnet,
        presence=presence,
        senders=AddressSet.union_all(sender.addresses for sender in (*old, *new)),
        more=changes(found, MORE),
        less=changes(found, LESS),
        undetermined=undecided(found),
        standing=standing_changes(found),
    )


# -- the two sides -------------------------------------------------------------------------------------


def _side(given: _Given, asked: Sequence[Asked]) -> Side:
    policy, network = given.policy, given.network
    rows: dict[tuple[str, str], ReadRow] = {}
    needed = (
        row
        for one in asked
        for row in incomplete_of(one.paths.cluster, network.estate, one.endpoints, one.paths.sources)
    )
    for row in (*failed_reads(network.estate), *needed):
        rows.setdefault((row.kind.lower(), row.scope.lower()), row)
    settings = policy.settings
    return Side(
        sources=given.snapshot.sources,
        collected=given.snapshot.collected,
        edition=policy.edition.edition,
        strict=settings.strict,
        not_assumed=tuple(sorted(settings.not_assumed)),
        clusters=len(network.estate.clusters),
        incomplete=tuple(row for _, row in sorted(rows.items())),
        policy_file=policy.organisation.file if policy.organisation is not None else None,
    )
