"""Private DNS zones with their links and A records, wherever of the three was read (ARM-19)."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.documents.library import Library, read
from auditor.model.private_dns import DnsLink, DnsRecord, PrivateDnsZone
from auditor.model.snapshot import Document

ZONES = "microsoft.network/privatednszones"
LINKS = f"{ZONES}/virtualnetworklinks"
RECORDS = f"{ZONES}/a"
_POLICIES = {"default", "nxdomainredirect"}
_LINKED = {"completed", "done"}
"""The SDK's enum has the one, its description the other."""


def dns_zones(library: Library) -> Iterator[PrivateDnsZone]:
    """Every private zone of which anything was read."""
    documents = {document.id: document for document in library.of_kind(ZONES)}
    parents = (document.id.parent for kind in (RECORDS, LINKS) for document in library.of_kind(kind))
    for zone in sorted({*documents, *(found for found in parents if found is not None)}):
        name = zone.name.lower()
        settled = zone not in documents or not _unsettled(documents[zone])
        written = library.under(zone, RECORDS)
        found = (_link(document, name, settled=settled) for document in library.under(zone, LINKS))
        yield PrivateDnsZone(
            name=name,
            records=dict(_record(document, name) for document in written),
            links=tuple(link for link in found if link is not None),
            read=bool(written) or library.was_read(RECORDS, zone),
        )


def _record(document: Document, zone: str) -> tuple[str, DnsRecord]:
    root = read(document)
    host = document.id.name.lower()
    written = [item.address("ipv4Address") for item in root.objects("aRecords")]
    known = tuple(found for found in written if found is not None)
    whole = bool(known) and len(known) == len(written) and not root.notes.flaws
    return (zone if host == "@" else f"{host}.{zone}"), DnsRecord(addresses=known, whole=whole)


def _link(document: Document, zone: str, *, settled: bool) -> DnsLink | None:
    root = read(document)
    network = root.ref("virtualNetwork")
    if network is None:
        return None
    state = root.lower("virtualNetworkLinkState", "completed")
    policy = root.lower("resolutionPolicy", "default")
    sure = state in _LINKED and policy in _POLICIES and not _unsettled(document) and not root.notes.flaws
    # No other zone falls back: the property counts for links to private link zones alone.
    falls_back = policy == "nxdomainredirect" and "privatelink" in zone.split(".")
    return DnsLink(network=network, settled=settled and sure, falls_back=falls_back)


def _unsettled(document: Document) -> bool:
    return bool(read(document).unsettled())
