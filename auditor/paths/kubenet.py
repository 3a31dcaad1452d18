"""Nodes of a kubenet cluster as next hops: each passes on what is for its own pods (UDR-56)."""

from __future__ import annotations

from auditor.filters.terms import literal
from auditor.model.cluster import Cluster
from auditor.model.estate import Estate
from auditor.model.gap import Gap
from auditor.model.outbound import Nic
from auditor.model.route_table import RouteTable
from auditor.paths.holders import Holding


def node_at(holding: Holding, cluster: Cluster, estate: Estate) -> Nic | None:
    """The cluster's own node that holds a next-hop address and surely forwards; None for anybody else."""
    device = holding.device
    if not cluster.kubenet_pods or not isinstance(device, Nic):
        return None
    sound = device.ip_forwarding and not device.model and not device.flaws
    return device if sound and any(nic.id == device.id for nic in estate.nics_of(cluster)) else None


def is_pod_route(table: RouteTable | Gap | None, name: str | None, cluster: Cluster) -> bool:
    """Whether a table's route of this name is one that kubenet keeps for a node's pods."""
    routes = table.routes if isinstance(table, RouteTable) else ()
    prefix = next((literal(route.prefix) for route in routes if route.name == name), None)
    pods = [literal(text) for text in cluster.kubenet_pods]
    return prefix is not None and any(space is not None and prefix <= space for space in pods)
