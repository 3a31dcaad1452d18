"""A network security group as a filter (NSG-1..NSG-33)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from auditor.filters.columns import ColumnIndex
from auditor.filters.known_addresses import GLOBAL
from auditor.filters.parts import (
    Conditions,
    Flow,
    Match,
    Option,
    Options,
    Part,
    SourceCut,
    every,
    merge,
    overlay,
    unknown,
)
from auditor.filters.platform import excepted, perhaps_excepted
from auditor.filters.rule_list import RuleList
from auditor.filters.security_rules import CompiledRule, names_special_tag, rule_hop, source_cuts
from auditor.filters.ties import untied
from auditor.filters.vnet_tag import DefaultRoute, TagContext, World
from auditor.model.security_group import SecurityGroup
from auditor.model.verdict import Effect, Hop, Stage
from auditor.netset import AddressSet, Traffic

_VNET_TAG = "vnet-tag-default-route"
_INTERNET_TAG = "internet-tag-ambiguous"


class SecurityGroupFilter:
    """One network security group seen from one subnet, for one direction."""

    def __init__(
        self, group: SecurityGroup, stage: Stage, context: TagContext, *, direction: str = "outbound"
    ) -> None:
        self._group = group
        self._flaws = group.inbound_flaws if direction == "inbound" else group.flaws
        self._stage = stage
        self._platform = excepted(stage), perhaps_excepted(stage)
        self._context = context
        self._rules = sorted(
            (rule for rule in group.rules if rule.direction == direction),
            key=lambda rule: (rule.priority, rule.name),
        )
        self._compiled: dict[World, list[CompiledRule]] = {}
        self._index: ColumnIndex | None = None
        self._lists: dict[tuple[AddressSet, World], RuleList] = {}
        self._answers: dict[tuple[AddressSet, Traffic, bool], list[Part]] = {}

    def source_cuts(self) -> Iterator[SourceCut]:
        """Literal source sets that tell source addresses apart."""
        for rule in self._rules:
            yield from source_cuts(rule)

    def parts(self, flow: Flow) -> list[Part]:
        """Partition of the flow's traffic by the deciding rule."""
        key = (flow.source, flow.traffic, flow.coarse)
        if key not in self._answers:
            self._answers[key] = self._compute(flow)
        return self._answers[key]

    def _compute(self, flow: Flow) -> list[Part]:
        if self._flaws:
            return every(
                flow, *(_flawed(self._stage, self._group, flaw.code, flaw.detail) for flaw in self._flaws)
            )
        worlds = self._context.worlds
        if len(worlds) == 1:
            return self._in_world(flow, worlds[0])
        return self._in_worlds(flow)

    def _in_worlds(self, flow: Flow) -> list[Part]:
        """All readings of the tags at once: parts whose options say under which assumption each world is out."""
        plain, wide, shrunk = (self._tagged(flow, world) for world in (World.PLAIN, World.WIDE, World.SHRUNK))
        found: list[Part] = []
        for part in overlay(overlay(plain, wide, _join), shrunk, _join):
            public = part.traffic.restrict(GLOBAL)
            for traffic, private in ((public, False), (part.traffic - public, True)):
                if traffic:
                    found.append(Part(traffic, self._resolve(part.options, private=private)))
        return merge(found)

    def _tagged(self, flow: Flow, world: World) -> list[Part]:
        return [
            Part(part.traffic, tuple(replace(option, kind=world.name) for option in part.options))
            for part in self._in_world(flow, world)
        ]

    def _resolve(self, options: Options, *, private: bool) -> Options:
        by_world = {world: [_plainly(o) for o in options if o.kind == world.name] for world in World}
        plain, wide, shrunk = by_world[World.PLAIN], by_world[World.WIDE], by_world[World.SHRUNK]
        if plain == wide == shrunk:
            return tuple(plain)
        codes: set[str] = set()
        if _effects(plain) != _effects(wide):
            codes.add(_VNET_TAG)
        if _effects(shrunk) != _effects(wide):
            codes.add(_INTERNET_TAG)
        if not codes:
            # Every world does the same; which rule does it follows the plain reading.
            return tuple(plain)
        # A default rule may be taken to admit private destinations; a custom VirtualNetwork rule never (NSG-17).
        out_of_plain = (
            {frozenset({_VNET_TAG})}
            if private and _VNET_TAG in codes and all(option.hop.clause == "NSG-8" for option in wide)
            else set()
        )
        learned: Conditions = frozenset()
        if self._context.default_route is DefaultRoute.POSSIBLE:
            learned = frozenset({self._context.default_codes})
            codes |= self._context.default_codes
        shrunk_out = learned | {frozenset({_INTERNET_TAG})}
        result = [
            *(_conditioned(option, frozenset(out_of_plain), codes) for option in plain),
            *(_conditioned(option, learned, codes) for option in wide),
            *(_conditioned(option, shrunk_out, codes) for option in shrunk),
        ]
        return _unique(result)

    def _in_world(self, flow: Flow, world: World) -> list[Part]:
        key = (flow.source, world)
        if key not in self._lists:
            matches = list(self._entries(flow.source, world))
            # Where the tags have one reading, outcomes are all that a coarse answer needs; else clauses count (NSG-17).
            single = len(self._context.worlds) == 1
            self._lists[key] = RuleList(matches, self._default(), self._shared(), only_outcomes=single)
        return self._lists[key].parts(flow.traffic, coarse=flow.coarse)

    def _shared(self) -> ColumnIndex:
        """One index of what all rules name in all readings, for every source class."""
        if self._index is None:
            rules = [rule for world in self._context.worlds for rule in self._rules_in(world)]
            listed = [match for rule in rules for match in rule.all_matches]
            self._index = ColumnIndex([*listed, *self._platform])
        return self._index

    def _rules_in(self, world: World) -> list[CompiledRule]:
        """The rules in one reading of the tags; those that name no such tag are the same in all."""
        if world not in self._compiled:
            plain = self._compiled.get(World.PLAIN)
            self._compiled[world] = [
                plain[place]
                if plain is not None and not names_special_tag(rule)
                else CompiledRule(
                    rule, self._context, world, rule_hop(self._stage, self._group.id.text, rule)
                )
                for place, rule in enumerate(self._rules)
            ]
        return self._compiled[world]

    def _entries(self, source: AddressSet, world: World) -> Iterator[Match]:
        certain, perhaps = self._platform
        yield perhaps
        yielded_platform = False
        entries = (
            (compiled.rule, match) for compiled in self._rules_in(world) for match in compiled.matches(source)
        )
        for rule, match in untied(entries, "uncertain:NSG-5"):
            if rule.default and not yielded_platform:
                yielded_platform = True
                yield certain
            yield match
        if not yielded_platform:
            yield certain

    def _default(self) -> Option:
        hop = Hop(
            stage=self._stage,
            resource=self._group.id.text,
            rule=None,
            priority=None,
            outcome=Effect.DENY,
            clause="NSG-8",
            detail="no rule matches; denied by default",
        )
        return Option(hop=hop, literal=False)


def _join(first: Options, second: Options) -> Options:
    return first + second


def _plainly(option: Option) -> Option:
    return replace(option, kind="")


def _effects(options: Sequence[Option]) -> list[tuple[Effect, Conditions]]:
    return [(option.hop.outcome, option.unless) for option in options]


def _conditioned(option: Option, unless: Conditions, codes: set[str]) -> Option:
    return replace(option, unless=option.unless | unless, codes=option.codes | codes)


def _unique(options: Sequence[Option]) -> Options:
    kept: list[Option] = []
    for option in options:
        if not any(o.hop.outcome is option.hop.outcome and o.unless <= option.unless for o in kept):
            kept.append(option)
    return tuple(kept)


def _flawed(stage: Stage, group: SecurityGroup, code: str, detail: str) -> Option:
    hop = Hop(
        stage=stage,
        resource=group.id.text,
        rule=None,
        priority=None,
        outcome=Effect.UNKNOWN,
        clause="V-6",
        detail=detail,
    )
    return unknown(hop, code)
