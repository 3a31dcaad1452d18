"""The network interfaces behind one source, apart where a path from them may differ (AKS-10, NSG-1, UDR-40, UDR-44)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from auditor.filters.terms import NOWHERE, addresses_of
from auditor.filters.vnet_tag import Memberships
from auditor.model.cluster import AgentPool, Cluster
from auditor.model.estate import Estate
from auditor.model.gap import Gap
from auditor.model.outbound import Nic
from auditor.model.resource_id import ResourceId
from auditor.netset import AddressSet
from auditor.paths.public_addresses import Unsure, are_ipv6, unusable
from auditor.paths.receivers import NICS, SCALE_SETS

UNREAD = "unread"
"""Stands for the NIC-level group where nothing names one (AKS-9)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interfaces:
    """Interfaces of one source that are alike in all that a path from them depends on.

    The nodes of a pool are made alike, but instances may run an older model or have been changed by hand; then each
    kind is asked for itself, and an answer that holds for some of them only is no answer for all.
    """

    security_group: ResourceId | Gap | str | None = UNREAD
    """The NIC-level group: None where there is none, a Gap where reading it failed, else `UNREAD`."""
    application_groups: Memberships = frozenset()
    public_ip: bool = False
    """One of them gives IPv4 a way out (UDR-40, AKS-18)."""
    public_unsure: Unsure | None = None
    """Why nobody can say whether the only public addresses serve (V-6, ARM-22)."""
    backend_pools: frozenset[ResourceId] = frozenset()
    default_outbound: bool | None = None
    """What the interface itself says of default outbound access; None where it says nothing (UDR-44)."""
    dns_servers: tuple[str, ...] = ()
    """Those of the interface; empty: it takes those of its virtual network (AKS-31)."""
    read: bool = False
    """They were read themselves; else a model or the pool predicts what they are (AKS-10)."""
    flexible: bool = False
    """The machines belong to a flexible scale set that was read (UDR-45)."""
    addresses: AddressSet = field(default=NOWHERE, compare=False)
    """Whose they are, for reports, where a source has several kinds."""

    def among(self, source: AddressSet) -> AddressSet:
        """Who of some sources is meant: where there are several kinds, the addresses of this one that were read."""
        return (source & self.addresses) or source


def nics_of_pool(pool: AgentPool, nics: tuple[Nic, ...], estate: Estate) -> tuple[Nic, ...]:
    """The facts where they were read, else the model (AKS-10)."""
    mine = [nic for nic in nics if nic.pool is not None and nic.pool.lower() == pool.name.lower()]
    replaced: set[ResourceId] = set()
    for nic in mine:
        if not nic.model:
            replaced.update({nic.scale_set} if nic.scale_set is not None else _flexible_sets(nic, estate))
    return tuple(nic for nic in mine if not (nic.model and nic.scale_set in replaced))


def interfaces_of(
    cluster: Cluster, pool: AgentPool | None, own: tuple[Nic, ...], subnet: ResourceId, estate: Estate
) -> tuple[Interfaces, ...]:
    """The kinds of interfaces behind a source, each once; one kind that the pool describes where none was read."""
    if not own:
        return (
            Interfaces(
                security_group=_unread(cluster, estate),
                application_groups=frozenset(pool.security_groups) if pool is not None else frozenset(),
                public_ip=pool is not None and pool.node_public_ip,
            ),
        )
    kinds: dict[Interfaces, list[AddressSet]] = {}
    for nic in own:
        for kind in _kinds(pool, nic, subnet, estate):
            kinds.setdefault(kind, []).append(addresses_of(nic.addresses))
    if len(kinds) == 1:
        return tuple(kinds)
    return tuple(replace(kind, addresses=AddressSet.union_all(held)) for kind, held in kinds.items())


def _kinds(pool: AgentPool | None, nic: Nic, subnet: ResourceId, estate: Estate) -> Iterator[Interfaces]:
    # What the pool says of its machines is a prediction like the model; an interface that was read is the fact.
    predicted = pool if nic.model else None
    groups: list[ResourceId | Gap | None] = [Gap(nic.id, flaw.detail, flaw.code) for flaw in nic.flaws]
    by_pool = predicted is not None and predicted.node_public_ip
    for group in groups or [nic.security_group]:
        yield Interfaces(
            security_group=group,
            application_groups=_memberships(nic, predicted),
            public_ip=by_pool or (nic.public_ip and not are_ipv6(nic.public_address_ids, estate)),
            public_unsure=None if by_pool else unusable(nic.public_address_ids, estate),
            backend_pools=frozenset(nic.backend_pools),
            default_outbound=nic.default_outbound if not nic.model and subnet in nic.subnets else None,
            dns_servers=nic.dns_servers,
            read=not nic.model and not nic.flaws,
            flexible=_flexible(nic, estate),
        )


def _memberships(nic: Nic, predicted: AgentPool | None) -> Memberships:
    """The application security groups of an interface; what is wrong with its record leaves them open (V-6)."""
    if nic.flaws:
        return None
    return frozenset((*nic.application_groups, *(predicted.security_groups if predicted is not None else ())))


def _flexible(nic: Nic, estate: Estate) -> bool:
    """Whether the machine belongs to a flexible scale set that was read."""
    if nic.scale_set is not None:
        held = estate.scale_sets.get(nic.scale_set)
        return held is not None and not held.uniform
    return bool(_flexible_sets(nic, estate))


def _flexible_sets(nic: Nic, estate: Estate) -> set[ResourceId]:
    """Whose a machine may be whose interface names no scale set: its pool's, if none is uniform (UDR-45)."""
    if not nic.machine:
        return set()
    sets = [
        one
        for one in estate.scale_sets.values()
        if one.id.subscription == nic.id.subscription
        and one.id.group == nic.id.group
        and one.pool is not None
        and one.pool.lower() == (nic.pool or "").lower()
    ]
    return set() if any(one.uniform for one in sets) else {one.id for one in sets}


def _unread(cluster: Cluster, estate: Estate) -> Gap | str:
    """The NIC-level group where no interface was read: open, or a gap where reading them failed (AKS-9)."""
    group = cluster.node_resource_group
    if group is None:
        return UNREAD
    where = ResourceId(f"/subscriptions/{cluster.id.subscription}/resourceGroups/{group}")
    for kind in (SCALE_SETS, NICS):
        read = estate.failed_read(kind, where)
        if read is not None:
            detail = f"reading {read.kind} under {read.scope}: {read.status}"
            return Gap(where, detail + (f" ({read.error})" if read.error else ""))
    return UNREAD
