"""Lookups in raw ARM documents: subnets, their networks and what surrounds them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tests.oracle.literals import Span, address, inside, span
from tests.oracle.packet import Json

DEFAULT = "0.0.0.0/0"


class Documents:
    """Raw documents by id, with the few joins that every stage needs."""

    def __init__(self, documents: Iterable[Json]) -> None:
        self.by_id: dict[str, Json] = {}
        self.tags: dict[str, tuple[str, ...]] = {}
        self.subnets: dict[str, Json] = {}
        for document in documents:
            if "values" in document:
                for entry in document["values"]:
                    self.tags[entry["name"].lower()] = tuple(entry["properties"]["addressPrefixes"])
                continue
            identity = document["id"].lower()
            self.by_id[identity] = document
            if document["type"].lower() == "microsoft.network/virtualnetworks":
                for subnet in document["properties"]["subnets"]:
                    self.subnets[f"{identity}/subnets/{subnet['name'].lower()}"] = subnet["properties"]

    def of_type(self, kind: str) -> Iterator[Json]:
        """The documents of one resource type."""
        return (one for one in self.by_id.values() if one["type"].lower() == kind)

    def network_of(self, subnet: str) -> str:
        """The id of the virtual network of a subnet."""
        return subnet.rpartition("/subnets/")[0]

    def space(self, network: str) -> tuple[str, ...]:
        """The address prefixes of a virtual network."""
        return tuple(self.by_id[network]["properties"]["addressSpace"]["addressPrefixes"])

    def peerings(self, network: str) -> Iterator[Json]:
        """The peerings of a network that carry IPv4: connected on both sides (UDR-24, UDR-29)."""
        for peering in self.by_id[network]["properties"].get("virtualNetworkPeerings", ()):
            found: Json = peering["properties"]
            if found.get("enableOnlyIPv6Peering"):
                continue
            if found["peeringState"] == "Connected" and self.back(network, remote(found)) is not None:
                yield found

    def back(self, network: str, other: str) -> Json | None:
        """The connected peering of `other` to `network`; an empty one where `other` was not read."""
        if other not in self.by_id:
            return {}
        for peering in self.by_id[other]["properties"].get("virtualNetworkPeerings", ()):
            found: Json = peering["properties"]
            if remote(found) == network and found["peeringState"] == "Connected":
                return found
        return None

    def peering_between(self, network: str, other: str) -> Json | None:
        """The peering of `network` that leads to `other`, if it carries traffic."""
        return next((one for one in self.peerings(network) if remote(one) == other), None)

    def peering_routes_gone(self, subnet: str) -> bool:
        """Whether the table of a subnet takes peering routes away (UDR-14)."""
        table = self.subnets[subnet].get("routeTable")
        return (
            table is not None
            and self.by_id[table["id"].lower()]["properties"].get("disablePeeringRoute") == "All"
        )

    def routes(self, subnet: str) -> list[Json]:
        """The user routes of a subnet; none without a table (UDR-1)."""
        table = self.subnets[subnet].get("routeTable")
        if table is None:
            return []
        return [route["properties"] for route in self.by_id[table["id"].lower()]["properties"]["routes"]]

    def user_default(self, subnet: str) -> Json | None:
        """The user route for 0.0.0.0/0, if there is one."""
        return next((one for one in self.routes(subnet) if one["addressPrefix"] == DEFAULT), None)

    def subnet_at(self, network: str, destination: int) -> str | None:
        """The subnet of a network that an address lies in."""
        for identity, subnet in self.subnets.items():
            if self.network_of(identity) == network and inside(destination, spans(prefixes(subnet))):
                return identity
        return None

    def endpoint_at(self, destination: int) -> tuple[str, str] | None:
        """The network and the connection state of the private endpoint that holds an address."""
        for endpoint in self.of_type("microsoft.network/privateendpoints"):
            body = endpoint["properties"]
            if destination in {
                address(one["properties"]["privateIPAddress"]) for one in body["ipConfigurations"]
            }:
                (connection,) = body["privateLinkServiceConnections"]
                state = connection["properties"]["privateLinkServiceConnectionState"]["status"]
                return self.network_of(body["subnet"]["id"].lower()), state
        return None

    def near(self, network: str) -> set[str]:
        """A network and the direct peers to which a peering carries IPv4 (UDR-24, UDR-29)."""
        return {network, *(remote(peering) for peering in self.peerings(network))}

    def firewall_at(self, text: str) -> Json | None:
        """The firewall that holds a private address."""
        for firewall in self.of_type("microsoft.network/azurefirewalls"):
            for configuration in firewall["properties"]["ipConfigurations"]:
                if address(configuration["properties"]["privateIPAddress"]) == address(text):
                    return firewall
        return None


def remote(peering: Json) -> str:
    """The id of the network on the other side."""
    return str(peering["remoteVirtualNetwork"]["id"]).lower()


def prefixes(subnet: Json) -> tuple[str, ...]:
    """The prefixes of a subnet."""
    return (subnet["addressPrefix"],) if "addressPrefix" in subnet else tuple(subnet["addressPrefixes"])


def spans(texts: Iterable[str]) -> tuple[Span, ...]:
    """The ranges of several literal texts."""
    return tuple(span(text) for text in texts)
