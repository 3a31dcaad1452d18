"""Which addresses a service endpoint takes off the ordinary routes (UDR-6, UDR-10)."""

from __future__ import annotations

from auditor.model.network import ServiceEndpoint
from auditor.model.service_tags import ServiceTags
from auditor.netset import AddressSet

TAGS: dict[str, str] = {
    "microsoft.storage": "Storage",
    "microsoft.storage.global": "Storage",
    "microsoft.keyvault": "AzureKeyVault",
    "microsoft.sql": "Sql",
    "microsoft.containerregistry": "AzureContainerRegistry",
    "microsoft.eventhub": "EventHub",
    "microsoft.servicebus": "ServiceBus",
    "microsoft.azurecosmosdb": "AzureCosmosDB",
    "microsoft.azureactivedirectory": "AzureActiveDirectory",
    "microsoft.web": "AppService",
    "microsoft.cognitiveservices": "CognitiveServicesManagement",
}
"""Service of an endpoint to the service tag whose prefixes equal its routes (UDR-6)."""


def endpoint_tags(endpoint: ServiceEndpoint, location: str) -> tuple[str, ...] | None:
    """The tags whose prefixes the endpoint covers; None for a service that is not known here."""
    tag = TAGS.get(endpoint.service)
    if tag is None:
        return None
    places = [place.lower() for place in endpoint.locations]
    if "*" in places or endpoint.service.endswith(".global"):
        return (tag,)
    return tuple(f"{tag}.{place}" for place in places or [location])


def endpoint_addresses(endpoint: ServiceEndpoint, location: str, tags: ServiceTags) -> AddressSet | None:
    """The public addresses that leave by the endpoint, or None when its tag was not read."""
    names = endpoint_tags(endpoint, location)
    if names is None:
        return None
    found: list[AddressSet] = []
    for name in names:
        members = tags.get(name)
        if members is None:
            return None
        found.append(members.only_v4())
    return AddressSet.union_all(found)
