"""Virtual networks, subnets, peerings and private endpoints."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.model.gap import Flaw
from auditor.model.resource_id import ResourceId

_REFUSED = {"pending", "rejected", "disconnected", "removed"}
"""States of a private endpoint's connection that its service's owner has not approved, or not any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subnet:
    """A range of a virtual network with its filters and its ways out (ARM-6)."""

    id: ResourceId
    flaws: tuple[Flaw, ...]
    prefixes: tuple[str, ...]
    security_group: ResourceId | None
    route_table: ResourceId | None
    nat_gateway: ResourceId | None
    service_endpoints: tuple[ServiceEndpoint, ...]
    default_outbound: bool | None
    """`defaultOutboundAccess`: false makes the subnet private, null permits it (UDR-43)."""
    delegations: tuple[str, ...]
    private_endpoint_policies: str
    """`enabled`, `disabled`, `networksecuritygroupenabled` or `routetableenabled`, lower case (NSG-29, UDR-11)."""
    service_endpoint_policies: bool = False
    """Service endpoint policies are attached: they let Storage accounts through by name, which no address shows."""
    service_gateway: bool
    """A `serviceGateway` is set: the way out is not documented (UDR-50)."""
    holds_gateway: bool = False
    """A GatewaySubnet in which a gateway stands by the subnet's own word, read or not (UDR-30, ARM-23)."""
    devices: tuple[ResourceId, ...] = ()
    """What stands in it by the subnet's own word, read or not: its `ipConfigurations`, by whose they are (ARM-23)."""

    @property
    def for_firewall(self) -> bool:
        """Whether it is the one in which nothing but an Azure Firewall stands (FW-5)."""
        return self.id.name.lower() == "azurefirewallsubnet"

    @property
    def network(self) -> ResourceId:
        """The id of the virtual network."""
        parent = self.id.parent
        return parent if parent is not None else self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceEndpoint:
    """A service whose traffic leaves a subnet directly (UDR-6, UDR-10)."""

    service: str
    """`microsoft.storage`, ... lower case."""
    locations: tuple[str, ...]
    unsettled: str = ""
    """A `provisioningState` that leaves open whether the endpoint is in force; empty where it is (V-6)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peering:
    """One side of a link between two virtual networks (ARM-7)."""

    id: ResourceId
    remote: ResourceId
    state: str
    """`connected`, `initiated`, `disconnected`, lower case (UDR-24)."""
    allow_access: bool
    """`allowVirtualNetworkAccess` (UDR-25)."""
    allow_forwarded: bool
    """`allowForwardedTraffic` (UDR-26)."""
    use_remote_gateways: bool
    peered_prefixes: tuple[str, ...]
    """`remoteAddressSpace`: what is joined (UDR-28)."""
    remote_prefixes: tuple[str, ...]
    """`remoteVirtualNetworkAddressSpace`: what the remote network has."""
    complete: bool
    """False for a subnet peering (UDR-29)."""
    local_subnets: tuple[str, ...]
    """The subnets of this side that a subnet peering joins, by name in lower case."""
    local_prefixes: tuple[str, ...]
    """`localAddressSpace`: what it joins of this side."""
    ipv6_only: bool
    flaws: tuple[Flaw, ...] = ()
    """What is wrong with it: those of a peer, too, leave open what the peering carries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualNetwork:
    """A private address space in one region."""

    id: ResourceId
    flaws: tuple[Flaw, ...]
    location: str
    prefixes: tuple[str, ...]
    dns_servers: tuple[str, ...]
    """Custom DNS servers; empty means Azure DNS at 168.63.129.16 (AKS-31)."""
    subnets: tuple[Subnet, ...]
    peerings: tuple[Peering, ...]
    public_nat_gateway: bool
    """`defaultPublicNatGateway` is set: undocumented (UDR-50)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateEndpoint:
    """A private address for a service (NSG-29, UDR-7)."""

    id: ResourceId
    flaws: tuple[Flaw, ...]
    subnet: ResourceId | None
    states: tuple[str, ...]
    """The states of its connections, lower case; empty for one without."""
    targets: tuple[ResourceId, ...]
    """The resources that its connections serve."""
    names: tuple[tuple[str, tuple[str, ...]], ...]
    """(name, addresses), as `customDnsConfigs` and its interfaces tell: what it could serve, were it resolved so."""
    addresses: tuple[str, ...]
    """Private addresses of its IP configurations and NICs, where they were read."""

    @property
    def approved(self) -> bool:
        """Whether its connections pass traffic: only approved ones do (ARM-19)."""
        return bool(self.states) and all(state == "approved" for state in self.states)

    @property
    def refused(self) -> bool:
        """Whether they surely pass none; a state that nobody knows is neither (ARM-2)."""
        return bool(self.states) and all(state in _REFUSED for state in self.states)

    @property
    def known_addresses(self) -> tuple[str, ...]:
        """Every private address that any property tells, each once."""
        named = (address for _, addresses in self.names for address in addresses)
        return tuple(dict.fromkeys((*self.addresses, *named)))
