"""Whether a way that is open on both sides of a comparison got nothing but further chances to be stopped (V-2)."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from auditor.filters.parts import Codes, Option, Options
from auditor.model.verdict import Effect, Stage
from auditor.paths.comparison_hops import Likeness
from auditor.paths.judge import PathPart

_ONLY_STOP = frozenset({Stage.ADMIN, Stage.NIC_NSG, Stage.SUBNET_NSG})
"""Stages that let traffic on as it is: which of their rules does so is nothing to what comes after."""
_COVERAGE: Codes = frozenset({"protocol-coverage"})
_Kept = tuple[Hashable, Codes, str]


@dataclass(frozen=True, slots=True)
class _Step:
    """What may happen at one stage."""

    only_stops: bool
    """Whether the stage does nothing but let traffic on or not."""
    surely_passes: bool
    options: frozenset[_Kept]
    not_stopping: frozenset[Hashable]


Steps = tuple[_Step, ...]

_COVERED = _Step(only_stops=True, surely_passes=False, options=frozenset(), not_stopping=frozenset({True}))
"""A group lets it on if `*` holds its protocol, and drops it if not: the same question at each group (NSG-12)."""
_STOPPED = _Step(only_stops=True, surely_passes=False, options=frozenset(), not_stopping=frozenset())
"""A group drops it, whether `*` holds its protocol or not."""


def steps_of(part: PathPart, assumed: frozenset[str], likeness: Likeness) -> Steps | None:
    """What may happen on the one way of some traffic; None where several are open, of which nothing follows.

    Stages that surely let it on as it is are left out.
    """
    alive = [way for way in part.ways if way.holds(assumed)] or list(part.ways)
    if len(alive) != 1:
        return None
    steps: list[_Step] = []
    for options in alive[0].steps:
        step = _step(options, assumed, likeness)
        if not (step.only_stops and step.surely_passes) and not (step == _COVERED and step in steps):
            steps.append(step)
    return tuple(steps)


def _step(options: Options, assumed: frozenset[str], likeness: Likeness) -> _Step:
    alive = [option for option in options if option.holds(assumed)] or list(options)
    if _hangs_on_coverage(alive):
        return _STOPPED if alive[0].hop.outcome.stops else _COVERED
    passing = [option for option in alive if not option.hop.outcome.stops]
    return _Step(
        only_stops=all(option.hop.stage in _ONLY_STOP for option in alive),
        surely_passes=all(
            not option.hop.outcome.stops and option.hop.outcome is not Effect.UNKNOWN for option in alive
        ),
        options=frozenset((likeness.of(option.hop), option.codes, option.kind) for option in alive),
        not_stopping=frozenset((likeness.of(option.hop), option.kind) for option in passing),
    )


def _hangs_on_coverage(alive: Sequence[Option]) -> bool:
    """Whether all rules of a group that may match are for `*`, and it drops what none of them matches.

    Either `*` holds the protocol, and the first of them decides, or none matches.
    """
    last = alive[-1].hop if alive else None
    return (
        last is not None
        and last.stage in {Stage.NIC_NSG, Stage.SUBNET_NSG}
        and (last.clause, last.rule, last.outcome) == ("NSG-8", None, Effect.DENY)
        and all(option.codes == _COVERAGE for option in alive)
    )


def only_drops_added(old: Steps | None, new: Steps | None) -> bool:
    """Whether the new side can let nothing out that the old side would stop, whatever is true of what is not known.

    All that may stop it on the old way must be there still, step by step and option by option: a rule that may
    allow it, put before one that may deny it, makes another step of it. Then only what does nothing but stop may
    have come: a security group that may deny, or a rule that may stop it where it surely passed before.
    """
    if old is None or new is None:
        return False
    if _STOPPED in new:
        return True
    left = list(old)
    for step in new:
        if left and _as_before(left[0], step):
            del left[0]
        elif not step.only_stops:
            return False
    return not left


def _as_before(old: _Step, new: _Step) -> bool:
    if old.options == new.options and old.not_stopping == new.not_stopping:
        return True
    return old.surely_passes and not old.only_stops and new.not_stopping <= old.not_stopping
