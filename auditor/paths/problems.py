"""Defects on the paths of a cluster that rules report beside the verdicts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from auditor.filters.next_hop import HopKind
from auditor.filters.parts import UNSETTLED
from auditor.model.finding import From, Problem
from auditor.model.gap import Gap
from auditor.model.need import Need
from auditor.model.network import Subnet
from auditor.model.resource_id import ResourceId
from auditor.model.route_table import RouteTable
from auditor.model.shared_destinations import SharedDestinations
from auditor.paths.cluster_paths import ClusterPaths
from auditor.paths.dead_rules import dead_rule_problems
from auditor.paths.kubenet import is_pod_route
from auditor.paths.problems_api_server import refused_calls
from auditor.paths.problems_denied_names import undone_denies
from auditor.paths.problems_fqdn_rules import unreliable_names
from auditor.paths.problems_load_balancer import asymmetric_paths
from auditor.paths.problems_network_rules import BypassingRules
from auditor.paths.problems_outbound_type import mismatches
from auditor.paths.problems_shared import ExfiltrationProne
from auditor.paths.problems_tunnel import inspected_tunnel
from auditor.paths.problems_unread import unread_problems
from auditor.paths.shared_rules import documented_of


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
        asked = paths.asked_from(source)
        for problem in (
            *_dangling(paths, source.subnet, asked),
            *mismatches(paths, source, asked),
            *unreliable_names(paths, source, asked),
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
    found = tuple(merged.values())
    return (*found, *unread_problems(paths, assumed, {problem.kind for problem in found}))


def _dangling(paths: ClusterPaths, subnet: Subnet | Gap, asked: From) -> Iterator[Problem]:
    """A user route whose next hop nobody holds (FW-5, UDR-16)."""
    if isinstance(subnet, Gap):
        return
    for target in paths.network.route_filter(subnet).targets:
        if target.kind is not HopKind.APPLIANCE or target.route_table is None:
            continue
        if is_pod_route(paths.network.routes(subnet).table, target.route, paths.cluster):
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
    table = paths.network.routes(subnet).table
    routes = table.routes if isinstance(table, RouteTable) else ()
    return any(route.name == name and route.unsettled for route in routes)
