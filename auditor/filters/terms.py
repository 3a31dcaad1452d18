"""Address terms of rules: literals, ranges and service tags turned into exact sets with their doubts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from auditor.filters.known_addresses import ALL_IPV4, EVERYWHERE
from auditor.filters.parts import Codes, Doubt
from auditor.model.service_tags import ServiceTags
from auditor.netset import AddressSet, ServiceSet, Traffic

NOWHERE = AddressSet.of()
WILDCARDS = frozenset({"*", "any", "0.0.0.0/0", "::/0"})


@dataclass(frozen=True, slots=True)
class Maybe:
    """Addresses that a term may hold."""

    addresses: AddressSet
    codes: Codes
    assumed: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """What a rule's source or destination surely holds, apart by how it is named, and what it may hold."""

    literal: AddressSet = NOWHERE
    """From literal prefixes other than 0/0 and from IP groups."""
    broad: AddressSet = NOWHERE
    """From `*`, 0/0 and tags."""
    maybe: tuple[Maybe, ...] = ()

    @property
    def sure(self) -> AddressSet:
        """Everything that it surely holds."""
        return self.literal | self.broad


def literal(text: str) -> AddressSet | None:
    """The addresses of an address, a CIDR or a range; None when the text is neither."""
    try:
        return AddressSet.parse(text)
    except ValueError:
        return None


def addresses_of(texts: Iterable[str]) -> AddressSet:
    """The addresses of several addresses, CIDRs and ranges; texts that are none are left out."""
    return AddressSet.readable(texts)[0]


def union(terms: Iterable[Term]) -> Term:
    """The OR of several terms."""
    parts = list(terms)
    if len(parts) == 1:
        return parts[0]
    return Term(
        literal=AddressSet.union_all(part.literal for part in parts),
        broad=AddressSet.union_all(part.broad for part in parts),
        maybe=tuple(doubt for part in parts for doubt in part.maybe),
    )


def tag_term(name: str, tags: ServiceTags) -> Term:
    """A service tag; one that no list holds may be anything (NSG-26), but AzureCloud holds no IPv6 (NSG-25)."""
    members = tags.get(name)
    four_only = name.lower().partition(".")[0] == "azurecloud"
    if members is None:
        hidden = ALL_IPV4 if four_only else EVERYWHERE
        return Term(maybe=(Maybe(hidden, frozenset({"tag-snapshot-missing"})),))
    return Term(broad=members.only_v4() if four_only else members)


def boxes(term: Term, services: ServiceSet) -> tuple[Traffic, Traffic]:
    """The surely matched traffic of a destination term: by literal, and by tag or wildcard only."""
    by_literal = Traffic.box(term.literal, services)
    if not term.broad:
        return by_literal, Traffic.EMPTY
    return by_literal, Traffic.box(term.broad - term.literal, services)


def doubts(term: Term, services: ServiceSet, codes: Codes = frozenset()) -> tuple[Doubt, ...]:
    """The doubts of a destination term, each with further codes that stand in the way."""
    if not term.maybe:
        return ()
    return tuple(
        Doubt(Traffic.box(item.addresses, services), item.codes | codes, item.assumed if not codes else None)
        for item in term.maybe
    )
