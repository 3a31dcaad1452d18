"""Delivery to private destinations, where admin rules and the receiver's groups filter (NSG-9, NSG-29, NSG-30)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from auditor.filters.next_hop import NextHop
from auditor.filters.parts import Flow, Option, Part, unknown
from auditor.filters.terms import addresses_of
from auditor.model.firewall import Firewall
from auditor.model.gap import Gap
from auditor.model.network import Subnet, VirtualNetwork
from auditor.model.outbound import Nic
from auditor.model.resource_id import ResourceId
from auditor.model.verdict import Effect, Hop, Stage
from auditor.netset import Traffic
from auditor.paths.group_stage import GroupStage, refined, subnetless
from auditor.paths.judge import PathPart, Way
from auditor.paths.network import Network
from auditor.paths.ways import ended, gap_option, hop_at, stopped

ToFirewall = Callable[[Firewall, Flow], list[PathPart]]


class Delivery:
    """The last stage of traffic to private addresses."""

    def __init__(self, network: Network, groups: GroupStage, to_firewall: ToFirewall) -> None:
        self._network = network
        self._estate = network.estate
        self._groups = groups
        self._to_firewall = to_firewall

    def to_private_endpoint(self, target: NextHop, flow: Flow) -> list[PathPart]:
        """Delivery to a private endpoint that serves; its subnet's group counts only if policies are on (NSG-29)."""
        end = self._network.not_serving.get(target.resource) if target.resource else None
        if end is not None:
            return stopped(flow, end)
        endpoint = self._estate.private_endpoints.get(target.resource) if target.resource else None
        hop = hop_at(Stage.EXIT, target.resource, Effect.ALLOW, "UDR-7", "reaches the private endpoint")
        host = self._estate.subnet(endpoint.subnet) if endpoint and endpoint.subnet else None
        parts = self._of_subnet(flow, host) if isinstance(host, Subnet) else None
        if not isinstance(host, Subnet) or parts is None:
            return ended(flow, hop)
        if host.private_endpoint_policies not in {"enabled", "networksecuritygroupenabled"}:
            detail = f"{hop.detail}, which the group of its subnet spares"
            return ended(flow, replace(hop, clause="NSG-29", detail=detail))
        return [PathPart(part.traffic, (Way(steps=(part.options, (Option(hop=hop),))),)) for part in parts]

    def to_pods(self, flow: Flow, node: Nic, subnet: Subnet) -> list[PathPart]:
        """Delivery to pods by their node in a subnet, where the groups see the pods' addresses (UDR-56, NSG-9)."""
        detail = f"reaches pods by their node {node.id.name}"
        hop = hop_at(Stage.EXIT, node.id, Effect.ALLOW, "UDR-56", detail)
        parts = refined([PathPart(flow.traffic, (Way(),))], self._groups.admitted(flow, subnet))
        parts = refined(parts, self._of_subnet(flow, subnet))
        if node.security_group is not None:
            parts = refined(parts, self._inbound(flow, node.security_group, subnet))
        return refined(parts, [Part(flow.traffic, (Option(hop=hop),))])

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
        for identity, end in self._network.not_serving.items():
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
        parts = refined(parts, self._of_subnet(flow, subnet))
        receivers = self._network.receivers(subnet)
        end = (Option(hop=hop),)
        found: list[PathPart] = []
        rest = flow.traffic
        for addresses, group in receivers.standing:
            if at_nic := rest.restrict(addresses):
                found += refined(_at(parts, at_nic), self._at_interface(flow.over(at_nic), group, subnet))
                rest = rest - at_nic
        plain = rest.restrict(receivers.plain)
        found += _at(parts, plain)
        others, rest = _at(parts, rest - plain), rest - plain
        if receivers.unread is not None:
            last = (gap_option(Stage.EXIT, receivers.unread),)
            found_open = [
                PathPart(part.traffic, tuple(way.then(last) for way in part.ways)) for part in others
            ]
        else:
            for group in receivers.perhaps if others else ():
                others = refined(others, self._perhaps_at_interface(flow.over(rest), group, subnet))
            found, found_open = found + others, []
        return found_open + [
            PathPart(part.traffic, tuple(way.then(end) for way in part.ways)) for part in found
        ]

    def _of_subnet(self, flow: Flow, subnet: Subnet) -> list[Part] | None:
        """What the group of a receiving subnet lets in; None without one, and open where nobody can tell (V-6)."""
        if subnet.flaws:
            flaw = subnet.flaws[0]
            return [Part(flow.traffic, (gap_option(Stage.EXIT, Gap(subnet.id, flaw.detail, flaw.code)),))]
        if subnet.security_group is None:
            return None
        return self._inbound(flow, subnet.security_group, subnet)

    def _at_interface(self, flow: Flow, group: ResourceId | Gap, subnet: Subnet) -> list[Part]:
        if isinstance(group, Gap):
            return [Part(flow.traffic, (gap_option(Stage.EXIT, group),))]
        return self._inbound(flow, group, subnet)

    def _perhaps_at_interface(self, flow: Flow, group: ResourceId, subnet: Subnet) -> list[Part]:
        """The partition by a group of interfaces of which nobody says at which addresses they stand (AKS-10)."""
        detail = (
            f"interfaces in {subnet.id.name} were not read; with {group.name} may stand another one there"
        )
        other = Option(
            hop=hop_at(Stage.EXIT, subnet.id, Effect.ALLOW, "AKS-10", detail),
            codes=frozenset({"unreadable-resource"}),
        )
        return [Part(part.traffic, (*part.options, other)) for part in self._inbound(flow, group, subnet)]

    def _inbound(self, flow: Flow, group: ResourceId, subnet: Subnet) -> list[Part]:
        return self._groups.parts(flow, group, subnet, Stage.EXIT, direction="inbound")


def _at(parts: list[PathPart], traffic: Traffic) -> list[PathPart]:
    """What of some parts is in `traffic`."""
    return [PathPart(both, part.ways) for part in parts if (both := part.traffic & traffic)]
