"""A slow reader of whole estates: one packet at a time on raw documents, written from the numbered clauses alone.

It imports nothing from the product, so that an agreement of both says something.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from tests.oracle.firewall import FirewallRules, own_subnet, private_addresses
from tests.oracle.groups import DNS, METADATA, GroupStage, admin_accesses
from tests.oracle.literals import dotted, inside, is_global
from tests.oracle.network import Documents, spans
from tests.oracle.packet import DROPPED, OPEN, PASSES, Fates, Json, Packet, stages
from tests.oracle.routes import Hop, hops

_FLAT = frozenset({"tcp", "udp"})


@dataclass(frozen=True, slots=True)
class Passed:
    """A packet behind a firewall."""

    kept: bool
    """Whether it still has the address that it came with."""


class Interpreter:
    """Answers for one estate."""

    def __init__(self, documents: Iterable[Json]) -> None:
        self._documents = Documents(documents)
        self._groups = GroupStage(self._documents)
        self._rules: dict[str, FirewallRules] = {}
        self._hops: dict[tuple[str, int], list[Hop]] = {}
        self._interfaces: dict[str, Json] = {}

    def fates(self, packet: Packet) -> Fates:
        """What may become of a packet: the stages of V-3 in their order."""
        return stages([self._security(packet), self._routed(packet, packet.subnet, None)])

    # -- security groups ---------------------------------------------------------------------------------

    def _security(self, packet: Packet) -> Fates:
        groups = stages(
            [  # NSG-2
                self._groups.fates(self._interface_group(packet.subnet), packet.subnet, packet),
                self._groups.fates(
                    self._documents.subnets[packet.subnet].get("networkSecurityGroup"), packet.subnet, packet
                ),
            ]
        )
        return self._behind_admin_rules(packet, self._documents.network_of(packet.subnet), "Outbound", groups)

    def _behind_admin_rules(self, packet: Packet, network: str, direction: str, groups: Fates) -> Fates:
        """What groups may do where the admin rules of their network come first (NSG-30)."""
        answer = self._documents.by_id[f"{network}/listnetworkmanagereffectivesecurityadminrules"]
        meanings = {"deny": DROPPED, "alwaysallow": PASSES, "allow": groups}
        said = admin_accesses(answer["properties"]["value"], packet, direction)
        return _either(meanings[one] for one in said)

    def _interface_group(self, subnet: str) -> Json | None:
        found: Json | None = self._interface(subnet).get("networkSecurityGroup")
        return found

    def _interface(self, subnet: str) -> Json:
        """The interface of the scale set whose machines sit in a subnet (NSG-1, ARM-12)."""
        if not self._interfaces:
            for scale_set in self._documents.of_type("microsoft.compute/virtualmachinescalesets"):
                profile = scale_set["properties"]["virtualMachineProfile"]["networkProfile"]
                for interface in profile["networkInterfaceConfigurations"]:
                    for configuration in interface["properties"]["ipConfigurations"]:
                        where = configuration["properties"]["subnet"]["id"].lower()
                        self._interfaces[where] = interface["properties"]
        return self._interfaces[subnet]

    # -- routes ------------------------------------------------------------------------------------------

    def _routed(self, packet: Packet, subnet: str, firewall: Passed | None) -> Fates:
        """Where routes lead from a subnet: the source's, or a firewall's own (V-3 stages 4, 5 and 7)."""
        if packet.destination in {DNS, METADATA}:  # NSG-22
            return PASSES
        key = (subnet, packet.destination)
        if key not in self._hops:
            self._hops[key] = hops(self._documents, subnet, packet.destination)
        return _either([self._follow(hop, packet, subnet, firewall) for hop in self._hops[key]])

    def _follow(self, hop: Hop, packet: Packet, subnet: str, firewall: Passed | None) -> Fates:
        network = self._documents.network_of(subnet)
        match hop.kind:
            case "none":  # UDR-18
                return DROPPED
            case "vnet":
                own = inside(packet.destination, spans(self._documents.space(network)))
                return self._delivered(packet, network) if own else OPEN  # UDR-15
            case "endpoint" if hop.value == network:
                return self._delivered(packet, hop.value)
            case "peering" | "endpoint":
                return stages(
                    [
                        self._may_enter(network, hop.value, firewall),
                        self._answered(network, hop.value),
                        self._delivered(packet, hop.value),
                    ]
                )
            case "internet":
                return (
                    self._exit(packet, subnet) if firewall is None else self._firewall_exit(packet, firewall)
                )
            case _:
                return self._appliance(hop.value, packet, subnet, firewall)

    def _may_enter(self, network: str, other: str, firewall: Passed | None) -> Fates:
        """What a firewall forwards without translation enters a peer only if that side lets it (UDR-26, FW-44)."""
        back = self._documents.back(network, other)
        if firewall is None or not firewall.kept or not back or back["allowForwardedTraffic"]:
            return PASSES
        return DROPPED

    def _answered(self, network: str, other: str) -> Fates:
        """Whether the other side of a peering carries the replies, of which IPv6 says nothing (UDR-24, UDR-29)."""
        back = self._documents.back(network, other)
        return OPEN if back and back.get("enableOnlyIPv6Peering") else PASSES

    def _delivered(self, packet: Packet, network: str) -> Fates:
        """Admin rules of its network, then its group filter what comes to a receiver (NSG-6, NSG-9, NSG-30)."""
        endpoint = self._documents.endpoint_at(packet.destination)
        if endpoint is not None and endpoint[0] == network:  # ARM-19: no estate has an approved one
            return DROPPED if endpoint[1] in {"Pending", "Rejected", "Disconnected"} else OPEN
        if self._documents.firewall_at(dotted(packet.destination)) is not None:
            return DROPPED  # FW-17: no NAT rule and no DNS proxy takes it
        subnet = self._documents.subnet_at(network, packet.destination)
        groups = PASSES
        if subnet is not None:
            group = self._documents.subnets[subnet].get("networkSecurityGroup")
            groups = self._groups.fates(group, subnet, packet, "Inbound")
        return self._behind_admin_rules(packet, network, "Inbound", groups)

    # -- the firewall ------------------------------------------------------------------------------------

    def _appliance(self, text: str, packet: Packet, subnet: str, before: Passed | None) -> Fates:
        network = self._documents.network_of(subnet)
        found = self._documents.firewall_at(text)
        if found is None or before is not None:  # UDR-16, UDR-55, FW-45
            return OPEN
        place = own_subnet(found)
        home = self._documents.network_of(place)
        fates: list[Fates] = []
        if home != network:
            peering = self._documents.peering_between(network, home)
            if peering is None or self._documents.peering_routes_gone(subnet):
                return OPEN
            fates.append(self._answered(network, home))
            fates.append(PASSES if peering["allowForwardedTraffic"] else OPEN)  # UDR-26
        fates.append(self._through(found, place, packet))
        return stages(fates)

    def _through(self, firewall: Json, place: str, packet: Packet) -> Fates:
        key = firewall["id"].lower()
        if key not in self._rules:
            self._rules[key] = FirewallRules(firewall, self._documents)
        rules = self._rules[key]
        if packet.destination in private_addresses(firewall):  # FW-17: no NAT rule and no DNS proxy
            return DROPPED
        default = self._documents.user_default(place)
        unsupported = default is not None and default["nextHopType"].lower() != "internet"  # FW-45
        fates: set[bool] = set()
        for decision in rules.decisions(packet):
            if not decision.allow:
                fates.add(False)
                continue
            keeps = rules.keeps_source(decision, packet.destination)
            for kept in (True, False) if keeps is None else (keeps,):
                leaving = packet if kept else replace(packet, source=private_addresses(firewall)[0])
                fates |= OPEN if unsupported else self._routed(leaving, place, Passed(kept=kept))
        return frozenset(fates)

    # -- leaving -----------------------------------------------------------------------------------------

    def _firewall_exit(self, packet: Packet, passed: Passed) -> Fates:
        """FW-43, FW-44, FW-48."""
        if passed.kept:
            return DROPPED
        for firewall in self._documents.of_type("microsoft.network/azurefirewalls"):
            parts = (one["properties"] for one in firewall["properties"].get("ipConfigurations", ()))
            if self._missing([one["publicIPAddress"] for one in parts if "publicIPAddress" in one]):
                return OPEN  # ARM-22
        if packet.protocol not in _FLAT:
            return DROPPED
        smtp = packet.protocol == "tcp" and packet.port == 25 and is_global(packet.destination)  # FW-49
        return OPEN if smtp else PASSES

    def _exit(self, packet: Packet, subnet: str) -> Fates:
        """The outbound method of a node subnet, by the precedence of UDR-37."""
        smtp = packet.protocol == "tcp" and packet.port == 25 and is_global(packet.destination)  # NSG-23
        served = OPEN if smtp else PASSES
        if "natGateway" in self._documents.subnets[subnet]:
            gateway = self._documents.by_id[self._documents.subnets[subnet]["natGateway"]["id"].lower()]
            if self._missing(gateway["properties"]["publicIpAddresses"]):
                return OPEN  # ARM-22
            return served if packet.protocol in _FLAT else OPEN  # UDR-38
        for balancer in self._documents.of_type("microsoft.network/loadbalancers"):
            if self._balanced(balancer, subnet):  # UDR-41
                ends = (one["properties"] for one in balancer["properties"]["frontendIPConfigurations"])
                if self._missing([one["publicIPAddress"] for one in ends]):
                    return OPEN  # ARM-22
                return served if packet.protocol in _FLAT else DROPPED  # UDR-42
        return (
            OPEN  # UDR-43, UDR-44: whether a machine has default outbound access is for its interface to say
        )

    def _missing(self, addresses: list[Json]) -> bool:
        """Whether none of the public addresses exists (ARM-22)."""
        return not any(one["id"].lower() in self._documents.by_id for one in addresses)

    def _balanced(self, balancer: Json, subnet: str) -> bool:
        pools = {
            pool["id"].lower()
            for configuration in self._interface(subnet)["ipConfigurations"]
            for pool in configuration["properties"].get("loadBalancerBackendAddressPools", ())
        }
        rules = [rule["properties"] for rule in balancer["properties"]["outboundRules"]]
        return any(rule["backendAddressPool"]["id"].lower() in pools for rule in rules)


def _either(found: Iterable[Fates]) -> Fates:
    """Several readings: whatever one of them may do."""
    return frozenset().union(*found)
