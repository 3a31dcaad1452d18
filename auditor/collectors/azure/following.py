"""Which reads come next: everything that a verdict about the audited clusters may need, and no more.

The walk starts at the clusters and goes from document to document. What a list gave is taken from the snapshot;
only what no list gave is read singly (ARM-23: references beat lists). It ends when nothing new is named.

- The *own* networks are those that the clusters' nodes and pods sit in: all their subnets and peers count.
- A *peer* network counts as far as something is known to go there: devices at addresses that route tables, DNS
  settings or a proxy name, firewalls, private endpoints. Its own peers are followed where such an address lies.
- A Virtual WAN hub counts where it is connected to an own network. It cannot be named by a spoke (UDR-31), so
  every hub of the subscriptions that are read is asked for its connections.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from auditor.collectors.azure import kinds
from auditor.collectors.azure.addressed import Addresses
from auditor.collectors.azure.links import (
    ClusterLinks,
    Links,
    Net,
    Place,
    cluster_links,
    connected_network,
    fields_of,
    has_instance_addresses,
    links_of,
    names_groups,
    network_links,
    pool_links,
    subnet_links,
)
from auditor.collectors.azure.planned import Planned, children, extensions, listed, one, question
from auditor.collectors.azure.request import Request
from auditor.collectors.journal import Key, Row
from auditor.model.resource_id import ResourceId

_SINGLE: Final = {
    kind.type.lower(): kind.type
    for kind in kinds.KINDS
    if kind.listed == "subscription" or kind.type in {kinds.SUBNETS, kinds.RULE_GROUPS}
}
"""Kinds that a reference is followed to, as they are written."""
_HUB_PARTS: Final = (kinds.HUB_CONNECTIONS, kinds.HUB_TABLES, kinds.ROUTING_INTENT)
_NODE_KINDS: Final = (kinds.SCALE_SETS, kinds.LOAD_BALANCERS, kinds.NICS)
_NETWORK: Final = kinds.NETWORKS.lower()
_SUBNET: Final = kinds.SUBNETS.lower()


class Found(Protocol):
    """What was read so far."""

    def row(self, scope: str, kind: str) -> Row | None:
        """How a read ended, None while it did not."""
        ...

    def documents_of(self, scope: str, kind: str) -> Iterator[Any]:
        """The documents that a read gave."""
        ...

    def document(self, reference: str) -> Mapping[str, Any] | None:
        """The document of an id."""
        ...


@dataclass(slots=True)
class _Wish:
    """A reference that is to be followed, and who names it."""

    id: ResourceId
    referrer: str | None


@dataclass(slots=True)
class Following:
    """The walk. `ended` tells it of each read, `next_reads` gives what is to be read then."""

    found: Found
    whole: frozenset[str]
    """Subscriptions (GUIDs, lower case) that were listed as a whole."""
    subscriptions: tuple[str, ...]
    chosen: frozenset[str] | None = None
    """The keys of the audited clusters; None for all that were listed."""
    own: dict[str, ResourceId] = field(default_factory=dict)
    """The clusters' own networks."""
    clusters: dict[str, ClusterLinks] = field(default_factory=dict)
    node_interfaces: dict[tuple[str, ...], ResourceId] = field(default_factory=dict)
    """One interface of a running node for each subnet and security group that nodes are alike in."""
    _kept: dict[str, dict[str, ResourceId]] = field(default_factory=dict)
    _grouped: dict[tuple[str, str], dict[str, ResourceId]] = field(default_factory=dict)
    _queue: list[_Wish] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)
    _asked: set[Key] = field(default_factory=set)
    _nets: dict[str, Net] = field(default_factory=dict)
    _subnets_of: dict[str, set[str]] = field(default_factory=dict)
    _addresses: Addresses = field(default_factory=Addresses)
    _joined: dict[str, list[ResourceId]] = field(default_factory=dict)
    """The networks that a hub, or a private zone, is connected to."""
    _gone_through: set[str] = field(default_factory=set)
    """Scale sets of nodes whose instances were asked for."""
    _groups: set[str] = field(default_factory=set)
    """Subscriptions whose interfaces may be members of application security groups that a rule names."""
    _plans: list[Planned] = field(default_factory=list)

    # -- what was read -----------------------------------------------------------------------------------

    def ended(self, read: Planned) -> None:
        """A read has ended, in this run or an earlier one."""
        self._asked.add(read.key)
        if read.form == "answer":
            return
        bodies = map(_object, self.found.documents_of(read.scope, read.kind))
        match read.kind:
            case kinds.CLUSTERS | kinds.HUBS | kinds.ZONES | kinds.SCALE_SETS | kinds.LOAD_BALANCERS:
                for reference in _ids(bodies):
                    self._keep(read.kind, reference)
            case kinds.NICS if "/resourcegroups/" in read.scope.lower() and read.form == "list":
                for body in bodies:
                    self._node_interface(body, read.scope)
            case kinds.POOLS:
                for body in bodies:
                    links = pool_links(body)
                    self._follow(links.refs, read.scope)
                    self._follow_own(links.networks, read.scope)
            case kinds.RULE_GROUPS:
                for body in bodies:
                    self._follow(links_of(kinds.RULE_GROUPS.lower(), body).refs, read.scope)
            case kinds.HUB_CONNECTIONS | kinds.ZONE_LINKS:
                networks = [found for body in bodies if (found := connected_network(body)) is not None]
                self._joined[read.scope.lower()] = networks
            case _:
                pass

    def renewed(self, reference: ResourceId) -> None:
        """A document was read again, because something that it named is not there (ARM-22)."""
        body = self.found.document(reference.text)
        if body is None:
            return
        if reference.key in self.clusters:
            self._cluster(reference, body)
        elif reference.kind in _SINGLE:
            self._visit(reference, body)

    def _keep(self, kind: str, reference: ResourceId) -> None:
        self._kept.setdefault(kind, {})[reference.key] = reference
        group = reference.key.split("/providers/", 1)[0]
        self._grouped.setdefault((kind, group), {})[reference.key] = reference

    def _node_interface(self, body: Mapping[str, Any], group: str) -> None:
        """An interface of a node resource group: of a node that is a machine of its own."""
        reference = next(_ids([body]), None)
        if reference is None:
            return
        links = links_of(kinds.NICS.lower(), body)
        self._follow(links.refs, reference.text)
        if fields_of(body).has("virtualMachine"):
            self.node_interfaces.setdefault(_alike(links), reference)
            self._follow_own(links.networks, group)

    # -- what comes next ---------------------------------------------------------------------------------

    def next_reads(self) -> list[Planned]:
        """What is to be read now; nothing when the walk is at its end."""
        self._plans = []
        self._start_clusters()
        while True:
            self._walk()
            waiting = len(self._queue)
            self._join()
            if len(self._queue) == waiting:
                break
        plans, self._plans = self._plans, []
        return plans

    def _plan(self, read: Planned) -> None:
        if read.key not in self._asked:
            self._asked.add(read.key)
            self._plans.append(read)

    def _start_clusters(self) -> None:
        for key, reference in self._kept.get(kinds.CLUSTERS, {}).items():
            if key not in self.clusters and (self.chosen is None or key in self.chosen):
                body = self.found.document(reference.text)
                if body is not None:
                    self._cluster(reference, body)

    def _cluster(self, reference: ResourceId, body: Mapping[str, Any]) -> None:
        links = cluster_links(body, reference)
        self.clusters[reference.key] = links
        self._plan(children(reference.text, kinds.POOLS))
        self._plan(question(reference.text, kinds.DEPENDENCIES, referrer=reference.text))
        self._plan(extensions(reference.text, kinds.EXTENSIONS))
        self._registrations(str(reference.subscription))
        self._follow(links.others, reference.text)
        self._follow_own(links.subnets, reference.text)
        self._addresses.add(links.addresses)

    def _registrations(self, subscription: str) -> None:
        """Only to explain, never needed for a verdict (ARM-34)."""
        scope = f"/subscriptions/{subscription}"
        feature = f"{scope}/providers/Microsoft.Features/{kinds.LOCKING_DOWN}"
        for path, kind in (
            (f"{scope}/providers/Microsoft.ContainerService", kinds.PROVIDERS),
            (feature, kinds.FEATURES),
        ):
            self._plan(
                Planned(scope=path, kind=kind, request=Request(path=path), form="one", absent_is_none=True)
            )

    # -- references --------------------------------------------------------------------------------------

    def _follow(self, references: Iterable[ResourceId], referrer: str) -> None:
        for reference in references:
            if reference.key not in self._seen and reference.kind in _SINGLE and _is_plain(reference):
                self._seen.add(reference.key)
                self._queue.append(_Wish(reference, referrer))

    def _follow_own(self, subnets: Iterable[ResourceId], referrer: str) -> None:
        """Subnets that nodes or pods sit in: their networks are own ones."""
        for subnet in subnets:
            network = subnet.parent if subnet.kind == _SUBNET else subnet
            if network is not None and network.kind == _NETWORK:
                self.own.setdefault(network.key, network)
                if subnet.kind == _SUBNET:
                    self._subnets_of.setdefault(network.key, set()).add(subnet.text)
                self._follow([network], referrer)

    def _walk(self) -> None:
        """Go through the references that are known; those that were not read are planned, and wait."""
        waiting: list[_Wish] = []
        while self._queue:
            wish = self._queue.pop()
            body = self.found.document(wish.id.text)
            if body is not None:
                self._visit(wish.id, body)
                continue
            kind = _SINGLE[wish.id.kind]
            row = self.found.row(wish.id.text, kind)
            if row is None:
                self._plan(one(wish.id, kind, wish.referrer))
                waiting.append(wish)
            elif kind == kinds.NETWORKS:
                # whoever may not read a network may still read the subnet that was shared with him
                subnets = sorted(self._subnets_of.get(wish.id.key, ()))
                self._follow(map(ResourceId, subnets), wish.referrer or wish.id.text)
        self._queue = waiting

    def _visit(self, reference: ResourceId, body: Mapping[str, Any]) -> None:
        kind = _SINGLE[reference.kind]
        match kind:
            case kinds.NETWORKS:
                self._nets[reference.key] = network_links(body, reference)
                return
            case kinds.SUBNETS:
                self._follow_place(subnet_links(fields_of(body), reference))
                return
            case kinds.SECURITY_GROUPS:
                if names_groups(body):
                    self._groups.add(str(reference.subscription))
                return
            case kinds.ZONES | kinds.HUBS:
                self._keep(kind, reference)
            case kinds.POLICIES:
                self._plan(children(reference.text, kinds.RULE_GROUPS))
            case kinds.SCALE_SETS:
                self._plan(children(reference.text, kinds.SCALE_SET_NICS))
            case _:
                pass
        links = links_of(reference.kind, body)
        self._follow(links.refs, reference.text)
        self._addresses.add(links.addresses)
        if kind == kinds.FIREWALLS:
            self._follow([item.parent or item for item in links.networks], reference.text)

    def _follow_place(self, place: Place) -> None:
        self._follow(place.attached, place.id.text)

    # -- what several documents say together -------------------------------------------------------------

    def _join(self) -> None:
        """Follow what only two documents together name."""
        for cluster in self.clusters.values():
            self._nodes(cluster)
        for net in list(self._nets.values()):
            self._network(net)
        self._name_zones()
        self._connected_hubs()
        self._tags()

    def _network(self, net: Net) -> None:
        own = net.id.key in self.own
        if own:
            self._addresses.add(net.dns)
        for place in net.places:
            reached = self._addresses.reach(place.prefixes)
            firewalls = [item for item in place.devices if item.kind == kinds.FIREWALLS.lower()]
            if own or reached or firewalls or place.endpoints or place.name == "gatewaysubnet":
                self._follow_place(place)
            self._follow(place.devices if reached else firewalls, net.id.text)
            self._follow(place.endpoints, net.id.text)
            if place.name == "gatewaysubnet":
                group = net.id.text.split("/providers/", 1)[0]
                self._plan(listed(group, kinds.GATEWAYS))
        for peer in net.peers:
            if not peer.hub and (own or self._addresses.reach(peer.prefixes)):
                self._follow([peer.remote], net.id.text)
        if own and net.id.subscription not in self.whole:
            if net.id.subscription in self._groups:
                self._plan(listed(f"/subscriptions/{net.id.subscription}", kinds.NICS))
            if any(peer.hub for peer in net.peers):
                for subscription in self.subscriptions:
                    if subscription not in self.whole:
                        self._plan(listed(f"/subscriptions/{subscription}", kinds.HUBS))

    def _nodes(self, cluster: ClusterLinks) -> None:
        """The scale sets, load balancers and interfaces of the node resource group, which nothing names."""
        group = cluster.node_group
        if group is None:
            return
        below = {kind: self._below(kind, group) for kind in _NODE_KINDS}
        expected = {
            kinds.SCALE_SETS: cluster.pools,
            kinds.LOAD_BALANCERS: cluster.balanced,
            kinds.NICS: cluster.machines,
        }
        for kind in _NODE_KINDS:
            if not self._was_listed(kind, cluster.id) or (expected[kind] and not below[kind]):
                self._plan(listed(group, kind))
        if cluster.machines:
            self._plan(listed(group, kinds.MACHINES))
        for reference in below[kinds.LOAD_BALANCERS]:
            self._follow([reference], cluster.id.text)
        for reference in below[kinds.SCALE_SETS]:
            self._instances(reference)

    def _instances(self, reference: ResourceId) -> None:
        body = self.found.document(reference.text)
        if body is None or reference.key in self._gone_through:
            return
        self._gone_through.add(reference.key)
        self._plan(children(reference.text, kinds.SCALE_SET_NICS))
        if has_instance_addresses(body):
            self._plan(children(reference.text, kinds.SCALE_SET_IPS))
        links = links_of(reference.kind, body)
        self._follow(links.refs, reference.text)
        self._follow_own(links.networks, reference.text)

    def _below(self, kind: str, group: str) -> list[ResourceId]:
        return list(self._grouped.get((kind, group.lower()), {}).values())

    def _was_listed(self, kind: str, cluster: ResourceId) -> bool:
        row = self.found.row(f"/subscriptions/{cluster.subscription}", kind)
        return row is not None and row.status == "complete"

    def _name_zones(self) -> None:
        """Zones with their links; the records of those that an own network is linked to (ARM-19)."""
        for reference in list(self._kept.get(kinds.ZONES, {}).values()):
            body = self.found.document(reference.text)
            if body is None or fields_of(body).integer("numberOfVirtualNetworkLinks") == 0:
                continue
            self._plan(children(reference.text, kinds.ZONE_LINKS))
            linked = self._joined.get(reference.text.lower(), ())
            if any(network.key in self.own for network in linked):
                self._plan(children(reference.text, kinds.ZONE_RECORDS))

    def _connected_hubs(self) -> None:
        for reference in list(self._kept.get(kinds.HUBS, {}).values()):
            for kind in _HUB_PARTS:
                self._plan(children(reference.text, kind))
            connected = self._joined.get(reference.text.lower(), ())
            if any(network.key in self.own for network in connected):
                self._follow([reference], reference.text)
                for kind in (kinds.HUB_TABLES, kinds.ROUTING_INTENT):
                    if self.found.row(reference.text, kind) is not None:
                        for body in self.found.documents_of(reference.text, kind):
                            self._follow(links_of(kind.lower(), _object(body)).refs, reference.text)

    def _tags(self) -> None:
        """The service tags of each location, from the first subscription with a cluster there that gives them."""
        places: dict[str, dict[str, None]] = {}
        for cluster in self.clusters.values():
            if cluster.location.isalnum():
                places.setdefault(cluster.location, {})[str(cluster.id.subscription)] = None
        for location, subscriptions in sorted(places.items()):
            for subscription in sorted(subscriptions):
                scope = f"/subscriptions/{subscription}/providers/Microsoft.Network/locations/{location}"
                row = self.found.row(scope, kinds.SERVICE_TAGS)
                if row is None:
                    self._plan(
                        Planned(
                            scope=scope,
                            kind=kinds.SERVICE_TAGS,
                            request=Request(path=f"{scope}/serviceTags"),
                            form="one",
                        )
                    )
                if row is None or row.status == "complete":
                    break


def _ids(documents: Iterable[Any]) -> Iterator[ResourceId]:
    for body in documents:
        found = body.get("id") if isinstance(body, dict) else None
        if isinstance(found, str) and found.lower().startswith("/subscriptions/"):
            yield ResourceId(found)


def _object(body: Any) -> Mapping[str, Any]:
    return body if isinstance(body, dict) else {}


def _is_plain(reference: ResourceId) -> bool:
    """Whether the id can stand in a path as it is: what a document says is not trusted to be one."""
    text = reference.text
    return text.isprintable() and not any(mark in text for mark in "?#%\\ ") and ".." not in text.split("/")


def _alike(links: Links) -> tuple[str, ...]:
    return tuple(sorted(item.key for item in (*links.networks, *links.refs)))
