"""Rule lists on the way of a source that were not read, or not understood: what stands in them nobody can say (V-6).

A rule that looks for something in these lists must not report that it is absent where traffic may leave by one of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from auditor.filters.next_hop import HopKind, NextHop
from auditor.filters.parts import Codes
from auditor.model.firewall import Firewall
from auditor.model.gap import Gap
from auditor.model.network import Subnet
from auditor.model.resource_id import ResourceId
from auditor.model.security_group import SecurityGroup
from auditor.model.verdict import Effect
from auditor.paths.appliances import undescribed
from auditor.paths.cluster_paths import ClusterPaths
from auditor.paths.hub_policies import sent_on
from auditor.paths.interfaces import UNREAD
from auditor.paths.kubenet import is_pod_route, node_at
from auditor.paths.sources import Source


class Kind(Enum):
    """What holds the rules."""

    SUBNET = "a subnet behind which anything may stand"
    GROUP = "a security group"
    FIREWALL = "an Azure Firewall, or what may be one"
    OTHER = "a device that is no Azure Firewall"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadRules:
    """One such list."""

    kind: Kind
    name: str
    """What holds it, in words."""
    codes: Codes
    """Why nothing is known of it, as answers about traffic that meets it tell."""


def unread_rules(paths: ClusterPaths, source: Source, assumed: frozenset[str]) -> Iterator[UnreadRules]:
    """Every one that traffic of a source may meet; one that is assumed to be empty is none."""
    for found in _met(paths, source):
        if not found.codes <= assumed:
            yield found


def _met(paths: ClusterPaths, source: Source) -> Iterator[UnreadRules]:
    subnet = source.subnet
    if isinstance(subnet, Gap):
        yield _unread(Kind.SUBNET, f"subnet {subnet.id.name}", subnet.code)
        return
    codes = [flaw.code for flaw in subnet.flaws] + ([source.opaque] if source.opaque is not None else [])
    if codes:
        yield _unread(Kind.SUBNET, f"subnet {subnet.id.name}", *codes)
        return
    yield from _groups(paths, source, subnet)
    yield from _devices(paths, subnet)


def _unread(kind: Kind, name: str, *codes: str) -> UnreadRules:
    return UnreadRules(kind=kind, name=name, codes=frozenset(codes))


def _groups(paths: ClusterPaths, source: Source, subnet: Subnet) -> Iterator[UnreadRules]:
    references = (*(one.security_group for one in source.interfaces), subnet.security_group)
    for reference in dict.fromkeys(references):
        if reference is None:
            continue
        if reference == UNREAD:
            yield _unread(Kind.GROUP, "the security groups of its network interfaces", "nic-nsg-unread")
            continue
        found = (
            paths.network.estate.security_group(reference) if isinstance(reference, ResourceId) else reference
        )
        if isinstance(found, Gap):
            yield _unread(Kind.GROUP, f"security group {found.id.name}", found.code)
        elif isinstance(found, SecurityGroup) and found.flaws:
            yield _unread(Kind.GROUP, f"security group {found.id.name}", *(flaw.code for flaw in found.flaws))


def _devices(paths: ClusterPaths, first: Subnet) -> Iterator[UnreadRules]:
    """Firewalls, what no document tells of at the next hops, and what stands behind firewalls."""
    estate = paths.network.estate
    seen: set[ResourceId] = set()
    pending = [first]
    while pending:
        subnet = pending.pop()
        if subnet.id in seen:
            continue
        seen.add(subnet.id)
        for target in paths.network.route_filter(subnet).targets:
            for found in _behind(paths, target, subnet):
                if isinstance(found, UnreadRules):
                    yield found
                    continue
                problems = paths.network.firewall(found, paths.members).resolved.problems
                if problems:
                    yield _unread(
                        Kind.FIREWALL, f"firewall {found.id.name}", *(code for code, _, _ in problems)
                    )
                following = estate.subnet(found.subnet) if found.subnet is not None else None
                if isinstance(following, Subnet):
                    pending.append(following)


def _behind(paths: ClusterPaths, target: NextHop, subnet: Subnet) -> Iterator[Firewall | UnreadRules]:
    if target.kind is HopKind.HUB:
        yield from _behind_hub(paths, target, subnet)
    for_pods = is_pod_route(paths.network.routes(subnet).table, target.route, paths.cluster)
    for address in target.addresses if target.kind is HopKind.APPLIANCE else ():
        device = paths.network.holder(address, subnet)
        if for_pods and node_at(device, paths.cluster, paths.network.estate) is not None:
            # The node passes on to its pods, and lets nothing out by rules of its own (UDR-56).
            continue
        if isinstance(device.device, Firewall):
            yield device.device
        elif paths.network.appliance(address) is None:
            option = undescribed(device, address)
            if option.hop.outcome is Effect.UNKNOWN:
                kind = Kind.FIREWALL if device.device is None else Kind.OTHER
                yield _unread(kind, f"the device at {address}", *option.codes)


def _behind_hub(paths: ClusterPaths, target: NextHop, subnet: Subnet) -> Iterator[Firewall | UnreadRules]:
    estate = paths.network.estate
    hub = estate.hubs.get(target.resource) if target.resource is not None else None
    if hub is None or hub.flaws or not hub.intent:
        name = f"hub {target.resource.name}" if target.resource is not None else "a hub"
        flaws = hub.flaws if hub is not None else ()
        yield _unread(Kind.FIREWALL, name, "hub-routing-opaque", *(flaw.code for flaw in flaws))
        return
    for policy in hub.intent:
        _, found = sent_on(hub, policy, estate, subnet.id)
        if isinstance(found, Firewall):
            yield found
        else:
            kind = Kind.FIREWALL if "azurefirewalls" in policy.next_hop.kind else Kind.OTHER
            yield _unread(kind, f"the device {policy.next_hop.name}", *found.codes)
