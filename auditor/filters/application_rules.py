"""Application rules of a firewall as entries of a first-match list over services (FW-20..FW-34)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from auditor.filters.firewall_rules import (
    PlacedCollection,
    ResolvedFirewall,
    RuleTerms,
    source_codes,
    verb_of,
)
from auditor.filters.known_addresses import EVERYWHERE
from auditor.filters.parts import Codes, Doubt, Flow, Match
from auditor.filters.terms import NOWHERE, literal
from auditor.model.firewall import ApplicationRule
from auditor.model.reading import TagMembers
from auditor.model.verdict import Effect
from auditor.netset import AddressSet, NamePattern, NameSet, ServiceSet, Traffic

INFRASTRUCTURE: tuple[str, ...] = (
    "*.blob.core.windows.net",
    "*.blob.storage.azure.net",
    "*.table.core.windows.net",
    "*.queue.core.windows.net",
    "*.monitor.core.windows.net",
    "*.servicebus.windows.net",
    "login.microsoftonline.com",
)
"""Names that the built-in infrastructure collection could serve; its true content is not published (FW-16)."""
_INFRASTRUCTURE = NameSet.of(*INFRASTRUCTURE)
APPLICATIONS = ("http", "https", "mssql")
API_SERVERS: tuple[str, ...] = ("*.azmk8s.io", "*.azk8s.cn", "*.containerservice.azure.us")
"""Where the API servers of all clusters have their names (FW-33)."""
_API_SERVERS = NameSet.of(*API_SERVERS)
AKS_TAG = "azurekubernetesservice"
State = tuple[Codes, bool | None]
_SURE: State = (frozenset(), None)


def pattern_of(text: str) -> NamePattern | None:
    """The pattern of a rule's FQDN, or None when Azure does not support it (FW-26)."""
    try:
        return NamePattern.parse(text)
    except ValueError:
        return None


def could_be_infrastructure(name: NameSet) -> bool:
    """Whether the built-in collection might serve some of these names (FW-16)."""
    return not name.isdisjoint(_INFRASTRUCTURE)


@dataclass(frozen=True, slots=True)
class PlacedRule:
    """An application rule with its collection; `number` is its place in processing order."""

    number: int
    place: PlacedCollection
    rule: ApplicationRule


class ApplicationIndex:
    """The application rules of a firewall by the patterns that they name."""

    def __init__(self, collections: Iterable[PlacedCollection]) -> None:
        placed = [
            (place, rule)
            for place in collections
            for rule in place.collection.rules
            if isinstance(rule, ApplicationRule)
        ]
        self._rules = [PlacedRule(number, place, rule) for number, (place, rule) in enumerate(placed)]
        self._known: dict[NameSet, list[PlacedRule]] = {}
        self._always: list[PlacedRule] = []
        self._by_pattern: dict[NamePattern, list[PlacedRule]] = {}
        for item in self._rules:
            patterns = [pattern_of(text) for text in item.rule.fqdns]
            opaque = item.rule.fqdn_tags or item.rule.urls or item.rule.web_categories or not patterns
            if opaque or None in patterns:
                # What these match is not told by a name alone.
                self._always.append(item)
                continue
            for pattern in patterns:
                if pattern is not None:
                    self._by_pattern.setdefault(pattern, []).append(item)

    def candidates(self, name: NameSet | None) -> list[PlacedRule]:
        """The rules that may match names of this class, in processing order; all of them for an address."""
        if name is None:
            return self._rules
        if name not in self._known:
            self._known[name] = self._meeting(name)
        return self._known[name]

    def _meeting(self, name: NameSet) -> list[PlacedRule]:
        found = {item.number: item for item in self._always}
        for root in name.roots():
            for pattern in root.enclosing():
                for item in self._by_pattern.get(pattern, ()):
                    found[item.number] = item
        return [found[number] for number in sorted(found)]


def application_match(
    place: PlacedCollection,
    rule: ApplicationRule,
    flow: Flow,
    firewall: ResolvedFirewall,
    terms: RuleTerms,
    members: TagMembers,
) -> Match | None:
    """The rule for one flow, or None when it surely does not match."""
    if flow.name is None and flow.application != "http":
        # Only of plain HTTP a request without a name may be matched, by the address in its Host header (FW-22).
        return None
    standing = source_codes(terms.sources(rule), flow.source)
    if standing is None or terms.skip(rule.source_groups):
        return None
    services = services_of(rule, flow.application)
    if not services:
        return None
    states = list(_name_states(rule, flow, firewall, members))
    where = EVERYWHERE
    if not states:
        where, states = _named_addresses(rule, flow, firewall)
    if not states:
        return None
    effect = place.effect
    detail = f"application rule {rule.name} of collection {place.collection.name} {verb_of(effect)} it"
    inspected = effect is Effect.ALLOW and rule.terminate_tls and _is_api_server(flow)
    if inspected:
        effect, detail = (
            Effect.UNKNOWN,
            f"application rule {rule.name} inspects TLS, which breaks the tunnel to the API server",
        )
    hop = place.hop(rule.name, effect, "FW-22", detail)
    if effect is Effect.UNKNOWN:
        hop = replace(hop, clause="FW-33", codes=("tls-inspection" if inspected else "enum-unknown",))
    traffic = Traffic.box(where, services)
    further = _further(rule, standing | terms.open_groups(rule.source_groups), firewall)
    if _SURE in states and not further:
        return Match(hop=hop, sure=traffic, literal=False, kind="application")
    codes, assumed = _strongest(states)
    doubt = Doubt(traffic, codes | further, assumed if not further else None)
    return Match(hop=hop, sure=Traffic.EMPTY, doubts=(doubt,), literal=False, kind="application")


