"""The outbound rules of a network security group as a plain list whose dead rules can be told (NSG-4..NSG-21).

The list is the group's own: every source counts, not only those of one subnet, and each reading of the special
tags on each subnet that uses the group is a point of the first dimension. What is said of a rule then holds on
all of these subnets and in all readings. The others are source, destination and service.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence

from auditor.filters.dead_rules import SURE, Box, Doubts, Entry
from auditor.filters.known_addresses import AZURE_DNS, EVERYWHERE, HOST, PLATFORM
from auditor.filters.packet_lines import address_lines
from auditor.filters.platform import DNS_SERVICES, EXCEPTED, PLATFORM_ADDRESSES, PLATFORM_TAGS, UNSAID
from auditor.filters.security_rules import effect_of
from auditor.filters.services import ALL_PORTS, ports_of, with_ports
from auditor.filters.terms import WILDCARDS, literal
from auditor.filters.vnet_tag import TagContext, World
from auditor.model.security_group import SecurityGroup, SecurityRule
from auditor.model.verdict import Effect
from auditor.netset import AddressSet, IntervalSet, ServiceSet
from auditor.netset.service import ANY, TCP_UDP_ICMP

Reading = tuple[TagContext, World]
_Part = tuple[AddressSet, Doubts]
_ServicePart = tuple[ServiceSet, Doubts]
_RELATIVE = frozenset({"virtualnetwork", "internet"})
_OPAQUE_TAGS = frozenset({"azureplatformlkm", "azureloadbalancer"})
"""Tags whose addresses are not published, or that mean something for inbound traffic only (NSG-20, NSG-21)."""


def readings_of(contexts: Sequence[TagContext]) -> tuple[Reading, ...]:
    """Every reading of the special tags on the subnets with these contexts, alike ones once."""
    found: dict[Hashable, Reading] = {}
    for context in contexts:
        for world in context.worlds:
            # With the tags of one snapshot, this is all that the terms below depend on.
            found.setdefault((context.members, context.maybe_members, world), (context, world))
    return tuple(found.values())


def security_entries(
    group: SecurityGroup, readings: Sequence[Reading]
) -> tuple[list[SecurityRule | None], list[Entry]]:
    """The rules in their order, None for the platform's own exception (NSG-21), an entry for each, and a default.

    Only custom rules are judged. There must be a reading at least; a group with flaws must not be asked about.
    """
    outbound = sorted(
        (rule for rule in group.rules if rule.direction == "outbound"),
        key=lambda rule: (rule.priority, rule.name),
    )
    rules: list[SecurityRule | None] = [
        *(rule for rule in outbound if not rule.default),
        None,
        *(rule for rule in outbound if rule.default),
    ]
    everywhere = IntervalSet.of((0, len(readings) - 1))
    entries: list[Entry] = []
    order, priority = 0, None
    for rule in rules:
        now = None if rule is None else rule.priority
        order += now is None or now != priority
        priority = now
        entries.append(
            _platform(order, everywhere) if rule is None else _entry(rule, order, readings, everywhere)
        )
    # What no rule takes is denied, even if the default rules should lack (NSG-8).
    return rules, [*entries, _built_in(order + 1, Effect.DENY, EVERYWHERE, everywhere)]


def _built_in(order: int, effect: Effect, destinations: AddressSet, everywhere: IntervalSet) -> Entry:
    boxes = tuple(
        Box((everywhere, source, destination, ANY.points))
        for source, destination in address_lines(EVERYWHERE, destinations)
    )
    return Entry(order=order, effect=effect, boxes=boxes, judged=False)


def _platform(order: int, everywhere: IntervalSet) -> Entry:
    """The platform's services (NSG-21). If the rest of its addresses passes as well, it does so whatever rules say."""
    boxes = tuple(
        Box((everywhere, source, destination, services.points))
        for addresses, services in EXCEPTED.boxes()
        for source, destination in address_lines(EVERYWHERE, addresses)
    )
    return Entry(order=order, effect=Effect.ALLOW, boxes=boxes, judged=False)


def _entry(rule: SecurityRule, order: int, readings: Sequence[Reading], everywhere: IntervalSet) -> Entry:
    effect: Hashable = effect_of(rule)
    private: Doubts = SURE
    if effect is Effect.UNKNOWN:
        # What an unknown access does, or whether such a rule takes part at all, nobody knows (ARM-2).
        effect, private = ("unknown", order, rule.name), frozenset({object()})
    elif rule.unsettled:
        # Nobody knows whether it is in force, so it covers nothing, and what it decides is not judged (V-6).
        private = frozenset({object()})
    relative = any(text.lower() in _RELATIVE for text in (*rule.sources, *rule.destinations))
    places: dict[tuple[AddressSet, AddressSet, ServiceSet, Doubts], list[int]] = {}
    for number, (context, world) in enumerate(readings if relative else readings[:1]):
        for part in _parts(rule, context, world):
            places.setdefault(part, []).append(number)
    boxes = tuple(
        Box((where, *lines, services.points), doubts | private)
        for (sources, destinations, services, doubts), numbers in places.items()
        for where in [IntervalSet.of(*((number, number) for number in numbers)) if relative else everywhere]
        for lines in address_lines(sources, destinations)
        if services
    )
    return Entry(order=order, effect=effect, boxes=boxes, judged=not (rule.default or rule.unsettled))


