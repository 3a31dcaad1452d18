"""Defects on the paths of a cluster that rules report beside the verdicts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from auditor.filters.firewall import FirewallFilter
from auditor.filters.network_rules import consistent_dns
from auditor.filters.next_hop import HopKind
from auditor.filters.parts import UNSETTLED, Flow
from auditor.filters.terms import literal
from auditor.filters.vnet_tag import DefaultRoute
from auditor.model.finding import From, Problem
from auditor.model.firewall import NetworkRule
from auditor.model.gap import Gap
from auditor.model.need import Need
from auditor.model.network import Subnet
from auditor.model.resource_id import ResourceId
from auditor.model.route_table import Route, RouteTable
from auditor.model.shared_destinations import SharedDestinations
from auditor.netset import AddressSet, Traffic
from auditor.paths.cells import resolvers
from auditor.paths.cluster_paths import ClusterPaths
from auditor.paths.dead_rules import dead_rule_problems
from auditor.paths.exits import node_exit
from auditor.paths.problems_api_server import refused_calls
from auditor.paths.problems_denied_names import undone_denies
from auditor.paths.problems_load_balancer import asymmetric_paths
from auditor.paths.problems_network_rules import BypassingRules
from auditor.paths.problems_shared import ExfiltrationProne
from auditor.paths.problems_tunnel import inspected_tunnel
from auditor.paths.shared_rules import documented_of
from auditor.paths.sources import Source

_KUBENET_PODS = "10.244.0.0/16"
"""The pod CIDR of a kubenet cluster that states none."""


def problems_of(
    paths: ClusterPaths, assumed: frozenset[str], needs: Sequence[Need], shared: SharedDestinations
) -> tuple[Problem, ...]:
    """Every defect on the paths of a cluster, one per resource and subject, with the sources that it touches.

    `assumed` are the codes of the reading; `needs` excuse rules that name as much as they do.
    """
    bypassing = BypassingRules(paths, assumed)
    prone = ExfiltrationProne(paths, assumed, shared, documented_of(needs))
    merged: dict[tuple[str, ResourceId, str], Problem] = {}
    for source in paths.sources:
        if not isinstance(source.subnet, Subnet):
            continue
        asked = paths.asked_from(source)
        for problem in (
            *_dangling(paths, source.subnet, asked),
            *_mismatch(paths, source, source.subnet, asked),
            *_names(paths, source, asked),
            *refused_calls(paths, source, asked),
            *inspected_tunnel(paths, source, asked),
            *dead_rule_problems(paths, source, asked),
            *bypassing.problems(source, asked),
            *undone_denies(paths, source, asked),
            *asymmetric_paths(paths, source, asked, assumed),
            *prone.problems(source, asked),
        ):
            key = (problem.kind, problem.resource, problem.subject)
            known = merged.get(key)
            if known is None:
                merged[key] = problem
                continue
            certain = problem if known.reasons and not problem.reasons else known
            origins = dict.fromkeys((*known.asked_from, *problem.asked_from))
            merged[key] = replace(certain, asked_from=tuple(origins))
    return tuple(merged.values())


def _dangling(paths: ClusterPaths, subnet: Subnet, asked: From) -> Iterator[Problem]:
    """A user route whose next hop nobody holds (FW-5, UDR-16)."""
    for target in paths.network.route_filter(subnet).targets:
        if target.kind is not HopKind.APPLIANCE or target.route_table is None:
            continue
        if _is_pod_route(paths, subnet, target.route):
            continue
        for address in target.addresses:
            holding = paths.network.holder(address, subnet)
            if holding.code == "next-hop-dangling" and paths.network.appliance(address) is None:
                yield Problem(
                    kind="next-hop-dangling",
                    resource=target.route_table,
                    subject=target.route or "",
                    message=f"route {target.route} of {target.route_table.name} is dangling: {holding.detail}",
                    asked_from=(asked,),
                    reasons=tuple(sorted(UNSETTLED)) if _is_unsettled(paths, subnet, target.route) else (),
                )


def _is_unsettled(paths: ClusterPaths, subnet: Subnet, name: str | None) -> bool:
    """Whether it is open if a route is in force (V-6)."""
    return any(route.name == name and route.unsettled for route in _routes(paths, subnet))


def _routes(paths: ClusterPaths, subnet: Subnet) -> tuple[Route, ...]:
    table = paths.network.routes(subnet).table
    return table.routes if isinstance(table, RouteTable) else ()


def _is_pod_route(paths: ClusterPaths, subnet: Subnet, name: str | None) -> bool:
    """Whether a route is one that kubenet keeps for a node's pods (UDR-56)."""
    cluster = paths.cluster
    if cluster.network_plugin != "kubenet":
        return False
    named = (route for route in _routes(paths, subnet) if route.name == name)
    prefix = next((literal(route.prefix) for route in named), None)
    pods = [literal(text) for text in cluster.pod_cidrs or (_KUBENET_PODS,)]
    return prefix is not None and any(space is not None and prefix <= space for space in pods)


