"""Rule sets of any size for tests and benchmarks: the same seed gives the same records, and none is of a real estate.

They look like those that people write: prefixes of many lengths out of a limited space, so that rules overlap;
single ports, ranges and lists; every protocol; allow and deny mixed; a few rules for any address.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Network
from itertools import islice
from random import Random
from typing import Final

from auditor.model.firewall import (
    ApplicationRule,
    Firewall,
    IpGroup,
    NetworkRule,
    RuleCollection,
    RuleCollectionGroup,
)
from auditor.model.resource_id import ResourceId
from auditor.model.security_group import SecurityGroup, SecurityRule

NETWORK: Final = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network"
NODES: Final = "10.20.0.0/24"
"""Where the nodes live that the rule sets are asked about."""
VNET: Final = ("10.20.0.0/16", "10.21.0.0/16")
"""What the VirtualNetwork tag holds for them."""
FIREWALL: Final = "10.9.0.4"
TAG: Final = "Storage"
TAG_PREFIXES: Final = 6_000

_LENGTHS: Final = (32,) * 6 + (
    31,
    30,
    30,
    29,
    28,
    28,
    27,
    27,
    26,
    25,
    24,
    24,
    24,
    24,
    24,
    23,
    22,
    21,
    20,
    18,
    16,
)
_PUBLIC: Final = (4, 13, 20, 23, 40, 51, 52, 65, 104, 137, 157, 168, 191, 204)
_PORTS: Final = (443, 443, 443, 443, 80, 22, 53, 123, 1433, 3306, 5432, 5671, 6379, 8080, 8443, 9000, 9093)


@dataclass(frozen=True, slots=True)
class FirewallSet:
    """A firewall with the groups of its policy and whatever their rules refer to."""

    firewall: Firewall
    groups: tuple[RuleCollectionGroup, ...]
    ip_groups: tuple[IpGroup, ...]
    tags: dict[str, tuple[str, ...]]
    """The prefixes of each service tag."""


def security_group(rules: int, prefixes: int, *, seed: int = 1) -> SecurityGroup:
    """A network security group with so many outbound rules of so many destination prefixes, and the default rules."""
    random = _random(seed)
    custom = [_security_rule(random, number, prefixes) for number in range(rules)]
    return SecurityGroup(
        id=ResourceId(f"{NETWORK}/networkSecurityGroups/nsg"), flaws=(), rules=(*custom, *_defaults())
    )


def firewall_set(
    rules: int,
    *,
    tag_share: float = 0.05,
    tag_prefixes: int = TAG_PREFIXES,
    names: Sequence[str] = (),
    seed: int = 1,
) -> FirewallSet:
    """A policy with so many network rules, of which a share names a service tag, and application rules for `names`."""
    random = _random(seed)
    ip_groups = tuple(_ip_group(random, f"ipg-{number}", 40) for number in range(20))
    network = [_network_rule(random, number, ip_groups, tag_share) for number in range(rules)]
    collections = list(_collections(random, network))
    collections += [
        RuleCollection(name=f"names-{number}", priority=20_000 + number, action=action, rules=(rule,))
        for number, (action, rule) in enumerate(_application_rules(random, names))
    ]
    return _firewall_set(collections, ip_groups, {TAG: tuple(prefixes(random, tag_prefixes))})


def source_class_set(rules: int, classes: int, *, seed: int = 1) -> tuple[FirewallSet, tuple[str, ...]]:
    """A policy whose sources cut a /16 into so many classes, and one address of each class."""
    random = _random(seed)
    cuts = sorted(random.sample(range(1, 1 << 16), classes - 1))
    starts, ends = [0, *cuts], [*cuts, 1 << 16]
    base = 10 << 24 | 20 << 16
    spans = [(base + low, base + end - 1) for low, end in zip(starts, ends, strict=True)]
    network = []
    for number in range(rules):
        # A run of neighbouring classes; the first ones make sure that every cut is some rule's.
        first = number if number < classes else random.randrange(classes)
        last = first if number < classes else min(classes - 1, first + random.randrange(20))
        network.append(
            _network(
                f"rule-{number}",
                (f"{_text(spans[first][0])}-{_text(spans[last][1])}",),
                _protocols(random),
                tuple(prefixes(random, random.choice((1, 1, 2, 3, 5)))),
                random_ports(random),
            )
        )
    return _firewall_set(list(_collections(random, network)), (), {}), tuple(_text(low) for low, _ in spans)


def two_spellings(rules: int, prefixes: int) -> tuple[SecurityGroup, SecurityGroup]:
    """A group, and one that says the same with other priorities, each prefix of a custom rule in two halves."""
    first = security_group(rules, prefixes)
    second = replace(
        first,
        rules=tuple(
            one
            if one.default
            else replace(
                one,
                priority=100 + (one.priority - 100) * 3,
                destinations=tuple(half for text in one.destinations for half in _halves(text)),
            )
            for one in first.rules
        ),
    )
    return first, second


def prefixes(random: Random, count: int) -> Iterator[str]:
    """Different prefixes of many lengths out of a limited space."""
    seen: set[str] = set()
    while len(seen) < count:
        text = _prefix(random)
        if text not in seen:
            seen.add(text)
            yield text


def small_policy(*, seed: int = 1) -> tuple[tuple[tuple[str, ...], int], ...]:
    """What a small policy allows: prefixes with one TCP port each."""
    random = _random(seed + 1_000)
    return tuple((tuple(prefixes(random, 5)), port) for port in (443, 443, 80, 53, 9000, 1433))


def ip_group(name: str, entries: int, *, seed: int) -> IpGroup:
    """An IP group with so many different entries."""
    return _ip_group(_random(seed), name, entries)


def _random(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - figures that are always alike, no secret


def _security_rule(random: Random, number: int, count: int) -> SecurityRule:
    protocol = random.choice(("tcp",) * 6 + ("udp",) * 2 + ("*", "*", "icmp"))
    wild = random.random() < 0.01
    # A rule for any address names a port, else no later one would matter.
    ports = ("*",) if protocol == "icmp" else random_ports(random, any_share=0.0 if wild else 0.05)
    return _rule(
        f"rule-{number}",
        100 + number,
        random.choice(("allow", "allow", "deny")),
        protocol=protocol,
        source=random.choice(("*", "*", "VirtualNetwork", NODES, "10.20.0.0/16", "10.21.4.0/24")),
        destinations=("*",) if wild else tuple(prefixes(random, count)),
        ports=ports,
    )


def _defaults() -> Iterator[SecurityRule]:
    """The default rules for both directions of looking (NSG-8)."""
    yield _rule(
        "AllowVnetOutBound", 65000, "allow", source="VirtualNetwork", destinations=("VirtualNetwork",)
    )
    yield _rule("AllowInternetOutBound", 65001, "allow", destinations=("Internet",))
    yield _rule("DenyAllOutBound", 65500, "deny", destinations=("*",))


def _rule(
    name: str,
    priority: int,
    access: str,
    *,
    destinations: tuple[str, ...],
    source: str = "*",
    protocol: str = "*",
    ports: tuple[str, ...] = ("*",),
) -> SecurityRule:
    return SecurityRule(
        name=name,
        priority=priority,
        direction="outbound",
        access=access,
        protocol=protocol,
        sources=(source,),
        source_groups=(),
        source_ports=("*",),
        destinations=destinations,
        destination_groups=(),
        destination_ports=ports,
        default=priority >= 65000,
    )


def _network_rule(random: Random, number: int, ip_groups: Sequence[IpGroup], tag_share: float) -> NetworkRule:
    source = random.choice(("*", "10.20.0.0/16", NODES, "10.21.0.0/16"))
    destinations: tuple[str, ...] = ()
    groups: tuple[ResourceId, ...] = ()
    dice = random.random()
    if dice < tag_share:
        destinations = (TAG,)
    elif dice < tag_share + 0.1:
        groups = (random.choice(ip_groups).id,)
    elif dice < tag_share + 0.103:
        destinations = ("*",)
    else:
        destinations = tuple(prefixes(random, random.choice((1, 1, 1, 2, 3, 5, 8))))
    return _network(
        f"rule-{number}",
        (source,),
        _protocols(random),
        destinations,
        random_ports(random, any_share=0.02),
        groups=groups,
    )


def _network(
    name: str,
    sources: tuple[str, ...],
    protocols: tuple[str, ...],
    destinations: tuple[str, ...],
    ports: tuple[str, ...],
    *,
    groups: tuple[ResourceId, ...] = (),
) -> NetworkRule:
    return NetworkRule(
        name=name,
        sources=sources,
        source_groups=(),
        protocols=protocols,
        destinations=destinations,
        destination_groups=groups,
        fqdns=(),
        ports=("*",) if protocols == ("icmp",) else ports,
        preview_selector=False,
    )


def _application_rules(random: Random, names: Sequence[str]) -> Iterator[tuple[str, ApplicationRule]]:
    for number, name in enumerate(names):
        yield (
            random.choice(("allow", "allow", "deny")),
            ApplicationRule(
                name=f"name-{number}",
                sources=(random.choice(("*", "10.20.0.0/16", "10.21.0.0/16")),),
                source_groups=(),
                protocols=(random.choice((("https", 443), ("http", 80), ("https", 8443))),),
                fqdns=(name,),
                urls=(),
                fqdn_tags=(),
                web_categories=(),
                destinations=(),
                terminate_tls=False,
                preview_selector=False,
            ),
        )


def _collections(random: Random, rules: Sequence[NetworkRule]) -> Iterator[RuleCollection]:
    """The rules in collections of one action each, in order."""
    left = iter(rules)
    number = 0
    while taken := tuple(islice(left, random.randrange(5, 40))):
        action = random.choice(("allow", "allow", "deny"))
        yield RuleCollection(name=f"collection-{number}", priority=100 + number, action=action, rules=taken)
        number += 1


def _firewall_set(
    collections: Sequence[RuleCollection], ip_groups: tuple[IpGroup, ...], tags: dict[str, tuple[str, ...]]
) -> FirewallSet:
    policy = f"{NETWORK}/firewallPolicies/policy"
    size = max(1, -(-len(collections) // 20))
    groups = tuple(
        RuleCollectionGroup(
            id=ResourceId(f"{policy}/ruleCollectionGroups/group-{start}"),
            flaws=(),
            priority=100 + start,
            collections=tuple(collections[start : start + size]),
        )
        for start in range(0, len(collections), size)
    )
    return FirewallSet(
        firewall=Firewall(
            id=ResourceId(f"{NETWORK}/azureFirewalls/firewall"),
            flaws=(),
            tier="standard",
            hub=None,
            private_addresses=(FIREWALL,),
            public_addresses=(),
            public_ip_ids=(),
            subnet=None,
            management=False,
            policy=ResourceId(policy),
            classic=(),
            threat_intel="alert",
            classic_private_ranges=None,
            classic_dns_proxy=None,
        ),
        groups=groups,
        ip_groups=ip_groups,
        tags=tags,
    )


def _ip_group(random: Random, name: str, entries: int) -> IpGroup:
    return IpGroup(
        id=ResourceId(f"{NETWORK}/ipGroups/{name}"), flaws=(), addresses=tuple(prefixes(random, entries))
    )


def _protocols(random: Random) -> tuple[str, ...]:
    return random.choice((("tcp",),) * 6 + (("udp",), ("tcp", "udp"), ("any",), ("icmp",)))


def random_ports(random: Random, *, any_share: float = 0.05) -> tuple[str, ...]:
    """One port, a range, a list or all of them."""
    dice = random.random()
    if dice < any_share:
        return ("*",)
    if dice < 0.6:
        return (str(random.choice(_PORTS)),)
    if dice < 0.75:
        low = random.choice((1024, 5000, 8000, 30000, 49152))
        return (f"{low}-{low + random.choice((9, 99, 767, 2767))}",)
    return tuple(str(port) for port in sorted(random.sample(sorted(set(_PORTS)), random.randrange(2, 5))))


def _prefix(random: Random) -> str:
    length = random.choice(_LENGTHS)
    if random.random() < 0.15:
        number = 10 << 24 | random.randrange(256) << 16 | random.getrandbits(16)
    else:
        number = random.choice(_PUBLIC) << 24 | random.randrange(64) << 16 | random.getrandbits(16)
    number = number >> (32 - length) << (32 - length)
    return _text(number) if length == 32 else f"{_text(number)}/{length}"


def _halves(text: str) -> tuple[str, ...]:
    if text == "*":
        return "0.0.0.0/1", "128.0.0.0/1"
    network = IPv4Network(text)
    return (text,) if network.prefixlen == 32 else tuple(str(one) for one in network.subnets())


def _text(number: int) -> str:
    return f"{number >> 24}.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
