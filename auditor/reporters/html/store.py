"""The values of a page, each held once: equal paths of thousands of cells are one path of the file.

Every row is a tuple of plain values, which JSON writes as a list; the script reads it by position. All text is made
harmless here, so that neither a terminal nor a text editor that shows the file obeys it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any, Generic, TypeVar

from auditor.model.finding import Endpoint
from auditor.model.verdict import Hop, Piece, Verdict
from auditor.reporters.hop_text import remark, resource_name, stage_name
from auditor.reporters.json_records import LIST_LIMIT, pieces_alike
from auditor.reporters.terminal_text import safe, safe_name

Row = TypeVar("Row", bound=Hashable)

NOWHERE = -1
"""The place of what is not there."""


class Table(Generic[Row]):
    """Rows in the order of their first use, no two of them equal."""

    def __init__(self) -> None:
        self._places: dict[Row, int] = {}

    def place(self, row: Row) -> int:
        """Where the row stands; it is added if it is new."""
        return self._places.setdefault(row, len(self._places))

    def rows(self) -> list[Row]:
        """All rows."""
        return list(self._places)


class Store:
    """The tables that cells, findings and excess refer to."""

    def __init__(self) -> None:
        self._resources = Table[tuple[str, str]]()
        self._hops = Table[tuple[Any, ...]]()
        self._paths = Table[tuple[int, ...]]()
        self._lists = Table[tuple[Any, ...]]()
        self._answers = Table[tuple[Any, ...]]()
        self._needs = Table[tuple[Any, ...]]()
        self._seen: dict[int, tuple[object, int]] = {}
        """Places by identity, beside the object, which must not be freed as long as its identity counts."""

    def document(self) -> dict[str, list[Any]]:
        """The tables by name."""
        return {
            "resources": self._resources.rows(),
            "hops": self._hops.rows(),
            "paths": self._paths.rows(),
            "lists": self._lists.rows(),
            "answers": self._answers.rows(),
            "needs": self._needs.rows(),
        }

    def path(self, hops: tuple[Hop, ...]) -> int:
        """A path: the places of its hops."""
        known = self._seen.get(id(hops))
        if known is None:
            known = (hops, self._paths.place(tuple(map(self.hop, hops))))
            self._seen[id(hops)] = known
        return known[1]

    def hop(self, hop: Hop) -> int:
        """A hop: kind, resource, rule, priority, effect, clause, remark, codes."""
        known = self._seen.get(id(hop))
        if known is None:
            row = (
                stage_name(hop),
                self._resource(hop.resource),
                safe_name(hop.rule) if hop.rule is not None else None,
                hop.priority,
                hop.outcome.value,
                safe_name(hop.clause),
                remark(hop),
                tuple(map(safe_name, hop.codes)),
            )
            known = (hop, self._hops.place(row))
            self._seen[id(hop)] = known
        return known[1]

    def _resource(self, text: str | None) -> int:
        if text is None:
            return NOWHERE
        return self._resources.place((safe_name(resource_name(text)), safe(text)))

    def listed(self, values: Iterable[str], limit: int = LIST_LIMIT) -> int:
        """A list of ranges or names, each once: its number of members, then as many of them as the limit allows."""
        members = tuple(dict.fromkeys(values))
        return self._lists.place((len(members), *map(safe_name, members[:limit])))

    def answer(self, verdict: Verdict) -> int:
        """An answer: outcome, assumptions, reasons, pieces, notes."""
        known = self._seen.get(id(verdict))
        if known is None:
            row = (
                verdict.outcome.value,
                tuple(map(safe_name, verdict.assumptions)),
                tuple(map(safe_name, verdict.reasons)),
                tuple(
                    self._piece(alike)
                    for alike in pieces_alike(verdict.pieces, lambda piece: (piece.services, piece.blockers))
                ),
                tuple(map(safe, verdict.notes)),
            )
            known = (verdict, self._answers.place(row))
            self._seen[id(verdict)] = known
        return known[1]

    def _piece(self, alike: Sequence[Piece]) -> tuple[Any, ...]:
        """Pieces that are alike: answer, set aside, sources, destinations, addresses, services, path, blockers."""
        first = alike[0]
        counted = {piece.destinations: piece.addresses for piece in alike}
        return (
            first.verdict.value,
            int(first.aside),
            self.listed(source for piece in alike for source in piece.sources),
            self.listed(destination for piece in alike for destination in piece.destinations),
            sum(counted.values()),
            self.listed(first.services),
            self.path(first.hops),
            tuple((self.hop(hop), int(hop in first.sufficient)) for hop in first.blockers),
        )

    def need(self, endpoint: Endpoint) -> int:
        """A row of a list of needs: id, to, level, applies, condition, purpose, breaks, origins, unread facts."""
        return self._needs.place(
            (
                safe_name(endpoint.id),
                safe_name(endpoint.to),
                endpoint.level,
                endpoint.applies,
                safe(endpoint.condition),
                safe(endpoint.purpose),
                safe(endpoint.breaks),
                tuple(map(safe_name, endpoint.origin)),
                tuple(map(safe_name, endpoint.unread)),
            )
        )
