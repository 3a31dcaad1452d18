"""One packet, and what may become of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
Fates = frozenset[bool]
"""What may become of a packet: it passes (True), it is dropped (False); both when the documents leave it open."""
Truth = bool | None
"""A predicate that holds, does not hold, or may hold (V-4)."""

PASSES: Fates = frozenset({True})
DROPPED: Fates = frozenset({False})
OPEN: Fates = frozenset({True, False})


@dataclass(frozen=True, slots=True)
class Packet:
    """The first packet of a new flow (V-1, V-7)."""

    subnet: str
    """The id of the subnet that it leaves from, in lower case."""
    source: int
    destination: int
    protocol: str
    """`tcp`, `udp` or `icmp`."""
    port: int = 0
    application: str | None = None
    """`http`, `https` or `mssql`, where the client speaks that and names its server."""
    name: str | None = None


def stages(fates: Iterable[Fates]) -> Fates:
    """Several stages in a row: a sure drop decides, a pass needs all of them (V-2)."""
    found = list(fates)
    if DROPPED in found:
        return DROPPED
    return OPEN if OPEN in found else PASSES


def word(fates: Fates) -> str:
    """The verdict on one packet (V-2)."""
    if len(fates) == 2:
        return "unknown"
    return "allowed" if True in fates else "blocked"


def all_of(values: Iterable[Truth]) -> Truth:
    """A conjunction of predicates."""
    found: Truth = True
    for value in values:
        if value is False:
            return False
        if value is None:
            found = None
    return found


def any_of(values: Iterable[Truth]) -> Truth:
    """A disjunction of predicates."""
    found: Truth = False
    for value in values:
        if value is True:
            return True
        if value is None:
            found = None
    return found
