"""What leaves beyond the policy as JSON: whole sets, with a member of each as its proof."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.egress import Excess, Sent, Undetermined
from auditor.model.verdict import Effect, Hop
from auditor.netset import AddressSet, NameSet, ServiceSet, Traffic
from auditor.paths.witness import leaving_witness
from auditor.reporters.json_records import Record, hop_record

_PASSES = frozenset({Effect.ALLOW, Effect.FORWARD})


def excess_records(one: Excess) -> Iterator[Record]:
    """One record for each set of services; together they are the whole set."""
    for record in _boxes(one):
        yield {
            "kind": one.kind.value,
            **record,
            "rules": [hop_record(hop) for hop in _rules(one)],
            "assumptions": list(one.assumptions),
        }


def undetermined_records(one: Undetermined) -> Iterator[Record]:
    """What may leave for one cause, likewise; one record, too, for what is known by a witness alone."""
    for record in _boxes(one):
        yield {"cause": one.cause, **record}
    if not one.traffic:
        yield {"cause": one.cause, **_record(one, AddressSet.of(), ServiceSet.NONE), "witness": one.witness}


def _boxes(one: Sent) -> Iterator[Record]:
    for addresses, services in one.traffic.boxes():
        part = Traffic.box(addresses, services)
        yield {
            **_record(one, addresses, services),
            "witness": leaving_witness(part, one.names, one.application),
        }


def _record(one: Sent, addresses: AddressSet, services: ServiceSet) -> Record:
    """Who sends what: every source of every pool sends it all."""
    subnet = one.asked_from[0].subnet
    return {
        "subnet": subnet.text if subnet is not None else None,
        "pools": sorted({origin.pool for origin in one.asked_from}),
        "sources": list(one.sources.ranges()),
        "destination": _destination(addresses, one.names),
        "addresses": None if one.names is not None else addresses.size,
        "application": one.application,
        "services": str(services).split(","),
    }


def _destination(addresses: AddressSet, names: NameSet | None) -> list[str]:
    return list(addresses.ranges()) if names is None else str(names).split("; ")


def _rules(one: Excess) -> Iterator[Hop]:
    """The responsible hop, then the other rules and routes that let it pass."""
    yield one.rule
    for hop in one.hops:
        if hop != one.rule and hop.rule is not None and hop.outcome in _PASSES:
            yield hop
