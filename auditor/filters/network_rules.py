"""Network rules of a firewall as entries of a first-match list (FW-35..FW-42)."""

from __future__ import annotations

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
from auditor.filters.services import ALL_PORTS, ports_of, with_ports
from auditor.filters.terms import Term, boxes, doubts
from auditor.model.firewall import NetworkRule
from auditor.model.verdict import Effect, Hop
from auditor.netset import AddressSet, ServiceSet, Traffic
from auditor.netset.service import ANY

_EVERYTHING = Traffic.box(EVERYWHERE, ANY)


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkEntry:
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
        if firewall.tier == "basic":
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


def network_entry(
    place: PlacedCollection, rule: NetworkRule, source: AddressSet, terms: RuleTerms
) -> NetworkEntry | None:
    """The rule seen from one source class, or None when it never matches it."""
    standing = source_codes(terms.sources(rule), source)
    if standing is None or terms.skip((*rule.source_groups, *rule.destination_groups)):
        return None
    if rule.preview_selector:
        standing |= {"preview-selector"}
    hop = place.hop(
        rule.name,
        place.effect,
        "FW-7",
        f"network rule {rule.name} of collection {place.collection.name} {verb_of(place.effect)} it",
    )
    try:
        services = _services(rule)
    except (ValueError, KeyError):
        doubt = Doubt(_EVERYTHING, frozenset({"enum-unknown"}), None)
        static = (Match(hop=hop, sure=Traffic.EMPTY, doubts=(doubt,), literal=False, kind="network"),)
        return NetworkEntry(
            place=place, rule=rule, static=static, fqdns=frozenset(), services=ANY, standing=standing, hop=hop
        )
    term = terms.destinations(rule)
    return NetworkEntry(
        place=place,
        rule=rule,
        static=_static(term, services, standing, hop),
        fqdns=frozenset(name.lower().rstrip(".") for name in rule.fqdns),
        services=services,
        standing=standing,
        hop=hop,
    )


def _static(term: Term, services: ServiceSet, standing: Codes, hop: Hop) -> tuple[Match, ...]:
    literal_box, broad_box = boxes(term, services)
    extra = doubts(term, services, standing)
    if standing:
        both = literal_box | broad_box
        found = (Doubt(both, standing, None), *extra) if both else extra
        return (
            (Match(hop=hop, sure=Traffic.EMPTY, doubts=found, literal=False, kind="network"),)
            if found
            else ()
        )
    matches: list[Match] = []
    if literal_box:
        matches.append(Match(hop=hop, sure=literal_box, literal=True, kind="network"))
    if broad_box or extra:
        matches.append(Match(hop=hop, sure=broad_box, doubts=extra, literal=False, kind="network"))
    return tuple(matches)


def _services(rule: NetworkRule) -> ServiceSet:
    """FW-36: Any means everything, but with explicit ports it means TCP and UDP only."""
    ports = ports_of(rule.ports or ("*",))
    found = ServiceSet.protocols()
    for protocol in rule.protocols:
        if protocol in {"any", "*"}:
            found |= ANY if ports == ALL_PORTS else with_ports(("tcp", "udp"), ports)
        else:
            found |= with_ports((protocol,), ports)
    return found


def with_ties(entries: list[tuple[tuple[int, int, int], str, Effect, Match]]) -> list[Match]:
    """Entries whose order is not documented and whose actions differ may each come first (FW-12)."""
    result: list[Match] = []
    by_order: dict[tuple[int, int, int], list[tuple[str, Effect, Match]]] = {}
    for order, name, effect, match in entries:
        by_order.setdefault(order, []).append((name, effect, match))
    seen: dict[tuple[int, int, int], int] = {}
    for order, name, effect, match in entries:
        index = seen.get(order, 0)
        seen[order] = index + 1
        peers = by_order[order]
        rivals = [
            other for peer, action, other in peers[index + 1 :] if peer != name and action is not effect
        ]
        result.append(_contested(match, rivals) if rivals else match)
    return result


def _contested(match: Match, rivals: list[Match]) -> Match:
    others = Traffic.union_all(
        [rival.sure for rival in rivals] + [doubt.traffic for rival in rivals for doubt in rival.doubts]
    )
    common = match.sure & others
    if not common:
        return match
    tie = Doubt(common, frozenset({"ordering-undocumented"}), None)
    return replace(match, sure=match.sure - common, doubts=(tie, *match.doubts))
