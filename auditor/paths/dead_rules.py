"""Rules of the devices on a cluster's paths that match nothing, decide nothing or change nothing.

A device is judged as a whole, since it serves others than one cluster: all sources count, a security group is read
as each subnet that uses it reads the special tags, and a rule of a policy must be dead on every firewall of the
snapshot that runs the policy. What was not read completely is not judged, but for what a rule alone tells: one whose
IP group was emptied is skipped whatever stands beside it (FW-40).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from weakref import WeakKeyDictionary

from auditor.filters.dead_firewall_rules import FirewallRules, PlacedRule
from auditor.filters.dead_rules import DeadRule, Death, judged_rules
from auditor.filters.dead_security_rules import readings_of, security_entries
from auditor.filters.firewall import FirewallFilter
from auditor.filters.firewall_rules import ResolvedFirewall, RuleTerms
from auditor.filters.known_addresses import EVERYWHERE, PLATFORM
from auditor.filters.terms import Maybe
from auditor.filters.vnet_tag import DefaultRoute, TagContext
from auditor.model.estate import Estate
from auditor.model.finding import From, Problem
from auditor.model.firewall import ApplicationRule, NetworkRule
from auditor.model.gap import Gap
from auditor.model.network import Subnet
from auditor.model.resource_id import ResourceId
from auditor.paths.cluster_paths import ClusterPaths
from auditor.paths.dead_rule_problems import firewall_problem, security_problem, skipped_problem
from auditor.paths.firewalls import policy_chain, resolve_firewall
from auditor.paths.network import Network
from auditor.paths.sources import Source

_EFFORT = 200_000_000
"""Steps after which the rest of a device's rules is not judged: some minutes. Ten thousand rules of a firewall take a
tenth of it; as many over groups of thousands of prefixes that overlap anyhow take any amount.
"""

_NOT_UNDERSTOOD = "enum-unknown"


@dataclass(frozen=True, slots=True)
class _Judged:
    """What was found about the devices of one network, each judged once for all clusters."""

    groups: dict[ResourceId, tuple[Problem, ...]] = field(default_factory=dict)
    firewalls: dict[ResourceId, tuple[Problem, ...]] = field(default_factory=dict)
    lists: dict[ResourceId, _FirewallList | None] = field(default_factory=dict)
    left: dict[ResourceId, int] = field(default_factory=dict)
    """For devices whose rules were not all judged, how many were not."""


@dataclass(frozen=True, slots=True)
class _FirewallList:
    """A firewall's rules, and the dead ones by the identity of the record that the estate holds."""

    rules: FirewallRules
    dead: Mapping[int, DeadRule]


_judged: WeakKeyDictionary[Network, _Judged] = WeakKeyDictionary()


def dead_rule_problems(paths: ClusterPaths, source: Source, asked: From) -> Iterator[Problem]:
    """Every dead rule of the security groups and firewalls that traffic of a source meets."""
    network = paths.network
    judged = _judged.setdefault(network, _Judged())
    for group in _groups(source):
        if group not in judged.groups:
            judged.groups[group] = tuple(_of_group(group, network, judged))
        for problem in judged.groups[group]:
            yield replace(problem, asked_from=(asked,))
    for resolved in _firewalls(paths, source):
        firewall = resolved.firewall.id
        if firewall not in judged.firewalls:
            judged.firewalls[firewall] = tuple(_of_firewall(resolved, network.estate, judged))
        for problem in judged.firewalls[firewall]:
            yield replace(problem, asked_from=(asked,))


def unjudged_notes(paths: ClusterPaths) -> Iterator[str]:
    """What `dead_rule_problems` left out, of the devices on the paths of a cluster, once it was asked about them."""
    left = _judged.setdefault(paths.network, _Judged()).left
    if not any(left.values()):
        return
    devices = dict.fromkeys(
        device
        for source in paths.sources
        for device in (*_groups(source), *(one.firewall.id for one in _firewalls(paths, source)))
    )
    for device in devices:
        if left.get(device):
            told = f"{left[device]:,} rules of {device.name} were not judged whether they are needed"
            yield f"{told}: what they name overlaps in too many ways"


def _groups(source: Source) -> Iterator[ResourceId]:
    if not isinstance(source.subnet, Gap):
        for reference in dict.fromkeys((*source.security_groups, source.subnet.security_group)):
            if isinstance(reference, ResourceId):
                yield reference


def _firewalls(paths: ClusterPaths, source: Source) -> Iterator[ResolvedFirewall]:
    for device in paths.network.reachable_filters(source, paths.members):
        if isinstance(device, FirewallFilter):
            yield device.resolved


