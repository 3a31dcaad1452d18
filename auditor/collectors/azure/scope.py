"""Which clusters a live collection is about, and the lists that it begins with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from auditor.collectors.azure.kinds import CLUSTERS, SUBSCRIPTION_LISTS, ZONES
from auditor.collectors.azure.planned import Planned, listed, one, permissions
from auditor.model.resource_id import ResourceId


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveScope:
    """Which clusters are audited; the network that they depend on is followed wherever it lies."""

    subscriptions: tuple[str, ...]
    """GUIDs."""
    resource_groups: tuple[str, ...] = ()
    """Names; only clusters in one of these are audited."""
    clusters: tuple[str, ...] = ()
    """Names or ARM ids; only these are audited."""
    deep: bool = False
    """Whether effective routes and security groups are asked for, which needs more than Reader (ARM-14)."""

    @property
    def is_narrow(self) -> bool:
        """Whether only some clusters are audited: then only what they need is read, in no list that is longer."""
        return bool(self.resource_groups or self.clusters)

    def asked(self) -> dict[str, Any]:
        """The scope as the snapshot keeps it: only the same can be resumed."""
        return {
            "subscriptions": sorted(map(str.lower, self.subscriptions)),
            "resourceGroups": sorted(map(str.lower, self.resource_groups)),
            "clusters": sorted(map(str.lower, self.clusters)),
            "deep": self.deep,
        }


def first_reads(scope: LiveScope) -> Iterator[Planned]:
    """What is read before anything is known: every list of whole subscriptions, or only what may be a cluster."""
    subscriptions = [f"/subscriptions/{one_of.lower()}" for one_of in scope.subscriptions]
    if not scope.is_narrow:
        # the long lists come first in the table: what they hold is written while others are waited for
        for kind in SUBSCRIPTION_LISTS:
            for subscription in subscriptions:
                yield listed(subscription, kind)
        yield from map(permissions, subscriptions)
        return
    for subscription in subscriptions:
        yield listed(subscription, ZONES)
    yield from _clusters(scope, subscriptions)


def _clusters(scope: LiveScope, subscriptions: list[str]) -> Iterator[Planned]:
    groups = [
        f"{subscription}/resourceGroups/{group}"
        for subscription in subscriptions
        for group in scope.resource_groups
    ]
    names = [name for name in scope.clusters if not name.startswith("/")]
    if groups:
        for group in groups:
            # a group of that name lies in one of the subscriptions, not in each
            yield replace(listed(group, CLUSTERS, _keep(scope)), absent_is_none=True)
        return
    if names:
        for subscription in subscriptions:
            yield listed(subscription, CLUSTERS, _keep(scope))
    for name in scope.clusters:
        if name.startswith("/") and (not names or ResourceId(name).subscription not in scope.subscriptions):
            yield one(ResourceId(name), CLUSTERS)


def _keep(scope: LiveScope) -> Callable[[Any], bool] | None:
    """Whether a cluster is one of those that were named; what is no cluster at all is kept and reported."""
    if not scope.clusters:
        return None
    wanted = {name.strip().rstrip("/").lower() for name in scope.clusters}

    def keep(document: Any) -> bool:
        found = document.get("id") if isinstance(document, dict) else None
        if not isinstance(found, str):
            return True
        reference = ResourceId(found)
        return reference.key in wanted or reference.name.lower() in wanted

    return keep
