"""A public load balancer brings connections in whose replies a firewall drops (UDR-51)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from auditor.filters.known_addresses import GLOBAL
from auditor.filters.next_hop import HopKind, NextHop
from auditor.filters.parts import Codes, Flow, Option
from auditor.filters.terms import addresses_of
from auditor.model.finding import From, Problem
from auditor.model.firewall import Firewall
from auditor.model.network import Subnet
from auditor.model.outbound import InboundRule, LoadBalancer
from auditor.model.resource_id import ResourceId
from auditor.model.verdict import Hop
from auditor.netset import AddressSet, Traffic
from auditor.netset.service import ANY
from auditor.paths.cluster_paths import ClusterPaths
from auditor.paths.egress_addresses import firewall_addresses
from auditor.paths.inbound_translations import Translations
from auditor.paths.network import Network
from auditor.paths.sources import Source

KIND = "asymmetric-load-balancer-path"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Default:
    """Where a subnet sends what it answers to the Internet."""

    hop: Hop
    firewall: Firewall | None = None
    reasons: tuple[str, ...] = ()
    """Why it is not known whether the device there keeps state."""


def asymmetric_paths(
    paths: ClusterPaths, source: Source, asked: From, assumed: frozenset[str]
) -> Iterator[Problem]:
    """Each public frontend that serves the nodes of a subnet whose default route leads to a firewall.

    The documented way around it is no finding: the firewall translates its own public IP to the frontend, and the
    subnet sends what goes to the firewall's public IPs straight to the Internet.
    """
    subnet = source.subnet
    if not isinstance(subnet, Subnet) or source.pods:
        return
    default = _default(paths.network, subnet, assumed)
    if default is None:
        return
    for balancer, rules, reason in _serving(paths, source, subnet):
        if reason is not None:
            yield _unread(balancer, default, asked, reason)
            continue
        for frontend, listed in _by_frontend(rules).items():
            problem = _problem(paths, subnet, asked, assumed, default, (balancer, frontend, listed))
            if problem is not None:
                yield problem


# -- where replies go --------------------------------------------------------------------------------------


def _default(network: Network, subnet: Subnet, assumed: frozenset[str]) -> _Default | None:
    """What the route of most public addresses leads to, if that is a device in between."""
    parts = network.route_filter(subnet).parts(_flow(GLOBAL))
    largest = max(parts, key=lambda part: part.traffic.addresses.size)
    alive = [option for option in largest.options if option.holds(assumed)] or list(largest.options)
    between = [option for option in alive if option.target.kind in {HopKind.APPLIANCE, HopKind.HUB}]
    if not between:
        return None
    hop = between[0].hop
    if len(between) < len(alive):
        codes = sorted({code for option in alive for code in option.codes})
        return _Default(hop=hop, reasons=tuple(codes) or ("uncertain:UDR-51",))
    found = [one for option in between for one in _devices(network, subnet, option)]
    firewalls = {device.id: device for device, _ in found if device is not None}
    reasons = tuple(sorted({code for device, code in found if device is None}))
    if reasons or len(firewalls) != 1:
        return _Default(hop=hop, reasons=reasons or ("uncertain:UDR-51",))
    return _Default(hop=hop, firewall=next(iter(firewalls.values())))


def _devices(network: Network, subnet: Subnet, option: Option) -> Iterator[tuple[Firewall | None, str]]:
    """The firewalls behind a route; a code for each device that may or may not keep state."""
    target: NextHop = option.target
    if target.kind is HopKind.HUB:
        hub = network.estate.hubs.get(target.resource) if target.resource is not None else None
        hops = (
            [item.next_hop for item in (hub.intent or ()) if "internet" in item.destinations] if hub else []
        )
        for reference in hops:
            yield network.estate.firewalls.get(reference), "hub-routing-opaque"
        if not hops:
            yield None, "hub-routing-opaque"
    for address in target.addresses:
        holding = network.holder(address, subnet)
        device = holding.device
        yield device if isinstance(device, Firewall) else None, holding.code or "nva-opaque"


def _flow(addresses: AddressSet) -> Flow:
    return Flow(source=AddressSet.of(), traffic=Traffic.box(addresses, ANY))


# -- what comes in -----------------------------------------------------------------------------------------


def _serving(
    paths: ClusterPaths, source: Source, subnet: Subnet
) -> Iterator[tuple[ResourceId, tuple[InboundRule, ...], str | None]]:
    """The load balancers that serve the nodes: their public rules, or the code that hides them."""
    estate = paths.network.estate
    pools = {pool for nic in source.nics if subnet.id in nic.subnets for pool in nic.backend_pools}
    for balancer in sorted(estate.load_balancers.values(), key=lambda item: item.id.key):
        members = pools | _pooled(balancer, subnet)
        rules = tuple(rule for rule in balancer.inbound if members.intersection(rule.pools))
        if balancer.flaws and members & {pool for rule in balancer.inbound for pool in rule.pools}:
            yield balancer.id, (), balancer.flaws[0].code
        elif rules:
            yield balancer.id, rules, None
    owners = {pool.parent for pool in pools if pool.parent is not None}
    for owner in sorted(owners - set(estate.load_balancers)):
        yield owner, (), "unreadable-resource"


def _pooled(balancer: LoadBalancer, subnet: Subnet) -> set[ResourceId]:
    """Pools that hold addresses of the subnet."""
    space = addresses_of(subnet.prefixes)
    return {
        member.pool
        for member in balancer.pooled
        if member.network in {None, subnet.network} and addresses_of((member.address,)) <= space
    }


def _by_frontend(rules: Sequence[InboundRule]) -> dict[tuple[str, ResourceId | None], list[InboundRule]]:
    found: dict[tuple[str, ResourceId | None], list[InboundRule]] = {}
    for rule in rules:
        found.setdefault((rule.frontend, rule.address), []).append(rule)
    return found


# -- the way around ----------------------------------------------------------------------------------------


def _problem(
    paths: ClusterPaths,
    subnet: Subnet,
    asked: From,
    assumed: frozenset[str],
    default: _Default,
    served: tuple[ResourceId, tuple[str, ResourceId | None], list[InboundRule]],
) -> Problem | None:
    balancer, (frontend, address), rules = served
    record = paths.network.estate.public_ips.get(address) if address is not None else None
    shown = (record.address if record is not None else None) or frontend
    text = f"what the nodes of subnet {subnet.id.name} answer goes by route "
    text += f"{default.hop.rule or default.hop.detail} to "
    reasons = default.reasons
    lacking: tuple[str, ...] = ()
    names = [rule.name for rule in rules]
    if default.firewall is None:
        text += "a device that may not know them (UDR-51)"
    else:
        text += f"firewall {default.firewall.id.name}, which drops replies to connections it has not seen (UDR-51)"
        lacking, unsure = _unrouted(paths.network, subnet, default.firewall, assumed)
        if not lacking:
            broken, codes = _untranslated(paths, default.firewall, rules, record.address if record else None)
            reasons = () if broken else tuple(sorted({*unsure, *(code for _, one in codes for code in one)}))
            if not broken and not reasons:
                return None
            names = broken or [name for name, _ in codes] or names
    text = f"load balancer {balancer.name} takes connections to {shown} ({_listed(names)}), and {text}"
    return Problem(
        kind=KIND,
        resource=balancer,
        subject=frontend,
        message=f"whether replies get back is not known: {text}" if reasons else text,
        asked_from=(asked,),
        evidence=(default.hop,),
        reasons=reasons,
        lacking=lacking,
    )


def _unrouted(
    network: Network, subnet: Subnet, firewall: Firewall, assumed: frozenset[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The firewall's public addresses that the subnet does not send to the Internet, and codes that leave it open."""
    known = firewall_addresses(firewall, network.estate)
    lacking: list[str] = []
    for text in known.known:
        parts = network.route_filter(subnet).parts(_flow(addresses_of((text,))))
        options = [option for part in parts for option in part.options if option.holds(assumed)]
        if not all(option.target.kind is HopKind.INTERNET for option in options):
            lacking.append(text)
    return tuple(lacking), known.reasons


