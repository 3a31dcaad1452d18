"""What gives traffic a public source address: NAT gateways, load balancers, public IPs; and who holds private ones."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.model.gap import Flaw
from auditor.model.resource_id import ResourceId


@dataclass(frozen=True, slots=True, kw_only=True)
class NatGateway:
    """A NAT gateway (UDR-38, UDR-39)."""

    id: ResourceId
    flaws: tuple[Flaw, ...]
    has_addresses: bool
    """At least one public IP or prefix is attached that may give IPv4 traffic its source address."""
    has_source_network: bool
    """`sourceVirtualNetwork` is set: undocumented (UDR-50)."""
    address_ids: tuple[ResourceId, ...] = ()
    """The public IPs and prefixes that give IPv4 traffic its source address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicAddress:
    """A public IP address or prefix that the estate itself holds."""

    id: ResourceId
    address: str | None
    """An address or a CIDR; None while it is not allocated."""
    sixth: bool = False
    """It is an IPv6 one."""
    flaws: tuple[Flaw, ...] = ()
    """Why nobody can say whether it serves (V-6)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundRule:
    """A load balancer's outbound rule (UDR-41, UDR-42)."""

    name: str
    protocol: str
    """`tcp`, `udp` or `all`, lower case."""
    pool: ResourceId | None
    public: bool = True
    """One of its frontends has a public address."""
    addresses: tuple[ResourceId, ...] = ()
    """The public IPs and prefixes of its frontends."""


@dataclass(frozen=True, slots=True)
class SnatPool:
    """A backend pool that a public load-balancing rule translates implicitly (UDR-41)."""

    pool: ResourceId
    addresses: tuple[ResourceId, ...]
    """The public IPs and prefixes of the rule's frontend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundRule:
    """A load-balancing rule with a public frontend: what clients on the Internet connect to (UDR-51)."""

    name: str
    frontend: str
    """The name of the frontend."""
    address: ResourceId | None
    """The frontend's public IP; None where it takes one of a prefix."""
    pools: tuple[ResourceId, ...]
    prefix: ResourceId | None = None
    """The prefix of which the frontend takes an address."""
    protocol: str = ""
    """`tcp` or `udp`, lower case; `all` stands for every port, which no public frontend has."""
    port: int | None = None
    """The frontend's port."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledAddress:
    """A member of a backend pool that is named by address, not by network interface (UDR-49)."""

    pool: ResourceId
    address: str
    network: ResourceId | None
    """The virtual network that the address lies in, where the pool says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadBalancer:
    """A load balancer (ARM-11)."""

    id: ResourceId
    flaws: tuple[Flaw, ...]
    sku: str
    private_addresses: tuple[str, ...]
    public: bool
    """At least one frontend has a public IP."""
    outbound_rules: tuple[OutboundRule, ...]
    snat_pools: tuple[SnatPool, ...]
    """What public load-balancing rules translate implicitly (`disableOutboundSnat` not true)."""
    inbound: tuple[InboundRule, ...] = ()
    pooled: tuple[PooledAddress, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Nic:
    """A network interface, or a network interface configuration of a scale set model (ARM-12, ARM-13)."""

    id: ResourceId
    """The NIC's id; for a model the scale set's id."""
    flaws: tuple[Flaw, ...]
    model: bool
    """True when this is the scale set's model, a prediction (AKS-10)."""
    scale_set: ResourceId | None
    pool: str | None
    """The agent pool that owns it, from tags or names, where that can be told."""
    security_group: ResourceId | None
    subnets: tuple[ResourceId, ...]
    addresses: tuple[str, ...]
    public_ip: bool
    """It has public addresses, of which one may be an IPv4 one by what the interface itself shows (UDR-40)."""
    ip_forwarding: bool
    application_groups: tuple[ResourceId, ...]
    backend_pools: tuple[ResourceId, ...]
    default_outbound: bool | None
    """`defaultOutboundConnectivityEnabled` (UDR-44)."""
    dns_servers: tuple[str, ...]
    private_link_names: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """For the interface of a private endpoint: the names that it serves, with its addresses (ARM-19)."""
    public_address_ids: tuple[ResourceId, ...] = ()
    """The public IPs that `public_ip` rests on; empty where they are no resources of their own."""
    machine: bool = False
    """It belongs to a machine of its own (`virtualMachine`), not to an instance of a scale set or an endpoint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleSet:
    """A virtual machine scale set: what a node pool is made of (AKS-2, AKS-10)."""

    id: ResourceId
    flaws: tuple[Flaw, ...]
    pool: str | None
    """The agent pool, from the tag `aks-managed-poolName`, else from the name `aks-<pool>-...`."""
    uniform: bool
    manual_upgrade: bool
    models: tuple[Nic, ...]
