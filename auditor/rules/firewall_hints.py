"""What would open an Azure Firewall for one endpoint: a rule in a collection that suits, or a new collection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from auditor.model.estate import Estate
from auditor.model.firewall import Firewall, FirewallPolicy, RuleCollectionGroup
from auditor.model.verdict import Hop
from auditor.rules.az_command import Value, az
from auditor.rules.dns_proxy import enable_dns_proxy
from auditor.rules.firewall_chain import firewall_of
from auditor.rules.firewall_match import described, free, free_name, match_options, remark, rule_type
from auditor.rules.firewall_rules import (
    Place,
    fitting_place,
    places_of,
    places_of_policy,
    places_of_rule,
    source_groups,
)
from auditor.rules.hint import Hint, Wish
from auditor.rules.hop_text import hop_subject
from auditor.rules.wording import shown

_GROUP = "network firewall policy rule-collection-group"


def firewall_hint(wish: Wish, hop: Hop) -> Hint:
    """How to let the destination through the firewall that a blocking hop names."""
    firewall = firewall_of(wish.estate, hop.resource)
    if firewall is None:
        return Hint(
            words=f"{hop_subject(hop, wish.estate)}: allow {described(wish.destination)}; its rules were not read"
        )
    if hop.rule is not None:
        return _before_deny(wish, firewall, hop)
    if hop.clause in {"FW-18", "FW-19"}:
        what = (
            "the threat intelligence allow list"
            if hop.clause == "FW-18"
            else "the intrusion prevention bypass list"
        )
        return Hint(
            words=f"add {described(wish.destination)} to {what} of firewall {shown(firewall.id.name)}"
        )
    if wish.destination.host in firewall.private_addresses and wish.destination.ports == "53":
        return Hint(
            words=f"turn on the DNS proxy of firewall {shown(firewall.id.name)}, which alone answers at its address",
            commands=enable_dns_proxy(firewall),
        )
    return _allow(wish, firewall)


def _before_deny(wish: Wish, firewall: Firewall, hop: Hop) -> Hint:
    """Words only: where an allow must stand so that the deny is not reached (FW-6, FW-8, FW-13)."""
    rule = shown(hop.rule or "")
    places = places_of_rule(wish.estate, firewall, hop.rule or "", hop.resource)
    if len(places) != 1:
        where = f"rule {rule} of firewall {shown(firewall.id.name)} denies it"
        return Hint(
            words=f"{where}: put an allow for {described(wish.destination)} before that rule, or narrow it"
        )
    place = places[0]
    parent = place.policy is not None and place.policy != firewall.policy
    holder = (
        f"policy {shown(place.policy.name)}"
        if place.policy is not None
        else f"firewall {shown(firewall.id.name)}"
    )
    words = (
        f"rule {rule} of collection {shown(place.collection.name)} (priority {place.collection.priority}) in {holder} "
        f"denies it: put an allow for {described(wish.destination)} in a collection that runs before it, or narrow it"
    )
    if parent:
        words += "; the rules of a parent policy run first, so only that parent can hold the allow (FW-8)"
    return Hint(words=words)


def _allow(wish: Wish, firewall: Firewall) -> Hint:
    destination = wish.destination
    match = match_options(wish)
    if match is None:
        return Hint(
            words=f"firewall {shown(firewall.id.name)}: no rule can match {shown(destination.to)} as it is written"
        )
    if firewall.policy is None:
        return _allow_classic(wish, firewall, match)
    policy = wish.estate.policy(firewall.policy)
    if not isinstance(policy, FirewallPolicy):
        return Hint(
            words=f"allow {described(destination)} in policy {shown(firewall.policy.name)}, which was not read"
        )
    place = fitting_place(
        wish.audited,
        places_of_policy(wish.estate, policy.id),
        by_name=destination.by_name,
        host=destination.host,
    )
    if place is not None and place.group is not None:
        return _extend(wish, policy, place, place.group, match)
    return _new_collection(wish, policy, match)


def _extend(
    wish: Wish, policy: FirewallPolicy, place: Place, group: RuleCollectionGroup, match: Mapping[str, Value]
) -> Hint:
    collection = place.collection
    words = (
        f"add {described(wish.destination)} to collection {shown(collection.name)} of group {shown(group.id.name)} "
        f"in policy {shown(policy.id.name)}{remark(wish)}"
    )
    command = az(
        f"{_GROUP} collection rule add",
        policy.id,
        policy_name=policy.id.name,
        rule_collection_group_name=group.id.name,
        collection_name=collection.name,
        name=free_name(wish.destination, (rule.name for rule in collection.rules)),
        rule_type=rule_type(wish.destination),
        **_sources(wish, place),
        **match,
    )
    return Hint(words=words, commands=command)


def _new_collection(wish: Wish, policy: FirewallPolicy, match: Mapping[str, Value]) -> Hint:
    """A new collection in the policy's first group, or in a new group where it has none that was read."""
    group = _first_group(wish.estate, policy)
    name = group.id.name if group is not None else "aks-egress"
    made: tuple[str, ...] = ()
    if group is None:
        made = az(f"{_GROUP} create", policy.id, policy_name=policy.id.name, name=name, priority=1000)
    kind = "application" if wish.destination.by_name else "network"
    taken = [collection.priority for collection in group.collections] if group is not None else []
    names = [collection.name for collection in group.collections] if group is not None else []
    collection = free("aks-egress-" + kind, names)
    words = (
        f"add an allow collection for {described(wish.destination)} to group {shown(name)} "
        f"in policy {shown(policy.id.name)}, which has none for {kind} rules{remark(wish)}"
    )
    command = az(
        f"{_GROUP} collection add-filter-collection",
        policy.id,
        policy_name=policy.id.name,
        rule_collection_group_name=name,
        name=collection,
        collection_priority=_free_priority(taken),
        action="Allow",
        rule_name=free_name(wish.destination, ()),
        rule_type=rule_type(wish.destination),
        **_sources(wish, None),
        **match,
    )
    return Hint(words=words, commands=(*made, *command) if command and (made or group is not None) else ())


