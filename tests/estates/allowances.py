"""What in the documents of an estate admits a row, and the documents without it.

Nothing here asks the code under test: rules are read as JSON, addresses compared with `ipaddress`, names with
`fnmatch`. An allowance is a member of an allowing firewall rule: a host, a destination or a port; and the DNS
proxy of a firewall, which answers port 53 at the firewall's own address without any rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial
from ipaddress import IPv4Network, ip_network

from tests.estates.documents import FIREWALLS, GROUPS, IP_GROUPS, Bodies, Json, of_kind
from tests.estates.needed_rows import Row, addresses_of

Tags = Mapping[str, tuple[str, ...]]

_APPLICATION = {"http": "http", "https": "https"}
_TRANSPORT = {"http": "tcp", "https": "tcp", "tcp": "tcp", "udp": "udp"}


@dataclass(frozen=True)
class Allowance:
    """One member of one list of one document that admits a part of a row."""

    place: str
    """For people: the collection and rule, or the policy."""
    take: Callable[[], None]
    """Takes it away from the documents it was found in."""


def allowances(bodies: Bodies, row: Row, tags: Tags) -> list[Allowance]:
    """Everything that admits any part of a row, by a host, a wildcard, an address range, a tag or a port."""
    return [*_proxies(bodies, row), *_members(bodies, row, tags)]


def taken_away(bodies: Bodies, row: Row, tags: Tags) -> None:
    """Remove every allowance of a row; rules and collections that are left empty go too."""
    for allowance in allowances(bodies, row, tags):
        allowance.take()
    for group in of_kind(bodies, GROUPS):
        collections: list[Json] = group["properties"]["ruleCollections"]
        for collection in collections:
            collection["rules"] = [rule for rule in collection["rules"] if not _is_empty(rule)]
        collections[:] = [collection for collection in collections if collection["rules"]]


def _is_empty(rule: Json) -> bool:
    if rule["ruleType"] == "ApplicationRule":
        return not rule["targetFqdns"]
    nowhere = not any(
        rule.get(name) for name in ("destinationAddresses", "destinationIpGroups", "destinationFqdns")
    )
    return nowhere or not rule["destinationPorts"]


def _proxies(bodies: Bodies, row: Row) -> Iterator[Allowance]:
    if row.port != 53:
        return
    for firewall in of_kind(bodies, FIREWALLS):
        own = [one["properties"]["privateIPAddress"] for one in firewall["properties"]["ipConfigurations"]]
        policy = bodies[firewall["properties"]["firewallPolicy"]["id"].lower()]
        settings = policy["properties"].get("dnsSettings", {})
        if settings.get("enableProxy") and set(own) & set(row.destinations):
            yield Allowance(policy["name"], partial(settings.update, enableProxy=False))


def _members(bodies: Bodies, row: Row, tags: Tags) -> Iterator[Allowance]:
    for group in of_kind(bodies, GROUPS):
        for collection in group["properties"]["ruleCollections"]:
            if collection["action"]["type"] != "Allow":
                continue
            for rule in collection["rules"]:
                place = f"{collection['name']}/{rule['name']}"
                if rule["ruleType"] == "ApplicationRule":
                    yield from _hosts(place, rule, row)
                else:
                    yield from _destinations(place, rule, row, bodies, tags)


def _hosts(place: str, rule: Json, row: Row) -> Iterator[Allowance]:
    """Hosts of an application rule, which sees HTTP and TLS only."""
    asked = (_APPLICATION.get(row.protocol), row.port)
    if asked not in {(one["protocolType"].lower(), one["port"]) for one in rule["protocols"]}:
        return
    for host in rule["targetFqdns"]:
        if any(_meet(host.lower(), wanted) for wanted in row.destinations):
            yield _member(place, rule["targetFqdns"], host)


def _destinations(place: str, rule: Json, row: Row, bodies: Bodies, tags: Tags) -> Iterator[Allowance]:
    """Where a network rule admits a part of a row: the port if the rule has others, else the destinations."""
    protocols = {one.lower() for one in rule["ipProtocols"]}
    ports = [port for port in rule["destinationPorts"] if _holds(port, row.port)]
    if not ports or not protocols & {"any", _TRANSPORT[row.protocol]}:
        return
    wanted = addresses_of(row, tags)
    found = [
        _member(place, rule[name], entry)
        for name in ("destinationAddresses", "destinationIpGroups")
        for entry in rule.get(name, ())
        if _overlap(_networks(entry, bodies, tags), wanted)
    ]
    found += [
        _member(place, rule["destinationFqdns"], host)
        for host in rule.get("destinationFqdns", ())
        if any(_meet(host.lower(), one) for one in row.destinations)
    ]
    if found and len(rule["destinationPorts"]) > len(ports):
        found = [_member(place, rule["destinationPorts"], port) for port in ports]
    yield from found


def _member(place: str, members: list[str], member: str) -> Allowance:
    return Allowance(f"{place}: {member}", partial(members.remove, member))


def _meet(one: str, other: str) -> bool:
    """Whether two names or patterns with a leading wildcard have a name in common."""
    return fnmatchcase(one, other) or fnmatchcase(other, one)


def _holds(ports: str, port: int) -> bool:
    first, _, last = ports.partition("-")
    return ports == "*" or int(first) <= port <= int(last or first)


def _networks(entry: str, bodies: Bodies, tags: Tags) -> list[IPv4Network]:
    if entry == "*":
        return [IPv4Network("0.0.0.0/0")]
    if entry.lower() in tags:
        prefixes: Sequence[str] = tags[entry.lower()]
    elif entry.lower() in bodies:
        assert bodies[entry.lower()]["type"].lower() == IP_GROUPS
        prefixes = bodies[entry.lower()]["properties"]["ipAddresses"]
    else:
        prefixes = [entry]
    found = [ip_network(prefix) for prefix in prefixes]
    return [one for one in found if isinstance(one, IPv4Network)]


def _overlap(some: Sequence[IPv4Network], others: Sequence[IPv4Network]) -> bool:
    return any(one.overlaps(other) for one in some for other in others)
