"""Nodes of a kubenet cluster as next hops: each passes on what is for its own pods (UDR-56)."""

from __future__ import annotations

from auditor.model.cluster import Cluster
from auditor.model.estate import Estate
from auditor.model.outbound import Nic
from auditor.paths.holders import Holding


def node_at(holding: Holding, cluster: Cluster, estate: Estate) -> Nic | None:
    """The cluster's own node that holds a next-hop address and surely forwards; None for anybody else."""
    device = holding.device
    if not cluster.kubenet_pods or not isinstance(device, Nic):
        return None
    sound = device.ip_forwarding and not device.model and not device.flaws
    return device if sound and any(nic.id == device.id for nic in estate.nics_of(cluster)) else None
