"""What a subnet learns routes by, and the routes that it may have learned (UDR-30, UDR-31)."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.filters.known_addresses import ALL_IPV4, GLOBAL, PLATFORM
from auditor.filters.next_hop import NextHop
from auditor.filters.parts import Codes
from auditor.filters.route_table import LEARNED, PREFERRED, Candidate
from auditor.filters.terms import NOWHERE
from auditor.model.estate import Estate
from auditor.model.network import VirtualNetwork
from auditor.model.verdict import Hop
from auditor.netset import AddressSet

PRIVATE = ALL_IPV4 - GLOBAL - PLATFORM
AS_LONG = PREFERRED - 1
"""Stands for the length of prefixes of which nobody knows how long they are: as long as any user route."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learning:
    """One subnet as routes are learned by it."""

    network: VirtualNetwork
    estate: Estate
    near: AddressSet
    """What lies in the network and its peers: learned routes never take it away (UDR-9, UDR-35)."""
    fixed: AddressSet
    """What user routes keep from any learned one (UDR-12)."""
    propagates: bool
    """Whether the subnet takes learned routes at all."""

    def perhaps(
        self,
        addresses: AddressSet,
        target: NextHop,
        hop: Hop,
        codes: Codes,
        *,
        assumed: bool | None = None,
        length: int = AS_LONG,
    ) -> Candidate:
        """Prefixes that may have been learned."""
        fixed = self.fixed if length >= AS_LONG else NOWHERE
        return Candidate(
            addresses=addresses - self.near - fixed,
            length=length,
            rank=LEARNED,
            target=target,
            hop=hop,
            literal=False,
            codes=codes,
            assumed=assumed,
        )
