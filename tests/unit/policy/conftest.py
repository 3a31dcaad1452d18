"""Small hand-made clusters and networks: a public cluster with one Linux pool, of which tests change a part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from auditor.model.cluster import Cluster
from auditor.model.estate import Estate
from auditor.model.network import Subnet, VirtualNetwork
from auditor.model.outbound import Nic
from auditor.model.resource_id import ResourceId
from auditor.model.snapshot import Document, Read, Snapshot
from tests.unit.interfaces import interface
from tests.unit.plain_records import FEATURES_OFF, plain_cluster, plain_pool

SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-00000000000a"
NETWORK = f"{SUBSCRIPTION}/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/spoke"
GROUP = f"{SUBSCRIPTION}/resourceGroups/MC_rg_shop_westeurope"

_POOL = plain_pool(
    subnet=ResourceId(f"{NETWORK}/subnets/nodes"),
    os_sku="ubuntu",
    vm_size="Standard_D4s_v5",
    node_image_version="AKSUbuntu-2204gen2containerd-202601.13.0",
)
_CLUSTER = plain_cluster(pools=(_POOL,), pod_cidrs=("10.244.0.0/16",), outbound_type="loadBalancer")


@pytest.fixture
def make_cluster() -> Callable[..., Cluster]:
    """A cluster that differs in the fields given; `pools`, `api_server` and `features` take changes as mappings."""

    def make(**changes: Any) -> Cluster:
        if "pools" in changes:
            changes["pools"] = tuple(replace(_POOL, **pool) for pool in changes["pools"])
        if "api_server" in changes:
            changes["api_server"] = replace(_CLUSTER.api_server, **changes["api_server"])
        if "features" in changes:
            changes["features"] = replace(FEATURES_OFF, **changes["features"])
        return replace(_CLUSTER, **changes)

    return make


@pytest.fixture
def make_network() -> Callable[..., VirtualNetwork]:
    """A virtual network with a node subnet, DNS servers, and further subnets by name to prefixes and delegation."""

    def make(
        dns_servers: tuple[str, ...] = (),
        *,
        network: str = NETWORK,
        subnets: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] | None = None,
        **changes: Any,
    ) -> VirtualNetwork:
        parts = {"nodes": (("10.1.0.0/24",), ()), **(subnets or {})}
        found = VirtualNetwork(
            id=ResourceId(network),
            flaws=(),
            location="westeurope",
            prefixes=("10.1.0.0/16",),
            dns_servers=dns_servers,
            subnets=tuple(_subnet(f"{network}/subnets/{name}", *part) for name, part in parts.items()),
            peerings=(),
            public_nat_gateway=False,
        )
        return replace(found, **changes)

    return make


def _subnet(text: str, prefixes: tuple[str, ...], delegations: tuple[str, ...]) -> Subnet:
    return Subnet(
        id=ResourceId(text),
        flaws=(),
        prefixes=prefixes,
        security_group=None,
        route_table=None,
        nat_gateway=None,
        service_endpoints=(),
        default_outbound=None,
        delegations=delegations,
        private_endpoint_policies="disabled",
        service_gateway=False,
    )


@pytest.fixture
def make_nic() -> Callable[..., Nic]:
    """A network interface of a node in the cluster's node resource group."""

    def make(name: str = "nic-0", *, subnets: tuple[str, ...] = (), **changes: Any) -> Nic:
        identity = f"{GROUP}/providers/Microsoft.Network/networkInterfaces/{name}"
        return interface(identity, **{"subnets": tuple(ResourceId(one) for one in subnets)} | changes)

    return make


@pytest.fixture
def make_estate() -> Callable[..., Estate]:
    """An estate of networks and interfaces in a snapshot of some cloud, documents and manifest rows."""

    def make(
        *networks: VirtualNetwork,
        nics: tuple[Nic, ...] = (),
        cloud: str = "public",
        documents: tuple[tuple[str, dict[str, Any]], ...] = (),
        reads: tuple[Read, ...] = (),
    ) -> Estate:
        found = [
            Document(id=ResourceId(text), kind="", body=body, places=("resources.jsonl:7",), conflicts={})
            for text, body in documents
        ]
        snapshot = Snapshot(
            documents={one.id.key: one for one in found},
            reads=reads,
            has_manifest=bool(reads),
            cloud=cloud,
            collected=None,
            sources=("snapshot",),
        )
        return Estate(
            snapshot=snapshot,
            networks={one.id: one for one in networks},
            nics={one.id: one for one in nics},
        )

    return make
