"""Random estates that differ in their ways out: the same seed gives the same estate."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.oracle.packet import Json
from tests.oracle.skeleton import (
    CLUSTER,
    NETWORK,
    POOLS,
    SOURCES,
    SPOKE,
    Estate,
    cluster,
    interface,
    networks,
    scale_set,
    tag_list,
)
from tests.oracle.ways_out_ends import STATES, Ends

ORDINARY, STORAGE = "20.40.0.3", "20.40.0.25"
"""Two public addresses: the second is Storage of the cluster's region."""

_RESTLESS = (
    "virtualNetworks",
    "virtualMachineScaleSets",
    "networkInterfaces",
    "loadBalancers",
    "managedClusters",
)
_HOPS: tuple[Json, ...] = (
    {"nextHopType": "Internet"},
    {"nextHopType": "None"},
    {"nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.1.0.100"},
    {"nextHopType": "VnetLocal"},
    {"nextHopType": "VirtualNetworkGateway"},
    {"nextHopType": "Tomorrow"},
)
_PREFIXES = ("0.0.0.0/0", "0.0.0.0/0", "20.40.0.0/28", "20.40.0.24/30", "Storage.WestEurope")
_OUTBOUND_TYPES = (
    "loadBalancer",
    "managedNATGateway",
    "userAssignedNATGateway",
    "userDefinedRouting",
    "none",
    "block",
    "tomorrow",
)


