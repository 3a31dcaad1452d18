"""A public load balancer brings connections in whose replies a firewall drops (UDR-51)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from auditor.filters.parts import Codes
from auditor.filters.terms import addresses_of
from auditor.model.finding import From, Problem
from auditor.model.firewall import Firewall
from auditor.model.gap import Gap
from auditor.model.network import Subnet
from auditor.model.outbound import InboundRule, LoadBalancer
from auditor.model.resource_id import ResourceId
from auditor.netset import AddressSet
from auditor.paths.cluster_paths import ClusterPaths
from auditor.paths.egress_addresses import EgressAddresses, firewall_addresses
from auditor.paths.frontends import Frontend, any_family, frontend_of
from auditor.paths.inbound_translations import Translations
from auditor.paths.reply_ways import ReplyWay, not_to_internet, reply_way
from auditor.paths.sources import Source

KIND = "asymmetric-load-balancer-path"


def asymmetric_paths(
    paths: ClusterPaths, source: Source, asked: From, assumed: frozenset[str]
) -> Iterator[Problem]:
    """Each public frontend that serves the nodes of a subnet whose default route leads to a firewall.

    The documented way around it is no finding: the firewall translates its own public IP to the frontend, and the
    subnet sends what goes to the firewall's public IPs straight to the Internet.
    """
    if source.pods:
        return
    for balancer, rules, reason in _serving(paths, source):
        if reason is not None:
            way = _way(paths, source, any_family(source), assumed)
            if way is not None:
                yield _unread(balancer, way, asked, reason)
            continue
        for listed in _by_frontend(rules):
            frontend = frontend_of(listed[0], source, paths.network.estate)
            way = _way(paths, source, frontend.clients, assumed)
            if way is None:
                continue
            problem = _problem(paths, source, asked, assumed, way, (balancer, frontend, listed))
            if problem is not None:
                yield problem


def _way(
    paths: ClusterPaths, source: Source, clients: Iterable[AddressSet], assumed: frozenset[str]
) -> ReplyWay | None:
    """The first way of replies to clients of some families that is not surely past every device."""
    ways = (reply_way(paths.network, source, space, assumed) for space in clients)
    return next((way for way in ways if way is not None), None)


# -- what comes in -----------------------------------------------------------------------------------------


def _serving(
    paths: ClusterPaths, source: Source
) -> Iterator[tuple[ResourceId, tuple[InboundRule, ...], str | None]]:
    """The load balancers that serve the nodes: their public rules, or the code that hides them."""
    estate = paths.network.estate
    pools = {pool for nic in source.nics if source.subnet_id in nic.subnets for pool in nic.backend_pools}
    for balancer in sorted(estate.load_balancers.values(), key=lambda item: item.id.key):
        members = pools | _pooled(balancer, source.subnet)
        rules = tuple(rule for rule in balancer.inbound if members.intersection(rule.pools))
        if balancer.flaws and members & {pool for rule in balancer.inbound for pool in rule.pools}:
            yield balancer.id, (), balancer.flaws[0].code
        elif rules:
            yield balancer.id, rules, None
    owners = {pool.parent for pool in pools if pool.parent is not None}
    for owner in sorted(owners - set(estate.load_balancers)):
        yield owner, (), "unreadable-resource"


def _pooled(balancer: LoadBalancer, subnet: Subnet | Gap) -> set[ResourceId]:
    """Pools that hold addresses of the subnet, or may hold some of one that was not read (V-6)."""
    if isinstance(subnet, Gap):
        return {member.pool for member in balancer.pooled if member.network in {None, subnet.id.parent}}
    space = addresses_of(subnet.prefixes)
    return {
        member.pool
        for member in balancer.pooled
        if member.network in {None, subnet.network} and addresses_of((member.address,)) <= space
    }


def _by_frontend(rules: Sequence[InboundRule]) -> list[list[InboundRule]]:
    found: dict[tuple[str, ResourceId | None], list[InboundRule]] = {}
    for rule in rules:
        found.setdefault((rule.frontend, rule.address), []).append(rule)
    return list(found.values())


# -- the way around ----------------------------------------------------------------------------------------


def _problem(
    paths: ClusterPaths,
    source: Source,
    asked: From,
    assumed: frozenset[str],
    way: ReplyWay,
    served: tuple[ResourceId, Frontend, list[InboundRule]],
) -> Problem | None:
    balancer, frontend, rules = served
    reasons: Codes = frozenset(way.reasons) | frontend.reasons
    lacking: tuple[str, ...] = ()
    names = [rule.name for rule in rules]
    if not reasons and way.firewall is not None and isinstance(source.subnet, Subnet):
        public = firewall_addresses(way.firewall, paths.network.estate)
        lacking, unsure = not_to_internet(paths.network, source.subnet, public.known, assumed)
        if not lacking:
            broken, codes = _untranslated(paths, way.firewall, public, rules, frontend.address)
            reasons = frozenset() if broken else unsure.union(public.reasons, *(one for _, one in codes))
            if not broken and not reasons:
                return None
            names = broken or [name for name, _ in codes] or names
    text = f"{frontend.told(balancer.name, _listed(names))}, and {way.told(source)}"
    return Problem(
        kind=KIND,
        resource=balancer,
        subject=frontend.name,
        message=f"whether replies get back is not known: {text}" if reasons else text,
        asked_from=(asked,),
        evidence=(way.hop,),
        reasons=tuple(sorted(reasons)),
        lacking=lacking,
    )


def _untranslated(
    paths: ClusterPaths,
    firewall: Firewall,
    public: EgressAddresses,
    rules: Sequence[InboundRule],
    address: str | None,
) -> tuple[list[str], list[tuple[str, Codes]]]:
    """The rules that no DNAT rule of the firewall leads to, and those of which that is open, with the codes."""
    resolved = paths.network.firewall(firewall, paths.members).resolved
    if resolved.problems:
        return [], [(rule.name, frozenset({resolved.problems[0][0]})) for rule in rules]
    translations = Translations(resolved, public, paths.network.estate.service_tags)
    found = [(rule.name, translations.to(rule, address)) for rule in rules]
    return [name for name, codes in found if codes is None], [(name, codes) for name, codes in found if codes]


def _unread(balancer: ResourceId, way: ReplyWay, asked: From, reason: str) -> Problem:
    return Problem(
        kind=KIND,
        resource=balancer,
        subject="",
        message=f"whether replies get back is not known: load balancer {balancer.name} serves the nodes and could not "
        "be read (UDR-51)",
        asked_from=(asked,),
        evidence=(way.hop,),
        reasons=(reason,),
    )


def _listed(rules: Sequence[str]) -> str:
    return ", ".join(rules[:3]) + (", ..." if len(rules) > 3 else "")
