"""Virtual WAN hubs (UDR-31..UDR-36)."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.model.gap import Flaw
from auditor.model.resource_id import ResourceId


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingPolicy:
    """One policy of a routing intent (UDR-32)."""

    name: str
    destinations: tuple[str, ...]
    """`internet`, `privatetraffic`, lower case."""
    next_hop: ResourceId


@dataclass(frozen=True, slots=True, kw_only=True)
class HubRoute:
    """A static route of a hub route table (UDR-34)."""

    name: str
    destination_type: str
    destinations: tuple[str, ...]
    next_hop: ResourceId | None

    @property
    def declares_private(self) -> bool:
        """Whether it lists further prefixes that the private policy takes (UDR-33)."""
        return self.name.lower() == "private_traffic"


@dataclass(frozen=True, slots=True, kw_only=True)
class HubRouteTable:
    """A route table of a hub."""

    id: ResourceId
    flaws: tuple[Flaw, ...]
    routes: tuple[HubRoute, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HubConnection:
    """A virtual network attached to a hub (UDR-31)."""

    id: ResourceId
    flaws: tuple[Flaw, ...]
    network: ResourceId
    internet_security: bool
    """`enableInternetSecurity`: false means the spoke does not learn 0.0.0.0/0 (UDR-32)."""
    associated_table: ResourceId | None
    static_routes: tuple[str, ...]
    """The prefixes of `vnetRoutes.staticRoutes`, which lead through an appliance in the network (UDR-34)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualHub:
    """A Virtual WAN hub, or an Azure Route Server, which is a hub of kind RouteServer (UDR-30)."""

    id: ResourceId
    flaws: tuple[Flaw, ...]
    location: str
    prefixes: tuple[str, ...]
    route_server: bool
    firewall: ResourceId | None
    connections: tuple[HubConnection, ...] | None
    """Those that were read; None when nobody read any."""
    more_connections: bool = False
    """There may be others that were not read (V-6)."""
    tables: tuple[HubRouteTable, ...] | None
    intent: tuple[RoutingPolicy, ...] | None
    """The routing intent's policies; empty when it was read and there is none; None when it was not read."""
    wan: ResourceId | None = None
    branches: bool = False
    """It has a gateway or speaks BGP with an appliance, so it learns routes that no document shows (UDR-30)."""

    def policy(self, destination: str) -> RoutingPolicy | None:
        """The policy about `internet` or `privatetraffic`, as far as the routing intent was read."""
        return next((one for one in self.intent or () if destination in one.destinations), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualWan:
    """A Virtual WAN: its hubs tell each other what they know (UDR-33)."""

    id: ResourceId
    flaws: tuple[Flaw, ...]
    hubs: tuple[ResourceId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """A VPN or ExpressRoute gateway of a virtual network."""

    id: ResourceId
    network: ResourceId | None
    kind: str