def _further(rule: ApplicationRule, standing: Codes, firewall: ResolvedFirewall) -> Codes:
    codes = set(standing)
    if (rule.terminate_tls and not firewall.premium) or (rule.web_categories and not firewall.standard):
        # A feature that the firewall's tier lacks: what becomes of the rule is not documented (FW-4).
        codes.add("fw-feature-tier")
    if rule.destinations:
        codes.add("uncertain:FW-34")
    if rule.preview_selector:
        codes.add("preview-selector")
    if not rule.protocols:
        codes.add("enum-unknown")
    return frozenset(codes)


def _strongest(states: list[State]) -> State:
    """Several ways to match are OR-ed: one that is assumed to match wins, then one nobody can assume away."""
    if _SURE in states:
        return _SURE
    for wanted in (True, None, False):
        found = [codes for codes, assumed in states if assumed is wanted]
        if found:
            return frozenset().union(*found), wanted
    return _SURE


def services_of(rule: ApplicationRule, application: str | None) -> ServiceSet:
    """The TCP ports on which a rule takes requests of one application; all, where it names no protocol (FW-20)."""
    if not rule.protocols:
        return ServiceSet.tcp()
    ports = [port for protocol, port in rule.protocols if protocol == application]
    return ServiceSet.tcp(*ports) if ports else ServiceSet.protocols()


def _name_states(
    rule: ApplicationRule, flow: Flow, firewall: ResolvedFirewall, members: TagMembers
) -> Iterator[State]:
    for text in rule.fqdns:
        state = _fqdn_state(text, flow)
        if state is not None:
            yield state
    if flow.name is not None:
        for tag in rule.fqdn_tags:
            yield _tag_state(tag, flow.name, flow.application, members)
    for url in rule.urls:
        state = _url_state(url, flow, firewall)
        if state is not None:
            yield state
    if rule.web_categories:
        yield frozenset({"web-category-opaque"}), None
    if rule.preview_selector and not rule.names_targets:
        yield frozenset({"preview-selector"}), None


def _fqdn_state(text: str, flow: Flow) -> State | None:
    pattern = pattern_of(text)
    if pattern is None:
        return frozenset({"uncertain:FW-26"}), None
    if flow.name is None:
        # The address may be the Host header of plain HTTP, which a pattern may hold (FW-22).
        return (frozenset({"uncertain:FW-22"}), None) if holds_addresses(pattern) else None
    return _SURE if flow.name <= NameSet.of(pattern) else None


def _tag_state(tag: str, name: NameSet, application: str | None, members: TagMembers) -> State:
    """FQDN tags hold what Microsoft puts in; only the AKS tag has an assumption, and for https alone (FW-28)."""
    codes = frozenset({"fqdn-tag-opaque"})
    if tag.lower() != AKS_TAG or application != "https":
        return codes, None
    if name <= NameSet.of(*members.definite):
        return codes, True
    return codes, None if not name.isdisjoint(NameSet.of(*members.doubtful)) else False


def _url_state(url: str, flow: Flow, firewall: ResolvedFirewall) -> State | None:
    host, _, path = url.partition("/")
    pattern = pattern_of(host)
    if pattern is None:
        return frozenset({"uncertain:FW-27"}), None
    codes = _url_codes(path, flow, firewall)
    if flow.name is None:
        state = _fqdn_state(host, flow)
        return None if state is None else (state[0] | codes, None)
    return None if flow.name.isdisjoint(NameSet.of(pattern)) else (codes, None)


def _url_codes(path: str, flow: Flow, firewall: ResolvedFirewall) -> Codes:
    # A URL without asterisk names one page of the host; of all its pages, which a question means, only `*` is sure.
    codes = {"uncertain:FW-27"} if path != "*" or flow.application != "http" else set()
    if not firewall.premium:
        codes.add("fw-feature-tier")
    return frozenset(codes)


def _named_addresses(
    rule: ApplicationRule, flow: Flow, firewall: ResolvedFirewall
) -> tuple[AddressSet, list[State]]:
    """Addresses that a rule names where names stand: the Host header of a request for one may be just that (FW-22)."""
    if flow.name is not None:
        return NOWHERE, []
    found: list[AddressSet] = []
    codes = {"uncertain:FW-22"}
    for text in (*rule.fqdns, *rule.urls):
        host, _, path = text.partition("/")
        address = literal(host.removesuffix("."))
        if address is not None:
            found.append(address)
            codes |= _url_codes(path, flow, firewall) if text in rule.urls else frozenset()
    return AddressSet.union_all(found), [(frozenset(codes), None)] if found else []


def holds_addresses(pattern: NamePattern) -> bool:
    """Whether a pattern stands for texts among which there are IPv4 addresses: `*`, `*.9`."""
    return pattern.wildcard and not pattern.suffix.strip("0123456789.")


def _is_api_server(flow: Flow) -> bool:
    return flow.own_api_server or (flow.name is not None and not flow.name.isdisjoint(_API_SERVERS))


def name_cuts(rule: ApplicationRule, members: TagMembers) -> Iterator[NamePattern]:
    """Patterns that tell names apart."""
    for text in (*rule.fqdns, *(url.partition("/")[0] for url in rule.urls)):
        pattern = pattern_of(text)
        if pattern is not None:
            yield pattern
    if any(tag.lower() == AKS_TAG for tag in rule.fqdn_tags):
        for text in (*members.definite, *members.doubtful):
            pattern = pattern_of(text)
            if pattern is not None:
                yield pattern
