"""The outbound type of a cluster says one way out, and its routes, gateways and addresses another (AKS-19)."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.filters.next_hop import HopKind, NextHop
from auditor.filters.parts import Flow
from auditor.filters.vnet_tag import DefaultRoute
from auditor.model.finding import From, Problem
from auditor.model.gap import Gap
from auditor.model.network import Subnet
from auditor.netset import AddressSet, Traffic
from auditor.netset.service import ANY
from auditor.paths.cluster_paths import ClusterPaths
from auditor.paths.exits import node_exit
from auditor.paths.hint_sets import public_addresses
from auditor.paths.sources import Source

_DEFAULT = "loadBalancer"
_NEAR = {HopKind.SERVICE_ENDPOINT, HopKind.PRIVATE_ENDPOINT, HopKind.VNET, HopKind.PEERING, HopKind.PLATFORM}
"""Next hops of some public addresses that say nothing about the way out of all others."""

_TOLD = {
    "userdefinedrouting",
    "loadbalancer",
    "managednatgateway",
    "managednatgatewayv2",
    "userassignednatgateway",
    "none",
}
"""Outbound types that say something which routes may belie."""


def mismatches(paths: ClusterPaths, source: Source, asked: From) -> Iterator[Problem]:
    """One problem at most for a source; with reasons where its subnet or its routes were not read (V-6)."""
    subnet = source.subnet
    unread = _unread(paths, subnet)
    message: str | None
    if unread is None and isinstance(subnet, Subnet):
        message = _message(paths, source, subnet)
    elif source.opaque is None and _kind(paths) in _TOLD:
        message = (
            f"whether outbound type {_shown(paths)} says how traffic leaves subnet {subnet.id.name} is not "
        )
        message += "known: its routes were not read or not understood (V-6)"
    else:
        message = None
    if message is not None:
        yield Problem(
            kind="outbound-type-mismatch",
            resource=paths.cluster.id,
            subject=subnet.id.key,
            message=message,
            asked_from=(asked,),
            reasons=(unread[0],) if unread is not None else (),
            unread=(unread[1],) if unread is not None else (),
        )


def _unread(paths: ClusterPaths, subnet: Subnet | Gap) -> tuple[str, str] | None:
    """(code, name) of what hides the routes of a subnet."""
    if isinstance(subnet, Gap):
        return subnet.code, f"subnet {subnet.id.name}"
    found = paths.network.routes(subnet).unread
    if found is None:
        return None
    code, _, resource = found
    return code, f"{'route table' if resource == subnet.route_table else 'virtual network'} {resource.name}"


def _shown(paths: ClusterPaths) -> str:
    return paths.cluster.outbound_type or f"{_DEFAULT} (the default)"


def _kind(paths: ClusterPaths) -> str:
    return (paths.cluster.outbound_type or _DEFAULT).lower()


def _message(paths: ClusterPaths, source: Source, subnet: Subnet) -> str | None:
    shown = _shown(paths)
    kind = _kind(paths)
    routes = paths.network.routes(subnet)
    defaults = routes.user_defaults
    if len(defaults) > 1 or any(one.unsettled for one in defaults):
        return None  # which is in force, or whether one is, is open, and no message would be certain (V-6, UDR-20)
    default = defaults[0] if defaults else None
    name = subnet.id.name
    match kind:
        case "userdefinedrouting":
            if default is None and routes.default_route is DefaultRoute.NONE:
                return f"outbound type is {shown}, but subnet {name} has no 0.0.0.0/0 route"
            if default is not None and default.hop in {"internet", "none"}:
                return f"outbound type is {shown}, but the 0.0.0.0/0 route of subnet {name} goes to {default.hop}"
            around = _around(paths, subnet, {HopKind.INTERNET, HopKind.NONE})
            if around:
                return (
                    f"outbound type is {shown}, but no public address takes the 0.0.0.0/0 route of subnet {name}: "
                    f"{around}"
                )
        case "loadbalancer" | "managednatgateway" | "managednatgatewayv2" | "userassignednatgateway":
            if default is not None and default.hop not in {"internet", "vnetlocal"}:
                return f"outbound type is {shown}, but route {default.name} of subnet {name} takes 0.0.0.0/0 elsewhere"
            around = _around(paths, subnet, {HopKind.APPLIANCE, HopKind.NONE})
            if around:
                return f"outbound type is {shown}, but all public addresses go elsewhere from subnet {name}: {around}"
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


def _around(paths: ClusterPaths, subnet: Subnet, kinds: set[HopKind]) -> str:
    """The user routes that surely take every public address to one of `kinds`; empty where some may go elsewhere.

    Narrower routes may together cover what a 0/0 route stands for, so that it never decides (UDR-8).
    """
    everywhere = Traffic.box(public_addresses(paths.network.estate), ANY)
    flow = Flow(source=AddressSet.of(), traffic=everywhere)
    taken: dict[str, HopKind] = {}
    for part in paths.network.route_filter(subnet).parts(flow):
        for option in part.options:
            target = option.target
            if not isinstance(target, NextHop) or target.kind in _NEAR:
                continue
            if target.kind not in kinds or option.hop.rule is None:
                return ""
            taken[option.hop.rule] = target.kind
    if not taken:
        return ""
    named = ", ".join(f"{name} to {kind.value}" for name, kind in sorted(taken.items())[:5])
    return f"routes {named}" + (f" and {len(taken) - 5} more" if len(taken) > 5 else "")
