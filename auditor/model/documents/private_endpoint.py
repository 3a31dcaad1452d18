"""Private endpoints (ARM-19)."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.model.documents.library import read
from auditor.model.network import PrivateEndpoint
from auditor.model.outbound import Nic
from auditor.model.resource_id import ResourceId
from auditor.model.snapshot import Document

KIND = "microsoft.network/privateendpoints"


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
    written = tuple(
        (name.lower(), item.addresses("ipAddresses"))
        for item in root.objects("customDnsConfigs")
        if (name := item.text("fqdn")) is not None
    )
    interfaces = tuple(nics[item] for item in root.refs("networkInterfaces") if item in nics)
    # With a zone group the endpoint's own list is empty, and its interface still tells the names.
    names = (*written, *(served for item in interfaces for served in item.private_link_names))
    own = [item.address("privateIPAddress") for item in root.objects("ipConfigurations")]
    held = (address for item in interfaces for address in item.addresses)
    return PrivateEndpoint(
        id=document.id,
        subnet=root.ref("subnet"),
        states=tuple(states),
        targets=tuple(dict.fromkeys(found for found in targets if found is not None)),
        names=tuple(dict.fromkeys(names)),
        addresses=tuple(dict.fromkeys((*(found for found in own if found is not None), *held))),
        flaws=tuple(root.notes.flaws),
    )
