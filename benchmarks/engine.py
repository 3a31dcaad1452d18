"""The engine asked as a whole: records in, the sets that are surely and maybe let through out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from auditor.filters.firewall import FirewallFilter
from auditor.filters.firewall_rules import PlacedCollection, ResolvedFirewall
from auditor.filters.parts import Flow, Part
from auditor.filters.security_group import SecurityGroupFilter
from auditor.filters.vnet_tag import DefaultRoute, TagContext
from auditor.model.reading import TagMembers
from auditor.model.security_group import SecurityGroup
from auditor.model.service_tags import LazyMembers, ServiceTags
from auditor.model.verdict import Effect, Stage
from auditor.netset import AddressSet, NamePattern, NameSet, ServiceSet, Traffic
from benchmarks.rule_sets import NODES, VNET, FirewallSet

ALL_IPV4: Final = Traffic.box(AddressSet.of("0.0.0.0/0"), ServiceSet.ANY)
_PORTLESS: Final = (0, 65535)
_WITH_PORTS: Final = frozenset({6, 17})
_SOURCE: Final = AddressSet.of(NODES)


def security_group_filter(
    group: SecurityGroup, default_route: DefaultRoute = DefaultRoute.NONE
) -> SecurityGroupFilter:
    """The group as the nodes' subnet sees it."""
    context = TagContext(members=AddressSet.of(*VNET), default_route=default_route)
    return SecurityGroupFilter(group, Stage.SUBNET_NSG, context)


def firewall_filter(given: FirewallSet) -> FirewallFilter:
    """The firewall with its collections in processing order."""
    placed = [
        PlacedCollection(
            owner=group.id,
            policy=None,
            collection=collection,
            order=(0, group.priority, collection.priority),
        )
        for group in given.groups
        for collection in group.collections
    ]
    resolved = ResolvedFirewall(
        firewall=given.firewall,
        collections=tuple(sorted(placed, key=lambda place: place.order)),
        ip_groups={group.id: group for group in given.ip_groups},
    )
    prefixes = {name.lower(): texts for name, texts in given.tags.items()}
    tags = ServiceTags(LazyMembers(prefixes), {name.lower(): name for name in given.tags}, prefixes)
    return FirewallFilter(resolved, tags, TagMembers((), ()))


def everything(
    source: AddressSet = _SOURCE,
    *,
    name: str | None = None,
    application: str | None = None,
    coarse: bool = False,
) -> Flow:
    """All IPv4 traffic of some nodes, raw or of an application that asks for a name; `coarse` tells no rules apart."""
    pattern = NamePattern.parse(name) if name is not None else None
    return Flow(
        source=source,
        traffic=ALL_IPV4,
        name=None if pattern is None else NameSet.of(pattern),
        pattern=pattern,
        application=application,
        coarse=coarse,
    )


def surely_allowed(parts: Iterable[Part]) -> Traffic:
    """What gets through whatever turns out to be true."""
    return Traffic.union_all(
        part.traffic for part in parts if all(one.hop.outcome is Effect.ALLOW for one in part.options)
    )


def maybe_allowed(parts: Iterable[Part]) -> Traffic:
    """What gets through if everything that is not known turns out that way."""
    return Traffic.union_all(
        part.traffic for part in parts if any(one.hop.outcome is Effect.ALLOW for one in part.options)
    )


def service_boxes(services: ServiceSet) -> Iterator[tuple[int, int, int, int]]:
    """First and last protocol, first and last port; neighbouring protocols without ports are one box."""
    first = last = -2
    for protocol, ports in services.split():
        if protocol == last + 1 and protocol not in _WITH_PORTS:
            last = protocol
            continue
        if first >= 0:
            yield first, last, *_PORTLESS
        first = last = -2
        if protocol in _WITH_PORTS:
            yield from ((protocol, protocol, low, high) for low, high in ports.intervals())
        else:
            first = last = protocol
    if first >= 0:
        yield first, last, *_PORTLESS