def _allow_classic(wish: Wish, firewall: Firewall, match: Mapping[str, Value]) -> Hint:
    """A rule on a firewall without policy; naming a collection that does not exist makes it (FW-2, FW-10)."""
    destination = wish.destination
    place = fitting_place(
        wish.audited, places_of(wish.estate, firewall), by_name=destination.by_name, host=destination.host
    )
    kind = "application" if destination.by_name else "network"
    options = dict(match)
    if not destination.by_name:
        options["protocols"] = options.pop("ip_protocols")
    if place is None:
        collection = free("aks-egress-" + kind, [item.name for item in firewall.classic])
        options |= {
            "priority": _free_priority([item.priority for item in firewall.classic]),
            "action": "Allow",
        }
    else:
        collection = place.collection.name
    rules = (rule.name for rule in place.collection.rules) if place is not None else ()
    command = az(
        f"network firewall {kind}-rule create",
        firewall.id,
        firewall_name=firewall.id.name,
        collection_name=collection,
        name=free_name(destination, rules),
        **_sources(wish, place),
        **options,
    )
    new = "new " if place is None else ""
    words = f"add {described(destination)} to {new}{kind} rule collection {shown(collection)} of firewall "
    return Hint(words=words + shown(firewall.id.name) + remark(wish), commands=command)


def _sources(wish: Wish, place: Place | None) -> dict[str, Value]:
    groups = source_groups(wish.estate, place.collection if place is not None else None, wish.sources)
    return {"source_ip_groups": groups} if groups else {"source_addresses": wish.sources}


def _first_group(estate: Estate, policy: FirewallPolicy) -> RuleCollectionGroup | None:
    found = (estate.group(reference) for reference in policy.groups)
    groups = [group for group in found if isinstance(group, RuleCollectionGroup)]
    return min(groups, key=lambda group: (group.priority, group.id.key), default=None)


def _free_priority(taken: Iterable[int]) -> int:
    """A priority that no collection has, after the others (100-65000, FW-8)."""
    used = set(taken)
    after = max(used, default=190) // 10 * 10 + 10
    if 100 <= after <= 65000:
        return after
    return next(number for number in range(65000, 99, -1) if number not in used)
