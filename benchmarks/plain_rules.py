"""Rule lists as a second reader understands them: numbers only, read without the engine's parsers, sets or filters.

A list is first match over entries of which some are not sure (V-4). z3 and CUDD are given such lists, and what the
engine computes is compared with them. Only what `benchmarks.rule_sets` writes is read; the rest is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Address, IPv4Network
from itertools import chain
from typing import Final

from auditor.model.firewall import ApplicationRule, NetworkRule
from auditor.model.security_group import SecurityGroup, SecurityRule
from benchmarks.rule_sets import FirewallSet

Prefix = tuple[int, int]
"""First number and length."""
Services = tuple[int, int, int, int]
"""First and last protocol, first and last port; a protocol without ports has all of them."""

_TCP, _UDP, _ICMP, _HIGHEST = 6, 17, 1, 65535
_NUMBERS: Final = {"tcp": _TCP, "udp": _UDP, "icmp": _ICMP}
_PORTS: Final = (0, _HIGHEST)
_EVERYTHING: Final[Services] = (0, 255, 0, _HIGHEST)
_BESIDE_TCP_UDP_ICMP: Final = tuple(
    (low, high, *_PORTS) for low, high in ((0, 0), (2, 5), (7, 16), (18, 255))
)
_ANYWHERE: Final[Prefix] = (0, 0)
_PRIVATE: Final = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
_SPECIAL: Final = (
    *("0.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24"),
    *("192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3"),
)
_HOST, _METADATA = "168.63.129.16", "169.254.169.254"
_HOST_SERVICES: Final = (
    *((_TCP, _TCP, port, port) for port in (53, 80, 32526)),
    *((_UDP, _UDP, port, port) for port in (53, 67)),
)
_METADATA_SERVICES: Final = ((_TCP, _TCP, 80, 80),)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a first-match list; what no entry matches is denied."""

    allow: bool
    prefixes: tuple[Prefix, ...]
    services: tuple[Services, ...]
    sure: bool = True
    """Else nobody can say whether it matches."""


class Tags(Enum):
    """The ways in which the VirtualNetwork and Internet tags may read (NSG-18, NSG-19)."""

    PLAIN = "no default route"
    WIDE = "VirtualNetwork holds the default route"
    SHRUNK = "it does, and Internet holds nothing"


def security_group_entries(
    group: SecurityGroup, nodes: str, vnet: Sequence[str], tags: Tags = Tags.PLAIN
) -> tuple[Entry, ...]:
    """The outbound rules as they apply to some nodes of a network."""
    rules = sorted((rule for rule in group.rules if rule.direction == "outbound"), key=lambda r: r.priority)
    targets = (*vnet, _HOST) if tags is Tags.PLAIN else ("*",)  # NSG-17
    found = list(PLATFORM_ENTRIES)
    for rule in rules:
        if rule.destinations == ("Internet",):
            found += () if tags is Tags.SHRUNK else _internet(rule)
        elif _applies(rule.sources, nodes, vnet):
            found += _security_entries(rule, targets)
    return tuple(found)


def firewall_entries(
    given: FirewallSet, nodes: str, *, name: str | None = None, application: str | None = None
) -> tuple[Entry, ...]:
    """The network rules, and for a name the application rules behind them, as they apply to some nodes."""
    groups = {group.id: _prefixes(group.addresses) for group in given.ip_groups}
    tags = {name: _prefixes(texts) for name, texts in given.tags.items()}
    placed = sorted(
        (
            (group.priority, collection.priority, collection)
            for group in given.groups
            for collection in group.collections
        ),
        key=lambda place: place[:2],
    )
    network: list[Entry] = [_denied(given.firewall.private_addresses)]
    names: list[Entry] = []
    for _, _, collection in placed:
        allow = _allows(collection.action)
        for rule in collection.rules:
            if isinstance(rule, NetworkRule):
                if _applies(rule.sources, nodes):
                    named = [
                        *(tags[text] for text in rule.destinations if text in tags),
                        *(groups[one] for one in rule.destination_groups),
                    ]
                    written = _prefixes([text for text in rule.destinations if text not in tags])
                    # A list that a rule has to itself stays the object that it is, so that peers can share it.
                    prefixes = named[0] if len(named) == 1 and not written else (*written, *chain(*named))
                    network.append(Entry(allow, prefixes, tuple(_firewall_services(rule))))
            elif (
                isinstance(rule, ApplicationRule)
                and name is not None
                and _applies(rule.sources, nodes)
                and any(_names(pattern, name) for pattern in rule.fqdns)
            ):
                ports = [port for kind, port in rule.protocols if kind == application]
                names += [Entry(allow, (_ANYWHERE,), ((_TCP, _TCP, port, port),)) for port in ports]
    return (*network, *names)


