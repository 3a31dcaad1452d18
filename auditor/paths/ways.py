"""Small algebra of paths: ending, prolonging, branching and combining them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from auditor.filters.admin_rules import skipping
from auditor.filters.outbound import Exit, exit_parts
from auditor.filters.parts import Codes, Flow, Option, Options, Part, unknown
from auditor.model.gap import Gap
from auditor.model.network import Peering
from auditor.model.resource_id import ResourceId
from auditor.model.verdict import Effect, Hop, Stage
from auditor.netset.refinement import cut_along
from auditor.paths.judge import PathPart, Way


def hop_at(stage: Stage, resource: ResourceId | None, effect: Effect, clause: str, detail: str) -> Hop:
    """A hop that no rule of its own decides."""
    return Hop(
        stage=stage,
        resource=resource.text if resource else None,
        rule=None,
        priority=None,
        outcome=effect,
        clause=clause,
        detail=detail,
    )


def stopped(flow: Flow, option: Option) -> list[PathPart]:
    """All of a flow's traffic, ending in one option."""
    return [PathPart(flow.traffic, (Way(steps=((option,),)),))] if flow.traffic else []


def ended(flow: Flow, hop: Hop) -> list[PathPart]:
    """All of a flow's traffic, ending in one hop."""
    return stopped(flow, Option(hop=hop))


def exits(flow: Flow, way_out: Exit) -> list[PathPart]:
    """A flow's traffic leaving by an outbound method."""
    return [PathPart(part.traffic, (Way(steps=(part.options,)),)) for part in exit_parts(flow, way_out)]


def with_exit(part: Part, hop: Hop) -> PathPart:
    """A part of a device with the way out behind it."""
    return PathPart(part.traffic, (Way(steps=(part.options, (Option(hop=hop),))),))


def then(hop: Hop, flow: Flow, parts: list[PathPart], *more: Option) -> list[PathPart]:
    """One hop, then what follows it."""
    return prefixed(PathPart(flow.traffic, (Way(steps=((Option(hop=hop), *more),)),)), parts)


def prefixed(first: PathPart, rest: Sequence[PathPart]) -> list[PathPart]:
    """What follows a part, with the stages before it in front of every way."""
    return [
        PathPart(
            part.traffic,
            tuple(
                Way(
                    steps=(*before.steps, *after.steps),
                    unless=before.unless | after.unless,
                    codes=before.codes | after.codes,
                )
                for before in first.ways
                for after in part.ways
            ),
        )
        for part in rest
    ]


def behind(option: Option, step: Option, following: Sequence[PathPart]) -> list[PathPart]:
    """A branch that is taken only when its route option holds."""
    return [
        PathPart(
            part.traffic,
            tuple(
                Way(
                    steps=((step,), *way.steps),
                    unless=way.unless | option.unless,
                    codes=way.codes | option.codes,
                )
                for way in part.ways
            ),
        )
        for part in following
    ]


def alternatives(branches: Sequence[list[PathPart]]) -> list[PathPart]:
    """Several branches for the same traffic: their common refinement, with the ways of all (V-4, UDR-15)."""
    found = branches[0]
    for branch in branches[1:]:
        if _cut_alike(found, branch):
            pairs = zip(found, branch, strict=True)
            found = [PathPart(left.traffic, left.ways + right.ways) for left, right in pairs]
        else:
            traffic = ([part.traffic for part in found], [part.traffic for part in branch])
            found = [
                PathPart(common, found[left].ways + branch[right].ways)
                for left, right, common in cut_along(*traffic)
            ]
    return found


def _cut_alike(first: Sequence[PathPart], second: Sequence[PathPart]) -> bool:
    """Whether two partitions are cut in the same places, as those behind two routes to one device are."""
    return len(first) == len(second) and all(
        left.traffic is right.traffic for left, right in zip(first, second, strict=True)
    )


def continued(first: Sequence[PathPart], following: Sequence[PathPart]) -> list[list[PathPart]]:
    """For each of some disjoint parts what follows it, with its own stages in front; both make up the same traffic."""
    found: list[list[PathPart]] = [[] for _ in first]
    traffic = ([part.traffic for part in first], [part.traffic for part in following])
    for before, after, common in cut_along(*traffic):
        found[before] += prefixed(first[before], [PathPart(common, following[after].ways)])
    return found


def always_allowed(part: PathPart) -> list[Option]:
    """Admin options under which security groups are skipped, on the way so far (NSG-30)."""
    return [
        option
        for way in part.ways
        for options in way.steps[:1]
        if options[0].hop.stage is Stage.ADMIN
        for option in skipping(options)
    ]


def overridden(options: Options, overriding: Sequence[Option]) -> Options:
    """A security group's options where an admin rule always allows, or may (NSG-30)."""
    if not overriding:
        return options
    if any(
        option.target == "alwaysallow" and not option.unless and not option.codes for option in overriding
    ):
        hop = replace(
            options[0].hop,
            outcome=Effect.ALLOW,
            rule=None,
            priority=None,
            clause="NSG-30",
            detail="skipped: an admin rule always allows it",
        )
        return (Option(hop=hop),)
    extra = tuple(
        replace(
            option,
            hop=replace(
                options[0].hop,
                outcome=Effect.ALLOW,
                rule=None,
                priority=None,
                clause="NSG-30",
                detail="an admin rule may always allow it",
            ),
            target=None,
        )
        for option in overriding
    )
    return (*options, *extra)


def reply(peering: Peering, hop: Hop) -> tuple[Option, ...]:
    """Replies of a firewall enter the spoke as forwarded traffic (UDR-26)."""
    if peering.allow_forwarded:
        return ()
    codes = frozenset({"peering-forwarding"})
    dropped = replace(
        hop,
        outcome=Effect.DROP,
        clause="UDR-26",
        detail=f"peering {peering.id.name} may refuse forwarded replies",
    )
    return (Option(hop=dropped, unless=frozenset({codes}), codes=codes),)


def no_way_back(peering: Peering, hop: Hop, codes: Codes) -> tuple[Option, ...]:
    """Replies that the other side of a peering may not carry (UDR-24)."""
    detail = f"the other side of peering {peering.id.name} may not carry the replies"
    lost = replace(hop, outcome=Effect.DROP, clause="UDR-24", detail=detail, codes=tuple(sorted(codes)))
    return (Option(hop=lost, codes=codes),) if codes else ()


def gap_option(stage: Stage, gap: Gap) -> Option:
    """What a reference that does not resolve leaves open: everything (V-6)."""
    return unknown(hop_at(stage, gap.id, Effect.UNKNOWN, "V-6", f"{gap.id.name}: {gap.detail}"), gap.code)


def undecided(subnet: ResourceId, code: str, detail: str = "") -> Option:
    """Why nothing is known of what leaves a subnet."""
    detail = detail or f"not decided by what was read ({code})"
    return unknown(hop_at(Stage.ROUTE, subnet, Effect.UNKNOWN, "V-6", detail), code)
