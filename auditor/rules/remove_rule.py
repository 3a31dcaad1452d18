"""How to remove one rule of a security group or a firewall."""

from __future__ import annotations

from auditor.model.estate import Estate
from auditor.model.firewall import ApplicationRule, Firewall, NetworkRule, RuleCollection, RuleCollectionGroup
from auditor.model.resource_id import ResourceId
from auditor.rules.az_command import az

_GROUPS = "microsoft.network/networksecuritygroups"


def remove_rule(estate: Estate, resource: ResourceId, subject: str) -> tuple[str, ...]:
    """The command that removes a rule: `subject` is its name, or `collection/rule` in a firewall.

    Nothing where names do not say which rule is meant.
    """
    if resource.kind == _GROUPS:
        return az("network nsg rule delete", resource, nsg_name=resource.name, name=subject)
    holder = estate.firewalls.get(resource) or estate.groups.get(resource)
    if holder is None:
        return ()
    collections = holder.classic if isinstance(holder, Firewall) else holder.collections
    found = [
        (collection, rule)
        for collection in collections
        for rule in collection.rules
        if f"{collection.name}/{rule.name}" == subject
    ]
    if len(found) != 1:
        return ()
    collection, rule = found[0]
    if isinstance(holder, RuleCollectionGroup):
        return _of_policy(holder.id, collection, rule.name)
    kind = {NetworkRule: "network", ApplicationRule: "application"}.get(type(rule))
    if kind is None:
        return ()
    return az(
        f"network firewall {kind}-rule delete",
        resource,
        firewall_name=resource.name,
        collection_name=collection.name,
        name=rule.name,
    )


def _of_policy(group: ResourceId, collection: RuleCollection, name: str) -> tuple[str, ...]:
    policy = group.parent
    if policy is None:
        return ()
    return az(
        "network firewall policy rule-collection-group collection rule remove",
        policy,
        policy_name=policy.name,
        rule_collection_group_name=group.name,
        collection_name=collection.name,
        name=name,
    )
