"""Whether the public addresses that an outbound method names are there to translate IPv4 to (ARM-22, V-6, AKS-18)."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.filters.parts import UNSETTLED
from auditor.model.estate import Estate
from auditor.model.gap import Flaw
from auditor.model.resource_id import ResourceId


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


def unusable(addresses: Sequence[ResourceId], estate: Estate) -> Flaw | None:
    """Why no one of some addresses surely serves, if that is so: one is enough, and one not read is named in use."""
    flaws: list[Flaw] = []
    for one in addresses:
        record = estate.public_ips.get(one)
        if record is not None and record.flaws:
            flaws.append(record.flaws[0])
        elif not _is_ipv6(one, estate) and not _is_missing(one, estate):
            return None
    return flaws[0] if flaws else None


def _is_missing(address: ResourceId, estate: Estate) -> bool:
    return address not in estate.public_ips and estate.was_read(address.kind, address)


def _is_ipv6(address: ResourceId, estate: Estate) -> bool:
    record = estate.public_ips.get(address)
    return record is not None and record.sixth and not record.flaws