def _mismatch(paths: ClusterPaths, source: Source, subnet: Subnet, asked: From) -> Iterator[Problem]:
    """The cluster's outbound type says one thing, the data plane does another (AKS-19)."""
    message = _mismatch_of(paths, source, subnet)
    if message is not None:
        yield Problem(
            kind="outbound-type-mismatch",
            resource=paths.cluster.id,
            subject=subnet.id.key,
            message=message,
            asked_from=(asked,),
        )


def _mismatch_of(paths: ClusterPaths, source: Source, subnet: Subnet) -> str | None:
    kind = (paths.cluster.outbound_type or "").lower()
    routes = paths.network.routes(subnet)
    if routes.unread is not None:
        return None
    defaults = routes.user_defaults
    if len(defaults) > 1 or any(one.unsettled for one in defaults):
        return None  # which is in force, or whether one is, is open, and no message would be certain (V-6, UDR-20)
    default = defaults[0] if defaults else None
    name = subnet.id.name
    shown = paths.cluster.outbound_type
    match kind:
        case "userdefinedrouting":
            if default is None and routes.default_route is DefaultRoute.NONE:
                return f"outbound type is {shown}, but subnet {name} has no 0.0.0.0/0 route"
            if default is not None and default.hop in {"internet", "none"}:
                return f"outbound type is {shown}, but the 0.0.0.0/0 route of subnet {name} goes to {default.hop}"
        case "loadbalancer" | "managednatgateway" | "managednatgatewayv2" | "userassignednatgateway":
            if default is not None and default.hop not in {"internet", "vnetlocal"}:
                return f"outbound type is {shown}, but route {default.name} of subnet {name} takes 0.0.0.0/0 elsewhere"
            if kind == "userassignednatgateway" and subnet.nat_gateway is None:
                return f"outbound type is {shown}, but subnet {name} has no NAT gateway"
        case "none" | "block":
            if default is None and routes.default_route is DefaultRoute.NONE and kind == "none":
                for interfaces in source.interfaces:
                    way_out = node_exit(source, interfaces, subnet, paths.network.estate)
                    if way_out.exists and way_out.unknown is None and subnet.default_outbound is not False:
                        return f"outbound type is {shown}, but subnet {name} has a way out: {way_out.detail}"
        case _:
            return None
    return None


def _names(paths: ClusterPaths, source: Source, asked: From) -> Iterator[Problem]:
    """An FQDN network rule that a firewall cannot match reliably (FW-41)."""
    if isinstance(source.subnet, Gap):
        return
    for device in paths.network.reachable_filters(source, paths.members):
        if isinstance(device, FirewallFilter):
            yield from _names_of(device, paths, source, asked)


def _names_of(device: FirewallFilter, paths: ClusterPaths, source: Source, asked: From) -> Iterator[Problem]:
    resolved = device.resolved
    servers = {resolvers(source, one, paths.network) for one in source.interfaces}
    flow = Flow(source=AddressSet.of(), traffic=Traffic.EMPTY)
    if all(consistent_dns(replace(flow, resolver=own), resolved) for own in servers):
        return
    why = (
        "its DNS proxy is off"
        if not resolved.dns_proxy
        else "the source's network does not use it as its only DNS server"
    )
    firewall = resolved.firewall.id.name
    for place in resolved.collections:
        for rule in place.collection.rules:
            if isinstance(rule, NetworkRule) and rule.fqdns:
                names = ", ".join(rule.fqdns[:5])
                yield Problem(
                    kind="fqdn-rule-without-dns-proxy",
                    resource=place.owner,
                    subject=f"{place.collection.name}/{rule.name}",
                    message=f"network rule {rule.name} names {names}, but firewall {firewall} may see other "
                    f"addresses than the clients: {why}",
                    asked_from=(asked,),
                )
