"""Security admin rules of Virtual Network Manager: they run before every security group (NSG-30..NSG-32)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from auditor.filters.parts import Flow, Match, Option, Options, Part, SourceCut, every, unknown
from auditor.filters.platform import perhaps_excepted
from auditor.filters.rule_list import RuleList
from auditor.filters.security_rules import CompiledRule, rule_hop, source_cuts
from auditor.filters.ties import untied
from auditor.filters.vnet_tag import TagContext, World
from auditor.model.gap import Flaw
from auditor.model.resource_id import ResourceId
from auditor.model.security_group import AdminRules, SecurityRule
from auditor.model.verdict import Effect, Hop, Stage
from auditor.netset import AddressSet, Traffic

NOT_READ = frozenset({"admin-rules-not-read"})


class AdminRuleFilter:
    """The admin rules of one virtual network for one direction, or what is open while they were not read."""

    def __init__(
        self,
        rules: AdminRules | None,
        network: ResourceId,
        context: TagContext,
        *,
        direction: str = "outbound",
    ) -> None:
        self._rules = rules
        self._network = network.text
        # The network asked from is plain; which other one lets something in has to be said.
        self._named = network.text if direction == "inbound" else None
        self._directed = sorted(
            (rule for rule in rules.rules if rule.direction == direction) if rules else (),
            key=lambda rule: (rule.priority, rule.name),
        )
        self._context = context
        self._lists: dict[AddressSet, RuleList] = {}
        self._answers: dict[tuple[AddressSet, Traffic, bool], list[Part]] = {}

    def source_cuts(self) -> Iterator[SourceCut]:
        """Literal source sets that tell source addresses apart."""
        for rule in self._directed:
            yield from source_cuts(rule)

    @property
    def decides(self) -> bool:
        """Whether there is a rule for this direction, or there may be one."""
        return self._rules is None or bool(self._rules.flaws or self._directed)

    def parts(self, flow: Flow) -> list[Part]:
        """Partition by the deciding admin rule; an option's target is its access, None where no rule matches."""
        if self._rules is None:
            passes = _hop(Effect.ALLOW, "no admin rule is taken to match", self._network)
            return every(flow, Option(hop=passes), _unread(self._network))
        if self._rules.flaws:
            return every(flow, *(_flawed(flaw, self._named) for flaw in self._rules.flaws))
        key = (flow.source, flow.traffic, flow.coarse)
        if key not in self._answers:
            if flow.source not in self._lists:
                default = Option(hop=_hop(Effect.ALLOW, "no admin rule matches", self._named))
                self._lists[flow.source] = RuleList(self._entries(flow.source), default)
            self._answers[key] = self._lists[flow.source].parts(flow.traffic, coarse=flow.coarse)
        return self._answers[key]

    def _entries(self, source: AddressSet) -> Iterator[Match]:
        # Collections have no order among them, and each numbers its rules for itself (NSG-31).
        if self._directed:
            yield perhaps_excepted(Stage.ADMIN)
        for _, match in untied(self._listed(source), "uncertain:NSG-31"):
            yield match

    def _listed(self, source: AddressSet) -> Iterator[tuple[SecurityRule, Match]]:
        for rule in self._directed:
            hop = rule_hop(Stage.ADMIN, self._rules.network.text if self._rules else "", rule)
            hop = replace(hop, clause="NSG-30")
            # Admin rules have no default-route ambiguity of their own: the plain reading of the tags is used.
            for match in CompiledRule(rule, self._context, World.PLAIN, hop).matches(source):
                yield rule, match


def skipping(options: Options) -> list[Option]:
    """The options under which security groups are skipped: AlwaysAllow, or unread rules that might say so."""
    return [option for option in options if option.target in {"alwaysallow", "unread"}]


def _unread(network: str) -> Option:
    return Option(
        hop=_hop(Effect.DENY, "admin rules were not read; one may deny it", network),
        unless=frozenset({NOT_READ}),
        codes=NOT_READ,
        target="unread",
    )


def _flawed(flaw: Flaw, network: str | None) -> Option:
    """An answer that was not understood may hold any rule, AlwaysAllow included."""
    return replace(unknown(_hop(Effect.UNKNOWN, flaw.detail, network), flaw.code), target="unread")


def _hop(effect: Effect, detail: str, network: str | None) -> Hop:
    return Hop(
        stage=Stage.ADMIN,
        resource=network,
        rule=None,
        priority=None,
        outcome=effect,
        clause="NSG-30",
        detail=detail,
    )
