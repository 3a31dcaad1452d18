"""Rule lists on the way of a source that were not read, or not understood: what stands in them nobody can say (V-6).

A rule that looks for something in these lists must not report that it is absent where traffic may leave by one of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import chain

from auditor.filters.next_hop import HopKind, NextHop
from auditor.filters.parts import Codes, Flow
from auditor.model.firewall import Firewall
from auditor.model.gap import Gap
from auditor.model.network import Subnet
from auditor.model.resource_id import ResourceId
from auditor.model.security_group import SecurityGroup
from auditor.model.verdict import Effect, Hop
from auditor.netset import AddressSet, Traffic
from auditor.netset.service import ANY
from auditor.paths.appliances import undescribed, without_address
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


_UNTOLD = {HopKind.UNKNOWN, HopKind.GATEWAY}
_PLACES = {
    "microsoft.network/routetables": "route table",
    "microsoft.network/virtualnetworks": "virtual network",
    "microsoft.network/virtualnetworks/virtualnetworkpeerings": "peering",
    "microsoft.network/virtualhubs": "hub",
    "microsoft.network/virtualhubs/hubvirtualnetworkconnections": "connection",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadRules:
    """One such list."""

    kind: Kind
    name: str
    """What was not read or not understood, in words."""
    codes: Codes
    """Why nothing is known of it, as answers about traffic that meets it tell."""
    leads: bool = False
    """Whether it only leads to the rules, as a route table does."""

    @property
    def holder(self) -> str:
        """What holds the rules, in words."""
        return f"what {self.name} leads to" if self.leads else self.name


def unread_rules(paths: ClusterPaths, source: Source, assumed: frozenset[str]) -> Iterator[UnreadRules]:
    """Every one that traffic of a source may meet; one that is assumed to be empty is none."""
    subnet = _understood(source)
    found = (
        (subnet,)
        if isinstance(subnet, UnreadRules)
        else chain(_groups(paths, source, subnet), _devices(paths, subnet))
    )
    return (one for one in found if not one.codes <= assumed)


def unread_routes(paths: ClusterPaths, source: Source, assumed: frozenset[str]) -> Iterator[UnreadRules]:
    """What leaves open where the traffic of a source is routed in its own subnet; see `unread_rules`."""
    subnet = _understood(source)
    found = (subnet,) if isinstance(subnet, UnreadRules) else _untold(paths, subnet)
    return (one for one in found if not one.codes <= assumed)


def _understood(source: Source) -> Subnet | UnreadRules:
    """The subnet of a source; what nobody knows of it where it was not read or not understood."""
    subnet = source.subnet
    if isinstance(subnet, Gap):
        return _unread(Kind.SUBNET, f"subnet {subnet.id.name}", subnet.code)
    codes = [flaw.code for flaw in subnet.flaws] + ([source.opaque] if source.opaque is not None else [])
    return _unread(Kind.SUBNET, f"subnet {subnet.id.name}", *codes) if codes else subnet


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
    """Routes to nobody knows where, firewalls, what no document tells of at the next hops, and what stands behind."""
    for subnet in paths.network.subnets_on_the_way(first):
        if subnet.flaws:
            yield _unread(Kind.SUBNET, f"subnet {subnet.id.name}", *(flaw.code for flaw in subnet.flaws))
            continue
        yield from _untold(paths, subnet)
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
                following = paths.network.estate.subnet(found.subnet) if found.subnet is not None else None
                if isinstance(following, Gap):
                    yield _unread(Kind.SUBNET, f"subnet {following.id.name}", following.code)


def _untold(paths: ClusterPaths, subnet: Subnet) -> Iterator[UnreadRules]:
    """Routes that may decide and of which nobody knows what they lead to: a firewall with any rules, perhaps (V-6).

    A table that was not read, a next hop of a type that nobody knows, what a hub or a gateway may have taught. A route
    of the user's own to a gateway leads out of Azure, and so to no Azure Firewall (UDR-17).
    """
    everywhere = Flow(source=AddressSet.of(), traffic=Traffic.box(paths.space, ANY))
    found: dict[UnreadRules, None] = {}
    for part in paths.network.route_filter(subnet).parts(everywhere):
        for option in part.options:
            kind = option.target.kind if isinstance(option.target, NextHop) else None
            if kind not in _UNTOLD:
                continue
            codes = option.codes | frozenset(option.hop.codes)
            beyond = kind is HopKind.GATEWAY and option.hop.rule is not None
            one = UnreadRules(
                kind=Kind.OTHER if beyond else Kind.FIREWALL,
                name=_route_name(option.hop, subnet),
                codes=codes | {"gateway-onprem"} if beyond else codes,
                leads=True,
            )
            found[one] = None
    yield from found


def _route_name(hop: Hop, subnet: Subnet) -> str:
    resource = ResourceId(hop.resource) if hop.resource is not None else subnet.id
    if hop.rule is not None:
        return f"route {hop.rule} of {resource.name}"
    return f"{_PLACES.get(resource.kind, 'resource')} {resource.name}"


def _behind(paths: ClusterPaths, target: NextHop, subnet: Subnet) -> Iterator[Firewall | UnreadRules]:
    if target.kind is HopKind.HUB:
        yield from _behind_hub(paths, target, subnet)
    for_pods = is_pod_route(paths.network.routes(subnet).table, target.route, paths.cluster)
    if target.kind is HopKind.APPLIANCE and not target.addresses:
        table = target.route_table or subnet.id
        name = f"route {target.route} of {table.name}"
        option = without_address(target)
        yield UnreadRules(kind=Kind.FIREWALL, name=name, codes=option.codes, leads=True)
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
