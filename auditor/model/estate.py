"""The Estate: all records of a snapshot, joined by reference."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from auditor.model.cluster import Cluster
from auditor.model.firewall import Firewall, FirewallPolicy, IpGroup, RuleCollectionGroup
from auditor.model.gap import Gap
from auditor.model.network import Peering, PrivateEndpoint, Subnet, VirtualNetwork
from auditor.model.outbound import LoadBalancer, NatGateway, Nic, PublicAddress, ScaleSet
from auditor.model.private_dns import PrivateDnsZone
from auditor.model.resource_id import ResourceId
from auditor.model.route_table import RouteTable
from auditor.model.security_group import AdminRules, SecurityGroup
from auditor.model.service_tags import NO_TAGS, ServiceTags
from auditor.model.snapshot import Read, Snapshot
from auditor.model.virtual_wan import Gateway, HubConnection, VirtualHub, VirtualWan
from auditor.netset.address import EMPTY, AddressSet

T = TypeVar("T")
Holder = Firewall | LoadBalancer | Nic


def _empty() -> Mapping[ResourceId, T]:
    return {}


@dataclass(frozen=True, kw_only=True)
class Estate:
    """Every record that a snapshot holds. Look-ups give the record or a Gap, never None, for a reference."""

    snapshot: Snapshot
    clusters: tuple[Cluster, ...] = ()
    networks: Mapping[ResourceId, VirtualNetwork] = field(default_factory=_empty)
    orphan_subnets: Mapping[ResourceId, Subnet] = field(default_factory=_empty)
    """Subnets that were read alone, whose virtual network is not in the snapshot."""
    security_groups: Mapping[ResourceId, SecurityGroup] = field(default_factory=_empty)
    admin_rules: Mapping[ResourceId, AdminRules] = field(default_factory=_empty)
    """By virtual network; a network that is absent here was not asked."""
    route_tables: Mapping[ResourceId, RouteTable] = field(default_factory=_empty)
    nat_gateways: Mapping[ResourceId, NatGateway] = field(default_factory=_empty)
    public_ips: Mapping[ResourceId, PublicAddress] = field(default_factory=_empty)
    load_balancers: Mapping[ResourceId, LoadBalancer] = field(default_factory=_empty)
    nics: Mapping[ResourceId, Nic] = field(default_factory=_empty)
    scale_sets: Mapping[ResourceId, ScaleSet] = field(default_factory=_empty)
    firewalls: Mapping[ResourceId, Firewall] = field(default_factory=_empty)
    policies: Mapping[ResourceId, FirewallPolicy] = field(default_factory=_empty)
    groups: Mapping[ResourceId, RuleCollectionGroup] = field(default_factory=_empty)
    ip_groups: Mapping[ResourceId, IpGroup] = field(default_factory=_empty)
    hubs: Mapping[ResourceId, VirtualHub] = field(default_factory=_empty)
    wans: Mapping[ResourceId, VirtualWan] = field(default_factory=_empty)
    gateways: Mapping[ResourceId, Gateway] = field(default_factory=_empty)
    private_endpoints: Mapping[ResourceId, PrivateEndpoint] = field(default_factory=_empty)
    dns_zones: tuple[PrivateDnsZone, ...] = ()
    service_tags: ServiceTags = NO_TAGS

    # -- references ------------------------------------------------------------------------------------

    def gap(self, reference: ResourceId) -> Gap:
        """The Gap for a reference that no document answers, with what the manifest says about it."""
        read = self.read_of(reference.kind, reference)
        if read is None:
            return Gap(reference, "not in the snapshot")
        if read.complete:
            return Gap(
                reference, f"not in the list of {read.kind} that was read completely under {read.scope}"
            )
        return Gap(
            reference,
            f"reading {read.kind} under {read.scope}: {read.status}"
            + (f" ({read.error})" if read.error else ""),
        )

    def _find(self, table: Mapping[ResourceId, T], reference: ResourceId) -> T | Gap:
        found = table.get(reference)
        return self.gap(reference) if found is None else found

    def network(self, reference: ResourceId) -> VirtualNetwork | Gap:
        """The virtual network of this id."""
        return self._find(self.networks, reference)

    def subnet(self, reference: ResourceId) -> Subnet | Gap:
        """The subnet of this id, from its virtual network or read alone."""
        return self._find(self.subnets, reference)

    def security_group(self, reference: ResourceId) -> SecurityGroup | Gap:
        """The network security group of this id."""
        return self._find(self.security_groups, reference)

    def route_table(self, reference: ResourceId) -> RouteTable | Gap:
        """The route table of this id."""
        return self._find(self.route_tables, reference)

    def nat_gateway(self, reference: ResourceId) -> NatGateway | Gap:
        """The NAT gateway of this id."""
        return self._find(self.nat_gateways, reference)

    def firewall(self, reference: ResourceId) -> Firewall | Gap:
        """The Azure Firewall of this id."""
        return self._find(self.firewalls, reference)

    def policy(self, reference: ResourceId) -> FirewallPolicy | Gap:
        """The firewall policy of this id."""
        return self._find(self.policies, reference)

    def group(self, reference: ResourceId) -> RuleCollectionGroup | Gap:
        """The rule collection group of this id."""
        return self._find(self.groups, reference)

    def ip_group(self, reference: ResourceId) -> IpGroup | Gap:
        """The IP group of this id."""
        return self._find(self.ip_groups, reference)

    # -- reading ---------------------------------------------------------------------------------------

    def read_of(self, kind: str, scope: ResourceId) -> Read | None:
        """The narrowest manifest row for `kind` whose scope is `scope` or lies above it."""
        best: Read | None = None
        for read in self._reads_by_kind.get(kind.lower(), ()):
            key = read.scope.rstrip("/").lower()
            if (scope.key == key or scope.key.startswith(key + "/")) and (
                best is None or len(key) > len(best.scope)
            ):
                best = read
        return best

    def was_read(self, kind: str, scope: ResourceId) -> bool:
        """Whether the manifest says that every `kind` at or below `scope`'s row was read completely."""
        read = self.read_of(kind, scope)
        return read is not None and read.complete

    def failed_read(self, kind: str, scope: ResourceId) -> Read | None:
        """The row for `kind` at `scope` where it was asked for and not read completely; None else (V-6)."""
        read = self.read_of(kind, scope)
        return None if read is None or read.complete else read

    @cached_property
    def _reads_by_kind(self) -> Mapping[str, tuple[Read, ...]]:
        rows: dict[str, list[Read]] = {}
        for read in self.snapshot.reads:
            rows.setdefault(read.kind.lower(), []).append(read)
        return {kind: tuple(reads) for kind, reads in rows.items()}

    # -- joins -----------------------------------------------------------------------------------------

    @cached_property
    def subnets(self) -> Mapping[ResourceId, Subnet]:
        """Every subnet of every virtual network, and those that were read without their network."""
        found = {subnet.id: subnet for network in self.networks.values() for subnet in network.subnets}
        return {**self.orphan_subnets, **found}

    @cached_property
    def holders(self) -> Mapping[str, tuple[Holder, ...]]:
        """Who holds a private address: firewalls, internal load balancers, network interfaces."""
        table: dict[str, list[Holder]] = {}
        everyone: Iterable[Holder] = (
            *self.firewalls.values(),
            *self.load_balancers.values(),
            *self.nics.values(),
        )
        for holder in everyone:
            addresses = holder.addresses if isinstance(holder, Nic) else holder.private_addresses
            for address in addresses:
                table.setdefault(address, []).append(holder)
        return {address: tuple(found) for address, found in table.items()}

    def hub_connections(self, network: ResourceId) -> tuple[tuple[VirtualHub, HubConnection], ...]:
        """The Virtual WAN hubs that were read and have a virtual network: one, unless documents are odd (UDR-31)."""
        return tuple(
            (hub, connection)
            for hub in self.hubs.values()
            for connection in hub.connections or ()
            if connection.network == network
        )

    def peering_back(self, peering: Peering, network: ResourceId) -> Peering | Gap | None:
        """The other side of `peering` of `network`: a Gap when the remote network was not read, None if it has none."""
        remote = self.network(peering.remote)
        if isinstance(remote, Gap):
            return remote
        return next((back for back in remote.peerings if back.remote == network), None)

    @cached_property
    def network_space(self) -> AddressSet:
        """All address space of the virtual networks of the snapshot."""
        return AddressSet.of(*(prefix for network in self.networks.values() for prefix in network.prefixes))

    @cached_property
    def held_public(self) -> AddressSet:
        """Public addresses and prefixes held by resources of the snapshot."""
        held = [item.address for item in self.public_ips.values() if item.address]
        held += [address for firewall in self.firewalls.values() for address in firewall.public_addresses]
        return AddressSet.of(*held) if held else EMPTY

    def nics_of(self, cluster: Cluster) -> tuple[Nic, ...]:
        """The network interfaces (and scale set models) in the cluster's node resource group."""
        if cluster.node_resource_group is None:
            return ()
        group = (
            f"/subscriptions/{cluster.id.subscription}/resourcegroups/{cluster.node_resource_group}".lower()
        )
        under = ResourceId(group)
        models = tuple(
            model for item in self.scale_sets.values() if item.id.is_under(under) for model in item.models
        )
        return models + tuple(nic for nic in self.nics.values() if nic.id.is_under(under))
