"""Next hops: where a route sends traffic."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from auditor.model.resource_id import ResourceId


class HopKind(StrEnum):
    """What lies behind a route."""

    PLATFORM = "platform"
    VNET = "vnet"
    PEERING = "peering"
    SERVICE_ENDPOINT = "service endpoint"
    PRIVATE_ENDPOINT = "private endpoint"
    INTERNET = "internet"
    GATEWAY = "gateway"
    APPLIANCE = "appliance"
    HUB = "hub"
    NONE = "none"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class NextHop:
    """The next hop of a route."""

    kind: HopKind
    addresses: tuple[str, ...] = ()
    """Addresses of an appliance; several for ECMP (UDR-15)."""
    resource: ResourceId | None = None
    """The peering, hub, endpoint or virtual network behind it."""
    route_table: ResourceId | None = None
    route: str | None = None
    """The user route that names it, for messages about dangling hops."""
