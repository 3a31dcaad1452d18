"""What becomes of the source address of what a firewall lets through (FW-30, FW-44)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from auditor.filters.parts import Conditions, Option, Part
from auditor.model.firewall import Firewall
from auditor.model.verdict import Effect
from auditor.netset import AddressSet
from auditor.paths.judge import PathPart, Way

_NETWORK, _APPLICATION = "network", "application"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """Traffic behind a firewall."""

    firewall: Firewall
    kept: bool
    """Whether it still has the source address that it came with; else it has one of the firewall's own."""


Branch = tuple[PathPart, bool]
"""Traffic with the firewall's options as its stage, and whether it keeps its source address."""


def branches(part: Part, private: AddressSet) -> Iterator[tuple[Branch, ...]]:
    """A firewall's part cut by what becomes of its source address; several branches are alternatives.

    Application rules always translate; network rules do not where the destination is one of `private`. Where both
    kinds may let it through, it may leave either way.
    """
    by_kind = {kind: _allowing(part.options, kind) for kind in (_NETWORK, _APPLICATION)}
    whole = (Way(steps=(part.options,)),)
    kept = part.traffic.restrict(private) if by_kind[_NETWORK] else part.traffic - part.traffic
    if kept:
        if by_kind[_APPLICATION]:
            codes = frozenset().union(*(option.codes for option in part.options))
            ways = {
                kind: Way(steps=(part.options,), unless=_closed(options), codes=codes)
                for kind, options in by_kind.items()
            }
            yield tuple((PathPart(kept, (way,)), kind == _NETWORK) for kind, way in ways.items())
        else:
            yield ((PathPart(kept, whole), True),)
    rest = part.traffic - kept
    if rest:
        yield ((PathPart(rest, whole), False),)


def _allowing(options: Sequence[Option], kind: str) -> list[Option]:
    return [option for option in options if option.kind == kind and option.hop.outcome is Effect.ALLOW]


def _closed(options: Sequence[Option]) -> Conditions:
    """The assumptions under which none of the options is left."""
    found = options[0].unless
    for option in options[1:]:
        found &= option.unless
    return found
