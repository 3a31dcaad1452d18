"""What leaves a cluster beyond its policy, joined over its sources."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from auditor.filters.next_hop import HopKind, NextHop
from auditor.filters.parts import NO_CODES, Flow
from auditor.model.egress import Allowance, Bypass, Excess, Undetermined
from auditor.model.estate import Estate
from auditor.model.finding import Problem
from auditor.model.finding_place import From
from auditor.model.gap import Gap
from auditor.model.resource_id import ResourceId
from auditor.netset import AddressSet, Traffic
from auditor.netset.service import ANY
from auditor.paths.cluster_paths import ClusterPaths
from auditor.paths.egress_joins import joined, joined_bypasses, joined_causes
from auditor.paths.excess import ExcessOfSource
from auditor.paths.hint_sets import public_addresses
from auditor.paths.leaving import SourceEgress
from auditor.paths.problems_unread import Met, open_codes, unread_problem
from auditor.paths.sources import Source
from auditor.paths.unread_rules import unread_routes, unread_rules


def excess_of(
    paths: ClusterPaths, needed: Allowance, published: Allowance, assumed: frozenset[str]
) -> tuple[tuple[Excess, ...], tuple[Undetermined, ...]]:
    """What must and what may leave: the first by subnet and responsible rule, the second by what leaves it open."""
    excess: list[Excess] = []
    undetermined: list[Undetermined] = []
    for _, origins, one in _of_sources(paths, needed, published, assumed):
        excess += (replace(found, asked_from=origins) for found in one.excess())
        undetermined += (replace(found, asked_from=origins) for found in one.undetermined())
    return (
        tuple(sorted(joined(excess), key=_worst_first)),
        tuple(sorted(joined_causes(undetermined), key=lambda one: (one.cause, *_largest_first(one)))),
    )


def unneeded_problems(
    paths: ClusterPaths, needed: Allowance, published: Allowance, assumed: frozenset[str]
) -> tuple[Problem, ...]:
    """Whether something leaves without need that the rules may let out which nobody read (V-6)."""
    met: list[Met] = []
    for source, origins, one in _of_sources(paths, needed, published, assumed):
        lists = tuple(unread_rules(paths, source, assumed))
        causes = one.unneeded_causes() if lists else NO_CODES
        met += ((origin, rules, rules.codes & causes) for rules in lists for origin in origins)
    return tuple(unread_problem("unneeded-baseline-egress", paths.cluster, met))


def bypass_problems(paths: ClusterPaths, assumed: frozenset[str]) -> tuple[Problem, ...]:
    """Whether something leaves beside a firewall where nobody knows how a subnet routes (V-6)."""
    met: list[Met] = []
    for source in paths.sources:
        routes = tuple(unread_routes(paths, source, assumed))
        codes = open_codes(paths, source) if routes else NO_CODES
        met += ((paths.asked_from(source), one, one.codes & codes) for one in routes)
    return tuple(unread_problem("firewall-bypassed", paths.cluster, met, rules=False))


def bypasses_of(
    paths: ClusterPaths, needed: Allowance, published: Allowance, assumed: frozenset[str]
) -> tuple[Bypass, ...]:
    """What leaves beside the device that the default route of a subnet leads to, by subnet and what leads past it."""
    own = _own_addresses(paths.network.estate)
    found: list[Bypass] = []
    for source, origins, one in _of_sources(paths, needed, published, assumed):
        if not _led_to_device(paths, source):
            continue
        found += (replace(bypass, asked_from=origins) for bypass in one.bypasses(own))
    return tuple(
        sorted(joined_bypasses(found), key=lambda one: (_key(one.asked_from[0].subnet), *_largest_first(one)))
    )


def _own_addresses(estate: Estate) -> AddressSet:
    """Public addresses of the firewalls themselves: a route to them leads replies of inbound flows back (UDR-51)."""
    held = [text for firewall in estate.firewalls.values() for text in firewall.public_addresses]
    for firewall in estate.firewalls.values():
        for reference in firewall.public_ip_ids:
            known = estate.public_ips.get(reference)
            held += [known.address] if known is not None and known.address else []
    return AddressSet.of(*held)


def _led_to_device(paths: ClusterPaths, source: Source) -> bool:
    """Whether the 0/0 route, or the one that most public addresses take, leads to a firewall, an appliance or a hub.

    A 0/0 route says where traffic is meant to go even if narrower ones take everything out of it.
    """
    if isinstance(source.subnet, Gap):
        return False
    if any(_is_device(target) for target in paths.network.route_filter(source.subnet).defaults):
        return True
    everywhere = Traffic.box(public_addresses(paths.network.estate), ANY)
    flow = Flow(source=AddressSet.of(), traffic=everywhere, coarse=True)
    largest = max(
        paths.network.route_filter(source.subnet).parts(flow),
        key=lambda part: part.traffic.size,
        default=None,
    )
    return largest is not None and any(
        option.target is not None and _is_device(option.target) for option in largest.options
    )


def _is_device(target: NextHop) -> bool:
    return target.kind in {HopKind.APPLIANCE, HopKind.HUB}


def _of_sources(
    paths: ClusterPaths, needed: Allowance, published: Allowance, assumed: frozenset[str]
) -> Iterator[tuple[Source, tuple[From, ...], ExcessOfSource]]:
    """What leaves, once for all pools that share it: a source that stands for them, and where they send from."""
    alike: dict[SourceEgress, list[Source]] = {}
    for source in paths.sources:
        alike.setdefault(paths.egress(source), []).append(source)
    for egress, sources in alike.items():
        origins = tuple(dict.fromkeys(map(paths.asked_from, sources)))
        yield sources[0], origins, ExcessOfSource(egress, origins[0], needed, published, assumed)


def _worst_first(one: Excess) -> tuple[object, ...]:
    """Most addresses first; names after addresses, whose number is known."""
    rule = one.rule
    return (
        one.names is not None,
        -one.traffic.size,
        _key(one.asked_from[0].subnet),
        rule.resource or "",
        rule.rule or "",
        one.application or "",
        one.witness,
        *_largest_first(one),
    )


def _largest_first(one: Excess | Undetermined | Bypass) -> tuple[object, ...]:
    return (
        one.names is not None,
        -one.traffic.size,
        one.witness,
        _key(one.asked_from[0].subnet),
        [origin.pool for origin in one.asked_from],
        str(one.sources),
    )


def _key(subnet: ResourceId | None) -> str:
    return subnet.key if subnet is not None else ""
