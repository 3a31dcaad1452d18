"""Network rules of a firewall as entries of a first-match list (FW-35..FW-42)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from auditor.filters.firewall_rules import (
    PlacedCollection,
    ResolvedFirewall,
    RuleTerms,
    SeenFrom,
    verb_of,
)
from auditor.filters.known_addresses import EVERYWHERE
from auditor.filters.parts import Codes, Doubt, Flow, Match, SourceCut
from auditor.filters.services import ports_of, with_ports
from auditor.filters.terms import Term, boxes, doubts
from auditor.model.firewall import NetworkRule
from auditor.model.verdict import Hop
from auditor.netset import ServiceSet, Traffic
from auditor.netset.service import ANY, NONE

_EVERYTHING = Traffic.box(EVERYWHERE, ANY)
_NO_NAMES: frozenset[str] = frozenset()


class NetworkEntry(NamedTuple):
    """A network rule seen from one source class."""

    place: PlacedCollection
    rule: NetworkRule
    static: tuple[Match, ...]
    """What it matches whatever name is asked for."""
    fqdns: frozenset[str]
    services: ServiceSet
    standing: Codes
    """Codes that leave open whether the rule applies at all."""
    hop: Hop

    def matches(self, flow: Flow, firewall: ResolvedFirewall) -> tuple[Match, ...]:
        """The entries for a flow, FQDN destinations included (FW-41)."""
        if not self.fqdns:
            return self.static
        traffic = Traffic.box(EVERYWHERE, self.services)
        codes, assumed = self._fqdn_state(flow, firewall)
        if codes is None:
            named = Match(hop=self.hop, sure=traffic, literal=False, kind="network")
        else:
            named = Match(
                hop=self.hop,
                sure=Traffic.EMPTY,
                doubts=(Doubt(traffic, codes, assumed),),
                literal=False,
                kind="network",
            )
        return (*self.static, named)

    def _fqdn_state(self, flow: Flow, firewall: ResolvedFirewall) -> tuple[Codes | None, bool | None]:
        """(None, _) for a sure match, else the codes and what is assumed of the predicate."""
        own = (
            flow.pattern is not None
            and flow.name is not None
            and not flow.pattern.wildcard
            and flow.pattern.suffix in self.fqdns
        )
        exact = flow.name is not None and any(fqdn in flow.name and _only(flow, fqdn) for fqdn in self.fqdns)
        if not (own or exact):
            return frozenset({"fqdn-rule-address"}) | self.standing, None if self.standing else False
        codes = set(self.standing)
        if not firewall.standard:
            codes.add("fw-feature-tier")
        if not consistent_dns(flow, firewall):
            codes.add("fqdn-dns-consistency")
        return (frozenset(codes), None) if codes else (None, None)


def _only(flow: Flow, fqdn: str) -> bool:
    """Whether the flow's names are this single name."""
    patterns = flow.name.patterns() if flow.name is not None else ()
    return (
        len(patterns) == 1
        and patterns[0][1]
        and not patterns[0][0].wildcard
        and patterns[0][0].suffix == fqdn
    )


def consistent_dns(flow: Flow, firewall: ResolvedFirewall) -> bool:
    """Whether clients surely see the firewall's addresses: its proxy is on and their only server (FW-41)."""
    own = set(firewall.firewall.private_addresses)
    return (
        firewall.dns_proxy
        and not firewall.dns_proxy_doubt
        and bool(flow.resolver)
        and set(flow.resolver) <= own
    )


