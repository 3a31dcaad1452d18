"""Which reads come next: everything that a verdict about the audited clusters may need, and no more.

The walk starts at the clusters and goes from document to document, and ends when nothing new is named. A Virtual
WAN hub cannot be named by a spoke (UDR-31), and a private DNS zone is not named by the networks it serves: those
of the subscriptions that are read are asked what they are connected to.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping
from typing import Any

from auditor.collectors.azure import kinds
from auditor.collectors.azure.at_once import AtOnce, below_cluster, below_hub, below_zone
from auditor.collectors.azure.cluster_links import ClusterLinks, cluster_links, pool_links
from auditor.collectors.azure.links import (
    connected_network,
    fields_of,
    links_of,
    network_links,
)
from auditor.collectors.azure.networks import Networks
from auditor.collectors.azure.nodes import Nodes
from auditor.collectors.azure.planned import Planned, children
from auditor.collectors.azure.references import SINGLE, Found, References, ids_of
from auditor.collectors.azure.request import Request
from auditor.model.resource_id import ResourceId


class Following:
    """The walk: `ended` tells it of each read, `next_reads` gives what is to be read then.

    `at_once` may be asked earlier, as each read ends, for what need not wait until then.
    """

    def __init__(self, found: Found, subscriptions: Collection[str], whole: Collection[str]) -> None:
        """`subscriptions` (lower case) are those asked for, `whole` those whose lists are read in full."""
        self._found = found
        self._references = References(found)
        self.networks = Networks(self._references, subscriptions, whole)
        self.nodes = Nodes(self._references, self.networks)
        self._clusters: dict[str, ClusterLinks] = {}
        self._listed: dict[str, dict[str, ResourceId]] = {
            kind: {} for kind in (kinds.CLUSTERS, kinds.HUBS, kinds.ZONES)
        }
        self._joined: dict[str, list[ResourceId]] = {}
        self._at_once = AtOnce()

    # -- what was read -----------------------------------------------------------------------------------

    def at_once(self, read: Planned) -> list[Planned]:
        """What `next_reads` will certainly give now that one read has ended, in this run or an earlier one."""
        if read.kind not in AtOnce.KINDS:
            return []
        bodies = map(_object, self._found.documents_of(read.scope, read.kind))
        return [found for found in self._at_once.after(read, bodies) if not self._references.knows(found)]

    def ended(self, read: Planned) -> None:
        """A read has ended, in this run or an earlier one."""
        self._references.made(read)
        if read.form == "answer":
            return
        bodies = map(_object, self._found.documents_of(read.scope, read.kind))
        match read.kind:
            case kinds.CLUSTERS | kinds.HUBS | kinds.ZONES:
                self._listed[read.kind].update((found.key, found) for found in ids_of(bodies))
            case kinds.SCALE_SETS | kinds.LOAD_BALANCERS:
                for reference in ids_of(bodies):
                    self.nodes.hold(read.kind, reference)
            case kinds.NICS if "/resourcegroups/" in read.scope.lower() and read.form == "list":
                self.nodes.hold_interfaces(bodies, read.scope)
            case kinds.POOLS:
                for links in map(pool_links, bodies):
                    self._references.follow(links.refs, read.scope)
                    self.networks.sit_in(links.networks, read.scope)
            case kinds.RULE_GROUPS:
                self._follow_all(bodies, read)
            case kinds.HUB_CONNECTIONS | kinds.ZONE_LINKS:
                networks = [found for body in bodies if (found := connected_network(body)) is not None]
                self._joined[read.scope.lower()] = networks
            case _:
                pass

    def renewed(self, reference: ResourceId) -> None:
        """A document was read again, because something that it named is not there (ARM-22)."""
        body = self._found.document(reference.text)
        if body is None:
            return
        if reference.key in self._clusters:
            self._cluster(reference, body)
        elif reference.kind in SINGLE:
            self._visit(reference, body)

    def share(self, subscription: str) -> None:
        """A subscription that was read as a whole and has no cluster is there for clusters elsewhere.

        Who unites its snapshot with theirs needs what no list of it holds: the rules of its firewall policies, its
        gateways, the records of its zones. Its peers are not followed: they belong to others.
        """
        scope = f"/subscriptions/{subscription}"
        clusters = self._found.row(scope, kinds.CLUSTERS)
        if clusters is None or clusters.status != "complete" or any(self._documents(scope, kinds.CLUSTERS)):
            return
        self._references.follow(ids_of(self._documents(scope, kinds.POLICIES)), scope)
        for body in self._documents(scope, kinds.NETWORKS):
            for network in ids_of([body]):
                self.networks.gateways(network_links(body, network))
        for body in self._documents(scope, kinds.ZONES):
            if fields_of(body).integer("numberOfVirtualNetworkLinks") != 0:
                for zone in ids_of([body]):
                    self._references.plan(children(zone.text, kinds.ZONE_RECORDS))

    def _documents(self, scope: str, kind: str) -> Iterable[Mapping[str, Any]]:
        return map(_object, self._found.documents_of(scope, kind))

    def _follow_all(self, bodies: Iterable[Mapping[str, Any]], read: Planned) -> None:
        for body in bodies:
            self._references.follow(links_of(read.kind.lower(), body).refs, read.scope)

    # -- what comes next ---------------------------------------------------------------------------------

    def next_reads(self) -> list[Planned]:
        """What is to be read now; nothing when the walk is at its end."""
        for key, reference in self._listed[kinds.CLUSTERS].items():
            body = None if key in self._clusters else self._found.document(reference.text)
            if body is not None:
                self._cluster(reference, body)
        while True:
            self._references.walk(self._visit, self._unread)
            waiting = self._references.waiting
            self._join()
            if self._references.waiting == waiting:
                return self._references.take_plans()

    def _join(self) -> None:
        """Follow what only several documents together name."""
        for cluster in self._clusters.values():
            self.nodes.join(cluster)
        self.networks.join()
        self._name_zones()
        self._connected_hubs()
        self._tags()

    def _cluster(self, reference: ResourceId, body: Mapping[str, Any]) -> None:
        links = cluster_links(body, reference)
        self._clusters[reference.key] = links
        for read in below_cluster(reference):
            self._references.plan(read)
        self._references.follow(links.others, reference.text)
        self.networks.sit_in(links.subnets, reference.text)
        self.networks.addresses.add(links.addresses)

    def _visit(self, reference: ResourceId, body: Mapping[str, Any]) -> None:
        """Go through one document."""
        kind = SINGLE[reference.kind]
        match kind:
            case kinds.NETWORKS:
                self.networks.network(reference, body)
            case kinds.SUBNETS:
                self.networks.subnet(reference, body)
            case kinds.SECURITY_GROUPS:
                self.networks.security_group(reference, body)
            case kinds.ZONES | kinds.HUBS:
                self._listed[kind][reference.key] = reference
            case kinds.POLICIES:
                self._references.plan(children(reference.text, kinds.RULE_GROUPS))
            case kinds.SCALE_SETS:
                self._references.plan(children(reference.text, kinds.SCALE_SET_NICS))
            case _:
                pass
        links = links_of(reference.kind, body)
        self._references.follow(links.refs, reference.text)
        self.networks.addresses.add(links.addresses)
        if kind == kinds.FIREWALLS:
            self._references.follow((item.parent or item for item in links.networks), reference.text)

    def _unread(self, reference: ResourceId, referrer: str) -> None:
        if SINGLE[reference.kind] == kinds.NETWORKS:
            self.networks.unread(reference, referrer)

    # -- what names others only by being connected ---------------------------------------------------------

    def _is_connected(self, reference: ResourceId, networks: Container[str]) -> bool:
        """Whether a hub or a zone is connected to one of some networks, by their keys."""
        return any(item.key in networks for item in self._joined.get(reference.text.lower(), ()))

    def _name_zones(self) -> None:
        """Zones with their links; the records of those that matter (ARM-19)."""
        for reference in list(self._listed[kinds.ZONES].values()):
            body = self._found.document(reference.text)
            links = [] if body is None else list(below_zone(reference, body))
            for read in links:
                self._references.plan(read)
            # A server in a peer, such as a firewall's proxy, asks the zones that are linked to its own network.
            reached = {network.key for network in self.networks.reached}
            if links and self._is_connected(reference, reached):
                self._references.plan(children(reference.text, kinds.ZONE_RECORDS))

    def _connected_hubs(self) -> None:
        for reference in list(self._listed[kinds.HUBS].values()):
            for read in below_hub(reference):
                self._references.plan(read)
            if self._is_connected(reference, self.networks.own):
                self._references.follow([reference], reference.text)
                for part in (kinds.HUB_TABLES, kinds.ROUTING_INTENT):
                    for body in map(_object, self._found.documents_of(reference.text, part)):
                        self._references.follow(links_of(part.lower(), body).refs, reference.text)

    def _tags(self) -> None:
        """The service tags of each location, from the first subscription with a cluster there that gives them."""
        places: dict[str, set[str]] = {}
        for cluster in self._clusters.values():
            if cluster.location.isalnum():
                places.setdefault(cluster.location, set()).add(str(cluster.id.subscription))
        for location, subscriptions in sorted(places.items()):
            for subscription in sorted(subscriptions):
                scope = f"/subscriptions/{subscription}/providers/Microsoft.Network/locations/{location}"
                if not self._references.has_ended(scope, kinds.SERVICE_TAGS):
                    request = Request(path=f"{scope}/serviceTags")
                    tags = Planned(scope=scope, kind=kinds.SERVICE_TAGS, request=request, form="one")
                    self._references.plan(tags)
                    break
                row = self._found.row(scope, kinds.SERVICE_TAGS)
                if row is not None and row.status == "complete":
                    break


def _object(body: Any) -> Mapping[str, Any]:
    return body if isinstance(body, dict) else {}
