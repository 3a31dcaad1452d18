"""Route tables and their routes (ARM-9)."""

from __future__ import annotations

from auditor.model.documents.fields import Fields
from auditor.model.documents.forms import canonical_prefix, is_prefix
from auditor.model.documents.library import Library, read
from auditor.model.route_table import Route, RouteTable
from auditor.model.snapshot import Document

KIND = "microsoft.network/routetables"


def route_table(document: Document, library: Library) -> RouteTable:
    """The table with its routes, inline and standalone."""
    root = read(document)
    root.need_success()
    routes: list[Route] = []
    for fields in library.children(root, document.id, "routes", f"{KIND}/routes"):
        route = _route(fields)
        root.notes.absorb(fields.notes.flaws)
        if route is not None:
            routes.append(route)
    off = root.on("disableBgpRoutePropagation")
    peering = root.enum("disablePeeringRoute", frozenset({"none", "all"}), "none")
    return RouteTable(
        id=document.id,
        flaws=tuple(root.notes.flaws),
        routes=tuple(routes),
        propagation_off=off,
        peering_routes_off=peering == "all",
    )


def _route(fields: Fields) -> Route | None:
    """One route; without a well-formed prefix it is noted and left out."""
    prefix = fields.text("addressPrefix")
    if prefix is None:
        fields.notes.wrong(fields.path_of("addressPrefix"), "a CIDR or a service tag", None)
        return None
    if not fields.is_term("addressPrefix", prefix):
        return None
    if is_prefix(prefix):
        whole = canonical_prefix(prefix)
        if whole is None:
            fields.notes.wrong(fields.path_of("addressPrefix"), "a CIDR or a service tag", prefix)
            return None
        prefix = whole
    hop = fields.lower("nextHopType")
    if not hop:
        fields.notes.wrong(fields.path_of("nextHopType"), "a next hop type", None)
    return Route(
        name=fields.title(prefix),
        prefix=prefix,
        hop=hop,
        addresses=_hop_addresses(fields),
        bgp_override=fields.on("hasBgpOverride"),
        unsettled=fields.unsettled(),
    )


def _hop_addresses(fields: Fields) -> tuple[str, ...]:
    """The next-hop address of an appliance, or those of an ECMP hop (UDR-15)."""
    one = fields.address("nextHopIpAddress")
    many = fields.object("nextHop").addresses("nextHopIpAddresses")
    return tuple(dict.fromkeys((one, *many) if one is not None else many))
