"""User-defined routes."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.model.gap import Flaw
from auditor.model.resource_id import ResourceId


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One user-defined route (ARM-9)."""

    name: str
    prefix: str
    """A CIDR in its plain form, or the name of a service tag (UDR-20)."""
    hop: str
    """Next hop type in lower case: `virtualappliance`, `virtualapplianceecmp`, `virtualnetworkgateway`, `vnetlocal`,
    `internet` or `none`."""
    addresses: tuple[str, ...]
    """Next-hop addresses: one for an appliance, several for ECMP (UDR-15)."""
    bgp_override: bool
    """`hasBgpOverride` (UDR-12)."""
    unsettled: str = ""
    """A `provisioningState` that leaves open whether the route is in force; empty where it is (V-6)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteTable:
    """A route table that subnets refer to (ARM-9)."""

    id: ResourceId
    flaws: tuple[Flaw, ...]
    routes: tuple[Route, ...]
    propagation_off: bool
    """`disableBgpRoutePropagation`: gateway and hub routes are not learned (UDR-13, UDR-31)."""
    peering_routes_off: bool
    """`disablePeeringRoute` is `All` (UDR-14)."""
