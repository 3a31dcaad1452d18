"""Whether the public addresses that an outbound method names are there to translate to (ARM-22, V-6)."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.model.estate import Estate
from auditor.model.gap import Flaw
from auditor.model.resource_id import ResourceId


def are_missing(addresses: Sequence[ResourceId], estate: Estate) -> bool:
    """Whether none of the public addresses exists by all that was read: dangling, deleted or hidden (ARM-22)."""
    return all(_is_missing(one, estate) for one in addresses)


def unusable(addresses: Sequence[ResourceId], estate: Estate) -> Flaw | None:
    """Why no one of some addresses surely serves, if that is so: one is enough, and one not read is named in use."""
    flaws: list[Flaw] = []
    for one in addresses:
        record = estate.public_ips.get(one)
        if record is not None and record.flaws:
            flaws.append(record.flaws[0])
        elif not _is_missing(one, estate):
            return None
    return flaws[0] if flaws else None


def _is_missing(address: ResourceId, estate: Estate) -> bool:
    return address not in estate.public_ips and estate.was_read(address.kind, address)
