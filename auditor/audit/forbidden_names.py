"""Names that lead into forbidden addresses: what rules about names let out, held against rows by address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from auditor.model.estate import Estate
from auditor.model.reading import Hints, NameHint
from auditor.model.resource_id import ResourceId
from auditor.model.service_tags import ServiceTags
from auditor.netset import AddressSet, NamePattern, NameSet, ServiceSet, Traffic
from auditor.paths.leaving import Leaving
from auditor.paths.private_names import PrivateAnswer, private_answer
from auditor.policy.allowance import known_addresses
from auditor.policy.organisation import PolicyRow
from auditor.policy.organisation_sets import RowSets

_ANY_NAME = NamePattern.parse("*")
_PINNED = "address-pinned"
_BY_TAG = "address-by-tag"
_UNRESOLVED = "fqdn-address-unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamesWithin:
    """Names that lead to forbidden addresses only."""

    names: NameSet
    traffic: Traffic
    """Their addresses with the services that are forbidden on all of them."""
    code: str | None
    """What that rests on: an assumption, or what nobody knows; None for what needs neither."""
    application: str | None = None
    """The only protocol over which they are forbidden there; None: any. A plain connection may speak each of them."""
    anybodys: bool = False
    """Names that anybody may point wherever he likes."""

    def of(self, leaving: Leaving) -> NameSet:
        """Those of the names that leave by name; of names that are nobody's, only where all such names do."""
        if leaving.name is None or (self.application and leaving.application not in {self.application, None}):
            return NameSet.NONE
        if not self.anybodys:
            return self.names & leaving.name
        return self.names & NameSet.union_all(names for _, names in leaving.classes if _is_open(names))


class KnownNames:
    """The names whose addresses somebody tells: the user's pins, the documented service tags, and private DNS."""

    def __init__(
        self, hints: Hints, tags: ServiceTags, estate: Estate, networks: frozenset[ResourceId | None]
    ) -> None:
        """`networks` are those whose resolvers the cluster's nodes may ask."""
        self._known = tuple(_known(hints, tags))
        private = dict.fromkeys(name for name, _ in _private_names(estate, networks, hints))
        self._patterns = tuple(dict.fromkeys((*_hinted(hints), *private)))
        pinned = NameSet.of(*(pattern for _, pattern in names_in(hints.pins)))
        self._private = tuple(
            (names, addresses)
            for name, addresses in _private_names(estate, networks, hints)
            if (names := NameSet.of(name) - pinned)
        )
        """Names that are perhaps not resolved publicly, with the private answer if that is the only one."""
        sure = NameSet.union_all(names for names, addresses in self._private if addresses is not None)
        every = NameSet.union_all(names for names, _ in self._private)
        self._perhaps = every - sure

    def inside(self, pattern: NamePattern) -> tuple[NamePattern, ...]:
        """The names within a pattern of which more is known than of the pattern."""
        return tuple(one for one in self._patterns if one <= pattern and one != pattern)

    def within(self, row: PolicyRow, sets: RowSets) -> Iterator[NamesWithin]:
        """The names that lead into what a row forbids by address, beyond those that it forbids by name.

        A name of which some addresses are forbidden and others are not is none of them: where it leads is not known.
        A name that is surely answered by private DNS leads where that says; one that perhaps is leads to its public
        addresses perhaps (AKS-25).
        """
        excepted = NameSet.of(*(host.name for host in row.excepted if host.name is not None))
        for application, traffic in ((None, sets.traffic), *sets.spoken):
            by_name = (
                one.names
                for one in sets.names
                if one.application == application and traffic.services <= one.services
            )
            left = NameSet.ALL - excepted - NameSet.union_all(by_name)
            for one in self._into(traffic, left) if traffic else ():
                yield replace(one, application=application)

    def _into(self, traffic: Traffic, left: NameSet) -> Iterator[NamesWithin]:
        """Those of some names that lead into forbidden traffic."""
        private = NameSet.union_all(names for names, _ in self._private)
        for names, addresses in self._private:
            if addresses is not None:
                yield from _leading(names & left, addresses, None, traffic)
        for names, addresses, code in self._known:
            yield from _leading(names & left - private, addresses, code, traffic)
            yield from _leading(names & left & self._perhaps, addresses, _UNRESOLVED, traffic)
        others = left - private - NameSet.union_all(names for names, _, _ in self._known)
        if others:
            yield NamesWithin(names=others, traffic=traffic, code=None, anybodys=True)


