"""What was read live and what was not, by kind, in a few lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auditor.model.snapshot import Read

_COMPLETE = "complete"
_ORDER = ("denied", "failed", "partial")


def coverage_lines(reads: Sequence[Read], calls: int) -> Iterator[str]:
    """First the sum, then a line for each kind of which something was not read, essential ones first."""
    by_status = Counter(read.status for read in reads)
    counts = [f"{by_status[status]} {status}" for status in _ORDER if by_status[status]]
    yield f"{', '.join([f'{by_status[_COMPLETE]} reads complete', *counts])}; {calls} calls"
    yield from _kinds(reads)


def _kinds(reads: Sequence[Read]) -> Iterator[str]:
    from auditor.model.essential import is_essential

    unread: dict[str, list[Read]] = {}
    for read in reads:
        if not read.complete:
            unread.setdefault(read.kind, []).append(read)
    for kind, rows in sorted(unread.items(), key=lambda item: (not is_essential(item[0]), item[0].lower())):
        weight = "essential" if is_essential(kind) else "supplementary"
        number = Counter(row.status for row in rows)
        counts = ", ".join(f"{number[status]} {status}" for status in _ORDER if number[status])
        first = rows[0].error or rows[0].scope
        more = f" (and {len(rows) - 1} more)" if len(rows) > 1 else ""
        yield f"{weight} {kind}: {counts}: {first}{more}"


def incomplete(reads: Sequence[Read]) -> bool:
    """Whether an essential read did not end well."""
    from auditor.model.essential import is_essential

    return any(is_essential(read.kind) and not read.complete for read in reads)
