"""What leaves beyond the policy as JSON: whole sets, with a member of each as its proof."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.egress import Excess, Undetermined, witness_of
from auditor.model.verdict import Effect, Hop
from auditor.netset import AddressSet, NameSet, Traffic
from auditor.reporters.json_records import Record, hop_record

_PASSES = frozenset({Effect.ALLOW, Effect.FORWARD})


def excess_records(one: Excess) -> Iterator[Record]:
    """One record for each set of services; together they are the whole set."""
    for addresses, services in one.traffic.boxes():
        part = Traffic.box(addresses, services)
        yield {
            "kind": one.kind.value,
            "subnet": one.asked_from[0].subnet.text if one.asked_from[0].subnet is not None else None,
            "pools": sorted({origin.pool for origin in one.asked_from}),
            "sources": list(one.sources),
            "destination": _destination(addresses, one.names),
            "addresses": None if one.names is not None else addresses.size,
            "application": one.application,
            "services": str(services).split(","),
            "witness": witness_of(part, one.names, one.application),
            "rules": [hop_record(hop) for hop in _rules(one)],
            "assumptions": list(one.assumptions),
        }


def undetermined_record(one: Undetermined) -> Record:
    """What may leave for one cause."""
    return {
        "cause": one.cause,
        "pools": sorted({origin.pool for origin in one.asked_from}),
        "destination": _destination(one.traffic.addresses, one.names),
        "services": str(one.traffic.services).split(","),
        "witness": one.witness,
    }


def _destination(addresses: AddressSet, names: NameSet | None) -> list[str]:
    return list(addresses.ranges()) if names is None else str(names).split("; ")


def _rules(one: Excess) -> Iterator[Hop]:
    """The responsible hop, then the other rules and routes that let it pass."""
    yield one.rule
    for hop in one.hops:
        if hop != one.rule and hop.rule is not None and hop.outcome in _PASSES:
            yield hop
