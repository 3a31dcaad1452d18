"""Delivery to private destinations, where admin rules and the receiver's groups filter (NSG-9, NSG-29, NSG-30)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from auditor.filters.next_hop import NextHop
from auditor.filters.parts import Flow, Option, Part, unknown
from auditor.filters.terms import addresses_of
from auditor.model.estate import Estate
from auditor.model.firewall import Firewall
from auditor.model.gap import Gap
from auditor.model.network import Subnet, VirtualNetwork
from auditor.model.outbound import Nic
from auditor.model.resource_id import ResourceId
from auditor.model.verdict import Effect, Hop, Stage
from auditor.netset import AddressSet
from auditor.paths.endpoint_state import not_serving
from auditor.paths.group_stage import GroupStage, refined, subnetless
from auditor.paths.judge import PathPart, Way
from auditor.paths.ways import ended, gap_option, hop_at, stopped

_FIREWALLS: Final = "microsoft.network/azurefirewalls"
_NICS: Final = "microsoft.network/networkinterfaces"
ToFirewall = Callable[[Firewall, Flow], list[PathPart]]


class Delivery:
    """The last stage of traffic to private addresses."""

    def __init__(self, estate: Estate, groups: GroupStage, to_firewall: ToFirewall) -> None:
        self._estate = estate
        self._groups = groups
        self._to_firewall = to_firewall
        endpoints = estate.private_endpoints.values()
        self._not_serving = {one.id: end for one in endpoints if (end := not_serving(one)) is not None}

    def to_private_endpoint(self, target: NextHop, flow: Flow) -> list[PathPart]:
        """Delivery to a private endpoint that serves; its subnet's group counts only if policies are on (NSG-29)."""
        end = self._not_serving.get(target.resource) if target.resource else None
        if end is not None:
            return stopped(flow, end)
        endpoint = self._estate.private_endpoints.get(target.resource) if target.resource else None
        hop = hop_at(Stage.EXIT, target.resource, Effect.ALLOW, "UDR-7", "reaches the private endpoint")
        host = self._estate.subnet(endpoint.subnet) if endpoint and endpoint.subnet else None
        if not isinstance(host, Subnet) or host.security_group is None:
            return ended(flow, hop)
        if host.private_endpoint_policies not in {"enabled", "networksecuritygroupenabled"}:
            detail = f"{hop.detail}, which the group of its subnet spares"
            return ended(flow, replace(hop, clause="NSG-29", detail=detail))
        parts = self._inbound(flow, host.security_group, host)
        return [PathPart(part.traffic, (Way(steps=(part.options, (Option(hop=hop),))),)) for part in parts]

    def within(self, flow: Flow, network: VirtualNetwork | Gap) -> list[PathPart]:
        """What a route keeps in the network; a user route may send there what lies outside of it (UDR-15)."""
        if isinstance(network, Gap):
            return self.deliver(flow, network)
        own = flow.traffic.restrict(addresses_of(network.prefixes))
        outside = flow.traffic - own
        detail = f"route to VnetLocal for an address outside virtual network {network.id.name}"
        hop = hop_at(Stage.EXIT, network.id, Effect.UNKNOWN, "UDR-15", detail)
        found = self.deliver(flow.over(own), network) if own else []
        return found + stopped(flow.over(outside), unknown(hop, "uncertain:UDR-15"))

    def deliver(self, flow: Flow, network: VirtualNetwork | Gap) -> list[PathPart]:
        """Delivery inside a network: its admin rules, then the receiver's groups filter what comes in (NSG-9, NSG-30).

        An Azure Firewall has neither (NSG-7, NSG-30), and not every private endpoint answers (ARM-19).
        """
        found: list[PathPart] = []
        rest = flow.traffic
        for identity, end in self._not_serving.items():
            endpoint = self._estate.private_endpoints[identity]
            held = rest.restrict(addresses_of(endpoint.known_addresses))
            if held and endpoint.subnet is not None and endpoint.subnet.parent == network.id:
                found += stopped(flow.over(held), end)
                rest = rest - held
        return found + (self._to_hosts(flow.over(rest), network) if rest else [])

    def _to_hosts(self, flow: Flow, network: VirtualNetwork | Gap) -> list[PathPart]:
        if isinstance(network, Gap):
            return stopped(flow, gap_option(Stage.EXIT, network))
        hop = hop_at(
            Stage.EXIT,
            network.id,
            Effect.ALLOW,
            "UDR-2",
            f"delivered inside virtual network {network.id.name}",
        )
        found: list[PathPart] = []
        rest = flow.traffic
        for firewall in self._estate.firewalls.values():
            if firewall.subnet is not None and firewall.subnet.parent == network.id:
                itself = rest.restrict(addresses_of(firewall.private_addresses))
                if itself:
                    found += self._to_firewall(firewall, flow.over(itself))
                    rest = rest - itself
        for subnet in network.subnets:
            inside = rest.restrict(addresses_of(subnet.prefixes))
            if inside:
                found += self._into_subnet(flow.over(inside), subnet, hop)
                rest = rest - inside
        return found + (self._beside_subnets(flow.over(rest), network, hop) if rest else [])

    def _beside_subnets(self, flow: Flow, network: VirtualNetwork, hop: Hop) -> list[PathPart]:
        """Addresses of the network that no subnet has: nobody stands there, and no filter but the network's own."""
        rules = self._groups.admitted(flow, subnetless(network))
        parts = refined([PathPart(flow.traffic, (Way(),))], rules)
        return refined(parts, [Part(flow.traffic, (Option(hop=hop),))])

    def _into_subnet(self, flow: Flow, subnet: Subnet, hop: Hop) -> list[PathPart]:
        parts = refined([PathPart(flow.traffic, (Way(),))], self._groups.admitted(flow, subnet))
        if subnet.security_group is not None:
            parts = refined(parts, self._inbound(flow, subnet.security_group, subnet))
        found: list[PathPart] = []
        rest = flow.traffic
        for nic, addresses in self._filtered_nics(subnet):
            at_nic = rest.restrict(addresses)
            if at_nic and nic.security_group is not None:
                before = [PathPart(part.traffic & at_nic, part.ways) for part in parts]
                inner = self._inbound(flow.over(at_nic), nic.security_group, subnet)
                found += refined([part for part in before if part.traffic], inner)
                rest = rest - at_nic
        end = (Option(hop=hop),)
        reached = [PathPart(part.traffic, tuple(way.then(end) for way in part.ways)) for part in found]
        unread = self._unread(subnet)
        last = end if unread is None else (gap_option(Stage.EXIT, unread),)
        return reached + [
            PathPart(part.traffic & rest, tuple(way.then(last) for way in part.ways))
            for part in parts
            if part.traffic & rest
        ]

    def _unread(self, subnet: Subnet) -> Gap | None:
        """A list that was not read and may hold who stands at an address here, with filters of its own (V-6)."""
        kinds = (_NICS, _FIREWALLS) if subnet.id.name.lower() == "azurefirewallsubnet" else (_NICS,)
        for kind in kinds:
            read = self._estate.read_of(kind, subnet.network)
            if read is not None and not read.complete:
                return Gap(
                    subnet.id, f"who stands there was not read: {kind} under {read.scope}: {read.status}"
                )
        return None

    def _filtered_nics(self, subnet: Subnet) -> Iterable[tuple[Nic, AddressSet]]:
        for nic in self._estate.nics.values():
            if nic.security_group is not None and not nic.model and subnet.id in nic.subnets:
                yield nic, addresses_of(nic.addresses) & addresses_of(subnet.prefixes)

    def _inbound(self, flow: Flow, group: ResourceId, subnet: Subnet) -> list[Part]:
        return self._groups.parts(flow, group, subnet, Stage.EXIT, direction="inbound")
