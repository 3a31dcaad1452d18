"""Random damage to valid documents: reading ends in InputError or not at all, and the Estate is always built."""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.collectors.folder import read_snapshot
from auditor.errors import InputError
from auditor.model.build import build_estate
from auditor.model.estate import Estate

NET = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network"
AKS = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c"
SET = "/subscriptions/s/resourceGroups/m/providers/Microsoft.Compute/virtualMachineScaleSets/aks-p-1-vmss"
RULE = {
    "priority": 100,
    "direction": "Outbound",
    "access": "Allow",
    "protocol": "Tcp",
    "sourceAddressPrefix": "*",
    "sourcePortRange": "*",
    "destinationAddressPrefixes": ["10.0.0.0/8"],
    "destinationPortRange": "443",
}
ADMIN_RULE = {**RULE, "sources": [{"addressPrefix": "*"}], "destinations": [{"addressPrefix": "Storage"}]}
POLICY_RULES = [
    {
        "ruleType": "NetworkRule",
        "name": "n",
        "ipProtocols": ["TCP"],
        "sourceAddresses": ["*"],
        "destinationAddresses": ["AzureCloud"],
        "destinationPorts": ["443"],
    },
    {
        "ruleType": "ApplicationRule",
        "name": "a",
        "protocols": [{"protocolType": "Https", "port": 443}],
        "targetFqdns": ["mcr.microsoft.com"],
        "sourceIpGroups": [f"{NET}/ipGroups/i"],
    },
    {"ruleType": "NatRule", "name": "d", "ipProtocols": ["TCP"], "destinationPorts": ["80"]},
]
CONFIGURATION = {
    "name": "c",
    "properties": {
        "privateIPAddress": "10.0.0.4",
        "subnet": {"id": f"{NET}/virtualNetworks/v/subnets/s"},
        "publicIPAddress": {"id": f"{NET}/publicIPAddresses/p"},
    },
}
DOCUMENTS: list[tuple[str, dict[str, Any]]] = [
    (
        AKS,
        {
            "nodeResourceGroup": "m",
            "powerState": {"code": "Running"},
            "agentPoolProfiles": [
                {"name": "p", "vnetSubnetID": f"{NET}/virtualNetworks/v/subnets/s", "count": 1}
            ],
            "networkProfile": {
                "podCidrs": ["10.244.0.0/16"],
                "loadBalancerProfile": {"effectiveOutboundIPs": []},
            },
            "httpProxyConfig": {"httpProxy": "http://p", "noProxy": ["x"]},
            "addonProfiles": {"azurepolicy": {"enabled": True, "config": {"a": "b"}}},
        },
    ),
    (f"{AKS}/agentPools/p", {"vnetSubnetID": f"{NET}/virtualNetworks/v/subnets/s", "count": 1}),
    (
        f"{AKS}/outboundNetworkDependenciesEndpoints",
        {
            "value": [
                {"category": "c", "endpoints": [{"domainName": "x", "endpointDetails": [{"port": 443}]}]}
            ]
        },
    ),
    (
        f"{NET}/virtualNetworks/v",
        {
            "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
            "dhcpOptions": {"dnsServers": ["10.0.0.4"]},
            "subnets": [
                {
                    "name": "s",
                    "id": f"{NET}/virtualNetworks/v/subnets/s",
                    "properties": {"addressPrefix": "10.0.0.0/24"},
                }
            ],
            "virtualNetworkPeerings": [
                {
                    "name": "p",
                    "properties": {"remoteVirtualNetwork": {"id": "/r"}, "peeringState": "Connected"},
                }
            ],
        },
    ),
    (f"{NET}/virtualNetworks/v/subnets/s", {"addressPrefix": "10.0.0.0/24", "delegations": []}),
    (
        f"{NET}/virtualNetworks/v/listNetworkManagerEffectiveSecurityAdminRules",
        {"value": [{"id": "/a/b", "properties": ADMIN_RULE}]},
    ),
    (f"{NET}/networkSecurityGroups/n", {"securityRules": [{"name": "r", "properties": RULE}]}),
    (f"{NET}/networkSecurityGroups/n/securityRules/r", RULE),
    (
        f"{NET}/routeTables/t",
        {"routes": [{"name": "d", "properties": {"addressPrefix": "0.0.0.0/0", "nextHopType": "None"}}]},
    ),
    (
        f"{NET}/azureFirewalls/f",
        {
            "sku": {"tier": "Standard"},
            "ipConfigurations": [CONFIGURATION],
            "networkRuleCollections": [
                {
                    "name": "c",
                    "properties": {"priority": 1, "action": {"type": "Allow"}, "rules": POLICY_RULES[:1]},
                }
            ],
            "additionalProperties": {"Network.SNAT.PrivateRanges": "IANAPrivateRanges"},
        },
    ),
    (
        f"{NET}/firewallPolicies/p",
        {
            "ruleCollectionGroups": [{"id": f"{NET}/firewallPolicies/p/ruleCollectionGroups/g"}],
            "snat": {"privateRanges": ["x"]},
        },
    ),
    (
        f"{NET}/firewallPolicies/p/ruleCollectionGroups/g",
        {
            "priority": 1,
            "ruleCollections": [
                {"name": "c", "priority": 1, "action": {"type": "Allow"}, "rules": POLICY_RULES}
            ],
        },
    ),
    (f"{NET}/ipGroups/i", {"ipAddresses": ["10.0.0.0/8"]}),
    (
        f"{NET}/loadBalancers/l",
        {
            "frontendIPConfigurations": [CONFIGURATION],
            "backendAddressPools": [{"name": "b"}],
            "outboundRules": [
                {
                    "name": "o",
                    "frontendIPConfigurations": [{"id": f"{NET}/loadBalancers/l/frontendIPConfigurations/c"}],
                    "backendAddressPool": {"id": f"{NET}/loadBalancers/l/backendAddressPools/b"},
                }
            ],
            "loadBalancingRules": [{"name": "r"}],
        },
    ),
    (f"{NET}/natGateways/g", {"publicIpAddresses": [{"id": f"{NET}/publicIPAddresses/p"}]}),
    (f"{NET}/publicIPAddresses/p", {"ipAddress": "20.0.0.1"}),
    (f"{SET}/virtualMachines/0/networkInterfaces/n", {"ipConfigurations": [CONFIGURATION]}),
    (
        SET,
        {
            "virtualMachineProfile": {
                "networkProfile": {
                    "networkInterfaceConfigurations": [
                        {"name": "n", "properties": {"ipConfigurations": [CONFIGURATION]}}
                    ]
                }
            }
        },
    ),
    (f"{NET}/virtualWans/w", {"virtualHubs": [{"id": f"{NET}/virtualHubs/h"}]}),
    (f"{NET}/virtualHubs/h", {"addressPrefix": "10.1.0.0/24", "virtualWan": {"id": f"{NET}/virtualWans/w"}}),
    (
        f"{NET}/virtualHubs/h/hubVirtualNetworkConnections/c",
        {"remoteVirtualNetwork": {"id": f"{NET}/virtualNetworks/v"}},
    ),
    (
        f"{NET}/virtualHubs/h/hubRouteTables/t",
        {"routes": [{"name": "r", "destinations": ["0.0.0.0/0"], "nextHop": "/f"}]},
    ),
    (
        f"{NET}/virtualHubs/h/routingIntent/i",
        {"routingPolicies": [{"name": "i", "destinations": ["Internet"], "nextHop": "/f"}]},
    ),
    (f"{NET}/virtualNetworkGateways/g", {"ipConfigurations": [CONFIGURATION]}),
    (
        f"{NET}/privateEndpoints/e",
        {
            "privateLinkServiceConnections": [{"name": "x"}],
            "customDnsConfigs": [{"fqdn": "x", "ipAddresses": ["10.0.0.9"]}],
        },
    ),
    (f"{NET}/privateDnsZones/z/A/r", {"aRecords": [{"ipv4Address": "10.0.0.9"}]}),
    (
        f"{NET}/privateDnsZones/z/virtualNetworkLinks/l",
        {"virtualNetwork": {"id": f"{NET}/virtualNetworks/v"}},
    ),
]
TAGS = {"changeNumber": 1, "values": [{"name": "Storage", "properties": {"addressPrefixes": ["20.0.0.0/8"]}}]}
MANIFEST = {
    "format": 1,
    "cloud": "public",
    "reads": [{"scope": "/subscriptions/s", "kind": "x", "status": "complete"}],
}

_JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(min_value=-(10**30), max_value=10**30),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(
        [
            "",
            " ",
            "/",
            "//",
            "/providers/",
            "*",
            "0.0.0.0/0",
            "::/0",
            "10.0.0.0/99",
            "%",
            "\x00",
            "\n",
            "a" * 300,
        ]
    ),
    st.text(max_size=5),
    st.just([]),
    st.just({}),
    st.just([None]),
    st.just([[{}]]),
    st.just({"id": None}),
    st.just({"properties": []}),
    st.just({"name": {}, "properties": {"properties": {}}}),
)


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every (holder, key) of a JSON value."""
    found: list[tuple[Any, Any]] = []
    todo = [value]
    while todo:
        holder = todo.pop()
        pairs = holder.items() if isinstance(holder, dict) else enumerate(holder)
        for key, item in pairs:
            found.append((holder, key))
            if isinstance(item, (dict, list)):
                todo.append(item)
    return found


def _flatten(body: dict[str, Any]) -> dict[str, Any]:
    return {"id": body["id"], "name": "x", **body["properties"]}


@st.composite
def _damaged(draw: st.DrawFn) -> list[Any]:
    """The estate above, some documents flattened or doubled, with a few values replaced, removed or renamed."""
    bodies: list[Any] = [{"id": text, "properties": copy.deepcopy(body)} for text, body in DOCUMENTS]
    for index in draw(st.lists(st.integers(0, len(bodies) - 1), max_size=3, unique=True)):
        bodies.append(copy.deepcopy(bodies[index]))
        bodies[index] = _flatten(bodies[index])
    bodies.append(copy.deepcopy(TAGS))
    for _ in range(draw(st.integers(1, 8))):
        places = _places(bodies)
        holder, key = places[draw(st.integers(0, len(places) - 1))]
        action = draw(st.sampled_from(["replace", "replace", "delete", "case", "double"]))
        if action == "replace":
            holder[key] = copy.deepcopy(draw(_JUNK))
        elif action == "delete":
            del holder[key]
        elif action == "case" and isinstance(key, str):
            holder[key.swapcase()] = copy.deepcopy(draw(_JUNK))
        elif action == "double" and isinstance(holder, list):
            holder.append(copy.deepcopy(holder[key]))
    return bodies


def _touch_everything(estate: Estate) -> None:
    """The joins that other layers rely on."""
    assert estate.network_space is not None
    assert estate.held_public is not None
    assert estate.holders is not None
    for cluster in estate.clusters:
        estate.nics_of(cluster)
    for network in estate.networks.values():
        estate.hub_connections(network.id)
        for peering in network.peerings:
            estate.peering_back(peering, network.id)
    for subnet in estate.subnets.values():
        estate.network(subnet.network)


@given(bodies=_damaged())
@settings(max_examples=150, deadline=None, database=None, suppress_health_check=list(HealthCheck))
def test_damaged_documents_never_raise(bodies: list[Any], tmp_path_factory: Any) -> None:
    """Values of any type anywhere: flaws, gaps and skipped input, but no exception."""
    path = Path(tmp_path_factory.getbasetemp()) / "damaged.jsonl"
    path.write_text("".join(json.dumps(body) + "\n" for body in bodies), "utf-8")
    try:
        snapshot = read_snapshot([path])
    except InputError:
        return
    _touch_everything(build_estate(snapshot))


@given(data=st.data())
@settings(max_examples=150, deadline=None, database=None, suppress_health_check=list(HealthCheck))
def test_damaged_texts_never_raise_anything_but_input_error(
    data: st.DataObject, tmp_path_factory: Any
) -> None:
    """Bytes cut out of, or put into, a snapshot and its manifest."""
    folder = Path(tmp_path_factory.getbasetemp()) / "texts"
    folder.mkdir(exist_ok=True)
    for name, value in (
        ("a.json", [{"id": text, "properties": body} for text, body in DOCUMENTS[:4]]),
        ("manifest.json", MANIFEST),
    ):
        text = json.dumps(value).encode()
        start = data.draw(st.integers(0, len(text)))
        length = data.draw(st.integers(0, 20))
        junk = data.draw(
            st.one_of(st.binary(max_size=6), st.sampled_from([b"NaN", b"[[[[", b'"', b"}", b"\xff\xfe", b""]))
        )
        (folder / name).write_bytes(text[:start] + junk + text[start + length :])
    with suppress(InputError):
        _touch_everything(build_estate(read_snapshot([folder])))


def test_the_undamaged_estate_has_no_flaw(tmp_path: Path) -> None:
    """What the damage starts from is sound, so that it reaches every parser."""
    path = tmp_path / "sound.jsonl"
    path.write_text(
        "".join(json.dumps({"id": text, "properties": body}) + "\n" for text, body in DOCUMENTS), "utf-8"
    )
    estate = build_estate(read_snapshot([path]))
    _touch_everything(estate)
    tables = [value for value in vars(estate).values() if isinstance(value, dict)]
    assert all(
        vars(estate)[name] for name in ("networks", "groups", "hubs", "scale_sets", "ip_groups", "nics")
    )
    records = [*estate.clusters, *(record for table in tables for record in table.values())]
    assert {flaw.detail.split(":")[0] for record in records for flaw in getattr(record, "flaws", ())} == set()