def _untranslated(
    paths: ClusterPaths, firewall: Firewall, rules: Sequence[InboundRule], address: str | None
) -> tuple[list[str], list[tuple[str, Codes]]]:
    """The rules that no DNAT rule of the firewall leads to, and those of which that is open, with the codes."""
    resolved = paths.network.firewall(firewall, paths.members).resolved
    if resolved.problems:
        return [], [(rule.name, frozenset({resolved.problems[0][0]})) for rule in rules]
    estate = paths.network.estate
    translations = Translations(resolved, firewall_addresses(firewall, estate), estate.service_tags)
    found = [(rule.name, translations.to(rule, address)) for rule in rules]
    return [name for name, codes in found if codes is None], [(name, codes) for name, codes in found if codes]


def _unread(balancer: ResourceId, default: _Default, asked: From, reason: str) -> Problem:
    return Problem(
        kind=KIND,
        resource=balancer,
        subject="",
        message=f"whether replies get back is not known: load balancer {balancer.name} serves the nodes and could not "
        "be read (UDR-51)",
        asked_from=(asked,),
        evidence=(default.hop,),
        reasons=(reason,),
    )


def _listed(rules: Sequence[str]) -> str:
    return ", ".join(rules[:3]) + (", ..." if len(rules) > 3 else "")
