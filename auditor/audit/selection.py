"""Which clusters an audit is about."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from auditor.errors import InputError
from auditor.model.cluster import Cluster
from auditor.model.resource_id import ResourceId


def select_clusters(clusters: Sequence[Cluster], wanted: Sequence[str]) -> tuple[Cluster, ...]:
    """The clusters named by name or ARM id, in order of their ids; all of them when none is named.

    Raises InputError for a name that no cluster or more than one cluster has.
    """
    ordered = sorted(clusters, key=lambda cluster: cluster.id.key)
    if not wanted:
        return tuple(ordered)
    chosen = {cluster.id: cluster for name in wanted for cluster in [_one(ordered, name)]}
    return tuple(cluster for cluster in ordered if cluster.id in chosen)


def _one(clusters: Sequence[Cluster], name: str) -> Cluster:
    if name.startswith("/"):
        found = [cluster for cluster in clusters if cluster.id == ResourceId(name)]
    else:
        found = [cluster for cluster in clusters if cluster.name.lower() == name.lower()]
    if len(found) == 1:
        return found[0]
    if not found:
        near = get_close_matches(name, [cluster.name for cluster in clusters], n=1)
        known = ", ".join(cluster.name for cluster in clusters[:10]) or "none"
        hint = f"; did you mean {near[0]}?" if near else f"; the snapshot holds: {known}"
        raise InputError(f"no cluster named {name[:80]!r}{hint}", place="--cluster")
    ids = ", ".join(cluster.id.text for cluster in found)
    raise InputError(f"{len(found)} clusters are named {name!r}; give the ARM id: {ids}", place="--cluster")
