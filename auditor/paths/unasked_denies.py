"""Which denying application rules a network rule leaves nothing to: none is asked before it (FW-13).

Asked is about what comes to the firewall: what is dropped or turned elsewhere before, and what network rules before
it decide, is not left to application rules either.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from auditor.filters.firewall import FirewallFilter
from auditor.filters.parts import Option, Options
from auditor.model.firewall import NetworkRule
from auditor.model.verdict import Stage
from auditor.netset import ServiceSet, Traffic
from auditor.paths.judge import PathPart, Way

RuleKey = tuple[str, str]
"""What holds a rule, in lower case, and its collection/name, as hops tell them."""
_BESIDE = frozenset({"FW-17", "FW-18", "FW-19"})
"""DNAT, threat intelligence and intrusion prevention: none of them leaves anything to application rules."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleOrder:
    """The network rules of a firewall, and where its application rules are asked."""

    places: frozenset[str]
    """Whatever holds rules of the firewall, or of another one on the way that shares any of them."""
    order: Mapping[RuleKey, int]
    proxied: bool
    """Whether requests may come by the explicit proxy, of which network rules see nothing (FW-51)."""


def rule_order(device: FirewallFilter, others: Iterable[FirewallFilter]) -> RuleOrder:
    """The order of a firewall's network rules, seen among the other firewalls on the way."""
    own = _owners(device)
    sharing = [device, *(other for other in others if other is not device and own & _owners(other))]
    places: set[str] = set()
    for one in sharing:
        places |= _owners(one) | {one.resolved.firewall.id.key}
        places.update(where.key for _, _, where in one.resolved.problems)
    keys = (
        (place.owner.key, f"{place.collection.name}/{rule.name}")
        for place in device.resolved.collections
        for rule in place.collection.rules
        if isinstance(rule, NetworkRule)
    )
    return RuleOrder(
        places=frozenset(places),
        order={key: number for number, key in enumerate(keys)},
        proxied=any(one.resolved.explicit_proxy is not None for one in sharing),
    )


def _owners(device: FirewallFilter) -> frozenset[str]:
    return frozenset(place.owner.key for place in device.resolved.collections)


def unasked(denies: Sequence[tuple[str, int]], sure: Traffic, left: Traffic) -> tuple[str, ...]:
    """Of rules that deny, each with a port, those to which a network rule leaves nothing of what comes.

    `sure` is what the rule surely admits; `left` what neither it nor a rule before it surely decides.
    """
    ports: dict[str, set[int]] = {}
    for name, port in denies:
        ports.setdefault(name, set()).add(port)
    empty = {port for _, port in denies if not left.addresses_of(ServiceSet.tcp(port))}
    taken = {port for port in empty if sure.addresses_of(ServiceSet.tcp(port))}
    return tuple(name for name, own in ports.items() if own <= empty and own & taken)


def left_over(parts: Iterable[PathPart], rules: RuleOrder, rule: RuleKey, assumed: frozenset[str]) -> Traffic:
    """What comes to the firewall and is not surely decided by a network rule or those before it."""
    last = rules.order.get(rule, -1)
    return Traffic.union_all(part.traffic for part in parts if not _decided(part, rules, last, assumed))


def _decided(part: PathPart, rules: RuleOrder, last: int, assumed: frozenset[str]) -> bool:
    alive = [way for way in part.ways if way.holds(assumed)] or part.ways
    return all(
        _by_network_rule(option, rules, last)
        for way in alive
        for options in _met(way, rules, assumed)
        for option in options
    )


def _met(way: Way, rules: RuleOrder, assumed: frozenset[str]) -> Iterator[Options]:
    """What the firewalls may do with it on a way, up to where it surely ends."""
    for options in way.steps:
        alive = tuple(option for option in options if option.holds(assumed)) or options
        if any(_at(option, rules) for option in alive):
            yield alive
        if all(option.hop.outcome.stops for option in alive):
            return


def _at(option: Option, rules: RuleOrder) -> bool:
    return option.hop.stage is Stage.FIREWALL and (option.hop.resource or "").lower() in rules.places


def _by_network_rule(option: Option, rules: RuleOrder, last: int) -> bool:
    """Whether it comes before all application rules, and not after the network rule that is asked about."""
    hop = option.hop
    if hop.rule is None:
        return hop.clause in _BESIDE
    key = ((hop.resource or "").lower(), hop.rule)
    return option.kind == "network" and rules.order.get(key, last + 1) <= last
