"""The outbound method of a node, read from raw documents by the clauses alone (UDR-37 to UDR-50, AKS-10, AKS-18).

Like the rest of what says here what is right it imports nothing from the product. Estates are those of
`ways_out_estates`: no security groups, no gateways, no peerings, so that routes and ways out alone decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tests.oracle.literals import address, inside, is_literal, prefix_length, span
from tests.oracle.network import Documents
from tests.oracle.packet import DROPPED, OPEN, PASSES, Fates, Json, Packet
from tests.oracle.skeleton import POOLS, scale_set
from tests.oracle.ways_out_balancers import FLAT, Balancers, Serves, best, first, succeeded

_POOLED = "nodeipconfiguration"
_REGION = "storage.westeurope"


class WaysOut:
    """Answers for one estate."""

    def __init__(self, documents: Iterable[Json]) -> None:
        listed = list(documents)
        self._documents = Documents(listed)
        self._tagged = any("values" in one for one in listed)
        self._balancers = Balancers(self._documents)
        (self._cluster,) = self._documents.of_type("microsoft.containerservice/managedclusters")

    def fates(self, packet: Packet) -> Fates:
        """What may become of a packet to a public address: its route, then the outbound method (V-3)."""
        return frozenset().union(*(self._follow(hop, packet) for hop in self._hops(packet)))

    def _named(self, reference: Json) -> Json | None:
        return self._documents.by_id.get(reference["id"].lower())

    # -- routes ------------------------------------------------------------------------------------------

    def _hops(self, packet: Packet) -> Iterator[str]:
        """The hops that may be chosen, `open` for one that nobody can tell (UDR-8, V-4, V-6)."""
        reference = self._documents.subnets[packet.subnet].get("routeTable")
        table = self._named(reference) if reference else None
        if reference and (table is None or not succeeded(table["properties"])):
            yield "open"
            return
        routes = [] if table is None else [one["properties"] for one in table["properties"]["routes"]]
        matching = [one for one in routes if self._strength(one, packet) is not None]
        for route in sorted(matching, key=lambda one: self._strength(one, packet) or (), reverse=True):
            yield route["nextHopType"].lower()
            if succeeded(route):
                return
        yield "internet"  # UDR-2

    def _strength(self, route: Json, packet: Packet) -> tuple[int, int] | None:
        """By how long a prefix a route matches, and whether it writes it itself (UDR-8, UDR-20)."""
        text = route["addressPrefix"]
        listed = (text,) if is_literal(text) else self._documents.tags[text.lower()]
        found = [prefix_length(one) for one in listed if inside(packet.destination, (span(one),))]
        return (max(found), int(is_literal(text))) if found else None

    def _follow(self, hop: str, packet: Packet) -> Fates:
        if hop == "internet":
            return self._exit(packet)
        return DROPPED if hop == "none" else OPEN  # UDR-15 to UDR-18, ARM-2

    # -- the order of UDR-37 -----------------------------------------------------------------------------

    def _exit(self, packet: Packet) -> Fates:
        subnet = self._documents.subnets[packet.subnet]
        network = self._documents.by_id[self._documents.network_of(packet.subnet)]["properties"]
        if network.get("defaultPublicNatGateway") or subnet.get("serviceGateway"):  # UDR-50
            return OPEN
        if subnet.get("natGateway"):
            return self._translated(subnet["natGateway"], packet)
        own = self._own_address(packet)
        if own is not Serves.NOT:  # UDR-40
            return PASSES if own is Serves.SURELY else OPEN
        if str(self._profile().get("backendPoolType", _POOLED)).lower() != _POOLED:  # UDR-49, ARM-2
            return OPEN
        return self._balanced(packet) or self._default(packet, subnet)

    def _profile(self) -> Json:
        profile: Json = self._cluster["properties"]["networkProfile"].get("loadBalancerProfile") or {}
        return {key: value for key, value in profile.items() if value is not None}

    def _translated(self, reference: Json, packet: Packet) -> Fates:
        """A NAT gateway is the way out, whether it works or not (UDR-38, UDR-39)."""
        gateway = self._named(reference)
        if gateway is None or not succeeded(gateway["properties"]) or packet.protocol not in FLAT:
            return OPEN
        body = gateway["properties"]
        if body.get("serviceGateway") or body.get("sourceVirtualNetwork"):  # UDR-50
            return OPEN
        ends = [*(body.get("publicIpAddresses") or ()), *(body.get("publicIpPrefixes") or ())]
        return PASSES if best(map(self._balancers.serves, ends)) is Serves.SURELY else OPEN

    # -- the interface -----------------------------------------------------------------------------------

    def _interface(self, packet: Packet) -> Json | None:
        """The interface that has the packet's source address, if its pool's were read (AKS-10)."""
        for found in self._documents.by_id.values():
            if found["type"].lower().endswith("/networkinterfaces") and packet.source in _addresses(found):
                interface: Json = found["properties"]
                return interface
        return None

    def _scale_set(self, packet: Packet) -> tuple[str, Json]:
        """The pool of a subnet and its scale set."""
        (pool,) = (name for name, subnet in POOLS.items() if subnet.lower() == packet.subnet)
        return pool, self._documents.by_id[scale_set(pool).lower()]["properties"]

    def _configurations(self, packet: Packet) -> list[Json]:
        """The IPv4 configurations of the interface, or of the model that predicts it."""
        interface = self._interface(packet)
        if interface is None:
            profile = self._scale_set(packet)[1]["virtualMachineProfile"]["networkProfile"]
            interface = profile["networkInterfaceConfigurations"][0]["properties"]
        listed = [one["properties"] for one in interface["ipConfigurations"]]
        return [one for one in listed if one.get("privateIPAddressVersion", "IPv4") == "IPv4"]

    def _own_address(self, packet: Packet) -> Serves:
        """The interface tells; where none was read, the pool does (UDR-40, AKS-30)."""
        if self._interface(packet) is None:
            pool, _ = self._scale_set(packet)
            profiles = self._cluster["properties"]["agentPoolProfiles"]
            said = any(one.get("enableNodePublicIP") for one in profiles if one["name"] == pool)
            described = [one.get("publicIPAddressConfiguration") for one in self._configurations(packet)]
            said |= any(
                one and one["properties"].get("publicIPAddressVersion", "IPv4") == "IPv4" for one in described
            )
            return Serves.SURELY if said else Serves.NOT
        named = [one["publicIPAddress"] for one in self._configurations(packet) if "publicIPAddress" in one]
        return best(map(self._balancers.serves, named))

    # -- load balancers ----------------------------------------------------------------------------------

    def _balanced(self, packet: Packet) -> Fates:
        """What one of several balancers translates leaves (UDR-41); nothing where none of them is a method."""
        pools = self._pools(packet)
        owners = sorted({pool.partition("/backendaddresspools/")[0] for pool in pools})
        return first([self._balancers.translated(one, pools, packet) for one in owners])

    def _pools(self, packet: Packet) -> set[str]:
        return {
            pool["id"].lower()
            for one in self._configurations(packet)
            for pool in one.get("loadBalancerBackendAddressPools", ())
        }

    # -- default outbound access -------------------------------------------------------------------------

    def _default(self, packet: Packet, subnet: Json) -> Fates:
        """What is left without an explicit method (UDR-43 to UDR-48)."""
        interface = self._interface(packet)
        flexible = self._scale_set(packet)[1]["orchestrationMode"] == "Flexible"
        flag = None if interface is None else interface.get("defaultOutboundConnectivityEnabled")
        if interface is None and self._profile().get("effectiveOutboundIPs"):
            return OPEN  # a model only predicts, and the cluster says that it leaves by something (AKS-10, AKS-19)
        if flexible:  # UDR-45, and UDR-47 where the subnet is private
            return self._without(packet) if subnet.get("defaultOutboundAccess") is False else DROPPED
        if flag is None:
            return OPEN
        if flag:  # what it does with other protocols is in no clause
            return PASSES if packet.protocol in FLAT else OPEN
        return self._without(packet)

    def _without(self, packet: Packet) -> Fates:
        """Nothing leads out, but perhaps to Storage of the region (UDR-46, UDR-47); any address without a list."""
        if not self._tagged:  # NSG-26
            return OPEN
        storage = any(inside(packet.destination, (span(one),)) for one in self._documents.tags[_REGION])
        return OPEN if storage else DROPPED


def _addresses(interface: Json) -> set[int]:
    listed = (one["properties"] for one in interface["properties"]["ipConfigurations"])
    texts = (one["privateIPAddress"] for one in listed)
    return {address(one) for one in texts if ":" not in one}
