"""A cluster, a pool and a firewall that say nothing special: a test changes what it is about."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from auditor.model.cluster import AgentPool, ApiServer, Cluster, Features
from auditor.model.firewall import Firewall
from auditor.model.resource_id import ResourceId

_SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-00000000000a"
_NETWORK = f"{_SUBSCRIPTION}/resourceGroups/rg-net/providers/Microsoft.Network"

FEATURES_OFF = Features(**{one.name: False for one in fields(Features)})

_POOL = AgentPool(
    name="sys",
    subnet=ResourceId(f"{_NETWORK}/virtualNetworks/spoke/subnets/nodes"),
    pod_subnet=None,
    kind="virtualmachinescalesets",
    mode="system",
    count=3,
    os_type="linux",
    os_sku=None,
    vm_size=None,
    gpu_driver=None,
    node_image_version=None,
    node_public_ip=False,
)
_CLUSTER = Cluster(
    id=ResourceId(
        f"{_SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/shop"
    ),
    name="shop",
    location="westeurope",
    flaws=(),
    stopped=False,
    node_resource_group="MC_rg_shop_westeurope",
    fqdn="shop-a1b2c3.hcp.westeurope.azmk8s.io",
    private_fqdn=None,
    pools=(),
    network_plugin="azure",
    network_plugin_mode="overlay",
    pod_cidrs=(),
    outbound_type="userDefinedRouting",
    effective_outbound_ips=(),
    backend_pool_node_ip=False,
    api_server=ApiServer(
        private=False, vnet_integration=False, subnet=None, authorized_ranges=(), private_dns_zone=None
    ),
    proxy=None,
    artifact_cache=False,
    bootstrap_registry=None,
    auto_provisioning=False,
    hosted_system_subnets=(),
    egress_gateway=False,
    aci_subnet=None,
    features=FEATURES_OFF,
    dependencies=None,
    extensions=(),
)
_FIREWALL = Firewall(
    id=ResourceId(f"{_NETWORK}/azureFirewalls/fw"),
    flaws=(),
    tier="standard",
    hub=None,
    private_addresses=("10.9.0.4",),
    public_addresses=(),
    public_ip_ids=(),
    subnet=None,
    management=False,
    policy=None,
    classic=(),
    threat_intel="alert",
    classic_private_ranges=None,
    classic_dns_proxy=None,
)


def plain_pool(**changes: Any) -> AgentPool:
    """Pool `sys`: three Linux nodes in subnet `nodes`."""
    return replace(_POOL, **changes)


def plain_cluster(**changes: Any) -> Cluster:
    """Public cluster `shop` without pools, behind routes of its own, with no feature turned on."""
    return replace(_CLUSTER, **changes)


def plain_firewall(**changes: Any) -> Firewall:
    """A standard firewall at 10.9.0.4 that has neither a policy nor rules."""
    return replace(_FIREWALL, **changes)
