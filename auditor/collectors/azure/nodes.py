"""The node resource groups of the audited clusters: nothing names what lies in them, so it is listed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from auditor.collectors.azure import kinds
from auditor.collectors.azure.at_once import below_scale_set
from auditor.collectors.azure.cluster_links import ClusterLinks
from auditor.collectors.azure.links import Links, fields_of, links_of
from auditor.collectors.azure.networks import Networks
from auditor.collectors.azure.planned import listed
from auditor.collectors.azure.references import References, ids_of
from auditor.model.resource_id import ResourceId

_KINDS: Final = (kinds.SCALE_SETS, kinds.LOAD_BALANCERS, kinds.NICS)


class Nodes:
    """Scale sets with their instances, load balancers and interfaces of the node resource groups."""

    def __init__(self, references: References, networks: Networks) -> None:
        self.interfaces: dict[tuple[str, ...], ResourceId] = {}
        """One interface of a running machine for each subnet and security group that nodes are alike in."""
        self._references = references
        self._networks = networks
        self._held: dict[tuple[str, str], dict[str, ResourceId]] = {}
        self._gone_through: set[str] = set()

    def hold(self, kind: str, reference: ResourceId) -> None:
        """A scale set or a load balancer was listed, in whatever group."""
        group = reference.key.split("/providers/", 1)[0]
        self._held.setdefault((kind, group), {})[reference.key] = reference

    def hold_interfaces(self, bodies: Iterable[Mapping[str, Any]], group: str) -> None:
        """The interfaces of a node resource group: of nodes that are machines of their own."""
        for body in bodies:
            for reference in ids_of([body]):
                self.hold(kinds.NICS, reference)
                links = links_of(reference.kind, body)
                self._references.follow(links.refs, reference.text)
                if fields_of(body).has("virtualMachine"):
                    self.interfaces.setdefault(_alike(links), reference)
                    self._networks.sit_in(links.networks, group)

    def join(self, cluster: ClusterLinks) -> None:
        """List what is not known of the cluster's group; go through what is."""
        group = cluster.node_group
        if group is None:
            return
        expected = {
            kinds.SCALE_SETS: cluster.pools,
            kinds.LOAD_BALANCERS: cluster.balanced,
            kinds.NICS: cluster.machines,
        }
        for kind in _KINDS:
            if not self._was_listed(kind, cluster.id) or (expected[kind] and not self._below(kind, group)):
                self._references.plan(listed(group, kind))
        if cluster.machines:
            self._references.plan(listed(group, kinds.MACHINES))
        self._references.follow(self._below(kinds.LOAD_BALANCERS, group), cluster.id.text)
        for reference in self._below(kinds.SCALE_SETS, group):
            self._instances(reference)

    def _instances(self, reference: ResourceId) -> None:
        if reference.key in self._gone_through:
            return
        body = self._references.found.document(reference.text)
        if body is None:
            return
        self._gone_through.add(reference.key)
        for read in below_scale_set(reference, body):
            self._references.plan(read)
        links = links_of(reference.kind, body)
        self._references.follow(links.refs, reference.text)
        self._networks.sit_in(links.networks, reference.text)

    def _below(self, kind: str, group: str) -> list[ResourceId]:
        return list(self._held.get((kind, group.lower()), {}).values())

    def _was_listed(self, kind: str, cluster: ResourceId) -> bool:
        """Whether a list of the subscription was complete; an empty one may still hide a group (ARM-23)."""
        row = self._references.found.row(f"/subscriptions/{cluster.subscription}", kind)
        return row is not None and row.status == "complete"


def _alike(links: Links) -> tuple[str, ...]:
    return tuple(sorted(item.key for item in (*links.networks, *links.refs)))
