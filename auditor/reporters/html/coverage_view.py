"""What was read, what was refused and what failed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from auditor.model.finding import Coverage, ReadRow
from auditor.reporters.terminal_text import safe, safe_name

_COMPLETE = "complete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A read that did not complete."""

    kind: str
    scope: str
    status: str
    error: str
    essential: bool
    needed_by: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Complete:
    """A kind of document that was read, with the scopes where that was tried."""

    kind: str
    scopes: tuple[str, ...]
    essential: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageView:
    """The coverage: what is missing one by one, what is there by kind."""

    complete: bool
    counted: tuple[tuple[str, int], ...]
    """How many reads have each status, `complete` first."""
    essential: int
    essential_complete: int
    missing: tuple[Missing, ...]
    read: tuple[Complete, ...]
    skipped: tuple[str, ...]


def coverage_view(coverage: Coverage) -> CoverageView:
    """The coverage in the order of its text: essential reads first."""
    counted = Counter(safe_name(row.status) for row in coverage.reads)
    essential = [row for row in coverage.reads if row.essential]
    return CoverageView(
        complete=coverage.complete,
        counted=tuple(sorted(counted.items(), key=lambda item: (item[0] != _COMPLETE, item[0]))),
        essential=len(essential),
        essential_complete=sum(row.status == _COMPLETE for row in essential),
        missing=tuple(
            Missing(
                kind=safe_name(row.kind),
                scope=safe(row.scope),
                status=safe_name(row.status),
                error=safe(row.error or ""),
                essential=row.essential,
                needed_by=tuple(map(safe, row.needed_by)),
            )
            for row in sorted(coverage.reads, key=_order)
            if row.status != _COMPLETE
        ),
        read=_read(coverage),
        skipped=tuple(map(safe, coverage.skipped)),
    )


def _read(coverage: Coverage) -> tuple[Complete, ...]:
    kinds: dict[tuple[str, bool], list[str]] = {}
    for row in sorted(coverage.reads, key=_order):
        if row.status == _COMPLETE:
            kinds.setdefault((safe_name(row.kind), row.essential), []).append(safe(row.scope))
    return tuple(
        Complete(kind=kind, scopes=tuple(scopes), essential=essential)
        for (kind, essential), scopes in kinds.items()
    )


def _order(row: ReadRow) -> tuple[object, ...]:
    return (not row.essential, row.kind.lower(), row.scope.lower(), row.status, row.error or "")
