"""What the frontend of a load balancer that takes connections is known to be (UDR-51, UDR-22)."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.filters.known_addresses import GLOBAL, GLOBAL_IPV6
from auditor.filters.parts import UNSETTLED, Codes
from auditor.model.estate import Estate
from auditor.model.network import Subnet
from auditor.model.outbound import InboundRule
from auditor.netset import AddressSet
from auditor.paths.sources import Source

_UNREAD: Codes = frozenset({"unreadable-resource"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Frontend:
    """The public side of some load-balancing rules."""

    name: str
    address: str | None
    """What clients connect to, where that is one address that was read."""
    clients: tuple[AddressSet, ...]
    """The addresses of one family or, where it may be either, of each."""
    reasons: Codes
    """Why it is not known whether it takes connections (V-6)."""
    why: str = ""
    """The first of them in words."""

    def told(self, balancer: str, rules: str) -> str:
        """What comes in, in words."""
        verb, why = ("may take", f"; {self.why}") if self.reasons else ("takes", "")
        return f"load balancer {balancer} {verb} connections to {self.address or self.name} ({rules}{why})"


def frontend_of(rule: InboundRule, source: Source, estate: Estate) -> Frontend:
    """The frontend of a rule that serves the nodes of a source."""
    reference = rule.address or rule.prefix
    name = reference.name if reference is not None else rule.frontend
    record = estate.public_ips.get(reference) if reference is not None else None
    if record is None:
        return Frontend(
            name=rule.frontend,
            address=None,
            clients=any_family(source),
            reasons=_UNREAD,
            why=f"public address {name} was not read",
        )
    clients = any_family(source)
    if all(flaw.code in UNSETTLED for flaw in record.flaws):
        clients = (GLOBAL_IPV6,) if record.sixth else (GLOBAL,)
    why = [flaw.detail for flaw in record.flaws]
    reasons = {flaw.code for flaw in record.flaws}
    if record.address is None:
        why.append(f"no address of {name} was read")
        reasons |= _UNREAD
    return Frontend(
        name=rule.frontend,
        address=record.address if rule.address is not None else None,
        clients=clients,
        reasons=frozenset(reasons),
        why=why[0] if why else "",
    )


def any_family(source: Source) -> tuple[AddressSet, ...]:
    """Clients of each family that nodes may answer to: without an IPv6 address of their own they answer to none."""
    subnet = source.subnet
    told = isinstance(subnet, Subnet) and not any(":" in prefix for prefix in subnet.prefixes)
    return (GLOBAL,) if told else (GLOBAL, GLOBAL_IPV6)
