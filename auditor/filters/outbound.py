"""The last stage: which outbound method gives traffic with an Internet next hop a public address (UDR-37..UDR-50)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from auditor.filters.known_addresses import GLOBAL
from auditor.filters.parts import NEVER, NO_CODES, Flow, Option, Part, merge
from auditor.model.verdict import Effect, Hop, Stage
from auditor.netset import AddressSet, ServiceSet, Traffic
from auditor.netset.service import ANY

_TCP_UDP = ServiceSet.tcp() | ServiceSet.udp()
_TCP = ServiceSet.tcp()
_UDP = ServiceSet.udp()
_SMTP = ServiceSet.tcp(25)
SERVICES = {"tcp": _TCP, "udp": _UDP, "all": _TCP_UDP, "tcp_udp": _TCP_UDP, "any": ANY}


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit:
    """How traffic with hop Internet leaves from one source, or why it does not."""

    services: ServiceSet
    """What the method translates; the rest is `other`."""
    resource: str | None
    clause: str
    detail: str
    exists: bool = True
    """False: there is no way out."""
    doubt: str | None = None
    """Code under which the method exists or not; `exists` is what the assumption says."""
    unknown: str | None = None
    """A code that makes unknown whatever the method may translate."""
    other: Effect = Effect.DROP
    """What becomes of services that the method does not translate."""
    other_code: str | None = None
    other_clause: str | None = None
    """The clause that says so; `clause` without it."""
    other_services: ServiceSet = ANY
    """What `other` is about; what is in neither is translated by nothing and dropped (UDR-42)."""
    same_region_storage: AddressSet | None = None
    """Where a private subnet may still reach Storage of its region (UDR-47); None when there is no such exception."""
    storage_code: str = "same-region-storage"


def exit_parts(flow: Flow, way_out: Exit) -> list[Part]:
    """Partition of the flow's traffic by what the outbound method does with it."""
    found: list[Part] = []
    rest = flow.traffic
    smtp = _restricted(rest, _SMTP).restrict(GLOBAL)
    if smtp and way_out.exists:
        found.append(
            Part(
                smtp,
                (
                    _option(
                        way_out,
                        Effect.UNKNOWN,
                        "NSG-23",
                        "Azure may block TCP 25 to public addresses",
                        "smtp-platform",
                    ),
                ),
            )
        )
        rest = rest - smtp
    if way_out.unknown:
        opened = _restricted(rest, way_out.services)
        why = _option(way_out, Effect.UNKNOWN, way_out.clause, way_out.detail, way_out.unknown)
        found += [Part(opened, (why,)), Part(rest - opened, (_other(way_out),))]
        return merge([part for part in found if part.traffic])
    if way_out.same_region_storage is not None:
        storage = rest.restrict(way_out.same_region_storage)
        detail = "a private subnet may still reach Storage of its own region"
        found.append(
            Part(storage, (_option(way_out, Effect.UNKNOWN, "UDR-47", detail, way_out.storage_code),))
        )
        rest = rest - storage
    translated = _restricted(rest, way_out.services)
    found.append(Part(translated, _main(way_out)))
    left = rest - translated
    if left:
        other = _restricted(left, way_out.other_services)
        found += [Part(other, (_other(way_out),)), Part(left - other, (_beyond(way_out),))]
    return merge([part for part in found if part.traffic])


def _restricted(traffic: Traffic, services: ServiceSet) -> Traffic:
    return traffic & Traffic.box(traffic.addresses, services)


def _main(way_out: Exit) -> tuple[Option, ...]:
    effect = Effect.ALLOW if way_out.exists else Effect.DROP
    first = _option(way_out, effect, way_out.clause, way_out.detail, None)
    if way_out.doubt is None:
        return (first,)
    codes = frozenset({way_out.doubt})
    against = Effect.DROP if way_out.exists else Effect.ALLOW
    other = Option(
        hop=_hop(way_out, against, way_out.clause, "an exit that was not read decides"),
        unless=frozenset({codes}),
        codes=codes,
    )
    return (first, other)


def _other(way_out: Exit) -> Option:
    detail = "the outbound method translates other protocols only"
    if way_out.services == _TCP_UDP:
        detail = "the outbound method translates TCP and UDP only"
    return _option(way_out, way_out.other, way_out.other_clause or way_out.clause, detail, way_out.other_code)


def _beyond(way_out: Exit) -> Option:
    detail = "no outbound method translates other protocols than TCP and UDP"
    return _option(way_out, Effect.DROP, "UDR-42", detail, None)


def _option(way_out: Exit, effect: Effect, clause: str, detail: str, code: str | None) -> Option:
    codes = frozenset({code}) if code else NO_CODES
    return Option(hop=_hop(way_out, effect, clause, detail, tuple(codes)), unless=NEVER, codes=codes)


def _hop(way_out: Exit, effect: Effect, clause: str, detail: str, codes: Sequence[str] = ()) -> Hop:
    return Hop(
        stage=Stage.EXIT,
        resource=way_out.resource,
        rule=None,
        priority=None,
        outcome=effect,
        clause=clause,
        detail=detail,
        codes=tuple(codes),
    )
