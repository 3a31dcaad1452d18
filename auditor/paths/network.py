"""Everything compiled for one check: filters once per resource, routes once per subnet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from auditor.filters.admin_rules import AdminRuleFilter
from auditor.filters.appliance import ApplianceFilter
from auditor.filters.firewall import FirewallFilter
from auditor.filters.known_addresses import ALL_IPV4, HOST
from auditor.filters.next_hop import HopKind, NextHop
from auditor.filters.parts import Codes, Option, SourceCut
from auditor.filters.route_table import RouteFilter
from auditor.filters.security_group import SecurityGroupFilter
from auditor.filters.security_rules import source_cuts
from auditor.filters.terms import Maybe, addresses_of
from auditor.filters.vnet_tag import Memberships, TagContext
from auditor.model.estate import Estate
from auditor.model.firewall import Firewall
from auditor.model.gap import Gap
from auditor.model.network import Subnet, VirtualNetwork
from auditor.model.reading import Appliance, TagMembers
from auditor.model.resource_id import ResourceId
from auditor.model.security_group import SecurityGroup, SecurityRule
from auditor.model.verdict import Stage
from auditor.netset import AddressSet, NamePattern, ServiceSet
from auditor.netset.service import ANY
from auditor.paths.endpoint_state import not_serving
from auditor.paths.firewalls import resolve_firewall
from auditor.paths.group_members import GroupMembers
from auditor.paths.holders import Holding, holder_at
from auditor.paths.receivers import Receivers, receivers_in
from auditor.paths.routing import SubnetRoutes
from auditor.paths.source_classes import SourceClass, source_classes
from auditor.paths.sources import Source


class Network:
    """The compiled network of an estate, shared by all questions of one check."""

    def __init__(self, estate: Estate, appliances: dict[str, Appliance]) -> None:
        self.estate = estate
        self._appliances = {address: ApplianceFilter(item) for address, item in appliances.items()}
        self._routes: dict[ResourceId, SubnetRoutes] = {}
        self._route_filters: dict[ResourceId, RouteFilter] = {}
        self._groups: dict[tuple[ResourceId, ResourceId, Stage, str, Memberships], SecurityGroupFilter] = {}
        self._admin: dict[tuple[ResourceId, Memberships, str], AdminRuleFilter] = {}
        self._firewalls: dict[tuple[ResourceId, TagMembers], FirewallFilter] = {}
        self._cuts: dict[object, tuple[SourceCut, ...]] = {}
        self._classes: dict[tuple[AddressSet, frozenset[AddressSet]], tuple[SourceClass, ...]] = {}
        self._members = GroupMembers(estate)
        self._contexts: dict[tuple[ResourceId, Memberships], TagContext] = {}
        self._receivers: dict[ResourceId, Receivers] = {}
        self._on_the_way: dict[ResourceId, tuple[Subnet, ...]] = {}

    # -- routes ----------------------------------------------------------------------------------------

    def routes(self, subnet: Subnet) -> SubnetRoutes:
        """The candidate routes of a subnet."""
        if subnet.id not in self._routes:
            self._routes[subnet.id] = SubnetRoutes(subnet, self.estate)
        return self._routes[subnet.id]

    def route_filter(self, subnet: Subnet) -> RouteFilter:
        """The compiled routes of a subnet."""
        if subnet.id not in self._route_filters:
            self._route_filters[subnet.id] = self.routes(subnet).compile()
        return self._route_filters[subnet.id]

    # -- filters ---------------------------------------------------------------------------------------

    def security_group(
        self,
        reference: ResourceId,
        subnet: Subnet,
        stage: Stage,
        *,
        own: Memberships,
        direction: str = "outbound",
    ) -> SecurityGroupFilter | Gap:
        """A security group seen from one subnet."""
        group = self.estate.security_group(reference)
        if isinstance(group, Gap):
            return group
        key = (reference, subnet.id, stage, direction, own)
        if key not in self._groups:
            self._groups[key] = SecurityGroupFilter(
                group, stage, self.context(subnet, own), direction=direction
            )
        return self._groups[key]

    def admin_rules(
        self, subnet: Subnet, own: Memberships, *, direction: str = "outbound"
    ) -> AdminRuleFilter:
        """The admin rules of a subnet's virtual network."""
        key = (subnet.id, own, direction)
        if key not in self._admin:
            rules = self.estate.admin_rules.get(subnet.network)
            self._admin[key] = AdminRuleFilter(
                rules, subnet.network, self.context(subnet, own), direction=direction
            )
        return self._admin[key]

    def firewall(self, firewall: Firewall, members: TagMembers) -> FirewallFilter:
        """A firewall compiled once for all clusters that share the members of the AKS tag."""
        key = (firewall.id, members)
        if key not in self._firewalls:
            self._firewalls[key] = FirewallFilter(
                resolve_firewall(firewall, self.estate), self.estate.service_tags, members
            )
        return self._firewalls[key]

    def appliance(self, address: str) -> ApplianceFilter | None:
        """The appliance that the user described for a next-hop address."""
        return self._appliances.get(address)

    def context(self, subnet: Subnet, own: Memberships) -> TagContext:
        """What special tags and application security groups stand for on a subnet."""
        key = (subnet.id, own)
        if key not in self._contexts:
            self._contexts[key] = self._build_context(subnet, own)
        return self._contexts[key]

    def _build_context(self, subnet: Subnet, own: Memberships) -> TagContext:
        routes = self.routes(subnet)
        network = routes.network
        if isinstance(network, Gap):
            hidden = (Maybe(ALL_IPV4, frozenset({network.code})),)
            return TagContext(
                members=addresses_of(subnet.prefixes),
                maybe_members=hidden,
                tags=self.estate.service_tags,
                own_groups=own,
                group_members=self._members.known,
                hidden_members=self._members.hidden,
            )
        peers = routes.peerings(network)
        networks = AddressSet.union_all((addresses_of(network.prefixes), HOST, peers.members()))
        routed = routes.members()
        certain = networks | routed.certain
        return TagContext(
            members=certain,
            maybe_members=_perhaps(peers.doubtful_members(), certain),
            maybe_routed=_perhaps((*routed.doubtful, *routes.learned_members(network)), certain),
            routed=certain - networks,
            named=routed.literal - networks,
            default_route=routes.default_route,
            default_codes=routes.default_codes,
            tags=self.estate.service_tags,
            own_groups=own,
            group_members=self._members.known,
            hidden_members=self._members.hidden,
        )

    # -- private destinations --------------------------------------------------------------------------

    def receivers(self, subnet: Subnet) -> Receivers:
        """Who stands in a subnet."""
        if subnet.id not in self._receivers:
            self._receivers[subnet.id] = receivers_in(subnet, self.estate)
        return self._receivers[subnet.id]

    @cached_property
    def not_serving(self) -> Mapping[ResourceId, Option]:
        """The private endpoints that may not serve, with what becomes of traffic at them (ARM-19)."""
        endpoints = self.estate.private_endpoints.values()
        return {one.id: end for one in endpoints if (end := not_serving(one)) is not None}

    # -- next hops -------------------------------------------------------------------------------------

    def holder(self, address: str, subnet: Subnet) -> Holding:
        """Who holds a next-hop address, as seen from a subnet (UDR-16)."""
        return holder_at(address, subnet, self.estate)

    def reachable_filters(
        self, source: Source, members: TagMembers
    ) -> Iterator[FirewallFilter | ApplianceFilter]:
        """Every firewall and appliance that traffic of a source may meet, each once however many routes lead there."""
        if isinstance(source.subnet, Gap):
            return
        yielded: set[int] = set()
        for subnet in self.subnets_on_the_way(source.subnet):
            for target in self.route_filter(subnet).targets:
                for firewall, described in self._devices(target, subnet):
                    compiled = described if firewall is None else self.firewall(firewall, members)
                    if compiled is not None and id(compiled) not in yielded:
                        yielded.add(id(compiled))
                        yield compiled

    def subnets_on_the_way(self, first: Subnet) -> tuple[Subnet, ...]:
        """The subnet that traffic starts from, and those of the firewalls that it may meet."""
        if first.id not in self._on_the_way:
            self._on_the_way[first.id] = tuple(self._behind_firewalls(first))
        return self._on_the_way[first.id]

    def _behind_firewalls(self, first: Subnet) -> Iterator[Subnet]:
        seen: set[ResourceId] = set()
        pending = [first]
        while pending:
            subnet = pending.pop()
            if subnet.id in seen:
                continue
            seen.add(subnet.id)
            yield subnet
            for target in self.route_filter(subnet).targets:
                for firewall, _ in self._devices(target, subnet):
                    following = self.estate.subnet(firewall.subnet) if firewall and firewall.subnet else None
                    if isinstance(following, Subnet):
                        pending.append(following)

    def _devices(
        self, target: NextHop, subnet: Subnet
    ) -> Iterator[tuple[Firewall | None, ApplianceFilter | None]]:
        for address in target.addresses:
            holder = self.holder(address, subnet).device
            yield (holder, None) if isinstance(holder, Firewall) else (None, self.appliance(address))
        if target.kind is HopKind.HUB and target.resource is not None:
            hub = self.estate.hubs.get(target.resource)
            for policy in (hub.intent or ()) if hub else ():
                found = self.estate.firewall(policy.next_hop)
                if isinstance(found, Firewall):
                    yield found, None

    # -- cuts ------------------------------------------------------------------------------------------

    def source_classes(
        self, source: Source, members: TagMembers, services: ServiceSet = ANY
    ) -> tuple[SourceClass, ...]:
        """The few classes of a subnet's addresses that any rule about these services on the way tells apart."""
        subnet = source.subnet
        if isinstance(subnet, Gap):
            return ()
        key = (subnet.id, source.interfaces, members)
        if key not in self._cuts:
            self._cuts[key] = tuple(dict.fromkeys(self._source_cuts(source, subnet, members)))
        space = addresses_of(subnet.prefixes)
        cuts = frozenset(
            cut
            for cut, named in self._cuts[key]
            if not (named.isdisjoint(services) or cut.isdisjoint(space) or space <= cut)
        )
        if (space, cuts) not in self._classes:
            self._classes[space, cuts] = source_classes(space, cuts)
        return self._classes[space, cuts]

    def _source_cuts(self, source: Source, subnet: Subnet, members: TagMembers) -> Iterator[SourceCut]:
        for interfaces in source.interfaces:
            own = interfaces.application_groups
            yield from self.admin_rules(subnet, own).source_cuts()
            for reference in (interfaces.security_group, subnet.security_group):
                if isinstance(reference, ResourceId):
                    group = self.security_group(reference, subnet, Stage.SUBNET_NSG, own=own)
                    if isinstance(group, SecurityGroupFilter):
                        yield from group.source_cuts()
        for device in self.reachable_filters(source, members):
            yield from device.source_cuts()
        for rule in self._near_rules(subnet):
            if rule.direction == "inbound":
                yield from source_cuts(rule)

    def _near_groups(self, subnet: Subnet) -> Iterator[SecurityGroup]:
        """Groups that filter the inbound side of private destinations, wherever traffic may get to (NSG-9)."""
        near = self._near_networks(subnet.network)
        ids = {item.security_group for item in self.estate.subnets.values() if item.network in near}
        ids |= {
            nic.security_group
            for nic in self.estate.nics.values()
            if any(s.parent in near for s in nic.subnets)
        }
        for reference in sorted(item for item in ids if item is not None):
            group = self.estate.security_groups.get(reference)
            if group is not None:
                yield group

    def _near_rules(self, subnet: Subnet) -> Iterator[SecurityRule]:
        """Rules of groups and admin rules at private destinations (NSG-9, NSG-30)."""
        for group in self._near_groups(subnet):
            yield from group.rules
        for network in sorted(self._near_networks(subnet.network)):
            admin = self.estate.admin_rules.get(network)
            yield from admin.rules if admin is not None else ()

    def _near_networks(self, own: ResourceId) -> set[ResourceId]:
        """The own network, its peers, and what a firewall in a peer or in the own hub forwards to."""
        near = {own}
        for _ in range(2):
            known = [found for found in map(self.estate.network, near) if isinstance(found, VirtualNetwork)]
            near |= {peering.remote for network in known for peering in network.peerings}
        hubs = [hub for hub, _ in self.estate.hub_connections(own)]
        return near | {connection.network for hub in hubs for connection in hub.connections or ()}

    def name_cuts(self, source: Source, members: TagMembers) -> tuple[NamePattern, ...]:
        """Patterns of any rule on the way, which tell names apart."""
        found = {
            pattern: None
            for device in self.reachable_filters(source, members)
            for pattern in device.name_cuts()
        }
        return tuple(found)


def _perhaps(found: Iterable[tuple[AddressSet, Codes]], certain: AddressSet) -> tuple[Maybe, ...]:
    """Possible members of a tag, without those that it surely holds."""
    rest = (Maybe(addresses - certain, codes) for addresses, codes in found)
    return tuple(item for item in rest if item.addresses)
