"""Clusters by endpoints: one cell for what a cluster needs and how that is answered from its pools."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from auditor.model.finding import AuditedCluster, Endpoint
from auditor.model.verdict import Outcome
from auditor.reporters.counts import WORST_FIRST
from auditor.reporters.hop_text import resource_name
from auditor.reporters.html.store import NOWHERE, Store, Table
from auditor.reporters.terminal_text import safe_name

_NOT_APPLICABLE = "not-applicable"


@dataclass(frozen=True, slots=True)
class Key:
    """What makes endpoints of several clusters one column: the same `to`, or one row that differs by cluster."""

    to: str
    row: str = ""

    @property
    def order(self) -> tuple[str, str]:
        """By name, without the wildcard."""
        return (self.to.removeprefix("*."), self.row)


class Columns:
    """The columns of a matrix.

    Endpoints with the same `to` share a column. A row of an edition whose `to` is each cluster's own, such as that
    of the API server, has one column for all clusters.
    """

    def __init__(self, clusters: Iterable[AuditedCluster]) -> None:
        spelt: dict[str, set[str]] = {}
        for cluster in clusters:
            for endpoint in cluster.endpoints:
                spelt.setdefault(endpoint.id, set()).add(endpoint.to)
        self._labels = {row: _label(row, found) for row, found in spelt.items() if len(found) > 1}

    def keys(self, cluster: AuditedCluster) -> dict[str, Key]:
        """The column of each `to` of a cluster."""
        own: dict[str, str] = {}
        for endpoint in cluster.endpoints:
            if endpoint.id in self._labels:
                own[endpoint.to] = min(endpoint.id, own.get(endpoint.to, endpoint.id))
        return {
            endpoint.to: Key(self._labels[own[endpoint.to]], own[endpoint.to])
            if endpoint.to in own
            else Key(endpoint.to)
            for endpoint in cluster.endpoints
        }


def _label(row: str, spelt: Iterable[str]) -> str:
    """What the names have in common at their ends, `….hcp.westeurope.azmk8s.io:443/https`, else the row's id."""
    endings = (reversed(name.split(".")) for name in spelt)
    same = [
        labels[0] for labels in takewhile(lambda labels: len(set(labels)) == 1, zip(*endings, strict=False))
    ]
    return ".".join(("\N{HORIZONTAL ELLIPSIS}", *reversed(same))) if same else row


@dataclass(frozen=True, slots=True)
class Matrix:
    """The columns and, in the order of the clusters, their rows of cells."""

    columns: tuple[Mapping[str, Any], ...]
    cells: list[tuple[Any, ...]]
    """Each once: state, whether it is required, needs, answers by the places of the sources they are asked from."""
    rows: tuple[tuple[int, ...], ...]
    """For each cluster its cell of each column, or `NOWHERE`."""
    places: tuple[Mapping[str, int], ...]
    """For each cluster the column of each `to`."""


def matrix(clusters: Sequence[AuditedCluster], store: Store) -> Matrix:
    """The matrix of these clusters; columns that some cluster requires come first, those that none needs last."""
    columns = Columns(clusters)
    cells = Table[tuple[Any, ...]]()
    found: list[dict[Key, int]] = []
    keyed: list[dict[str, Key]] = []
    ranks: dict[Key, int] = {}
    for cluster in clusters:
        keys = columns.keys(cluster)
        grouped: dict[Key, list[Endpoint]] = {}
        for endpoint in cluster.endpoints:
            grouped.setdefault(keys[endpoint.to], []).append(endpoint)
        made = {key: _cell(cluster, same, store) for key, same in grouped.items()}
        for key, (state, required, *_) in made.items():
            rank = 2 if state == _NOT_APPLICABLE else 1 - required
            ranks[key] = min(rank, ranks.get(key, rank))
        found.append({key: cells.place(cell) for key, cell in made.items()})
        keyed.append(keys)
    order = sorted(ranks, key=lambda key: (ranks[key], *key.order))
    place = {key: number for number, key in enumerate(order)}
    return Matrix(
        columns=tuple({"name": safe_name(key.to), "needed": ranks[key] < 2} for key in order),
        cells=cells.rows(),
        rows=tuple(tuple(row.get(key, NOWHERE) for key in order) for row in found),
        places=tuple({to: place[key] for to, key in keys.items()} for keys in keyed),
    )


def _cell(cluster: AuditedCluster, same: Sequence[Endpoint], store: Store) -> tuple[Any, ...]:
    """One cell: the worst answer of all that it holds, as the counts of the summary take it."""
    sources = {source: number for number, source in enumerate(cluster.sources)}
    judged = [(item, item.verdict) for item in same if item.verdict is not None]
    answers: dict[int, dict[int, None]] = {}
    for item, verdict in judged:
        asked = answers.setdefault(store.answer(verdict), {})
        asked[sources.get(item.asked_from, NOWHERE)] = None
    shown = [item for item, _ in judged] or same
    return (
        worst(verdict.outcome for _, verdict in judged),
        int(any(item.applies and item.level == "required" for item, _ in judged)),
        tuple(dict.fromkeys(map(store.need, shown))),
        tuple((tuple(asked), answer) for answer, asked in answers.items()),
    )


def worst(outcomes: Iterable[Outcome]) -> str:
    """The outcome that counts, or that there is none."""
    return min(outcomes, key=WORST_FIRST.index, default=_NOT_APPLICABLE)


def source_names(cluster: AuditedCluster) -> list[tuple[str, str]]:
    """Pool and subnet of each source of a cluster."""
    return [
        (
            safe_name(source.pool),
            safe_name(resource_name(source.subnet.text)) if source.subnet is not None else "",
        )
        for source in cluster.sources
    ]
