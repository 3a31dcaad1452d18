"""Azure Firewall as a filter: network, application and built-in rules, then deny (FW-6..FW-19)."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import replace

from auditor.filters.application_rules import (
    APPLICATIONS,
    ApplicationIndex,
    application_match,
    could_be_infrastructure,
    name_cuts,
)
from auditor.filters.columns import ColumnIndex
from auditor.filters.firewall_order import in_order
from auditor.filters.firewall_rules import ResolvedFirewall, RuleTerms, SeenFrom
from auditor.filters.known_addresses import ALL_IPV4
from auditor.filters.nat_rules import nat_traffic
from auditor.filters.network_rules import CompiledNetworkRule, NetworkEntry
from auditor.filters.parts import (
    Doubt,
    Flow,
    Match,
    Option,
    Options,
    Part,
    SourceCut,
    every,
    first_match,
    merge,
    unknown,
)
from auditor.filters.rule_list import RuleList, effects_of
from auditor.filters.terms import literal
from auditor.model.firewall import ApplicationRule, NetworkRule
from auditor.model.reading import TagMembers
from auditor.model.service_tags import ServiceTags
from auditor.model.verdict import Effect, Hop, Stage
from auditor.netset import AddressSet, NamePattern, NameSet, ServiceSet, Traffic

_UNDECIDED = "undecided"
_DENIED = "denied"
_TCP = ServiceSet.tcp()
_DNS_UDP = ServiceSet.udp(53)
_DNS_TCP = ServiceSet.tcp(53)


class FirewallFilter:
    """One Azure Firewall with its rules in processing order."""

    def __init__(self, resolved: ResolvedFirewall, tags: ServiceTags, members: TagMembers) -> None:
        self._resolved = resolved
        self._terms = RuleTerms(resolved.ip_groups, tags)
        self._members = members
        self._network: dict[AddressSet, list[NetworkEntry]] = {}
        self._by_name: ApplicationIndex | None = None
        self._compiled: list[CompiledNetworkRule] | None = None
        self._index: ColumnIndex | None = None
        self._network_lists: dict[tuple[AddressSet, str | None], RuleList] = {}
        self._network_parts: dict[tuple[AddressSet, Traffic, str | None, bool], list[Part]] = {}
        self._application: dict[tuple[AddressSet, NameSet | None, str | None, bool], RuleList] = {}
        firewall = resolved.firewall
        self._nat = nat_traffic(resolved.collections)
        self._own = AddressSet.of(*(text for text in firewall.private_addresses if literal(text) is not None))
        self._fqdns = frozenset(
            name
            for place in resolved.collections
            for rule in place.collection.rules
            if isinstance(rule, NetworkRule)
            for name in rule.fqdns
        )
        self._threat_allowed_names = NameSet.union_all(_names(resolved.threat_allowed_names))

    @property
    def terms(self) -> RuleTerms:
        """The addresses that its rules name, each list read once."""
        return self._terms

    @property
    def resolved(self) -> ResolvedFirewall:
        """The firewall and its rules as they were put in order."""
        return self._resolved

    def source_cuts(self) -> Iterator[SourceCut]:
        """Literal source sets that tell source addresses apart."""
        for rule in self._network_rules():
            yield from rule.source_cuts()
        for place in self._resolved.collections:
            for item in place.collection.rules:
                if isinstance(item, ApplicationRule):
                    yield from ((term.literal, _TCP) for term in self._terms.sources(item) if term.literal)

    def name_cuts(self) -> Iterator[NamePattern]:
        """Patterns that tell names apart."""
        for place in self._resolved.collections:
            for rule in place.collection.rules:
                if isinstance(rule, ApplicationRule):
                    yield from name_cuts(rule, self._members)
        yield from map(NamePattern.parse, sorted(self._fqdns))

    def applications(self) -> frozenset[str]:
        """The application protocols that some rule names, or may mean for want of any (FW-20)."""
        return frozenset(
            protocol
            for place in self._resolved.collections
            for rule in place.collection.rules
            if isinstance(rule, ApplicationRule)
            for protocol in ([protocol for protocol, _ in rule.protocols] or APPLICATIONS)
        )

    def network_names(self) -> frozenset[str]:
        """The names that network rules name (FW-41)."""
        return self._fqdns

    def parts(self, flow: Flow) -> list[Part]:
        """Partition of the flow's traffic by what decides about it."""
        flow = replace(flow, coarse=flow.coarse and not flow.devices)
        if self._resolved.problems:
            return every(
                flow,
                *(self._problem(code, detail, str(where)) for code, detail, where in self._resolved.problems),
            )
        v4 = flow.traffic.restrict(ALL_IPV4)
        found: list[Part] = []
        if flow.traffic - v4:
            found += every(
                flow.over(flow.traffic - v4),
                self._problem("ipv6", "IPv6 through Azure Firewall is not decided (FW-50)"),
            )
        own = v4.restrict(self._own)
        if own:
            found += self._to_itself(flow.over(own))
        through = v4 - own
        translated = through & self._nat.restrict(self._resolved.own_public)
        if translated:
            hop = self._hop(
                Effect.UNKNOWN, "FW-17", "addressed to the firewall itself, and a DNAT rule may take it"
            )
            found += [
                Part(part.traffic, (unknown(hop, "uncertain:FW-17"), *part.options))
                for part in self._through(flow.over(translated))
            ]
            through = through - translated
        if through:
            found += self._through(flow.over(through))
        return merge(found)

    # -- traffic that passes through -------------------------------------------------------------------

    def _through(self, flow: Flow) -> list[Part]:
        found: list[Part] = []
        for part in self._network_pass(flow):
            if part.options[-1].target == _UNDECIDED:
                found += self._application_pass(flow.over(part.traffic), part.options)
            else:
                found.append(part)
        return [Part(part.traffic, self._conditions(flow, part)) for part in found]

    def _network_pass(self, flow: Flow) -> list[Part]:
        asked = flow.name.witness() if self._fqdns and flow.name is not None and flow.name else None
        named = asked if asked in self._fqdns else None
        named = named if named is None else f"{named}|{'|'.join(flow.resolver)}"
        key = (flow.source, flow.traffic, named, flow.coarse)
        if key not in self._network_parts:
            rules = self._network_list(flow, named)
            self._network_parts[key] = rules.parts(flow.traffic, coarse=flow.coarse)
        return self._network_parts[key]

    def _network_list(self, flow: Flow, named: str | None) -> RuleList:
        key = (flow.source, named)
        if key not in self._network_lists:
            listed = [
                (entry.place, match)
                for entry in self._entries(flow.source)
                for match in entry.matches(flow, self._resolved)
            ]
            self._network_lists[key] = RuleList(in_order(listed), self._undecided(), self._shared())
        return self._network_lists[key]

    def _entries(self, source: AddressSet) -> list[NetworkEntry]:
        if source not in self._network:
            seen = SeenFrom(source)
            entries = [rule.seen_from(seen) for rule in self._network_rules()]
            self._network[source] = [entry for entry in entries if entry is not None]
        return self._network[source]

    def _network_rules(self) -> list[CompiledNetworkRule]:
        """The network rules in processing order, compiled once for all source classes."""
        if self._compiled is None:
            self._compiled = [
                CompiledNetworkRule(place, rule, self._terms)
                for place in self._resolved.collections
                for rule in place.collection.rules
                if isinstance(rule, NetworkRule)
            ]
        return self._compiled

    def _shared(self) -> ColumnIndex:
        """One index of what all network rules name, for every source class."""
        if self._index is None:
            self._index = ColumnIndex(match for rule in self._network_rules() for match in rule.all_matches)
        return self._index

    def _application_pass(self, flow: Flow, before: Options) -> list[Part]:
        marker = before[-1]
        found: list[Part] = []
        for part in self._application_rules(flow).parts(flow.traffic, coarse=flow.coarse):
            options = part.options
            if options[-1].target == _DENIED and flow.name is not None and could_be_infrastructure(flow.name):
                options = (*options[:-1], self._infrastructure(options[-1]), options[-1])
            later = tuple(
                replace(option, unless=option.unless | marker.unless, codes=option.codes | marker.codes)
                for option in options
            )
            found.append(Part(part.traffic, (*before[:-1], *later)))
        return found

    def _application_rules(self, flow: Flow) -> RuleList:
        key = (flow.source, flow.name, flow.application, flow.own_api_server)
        if key not in self._application:
            self._application[key] = RuleList(self._application_matches(flow), self._denied(flow))
        return self._application[key]

    def _application_matches(self, flow: Flow) -> list[Match]:
        if flow.application is None:
            return []
        if self._by_name is None:
            self._by_name = ApplicationIndex(self._resolved.collections)
        listed = []
        for item in self._by_name.candidates(flow.name):
            place = item.place
            match = application_match(place, item.rule, flow, self._resolved, self._terms, self._members)
            if match is not None:
                listed.append((place, match))
        return in_order(listed)

    def name_effects(self, flow: Flow) -> tuple[Hashable, Hashable]:
        """What the flow's names are to this firewall: what rules do with them, and which rules those are."""
        matches = self._application_matches(flow)
        name = flow.name
        asked = name.witness() if name is not None and name and self._fqdns else None
        further = (
            asked if asked in self._fqdns else None,
            name is not None and could_be_infrastructure(name),
            self._resolved.threat_intel == "deny" and self._threat_exempts_name(flow),
        )
        return (effects_of(matches), further), (tuple(match.hop for match in matches), further)

    def _infrastructure(self, default: Option) -> Option:
        hop = replace(
            default.hop,
            outcome=Effect.ALLOW,
            clause="FW-16",
            detail="the firewall's built-in infrastructure collection may allow it",
        )
        codes = frozenset({"infrastructure-rules"})
        return Option(
            hop=hop,
            unless=default.unless | {codes},
            codes=default.codes | codes,
            literal=False,
            kind="application",
        )

    def _conditions(self, flow: Flow, part: Part) -> Options:
        """Threat intelligence and intrusion prevention may drop what a rule allows (FW-18, FW-19)."""
        options = part.options
        if not any(option.hop.outcome is Effect.ALLOW for option in options):
            return options
        if self._resolved.threat_intel == "deny" and not self._threat_exempts(flow, part.traffic):
            options = (
                *options,
                self._condition(
                    "threat-intel-deny", "FW-18", "threat intelligence in deny mode may block it"
                ),
            )
        if self._resolved.idps == "deny":
            options = (
                *options,
                self._condition("idps-deny", "FW-19", "intrusion prevention in deny mode may block it"),
            )
        return options

    def _threat_exempts(self, flow: Flow, traffic: Traffic) -> bool:
        return self._threat_exempts_name(flow) or traffic.addresses <= self._resolved.threat_allowed_addresses

    def _threat_exempts_name(self, flow: Flow) -> bool:
        """Whether the allowlist names it; what is no name there exempts none."""
        return flow.name is not None and flow.name <= self._threat_allowed_names

    def _condition(self, code: str, clause: str, detail: str) -> Option:
        hop = self._hop(Effect.DENY, clause, detail)
        return Option(hop=hop, unless=frozenset({frozenset({code})}), codes=frozenset({code}), literal=False)

    # -- traffic to the firewall's own addresses -------------------------------------------------------

    def _to_itself(self, flow: Flow) -> list[Part]:
        matches = list(self._dns_matches())
        translated = self._nat.restrict(self._own)
        if translated:
            hop = self._hop(Effect.ALLOW, "FW-17", "a DNAT rule may translate it")
            matches.append(_doubtful(hop, translated, "uncertain:FW-17", None))
        if self._resolved.explicit_proxy is not None:
            hop = self._hop(Effect.ALLOW, "FW-51", "the explicit proxy, a preview, may take it")
            listening = Traffic.box(self._own, self._resolved.explicit_proxy)
            matches.append(_doubtful(hop, listening, "uncertain:FW-51", None))
        default = Option(
            hop=self._hop(
                Effect.DENY, "FW-6", "addressed to the firewall itself and no DNS proxy or DNAT rule takes it"
            ),
            literal=False,
        )
        return first_match(flow.traffic, matches, default)

    def _dns_matches(self) -> Iterator[Match]:
        if not self._resolved.dns_proxy and not self._resolved.dns_proxy_doubt:
            return
        udp = Traffic.box(self._own, _DNS_UDP)
        tcp = Traffic.box(self._own, _DNS_TCP)
        hop = self._hop(Effect.ALLOW, "FW-42", "the firewall's DNS proxy answers it")
        if self._resolved.dns_proxy_doubt:
            yield _doubtful(hop, udp | tcp, "uncertain:FW-42", None)
            return
        yield Match(hop=hop, sure=udp, literal=False)
        yield _doubtful(hop, tcp, "dns-proxy-tcp", True)

    # -- hops ------------------------------------------------------------------------------------------

    def _hop(self, effect: Effect, clause: str, detail: str) -> Hop:
        return Hop(
            stage=Stage.FIREWALL,
            resource=self._resolved.firewall.id.text,
            rule=None,
            priority=None,
            outcome=effect,
            clause=clause,
            detail=detail,
        )

    def _undecided(self) -> Option:
        return Option(hop=self._hop(Effect.DENY, "FW-14", ""), literal=False, target=_UNDECIDED)

    def _denied(self, flow: Flow) -> Option:
        names = [policy.name for policy in self._resolved.policies]
        rules = f"policy {names[-1]}" if names else "the firewall"
        if len(names) > 1:
            rules += f" or its parent {', '.join(reversed(names[:-1]))}"
        if flow.application is None:
            detail = (
                f"no network rule of {rules} matches, and application rules see only http, https and mssql"
            )
            detail += "; denied by default"
        else:
            detail = f"no rule of {rules} matches; denied by default"
        return Option(hop=self._hop(Effect.DENY, "FW-6", detail), literal=False, target=_DENIED)

    def _problem(self, code: str, detail: str, where: str | None = None) -> Option:
        hop = self._hop(Effect.UNKNOWN, "V-6", detail)
        return unknown(replace(hop, resource=where or hop.resource), code)


def _doubtful(hop: Hop, traffic: Traffic, code: str, assumed: bool | None) -> Match:
    doubt = Doubt(traffic, frozenset({code}), assumed)
    return Match(hop=hop, sure=Traffic.EMPTY, doubts=(doubt,), literal=False)


def _names(texts: Iterable[str]) -> Iterator[NameSet]:
    """The sets of names and patterns; a text that is neither names nothing."""
    for text in texts:
        try:
            yield NameSet.of(text)
        except ValueError:
            continue
