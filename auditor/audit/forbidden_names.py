"""Names that lead into forbidden addresses: what rules about names let out, held against rows by address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from auditor.model.estate import Estate
from auditor.model.reading import Hints, NameHint
from auditor.model.service_tags import ServiceTags
from auditor.netset import AddressSet, NamePattern, NameSet, ServiceSet, Traffic
from auditor.paths.leaving import Leaving
from auditor.policy.allowance import known_addresses
from auditor.policy.organisation import PolicyRow
from auditor.policy.organisation_sets import RowSets

_ANY_NAME = NamePattern.parse("*")
_PINNED = "address-pinned"
_BY_TAG = "address-by-tag"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamesWithin:
    """Names that lead to forbidden addresses only."""

    names: NameSet
    traffic: Traffic
    """Their addresses with the services that are forbidden on all of them."""
    code: str | None
    """The assumption on which that rests; None for names that anybody may point wherever he likes."""

    def of(self, leaving: Leaving) -> NameSet:
        """Those of the names that leave by name; of names that are nobody's, only where all such names do."""
        if leaving.name is None:
            return NameSet.NONE
        if self.code is not None:
            return self.names & leaving.name
        return self.names & NameSet.union_all(names for _, names in leaving.classes if _is_open(names))


class KnownNames:
    """The names whose addresses somebody tells: the user's pins, and the documented service tags."""

    def __init__(self, hints: Hints, tags: ServiceTags, estate: Estate) -> None:
        self._known = tuple(_known(hints, tags))
        self._private = _private_names(estate)

    def within(self, row: PolicyRow, sets: RowSets) -> Iterator[NamesWithin]:
        """The names that lead into what a row forbids by address, beyond those that it forbids by name.

        A name of which some addresses are forbidden and others are not is none of them: where it leads is not known.
        """
        if not sets.traffic:
            return
        spared = NameSet.of(*(host.name for host in row.excepted if host.name is not None)) | self._private
        spoken = NameSet.union_all(one.names for one in sets.names)
        left = NameSet.ALL - spared - spoken
        for names, addresses, code in self._known:
            services = _services_on_all(sets.traffic, addresses)
            if services and (found := names & left):
                yield NamesWithin(names=found, traffic=Traffic.box(addresses, services), code=code)
        others = left - NameSet.union_all(names for names, _, _ in self._known)
        if others:
            yield NamesWithin(names=others, traffic=sets.traffic, code=None)


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
    patterns = dict(_patterns({**hints.names, **dict.fromkeys(hints.pins, NameHint())}))
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


def _patterns(keys: Mapping[str, object]) -> Iterator[tuple[str, NamePattern]]:
    for key in keys:
        try:
            yield key, NamePattern.parse(key)
        except ValueError:
            # The map of service tags knows patterns with a star inside, which are no sets of ours.
            continue


def _private_names(estate: Estate) -> NameSet:
    """Names that private endpoints and private zones answer: their public addresses are not what is reached."""
    served = [name for one in estate.private_endpoints.values() if one.approved for name, _ in one.names]
    texts = dict.fromkeys([*served, *(name for zone in estate.dns_zones for name in zone.records)])
    return NameSet.of(*(pattern for _, pattern in _patterns({text.rstrip("."): None for text in texts})))
