"""Private DNS zones: which names they answer, and in which virtual networks (AKS-25, ARM-19)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from auditor.model.resource_id import ResourceId


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsRecord:
    """The A record of one name."""

    addresses: tuple[str, ...]
    whole: bool = True
    """False where one of its addresses is written in a way that nobody knows (V-6)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsLink:
    """A virtual network in which Azure's resolver asks the zone."""

    network: ResourceId
    settled: bool = True
    """False for a link that is not `Completed`: the zone answers perhaps (V-6)."""
    falls_back: bool = False
    """`resolutionPolicy` `NxDomainRedirect`: a name that the zone lacks is looked up publicly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateDnsZone:
    """A private zone with its A records."""

    name: str
    """In lower case."""
    records: Mapping[str, DnsRecord]
    """By full name in lower case; a wildcard's begins with `*.`."""
    links: tuple[DnsLink, ...]
    read: bool = True
    """Whether its records were read; else nobody can tell which names it has."""

    def holds(self, name: str) -> bool:
        """Whether a name in lower case is the zone's to answer."""
        return name == self.name or name.endswith(f".{self.name}")

    def link_to(self, network: ResourceId) -> DnsLink | None:
        """The link to a virtual network; one that is settled where there are several."""
        found = [link for link in self.links if link.network == network]
        return next((link for link in found if link.settled), found[0] if found else None)
