"""Private endpoints and private DNS records (ARM-19)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from auditor.model.documents.library import Library, read
from auditor.model.network import PrivateDnsRecord, PrivateEndpoint
from auditor.model.outbound import Nic
from auditor.model.resource_id import ResourceId
from auditor.model.snapshot import Document

KIND = "microsoft.network/privateendpoints"
ZONES = "microsoft.network/privatednszones"
LINKS = f"{ZONES}/virtualnetworklinks"
RECORDS = f"{ZONES}/a"


def private_endpoint(document: Document, nics: Mapping[ResourceId, Nic]) -> PrivateEndpoint:
    """A private endpoint; only an approved connection passes traffic."""
    root = read(document)
    root.need_success()
    connections = (
        *root.objects("privateLinkServiceConnections"),
        *root.objects("manualPrivateLinkServiceConnections"),
    )
    states = (item.object("privateLinkServiceConnectionState").lower("status") for item in connections)
    targets = (item.ref("privateLinkServiceId") for item in connections)
    names = tuple(
        (name.lower(), item.addresses("ipAddresses"))
        for item in root.objects("customDnsConfigs")
        if (name := item.text("fqdn")) is not None
    )
    own = [item.address("privateIPAddress") for item in root.objects("ipConfigurations")]
    held = (
        address for item in root.refs("networkInterfaces") if item in nics for address in nics[item].addresses
    )
    return PrivateEndpoint(
        id=document.id,
        subnet=root.ref("subnet"),
        states=tuple(states),
        targets=tuple(dict.fromkeys(found for found in targets if found is not None)),
        names=names,
        addresses=tuple(dict.fromkeys((*(found for found in own if found is not None), *held))),
        flaws=tuple(root.notes.flaws),
    )


def dns_records(library: Library) -> Iterator[PrivateDnsRecord]:
    """Every A record of every private zone, with the networks that the zone is linked to."""
    for document in library.of_kind(RECORDS):
        zone = document.id.parent
        if zone is None:
            continue
        host = document.id.name.lower()
        links = (read(link).ref("virtualNetwork") for link in library.under(zone, LINKS))
        addresses = (item.address("ipv4Address") for item in read(document).objects("aRecords"))
        yield PrivateDnsRecord(
            name=zone.name.lower() if host == "@" else f"{host}.{zone.name.lower()}",
            addresses=tuple(found for found in addresses if found is not None),
            networks=tuple(dict.fromkeys(found for found in links if found is not None)),
        )
