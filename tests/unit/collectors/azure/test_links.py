"""What documents name: every reference that a verdict may need, and no error for anything that may be there."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.collectors.azure.addressed import Addresses
from auditor.collectors.azure.cluster_links import cluster_links, pool_links
from auditor.collectors.azure.kinds import KINDS, WRITTEN
from auditor.collectors.azure.links import (
    connected_network,
    has_instance_addresses,
    links_of,
    names_groups,
    network_links,
)
from auditor.collectors.azure.references import SINGLE, References
from auditor.model.essential import COLLECTION, ESSENTIAL
from auditor.model.resource_id import ResourceId
from auditor.resources import examples

SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000001"
GROUP = f"{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Network"


def test_a_peering_of_virtual_wan_is_told_from_others() -> None:
    """The network that Virtual WAN keeps for itself is nobody's to read; any other peer is."""
    peerings = [
        {"name": name, "properties": {"remoteVirtualNetwork": {"id": f"{GROUP}/virtualNetworks/{name}"}}}
        for name in ("RemoteVnetToHubPeering_1", "to-hub")
    ]
    net = network_links(
        {"properties": {"virtualNetworkPeerings": peerings}}, ResourceId(f"{GROUP}/virtualNetworks/v")
    )
    assert [(peer.remote.name, peer.hub) for peer in net.peers] == [
        ("RemoteVnetToHubPeering_1", True),
        ("to-hub", False),
    ]


def test_devices_of_a_subnet() -> None:
    """Who has an address in a subnet is known by the resource that the configuration belongs to, instances included."""
    scale_set = f"{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Compute/virtualMachineScaleSets/s"
    configurations = [
        f"{GROUP}/azureFirewalls/fw/azureFirewallIpConfigurations/one",
        f"{GROUP}/loadBalancers/lb/frontendIPConfigurations/one",
        f"{scale_set}/virtualMachines/0/networkInterfaces/nic/ipConfigurations/one",
        f"{scale_set}/virtualMachines/1/networkInterfaces/nic/ipConfigurations/one",
    ]
    subnet = {"name": "a", "properties": {"ipConfigurations": [{"id": item} for item in configurations]}}
    net = network_links({"properties": {"subnets": [subnet]}}, ResourceId(f"{GROUP}/virtualNetworks/v"))
    assert [item.name for item in net.places[0].devices] == ["fw", "lb", "s"]


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("http://10.0.0.4:3128/", ("10.0.0.4",)),
        ("10.0.0.4:3128", ("10.0.0.4",)),
        ("http://[fd00::4]:3128", ("fd00::4",)),
        ("http://proxy.example:3128", ()),
        ("http://[", ()),
    ],
)
def test_address_of_a_proxy(url: str, found: tuple[str, ...]) -> None:
    """Where a proxy stands is an address that traffic goes to; a name is none."""
    body = {"properties": {"httpProxyConfig": {"httpsProxy": url}}}
    assert cluster_links(body, ResourceId(f"{GROUP}/x/c")).addresses == found


def test_every_reference_of_the_examples_is_followed() -> None:
    """Whatever a document of an example names, of a kind that verdicts rest on, is among its links."""
    followed = {
        "microsoft.network/" + kind
        for kind in ("azurefirewalls", "firewallpolicies", "natgateways", "loadbalancers")
    }
    for name in ("broken", "locked-down", "open", "virtual-wan"):
        for line in (examples() / name / "resources.jsonl").read_text("utf-8").splitlines():
            body = json.loads(line)
            kind = ResourceId(body["id"]).kind
            if kind in followed:
                named = {key for key in _ids(body["properties"]) if _is_end(kind, key)}
                links = links_of(kind, body)
                assert named <= {item.key for item in links.refs}


