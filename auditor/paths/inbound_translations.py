"""Whether a firewall sends on, to a load balancer, what clients send to the firewall itself (FW-17, UDR-51)."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.filters.firewall_rules import PlacedCollection, ResolvedFirewall, RuleTerms, source_term
from auditor.filters.known_addresses import EVERYWHERE
from auditor.filters.nat_rules import nat_rules
from auditor.filters.parts import Codes
from auditor.filters.services import ports_of, with_ports
from auditor.filters.terms import Term, literal
from auditor.model.firewall import NatRule
from auditor.model.outbound import InboundRule
from auditor.model.service_tags import ServiceTags
from auditor.netset import AddressSet, ServiceSet, Traffic
from auditor.paths.egress_addresses import EgressAddresses

_SURE: Codes = frozenset()
_NAT_OPEN: Codes = frozenset({"uncertain:FW-17"})
_BALANCER_OPEN: Codes = frozenset({"uncertain:UDR-51"})
_CARRIED = {"tcp": frozenset({"tcp", "any"}), "udp": frozenset({"udp", "any"})}


class Translations:
    """The DNAT rules of a firewall, as clients on the Internet meet them at its public addresses."""

    def __init__(self, resolved: ResolvedFirewall, public: EgressAddresses, tags: ServiceTags) -> None:
        self._resolved = resolved
        self._terms = RuleTerms(resolved.ip_groups, tags)
        self._public = AddressSet.of(*public.known)
        self._unread = frozenset(public.reasons)
        """Why it may have further public addresses."""
        self._rules = tuple(nat_rules(resolved.collections))

    def to(self, wanted: InboundRule, frontend: str | None) -> Codes | None:
        """Whether some clients surely reach a load-balancing rule by way of the firewall.

        Empty: they do; None: nothing translates to it; else the codes that leave it open. `frontend` is the address
        that the load balancer takes connections to, None where it is not known.
        """
        open_by: set[str] = set()
        taken = Traffic.EMPTY
        for place, rule in self._rules:
            codes = self._codes(place, rule, wanted, frontend)
            if codes is not None and not self._shadowed(rule, taken):
                if not codes:
                    return _SURE
                open_by |= codes
            taken |= self._taken(place, rule)
        return frozenset(open_by) or None

    def _codes(
        self, place: PlacedCollection, rule: NatRule, wanted: InboundRule, frontend: str | None
    ) -> Codes | None:
        """The same of one rule alone."""
        found: set[str] = set()
        for codes in (
            self._sources(rule),
            self._destinations(rule),
            _services(rule, wanted),
            _target(rule, frontend),
        ):
            if codes is None:
                return None
            found |= codes
        # Whether a policy passes its DNAT rules on is told both ways (FW-17).
        return frozenset(found) | (_SURE if self._own(place) else _NAT_OPEN)

    def _own(self, place: PlacedCollection) -> bool:
        """Whether a collection is of the firewall or of its own policy."""
        return place.policy is None or place.policy == self._resolved.policies[-1]

    def _sources(self, rule: NatRule) -> Codes | None:
        """Whether it takes what any client sends: no sources at all match nothing (FW-25)."""
        if self._terms.skip(rule.source_groups):
            return None
        terms = list(self._source_terms(rule))
        if any(term.sure for term in terms):
            return _SURE
        return frozenset(code for term in terms for item in term.maybe for code in item.codes) or None

    def _source_terms(self, rule: NatRule) -> Iterator[Term]:
        yield from map(source_term, rule.sources)
        yield from map(self._terms.group, rule.source_groups)

    def _destinations(self, rule: NatRule) -> Codes | None:
        """Whether it takes what is sent to a public address of the firewall."""
        known = [literal(text) for text in rule.destinations]
        if any(held is not None and held & self._public for held in known):
            return _SURE
        if not known or None in known:
            return _NAT_OPEN
        return self._unread or None

    # -- rules before it -------------------------------------------------------------------------------

    def _at_known(self, rule: NatRule) -> Traffic:
        """What it surely takes at the public addresses that are known."""
        known = [held for text in rule.destinations if (held := literal(text)) is not None]
        return Traffic.box(AddressSet.union_all(known) & self._public, _taken_services(rule))

    def _shadowed(self, rule: NatRule, taken: Traffic) -> bool:
        """Whether rules before it surely take all that it would."""
        told = not self._unread and None not in map(literal, rule.destinations)
        reached = self._at_known(rule)
        return told and bool(reached) and reached <= taken

    def _taken(self, place: PlacedCollection, rule: NatRule) -> Traffic:
        """What no later rule gets, whoever sends it."""
        everybody = any(EVERYWHERE.only_v4() <= term.sure for term in self._source_terms(rule))
        if not everybody or not self._own(place) or self._terms.skip(rule.source_groups):
            return Traffic.EMPTY
        return self._at_known(rule)


def _taken_services(rule: NatRule) -> ServiceSet:
    protocols = [name for name, carried in _CARRIED.items() if carried & {*rule.protocols}]
    return with_ports(protocols, ports_of(rule.ports)) if protocols and rule.ports else ServiceSet.NONE


def _services(rule: NatRule, wanted: InboundRule) -> Codes | None:
    """Whether what it sends on has the protocol and the port that the load balancer takes."""
    carried = _CARRIED.get(wanted.protocol)
    if carried is None or wanted.port is None:
        return _BALANCER_OPEN
    if not rule.protocols or not rule.ports or rule.translated_port is None:
        return _NAT_OPEN
    return _SURE if carried & {*rule.protocols} and rule.translated_port == str(wanted.port) else None


def _target(rule: NatRule, frontend: str | None) -> Codes | None:
    """Whether it sends on to the frontend."""
    if rule.translated is None:
        return _NAT_OPEN
    target = literal(rule.translated)
    if target is None:
        return frozenset({"fqdn-address-unknown"})
    if frontend is None:
        return frozenset({"unreadable-resource"})
    held = literal(frontend)
    return _SURE if held is not None and held == target else None
