"""What clusters and agent pools refer to, as far as a verdict may depend on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from auditor.collectors.azure.links import Links, fields_of, ids_in
from auditor.model.documents.fields import Fields
from auditor.model.documents.forms import canonical_address
from auditor.model.resource_id import ResourceId


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterLinks:
    """What one cluster names."""

    id: ResourceId
    location: str
    node_group: str | None
    """The id of the node resource group."""
    subnets: tuple[ResourceId, ...]
    others: tuple[ResourceId, ...]
    """Public addresses, prefixes, a private DNS zone."""
    addresses: tuple[str, ...]
    """Private addresses that its traffic goes to: a proxy."""
    balanced: bool
    """Whether a load balancer is its way out."""
    machines: bool
    """Whether nodes may be single machines rather than instances of a scale set (AKS-8)."""
    pools: bool
    """Whether it has a pool with nodes."""


def cluster_links(body: Mapping[str, Any], reference: ResourceId) -> ClusterLinks:
    """What a cluster names (AKS-1..AKS-28)."""
    root = fields_of(body)
    api = root.object("apiServerAccessProfile")
    hosted = root.object("hostedSystemProfile")
    pools = root.objects("agentPoolProfiles")
    subnets = [item.ref(name) for item in pools for name in ("vnetSubnetID", "podSubnetID")]
    subnets += [api.ref("subnetId"), hosted.ref("systemNodeSubnetID"), hosted.ref("nodeSubnetID")]
    network = root.object("networkProfile")
    others = [item.ref("nodePublicIPPrefixID") for item in pools]
    for name in ("loadBalancerProfile", "natGatewayProfile"):
        others += network.object(name).refs("effectiveOutboundIPs")
    zone = api.ref("privateDNSZone")
    return ClusterLinks(
        id=reference,
        location=root.lower("location").replace(" ", ""),
        node_group=node_group(body, reference),
        subnets=ids_in(subnets),
        others=ids_in([*others, zone]),
        addresses=tuple(_proxy_addresses(root.object("httpProxyConfig"))),
        balanced=network.lower("outboundType", "loadbalancer") == "loadbalancer",
        machines=root.object("nodeProvisioningProfile").lower("mode") == "auto"
        or any(item.lower("type") not in {"", "virtualmachinescalesets"} for item in pools),
        pools=any(item.integer("count") != 0 for item in pools),
    )


def node_group(body: Mapping[str, Any], reference: ResourceId) -> str | None:
    """The id of a cluster's node resource group, if the cluster names it."""
    group = fields_of(body).text("nodeResourceGroup")
    return f"/subscriptions/{reference.subscription}/resourceGroups/{group}" if group else None


def pool_links(body: Mapping[str, Any]) -> Links:
    """What an agent pool names that was read by itself."""
    root = fields_of(body)
    return Links(
        refs=list(ids_in([root.ref("nodePublicIPPrefixID")])),
        networks=list(ids_in([root.ref("vnetSubnetID"), root.ref("podSubnetID")])),
    )


def _proxy_addresses(config: Fields) -> Iterator[str]:
    for name in ("httpProxy", "httpsProxy"):
        text = config.text(name) or ""
        try:
            host = urlsplit(text if "//" in text else f"//{text}").hostname
        except ValueError:
            host = None
        found = canonical_address(host) if host else None
        if found is not None:
            yield found
