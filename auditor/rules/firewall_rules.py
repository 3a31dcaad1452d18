"""Where a firewall's rules lie, and which allow collection would suit one more endpoint."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from auditor.model.estate import Estate
from auditor.model.finding import AuditedCluster
from auditor.model.firewall import (
    ApplicationRule,
    Firewall,
    FirewallPolicy,
    IpGroup,
    NetworkRule,
    RuleCollection,
    RuleCollectionGroup,
)
from auditor.model.resource_id import ResourceId
from auditor.netset.address import AddressSet
from auditor.rules.destination import Kind, read_destination
from auditor.rules.firewall_chain import policy_chain


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A rule collection with the group and the policy that hold it; None for both on a classic firewall."""

    policy: ResourceId | None
    group: RuleCollectionGroup | None
    collection: RuleCollection

    @property
    def rank(self) -> tuple[int, int, str, str]:
        """Evaluation order within one policy (FW-8)."""
        group = self.group
        return (
            group.priority if group is not None else 0,
            self.collection.priority,
            group.id.key if group is not None else "",
            self.collection.name,
        )


def places_of_policy(estate: Estate, policy: ResourceId) -> Iterator[Place]:
    """The collections of one policy, without its parents, in no particular order."""
    record = estate.policy(policy)
    if isinstance(record, FirewallPolicy):
        for reference in record.groups:
            group = estate.group(reference)
            if isinstance(group, RuleCollectionGroup):
                for collection in group.collections:
                    yield Place(policy=policy, group=group, collection=collection)


def places_of(estate: Estate, firewall: Firewall) -> Iterator[Place]:
    """The collections of a firewall: of its policy and the parents, or its classic ones."""
    if firewall.policy is None:
        for collection in firewall.classic:
            yield Place(policy=None, group=None, collection=collection)
    else:
        for policy in policy_chain(estate, firewall.policy):
            yield from places_of_policy(estate, policy)


def places_of_rule(estate: Estate, firewall: Firewall, rule: str, resource: str | None) -> tuple[Place, ...]:
    """The collections that hold a rule, given as `rule` or `collection/rule`; of `resource` where that is a group."""
    places = [place for place in places_of(estate, firewall) if rule.lower() in _spellings(place)]
    group = ResourceId(resource) if resource is not None else None
    own = [place for place in places if place.group is not None and place.group.id == group]
    return tuple(own or places)


def _spellings(place: Place) -> set[str]:
    collection = place.collection.name
    texts = {text for rule in place.collection.rules for text in (rule.name, f"{collection}/{rule.name}")}
    return {text.lower() for text in texts}


def fitting_place(
    audited: AuditedCluster, places: Iterable[Place], *, by_name: bool, host: str = ""
) -> Place | None:
    """The allow collection for rules of this type that names the host's nearest kin, else the most of the needs."""
    wanted = ApplicationRule if by_name else NetworkRule
    fits = [
        place
        for place in places
        if place.collection.action == "allow"
        and place.collection.rules
        and all(isinstance(rule, wanted) for rule in place.collection.rules)
    ]
    hosts = _needed_hosts(audited)
    return min(
        fits,
        key=lambda place: (
            -_kinship(place.collection, host),
            -_admitted(place.collection, hosts),
            place.rank,
        ),
        default=None,
    )


def _kinship(collection: RuleCollection, host: str) -> int:
    """How many labels, from the right, some name of the collection shares with the host, beyond the public suffix."""
    own = host.lower().strip("*.").split(".")[::-1]
    best = 0
    for rule in collection.rules:
        for name in rule.fqdns if isinstance(rule, ApplicationRule) else ():
            other = name.lower().strip("*.").split(".")[::-1]
            shared = 0
            while shared < min(len(own), len(other)) and own[shared] == other[shared]:
                shared += 1
            best = max(best, shared)
    # Two shared labels, such as `azure.com`, are no kinship: half of all names have them.
    return best if best > 2 else 0


def _needed_hosts(audited: AuditedCluster) -> frozenset[str]:
    tags = audited.estate.service_tags
    asked = {endpoint.to for endpoint in audited.endpoints if endpoint.applies is not False}
    read = (read_destination(to, tags) for to in asked)
    return frozenset(item.host.lower() for item in read if item.kind is not Kind.ANYWHERE)


def _admitted(collection: RuleCollection, hosts: frozenset[str]) -> int:
    """How many of the hosts some rule of the collection names; a count to choose by, no verdict."""
    names: set[str] = set()
    for rule in collection.rules:
        if isinstance(rule, ApplicationRule | NetworkRule):
            names |= {text.lower() for text in (*rule.fqdns, *rule.destinations)}
    suffixes = tuple(name[1:] for name in names if name.startswith("*") and len(name) > 1)
    return sum(1 for host in hosts if host in names or host.endswith(suffixes))


def source_groups(
    estate: Estate, collection: RuleCollection | None, prefixes: tuple[str, ...]
) -> tuple[str, ...]:
    """IP groups that the collection's rules use as sources and that together hold all of these prefixes."""
    references = {
        reference
        for rule in (collection.rules if collection is not None else ())
        if isinstance(rule, ApplicationRule | NetworkRule)
        for reference in rule.source_groups
    }
    try:
        wanted = AddressSet.of(*prefixes)
        for reference in sorted(references):
            group = estate.ip_group(reference)
            if isinstance(group, IpGroup) and wanted <= AddressSet.of(*group.addresses):
                return (reference.text,)
    except ValueError:
        pass
    return ()
