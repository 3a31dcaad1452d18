"""The rules of a firewall in the order in which it processes them (FW-6..FW-12)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from auditor.filters.known_addresses import EVERYWHERE
from auditor.filters.parts import NO_CODES, Codes
from auditor.filters.terms import NOWHERE, Maybe, Term, literal, tag_term, union
from auditor.model.firewall import ApplicationRule, Firewall, IpGroup, NetworkRule, RuleCollection
from auditor.model.gap import Gap
from auditor.model.resource_id import ResourceId
from auditor.model.service_tags import ServiceTags
from auditor.model.verdict import Effect, Hop, Stage
from auditor.netset import AddressSet, ServiceSet

_EFFECTS = {"allow": Effect.ALLOW, "deny": Effect.DENY}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedCollection:
    """A rule collection with its place in the order of one pass."""

    owner: ResourceId
    """The rule collection group, or the firewall for classic rules."""
    policy: ResourceId | None
    collection: RuleCollection
    order: tuple[int, int, int]
    """(depth from the root policy, group priority, collection priority) (FW-8).

    Groups that share the first two tie as wholes; so do collections of one group that share all three (FW-12).
    """

    def hop(self, name: str, effect: Effect, clause: str, detail: str) -> Hop:
        """The hop that one of its rules makes."""
        return Hop(
            stage=Stage.FIREWALL,
            resource=self.owner.text,
            rule=f"{self.collection.name}/{name}",
            priority=self.collection.priority,
            outcome=effect,
            clause=clause,
            detail=detail,
            codes=("enum-unknown",) if effect is Effect.UNKNOWN else (),
        )

    @property
    def effect(self) -> Effect:
        """What its action does."""
        return _EFFECTS.get(self.collection.action, Effect.UNKNOWN)


@dataclass(frozen=True, kw_only=True)
class ResolvedFirewall:
    """A firewall with its policy chain read and put in order."""

    firewall: Firewall
    policies: tuple[ResourceId, ...] = ()
    """Root first."""
    collections: tuple[PlacedCollection, ...] = ()
    """In processing order; the collections of each group stand side by side, even where groups tie (FW-12)."""
    own_public: AddressSet = NOWHERE
    """Its public addresses; everywhere where one of them was not read (FW-17)."""
    tier: str = "standard"
    """The lesser of the firewall's and the policy's tier decides what a rule may use (FW-4); empty when not known."""
    threat_intel: str = "alert"
    """The strictest mode along the chain (FW-18)."""
    threat_allowed_addresses: AddressSet = NOWHERE
    threat_allowed_names: tuple[str, ...] = ()
    idps: str = "off"
    dns_proxy: bool = False
    dns_proxy_doubt: bool = False
    """The proxy is set on a parent policy only: sources disagree whether that counts (FW-42)."""
    no_snat: AddressSet = NOWHERE
    """Addresses that network-rule traffic is sent to without source NAT (FW-44)."""
    no_snat_open: AddressSet = NOWHERE
    """Where else it may be so, for the codes of `no_snat_doubt`."""
    no_snat_doubt: Codes = NO_CODES
    no_snat_known: bool = True
    """False where a policy that may say otherwise was not read."""
    explicit_proxy: ServiceSet | None = None
    """What the explicit proxy takes at the firewall's own address, a preview; None when it is off (FW-51)."""
    ip_groups: Mapping[ResourceId, IpGroup | Gap] = field(default_factory=dict)
    problems: tuple[tuple[str, str, ResourceId], ...] = ()
    """(code, detail, resource): things that make every answer of this firewall unknown."""

    @property
    def standard(self) -> bool:
        """Whether it surely has what tier Basic lacks (FW-3)."""
        return self.tier in {"standard", "premium"}

    @property
    def premium(self) -> bool:
        """Whether it surely has what only tier Premium has (FW-3)."""
        return self.tier == "premium"


_FEW = 4
"""Texts and groups of a list up to which it is looked up: rules repeat short lists, and long ones cost to compare."""
_SELECTED = Term(maybe=(Maybe(EVERYWHERE, frozenset({"preview-selector"})),))
_NOT_UNDERSTOOD = Term(maybe=(Maybe(EVERYWHERE, frozenset({"enum-unknown"})),))
_WILDCARDS = {"*": EVERYWHERE, **{text: AddressSet.of(text) for text in ("0.0.0.0/0", "::/0")}}
_UNUSABLE = frozenset({"virtualnetwork", "internet", "azureloadbalancer"})


def address_term(text: str, tags: ServiceTags) -> Term:
    """A destination text of a firewall rule (FW-38, FW-39); `Any` is none, though rules of other kinds have it."""
    if text in _WILDCARDS:
        return Term(broad=_WILDCARDS[text])
    found = literal(text)
    if found is not None:
        return Term(literal=found)
    word = text.lower()
    if word == "any":
        return _NOT_UNDERSTOOD
    if word in _UNUSABLE:
        return Term(maybe=(Maybe(EVERYWHERE, frozenset({"uncertain:FW-39"})),))
    return tag_term(text, tags)


def source_term(text: str) -> Term:
    """A source text of a firewall rule, which no service tag may be (FW-38)."""
    if text in _WILDCARDS:
        return Term(broad=_WILDCARDS[text])
    found = literal(text)
    return _NOT_UNDERSTOOD if found is None else Term(literal=found)


