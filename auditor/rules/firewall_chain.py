"""Which firewall a resource belongs to, and the policies that it obeys."""

from __future__ import annotations

from auditor.model.estate import Estate
from auditor.model.firewall import Firewall, FirewallPolicy
from auditor.model.resource_id import ResourceId


def policy_chain(estate: Estate, first: ResourceId) -> tuple[ResourceId, ...]:
    """A firewall policy and its parents, the child first; ends at one that was not read or comes again."""
    chain: list[ResourceId] = []
    current: ResourceId | None = first
    while current is not None and current not in chain:
        chain.append(current)
        policy = estate.policy(current)
        current = policy.base if isinstance(policy, FirewallPolicy) else None
    return tuple(chain)


def firewall_of(estate: Estate, resource: str | None) -> Firewall | None:
    """The firewall that a hop's resource names: itself, or the only one whose policy chain holds the resource."""
    if resource is None:
        return None
    identity = ResourceId(resource)
    if identity in estate.firewalls:
        return estate.firewalls[identity]
    users = [
        firewall
        for firewall in estate.firewalls.values()
        if firewall.policy is not None
        and any(identity == link or identity.is_under(link) for link in policy_chain(estate, firewall.policy))
    ]
    return users[0] if len(users) == 1 else None
