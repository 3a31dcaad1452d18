"""Estates of real size and width: hundreds of rules with prefixes from anywhere, asked at the edges of all of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path
from random import Random

from auditor.filters.services import with_ports
from auditor.netset import AddressSet, IntervalSet, ServiceSet, Traffic
from tests.oracle.estates import random_estate
from tests.oracle.groups import DNS, METADATA
from tests.oracle.interpreter import Interpreter
from tests.oracle.laws import firewall_rules, security_groups
from tests.oracle.literals import address, dotted, is_literal, ports, span
from tests.oracle.packet import Json, Packet
from tests.oracle.seeds import seeds
from tests.oracle.skeleton import SOURCES, Estate
from tests.oracle.test_leaving import paths_of

RULES = 150
"""Rules put into each group and each collection."""
ROUTES = 100
PACKETS = 1500
EDGES = (0, 1, 22, 25, 53, 80, 123, 443, 444, 1024, 8080, 30000, 65534, 65535)


def _prefix(random: Random, near: list[str]) -> str:
    """Anywhere, or inside or around a prefix that was drawn before."""
    length = random.choice((8, 12, 16, 20, 24, 28, 30, 31, 32))
    start = random.randrange(1 << 24, 224 << 24)
    if near and random.random() < 0.5:
        low, high = span(random.choice(near))
        start = random.randint(low, high)
    text = f"{dotted(start >> (32 - length) << (32 - length))}/{length}"
    near.append(text)
    return text


def _ports(random: Random, least: int = 0) -> str:
    low, high = sorted(random.choices([edge for edge in EDGES if edge >= least], k=2))
    return random.choice(("*", str(low), f"{low}-{high}", f"{least}-65535"))


def wide_estate(seed: int) -> Estate:
    """A random estate whose rules and routes are many and reach everywhere."""
    random = Random(seed)  # noqa: S311 - the same on every run
    estate, near = random_estate(seed), ["20.40.0.0/27", "10.20.0.0/27", "10.0.0.0/8"]
    for group in security_groups(estate):
        rules = group["securityRules"]
        directions = [rule["properties"]["direction"] for rule in rules] or ["Outbound"]
        rules[:] = [
            {"name": f"w{priority}", "properties": _security_rule(random, near, priority, directions[0])}
            for priority in random.sample(range(100, 4097), RULES)
        ]
    for rule in firewall_rules(estate):
        if "destinationPorts" in rule and "destinationIpGroups" not in rule:
            rule["destinationAddresses"] = [_prefix(random, near) for _ in range(RULES)]
            rule["destinationPorts"] = [_ports(random, 1) for _ in range(3)]  # FW-37
    for document in estate.documents:
        if document.get("type", "").endswith("/routeTables") and document["name"] != "rt-fw":
            routes = document["properties"]["routes"]
            taken = {route["properties"]["addressPrefix"] for route in routes}
            for number in range(ROUTES):
                prefix = _prefix(random, near)
                if prefix not in taken:
                    taken.add(prefix)
                    routes.append(
                        {"name": f"w{number}", "properties": {"addressPrefix": prefix, **_hop(random)}}
                    )
    return estate


def _security_rule(random: Random, near: list[str], priority: int, direction: str) -> Json:
    return {
        "direction": direction,
        "priority": priority,
        "access": random.choice(("Allow", "Allow", "Deny")),
        "protocol": random.choice(("Tcp", "Udp", "*")),
        "sourceAddressPrefix": random.choice(("*", "10.1.0.0/24", "10.1.0.4", "VirtualNetwork")),
        "sourcePortRange": "*",
        "destinationAddressPrefixes": [_prefix(random, near) for _ in range(random.randint(1, 4))],
        "destinationPortRanges": [_ports(random) for _ in range(random.randint(1, 3))],
    }


def _hop(random: Random) -> Json:
    appliance = {"nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.0.0.4"}
    return random.choice((appliance, {"nextHopType": "None"}))


def _edges(estate: Estate) -> tuple[list[int], list[int]]:
    """Addresses and ports at low-1, low, high and high+1 of everything that a rule or a route names."""
    texts: set[str] = set()
    named: set[str] = set()
    for group in security_groups(estate):
        for rule in group["securityRules"]:
            texts.update(rule["properties"]["destinationAddressPrefixes"])
            named.update(rule["properties"]["destinationPortRanges"])
    for rule in firewall_rules(estate):
        texts.update(rule.get("destinationAddresses", ()))
        named.update(rule.get("destinationPorts", ()))
    for document in estate.documents:
        if document.get("type", "").endswith("/routeTables"):
            texts.update(route["properties"]["addressPrefix"] for route in document["properties"]["routes"])
    spans = [span(text) for text in texts if is_literal(text)]
    edges = {edge for low, high in spans for edge in (low - 1, low, high, high + 1)}
    ranges = [ports(text) for text in named]
    port_edges = {edge for low, high in ranges for edge in (low - 1, low, high, high + 1)}
    addresses = sorted(edge for edge in edges if 0 <= edge < 2**32 and edge not in {DNS, METADATA})
    return addresses, sorted(port for port in port_edges if 1 <= port <= 65535)


class Lookup:
    """A traffic set asked for one packet after the other."""

    def __init__(self, traffic: Traffic) -> None:
        self._runs = list(traffic.runs())
        self._lows = [low for low, _, _ in self._runs]

    def holds(self, packet: Packet) -> bool:
        """Whether a packet lies in the set."""
        index = bisect_right(self._lows, packet.destination) - 1
        if index < 0:
            return False
        _, end, services = self._runs[index]
        return packet.destination < end and _service(packet) <= services


def _service(packet: Packet) -> ServiceSet:
    if packet.protocol == "icmp":
        return ServiceSet.icmp()
    return with_ports((packet.protocol,), IntervalSet.of((packet.port, packet.port)))


def _packets(random: Random, estate: Estate) -> Iterator[Packet]:
    addresses, named = _edges(estate)
    for _ in range(PACKETS):
        subnet = random.choice(tuple(SOURCES))
        protocol = random.choice(("tcp", "tcp", "udp", "icmp"))
        port = 0 if protocol == "icmp" else random.choice(named)
        source = address(random.choice(SOURCES[subnet]))
        yield Packet(subnet.lower(), source, random.choice(addresses), protocol, port)


@seeds(2, 300, size=1)
def test_edges_of_wide_estates(seeds: range, tmp_path: Path) -> None:
    """At the edges of every prefix and port range the exact sets say what the clauses say."""
    wrong: list[str] = []
    for seed in seeds:
        estate = wide_estate(seed)
        slow = Interpreter(estate.documents)
        paths = paths_of(estate.write(tmp_path / str(seed)), estate)
        sets = {}
        for source in paths.sources:
            assert source.subnet_id is not None
            for one in paths.egress(source).by_address:
                for sender in map(address, SOURCES[source.subnet_id.text]):
                    if AddressSet.of(dotted(sender)) <= one.source:
                        sets[source.subnet_id.key, sender] = Lookup(one.must), Lookup(one.may)
        for packet in _packets(Random(seed), estate):  # noqa: S311 - the same on every run
            if AddressSet.of(dotted(packet.destination)).isdisjoint(paths.space):
                continue  # no egress: between pods of the overlay (NSG-33), and to the platform
            fates = slow.fates(packet)
            must, may = sets[packet.subnet, packet.source]
            expected, found = (fates == {True}, True in fates), (must.holds(packet), may.holds(packet))
            if expected != found:
                where = dotted(packet.destination)
                wrong.append(f"estate {seed}: {packet} to {where}: expected {expected}, found {found}")
    assert not wrong, "\n".join([f"{len(wrong)} packets", *wrong[:10]])
