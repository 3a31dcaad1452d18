"""The network and application rules of a firewall as one plain list whose dead rules can be told (FW-6..FW-42).

The list is the firewall's own: every source counts, since others than one cluster send through it. Its dimensions
are source, destination, service and name; a service is raw, or http, https or mssql on a TCP port, because only
those have a name that application rules see. Network rules come first and take all of a service (FW-7, FW-13).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from auditor.filters.application_rules import (
    APPLICATIONS,
    INFRASTRUCTURE,
    holds_addresses,
    pattern_of,
    services_of,
)
from auditor.filters.dead_rules import SURE, Box, Doubts, Entry
from auditor.filters.firewall_rules import (
    PlacedCollection,
    ResolvedFirewall,
    RuleTerms,
    address_term,
    source_term,
)
from auditor.filters.known_addresses import EVERYWHERE
from auditor.filters.network_rules import named_services
from auditor.filters.packet_classes import Packet
from auditor.filters.packet_lines import NameLine, address_at, address_lines, service_at
from auditor.filters.terms import Term, literal
from auditor.model.firewall import ApplicationRule, NetworkRule
from auditor.model.resource_id import ResourceId
from auditor.model.service_tags import ServiceTags
from auditor.model.verdict import Effect
from auditor.netset import AddressSet, IntervalSet, ServiceSet
from auditor.netset.protocol import TCP
from auditor.netset.service import ANY

_Part = tuple[AddressSet, Doubts]
_NamePart = tuple[IntervalSet, Doubts]
_SPAN = 1 << 24
"""Room for every protocol and port on the service line; each kind of request has one such stretch."""
_NAMELESS = IntervalSet.of((NameLine.NAMELESS, NameLine.NAMELESS))


@dataclass(frozen=True, slots=True)
class PlacedRule:
    """A rule and the collection that it stands in."""

    place: PlacedCollection
    rule: NetworkRule | ApplicationRule


class FirewallRules:
    """A firewall that was read completely, with an entry for each of its network and application rules."""

    def __init__(self, resolved: ResolvedFirewall, tags: ServiceTags) -> None:
        """Refuses a firewall with problems: what its rules are is not known."""
        if resolved.problems:
            raise ValueError(f"firewall {resolved.firewall.id.name}: its rules are not known")
        self._resolved = resolved
        self._tags = tags
        self._terms = RuleTerms(resolved.ip_groups, tags)
        self._shifts = _shifts(proxied=resolved.explicit_proxy is not None)
        self._services: dict[ServiceSet, IntervalSet] = {}
        placed = [
            PlacedRule(place, rule)
            for place in resolved.collections
            for rule in place.collection.rules
            if isinstance(rule, NetworkRule | ApplicationRule)
        ]
        self.rules: list[PlacedRule] = sorted(placed, key=lambda item: isinstance(item.rule, ApplicationRule))
        """In processing order; entries from `len(rules)` on are the firewall's own."""

    @cached_property
    def line(self) -> NameLine:
        """Names as the application rules tell them apart."""
        return NameLine(
            pattern
            for text in (*INFRASTRUCTURE, *_patterns(item.rule for item in self.rules))
            if (pattern := pattern_of(text)) is not None
        )

    @cached_property
    def entries(self) -> list[Entry]:
        """An entry for each rule, then the built-in collection and the default (FW-15, FW-16)."""
        places = self._places()
        shared: dict[Hashable, set[tuple[ResourceId, str]]] = {}
        for item, place in zip(self.rules, places, strict=True):
            shared.setdefault(place, set()).add((item.place.owner, item.place.collection.name))
        found: list[Entry] = []
        order = 0
        before: Hashable = None
        for item, place in zip(self.rules, places, strict=True):
            # Collections that share a place have no order among them (FW-12); rules of one collection do (FW-9).
            order += place != before or len(shared[place]) == 1
            before = place
            found.append(self._entry(item, order))
        return [*found, *self._built_in(order + 1)]

    def _places(self) -> list[Hashable]:
        """The place of each rule: that of its collection, or of its group where groups tie in one pass (FW-8, FW-12).

        The order inside a group that ties is given up: a rule is then dead only if it is in any order of them all.
        """
        passes = [isinstance(item.rule, ApplicationRule) for item in self.rules]
        groups = [(kind, *item.place.order[:2]) for kind, item in zip(passes, self.rules, strict=True)]
        owners: dict[Hashable, set[ResourceId]] = {}
        for group, item in zip(groups, self.rules, strict=True):
            owners.setdefault(group, set()).add(item.place.owner)
        return [
            group if len(owners[group]) > 1 else (*group, item.place.order[2])
            for group, item in zip(groups, self.rules, strict=True)
        ]

    def empty_groups(self, rule: NetworkRule | ApplicationRule) -> tuple[ResourceId, ...]:
        """IP groups that a rule uses and that hold nothing, for which Azure skips the rule (FW-40)."""
        return tuple(group for group in _groups(rule) if self._terms.skip((group,)))

    def shown(self, packet: Packet) -> str:
        """A packet of the list as text; where a named request goes is the firewall's choice (FW-23)."""
        source, destination, service, name = packet
        kind, point = divmod(service, _SPAN)
        if not kind:
            return f"{service_at(point)} from {address_at(source)} to {address_at(destination)}"
        application = APPLICATIONS[(kind - 1) % len(APPLICATIONS)]
        named = self.line.name_at(name) or "a request without a name"
        return f"{named}:{point}/{application} from {address_at(source)}"

    # -- entries ---------------------------------------------------------------------------------------

    def _entry(self, item: PlacedRule, order: int) -> Entry:
        rule = item.rule
        effect: Hashable = (item.place.effect, _beside(item))
        private: Doubts = frozenset()
        if item.place.effect is Effect.UNKNOWN:
            effect, private = ("unknown", order, rule.name), frozenset({object()})
        elif rule.preview_selector:
            # Some only select, others change what is done with the traffic; no page says what (FW-55).
            effect = (item.place.effect, "preview", order, rule.name)
        if self._terms.skip(_groups(rule)):
            return Entry(order=order, effect=effect, boxes=())
        parts = self._network(rule) if isinstance(rule, NetworkRule) else self._application(rule)
        boxes = tuple(
            Box((source, target, services, names), doubts | private)
            for sources, destinations, services, names, doubts in parts
            if services and names
            for source, target in address_lines(sources, destinations)
        )
        return Entry(order=order, effect=effect, boxes=boxes)

    def _built_in(self, order: int) -> Iterator[Entry]:
        some = self.line.of(pattern for text in INFRASTRUCTURE if (pattern := pattern_of(text)) is not None)
        requests = IntervalSet.union_all(
            self._requests(name, IntervalSet.of((0, 65535))) for name in APPLICATIONS
        )
        yield Entry(
            order=order,
            effect=(Effect.ALLOW, "infrastructure"),
            boxes=tuple(
                Box((source, target, requests, some), frozenset({"FW-16"}))
                for source, target in address_lines(EVERYWHERE, EVERYWHERE)
            ),
            judged=False,
        )
        everything = IntervalSet.union_all([self._raw_and_requests(ANY), requests])
        yield Entry(
            order=order + 1,
            effect=(Effect.DENY, ()),
            boxes=tuple(
                Box((source, target, everything, self.line.all))
                for source, target in address_lines(EVERYWHERE, EVERYWHERE)
            ),
            judged=False,
        )

    def _network(
        self, rule: NetworkRule
    ) -> Iterator[tuple[AddressSet, AddressSet, IntervalSet, IntervalSet, Doubts]]:
        standing: Doubts = frozenset({object()}) if rule.preview_selector else SURE
        try:
            services = self._raw_and_requests(named_services(rule.protocols, rule.ports))
        except (ValueError, KeyError):
            services, standing = self._raw_and_requests(ANY), frozenset({object()})
        terms = {text: address_term(text, self._tags) for text in rule.destinations}
        standing |= self._emptied(rule)
        destinations = [
            *self._addresses("destination", terms, rule.destination_groups),
            *self._named(rule),
        ]
        if not destinations and rule.preview_selector:
            destinations = [(EVERYWHERE, SURE)]
        for sources, source_doubts in self._sources(rule):
            for addresses, doubts in destinations:
                yield sources, addresses, services, self.line.all, standing | source_doubts | doubts

    def _named(self, rule: NetworkRule) -> Iterator[_Part]:
        """Addresses that the firewall resolved a name to, which may be any; so may those of what is no name (FW-41)."""
        for name in dict.fromkeys((*rule.fqdns, *rule.odd_fqdns)):
            tier = set() if self._resolved.standard else {object()}
            yield EVERYWHERE, frozenset({("FW-41", name), *tier})

    def _application(
        self, rule: ApplicationRule
    ) -> Iterator[tuple[AddressSet, AddressSet, IntervalSet, IntervalSet, Doubts]]:
        standing = self._standing(rule)
        for application in APPLICATIONS:
            ports = IntervalSet.union_all(ports for _, ports in services_of(rule, application).split())
            services = self._requests(application, ports)
            if not services:
                continue
            names = list(self._names(rule, application))
            for sources, source_doubts in self._sources(rule):
                for some, doubts in names:
                    yield sources, EVERYWHERE, services, some, standing | source_doubts | doubts

    def _standing(self, rule: ApplicationRule) -> Doubts:
        """Doubts about the rule as a whole: its destinations, its selector, features that its tier lacks."""
        found: set[Hashable] = set()
        if rule.destinations:
            found.add(("FW-34", frozenset(rule.destinations)))
        lacking = (rule.terminate_tls and not self._resolved.premium) or (
            rule.web_categories and not self._resolved.standard
        )
        if rule.preview_selector or lacking or not rule.protocols:
            found.add(object())
        return frozenset(found) | self._emptied(rule)

    def _emptied(self, rule: NetworkRule | ApplicationRule) -> Doubts:
        """Doubts whether a rule is skipped because a group of it that was not read holds nothing (FW-40)."""
        groups = _groups(rule)
        return frozenset(("FW-40", "kept", one) for one in groups if self._terms.open_groups((one,)))

    def _names(self, rule: ApplicationRule, application: str) -> Iterator[_NamePart]:
        """What a rule's FQDNs hold, and what its tags, URLs and categories may hold (FW-26..FW-29)."""
        line = self.line
        # A request without a name may be meant where it is plain HTTP; without SNI no rule matches (FW-22).
        anything = line.all if application == "http" else line.names
        patterns = [pattern_of(text) for text in rule.fqdns]
        sure = line.of(pattern for pattern in patterns if pattern is not None)
        if sure:
            yield sure, SURE
        for text, pattern in dict(zip(rule.fqdns, patterns, strict=True)).items():
            if pattern is None:
                yield anything, frozenset({("FW-26", text.lower())})
        for tag in dict.fromkeys(text.lower() for text in rule.fqdn_tags):
            yield line.names, frozenset({("FW-28", tag)})
        for url in dict.fromkeys(text.lower() for text in rule.urls):
            text = url.partition("/")[0]
            host = pattern_of(text)
            unsure: set[Hashable] = {("FW-27", url, application, rule.terminate_tls)}
            if not self._resolved.premium:
                unsure.add(object())
            yield anything if host is None else line.of([host]), frozenset(unsure)
            if application == "http" and _may_be_address(text):
                yield _NAMELESS, frozenset({("FW-22", text), *unsure})
        if rule.preview_selector and not rule.names_targets:
            yield anything, SURE
        for category in dict.fromkeys(text.lower() for text in rule.web_categories):
            # With inspection the category of a URL counts, without it that of a name.
            yield anything, frozenset({("FW-29", category, rule.terminate_tls)})
        if application == "http":
            # Whether a pattern holds a Host header that is an address is not documented, but the same for every rule.
            for text in sorted({text for text in rule.fqdns if _may_be_address(text)}):
                yield _NAMELESS, frozenset({("FW-22", text)})

    # -- terms -----------------------------------------------------------------------------------------

    def _sources(self, rule: NetworkRule | ApplicationRule) -> list[_Part]:
        """Its sources; a preview selector may stand in their place, and makes the rule doubtful anyway (FW-55)."""
        terms = {text: source_term(text) for text in rule.sources}
        listed = self._addresses("source", terms, rule.source_groups)
        return listed or ([(EVERYWHERE, SURE)] if rule.preview_selector else [])

    def _addresses(self, side: str, terms: Mapping[str, Term], groups: Iterable[ResourceId]) -> list[_Part]:
        """What surely belongs to one side of a rule, and what may, each doubt named after what it is about.

        That a group holds the source of a packet does not say that it holds the destination.
        """
        sure: list[AddressSet] = []
        doubtful: list[_Part] = []
        for identity, term in (
            *((("FW-38", side, text.lower()), term) for text, term in terms.items()),
            *((("FW-40", side, group), self._terms.group(group)) for group in groups),
        ):
            sure += [term.literal, term.broad]
            doubtful += [(maybe.addresses, frozenset({identity})) for maybe in term.maybe]
        certain = AddressSet.union_all(sure)
        return [
            *([(certain, SURE)] if certain else []),
            *((addresses - certain, doubts) for addresses, doubts in doubtful if addresses - certain),
        ]

    def _raw_and_requests(self, services: ServiceSet) -> IntervalSet:
        """What a network rule takes: the raw services, and every request on one of its TCP ports.

        Requests to the explicit proxy are not among them: network rules do not see those (FW-51).
        """
        if services not in self._services:
            tcp = IntervalSet.union_all(ports for protocol, ports in services.split() if protocol == TCP)
            self._services[services] = IntervalSet.union_all(
                [services.points, *(_moved(tcp, shift) for shift in (1, 2, 3))]
            )
        return self._services[services]

    def _requests(self, application: str, ports: IntervalSet) -> IntervalSet:
        return IntervalSet.union_all(_moved(ports, shift) for shift in self._shifts[application])


