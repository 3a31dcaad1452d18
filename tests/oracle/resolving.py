"""What a name is resolved to, read slowly from raw documents by AKS-25; it imports nothing from the product."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tests.oracle.literals import address
from tests.oracle.packet import Json

PUBLICLY, NOBODY = "publicly", "nobody"
"""A name is looked up publicly; or nobody knows its answer, which may be none."""
AZURE = "168.63.129.16"
Answers = set[int | str]


class Resolving:
    """The names of one estate, as the nodes of one network ask for them."""

    def __init__(self, documents: Iterable[Json], network: str) -> None:
        self._documents = list(documents)
        self._network = network.lower()

    def answers(self, name: str) -> Answers:
        """All that the name may be resolved to."""
        found: Answers = set()
        network = next(one for one in self._documents if one["id"].lower() == self._network)
        for server in network["properties"].get("dhcpOptions", {}).get("dnsServers") or [AZURE]:
            asked_from = self._network if server == AZURE else self._network_of_proxy(server)
            found |= self._anywhere(name) if asked_from is None else self._from(asked_from, name)
        return found

    def _network_of_proxy(self, server: str) -> str | None:
        """The network of a firewall with a DNS proxy that asks Azure; None for any other server."""
        for firewall in self._of("/azurefirewalls"):
            (configuration,) = firewall["properties"]["ipConfigurations"]
            policy = firewall["properties"].get("firewallPolicy")
            if configuration["properties"]["privateIPAddress"] != server or policy is None:
                continue
            chain = [self._one(policy["id"])]
            while "basePolicy" in chain[-1]["properties"]:
                chain.append(self._one(chain[-1]["properties"]["basePolicy"]["id"]))
            settings = [one["properties"].get("dnsSettings", {}) for one in chain]
            if settings[0].get("enableProxy") and not any(one.get("servers") for one in settings):
                subnet: str = configuration["properties"]["subnet"]["id"]
                return subnet.lower().partition("/subnets/")[0]
        return None

    def _from(self, network: str, name: str) -> Answers:
        found: Answers = set()
        for zone in sorted(self._zones(), key=len, reverse=True):
            link = self._link(zone, network)
            if link is None or not (name == zone or name.endswith(f".{zone}")):
                continue
            records = self._records(zone)
            if name in records:
                found |= records[name]
            elif link.get("resolutionPolicy") == "NxDomainRedirect" and "privatelink" in zone:
                found |= self._publicly(name, network)
            else:
                found.add(NOBODY)
            if link["virtualNetworkLinkState"] == "Completed":
                return found
        return found | self._publicly(name, network)

    def _publicly(self, name: str, network: str) -> Answers:
        served = self._served(name)
        found: Answers = {PUBLICLY, *served}
        for zone in self._zones():
            link = self._link(zone, network)
            if link is None or "privatelink" not in zone:
                continue
            for record, addresses in self._records(zone).items():
                if record.split(".")[0] == name.split(".", maxsplit=1)[0]:
                    if link["virtualNetworkLinkState"] == "Completed" and addresses <= served:
                        return set(addresses)
                    found |= addresses
        return found

    def _anywhere(self, name: str) -> Answers:
        """A server that nobody knows: any zone may be asked, or the public."""
        found: Answers = {PUBLICLY, *self._served(name)}
        for zone in self._zones():
            for record, addresses in self._records(zone).items():
                alias = "privatelink" in zone and record.split(".")[0] == name.split(".", maxsplit=1)[0]
                if record == name or alias:
                    found |= addresses
        return found

    def _served(self, name: str) -> set[int]:
        """Where endpoints say that they serve a name."""
        return {
            address(text)
            for endpoint in self._of("/privateendpoints")
            for one in endpoint["properties"].get("customDnsConfigs", ())
            if one["fqdn"] == name
            for text in one["ipAddresses"]
        }

    def _zones(self) -> list[str]:
        return [one["name"] for one in self._of("/privatednszones")]

    def _link(self, zone: str, network: str) -> Json | None:
        for one in self._of("/privatednszones/virtualnetworklinks"):
            link: Json = one["properties"]
            if f"/{zone}/" in one["id"] and link["virtualNetwork"]["id"].lower() == network:
                return link
        return None

    def _records(self, zone: str) -> dict[str, set[int]]:
        return {
            f"{one['name']}.{zone}": {address(held["ipv4Address"]) for held in one["properties"]["aRecords"]}
            for one in self._of("/privatednszones/a")
            if f"/{zone}/" in one["id"]
        }

    def _of(self, ending: str) -> Iterator[Json]:
        return (one for one in self._documents if str(one.get("type", "")).lower().endswith(ending))

    def _one(self, identity: str) -> Json:
        return next(one for one in self._documents if one["id"].lower() == identity.lower())
