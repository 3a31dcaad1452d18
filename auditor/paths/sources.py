"""From where a cluster sends: node subnets, pod subnets, AKS-managed networks (AKS-1..AKS-10)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from auditor.model.cluster import AgentPool, Cluster
from auditor.model.estate import Estate
from auditor.model.gap import Gap
from auditor.model.network import Subnet
from auditor.model.outbound import Nic
from auditor.model.resource_id import ResourceId
from auditor.paths.interfaces import Interfaces, interfaces_of, nics_of_pool

_SUBNETS = "microsoft.network/virtualnetworks/subnets"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One pool's nodes (or pods) in one subnet."""

    cluster: Cluster
    pool: str
    subnet: Subnet | Gap
    nics: tuple[Nic, ...]
    """The NICs behind it, or the scale set's model where no NIC was read (AKS-10)."""
    interfaces: tuple[Interfaces, ...]
    """Their kinds, at least one; a path is walked from each."""
    pods: bool = False
    opaque: str | None = None
    """A code that makes every answer from here unknown (AKS-6, AKS-16)."""

    @property
    def subnet_id(self) -> ResourceId:
        """The id of the subnet, read or not."""
        return self.subnet.id

    @property
    def security_groups(self) -> tuple[ResourceId, ...]:
        """The NIC-level groups that some of the interfaces have."""
        found = {one.security_group: None for one in self.interfaces}
        return tuple(group for group in found if isinstance(group, ResourceId))


def sources_of(cluster: Cluster, estate: Estate) -> tuple[Source, ...]:
    """Every source of a cluster, in the order of its pools; pods in a subnet of their own come after their nodes."""
    found: list[Source] = []
    nics = estate.nics_of(cluster)
    for pool in cluster.pools:
        found += _sources_of_pool(cluster, pool, nics, estate)
    found += _provisioned(cluster, nics, estate)
    nodes = {source.subnet_id: None for source in found if not source.pods}
    found += _hosted(cluster, estate)
    found += _virtual_nodes(cluster, tuple(nodes), estate)
    return tuple(found)


def _sources_of_pool(
    cluster: Cluster, pool: AgentPool, nics: tuple[Nic, ...], estate: Estate
) -> Iterator[Source]:
    own = nics_of_pool(pool, nics, estate)
    subnets = [(subnet, False) for subnet in _node_subnets(cluster, pool, own, nics, estate)]
    if pool.pod_subnet is not None:
        subnets.append((estate.subnet(pool.pod_subnet), True))
    elsewhere = pool.subnet is not None and any(_stands_elsewhere(nic, pool.subnet) for nic in own)
    for subnet, pods in subnets:
        yield Source(
            cluster=cluster,
            pool=pool.name,
            subnet=subnet,
            nics=own,
            interfaces=interfaces_of(cluster, pool, own, subnet.id, estate),
            pods=pods,
            opaque="snapshot-inconsistent" if elsewhere else None,
        )


def _stands_elsewhere(nic: Nic, subnet: ResourceId) -> bool:
    """Whether an interface that was read stands in none of the pool's subnets: one of the two is wrong (AKS-10)."""
    return not nic.model and bool(nic.subnets) and subnet not in nic.subnets


def _node_subnets(
    cluster: Cluster, pool: AgentPool, own: tuple[Nic, ...], nics: tuple[Nic, ...], estate: Estate
) -> Iterator[Subnet | Gap]:
    if pool.subnet is not None:
        yield estate.subnet(pool.subnet)
        return
    ids = {subnet: None for nic in own for subnet in nic.subnets}
    if not ids:
        # Pools without a subnet of their own share the managed network (AKS-2).
        ids = {subnet: None for nic in nics for subnet in nic.subnets}
    if not ids:
        what = f"no scale set or network interface of pool {pool.name} was read in the node resource group"
        yield _nowhere(cluster, f"{what} {_group(cluster)}")
    for subnet in sorted(ids):
        yield estate.subnet(subnet)


def _nowhere(cluster: Cluster, why: str) -> Gap:
    """What stands for a subnet that no document names."""
    return Gap(ResourceId(f"/subscriptions/{cluster.id.subscription}/resourceGroups/{_group(cluster)}"), why)


def _group(cluster: Cluster) -> str:
    return cluster.node_resource_group or "unknown"


def _provisioned(cluster: Cluster, nics: tuple[Nic, ...], estate: Estate) -> Iterator[Source]:
    """Machines that auto-provisioning started: their interfaces were read, and no pool lists them (AKS-8)."""
    if cluster.auto_provisioning is False:
        return
    pools = {pool.name.lower() for pool in cluster.pools}
    free = [nic for nic in nics if nic.machine and (nic.pool or "").lower() not in pools]
    for subnet in sorted({subnet for nic in free for subnet in nic.subnets}):
        own = tuple(nic for nic in free if subnet in nic.subnets)
        yield Source(
            cluster=cluster,
            pool="(auto-provisioned)",
            subnet=estate.subnet(subnet),
            nics=own,
            interfaces=interfaces_of(cluster, None, own, subnet, estate),
        )


def _hosted(cluster: Cluster, estate: Estate) -> Iterator[Source]:
    """Nodes of hosted system pools: their way out is not documented, nor where they sit if nothing names it (AKS-6)."""
    subnets: list[Subnet | Gap] = [estate.subnet(subnet) for subnet in cluster.hosted_system_subnets]
    if not subnets and cluster.hosted_system is not False:
        subnets.append(
            _nowhere(cluster, "holds, for all that is known, hosted system pools without a subnet")
        )
    for subnet in subnets:
        yield Source(
            cluster=cluster,
            pool="(hosted system)",
            subnet=subnet,
            nics=(),
            interfaces=(Interfaces(),),
            opaque="uncertain:AKS-6",
        )


def _virtual_nodes(cluster: Cluster, nodes: tuple[ResourceId, ...], estate: Estate) -> Iterator[Source]:
    """Pods on virtual nodes sit in a delegated subnet of the network that the `nodes` are in (AKS-7)."""
    if cluster.virtual_nodes is False and cluster.aci_subnet is None:
        return
    networks = {subnet.parent: None for subnet in nodes if subnet.kind == _SUBNETS}
    subnets: list[Subnet | Gap] = [
        estate.subnet(ResourceId(f"{network.text}/subnets/{cluster.aci_subnet}"))
        for network in networks
        if network is not None and cluster.aci_subnet is not None
    ]
    why = "holds, for all that is known, the network of virtual nodes, whose subnet nothing names"
    for subnet in subnets or [_nowhere(cluster, why)]:
        yield Source(
            cluster=cluster,
            pool="(virtual nodes)",
            subnet=subnet,
            nics=(),
            interfaces=(Interfaces(security_group=None),),
            pods=True,
            opaque="uncertain:AKS-7",
        )