def allowance_entries(allowed: Sequence[tuple[tuple[str, ...], int]]) -> tuple[Entry, ...]:
    """A small policy: prefixes with one TCP port each."""
    return tuple(Entry(True, _prefixes(texts), ((_TCP, _TCP, port, port),)) for texts, port in allowed)


def _internet(rule: SecurityRule) -> Iterator[Entry]:
    """The default rule for Internet, which stands just before the one that denies everything (NSG-19).

    So what the tag leaves out is denied here, and what it may hold may be allowed.
    """
    yield Entry(False, _prefixes((*_PRIVATE, _HOST)), (_EVERYTHING,))
    for sure, services in _security_services(rule):
        yield Entry(True, _prefixes(_SPECIAL), services, sure=False)
        yield Entry(False, _prefixes(_SPECIAL), services)
        yield Entry(True, (_ANYWHERE,), services, sure)


def _security_entries(rule: SecurityRule, vnet: Sequence[str]) -> Iterator[Entry]:
    texts = [text for one in rule.destinations for text in (vnet if one == "VirtualNetwork" else (one,))]
    for sure, services in _security_services(rule):
        yield Entry(_allows(rule.access), _prefixes(texts), services, sure)


def _security_services(rule: SecurityRule) -> Iterator[tuple[bool, tuple[Services, ...]]]:
    """What a rule surely matches and what it may match (NSG-12, NSG-13)."""
    ports = [_port_range(text) for text in rule.destination_ports]
    every = _PORTS in ports
    if rule.protocol != "*":
        yield True, tuple(_on(rule.protocol, ports))
        return
    yield True, (*_on("tcp", ports), *_on("udp", ports), *(_on("icmp", [_PORTS]) if every else ()))
    yield False, (*_BESIDE_TCP_UDP_ICMP, *(() if every else _on("icmp", [_PORTS])))


def _firewall_services(rule: NetworkRule) -> Iterator[Services]:
    """FW-36: Any is every protocol, but with ports of its own it is TCP and UDP."""
    ports = [_port_range(text) for text in rule.ports]
    for protocol in rule.protocols:
        if protocol != "any":
            yield from _on(protocol, ports)
        elif _PORTS in ports:
            yield _EVERYTHING
        else:
            yield from (*_on("tcp", ports), *_on("udp", ports))


def _on(protocol: str, ports: Sequence[tuple[int, int]]) -> Iterator[Services]:
    number = _NUMBERS[protocol]
    if protocol == "icmp" and list(ports) != [_PORTS]:
        raise ValueError("icmp with ports: not read here")
    for low, high in ports:
        yield number, number, low, high


def _port_range(text: str) -> tuple[int, int]:
    if text == "*":
        return _PORTS
    low, _, high = text.partition("-")
    return int(low), int(high or low)


def _applies(sources: Sequence[str], nodes: str, vnet: Sequence[str] = ()) -> bool:
    """Whether a rule is for the nodes: all of them or none, else it is refused."""
    wanted = IPv4Network(nodes)
    for text in sources:
        if text == "*":
            return True
        for one in vnet if text == "VirtualNetwork" else (text,):
            low, high = _span(one)
            if low <= int(wanted[0]) and int(wanted[-1]) <= high:
                return True
            if not (high < int(wanted[0]) or int(wanted[-1]) < low):
                raise ValueError(f"source {one}: cuts the nodes {nodes}")
    return False


def _span(text: str) -> tuple[int, int]:
    if "-" in text:
        low, _, high = text.partition("-")
        return int(IPv4Address(low)), int(IPv4Address(high))
    network = IPv4Network(text)
    return int(network[0]), int(network[-1])


def _prefixes(texts: Sequence[str]) -> tuple[Prefix, ...]:
    networks = [IPv4Network("0.0.0.0/0" if text == "*" else text) for text in texts]
    return tuple((int(network.network_address), network.prefixlen) for network in networks)


def _denied(addresses: Sequence[str]) -> Entry:
    """What is sent to a firewall without DNS proxy and DNAT rules goes no further (FW-6)."""
    return Entry(False, _prefixes(addresses), (_EVERYTHING,))


def _allows(action: str) -> bool:
    return {"allow": True, "deny": False}[action]


def _names(pattern: str, name: str) -> bool:
    """Whether a rule's name stands for this one; `*.x` does not stand for `x` itself (FW-26)."""
    return (
        name.endswith(pattern[1:]) and len(name) > len(pattern) - 1 if pattern[:1] == "*" else name == pattern
    )


PLATFORM_ENTRIES: Final = (
    Entry(True, _prefixes((_HOST,)), _HOST_SERVICES),
    Entry(True, _prefixes((_METADATA,)), _METADATA_SERVICES),
    Entry(True, _prefixes((_HOST, _METADATA)), (_EVERYTHING,), sure=False),
)
"""Before the rules of a security group, which name no tag of the platform: its services pass (NSG-21).

Whether rules reach other services at its addresses is not said: what they deny is open.
"""