def _leading(
    names: NameSet, addresses: AddressSet, code: str | None, forbidden: Traffic
) -> Iterator[NamesWithin]:
    services = _services_on_all(forbidden, addresses) if names else ServiceSet.NONE
    if services:
        yield NamesWithin(names=names, traffic=Traffic.box(addresses, services), code=code)


def _is_open(names: NameSet) -> bool:
    """Whether a class of names holds all that no rule speaks of."""
    return any(pattern == _ANY_NAME and included for pattern, included in names.patterns())


def _services_on_all(forbidden: Traffic, addresses: AddressSet) -> ServiceSet:
    """The services that are forbidden on every one of the addresses."""
    boxes = list(forbidden.restrict(addresses).boxes())
    if not boxes or AddressSet.union_all(held for held, _ in boxes) != addresses:
        return ServiceSet.NONE
    services = boxes[0][1]
    for _, others in boxes[1:]:
        services &= others
    return services


def _known(hints: Hints, tags: ServiceTags) -> Iterator[tuple[NameSet, AddressSet, str]]:
    """Names, less those of which something narrower is known, with their IPv4 addresses and how they are known."""
    patterns = dict(names_in({**hints.names, **dict.fromkeys(hints.pins, NameHint())}))
    for key, pattern in patterns.items():
        hint = hints.names.get(key, NameHint())
        code = _PINNED if key in hints.pins else _BY_TAG
        if code == _BY_TAG and not (hint.tags and all(tags.get(tag) is not None for tag in hint.tags)):
            continue
        addresses = known_addresses(key, hints, tags, sure=True).only_v4()
        names = NameSet.of(pattern)
        if pattern.wildcard:
            names -= NameSet.of(*(one for one in patterns.values() if one != pattern and one <= pattern))
        if addresses and names:
            yield names, addresses, code


def _hinted(hints: Hints) -> Iterator[NamePattern]:
    """The names and patterns that are pinned, or of which a service tag is documented."""
    told = dict.fromkeys((*hints.pins, *(key for key, hint in hints.names.items() if hint.tags)))
    yield from (pattern for _, pattern in names_in(told))


def names_in(keys: Mapping[str, object]) -> Iterator[tuple[str, NamePattern]]:
    """The keys that are names or patterns of ours, with what they say."""
    for key in keys:
        try:
            yield key, NamePattern.parse(key)
        except ValueError:
            # The map of service tags knows patterns with a star inside, which are no sets of ours.
            continue


def _private_names(
    estate: Estate, networks: frozenset[ResourceId | None], hints: Hints
) -> Iterator[tuple[NamePattern, AddressSet | None]]:
    """Names that private endpoints and zones answer, or may answer, with the answer if it is the only one.

    What a wildcard record answers is never sure: a record of another type, which is not read, may hide it.
    """
    served = [name for one in estate.private_endpoints.values() if one.approved for name, _ in one.names]
    recorded = [name for zone in estate.dns_zones for name in zone.records]
    told = dict.fromkeys(text.lower().rstrip(".") for text in (*served, *recorded))
    for text, pattern in names_in({**told, **hints.names}):
        if pattern.wildcard:
            if text in told:
                yield pattern, None
        elif (answer := private_answer(text, networks, estate, None)) != PrivateAnswer():
            yield pattern, answer.addresses if answer.certain else None
