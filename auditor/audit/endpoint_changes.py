"""Needed endpoints that two audits of one cluster answer otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from auditor.model.difference import EndpointChange
from auditor.model.finding import Endpoint, From
from auditor.model.resource_id import ResourceId
from auditor.model.verdict import Effect, Hop, Outcome

_WORST_FIRST = (Outcome.BLOCKED, Outcome.MIXED, Outcome.UNKNOWN, Outcome.ALLOWED)
_Key = tuple[str, ResourceId | None]
"""An endpoint asked for from a subnet."""
_NOT_SHOWN = {Effect.ALLOW, Effect.FORWARD}


def endpoint_changes(
    old: Iterable[Endpoint], new: Iterable[Endpoint], renamed: Mapping[ResourceId, ResourceId]
) -> tuple[EndpointChange, ...]:
    """What is answered otherwise, from each pool and subnet; pools with the same answers are one.

    A pool that one side lacks is compared with the worst answer from its subnet there. `renamed` maps subnets of
    the old side to those of the new one.
    """
    before, after = _by_subnet(old, renamed), _by_subnet(new, {})
    found: dict[object, tuple[EndpointChange, list[From]]] = {}
    for key in dict.fromkeys((*after, *before)):
        olds, news = before.get(key, {}), after.get(key, {})
        for pool in dict.fromkeys((*news, *olds)):
            one = olds.get(pool) or _worst(row for rows in olds.values() for row in rows)
            other = news.get(pool) or _worst(row for rows in news.values() for row in rows)
            change = _change(key[0], one, other)
            if change is not None:
                alike = (key, change.before, change.after, change.deciding, change.level, change.certain)
                origin = (news.get(pool) or olds[pool])[0].asked_from
                found.setdefault(alike, (change, []))[1].append(origin)
    changes = [_from(change, origins) for change, origins in found.values()]
    return tuple(sorted(changes, key=_place))


def _by_subnet(
    endpoints: Iterable[Endpoint], renamed: Mapping[ResourceId, ResourceId]
) -> dict[_Key, dict[str, list[Endpoint]]]:
    """The rows that are needed, or may be, by what they ask for and from where."""
    found: dict[_Key, dict[str, list[Endpoint]]] = {}
    for row in endpoints:
        if row.applies is False or row.verdict is None:
            continue
        subnet = row.asked_from.subnet
        key = row.to, renamed.get(subnet, subnet) if subnet is not None else None
        found.setdefault(key, {}).setdefault(row.asked_from.pool.lower(), []).append(row)
    return found


def _worst(rows: Iterable[Endpoint]) -> list[Endpoint]:
    ordered = sorted(rows, key=_rank)
    return ordered[:1]


def _rank(row: Endpoint) -> tuple[bool, bool, int]:
    """Rows that surely apply first, then required ones, then the worst answer."""
    assert row.verdict is not None  # noqa: S101  only judged rows get here
    return row.applies is None, row.level != "required", _WORST_FIRST.index(row.verdict.outcome)


def _change(to: str, old: Sequence[Endpoint], new: Sequence[Endpoint]) -> EndpointChange | None:
    one = min(old, key=_rank, default=None)
    other = min(new, key=_rank, default=None)
    before = one.verdict.outcome if one is not None and one.verdict is not None else None
    after = other.verdict.outcome if other is not None and other.verdict is not None else None
    if before is after:
        return None
    rows = [row for row in (other, one) if row is not None]
    shown = next(
        (row for row in rows if row.verdict is not None and row.verdict.outcome is not Outcome.ALLOWED), None
    )
    return EndpointChange(
        to=to,
        asked_from=(),
        level="required" if any(row.level == "required" for row in rows) else "recommended",
        certain=any(row.applies is True for row in rows),
        before=before,
        after=after,
        breaks=rows[0].breaks,
        deciding=_deciding(shown) if shown is not None else (),
        reasons=other.verdict.reasons if other is not None and other.verdict is not None else (),
    )


def _deciding(row: Endpoint) -> tuple[Hop, ...]:
    """What stops a row, or leaves it open; the largest piece speaks for it."""
    pieces = [
        piece for piece in (row.verdict.pieces if row.verdict else ()) if piece.verdict is not Outcome.ALLOWED
    ]
    pieces = [piece for piece in pieces if not piece.aside] or pieces
    if not pieces:
        return ()
    piece = max(pieces, key=lambda one: one.addresses)
    if piece.blockers:
        return piece.blockers
    return tuple(hop for hop in piece.hops if hop.outcome not in _NOT_SHOWN)


def _from(change: EndpointChange, origins: Sequence[From]) -> EndpointChange:
    ordered = sorted(set(origins), key=lambda origin: (origin.pool, str(origin.subnet)))
    return replace(change, asked_from=tuple(ordered))


def _place(change: EndpointChange) -> tuple[object, ...]:
    """What got worse first, required before recommended."""
    return (
        not change.worse,
        not change.may_be_worse,
        change.level != "required",
        change.to,
        [(origin.pool, str(origin.subnet)) for origin in change.asked_from],
        str(change.before),
        str(change.after),
    )
