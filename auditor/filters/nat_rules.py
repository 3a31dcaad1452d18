"""DNAT rules of a firewall: what of the traffic that is addressed to the firewall itself they may take (FW-17)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from auditor.filters.firewall_rules import PlacedCollection
from auditor.filters.known_addresses import EVERYWHERE
from auditor.filters.services import ports_of, with_ports
from auditor.filters.terms import literal
from auditor.model.firewall import NatRule
from auditor.netset import AddressSet, ServiceSet, Traffic


def nat_rules(collections: Iterable[PlacedCollection]) -> Iterator[tuple[PlacedCollection, NatRule]]:
    """The DNAT rules, in processing order."""
    for place in collections:
        for rule in place.collection.rules:
            if isinstance(rule, NatRule):
                yield place, rule


def nat_traffic(collections: Iterable[PlacedCollection]) -> Traffic:
    """No less than what the DNAT rules translate, whatever its source; more where a rule is not understood."""
    return Traffic.union_all(
        Traffic.box(_destinations(rule), _services(rule)) for _, rule in nat_rules(collections)
    )


def _destinations(rule: NatRule) -> AddressSet:
    found = [literal(text) for text in rule.destinations]
    known = [addresses for addresses in found if addresses is not None]
    return AddressSet.union_all(known) if found and len(known) == len(found) else EVERYWHERE


def _services(rule: NatRule) -> ServiceSet:
    protocols = [name for name in rule.protocols if name in {"tcp", "udp"}] or ["tcp", "udp"]
    try:
        return with_ports(protocols, ports_of(rule.ports or ("*",)))
    except ValueError:
        return with_ports(("tcp", "udp"), ports_of(("*",)))
