"""What clients and API servers see of a cluster: inbound rules, pooled addresses, and the public IPs of ways out."""

from __future__ import annotations

from collections.abc import Callable

from auditor.model.estate import Estate
from auditor.model.outbound import InboundRule, PooledAddress
from auditor.model.resource_id import ResourceId

Estates = Callable[..., Estate]
BASE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/loadBalancers/kubernetes"


def test_rules_with_a_public_frontend_let_clients_in(estate_of: Estates) -> None:
    """With or without implicit translation; rules of a private frontend let nobody in from the Internet (UDR-51)."""
    rule = {"backendAddressPool": {"id": "/pool/one"}, "backendAddressPools": [{"id": "/pool/two"}]}
    body = {
        "frontendIPConfigurations": [
            {"name": "public", "properties": {"publicIPAddress": {"id": "/pip"}}},
            {"name": "prefix", "properties": {"publicIPPrefix": {"id": "/prefix"}}},
            {"name": "private", "properties": {"privateIPAddress": "10.0.0.7"}},
        ],
        "loadBalancingRules": [
            {
                "name": name,
                "protocol": "Tcp",
                "frontendPort": 443 if name == "public" else "443",
                "frontendIPConfiguration": {"id": f"{BASE}/frontendIPConfigurations/{name}"},
                **rule,
            }
            for name in ("public", "prefix", "private")
        ],
    }
    (found,) = estate_of(("loadBalancers/kubernetes", body)).load_balancers.values()
    pools = (ResourceId("/pool/one"), ResourceId("/pool/two"))
    assert found.inbound == (
        InboundRule(
            name="public",
            frontend="public",
            address=ResourceId("/pip"),
            pools=pools,
            protocol="tcp",
            port=443,
        ),
        InboundRule(
            name="prefix",
            frontend="prefix",
            address=None,
            prefix=ResourceId("/prefix"),
            pools=pools,
            protocol="tcp",
        ),
    )


def test_pools_may_hold_addresses(estate_of: Estates) -> None:
    """The member, its subnet or the pool says in which network they lie (UDR-49)."""

    def member(address: str, **more: object) -> dict[str, object]:
        return {"name": address, "properties": {"ipAddress": address, **more}}

    body = {
        "backendAddressPools": [
            {
                "name": "nodes",
                "properties": {
                    "virtualNetwork": {"id": "/v/pool"},
                    "loadBalancerBackendAddresses": [
                        member("10.0.0.4"),
                        member("10.0.0.5", virtualNetwork={"id": "/v/own"}),
                        member("10.0.0.6", subnet={"id": f"{BASE}/subnets/s"}),
                        {"name": "by interface", "properties": {}},
                    ],
                },
            }
        ]
    }
    (found,) = estate_of(("loadBalancers/kubernetes", body)).load_balancers.values()
    pool = ResourceId(f"{BASE}/backendAddressPools/nodes")
    assert found.pooled == (
        PooledAddress(pool=pool, address="10.0.0.4", network=ResourceId("/v/pool")),
        PooledAddress(pool=pool, address="10.0.0.5", network=ResourceId("/v/own")),
        PooledAddress(pool=pool, address="10.0.0.6", network=ResourceId(BASE)),
    )


def test_a_nat_gateway_names_its_ipv4_addresses(estate_of: Estates) -> None:
    """Those of IPv6 give no IPv4 traffic its source address (UDR-38)."""
    body = {
        "publicIpAddresses": [{"id": "/a"}],
        "publicIpPrefixes": [{"id": "/b"}],
        "publicIpAddressesV6": [{"id": "/c"}],
    }
    (found,) = estate_of(("natGateways/n", body)).nat_gateways.values()
    assert found.address_ids == (ResourceId("/a"), ResourceId("/b"))


def test_authorized_ranges_may_be_a_service_tag(estate_of: Estates) -> None:
    """A tag is no malformed address, which would count against the cluster (AKS-26)."""
    path = "Microsoft.ContainerService/managedClusters/shop"
    body = {
        "apiServerAccessProfile": {"authorizedIPRanges": ["20.0.0.0/24", "AzureDevOps"]},
        "agentPoolProfiles": [{"name": "p", "enableNodePublicIP": True, "nodePublicIPPrefixID": "/prefix"}],
    }
    (found,) = estate_of((f"/subscriptions/s/resourceGroups/g/providers/{path}", body)).clusters
    assert found.api_server.authorized_ranges == ("20.0.0.0/24", "AzureDevOps")
    assert found.pools[0].node_public_ip_prefix == ResourceId("/prefix")
    assert found.flaws == ()


def test_a_translation_names_its_target(estate_of: Estates) -> None:
    """An address, or a name (FW-17)."""
    rule = {"sourceAddresses": ["*"], "protocols": ["TCP"], "destinationPorts": ["80"]}
    body = {
        "natRuleCollections": [
            {
                "name": "in",
                "properties": {
                    "priority": 100,
                    "action": {"type": "Dnat"},
                    "rules": [
                        {"name": "a", "translatedAddress": "20.1.1.1", **rule},
                        {"name": "b", "translatedFqdn": "svc.example.com", **rule},
                    ],
                },
            }
        ]
    }
    (found,) = estate_of(("azureFirewalls/fw", body)).firewalls.values()
    targets = [getattr(item, "translated", None) for item in found.classic[0].rules]
    assert targets == ["20.1.1.1", "svc.example.com"]
