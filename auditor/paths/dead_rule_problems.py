"""Dead rules in words: which rule, which others take what it matches, and a packet that shows it."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.filters.dead_firewall_rules import FirewallRules, PlacedRule
from auditor.filters.dead_rules import DeadRule, Death
from auditor.filters.firewall_rules import verb_of
from auditor.filters.packet_lines import address_at, service_at
from auditor.filters.security_rules import effect_of, rule_hop
from auditor.model.finding import Problem
from auditor.model.firewall import ApplicationRule, NetworkRule
from auditor.model.resource_id import ResourceId
from auditor.model.security_group import SecurityGroup, SecurityRule
from auditor.model.verdict import Effect, Hop, Stage

_FEW = 5


def security_problem(group: SecurityGroup, rules: Sequence[SecurityRule | None], dead: DeadRule) -> Problem:
    """What is to be said of a dead custom rule of a security group."""
    rule = rules[dead.index]
    if rule is None:
        raise ValueError("the platform's own exception is no rule")
    names = [
        _security_name(rules[number]) if number < len(rules) else "the default deny (NSG-8)"
        for number in dead.by
    ]
    why = "no packet has both a source and a destination of it"
    if not (rule.sources or rule.source_groups):
        why = "it names no source"
    elif not (rule.destinations or rule.destination_groups):
        why = "it names no destination"
    contrary = ""
    if dead.contrary is not None and dead.witness is not None:
        _, source, destination, service = dead.witness
        other = rules[dead.contrary]
        packet = f"{service_at(service)} from {address_at(source)} to {address_at(destination)}"
        contrary = _contrary(
            _security_name(other),
            Effect.ALLOW if other is None else effect_of(other),
            effect_of(rule),
            packet,
        )
    found = [rules[number] for number in dead.by if number < len(rules)]
    hops = tuple(rule_hop(Stage.SUBNET_NSG, group.id.text, item) for item in found if item is not None)
    subject = f"security rule {rule.name} (priority {rule.priority}) of {group.id.name}"
    return Problem(
        kind=_KINDS[dead.death],
        resource=group.id,
        subject=rule.name,
        message=_message(subject, dead, names, why, contrary),
        asked_from=(),
        evidence=hops,
    )


def firewall_problem(rules: FirewallRules, dead: DeadRule) -> Problem:
    """What is to be said of a dead network or application rule of a firewall."""
    item = rules.rules[dead.index]
    by = [rules.rules[number] if number < len(rules.rules) else None for number in dead.by]
    contrary = ""
    if dead.contrary is not None and dead.witness is not None:
        other = rules.rules[dead.contrary]
        contrary = _contrary(
            _placed_name(other), other.place.effect, item.place.effect, rules.shown(dead.witness)
        )
    if dead.death is Death.SHADOWED and _passed_by(item, by):
        contrary += "; network rules are asked before all application rules (FW-13)"
    return Problem(
        kind=_KINDS[dead.death],
        resource=item.place.owner,
        subject=f"{item.place.collection.name}/{item.rule.name}",
        message=_message(
            _subject(item),
            dead,
            [_placed_name(other) for other in by],
            _why_unmatchable(rules, item.rule),
            contrary,
        ),
        asked_from=(),
        evidence=tuple(_hop(other) for other in by if other is not None),
    )


def skipped_problem(item: PlacedRule, emptied: ResourceId) -> Problem:
    """What is to be said of a rule for its emptied IP group alone, whatever the rules beside it are."""
    return Problem(
        kind=_KINDS[Death.UNMATCHABLE],
        resource=item.place.owner,
        subject=f"{item.place.collection.name}/{item.rule.name}",
        message=_message(_subject(item), DeadRule(index=0, death=Death.UNMATCHABLE), (), _skips(emptied), ""),
        asked_from=(),
    )


_KINDS = {
    Death.UNMATCHABLE: "rule-unmatchable",
    Death.SHADOWED: "rule-shadowed",
    Death.REDUNDANT: "rule-redundant",
}


def _message(subject: str, dead: DeadRule, names: Sequence[str], why: str, contrary: str) -> str:
    others = _listed(names)
    take, do = ("takes", "does") if len(names) == 1 else ("take", "do")
    match dead.death:
        case Death.UNMATCHABLE:
            return f"{subject} can match nothing: {why}"
        case Death.SHADOWED:
            return f"{subject} decides nothing: {others} before it {take} all it matches{contrary}"
        case Death.REDUNDANT if names:
            return f"{subject} changes nothing: without it {others} {do} the same"
        case Death.REDUNDANT:
            return f"{subject} changes nothing: no rule after it does otherwise"


def _contrary(other: str, does: Effect, would: Effect, packet: str) -> str:
    """The packet that an earlier rule treats otherwise; nothing where both let it pass or both stop it."""
    if does is would:
        return ""
    return f"; {other} {verb_of(does)} {packet}, which it {verb_of(would)} in vain"


def _security_name(rule: SecurityRule | None) -> str:
    return "the platform's own exception (NSG-21)" if rule is None else f"{rule.name} ({rule.priority})"


def _placed_name(item: PlacedRule | None) -> str:
    return "the default deny (FW-6)" if item is None else f"{item.place.collection.name}/{item.rule.name}"


def _subject(item: PlacedRule) -> str:
    return f"{_kind(item)} rule {_placed_name(item)} of {item.place.owner.name}"


def _skips(emptied: ResourceId) -> str:
    return f"IP group {emptied.name} is empty, so Azure skips the rule (FW-40)"


def _kind(item: PlacedRule) -> str:
    return "network" if isinstance(item.rule, NetworkRule) else "application"


def _passed_by(item: PlacedRule, by: Sequence[PlacedRule | None]) -> bool:
    return isinstance(item.rule, ApplicationRule) and any(
        other is not None and isinstance(other.rule, NetworkRule) for other in by
    )


def _why_unmatchable(rules: FirewallRules, rule: NetworkRule | ApplicationRule) -> str:
    empty = rules.empty_groups(rule)
    if empty:
        return _skips(empty[0])
    if not (rule.sources or rule.source_groups):
        return "it names no source (FW-25)"
    if isinstance(rule, ApplicationRule):
        return "no packet has both a source and a name of it"
    return "no packet has both a source and a destination of it"


def _hop(item: PlacedRule) -> Hop:
    effect = item.place.effect
    kind = _kind(item)
    detail = f"{kind} rule {item.rule.name} of collection {item.place.collection.name} {verb_of(effect)} it"
    return item.place.hop(item.rule.name, effect, "FW-7" if kind == "network" else "FW-22", detail)


def _listed(names: Sequence[str]) -> str:
    """`a, b and c`; of many only the first ones."""
    if len(names) > _FEW + 1:
        return f"{', '.join(names[:_FEW])} and {len(names) - _FEW} more"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