class WaysOutBuilder:
    """Makes one estate."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - estates must be the same on every run
        self.estate = Estate()
        self.sources: list[tuple[str, str]] = []
        """The subnets and addresses to ask from: the interfaces that were read, else one address of each model."""
        self.ends = Ends(self.random, self.estate)
        self._chance = self.ends.chance

    def build(self) -> Estate:
        """The estate."""
        estate = self.estate
        if self._chance(0.9):
            estate.documents.append(tag_list())
        networks(estate, [])
        cluster(estate)
        self._cluster()
        for number in range(self.random.choice((0, 1, 1, 2))):
            self.ends.balancer(number)
        for pool, subnet in POOLS.items():
            self._subnet(subnet)
            self._pool(pool, subnet)
        if self._chance(0.02):
            estate.one(SPOKE)["properties"]["defaultPublicNatGateway"] = {"id": f"{NETWORK}/natGateways/own"}
        for kind in ("publicIPAddresses", "publicIPPrefixes", "natGateways", "loadBalancers"):
            if self._chance(0.05):
                self._forget(kind)
        for document in estate.documents:
            kind = document["type"].rpartition("/")[2]
            if kind in _RESTLESS and self._chance(0.05):  # a state that does not count (V-6)
                document["properties"]["provisioningState"] = self.random.choice(STATES)
        return estate

    def _forget(self, kind: str) -> None:
        """A list that was not read: what it would hold is missing, and so is the proof that there is no more (V-6)."""
        self.estate.unread.add(f"Microsoft.Network/{kind}")
        kept = [one for one in self.estate.documents if f"/{kind}/" not in one["id"]]
        self.estate.documents[:] = kept

    def _cluster(self) -> None:
        """What the cluster says of its way out, none of which decides (AKS-19), save UDR-49."""
        profile = self.estate.one(CLUSTER)["properties"]["networkProfile"]
        profile["outboundType"] = self.random.choice(_OUTBOUND_TYPES)
        if self._chance(0.4):
            kinds = ("NodeIPConfiguration", "nodeipconfiguration", None, "NodeIP", "Tomorrow")
            balancers: Json = {"backendPoolType": self.random.choices(kinds, (6, 2, 3, 1, 1))[0]}
            if self._chance(0.5):
                balancers["effectiveOutboundIPs"] = [{"id": f"{NETWORK}/publicIPAddresses/effective"}]
            profile["loadBalancerProfile"] = balancers

    # -- subnets -----------------------------------------------------------------------------------------

    def _subnet(self, subnet: str) -> None:
        body, name = self.estate.subnet(subnet), subnet.rsplit("/", 1)[-1]
        flag = self.random.choice((True, False, False, None, "absent"))
        if flag != "absent":
            body["defaultOutboundAccess"] = flag
        if self._chance(0.05):
            service = {"serviceName": "Microsoft.ContainerService/managedClusters"}
            body["delegations"] = [{"name": "one", "properties": service}]  # UDR-48
        if self._chance(0.02):
            body["serviceGateway"] = {"id": f"{NETWORK}/serviceGateways/one"}  # UDR-50
        if self._chance(0.25):
            self._table(body, name)
        if self._chance(0.3):
            self._nat(body, name)

    def _table(self, body: Json, name: str) -> None:
        tagged = any("values" in one for one in self.estate.documents)
        prefixes = [one for one in _PREFIXES if tagged or one[0].isdigit()]
        chosen = dict.fromkeys(self.random.choices(prefixes, k=self.random.randint(1, 2)))
        routes = []
        for number, prefix in enumerate(chosen):
            hop = self.random.choice((*_HOPS[:2] * 3, *_HOPS))
            route: Json = {"addressPrefix": prefix, **hop}
            if self._chance(0.1):
                route["provisioningState"] = self.random.choice(STATES)  # V-6
            routes.append({"name": f"route-{number}", "properties": route})
        identity = f"{NETWORK}/routeTables/rt-{name}"
        table: Json = {"disableBgpRoutePropagation": True, "routes": routes}
        if self._chance(0.05):
            table["provisioningState"] = "Failed"
        if self._chance(0.95):
            self.estate.add(identity, table)
        body["routeTable"] = {"id": identity}

    def _nat(self, body: Json, name: str) -> None:
        identity = f"{NETWORK}/natGateways/nat-{name}"
        gateway: Json = {}
        for key, plural in (
            ("publicIpAddresses", "publicIPAddresses"),
            ("publicIpPrefixes", "publicIPPrefixes"),
        ):
            if self._chance(0.6):
                gateway[key] = [self.ends.address(plural) for _ in range(self.random.choice((0, 1, 1, 2)))]
        if self._chance(0.1):
            gateway["publicIpAddressesV6"] = [self.ends.address()]
        if self._chance(0.08):
            gateway["provisioningState"] = self.random.choice(STATES)
        if self._chance(0.03):
            odd = self.random.choice(("serviceGateway", "sourceVirtualNetwork"))  # UDR-50
            gateway[odd] = {"id": f"{NETWORK}/serviceGateways/one"}
        if self._chance(0.95):
            self.estate.add(identity, gateway, sku={"name": "Standard"})
        body["natGateway"] = {"id": identity}

    # -- nodes -------------------------------------------------------------------------------------------

    def _pool(self, pool: str, subnet: str) -> None:
        """Some interfaces of one pool, which may differ, or its model only (AKS-10)."""
        random = self.random
        count = random.choice((0, 1, 1, 2))
        flexible = self._chance(0.12)
        if flexible:
            self.estate.one(scale_set(pool))["properties"]["orchestrationMode"] = "Flexible"
        (model,) = interface(self.estate, pool)["ipConfigurations"]
        self._join(model["properties"])
        profiles = self.estate.one(CLUSTER)["properties"]["agentPoolProfiles"]
        (profile,) = (one for one in profiles if one["name"] == pool)
        profile["count"] = max(count, 1)
        if self._chance(0.15):
            profile["enableNodePublicIP"] = True
        elif self._chance(0.08):
            family = self.random.choice(
                ({}, {"publicIPAddressVersion": "IPv4"}, {"publicIPAddressVersion": "IPv6"})
            )
            model["properties"]["publicIPAddressConfiguration"] = {"name": "own", "properties": family}
        if count == 0:
            self.sources.append((subnet.lower(), SOURCES[subnet][0]))
        for number, address in enumerate(SOURCES[subnet][:count]):
            inside: Json = {"privateIPAddress": address, "primary": True, "subnet": {"id": subnet}}
            self._join(inside)
            self._instance(pool, number, inside, flexible=flexible)
            self.sources.append((subnet.lower(), address))

    def _join(self, configuration: Json) -> None:
        """Into backend pools of no, one or several load balancers."""
        chosen = [
            self.random.choice((pools[0], *pools))
            for pools in self.ends.balancers.values()
            if self._chance(0.7)
        ]
        if chosen:
            configuration["loadBalancerBackendAddressPools"] = [self.ends.reference(one) for one in chosen]

    def _instance(self, pool: str, number: int, inside: Json, *, flexible: bool) -> None:
        if self._chance(0.15):
            inside["publicIPAddress"] = self.ends.address()
        configurations = [{"name": "four", "properties": inside}]
        if self._chance(0.05):  # UDR-40: a public address beside an IPv6 one is none for IPv4
            six = {
                "privateIPAddress": f"fd00::{number + 1}",
                "privateIPAddressVersion": "IPv6",
                "subnet": inside["subnet"],
                "publicIPAddress": self.ends.address(),
            }
            configurations.append({"name": "six", "properties": six})
        body: Json = {"ipConfigurations": configurations}
        flag = self.random.choice((True, True, True, False, False, False, False, None, "absent"))
        if flag != "absent" and not flexible:
            body["defaultOutboundConnectivityEnabled"] = flag
        more: dict[str, Any] = {}
        identity = f"{scale_set(pool)}/virtualMachines/{number}/networkInterfaces/nic"
        if flexible:  # UDR-45
            group = scale_set(pool).partition("/providers/")[0]
            identity = f"{group}/providers/Microsoft.Network/networkInterfaces/aks-{pool}-nic-{number}"
            machine = f"{group}/providers/Microsoft.Compute/virtualMachines/aks-{pool}_{number}"
            body["virtualMachine"] = {"id": machine}
            more["tags"] = {"aks-managed-poolName": pool}
        self.estate.add(identity, body, **more)


def ways_out_estate(seed: int) -> tuple[Estate, list[tuple[str, str]]]:
    """An estate, and the subnets and addresses to ask from."""
    builder = WaysOutBuilder(seed)
    return builder.build(), builder.sources