def _shifts(*, proxied: bool) -> dict[str, tuple[int, ...]]:
    """The stretches of the service line for each kind of request: as it is, and sent to the explicit proxy."""
    count = len(APPLICATIONS)
    return {
        name: (place, place + count) if proxied else (place,)
        for place, name in enumerate(APPLICATIONS, start=1)
    }


def _moved(ports: IntervalSet, stretch: int) -> IntervalSet:
    return IntervalSet.from_bounds(tuple(bound + stretch * _SPAN for bound in ports.bounds))


def _beside(item: PlacedRule) -> tuple[Hashable, ...]:
    """What an allow does beside allowing: one that opens TLS or inserts headers is another answer (FW-20, FW-33)."""
    rule = item.rule
    if item.place.effect is not Effect.ALLOW or not isinstance(rule, ApplicationRule):
        return ()
    return (*(("terminate TLS",) if rule.terminate_tls else ()), *rule.headers)


def _groups(rule: NetworkRule | ApplicationRule) -> tuple[ResourceId, ...]:
    return (*rule.source_groups, *(rule.destination_groups if isinstance(rule, NetworkRule) else ()))


def _patterns(rules: Iterable[NetworkRule | ApplicationRule]) -> Iterator[str]:
    for rule in rules:
        if isinstance(rule, ApplicationRule):
            yield from rule.fqdns
            yield from (url.lower().partition("/")[0] for url in rule.urls)


def _may_be_address(text: str) -> bool:
    """Whether the text of a rule may stand for a Host header that is an address: `*`, `*.9`, `9.9.9.9`."""
    pattern = pattern_of(text)
    return pattern is not None and (holds_addresses(pattern) or literal(str(pattern)) is not None)