# -- security groups -----------------------------------------------------------------------------------


def _of_group(reference: ResourceId, network: Network, judged: _Judged) -> Iterator[Problem]:
    group = network.estate.security_group(reference)
    if isinstance(group, Gap) or group.flaws:
        return
    rules, entries = security_entries(group, readings_of(list(_contexts(reference, network))))
    found = judged_rules(entries, _EFFORT)
    judged.left[reference] = found.left
    for dead in found.dead:
        yield security_problem(group, rules, dead)


def _contexts(reference: ResourceId, network: Network) -> Iterator[TagContext]:
    """How each subnet that uses a group, itself or on its interfaces, reads the special tags."""
    estate = network.estate
    using = {subnet.id for subnet in estate.subnets.values() if subnet.security_group == reference}
    models = [model for scale_set in estate.scale_sets.values() for model in scale_set.models]
    for nic in (*estate.nics.values(), *models):
        if nic.security_group == reference:
            using.update(nic.subnets)
    if not using:
        yield _opaque(estate)
    for identity in sorted(using):
        subnet = estate.subnet(identity)
        yield network.context(subnet, frozenset()) if isinstance(subnet, Subnet) else _opaque(estate)


def _opaque(estate: Estate) -> TagContext:
    """A subnet that was not read: its VirtualNetwork tag may hold anything."""
    return TagContext(
        members=PLATFORM,
        maybe_members=(Maybe(EVERYWHERE, frozenset({"unreadable-resource"})),),
        default_route=DefaultRoute.POSSIBLE,
        tags=estate.service_tags,
    )


# -- firewalls -----------------------------------------------------------------------------------------


def _of_firewall(resolved: ResolvedFirewall, estate: Estate, judged: _Judged) -> Iterator[Problem]:
    own = _list_of(resolved, estate, judged)
    if own is None:
        yield from _skipped(resolved, estate)
        return
    others = {
        policy: [_list_of(other, estate, judged) for other in _others_with(policy, resolved, estate)]
        for policy in resolved.policies
    }
    for item in own.rules.rules:
        dead = own.dead.get(id(item.rule))
        if dead is None:
            continue
        # What matches nothing by its own fields does so everywhere.
        shared = item.place.policy is not None and dead.death is not Death.UNMATCHABLE
        elsewhere = others[item.place.policy] if shared and item.place.policy is not None else []
        if all(other is not None and id(item.rule) in other.dead for other in elsewhere):
            yield firewall_problem(own.rules, dead)


def _skipped(resolved: ResolvedFirewall, estate: Estate) -> Iterator[Problem]:
    """Rules that Azure skips, of a firewall whose rules are not known completely (FW-40).

    A rule nearby that is not understood leaves them what they are. It is different where it is open which rules are in
    force, or which of two copies of them is right.
    """
    terms = RuleTerms(resolved.ip_groups, estate.service_tags)
    open_lists = {where for code, _, where in resolved.problems if code != _NOT_UNDERSTOOD}
    for place in resolved.collections:
        for rule in place.collection.rules if place.owner not in open_lists else ():
            if isinstance(rule, NetworkRule | ApplicationRule):
                groups = (*rule.source_groups, *getattr(rule, "destination_groups", ()))
                emptied = next((group for group in groups if terms.skip((group,))), None)
                if emptied is not None:
                    yield skipped_problem(PlacedRule(place, rule), emptied)


def _list_of(resolved: ResolvedFirewall, estate: Estate, judged: _Judged) -> _FirewallList | None:
    """The rules of a firewall with the dead ones; None when they are not known completely."""
    identity = resolved.firewall.id
    if identity not in judged.lists:
        judged.lists[identity] = None
        if not resolved.problems:
            rules = FirewallRules(resolved, estate.service_tags)
            found = judged_rules(rules.entries, _EFFORT)
            judged.left[identity] = found.left
            dead = {id(rules.rules[one.index].rule): one for one in found.dead}
            judged.lists[identity] = _FirewallList(rules, dead)
    return judged.lists[identity]


def _others_with(
    policy: ResourceId, resolved: ResolvedFirewall, estate: Estate
) -> Iterator[ResolvedFirewall]:
    """The other firewalls of the snapshot that run a policy, their own or a parent of it."""
    for firewall in estate.firewalls.values():
        if firewall.id == resolved.firewall.id or firewall.policy is None:
            continue
        chain, _ = policy_chain(firewall.policy, estate)
        if any(item.id == policy for item in chain):
            yield resolve_firewall(firewall, estate)