def _parts(
    rule: SecurityRule, context: TagContext, world: World
) -> Iterator[tuple[AddressSet, AddressSet, ServiceSet, Doubts]]:
    """Sources, destinations and services of a rule, with the doubts on which each combination hangs."""
    try:
        services = list(_services(rule))
        ports = _source_ports(rule)
    except ValueError:
        yield EVERYWHERE, EVERYWHERE, ANY, frozenset({object()})
        return
    for sources, source_doubts in _joined(_sources(rule, context, world)):
        doubts = source_doubts | ports
        for destinations, destination_doubts in _joined(_destinations(rule, context, world)):
            for some, service_doubts in services:
                yield sources, destinations - PLATFORM, some, doubts | destination_doubts | service_doubts
                for addresses, rest in UNSAID.boxes():
                    # Whether rules reach these at all is one and the same doubt for all of them (NSG-21).
                    unsaid = doubts | destination_doubts | service_doubts | {("NSG-21", "reached")}
                    if found := addresses & destinations:
                        yield sources, found, some & rest, unsaid
        for destinations, some, platform_doubts in _platform_parts(rule, services):
            yield sources, destinations, some, doubts | platform_doubts


def _joined(parts: Iterator[_Part]) -> Iterator[_Part]:
    """Parts that hang on the same doubts become one; what is sure needs no doubtful twin."""
    found: dict[Doubts, list[AddressSet]] = {}
    for addresses, doubts in parts:
        found.setdefault(doubts, []).append(addresses)
    sure = AddressSet.union_all(found.pop(SURE, []))
    if sure:
        yield sure, SURE
    for doubts, sets in found.items():
        rest = AddressSet.union_all(sets) - sure
        if rest:
            yield rest, doubts


def _source_ports(rule: SecurityRule) -> Doubts:
    """A rule for some source ports matches the clients that happen to use one (NSG-14)."""
    ports = ports_of(rule.source_ports or ("*",))
    return SURE if ports == ALL_PORTS else frozenset({("NSG-14", ports)})


def _services(rule: SecurityRule) -> Iterator[_ServicePart]:
    """NSG-12: whether `*` holds more than three protocols, NSG-13: what ports mean for ICMP, is not documented."""
    ports = ports_of(rule.destination_ports or ("*",))
    icmp = ServiceSet.icmp()
    without_ports = frozenset({("NSG-13", rule.protocol, ports)})
    match rule.protocol:
        case "*" | "any" | "all":
            yield with_ports(("tcp", "udp"), ports), SURE
            yield icmp, SURE if ports == ALL_PORTS else without_ports
            yield ANY - TCP_UDP_ICMP, frozenset({"NSG-12"})
        case "icmp" | "esp" | "ah":
            yield with_ports((rule.protocol,), ports), SURE if ports == ALL_PORTS else without_ports
        case "tcp" | "udp":
            yield with_ports((rule.protocol,), ports), SURE
        case _:
            yield ANY, frozenset({object()})


def _sources(rule: SecurityRule, context: TagContext, world: World) -> Iterator[_Part]:
    for group in rule.source_groups:
        # Which senders are members is not asked here: any may be, and is for every rule that names the group.
        yield EVERYWHERE, frozenset({("source group", group)})
    for text in rule.sources:
        if text.lower() in _OPAQUE_TAGS or text.lower() in PLATFORM_ADDRESSES:
            yield EVERYWHERE, frozenset({("source", text.lower())})
        else:
            yield from _one(text, "source", context, world)


def _destinations(rule: SecurityRule, context: TagContext, world: World) -> Iterator[_Part]:
    """Destinations by ordinary terms, which do not reach the services of the platform (NSG-21)."""
    for group in rule.destination_groups:
        yield context.group_members.get(group, AddressSet.of()), SURE
        yield EVERYWHERE, frozenset({("destination group", group)})
    for text in rule.destinations:
        if text.lower() not in _OPAQUE_TAGS and text.lower() not in PLATFORM_ADDRESSES:
            yield from _one(text, "destination", context, world)


def _one(text: str, side: str, context: TagContext, world: World) -> Iterator[_Part]:
    """What a text surely holds and what it may hold; a doubt is named after what it is about.

    That a tag holds the source of a packet does not say that it holds the destination.
    """
    if text.lower() in {"*", "any"}:
        yield EVERYWHERE, SURE
        return
    found = literal(text)
    if found is not None:
        doubtful = "-" in text and text not in WILDCARDS
        yield found, frozenset({("NSG-15", side, text)}) if doubtful else SURE
        return
    special = context.term(text, world)
    term = context.service(text) if special is None else special
    yield term.literal, SURE
    yield term.broad, SURE
    for maybe in term.maybe:
        yield maybe.addresses, frozenset({("tag", side, text.lower(), maybe.codes)})


def _platform_parts(
    rule: SecurityRule, services: Sequence[_ServicePart]
) -> Iterator[tuple[AddressSet, ServiceSet, Doubts]]:
    """What the platform's tags stand for; what else they may stand for, or a literal address may, is a doubt."""
    for text in rule.destinations:
        tag = text.lower()
        for some, doubts in services:
            if tag in PLATFORM_ADDRESSES:
                for addresses, known in PLATFORM_TAGS[tag].boxes():
                    yield addresses, some & known, doubts
                yield PLATFORM_ADDRESSES[tag], some, doubts | {("destination", tag)}
            elif tag in _OPAQUE_TAGS:
                yield EVERYWHERE, some, doubts | {("destination", tag)}
            elif text.split("/", maxsplit=1)[0] == AZURE_DNS:
                yield HOST, some & DNS_SERVICES, doubts | {("NSG-21", text)}
