"""One security rule (of a network security group or an admin rule) as an entry of a first-match list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from auditor.filters.known_addresses import AZURE_DNS, EVERYWHERE, HOST, PLATFORM
from auditor.filters.parts import NO_CODES, UNSETTLED, Codes, Doubt, Match, SourceCut
from auditor.filters.platform import DNS_SERVICES, PLATFORM_ADDRESSES, PLATFORM_TAGS, UNSAID, reached
from auditor.filters.services import ALL_PORTS, ports_of, with_ports
from auditor.filters.terms import NOWHERE, WILDCARDS, Maybe, Term, boxes, doubts, literal, union
from auditor.filters.vnet_tag import TagContext, World
from auditor.model.security_group import SecurityRule
from auditor.model.verdict import Effect, Hop, Stage
from auditor.netset import AddressSet, ServiceSet, Traffic
from auditor.netset.service import ANY, TCP_UDP_ICMP

_EFFECTS = {"allow": Effect.ALLOW, "deny": Effect.DENY, "alwaysallow": Effect.ALLOW}
_VERBS = {"allow": "allows", "deny": "denies", "alwaysallow": "always allows"}
_UNSAID: Codes = frozenset({"uncertain:NSG-21"})
UNPARSED: Codes = frozenset({"enum-unknown"})


class CompiledRule:
    """A security rule on one subnet, in one reading of the tags; what depends on the source is asked for each class."""

    __slots__ = ("_by_codes", "_groups", "_held", "_matches", "_maybe", "_open", "rule")

    def __init__(self, rule: SecurityRule, context: TagContext, world: World, hop: Hop) -> None:
        self.rule = rule
        self._matches = tuple(_matches(rule, context, world, hop))
        self._by_codes: dict[Codes, tuple[Match, ...]] = {}
        self._groups = _group_codes(rule, context) if rule.source_groups else frozenset()
        self._held, self._maybe = (None, ()) if rule.source_groups else _sources(rule, context, world)
        self._open = _source_port_codes(rule) | (UNSETTLED if rule.unsettled else NO_CODES)

    def matches(self, source: AddressSet) -> tuple[Match, ...]:
        """The entries for one source class: at most two, apart by how the destination is named, or none."""
        standing = self._standing(source)
        if standing is None:
            return ()
        if not standing:
            return self._matches
        if standing not in self._by_codes:
            self._by_codes[standing] = _standing_open(self._matches, standing)
        return self._by_codes[standing]

    @property
    def all_matches(self) -> tuple[Match, ...]:
        """The entries for a source that is surely meant."""
        return self._matches

    def _standing(self, source: AddressSet) -> Codes | None:
        """Codes that leave open whether the rule applies to this source; empty: it does; None: it does not."""
        if self._groups is None:
            return None
        codes = self._open | self._groups
        if self._held is None or source <= self._held:
            return codes
        if source.isdisjoint(self._held):
            # A sender in a peered network may be a member of VirtualNetwork or not (NSG-17).
            hidden = [one.codes for one in self._maybe if not source.isdisjoint(one.addresses)]
            return codes.union(*hidden) if hidden else None
        # Classes are cut along literal sources, so this is a range that nobody cut; it must not read as "no match".
        return codes | {"uncertain:NSG-11"}


def _matches(rule: SecurityRule, context: TagContext, world: World, hop: Hop) -> Iterator[Match]:
    """The entries for a source that the rule surely means."""
    try:
        services, service_doubts = _services(rule)
        term = _destination(rule, context, world)
    except ValueError:
        yield Match(
            hop=hop, sure=Traffic.EMPTY, doubts=(Doubt(Traffic.box(EVERYWHERE, ANY), UNPARSED, None),)
        )
        return
    literal_box, broad_box = (reached(box) for box in boxes(term, services))
    open_ones = [Doubt(Traffic.box(term.sure, some), codes, None) for some, codes in service_doubts]
    open_ones += doubts(term, services)
    # A protocol that may be covered, at an address that may be meant: both have to hold, so both codes count.
    open_ones += [doubt for some, codes in service_doubts for doubt in doubts(term, some, codes)]
    extra = [replace(doubt, traffic=reached(doubt.traffic)) for doubt in open_ones]
    if _names_dns_literally(rule):
        extra.append(Doubt(Traffic.box(HOST, services & DNS_SERVICES), _UNSAID, None))
    if literal_box:
        yield Match(hop=hop, sure=literal_box, literal=True, target=rule.access)
    broad_all = broad_box | _platform(rule, services)
    extra += [
        Doubt(opened, codes, None) for some, codes in service_doubts if (opened := _platform(rule, some))
    ]
    for some, codes in ((services, NO_CODES), *service_doubts):
        extra += _platform_rest(rule, some, codes)
    if broad_all or extra:
        yield Match(hop=hop, sure=broad_all, doubts=tuple(extra), literal=False, target=rule.access)


def _standing_open(matches: tuple[Match, ...], codes: Codes) -> tuple[Match, ...]:
    """The entries where it is open whether the rule applies to the source at all."""
    if not matches:
        return ()
    sure = tuple(Doubt(match.sure, codes, None) for match in matches if match.sure)
    open_too = tuple(
        Doubt(doubt.traffic, doubt.codes | codes, None) for match in matches for doubt in match.doubts
    )
    first = matches[0]
    return (
        Match(
            hop=first.hop, sure=Traffic.EMPTY, doubts=(*sure, *open_too), literal=False, target=first.target
        ),
    )


def effect_of(rule: SecurityRule) -> Effect:
    """What the rule does; an access that nobody knows is unknown (ARM-2)."""
    return _EFFECTS.get(rule.access, Effect.UNKNOWN)


def names_special_tag(rule: SecurityRule) -> bool:
    """Whether the rule reads differently where a tag may hold the default route (NSG-18, NSG-19)."""
    return any(text.lower() in {"virtualnetwork", "internet"} for text in (*rule.sources, *rule.destinations))


def source_cuts(rule: SecurityRule) -> Iterator[SourceCut]:
    """Literal source sets that tell source addresses apart."""
    found = [known for text in rule.sources if text not in WILDCARDS and (known := literal(text))]
    if found:
        named = _named_services(rule)
        yield from ((known, named) for known in found)


def _named_services(rule: SecurityRule) -> ServiceSet:
    """Every service that the rule matches or may match."""
    try:
        services, open_ones = _services(rule)
    except ValueError:
        return ANY
    for some, _ in open_ones:
        services |= some
    return services


def _source_port_codes(rule: SecurityRule) -> Codes:
    """A source port that is not the full range may hold for a client or not (NSG-14)."""
    try:
        restricted = ports_of(rule.source_ports or ("*",)) != ALL_PORTS
    except ValueError:
        return UNPARSED
    return frozenset({"uncertain:NSG-14"}) if restricted else frozenset()


def _group_codes(rule: SecurityRule, context: TagContext) -> Codes | None:
    if context.own_groups is None:
        return frozenset({"asg-members-unknown"})
    return frozenset() if context.own_groups.intersection(rule.source_groups) else None


def _sources(
    rule: SecurityRule, context: TagContext, world: World
) -> tuple[AddressSet | None, tuple[Maybe, ...]]:
    """The sources that the rule holds, None for all, and those that it may hold."""
    held: list[AddressSet] = []
    maybe: list[Maybe] = []
    for text in rule.sources:
        if text.lower() in {"*", "any"}:
            return None, ()
        # 0.0.0.0/0 and ::/0 are every address of one family only.
        found = literal(text)
        if found is None:
            special = context.term(text, world)
            # A service tag lists public addresses of Microsoft, and a node never sends from one; but a tag that no
            # list holds may be anything (NSG-26).
            found = special.broad if special is not None else NOWHERE
            maybe += (special or context.service(text)).maybe
        held.append(found)
    return AddressSet.union_all(held), tuple(maybe)


def _services(rule: SecurityRule) -> tuple[ServiceSet, list[tuple[ServiceSet, Codes]]]:
    """The services a rule surely matches and those it may match, with the codes (NSG-12, NSG-13)."""
    ports = ports_of(rule.destination_ports or ("*",))
    icmp = ServiceSet.icmp()
    open_ports = ports == ALL_PORTS
    match rule.protocol:
        case "*" | "any" | "all":
            sure = with_ports(("tcp", "udp"), ports) | (icmp if open_ports else ServiceSet.protocols())
            other = ANY - TCP_UDP_ICMP
            doubtful = [(other, frozenset({"protocol-coverage"}))]
            if not open_ports:
                doubtful.append((icmp, frozenset({"uncertain:NSG-13"})))
            return sure, doubtful
        case "icmp" if not open_ports:
            return ServiceSet.protocols(), [(icmp, frozenset({"uncertain:NSG-13"}))]
        case "tcp" | "udp" | "icmp" | "esp" | "ah":
            return with_ports((rule.protocol,), ports), []
        case _:
            return ServiceSet.protocols(), [(ANY, UNPARSED)]


def _destination(rule: SecurityRule, context: TagContext, world: World) -> Term:
    # Prefixes are most of what rules name, so they are read as one; 0/0 and ranges have meanings of their own.
    special = [text for text in rule.destinations if text in WILDCARDS or "-" in text]
    plain, names = AddressSet.readable(
        text for text in rule.destinations if text not in WILDCARDS and "-" not in text
    )
    apart = {*special, *names}
    terms = [_one(text, context, world) for text in rule.destinations if text in apart]
    if plain:
        terms.append(Term(literal=plain))
    for group in rule.destination_groups:
        known = context.group_members.get(group, NOWHERE)
        rest = context.hidden_members(group) - known
        doubtful = (Maybe(rest, frozenset({"asg-members-unknown"})),) if rest else ()
        terms.append(Term(broad=known, maybe=doubtful))
    return union(terms)


def _one(text: str, context: TagContext, world: World) -> Term:
    if text.lower() in {"*", "any"}:
        return Term(broad=EVERYWHERE)
    found = literal(text)
    if found is not None:
        if text in WILDCARDS:
            return Term(broad=found)
        if "-" in text:
            return Term(maybe=(Maybe(found, frozenset({"uncertain:NSG-15"})),))
        return Term(literal=found)
    special = context.term(text, world)
    return context.service(text) if special is None else special


def _platform(rule: SecurityRule, services: ServiceSet) -> Traffic:
    """Platform traffic is matched only by the dedicated tags, on the rule's own services (NSG-21)."""
    named = Traffic.union_all(
        PLATFORM_TAGS[text.lower()] for text in rule.destinations if text.lower() in PLATFORM_TAGS
    )
    return named & Traffic.box(PLATFORM, services)


def _platform_rest(rule: SecurityRule, services: ServiceSet, codes: Codes) -> Iterator[Doubt]:
    """Whether a tag of the platform means its address as a whole is not said."""
    for text in rule.destinations:
        addresses = PLATFORM_ADDRESSES.get(text.lower())
        if addresses is not None:
            yield Doubt(UNSAID & Traffic.box(addresses, services), _UNSAID | codes, None)


def _names_dns_literally(rule: SecurityRule) -> bool:
    return any(text.split("/")[0] == AZURE_DNS for text in rule.destinations)


def rule_hop(stage: Stage, resource: str, rule: SecurityRule) -> Hop:
    """The hop that a rule makes when it decides."""
    effect = effect_of(rule)
    state = f", if it is in force: its state is {rule.unsettled}" if rule.unsettled else ""
    return Hop(
        stage=stage,
        resource=resource,
        rule=rule.name,
        priority=rule.priority,
        outcome=effect,
        clause="NSG-8" if rule.default else "NSG-4",
        detail=f"{'default ' if rule.default else ''}rule {rule.name} {_VERBS.get(rule.access, rule.access)} it{state}",
        codes=() if effect is not Effect.UNKNOWN else ("enum-unknown",),
    )
