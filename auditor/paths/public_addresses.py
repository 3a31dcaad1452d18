"""Whether the public addresses that an outbound method names are there to translate IPv4 to (ARM-22, V-6, AKS-18)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from auditor.filters.parts import UNSETTLED
from auditor.model.estate import Estate
from auditor.model.resource_id import ResourceId

_INSTANCES = "microsoft.compute/virtualmachinescalesets/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsure:
    """Why nobody can say whether some public addresses serve; the same of one address and of another is alike."""

    clause: str
    code: str
    detail: str = field(compare=False)
    unread: ResourceId | None = field(default=None, compare=False)
    """The address of which nothing was read, if that is why."""


def are_missing(addresses: Sequence[ResourceId], estate: Estate) -> bool:
    """Whether none of the public addresses exists by all that was read: dangling, deleted or hidden (ARM-22)."""
    return all(_is_missing(one, estate) for one in addresses if not _is_ipv6(one, estate))


def are_ipv6(addresses: Sequence[ResourceId], estate: Estate) -> bool:
    """Whether there are addresses and all of them surely are IPv6 ones, which give IPv4 no way out (AKS-18)."""
    return bool(addresses) and all(_is_ipv6(one, estate) for one in addresses)


def has_ipv4(addresses: Sequence[ResourceId], estate: Estate) -> bool:
    """Whether one of the addresses surely is an IPv4 one, be it in force or not (AKS-18, V-6)."""
    found = [estate.public_ips[one] for one in addresses if one in estate.public_ips]
    return any(not one.sixth and all(flaw.code in UNSETTLED for flaw in one.flaws) for one in found)


def unusable(addresses: Sequence[ResourceId], estate: Estate) -> Unsure | None:
    """Why no one of some addresses surely serves, if that is so: one is enough."""
    found: list[Unsure] = []
    for one in addresses:
        if _is_ipv6(one, estate):
            continue
        why = _unsure(one, estate)
        if why is None:
            return None
        found.append(why)
    return found[0] if found else None


def _unsure(address: ResourceId, estate: Estate) -> Unsure | None:
    """Why an address may not serve: its record says so, or there is none to tell its family and state."""
    record = estate.public_ips.get(address)
    if record is not None:
        flaw = next(iter(record.flaws), None)
        return None if flaw is None else Unsure(clause="V-6", detail=flaw.detail, code=flaw.code)
    if address.kind.startswith(_INSTANCES):
        # The configuration that has it tells its family, and no list of addresses holds it (UDR-40).
        return None
    gap = estate.gap(address)
    return Unsure(
        clause="ARM-22" if _is_missing(address, estate) else "V-6",
        detail=f"public address {address.name}: {gap.detail}",
        code=gap.code,
        unread=address,
    )


def _is_missing(address: ResourceId, estate: Estate) -> bool:
    return address not in estate.public_ips and estate.was_read(address.kind, address)


def _is_ipv6(address: ResourceId, estate: Estate) -> bool:
    record = estate.public_ips.get(address)
    return record is not None and record.sixth and not record.flaws
