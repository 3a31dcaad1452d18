"""The public addresses that a way out gives to what leaves by it, where documents show them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from auditor.filters.terms import literal
from auditor.model.estate import Estate
from auditor.model.firewall import Firewall
from auditor.model.outbound import NatGateway
from auditor.model.resource_id import ResourceId
from auditor.model.verdict import Hop, Stage
from auditor.netset import AddressSet
from auditor.paths.sources import Source

_UNTOLD = "uncertain:AKS-26"
"""The address is no part of any document: default outbound access, an appliance, nodes' own addresses."""
_BALANCERS = frozenset({"", "loadbalancer"})


@dataclass(frozen=True, slots=True, kw_only=True)
class EgressAddresses:
    """What a receiver may see as the source of traffic that left by one way out."""

    known: tuple[str, ...] = ()
    """IPv4 addresses and prefixes that are in use as a whole, unless `chosen`."""
    reasons: tuple[str, ...] = ()
    """Why there may be further addresses; empty when `known` is all of them."""
    chosen: bool = False
    """Prefixes in `known` are only where the addresses in use are taken from."""
    balanced: bool = False
    """The cluster's own load balancer, whose addresses AKS itself admits to the API server (AKS-26)."""


def egress_addresses(hop: Hop, source: Source, estate: Estate) -> EgressAddresses:
    """The source addresses behind the last hop of a path that leaves."""
    cluster = source.cluster
    resource = ResourceId(hop.resource) if hop.resource is not None else None
    if hop.stage is not Stage.EXIT or resource is None:
        return EgressAddresses(reasons=("nva-opaque",))
    match resource.kind:
        case "microsoft.network/azurefirewalls":
            return firewall_addresses(estate.firewalls.get(resource), estate)
        case "microsoft.network/natgateways":
            return _of_nat(estate.nat_gateways.get(resource), estate)
        case "microsoft.network/loadbalancers":
            group = cluster.node_resource_group
            own = group is not None and resource.group == group.lower()
            return EgressAddresses(balanced=True) if own else EgressAddresses(reasons=(_UNTOLD,))
        case "microsoft.containerservice/managedclusters":
            if hop.clause == "UDR-49":
                return EgressAddresses(reasons=(_UNTOLD,))
            if (cluster.outbound_type or "").lower() in _BALANCERS:
                return EgressAddresses(balanced=True)
            return _of_resources(cluster.effective_outbound_ips, estate)
        case _:
            own = hop.clause == "UDR-40"
            return _of_nodes(source, estate) if own else EgressAddresses(reasons=(_UNTOLD,))


def firewall_addresses(firewall: Firewall | None, estate: Estate) -> EgressAddresses:
    """A firewall picks any of its public IPs, so each of them is in use (FW-43)."""
    if firewall is None:
        return EgressAddresses(reasons=("unreadable-resource",))
    named = _of_resources(firewall.public_ip_ids, estate)
    known = _v4((*firewall.public_addresses, *named.known))
    return EgressAddresses(known=known, reasons=named.reasons or (() if known else ("unreadable-resource",)))


def _of_nat(gateway: NatGateway | None, estate: Estate) -> EgressAddresses:
    if gateway is None or not gateway.address_ids:
        return EgressAddresses(reasons=("unreadable-resource",))
    return _of_resources(gateway.address_ids, estate)


def _of_nodes(source: Source, estate: Estate) -> EgressAddresses:
    """Nodes take their own public IPs from the pool's prefix; without one, those that were read may not be all."""
    pool = next((item for item in source.cluster.pools if item.name == source.pool), None)
    if pool is not None and pool.node_public_ip_prefix is not None:
        return replace(_of_resources((pool.node_public_ip_prefix,), estate), chosen=True)
    owners = {nic.scale_set or nic.id for nic in source.nics}
    found = [
        item.address
        for item in estate.public_ips.values()
        if item.address is not None and any(item.id.is_under(owner) for owner in owners)
    ]
    return EgressAddresses(known=_v4(found), reasons=(_UNTOLD,))


def _of_resources(references: Iterable[ResourceId], estate: Estate) -> EgressAddresses:
    """The addresses of public IPs and prefixes; one that was not read, has none yet or may not serve is a gap (V-6)."""
    found: list[str] = []
    reasons: set[str] = set()
    for reference in references:
        record = estate.public_ips.get(reference)
        if record is not None and record.flaws:
            reasons.update(flaw.code for flaw in record.flaws)
        elif record is None or record.address is None:
            reasons.add("unreadable-resource")
        else:
            found.append(record.address)
    return EgressAddresses(known=_v4(found), reasons=tuple(sorted(reasons)))


def _v4(texts: Iterable[str]) -> tuple[str, ...]:
    """The IPv4 ones, once each: a public API server is reached over IPv4."""
    known = {text: literal(text) or AddressSet.of() for text in texts}
    return tuple(text for text, addresses in known.items() if addresses.only_v4())
