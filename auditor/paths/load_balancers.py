"""The way out by load balancers: which of them translate what for some interfaces (UDR-41, UDR-42, AKS-34)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_

from auditor.filters.outbound import SERVICES, Exit
from auditor.model.cluster import Cluster
from auditor.model.estate import Estate
from auditor.model.outbound import LoadBalancer, SnatPool
from auditor.model.resource_id import ResourceId
from auditor.model.verdict import Effect
from auditor.netset import ServiceSet
from auditor.netset.service import ANY
from auditor.paths.interfaces import Interfaces
from auditor.paths.public_addresses import are_ipv6, has_ipv4, unusable

_TRANSLATED = SERVICES["tcp_udp"]
_UNVERIFIED = "default-outbound-unverified"
_STANDARD = "standard"


@dataclass(frozen=True, slots=True)
class _Open:
    """A load balancer of which nobody can say what it translates."""

    id: ResourceId
    """Its own, or that of the public address that was not read."""
    clause: str
    detail: str
    code: str
    services: ServiceSet = ANY
    """What it may translate."""


def load_balancer_exit(cluster: Cluster, interfaces: Interfaces, estate: Estate) -> Exit | None:
    """What the balancers translate in whose pools the interfaces are; None where none of them is a way out.

    Several may serve one interface, and what one of them translates leaves whatever the others do (AKS-34).
    """
    pools = interfaces.backend_pools
    owners = sorted({pool.parent for pool in pools if pool.parent is not None})
    known = [found for owner in owners if (found := estate.load_balancers.get(owner)) is not None]
    sure = {one: _translated_by(one, pools, estate) for one in known if not one.flaws}
    serving = [one for one, services in sure.items() if services]
    opened = [*_undecided(known, pools, estate), *_unread(owners, estate)]
    if serving:
        services = reduce(or_, sure.values())
        beyond = [one for one in opened if not one.services <= services]
        # Beside a sure one, those that may translate less than anything are all open for the same protocol.
        rest = max(beyond, key=lambda one: one.services == ANY, default=None)
        return Exit(
            services=services,
            resource=serving[0].id.text,
            clause="UDR-41",
            detail="leaves by load balancer " + " or ".join(one.id.name for one in serving),
            other=Effect.DROP if rest is None else Effect.UNKNOWN,
            other_code=None if rest is None else rest.code,
            other_clause="UDR-42" if rest is None else rest.clause,
            other_services=ANY if rest is None else rest.services,
        )
    if shows_way_out(cluster, estate) and not _told(interfaces, owners, known):
        return Exit(
            services=_TRANSLATED,
            resource=cluster.id.text,
            clause="AKS-19",
            detail="the cluster's outbound profile lists public IPs in use",
            doubt=_UNVERIFIED,
            # Be it a load balancer that nobody read or default outbound access, it may do more (V-6).
            other=Effect.UNKNOWN,
            other_code=opened[0].code if opened else "uncertain:UDR-43",
            other_clause=opened[0].clause if opened else "UDR-43",
        )
    if opened:
        first = opened[0]
        return Exit(
            services=reduce(or_, (one.services for one in opened)),
            resource=first.id.text,
            clause=first.clause,
            detail=first.detail,
            unknown=first.code,
            other_clause="UDR-42",
        )
    return None


def shows_way_out(cluster: Cluster, estate: Estate) -> bool:
    """Whether the cluster's outbound profile lists public IPs in use that may be IPv4 ones (AKS-18)."""
    listed = cluster.effective_outbound_ips
    return bool(listed) and not are_ipv6(listed, estate)


def _translated_by(balancer: LoadBalancer, pools: frozenset[ResourceId], estate: Estate) -> ServiceSet:
    """What a balancer surely translates for members of some pools, as IPv4 (AKS-18)."""
    services = ServiceSet.protocols()
    if not balancer.public or balancer.sku != _STANDARD:
        return services
    for rule in balancer.outbound_rules:
        if rule.pool in pools and rule.public and not are_ipv6(rule.addresses, estate):
            if unusable(rule.addresses, estate) is not None:
                continue
            services |= SERVICES.get(rule.protocol, _TRANSLATED)
    for balanced in _balanced(balancer, pools, estate) if not balancer.outbound_rules else ():
        if unusable(balanced.addresses, estate) is None:
            services |= _TRANSLATED
    return services


def _balanced(balancer: LoadBalancer, pools: frozenset[ResourceId], estate: Estate) -> list[SnatPool]:
    """What load-balancing rules may translate for some pools, as IPv4."""
    return [one for one in balancer.snat_pools if one.pool in pools and not are_ipv6(one.addresses, estate)]


def _unserved(balancer: LoadBalancer, pools: frozenset[ResourceId], estate: Estate) -> set[ResourceId]:
    """The pools that load-balancing rules may translate for want of an outbound rule for IPv4."""
    served = {one.pool for one in balancer.outbound_rules if not are_ipv6(one.addresses, estate)}
    return {one.pool for one in _balanced(balancer, pools, estate)} - served


def _undecided(
    known: Iterable[LoadBalancer], pools: frozenset[ResourceId], estate: Estate
) -> Iterator[_Open]:
    for one in known:
        if one.flaws:
            yield _Open(one.id, "V-6", one.flaws[0].detail, one.flaws[0].code)
        elif one.public and one.sku != _STANDARD:
            detail = f"load balancer {one.id.name} is of SKU {one.sku}, whose translation is not documented"
            yield _Open(one.id, "UDR-41", detail, "uncertain:UDR-41")
        elif one.outbound_rules and _unserved(one, pools, estate):
            # "Without outbound rules" may mean the balancer's or the pool's.
            detail = f"load balancer {one.id.name} has outbound rules, but none for a pool that is balanced"
            yield _Open(one.id, "UDR-41", detail, "uncertain:UDR-41")
        if not one.public or one.flaws:
            continue
        for rule in one.outbound_rules:
            if rule.pool not in pools or not rule.public:
                continue
            if (why := unusable(rule.addresses, estate)) is not None:
                # The rule is there and rules default outbound access out, unless it is none for IPv4 (UDR-43).
                translated = SERVICES.get(rule.protocol, _TRANSLATED)
                services = translated if has_ipv4(rule.addresses, estate) else ANY
                yield _Open(why.unread or one.id, why.clause, why.detail, why.code, services)
        for balanced in _balanced(one, pools, estate) if not one.outbound_rules else ():
            if (why := unusable(balanced.addresses, estate)) is not None:
                yield _Open(why.unread or one.id, why.clause, why.detail, why.code)


def _unread(owners: Iterable[ResourceId], estate: Estate) -> Iterator[_Open]:
    """Whether one translates that was not read decides all: without outbound rules it may leave nothing (UDR-41)."""
    for owner in owners:
        if owner in estate.load_balancers:
            continue
        # The reference beats the list that lacks it (ARM-23).
        clause = "ARM-22" if estate.was_read(owner.kind, owner) else "UDR-41"
        detail = f"load balancer {owner.name}, in whose pool the nodes are: {estate.gap(owner).detail}"
        yield _Open(owner, clause, detail, "unreadable-resource")


def _told(interfaces: Interfaces, owners: list[ResourceId], known: list[LoadBalancer]) -> bool:
    """Whether documents decide the way through a load balancer: the pools and their balancers were read."""
    return (interfaces.read or bool(owners)) and len(known) == len(owners)
