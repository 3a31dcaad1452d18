"""What the frontend of a load balancer that takes connections is known to be (UDR-51, UDR-22)."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.filters.known_addresses import GLOBAL, GLOBAL_IPV6
from auditor.filters.parts import UNSETTLED
from auditor.model.estate import Estate
from auditor.model.network import Subnet
from auditor.model.outbound import InboundRule
from auditor.netset import AddressSet
from auditor.paths.sources import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Frontend:
    """The public side of some load-balancing rules."""

    name: str
    address: str | None
    """What clients connect to, where that is one address that was read."""
    clients: tuple[AddressSet, ...]
    """The addresses of one family or, where it may be either, of each."""


def frontend_of(rule: InboundRule, source: Source, estate: Estate) -> Frontend:
    """The frontend of a rule that serves the nodes of a source."""
    reference = rule.address or rule.prefix
    record = estate.public_ips.get(reference) if reference is not None else None
    clients = any_family(source)
    if record is not None and all(flaw.code in UNSETTLED for flaw in record.flaws):
        clients = (GLOBAL_IPV6,) if record.sixth else (GLOBAL,)
    address = record.address if record is not None and rule.address is not None else None
    return Frontend(name=rule.frontend, address=address, clients=clients)


def any_family(source: Source) -> tuple[AddressSet, ...]:
    """Clients of each family that nodes may answer to: without an IPv6 address of their own they answer to none."""
    subnet = source.subnet
    told = isinstance(subnet, Subnet) and not any(":" in prefix for prefix in subnet.prefixes)
    return (GLOBAL,) if told else (GLOBAL, GLOBAL_IPV6)