def _ids(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set().union(*map(_ids, value.values())) | ({value["id"].lower()} if "id" in value else set())
    if isinstance(value, list):
        return set().union(*map(_ids, value))
    return set()


def _is_end(kind: str, key: str) -> bool:
    """Whether a reference points on, rather than back at who uses the document or at a part of it."""
    wanted = {
        "microsoft.network/azurefirewalls": ("firewallpolicies", "publicipaddresses", "virtualhubs"),
        "microsoft.network/natgateways": ("publicipaddresses", "publicipprefixes"),
        "microsoft.network/loadbalancers": ("publicipaddresses", "publicipprefixes"),
        "microsoft.network/firewallpolicies": (),
    }[kind]
    return any(ResourceId(key).kind == f"microsoft.network/{end}" for end in wanted)


NAMES = st.sampled_from(
    [
        "id",
        "name",
        "location",
        "properties",
        "agentPoolProfiles",
        "vnetSubnetID",
        "networkProfile",
        "loadBalancerProfile",
        "effectiveOutboundIPs",
        "apiServerAccessProfile",
        "subnetId",
        "httpProxyConfig",
        "httpProxy",
        "subnets",
        "virtualNetworkPeerings",
        "remoteVirtualNetwork",
        "remoteAddressSpace",
        "addressPrefixes",
        "addressPrefix",
        "dhcpOptions",
        "dnsServers",
        "ipConfigurations",
        "networkSecurityGroup",
        "routes",
        "nextHopIpAddress",
        "nextHop",
        "nextHopIpAddresses",
        "ruleCollections",
        "rules",
        "sourceIpGroups",
        "securityRules",
        "nodeResourceGroup",
        "frontendIPConfigurations",
        "publicIPAddress",
        "firewallPolicy",
        "basePolicy",
        "virtualMachineProfile",
        "networkInterfaceConfigurations",
    ]
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.sampled_from(
        [
            "",
            "/",
            f"{GROUP}/virtualNetworks/v/subnets/s",
            "10.0.0.4",
            "system",
            "\x1b[31m",
            "/subscriptions/../x",
        ]
    ),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=25,
)


@given(st.dictionaries(NAMES, VALUES, max_size=6))
def test_nothing_that_a_document_holds_is_an_error(body: dict[str, Any]) -> None:
    """Odd documents name less; they never end the collection, and only ARM ids are followed."""
    reference = ResourceId(f"{GROUP}/virtualNetworks/v")
    cluster = cluster_links(body, reference)
    net = network_links(body, reference)
    found = [*cluster.subnets, *cluster.others, *pool_links(body).refs]
    found += [item for place in net.places for item in (*place.attached, *place.devices)]
    for kind in WRITTEN:
        found += links_of(kind, body).refs
    addresses = Addresses()
    addresses.add((*cluster.addresses, *net.dns))
    assert all(isinstance(item, ResourceId) for item in found)
    connected_network(body)
    names_groups(body)
    has_instance_addresses(body)
    for peer in net.peers:
        addresses.reach(peer.prefixes)


class Nothing:
    """A snapshot in which nothing was read."""

    def row(self, scope: str, kind: str) -> None:
        """Nothing ended."""

    def documents_of(self, scope: str, kind: str) -> Any:
        """No read gave anything."""
        del scope, kind
        return iter(())

    def document(self, reference: str) -> None:
        """There is none."""


@pytest.mark.parametrize(
    "text",
    [
        f"{GROUP}/networkSecurityGroups/a?x=1",
        f"{GROUP}/networkSecurityGroups/a b",
        f"{GROUP}/networkSecurityGroups/%2e%2e",
        f"{SUBSCRIPTION}/../../providers/Microsoft.Network/networkSecurityGroups/a",
        f"{GROUP}/networkSecurityGroups/a\x1b[31m",
        f"{GROUP}/somethingElse/a",
        "none",
    ],
)
def test_an_id_that_is_no_path_is_not_followed(text: str) -> None:
    """What a document says is put into a path only if it is one, and names a kind that verdicts rest on."""
    references = References(Nothing())
    references.follow([ResourceId(text)], "somebody")
    references.follow([ResourceId(f"{GROUP}/networkSecurityGroups/good")], "somebody")
    references.walk(lambda *_: None, lambda *_: None)
    assert [read.scope.rpartition("/")[2] for read in references.take_plans()] == ["good"]


def test_every_essential_kind_is_read() -> None:
    """What makes an audit incomplete is read: by itself, or as a part of its parent."""
    inline = {"microsoft.network/virtualnetworks/virtualnetworkpeerings"}
    assert ESSENTIAL - set(WRITTEN) == inline | {COLLECTION}
    assert set(SINGLE) <= set(WRITTEN)
    assert len({kind.type.lower() for kind in KINDS}) == len(KINDS)


def test_addresses_against_a_slow_look_up() -> None:
    """Prefixes are compared as numbers, at their first and their last address too."""
    addresses = Addresses()
    addresses.add(["10.0.1.0", "10.0.2.255", "fd00::1"])
    cases = {
        "10.0.1.0/32": True, "10.0.0.0/24": False, "10.0.2.0/24": True, "10.0.3.0/24": False, "10.0.0.0/16": True,
        "fd00::/64": True, "fd01::/64": False, "10.0.1.7/24": True, "x": False, "": False,
    }  # fmt: skip
    assert {prefix: addresses.reach([prefix]) for prefix in cases} == cases
