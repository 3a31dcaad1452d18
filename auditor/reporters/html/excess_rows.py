"""What leaves beyond the policy as rows of a table: one for each set of services of each responsible rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from auditor.model.egress import Excess, Sent, Undetermined
from auditor.model.finding import AuditedCluster, From
from auditor.reporters.excess_json import excess_records, undetermined_records
from auditor.reporters.hop_text import resource_name
from auditor.reporters.html.store import NOWHERE, Store
from auditor.reporters.json_records import Record
from auditor.reporters.terminal_text import safe_name

_MEMBERS = 1000
"""Ranges or names of one set that the page holds; the JSON format holds all."""


def excess_rows(clusters: Sequence[AuditedCluster], store: Store) -> list[tuple[Any, ...]]:
    """Cluster, kind, pools, subnet, sources, destinations, addresses, services, witness, rule, path, codes.

    A cluster is named by its place; kinds are `forbidden`, `excess`, `unneeded` and `undetermined`.
    """
    rows: list[tuple[Any, ...]] = []
    for number, cluster in enumerate(clusters):
        for row in cluster.forbidden:
            for excess in row.leaves:
                rows += _excess(number, excess, store, "forbidden")
        for excess in cluster.excess:
            rows += _excess(number, excess, store, excess.kind.value)
        opened = (one for row in cluster.forbidden for one in row.open)
        for one in (*opened, *cluster.undetermined):
            rows += _undetermined(number, one, store)
    return rows


def _excess(number: int, excess: Excess, store: Store, kind: str) -> Iterator[tuple[Any, ...]]:
    for record in excess_records(excess):
        yield (
            number,
            kind,
            *_sent(excess, record, store),
            store.hop(excess.rule),
            store.path(excess.hops),
            [safe_name(code) for code in excess.assumptions],
        )


def _undetermined(number: int, one: Undetermined, store: Store) -> Iterator[tuple[Any, ...]]:
    for record in undetermined_records(one):
        yield (
            number,
            "undetermined",
            *_sent(one, record, store),
            NOWHERE,
            NOWHERE,
            [safe_name(one.cause)],
        )


def _sent(one: Sent, record: Record, store: Store) -> tuple[Any, ...]:
    application = f"{record['application']} " if record["application"] else ""
    return (
        [safe_name(pool) for pool in record["pools"]],
        _subnet(one.asked_from),
        store.listed(record["sources"], _MEMBERS) if one.sources else NOWHERE,
        store.listed(record["destination"], _MEMBERS),
        record["addresses"],
        safe_name(application + ", ".join(record["services"])),
        safe_name(record["witness"]),
    )


def _subnet(asked_from: Sequence[From]) -> str:
    subnet = asked_from[0].subnet
    return safe_name(resource_name(subnet.text)) if subnet is not None else ""
