"""The outbound type of a cluster says one way out, and its routes, gateways and addresses another (AKS-19)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from auditor.filters.next_hop import HopKind, NextHop
from auditor.filters.parts import UNSETTLED, Flow
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Open:
    """Why nobody can say how a subnet routes what leaves."""

    code: str
    name: str
    """What was not read, is not understood or may not be in force, in words."""
    why: str


def mismatches(paths: ClusterPaths, source: Source, asked: From) -> Iterator[Problem]:
    """One problem at most for a source; with reasons where its routes were not read or are open (V-6, UDR-20)."""
    subnet = source.subnet
    opened = _open(paths, subnet)
    message: str | None
    if opened is None and isinstance(subnet, Subnet):
        message = _message(paths, source, subnet)
    elif opened is not None and source.opaque is None and _kind(paths) in _TOLD:
        message = f"whether outbound type {_shown(paths)} says how traffic leaves subnet {subnet.id.name} "
        message += f"is not known: {opened.why}"
    else:
        message = None
    if message is not None:
        yield Problem(
            kind="outbound-type-mismatch",
            resource=paths.cluster.id,
            subject=subnet.id.key,
            message=message,
            asked_from=(asked,),
            reasons=(opened.code,) if opened is not None else (),
            unread=(opened.name,) if opened is not None else (),
        )


def _open(paths: ClusterPaths, subnet: Subnet | Gap) -> _Open | None:
    hidden = "its routes were not read or not understood (V-6)"
    if isinstance(subnet, Gap):
        return _Open(code=subnet.code, name=f"subnet {subnet.id.name}", why=hidden)
    routes = paths.network.routes(subnet)
    if routes.unread is not None:
        code, _, resource = routes.unread
        what = "route table" if resource == subnet.route_table else "virtual network"
        return _Open(code=code, name=f"{what} {resource.name}", why=hidden)
    defaults = routes.user_defaults
    names = "route " + ", ".join(route.name for route in defaults)
    if any(route.unsettled for route in defaults):
        (code,) = UNSETTLED
        return _Open(code=code, name=names, why=f"its {names} for 0.0.0.0/0 may be in force or not (V-6)")
    if len(defaults) > 1:
        why = (
            f"which of its routes for 0.0.0.0/0 is in force is open: {names.removeprefix('route ')} (UDR-20)"
        )
        return _Open(code="uncertain:UDR-20", name=names, why=why)
    return None


def _shown(paths: ClusterPaths) -> str:
    return paths.cluster.outbound_type or f"{_DEFAULT} (the default)"


def _kind(paths: ClusterPaths) -> str:
    return (paths.cluster.outbound_type or _DEFAULT).lower()


def _message(paths: ClusterPaths, source: Source, subnet: Subnet) -> str | None:
    shown = _shown(paths)
    kind = _kind(paths)
    routes = paths.network.routes(subnet)
    defaults = routes.user_defaults
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
