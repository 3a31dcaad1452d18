"""What two baseline editions have in common and what not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from auditor.policy.baseline import Edition, Row


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """An endpoint of both editions that is asked for differently."""

    before: Row
    """The row of the first edition."""
    after: Row
    """The row of the second, with the same cloud, destination, ports and protocol."""

    @property
    def fields(self) -> tuple[str, ...]:
        """Which of `level` and `condition` differ."""
        return tuple(
            name for name in ("level", "condition") if getattr(self.before, name) != getattr(self.after, name)
        )


@dataclass(frozen=True, slots=True)
class EditionDiff:
    """The difference of two editions; each list follows the order of the page it is taken from."""

    before: str
    """The name of the first edition."""
    after: str
    """The name of the second."""
    only_before: tuple[Row, ...]
    """Rows of the first edition alone."""
    only_after: tuple[Row, ...]
    """Rows of the second edition alone."""
    changed: tuple[ChangedRow, ...]
    """Endpoints of both with another level or condition, in the order of the second."""
    unchanged: int
    """How many rows are in both alike."""


_Endpoint = tuple[str, str, tuple[int, ...], str]


def diff_editions(a: Edition, b: Edition) -> EditionDiff:
    """What changes from edition a to edition b.

    Rows are matched by cloud, destination, ports and protocol, not by id. Where an endpoint has several rows,
    those with the same level and condition are matched first, the rest in their order.
    """
    first, second = _by_endpoint(a), _by_endpoint(b)
    only_before: set[str] = set()
    only_after: set[str] = set()
    changed: dict[str, ChangedRow] = {}
    unchanged = 0
    for endpoint in first.keys() | second.keys():
        olds, news, alike = _without_equals(first.get(endpoint, ()), second.get(endpoint, ()))
        unchanged += alike
        changed |= {new.id: ChangedRow(old, new) for old, new in zip(olds, news, strict=False)}
        only_before |= {row.id for row in olds[len(news) :]}
        only_after |= {row.id for row in news[len(olds) :]}
    return EditionDiff(
        before=a.edition,
        after=b.edition,
        only_before=tuple(row for row in a.rows if row.id in only_before),
        only_after=tuple(row for row in b.rows if row.id in only_after),
        changed=tuple(changed[row.id] for row in b.rows if row.id in changed),
        unchanged=unchanged,
    )


def _by_endpoint(edition: Edition) -> Mapping[_Endpoint, tuple[Row, ...]]:
    rows: defaultdict[_Endpoint, list[Row]] = defaultdict(list)
    for row in edition.rows:
        rows[(row.cloud, row.destination, tuple(sorted(row.ports)), row.protocol)].append(row)
    return {endpoint: tuple(found) for endpoint, found in rows.items()}


def _without_equals(before: tuple[Row, ...], after: tuple[Row, ...]) -> tuple[list[Row], list[Row], int]:
    """The rows of one endpoint that have no twin on the other side, and how many have."""
    rest = list(after)
    left: list[Row] = []
    for row in before:
        twin = next((new for new in rest if (new.level, new.condition) == (row.level, row.condition)), None)
        if twin is None:
            left.append(row)
        else:
            rest.remove(twin)
    return left, rest, len(after) - len(rest)
