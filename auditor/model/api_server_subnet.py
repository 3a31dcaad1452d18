"""Where the API server answers with API server VNet integration: a subnet of the nodes' network (AKS-5)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from auditor.model.cluster import Cluster
from auditor.model.estate import Estate
from auditor.model.gap import Gap
from auditor.model.network import Subnet, VirtualNetwork

API_SERVER_PORTS: Final = (443, 4443)
"""The TCP ports on which nodes call it (AKS-5)."""

_DELEGATION: Final = "microsoft.containerservice/managedclusters"


def api_server_subnet(
    cluster: Cluster, networks: Iterable[VirtualNetwork | Gap], estate: Estate
) -> Subnet | str:
    """The subnet of an integrated API server, or why it is not known.

    Where the cluster names none (an AKS-managed network) it is the one subnet of the nodes' `networks` that
    is delegated to managed clusters (AKS-5).
    """
    named = cluster.api_server.subnet
    if named is not None:
        found = estate.subnet(named)
        if isinstance(found, Gap):
            return f"API server subnet {named} was not read: {found.detail}"
        return (
            found if found.prefixes else f"API server subnet {named} was not read: it shows no address prefix"
        )
    delegated = [
        subnet
        for network in networks
        if isinstance(network, VirtualNetwork)
        for subnet in network.subnets
        if subnet.prefixes and _DELEGATION in (service.lower() for service in subnet.delegations)
    ]
    if len(delegated) == 1:
        return delegated[0]
    return f"API server subnet was not read: the cluster names none and {len(delegated)} are delegated to it"
