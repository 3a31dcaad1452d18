"""Network security groups and admin rules, one packet at a time (NSG-1..NSG-31)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from tests.oracle.literals import (
    Span,
    address,
    covers_every_port,
    inside,
    is_global,
    is_literal,
    is_private,
    ports,
)
from tests.oracle.network import DEFAULT, Documents, spans
from tests.oracle.packet import OPEN, Fates, Json, Packet, Truth, all_of, any_of

World = Literal["plain", "wide", "shrunk"]
"""Beside a 0/0 route: VirtualNetwork holds it not, holds it, or holds it and Internet is empty (NSG-18, NSG-19)."""
Addresses = Callable[[int], Truth]

DNS, METADATA = address("168.63.129.16"), address("169.254.169.254")
DNS_PORT = 53
PLATFORM_TAGS = {"azureplatformdns": DNS, "azureplatformimds": METADATA}

_TABLE = (  # NSG-8, NSG-9
    ("Outbound", 65000, "VirtualNetwork", "VirtualNetwork", "Allow"),
    ("Outbound", 65001, "*", "Internet", "Allow"),
    ("Outbound", 65500, "*", "*", "Deny"),
    ("Inbound", 65000, "VirtualNetwork", "VirtualNetwork", "Allow"),
    ("Inbound", 65001, "AzureLoadBalancer", "*", "Allow"),
    ("Inbound", 65500, "*", "*", "Deny"),
)
DEFAULTS: list[Json] = [
    {
        "direction": direction,
        "priority": priority,
        "protocol": "*",
        "sourceAddressPrefix": source,
        "sourcePortRange": "*",
        "destinationAddressPrefix": destination,
        "destinationPortRange": "*",
        "access": access,
    }
    for direction, priority, source, destination, access in _TABLE
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A security rule with its texts read."""

    allow: bool
    protocol: str
    sources: Addresses
    destinations: Addresses
    exceptions: Addresses
    """The destinations of the platform's services, which only tags of their own reach (NSG-21)."""
    source_ports: tuple[Span, ...]
    ports: tuple[Span, ...]


class SecurityGroup:
    """One group seen from one subnet in one world of the tags."""

    def __init__(self, group: Json, subnet: str, documents: Documents, world: World, direction: str) -> None:
        self._documents = documents
        self._subnet = subnet
        self._world = world
        body = group["properties"]
        own = [rule["properties"] for rule in body["securityRules"]]
        default = [rule["properties"] for rule in body.get("defaultSecurityRules", ())]
        listed = own + (default or DEFAULTS)  # NSG-8: an absent array means the table
        mine = [rule for rule in listed if rule["direction"].lower() == direction.lower()]  # NSG-4
        self._rules = [self._rule(rule) for rule in sorted(mine, key=lambda rule: int(rule["priority"]))]
        self._custom = len([rule for rule in own if rule["direction"].lower() == direction.lower()])

    def fates(self, packet: Packet) -> Fates:
        """First match decides; a rule that may match leaves the later ones in play (NSG-4, V-4)."""
        platform = _excepted(packet)
        # NSG-21: of other services at these addresses nobody knows whether rules reach them
        found = {True} if packet.destination in {DNS, METADATA} and not platform else set()
        for rule in self._rules[: self._custom] if platform else self._rules:
            truth = _matches(rule, packet)
            if truth is not False:
                found.add(rule.allow)
            if truth is True:
                return frozenset(found)
        return frozenset(found | {platform})  # NSG-21: nothing that names it, so it passes

    def _rule(self, rule: Json) -> Rule:
        return Rule(
            allow=rule["access"].lower() == "allow",
            protocol=rule["protocol"].lower(),
            sources=self._side(rule, "source"),
            destinations=self._side(rule, "destination"),
            exceptions=self._exceptions(rule),
            source_ports=tuple(map(ports, _texts(rule, "sourcePortRange"))),
            ports=tuple(map(ports, _texts(rule, "destinationPortRange"))),
        )

    def _side(self, rule: Json, side: str) -> Addresses:
        """The union of everything that one side names (NSG-15)."""
        texts = _texts(rule, f"{side}AddressPrefix")
        literal = spans(text for text in texts if is_literal(text) and "-" not in text)
        tags = [self._tag(text.lower()) for text in texts if not is_literal(text)]

        def holds(number: int) -> Truth:
            if inside(number, literal):
                return True
            return any_of([tag(number) for tag in tags])

        return holds

    @staticmethod
    def _exceptions(rule: Json) -> Addresses:
        """Only a tag of its own reaches a service of the platform; the literal is uncertain for DNS alone (NSG-21)."""
        texts = [text.lower() for text in _texts(rule, "destinationAddressPrefix")]
        tagged = {PLATFORM_TAGS[text] for text in texts if text in PLATFORM_TAGS}
        literally = any(text in {"168.63.129.16", "168.63.129.16/32"} for text in texts)
        return lambda number: True if number in tagged else None if literally and number == DNS else False

    def _tag(self, tag: str) -> Addresses:
        if tag == "virtualnetwork":
            return self._virtual_network
        if tag == "internet":
            return self._internet
        if tag == "azureloadbalancer":
            return lambda _: False
        if tag in PLATFORM_TAGS:
            return lambda number: None if number == PLATFORM_TAGS[tag] else False
        members = self._documents.tags.get(tag)
        if members is None:  # NSG-26
            return lambda _: None
        known = spans(members)
        return lambda number: inside(number, known)

    def _virtual_network(self, number: int) -> Truth:
        """NSG-17 and, beside a 0/0 route, NSG-18."""
        return self._world != "plain" or number == DNS or inside(number, self._members)

    def _internet(self, number: int) -> Truth:
        """NSG-19; whether what a route names is still outside the virtual network is not said."""
        if self._world == "shrunk" or is_private(number) or number == DNS:
            return False
        if inside(number, self._spaces):
            return False
        if not is_global(number):
            return None
        return None if inside(number, self._members) else True

    @cached_property
    def _spaces(self) -> tuple[Span, ...]:
        documents = self._documents
        network = documents.network_of(self._subnet)
        found = [*documents.space(network)]
        for peering in documents.peerings(network):
            found += peering["remoteAddressSpace"]["addressPrefixes"]
        return spans(found)

    @cached_property
    def _members(self) -> tuple[Span, ...]:
        routed: list[str] = []
        for route in self._documents.routes(self._subnet):
            prefix = route["addressPrefix"]
            if not is_literal(prefix):
                routed += self._documents.tags[prefix.lower()]  # UDR-20
            elif prefix != DEFAULT:
                routed.append(prefix)
        return (*self._spaces, *spans(routed))


