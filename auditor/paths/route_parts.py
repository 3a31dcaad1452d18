"""Pieces that every kind of route is made of: its hop, its prefix and the length of that."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.filters.terms import literal
from auditor.model.resource_id import ResourceId
from auditor.model.route_table import Route
from auditor.model.verdict import Effect, Hop, Stage
from auditor.netset import AddressSet


def route_hop(
    detail: str,
    clause: str,
    *,
    resource: ResourceId | None = None,
    rule: str | None = None,
    effect: Effect = Effect.FORWARD,
    codes: tuple[str, ...] = (),
) -> Hop:
    """The hop that a route makes."""
    return Hop(
        stage=Stage.ROUTE,
        resource=resource.text if resource else None,
        rule=rule,
        priority=None,
        outcome=effect,
        clause=clause,
        detail=detail,
        codes=codes,
    )


def state_text(unsettled: str) -> str:
    """What a hop adds about a route of which nobody knows whether it is in force (V-6)."""
    return f", if it is in force: its state is {unsettled}" if unsettled else ""


def prefix_length(prefix: str) -> int:
    """The length of a prefix; a bare address is the longest."""
    head, slash, tail = prefix.partition("/")
    if not slash:
        return 32 if ":" not in head else 128
    return int(tail) if tail.isdigit() else 0


def fixed_by(routes: Iterable[Route]) -> AddressSet:
    """What user routes keep from any learned one: a /32, and what overrides BGP (UDR-12, UDR-30)."""
    return AddressSet.union_all(
        found
        for route in routes
        if not route.unsettled
        and (found := literal(route.prefix)) is not None
        and (route.bgp_override or prefix_length(route.prefix) == 32)
    )


def covers(prefix: str, addresses: AddressSet) -> bool:
    """Whether a prefix holds all of these addresses."""
    found = literal(prefix)
    return found is not None and addresses <= found
