"""Addresses that traffic is sent to, and whether one of them lies in a subnet or behind a peering."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import ip_address, ip_network


class Addresses:
    """A growing set of addresses; a look-up costs the logarithm of its size."""

    def __init__(self) -> None:
        self._known: dict[int, list[int]] = {4: [], 6: []}

    def add(self, addresses: Iterable[str]) -> None:
        """Take over addresses in canonical spelling."""
        for text in addresses:
            address = ip_address(text)
            known = self._known[address.version]
            at = bisect_left(known, int(address))
            if at == len(known) or known[at] != int(address):
                insort(known, int(address))

    def reach(self, prefixes: Iterable[str]) -> bool:
        """Whether one of them lies in one of these CIDRs; what is none holds nothing."""
        for space in map(_space, prefixes):
            if space is not None:
                version, first, last = space
                known = self._known[version]
                at = bisect_left(known, first)
                if at < len(known) and known[at] <= last:
                    return True
        return False


@lru_cache(maxsize=1 << 14)
def _space(prefix: str) -> tuple[int, int, int] | None:
    try:
        found = ip_network(prefix.strip(), strict=False)
    except ValueError:
        return None
    return found.version, int(found.network_address), int(found.broadcast_address)