def _texts(rule: Json, key: str) -> list[str]:
    """The singular and the plural form together; an empty singular stands for nothing (NSG-13, NSG-15)."""
    plural = {"AddressPrefix": "AddressPrefixes", "PortRange": "PortRanges"}
    several = next(key.replace(one, many) for one, many in plural.items() if key.endswith(one))
    return [text for text in [rule.get(key), *(rule.get(several) or ())] if text]


def _matches(rule: Rule, packet: Packet) -> Truth:
    """NSG-11; asked one after the other, for most rules fail at the first of them."""
    found: Truth = True
    for predicate in (_protocol, _port, _destination, _source, _source_port):
        truth = predicate(rule, packet)
        if truth is False:
            return False
        found = found and truth
    return found


def _excepted(packet: Packet) -> bool:
    """Whether it goes to a service of the platform: DNS, DHCP, wire server with health, metadata (NSG-21)."""
    services = {
        DNS: {("tcp", DNS_PORT), ("udp", DNS_PORT), ("udp", 67), ("tcp", 80), ("tcp", 32526)},
        METADATA: {("tcp", 80)},
    }
    return (packet.protocol, packet.port) in services.get(packet.destination, set())


def _protocol(rule: Rule, packet: Packet) -> Truth:
    return rule.protocol in {"*", packet.protocol}  # NSG-12


def _destination(rule: Rule, packet: Packet) -> Truth:
    if not _excepted(packet):
        return rule.destinations(packet.destination)
    if packet.port != DNS_PORT and packet.destination == DNS:
        return False  # DHCP and the wire server have no tag and are outside of all rules
    return rule.exceptions(packet.destination)


def _source(rule: Rule, packet: Packet) -> Truth:
    return rule.sources(packet.source)


def _source_port(rule: Rule, _: Packet) -> Truth:
    return True if covers_every_port(rule.source_ports) else None  # NSG-14


def _port(rule: Rule, packet: Packet) -> Truth:
    if packet.protocol == "icmp":
        return True if covers_every_port(rule.ports) else None  # NSG-13
    return inside(packet.port, rule.ports)


class GroupStage:
    """The groups of one estate, each read once for each subnet, world and direction."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._known: dict[tuple[str, str, World, str], SecurityGroup] = {}

    def fates(
        self, reference: Json | None, subnet: str, packet: Packet, direction: str = "Outbound"
    ) -> Fates:
        """What one group may do: nothing when there is none, anything when it was not read (NSG-3, V-6)."""
        if reference is None:
            return frozenset({True})
        group = self._documents.by_id.get(reference["id"].lower())
        if group is None:
            return OPEN
        found: set[bool] = set()
        for world in self._worlds(subnet):
            key = (reference["id"].lower(), subnet, world, direction)
            if key not in self._known:
                self._known[key] = SecurityGroup(group, subnet, self._documents, world, direction)
            found |= self._known[key].fates(packet)
        return frozenset(found)

    def _worlds(self, subnet: str) -> Sequence[World]:
        plain: Sequence[World] = ("plain",)
        return plain if self._documents.user_default(subnet) is None else ("plain", "wide", "shrunk")


def admin_accesses(rules: Iterable[Json], packet: Packet, direction: str) -> frozenset[str]:
    """What the admin rules of one direction may say, as `deny`, `alwaysallow` or `allow` (NSG-30, NSG-31)."""
    mine = [rule["properties"] for rule in rules if rule["properties"]["direction"] == direction]
    # NSG-21: the platform's services are outside; of the rest at their addresses nobody knows
    if _excepted(packet):
        return frozenset({"allow"})
    found = {"allow"} if packet.destination in {DNS, METADATA} else set()
    for priority in sorted({int(rule["priority"]) for rule in mine}):
        truths: list[Truth] = []
        for rule in (one for one in mine if int(one["priority"]) == priority):
            truth = _admin_matches(rule, packet)
            truths.append(truth)
            if truth is not False:
                found.add(rule["access"].lower())
        if True in truths:  # of several with one priority any may be the first (NSG-31)
            return frozenset(found)
    return frozenset(found | {"allow"})


def _admin_matches(rule: Json, packet: Packet) -> Truth:
    rule_ports = tuple(map(ports, rule["destinationPortRanges"]))
    icmp = True if covers_every_port(rule_ports) else None
    return all_of(
        (
            rule["protocol"].lower() in {"any", packet.protocol},
            icmp if packet.protocol == "icmp" else inside(packet.port, rule_ports),
            inside(packet.destination, spans(item["addressPrefix"] for item in rule["destinations"])),
            inside(packet.source, spans(item["addressPrefix"] for item in rule["sources"])),
        )
    )
