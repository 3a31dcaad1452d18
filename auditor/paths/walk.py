"""The join of filters along the way: from a source class to every end that its traffic may reach (V-3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from auditor.filters.known_addresses import ALL_IPV4, GLOBAL
from auditor.filters.next_hop import HopKind, NextHop
from auditor.filters.parts import Flow, Option, Options, Part, unknown
from auditor.filters.terms import addresses_of
from auditor.model.firewall import Firewall
from auditor.model.gap import Gap
from auditor.model.network import Subnet, VirtualNetwork
from auditor.model.reading import TagMembers
from auditor.model.verdict import Effect, Stage
from auditor.model.virtual_wan import HubConnection
from auditor.netset import AddressSet, Traffic
from auditor.paths.appliances import disputed, undescribed, without_address
from auditor.paths.crossing import crossed, crossing, endpoint_crossing
from auditor.paths.delivery import Delivery
from auditor.paths.exits import firewall_exit, node_exit
from auditor.paths.forced_tunnelling import unsupported
from auditor.paths.group_stage import GroupStage
from auditor.paths.holders import Holding
from auditor.paths.hub_policies import sent_on
from auditor.paths.hub_routes import declared_private
from auditor.paths.interfaces import Interfaces
from auditor.paths.judge import PathPart, Way
from auditor.paths.kubenet import node_at
from auditor.paths.network import Network
from auditor.paths.source_stages import SourceStages
from auditor.paths.sources import Source
from auditor.paths.translation import Passed, branches
from auditor.paths.ways import (
    alternatives,
    behind,
    continued,
    ended,
    exits,
    gap_option,
    hop_at,
    no_way_back,
    reply,
    stopped,
    then,
    undecided,
    with_exit,
)

_MAX_DEVICES = 6
_NAMED_BY_ROUTE = {HopKind.HUB, HopKind.SERVICE_ENDPOINT}
"""Next hops behind which the name of the route matters."""


class Walker:
    """Walks the traffic of one source, from one kind of its interfaces, through the compiled network."""

    def __init__(self, network: Network, source: Source, interfaces: Interfaces, members: TagMembers) -> None:
        self._network = network
        self._estate = network.estate
        self._source = source
        self._interfaces = interfaces
        self._members = members
        cluster = source.cluster
        self._pods = addresses_of(cluster.overlay_pods or cluster.perhaps_overlay_pods)
        groups = GroupStage(network, interfaces.application_groups)
        self._stages = SourceStages(network, groups, interfaces.application_groups)
        self._delivery = Delivery(
            network, groups, lambda firewall, flow: self._firewall(firewall, flow, _MAX_DEVICES)
        )

    def walk(self, flow: Flow) -> list[PathPart]:
        """Every part of the flow's traffic with every way that is open."""
        subnet = self._source.subnet
        if isinstance(subnet, Gap):
            return stopped(flow, gap_option(Stage.SUBNET_NSG, subnet))
        if self._source.opaque is not None:
            return stopped(flow, self._opaque(self._source.opaque))
        if subnet.flaws:
            return stopped(flow, self._opaque(subnet.flaws[0].code, subnet.flaws[0].detail))
        to_pods = flow.traffic.restrict(self._pods)
        if to_pods:
            found = stopped(flow.over(to_pods), self._overlay())
            rest = flow.traffic - to_pods
            return found + (self._leaving(flow.over(rest), subnet) if rest else [])
        return self._leaving(flow, subnet)

    def _leaving(self, flow: Flow, subnet: Subnet) -> list[PathPart]:
        # Stages also run behind a drop, so what follows is asked once for all traffic and then cut along the parts.
        before = self._stages.pass_through(flow, self._interfaces.security_group, subnet)
        after = self._route(flow, subnet, depth=0)
        return [part for parts in continued(before, after) for part in parts]

    def _overlay(self) -> Option:
        detail = "between nodes and pods of the cluster's overlay; what the groups do there is not said"
        if self._source.cluster.overlay_doubt is not None:
            detail = "to pods of the cluster, which may be in an overlay: the mode of its plugin is not known"
        hop = hop_at(Stage.SUBNET_NSG, self._source.subnet_id, Effect.UNKNOWN, "NSG-33", detail)
        return unknown(hop, self._source.cluster.overlay_doubt or "uncertain:NSG-33")

    # -- routing ---------------------------------------------------------------------------------------

    def _route(
        self, flow: Flow, subnet: Subnet, *, depth: int, device: Passed | None = None
    ) -> list[PathPart]:
        parts = self._network.route_filter(subnet).parts(flow)
        beyond = self._beyond_routes(parts, flow, subnet, depth, device)
        found: list[PathPart] = []
        for number, part in enumerate(parts):
            branches = []
            for option in part.options:
                step = replace(option, unless=frozenset(), target=None)
                branches.append(behind(option, step, beyond[_lead(option.target), number]))
            found += alternatives(branches)
        return found

    def _beyond_routes(
        self, parts: Sequence[Part], flow: Flow, subnet: Subnet, depth: int, device: Passed | None
    ) -> dict[tuple[NextHop, int], list[PathPart]]:
        """What lies behind each next hop, for each part that may take it; many routes lead to one device."""
        takers: dict[NextHop, list[int]] = {}
        for number, part in enumerate(parts):
            for hop in dict.fromkeys(_lead(option.target) for option in part.options):
                takers.setdefault(hop, []).append(number)
        found: dict[tuple[NextHop, int], list[PathPart]] = {}
        for hop, numbers in takers.items():
            own = [PathPart(parts[number].traffic, (Way(),)) for number in numbers]
            whole = flow
            if len(own) < len(parts):
                whole = flow.over(Traffic.union_all(part.traffic for part in own))
            following = self._follow(hop, whole, subnet, depth=depth, device=device)
            found.update(
                ((hop, number), after)
                for number, after in zip(numbers, continued(own, following), strict=True)
            )
        return found

    def _follow(
        self, target: NextHop, flow: Flow, subnet: Subnet, *, depth: int, device: Passed | None
    ) -> list[PathPart]:
        match target.kind:
            case HopKind.PLATFORM:
                return ended(
                    flow, hop_at(Stage.EXIT, None, Effect.ALLOW, "NSG-22", "answered by the host itself")
                )
            case HopKind.NONE | HopKind.UNKNOWN:
                return [PathPart(flow.traffic, (Way(),))]
            case HopKind.SERVICE_ENDPOINT:
                return self._service_endpoint(target, flow, subnet)
            case HopKind.PRIVATE_ENDPOINT:
                delivered = self._delivery.to_private_endpoint(target, flow)
                return endpoint_crossing(self._network, target, flow, subnet, device, delivered)
            case HopKind.GATEWAY:
                hop = hop_at(
                    Stage.EXIT,
                    target.resource,
                    Effect.UNKNOWN,
                    "UDR-17",
                    "what a gateway leads to is not known",
                )
                return stopped(flow, unknown(hop, "gateway-onprem"))
            case HopKind.VNET:
                return self._delivery.within(flow, self._estate.network(subnet.network))
            case HopKind.PEERING:
                return self._peered(target, flow, subnet, device)
            case HopKind.HUB:
                return self._hub(target, flow, depth)
            case HopKind.APPLIANCE:
                return alternatives(
                    [self._appliance(address, flow, subnet, depth) for address in target.addresses]
                    or [stopped(flow, without_address(target))]
                )
            case HopKind.INTERNET:
                return self._leave(flow, subnet, device)

    @staticmethod
    def _service_endpoint(target: NextHop, flow: Flow, subnet: Subnet) -> list[PathPart]:
        """Service endpoint policies admit chosen Storage accounts only, which addresses do not tell apart."""
        hop = hop_at(
            Stage.EXIT, subnet.id, Effect.ALLOW, "UDR-10", f"leaves by service endpoint {target.route}"
        )
        if subnet.service_endpoint_policies and (target.route or "").startswith("microsoft.storage"):
            detail = f"service endpoint policies of {subnet.id.name} decide about the Storage account"
            return stopped(flow, unknown(replace(hop, detail=detail), "uncertain:UDR-10"))
        return ended(flow, hop)

    def _leave(self, flow: Flow, subnet: Subnet | None, device: Passed | None) -> list[PathPart]:
        if device is None:
            if subnet is None or isinstance(self._source.subnet, Gap):
                return stopped(flow, self._opaque("unreadable-resource"))
            return exits(flow, node_exit(self._source, self._interfaces, subnet, self._estate))
        way_out = firewall_exit(device.firewall, subnet, self._estate, translated=not device.kept)
        return exits(flow, way_out)

    # -- private destinations --------------------------------------------------------------------------

    def _peered(self, target: NextHop, flow: Flow, subnet: Subnet, device: Passed | None) -> list[PathPart]:
        network = self._estate.network(subnet.network)
        peerings = network.peerings if isinstance(network, VirtualNetwork) else ()
        peering = next((item for item in peerings if item.id == target.resource), None)
        if peering is None or isinstance(network, Gap):
            return stopped(flow, self._opaque("unreadable-resource"))
        replies = self._network.routes(subnet).peerings(network).replies(peering)
        hop = crossing(self._network, peering, subnet, device)
        delivered = self._delivery.deliver(flow, self._estate.network(peering.remote))
        return then(hop, flow, delivered, *no_way_back(peering, hop, replies))

    # -- devices ---------------------------------------------------------------------------------------

    def _appliance(self, address: str, flow: Flow, subnet: Subnet, depth: int) -> list[PathPart]:
        if depth >= _MAX_DEVICES:
            return stopped(
                flow,
                self._opaque("uncertain:UDR-55", "the chain of next hops runs in a circle or is too long"),
            )
        holding = self._network.holder(address, subnet)
        if isinstance(holding.device, Firewall):
            return self._with_peering(holding, flow, self._firewall(holding.device, flow, depth))
        described = self._network.appliance(address)
        if described is not None:
            parts = described.parts(flow)
            passed = [
                with_exit(
                    part,
                    hop_at(Stage.EXIT, None, Effect.ALLOW, "UDR-16", "leaves by the described appliance"),
                )
                for part in parts
            ]
            return self._with_peering(holding, flow, passed)
        node = node_at(holding, self._source.cluster, self._estate)
        place = self._estate.subnet(holding.where) if holding.where is not None else None
        if node is None or not isinstance(place, Subnet):
            return stopped(flow, undescribed(holding, address))
        to_pods = flow.traffic.restrict(addresses_of(self._source.cluster.kubenet_pods))
        found = (
            self._with_peering(holding, flow, self._delivery.to_pods(flow.over(to_pods), node, place))
            if to_pods
            else []
        )
        rest = flow.traffic - to_pods
        return found + (stopped(flow.over(rest), undescribed(holding, address)) if rest else [])

    def _with_peering(self, holding: Holding, flow: Flow, parts: list[PathPart]) -> list[PathPart]:
        peering = holding.peering
        if peering is None:
            return parts
        hop = crossed(peering)
        unsure = (*reply(peering, hop), *no_way_back(peering, hop, holding.replies))
        return then(hop, flow, parts, *unsure)

    def _firewall(self, firewall: Firewall, flow: Flow, depth: int) -> list[PathPart]:
        doubted = disputed(firewall)
        if doubted is not None:
            return stopped(flow, doubted)
        compiled = self._network.firewall(firewall, self._members)
        subnet = self._estate.subnet(firewall.subnet) if firewall.subnet is not None else None
        decided = compiled.parts(flow)
        # A stage also runs behind a drop to name every blocker, which a coarse flow does not ask for.
        dropped = [part for part in decided if flow.coarse and _drops(part.options)]
        cut = [
            branch
            for part in decided
            if not (flow.coarse and _drops(part.options))
            for branch in branches(part, compiled.resolved, named=flow.application is not None)
        ]
        # What keeps its source address and what does not meet different things; all of either is asked once.
        after: dict[tuple[int, bool], list[PathPart]] = {}
        for kept in (False, True):
            same = [
                (number, before)
                for number, branch in enumerate(cut)
                for before, held in branch
                if held is kept
            ]
            if not same:
                continue
            # Where nothing is dropped and all of it is of this kind, the parts make up the flow's traffic.
            whole = not dropped and len(same) == len(cut)
            rest = flow if whole else flow.over(Traffic.union_all(before.traffic for _, before in same))
            if not kept:
                rest = replace(rest, translated=True, source=self._own_addresses(firewall, subnet))
            following = self._beyond(Passed(firewall=firewall, kept=kept), rest, subnet, depth)
            parts = continued([before for _, before in same], following)
            after.update(((number, kept), part) for (number, _), part in zip(same, parts, strict=True))
        passed = [
            part
            for number, branch in enumerate(cut)
            for part in alternatives([after[number, kept] for _, kept in branch])
        ]
        return [*passed, *(PathPart(part.traffic, (Way(steps=(part.options,)),)) for part in dropped)]

    def _own_addresses(self, firewall: Firewall, subnet: Subnet | Gap | None) -> AddressSet:
        """From where a firewall sends what it translates: its subnet, or its hub's space (FW-44); all, if unread."""
        hub = self._estate.hubs.get(firewall.hub) if firewall.hub is not None else None
        prefixes = subnet.prefixes if isinstance(subnet, Subnet) else hub.prefixes if hub is not None else ()
        return addresses_of(prefixes).only_v4() or ALL_IPV4

    def _beyond(self, device: Passed, flow: Flow, subnet: Subnet | Gap | None, depth: int) -> list[PathPart]:
        firewall = device.firewall
        own = flow.traffic.restrict(addresses_of(firewall.private_addresses))
        found = [PathPart(own, (Way(),))] if own else []
        rest = flow.traffic - own
        if not rest:
            return found
        flow = flow.over(rest)
        if firewall.hub is not None:
            return found + self._beyond_hub(device, flow)
        if subnet is None:
            return found + stopped(
                flow, self._opaque("unreadable-resource", "the firewall's subnet is not known")
            )
        if isinstance(subnet, Gap):
            return found + stopped(flow, gap_option(Stage.ROUTE, subnet))
        if subnet.flaws:
            return found + stopped(flow, self._opaque(subnet.flaws[0].code, subnet.flaws[0].detail))
        broken = unsupported(firewall, subnet, self._network)
        if broken is not None:
            return found + stopped(flow, self._opaque("uncertain:FW-45", broken))
        return found + self._route(flow, subnet, depth=depth + 1, device=device)

    def _beyond_hub(self, device: Passed, flow: Flow) -> list[PathPart]:
        firewall = device.firewall
        found: list[PathPart] = []
        hub = self._estate.hubs.get(firewall.hub) if firewall.hub else None
        rest = flow.traffic
        # What the hub is connected to lies inside, by whatever addresses (UDR-31).
        for connection in (hub.connections or ()) if hub else ():
            network = self._estate.network(connection.network)
            if isinstance(network, VirtualNetwork):
                inside = rest.restrict(addresses_of(network.prefixes))
                if inside:
                    found += self._connected(connection, flow.over(inside), network)
                    rest = rest - inside
        public = rest.restrict(GLOBAL if hub is None else GLOBAL - declared_private(hub))
        if public:
            found += self._leave(flow.over(public), None, device)
            rest = rest - public
        if rest:
            found += stopped(
                flow.over(rest),
                self._opaque("hub-routing-opaque", "where the hub sends private traffic is not known"),
            )
        return found

    def _connected(self, connection: HubConnection, flow: Flow, network: VirtualNetwork) -> list[PathPart]:
        if not connection.flaws:
            return self._delivery.deliver(flow, network)
        flaw = connection.flaws[0]
        return stopped(flow, self._opaque(flaw.code, flaw.detail))

    def _hub(self, target: NextHop, flow: Flow, depth: int) -> list[PathPart]:
        hub = self._estate.hubs.get(target.resource) if target.resource else None
        policy = hub.policy(target.route) if hub is not None and target.route is not None else None
        if hub is None or policy is None:
            return stopped(flow, self._opaque("hub-routing-opaque"))
        hop, device = sent_on(hub, policy, self._estate, self._source.subnet_id)
        if isinstance(device, Firewall):
            return then(hop, flow, self._firewall(device, flow, depth + 1))
        return then(hop, flow, stopped(flow, device))

    # -- options that say why nothing is known ---------------------------------------------------------

    def _opaque(self, code: str, detail: str = "") -> Option:
        return undecided(self._source.subnet_id, code, detail)


def _drops(options: Options) -> bool:
    """Whether traffic is dropped whatever turns out to be true."""
    return all(option.hop.outcome.stops for option in options)


def _lead(target: NextHop) -> NextHop:
    """The next hop without the route that names it, where that does not matter behind it."""
    if target.kind in _NAMED_BY_ROUTE or (target.kind is HopKind.APPLIANCE and not target.addresses):
        return target
    return replace(target, route_table=None, route=None)
