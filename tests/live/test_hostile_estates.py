"""Estates in which needed traffic does not get out, and the very document that stops it is not read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from auditor.collectors.azure import kinds
from tests.arm.estate import Estate
from tests.arm.fixtures import estate_of, quick, served, signed_in
from tests.arm.server import ArmServer
from tests.live.estates import ORDERS, PAYMENTS, two_clusters
from tests.live.troubles import TROUBLES, WAN_KINDS, disturbed, run

OPEN = "51d8a3f4-7c26-4e0b-b91f-0d6a84e7c235"


def _open() -> Estate:
    """The cluster `aks-web`, behind a load balancer."""
    return estate_of("open")


def _behind_nat() -> Estate:
    """The same behind a NAT gateway."""
    estate = estate_of("open")
    (cluster,) = estate.documents("microsoft.containerservice/managedclusters")
    (network,) = estate.documents("microsoft.network/virtualnetworks")
    address = next(iter(estate.documents("microsoft.network/publicipaddresses")))
    cluster["properties"]["networkProfile"]["outboundType"] = "userAssignedNATGateway"
    gateway = {
        "id": f"{network['id'].partition('/virtualNetworks/')[0]}/natGateways/ng",
        "name": "ng",
        "type": "Microsoft.Network/natGateways",
        "location": "westeurope",
        "sku": {"name": "Standard"},
        "properties": {"provisioningState": "Succeeded", "publicIpAddresses": [{"id": address["id"]}]},
    }
    for subnet in network["properties"]["subnets"]:
        subnet["properties"]["natGateway"] = {"id": gateway["id"]}
    estate.put(gateway)
    return estate


_DENY: dict[str, Any] = {
    "name": "deny-all",
    "properties": {
        "access": "Deny",
        "direction": "Outbound",
        "priority": 100,
        "protocol": "*",
        "sourceAddressPrefix": "*",
        "sourcePortRange": "*",
        "destinationAddressPrefix": "*",
        "destinationPortRange": "*",
        "provisioningState": "Succeeded",
    },
}
_ADMIN_DENY: dict[str, Any] = {
    "id": "/subscriptions/x/rule",
    "kind": "Custom",
    "properties": {
        "access": "Deny",
        "direction": "Outbound",
        "priority": 2,
        "protocol": "Any",
        "sources": [{"addressPrefixType": "IPPrefix", "addressPrefix": "*"}],
        "destinations": [{"addressPrefixType": "IPPrefix", "addressPrefix": "*"}],
        "sourcePortRanges": ["0-65535"],
        "destinationPortRanges": ["0-65535"],
        "provisioningState": "Succeeded",
    },
}
Hostile = Callable[[dict[str, Any]], object]
HOSTILE: dict[str, Hostile] = {
    kinds.SECURITY_GROUPS: lambda body: body["securityRules"].append(_DENY),
    kinds.ROUTE_TABLES: lambda body: [
        route["properties"].update(nextHopType="None", nextHopIpAddress=None) for route in body["routes"]
    ],
    kinds.NETWORKS: lambda body: [
        subnet["properties"].update(routeTable=None, defaultOutboundAccess=False)
        for subnet in body["subnets"]
    ],
    kinds.FIREWALLS: lambda body: body.update(firewallPolicy=None),
    kinds.RULE_GROUPS: lambda body: body.update(ruleCollections=[]),
    kinds.IP_GROUPS: lambda body: body.update(ipAddresses=["192.0.2.1"]),
    kinds.ADMIN_RULES: lambda body: body["value"].insert(0, _ADMIN_DENY),
    kinds.NAT_GATEWAYS: lambda body: body.update(publicIpAddresses=[]),
    kinds.LOAD_BALANCERS: lambda body: body.update(
        backendAddressPools=[], outboundRules=[], loadBalancingRules=[]
    ),
    kinds.HUBS: lambda body: body.update(provisioningState="Failed"),
    kinds.HUB_CONNECTIONS: lambda body: body.update(enableInternetSecurity=False),
    kinds.ROUTING_INTENT: lambda body: body.update(routingPolicies=[]),
}
"""How the documents of a kind could be such that needed traffic does not get out, or that nobody can tell."""


_ESTATES: dict[str, Callable[[], Estate]] = {kinds.NAT_GATEWAYS: _behind_nat, kinds.LOAD_BALANCERS: _open}
"""Where another estate than the two clusters is the one that needs documents of a kind."""
_ASSUMED = {kinds.LOAD_BALANCERS: "default-outbound-unverified"}
"""Where a pass may stand on an assumption that says just this: the cluster's own word on its addresses (AKS-19)."""
_NAMES = ("403", "malformed document")
_CASES = [
    pytest.param(kind, name, id=f"{kind}-{name}", marks=[pytest.mark.deep] if (number + turn) % 2 else [])
    for number, kind in enumerate(HOSTILE)
    for turn, name in enumerate(_NAMES)
]
"""`make test` takes each kind with one of them, by turns."""


@pytest.fixture(scope="module")
def arm() -> Iterator[ArmServer]:
    with served(two_clusters()) as server:
        yield server


@pytest.mark.parametrize(("kind", "name"), _CASES)
def test_what_was_not_read_might_have_blocked(arm: ArmServer, kind: str, name: str) -> None:
    """No pass rests on a document that was not read, or not understood: read, it would have let nothing pass."""
    arm.reset()
    arm.estate = _ESTATES.get(kind, two_clusters)()
    subscriptions = (OPEN,) if kind in _ESTATES else (*PAYMENTS, *ORDERS)
    cluster = "aks-web" if kind in _ESTATES else "aks-orders" if kind in WAN_KINDS else "aks-payments"
    for document in arm.estate.documents(kind.lower()):
        HOSTILE[kind](document["properties"])
    truth = run(arm, signed_in(arm, quick(threads=4)), subscriptions).answers(cluster)
    stopped = [one for one, (verdict, _) in truth.items() if verdict != "allowed"]
    assert len(stopped) > 5, "the estate was not hostile"
    answers = disturbed(arm, kind, TROUBLES[name], subscriptions).answers(cluster)
    passed = [
        one
        for one in stopped
        if one in answers and answers[one][0] == "allowed" and _ASSUMED.get(kind) not in answers[one][1]
    ]
    assert passed == []