class CompiledNetworkRule:
    """A network rule on one firewall; what depends on the source is asked for each class."""

    __slots__ = (
        "_fqdns",
        "_hop",
        "_open",
        "_opened",
        "_place",
        "_rule",
        "_services",
        "_skipped",
        "_sources",
        "_static",
    )

    def __init__(self, place: PlacedCollection, rule: NetworkRule, terms: RuleTerms) -> None:
        self._place = place
        self._rule = rule
        self._sources = terms.sources(rule)
        groups = (*rule.source_groups, *rule.destination_groups)
        self._open = terms.open_groups(groups)
        self._skipped = terms.skip(groups)
        effect = place.effect
        self._hop = place.hop(
            rule.name,
            effect,
            "FW-7",
            f"network rule {rule.name} of collection {place.collection.name} {verb_of(effect)} it",
        )
        # Few rules have names, and every empty frozenset would be an object of its own.
        self._fqdns = frozenset(rule.fqdns) if rule.fqdns else _NO_NAMES
        try:
            self._services = named_services(rule.protocols, rule.ports)
        except (ValueError, KeyError):
            doubt = Doubt(_EVERYTHING, frozenset({"enum-unknown"}), None)
            self._services = ANY
            self._fqdns = _NO_NAMES
            self._static: tuple[Match, ...] = (self._match(Traffic.EMPTY, (doubt,), literal=False),)
        else:
            self._static = tuple(self._matches(terms.destinations(rule)))
        self._opened: dict[Codes, tuple[Match, ...]] = {}

    @property
    def all_matches(self) -> tuple[Match, ...]:
        """The entries for a source that is surely meant, with what a name of the rule would open."""
        if not self._fqdns:
            return self._static
        return (*self._static, self._match(Traffic.box(EVERYWHERE, self._services), (), literal=False))

    def seen_from(self, seen: SeenFrom) -> NetworkEntry | None:
        """The rule seen from one source class, or None when it never matches it."""
        if self._skipped:
            return None
        standing = seen.codes(self._sources)
        if standing is None:
            return None
        if self._open:
            standing |= self._open
        if self._rule.preview_selector:
            standing |= {"preview-selector"}
        return NetworkEntry(
            place=self._place,
            rule=self._rule,
            static=self._standing_open(standing) if standing else self._static,
            fqdns=self._fqdns,
            services=self._services,
            standing=standing,
            hop=self._hop,
        )

    def source_cuts(self) -> Iterator[SourceCut]:
        """The literal sources of the rule, with what it decides about."""
        for term in self._sources:
            if term.literal:
                yield term.literal, self._services

    def _matches(self, terms: tuple[Term, ...]) -> Iterator[Match]:
        """One entry for each tag and IP group: their sets are shared by all rules that name them."""
        for term in terms:
            literal_box, broad_box = boxes(term, self._services)
            extra = doubts(term, self._services)
            if literal_box:
                yield self._match(literal_box, (), literal=True)
            if broad_box or extra:
                yield self._match(broad_box, extra, literal=False)
        if self._rule.odd_fqdns:
            # A pattern or a URL is no name: nobody says whether it matches nothing, something or all (FW-41).
            odd = Doubt(Traffic.box(EVERYWHERE, self._services), frozenset({"enum-unknown"}), None)
            yield self._match(Traffic.EMPTY, (odd,), literal=False)

    def _standing_open(self, codes: Codes) -> tuple[Match, ...]:
        """The entries where it is open whether the rule applies to the source at all."""
        if codes in self._opened:
            return self._opened[codes]
        sure = tuple(Doubt(match.sure, codes, None) for match in self._static if match.sure)
        open_too = tuple(
            Doubt(doubt.traffic, doubt.codes | codes, None)
            for match in self._static
            for doubt in match.doubts
        )
        found = (self._match(Traffic.EMPTY, (*sure, *open_too), literal=False),) if sure or open_too else ()
        self._opened[codes] = found
        return found

    def _match(self, sure: Traffic, open_to: tuple[Doubt, ...], *, literal: bool) -> Match:
        return Match(hop=self._hop, sure=sure, doubts=open_to, literal=literal, kind="network")


@lru_cache(maxsize=4096)
def named_services(protocols: tuple[str, ...], texts: tuple[str, ...]) -> ServiceSet:
    """FW-36: Any means everything, but with explicit ports, be they all there are, it means TCP and UDP only."""
    ports = ports_of(texts or ("*",))
    every_port = not texts or "*" in texts
    found = NONE
    for protocol in protocols:
        if protocol in {"any", "*"}:
            found |= ANY if every_port else with_ports(("tcp", "udp"), ports)
        else:
            found |= with_ports((protocol,), ports)
    return found
