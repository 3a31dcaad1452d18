"""Virtual networks as far as traffic of the audited clusters goes.

The clusters' *own* networks are those that nodes and pods sit in: all their subnets and peers count. A *peer*
counts as far as something is known to go there: devices at addresses that route tables, DNS settings or a proxy
name, firewalls, private endpoints. Its own peers are followed where such an address lies.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from auditor.collectors.azure import kinds
from auditor.collectors.azure.addressed import Addresses
from auditor.collectors.azure.links import (
    Net,
    Place,
    fields_of,
    names_groups,
    network_links,
    subnet_links,
)
from auditor.collectors.azure.planned import listed
from auditor.collectors.azure.references import References
from auditor.model.resource_id import ResourceId

_NETWORK: Final = kinds.NETWORKS.lower()
_SUBNET: Final = kinds.SUBNETS.lower()
_FIREWALL: Final = kinds.FIREWALLS.lower()
_GATEWAY_SUBNET: Final = "gatewaysubnet"


class Networks:
    """The networks that were reached, and what counts in each."""

    def __init__(
        self, references: References, subscriptions: Collection[str], whole: Collection[str]
    ) -> None:
        self.own: dict[str, ResourceId] = {}
        """The clusters' own networks, by key."""
        self.addresses = Addresses()
        """Where traffic is known to go."""
        self._references = references
        self._narrow = [one for one in subscriptions if one not in whole]
        self._whole = whole
        self._nets: dict[str, Net] = {}
        self._shared: dict[str, set[str]] = {}
        self._grouped: set[str] = set()

    @property
    def reached(self) -> list[ResourceId]:
        """The clusters' own networks and those that traffic may be delivered in."""
        return list({**{net.id.key: net.id for net in self._nets.values()}, **self.own}.values())

    def sit_in(self, subnets: Iterable[ResourceId], referrer: str) -> None:
        """Subnets that nodes or pods sit in."""
        for subnet in subnets:
            network = subnet.parent if subnet.kind == _SUBNET else subnet
            if network is not None and network.kind == _NETWORK:
                self.own.setdefault(network.key, network)
                if subnet.kind == _SUBNET:
                    self._shared.setdefault(network.key, set()).add(subnet.text)
                self._references.follow([network], referrer)

    def network(self, reference: ResourceId, body: Mapping[str, Any]) -> None:
        """A network was read."""
        self._nets[reference.key] = network_links(body, reference)

    def subnet(self, reference: ResourceId, body: Mapping[str, Any]) -> None:
        """A subnet was read by itself."""
        self._references.follow(subnet_links(fields_of(body), reference).attached, reference.text)

    def security_group(self, reference: ResourceId, body: Mapping[str, Any]) -> None:
        """A security group was read: its rules may name groups of interfaces (NSG-16)."""
        if names_groups(body):
            self._grouped.add(str(reference.subscription))

    def unread(self, network: ResourceId, referrer: str) -> None:
        """Who may not read a network may still read a subnet of it that was shared with him."""
        self._references.follow(map(ResourceId, sorted(self._shared.get(network.key, ()))), referrer)

    def join(self) -> None:
        """Follow what counts by now in each network."""
        for net in list(self._nets.values()):
            own = net.id.key in self.own
            if own:
                self.addresses.add(net.dns)
            for place in net.places:
                self._place(place, net, own=own)
            for peer in net.peers:
                if not peer.hub and (own or self.addresses.reach(peer.prefixes)):
                    self._references.follow([peer.remote], net.id.text)
            if own and net.id.subscription not in self._whole:
                self._lists_of_narrow(net)

    def _place(self, place: Place, net: Net, *, own: bool) -> None:
        reached = self.addresses.reach(place.prefixes)
        firewalls = [item for item in place.devices if item.kind == _FIREWALL]
        if own or reached or firewalls or place.endpoints:
            self._references.follow(place.attached, net.id.text)
        self._references.follow(place.devices if reached else firewalls, net.id.text)
        self._references.follow(place.endpoints, net.id.text)
        if place.name == _GATEWAY_SUBNET:
            self._list_gateways(net)

    def gateways(self, net: Net) -> None:
        """List the gateways of a network that has a place for them."""
        if any(place.name == _GATEWAY_SUBNET for place in net.places):
            self._list_gateways(net)

    def _list_gateways(self, net: Net) -> None:
        # a gateway lies in the group of its network, and nothing names it that can be followed
        self._references.plan(listed(net.id.text.split("/providers/", 1)[0], kinds.GATEWAYS))

    def _lists_of_narrow(self, net: Net) -> None:
        """Lists that an answer about an own network needs, where its subscription is not read as a whole."""
        if net.id.subscription in self._grouped:
            self._references.plan(listed(f"/subscriptions/{net.id.subscription}", kinds.NICS))
        if any(peer.hub for peer in net.peers):
            for subscription in self._narrow:
                self._references.plan(listed(f"/subscriptions/{subscription}", kinds.HUBS))
