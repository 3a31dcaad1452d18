"""Reads that are certain as soon as one other has ended: they need not wait for the rest of its level.

Each of them is one that the walk (`Following`) plans next in any case, whatever else is read: what lies below a
cluster, a hub, or a zone that has links; and the instances of a scale set in the node resource group of a cluster,
once both were read. None is a list of things that something may name: the walk goes on while they are under way, and
would read singly what such a list is about to give.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from auditor.collectors.azure import kinds
from auditor.collectors.azure.cluster_links import node_group
from auditor.collectors.azure.links import fields_of, has_instance_addresses
from auditor.collectors.azure.planned import Planned, children, extensions, question
from auditor.collectors.azure.references import ids_of
from auditor.collectors.azure.request import Request
from auditor.model.resource_id import ResourceId

_HUB_PARTS: Final = (kinds.HUB_CONNECTIONS, kinds.HUB_TABLES, kinds.ROUTING_INTENT)


class AtOnce:
    """Told of reads in any order; gives each read that has become certain, some of them more than once."""

    KINDS: Final = frozenset({kinds.CLUSTERS, kinds.HUBS, kinds.ZONES, kinds.SCALE_SETS})
    """What has something below it that is certain."""

    def __init__(self) -> None:
        self._groups: set[str] = set()
        """Node resource groups of clusters, in lower case."""
        self._sets: dict[str, list[Planned]] = {}
        """Reads of the instances of scale sets, by the group that these lie in."""

    def after(self, read: Planned, bodies: Iterable[Mapping[str, Any]]) -> Iterator[Planned]:
        """What is certain now that this read of one of `KINDS` has ended with these documents."""
        # of two copies in one list only the later one counts, as for the walk
        found: dict[str, list[Planned]] = {}
        groups: dict[str, str | None] = {}
        for body in bodies:
            for reference in ids_of([body]):
                found[reference.key] = list(_below(read.kind, reference, body))
                if read.kind == kinds.CLUSTERS:
                    groups[reference.key] = node_group(body, reference)
        if read.kind == kinds.SCALE_SETS:
            yield from self._hold(found)
            return
        for planned in found.values():
            yield from planned
        for group in filter(None, groups.values()):
            self._groups.add(group.lower())
            yield from self._sets.pop(group.lower(), ())

    def _hold(self, found: Mapping[str, list[Planned]]) -> Iterator[Planned]:
        for key, planned in found.items():
            group = key.split("/providers/", 1)[0]
            if group in self._groups:
                yield from planned
            else:
                self._sets.setdefault(group, []).extend(planned)


def _below(kind: str, reference: ResourceId, body: Mapping[str, Any]) -> Iterator[Planned]:
    match kind:
        case kinds.CLUSTERS:
            return below_cluster(reference)
        case kinds.HUBS:
            return below_hub(reference)
        case kinds.ZONES:
            return below_zone(reference, body)
        case _:
            return below_scale_set(reference, body)


def below_cluster(reference: ResourceId) -> Iterator[Planned]:
    """What is read of every cluster that is audited, by its id alone."""
    yield children(reference.text, kinds.POOLS)
    yield question(reference.text, kinds.DEPENDENCIES, referrer=reference.text)
    yield extensions(reference.text, kinds.EXTENSIONS)
    scope = f"/subscriptions/{reference.subscription}"
    yield _registration(f"{scope}/providers/Microsoft.ContainerService", kinds.PROVIDERS)
    yield _registration(f"{scope}/providers/Microsoft.Features/{kinds.LOCKING_DOWN}", kinds.FEATURES)


def below_hub(reference: ResourceId) -> Iterator[Planned]:
    """The parts of a hub; it is only by them that it tells whom it serves (UDR-31)."""
    for kind in _HUB_PARTS:
        yield children(reference.text, kind)


def below_zone(reference: ResourceId, body: Mapping[str, Any]) -> Iterator[Planned]:
    """The links of a private DNS zone that has some (ARM-19)."""
    if fields_of(body).integer("numberOfVirtualNetworkLinks") != 0:
        yield children(reference.text, kinds.ZONE_LINKS)


def below_scale_set(reference: ResourceId, body: Mapping[str, Any]) -> Iterator[Planned]:
    """The interfaces of a scale set's instances, and their addresses if they have some of their own."""
    yield children(reference.text, kinds.SCALE_SET_NICS)
    if has_instance_addresses(body):
        yield children(reference.text, kinds.SCALE_SET_IPS)


def _registration(path: str, kind: str) -> Planned:
    """The state of a provider or a feature: it explains, and no verdict needs it (ARM-34)."""
    return Planned(scope=path, kind=kind, request=Request(path=path), form="one", absent_is_none=True)