def _group_term(group: IpGroup | Gap | None) -> Term:
    """The addresses of an IP group; one that was not read may hold anything (FW-40)."""
    if group is None or isinstance(group, Gap):
        code = group.code if isinstance(group, Gap) else "unreadable-resource"
        return Term(maybe=(Maybe(EVERYWHERE, frozenset({code})),))
    if group.flaws:
        return Term(maybe=(Maybe(EVERYWHERE, frozenset(flaw.code for flaw in group.flaws)),))
    try:
        return Term(literal=AddressSet.of(*group.addresses))
    except ValueError:
        return _NOT_UNDERSTOOD


class RuleTerms:
    """The address terms of a firewall's rules: each IP group and each rule's sources are read once (LIM-15)."""

    def __init__(self, groups: Mapping[ResourceId, IpGroup | Gap], tags: ServiceTags) -> None:
        self._groups = groups
        self._tags = tags
        self._of_group: dict[ResourceId, Term] = {}
        # Keyed by identity: hashing a rule of thousands of addresses costs more than reading it.
        self._of_sources: dict[int, tuple[NetworkRule | ApplicationRule, tuple[Term, ...]]] = {}
        self._of_text: dict[str, Term] = {}
        self._of_few: dict[tuple[tuple[str, ...], tuple[ResourceId, ...], bool], tuple[Term, ...]] = {}

    def group(self, reference: ResourceId) -> Term:
        """The addresses of an IP group."""
        if reference not in self._of_group:
            self._of_group[reference] = _group_term(self._groups.get(reference))
        return self._of_group[reference]

    def sources(self, rule: NetworkRule | ApplicationRule) -> tuple[Term, ...]:
        """Where a rule's traffic may come from, by what names it; both lists empty never match (FW-25).

        A preview selector may stand in the place of both, or of all destinations (FW-55).
        """
        known = self._of_sources.get(id(rule))
        if known is None:
            terms = self._apart(rule.sources, rule.source_groups, sources=True)
            if not terms and rule.preview_selector:
                terms = (_SELECTED,)
            known = self._of_sources[id(rule)] = (rule, terms)
        return known[1]

    def destinations(self, rule: NetworkRule) -> tuple[Term, ...]:
        """Where a network rule's traffic may go, its names left out, by what names it (FW-38, FW-39)."""
        terms = self._apart(rule.destinations, rule.destination_groups, sources=False)
        return terms if terms or rule.fqdns or rule.odd_fqdns or not rule.preview_selector else (_SELECTED,)

    def _apart(
        self, texts: tuple[str, ...], groups: tuple[ResourceId, ...], *, sources: bool
    ) -> tuple[Term, ...]:
        """The literals of a list as one term, each tag and each IP group as one that all rules share.

        A union of them would be a set of thousands of prefixes for each rule that names one.
        """
        key = (texts, groups, sources) if len(texts) + len(groups) <= _FEW else None
        if key is not None and key in self._of_few:
            return self._of_few[key]
        wild = [text for text in texts if text in _WILDCARDS]
        written = [text for text in texts if text not in _WILDCARDS] if wild else texts
        literals, names = AddressSet.readable(written)
        plain = [Term(literal=literals)] if literals else []
        plain += map(source_term, wild)
        shared = [*map(source_term if sources else self._text, names), *map(self.group, groups)]
        found = (*((union(plain),) if plain else ()), *shared)
        if key is not None:
            self._of_few[key] = found
        return found

    def _text(self, text: str) -> Term:
        if text not in self._of_text:
            self._of_text[text] = address_term(text, self._tags)
        return self._of_text[text]

    def open_groups(self, references: tuple[ResourceId, ...]) -> Codes:
        """Codes of groups that may have been emptied, for all that is known: then Azure would skip the rule (FW-40)."""
        if not references:
            return NO_CODES
        codes: set[str] = set()
        for reference in references:
            group = self._groups.get(reference)
            if isinstance(group, IpGroup):
                codes.update(flaw.code for flaw in group.flaws)
            else:
                codes.add(group.code if group is not None else "unreadable-resource")
        return frozenset(codes)

    def skip(self, references: tuple[ResourceId, ...]) -> bool:
        """Whether an IP group that a rule uses was emptied: Azure then skips the rule (FW-40)."""
        found = [self._groups.get(reference) for reference in references]
        return any(isinstance(group, IpGroup) and not group.addresses and not group.flaws for group in found)


def source_codes(terms: Iterable[Term], source: AddressSet) -> frozenset[str] | None:
    """Empty: the rule applies to this source; None: it does not; else the codes that leave it open."""
    codes: set[str] = set()
    for term in terms:
        sure = term.sure
        if source <= sure:
            return frozenset()
        if not source.isdisjoint(sure):
            # Classes are cut along literal sources, so this is a range that nobody cut; it must not read as "no match".
            codes.add("uncertain:FW-25")
        codes.update(
            code for item in term.maybe if not item.addresses.isdisjoint(source) for code in item.codes
        )
    return frozenset(codes) if codes else None


class SeenFrom:
    """What one source class is to lists of source terms; rules share few lists, so each is asked about once."""

    def __init__(self, source: AddressSet) -> None:
        self._source = source
        # Keyed by identity: hashing a list of thousands of addresses costs more than asking.
        self._known: dict[int, tuple[tuple[Term, ...], Codes | None]] = {}

    def codes(self, terms: tuple[Term, ...]) -> Codes | None:
        """See `source_codes`."""
        known = self._known.get(id(terms))
        if known is None:
            known = self._known[id(terms)] = (terms, source_codes(terms, self._source))
        return known[1]


def verb_of(effect: Effect) -> str:
    """What a rule with this effect does, for sentences."""
    return {Effect.ALLOW: "allows", Effect.DENY: "denies"}.get(effect, "decides about")
