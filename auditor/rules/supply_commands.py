"""Command lines that read what an answer lacks; their output is a document for a snapshot folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from auditor.model.cluster import Cluster
from auditor.model.resource_id import ResourceId
from auditor.rules.az_command import az
from auditor.rules.wording import distinct

_UNREAD = frozenset({"unreadable-resource", "snapshot-inconsistent", "not-succeeded", "nat-unverified"})
_NODES = frozenset({"nic-nsg-unread", "asg-members-unknown", "pool-coverage", "default-outbound-unverified"})
_NEXT_HOPS = frozenset({"nva-opaque", "next-hop-dangling"})
_NETWORK = "microsoft.network/virtualnetworks"
_HUB = "microsoft.network/virtualhubs"
_POLICY = "microsoft.network/firewallpolicies"
_ADMIN_RULES = "listNetworkManagerEffectiveSecurityAdminRules?api-version=2024-05-01"


def supply_commands(
    code: str, cluster: Cluster, resources: Iterable[ResourceId], network: ResourceId | None
) -> tuple[str, ...]:
    """The commands for one reason code; `resources` are those that carry it, `network` the one asked from."""
    return distinct(_commands(code, cluster, resources, network))


def _commands(
    code: str, cluster: Cluster, resources: Iterable[ResourceId], network: ResourceId | None
) -> Iterator[str]:
    if code == "tag-snapshot-missing":
        yield from az("network list-service-tags", location=cluster.location)
    elif code in _UNREAD:
        for resource in resources:
            yield from _show(resource)
    elif code == "hub-routing-opaque":
        for resource in resources:
            yield from _show(resource) if resource.kind == _HUB else ()
    elif code in _NEXT_HOPS:
        for resource in resources:
            yield from _network_of(resource) if resource.kind == _NETWORK else ()
    elif code in _NODES and cluster.node_resource_group is not None:
        place = {"subscription": cluster.id.subscription, "resource_group": cluster.node_resource_group}
        yield from az("vmss list", **place)
        yield from az("network nic list", **place)
        if code == "default-outbound-unverified":
            yield from az("network lb list", **place)
    elif code == "admin-rules-not-read":
        # Those of the source, or of a network that traffic gets to.
        asked = [resource for resource in resources if resource.kind == _NETWORK]
        for one in asked or ([network] if network is not None else []):
            yield from az("rest", method="post", url=f"{one.text}/{_ADMIN_RULES}", body="{}")


def _network_of(network: ResourceId) -> Iterator[str]:
    """Where a next hop lies in another network, often the hub's: that network and what may hold the address."""
    for kind in ("vnet", "firewall", "firewall policy", "nic"):
        yield from az(f"network {kind} list", subscription=network.subscription)


def _show(resource: ResourceId) -> Iterator[str]:
    """A resource with the children that its document does not hold."""
    yield from az("resource show", ids=resource.text)
    if resource.kind == _POLICY:
        yield from az(
            "network firewall policy rule-collection-group list", resource, policy_name=resource.name
        )
    if resource.kind == _HUB:
        yield from az("network vhub connection list", resource, vhub_name=resource.name)
        yield from az("network vhub route-table list", resource, vhub_name=resource.name)
        yield from az("network vhub routing-intent list", resource, vhub=resource.name)
