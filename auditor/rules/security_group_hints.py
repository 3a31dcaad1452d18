"""What would open a network security group or the admin rules above it for one endpoint."""

from __future__ import annotations

import re

from auditor.model.cluster import Cluster
from auditor.model.resource_id import ResourceId
from auditor.model.security_group import SecurityGroup
from auditor.model.verdict import Hop, Stage
from auditor.rules.az_command import az
from auditor.rules.destination import Kind
from auditor.rules.hint import Hint, Wish
from auditor.rules.wording import listed, shown

_EVERYTHING = frozenset({"*", "any", "internet", "virtualnetwork", "0.0.0.0/0", "::/0"})
LOWEST, HIGHEST = 100, 4096
"""Priorities of custom rules (NSG-4)."""


def security_group_hint(wish: Wish, hops: tuple[Hop, ...]) -> Hint:
    """One allow before all the denies of one network security group that stop the endpoint.

    At the end of a path it is the receiver's group, and what must be allowed comes in (NSG-9).
    """
    direction = "inbound" if hops[0].stage is Stage.EXIT else "outbound"
    resource = ResourceId(hops[0].resource or "")
    record = wish.estate.security_group(resource)
    if not isinstance(record, SecurityGroup):
        return Hint(
            words=f"allow {shown(wish.destination.to)} in network security group {shown(resource.name)}"
        )
    denies = sorted({hop.priority for hop in hops if hop.rule is not None and hop.priority is not None})
    below = min(denies[0] if denies else HIGHEST + 1, HIGHEST + 1)
    targets, widening = _destinations(wish, record, hops)
    priorities = _free_priorities(record, direction, below, len(targets))
    port = "" if wish.destination.ports == "*" else f" {wish.destination.ports}"
    what = f"{wish.destination.transport.upper()}{port} to {listed([text for each in targets for text in each], 3)}"
    names = sorted({shown(hop.rule) for hop in hops if hop.rule is not None})
    before = f", before {' and '.join(names)}" if names else ""
    words = f"allow {direction} {what} in {shown(resource.name)}"
    if len(priorities) < len(targets):
        words += f"{before}; too few priorities below {below} are free, so renumber first"
        return Hint(words=words + widening + _owner(wish.audited.cluster, resource))
    words += f" at priority {listed([str(number) for number in priorities])}{before}"
    commands: tuple[str, ...] = ()
    for target, priority in zip(targets, priorities, strict=True):
        host = wish.destination.host if len(targets) == 1 else target[0]
        commands += az(
            "network nsg rule create",
            resource,
            nsg_name=resource.name,
            name=_free_name(record, host),
            priority=priority,
            direction=direction.capitalize(),
            access="Allow",
            protocol={"tcp": "Tcp", "udp": "Udp", "icmp": "Icmp"}[wish.destination.transport],
            source_address_prefixes=wish.sources,
            destination_address_prefixes=target,
            destination_port_ranges=tuple(wish.destination.ports.split(",")),
        )
    return Hint(words=words + widening + _owner(wish.audited.cluster, resource), commands=commands)


def admin_hint(hop: Hop) -> Hint:
    """Admin rules are Virtual Network Manager's, and no security group can undo their deny (NSG-30)."""
    rule = f"rule {shown(hop.rule)}" if hop.rule is not None else "a rule"
    return Hint(
        words=f"{rule} of Virtual Network Manager denies it before any network security group is asked: "
        "its owner must narrow the rule or put an allow with a smaller priority before it"
    )


def _destinations(
    wish: Wish, record: SecurityGroup, hops: tuple[Hop, ...]
) -> tuple[tuple[tuple[str, ...], ...], str]:
    """The destination of each rule to make, and what they let out beyond the wish; a rule takes one tag only."""
    destination = wish.destination
    if destination.kind is Kind.ADDRESS:
        return ((destination.host,),), ""
    if wish.tags:
        return tuple((tag,) for tag in wish.tags), "; a service tag admits every tenant of that service"
    if wish.addresses:
        return (wish.addresses,), ""
    denied = _denied(record, {hop.rule for hop in hops})
    if denied:
        return (
            denied,
            "; this opens the port to all that the deny names, which holds the destination and more",
        )
    why = (
        "no service tag of the name is known" if destination.kind is Kind.NAME else "the destination is open"
    )
    words = f"; this opens the port to every public address, since {why}: filter behind it by name"
    return (("Internet",),), words


def _denied(record: SecurityGroup, names: set[str | None]) -> tuple[tuple[str, ...], ...]:
    """The destinations of the denying rules, which hold all that they deny; empty where one denies too much."""
    rules = [rule for rule in record.rules if rule.name in names]
    texts = {text for rule in rules for text in rule.destinations}
    wide = any(rule.destination_groups for rule in rules) or len(rules) < len(names)
    if wide or not texts or any(text.lower() in _EVERYTHING for text in texts):
        return ()
    prefixes = tuple(sorted(text for text in texts if text[0].isdigit() or ":" in text))
    tags = tuple((text,) for text in sorted(texts.difference(prefixes)))
    return (*tags, prefixes) if prefixes else tags


def _owner(cluster: Cluster, resource: ResourceId) -> str:
    """A security group in the node resource group is AKS's own."""
    if resource.group is None or resource.group != (cluster.node_resource_group or "").lower():
        return ""
    return "; it lies in the cluster's node resource group, where AKS may undo changes"


def _free_priorities(record: SecurityGroup, direction: str, below: int, wanted: int) -> tuple[int, ...]:
    """The largest free priorities of a direction under `below`, ascending; multiples of ten where there are any."""
    used = {rule.priority for rule in record.rules if rule.direction == direction and not rule.default}
    free = (number for number in range(LOWEST, below) if number not in used)
    return tuple(sorted(sorted(free, key=lambda number: (number % 10 == 0, number), reverse=True)[:wanted]))


def _free_name(record: SecurityGroup, host: str) -> str:
    used = {rule.name.lower() for rule in record.rules}
    name = f"allow-{re.sub(r'[^a-z0-9]+', '-', host.lower().replace('*', 'any')).strip('-') or 'any'}"[:70]
    names = (name, *(f"{name}-{number}" for number in range(2, len(used) + 3)))
    return next(item for item in names if item not in used)
