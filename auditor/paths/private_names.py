"""What private DNS zones and private endpoints make of a name, seen from a source's resolvers (AKS-25, ARM-19)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from auditor.filters.terms import NOWHERE, literal
from auditor.model.estate import Estate
from auditor.model.network import PrivateEndpoint
from auditor.model.private_dns import PrivateDnsZone
from auditor.model.resource_id import ResourceId
from auditor.netset import AddressSet

_PRIVATE_LINK = "privatelink."
_CLUSTERS = "microsoft.containerservice/managedclusters"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateAnswer:
    """What a name may be resolved to."""

    addresses: AddressSet = NOWHERE
    """Private answers, of which nothing says which one counts."""
    publicly: bool = True
    """It may be looked up publicly."""
    open: bool = False
    """It may have an answer that nobody read, or none: DNS that fails is no `blocked` (AKS-25)."""

    @property
    def certain(self) -> bool:
        """Whether it has these addresses and no others."""
        return bool(self.addresses) and not self.publicly and not self.open

    def beside(self, other: PrivateAnswer) -> PrivateAnswer:
        """Either of two answers."""
        return PrivateAnswer(
            addresses=self.addresses | other.addresses,
            publicly=self.publicly or other.publicly,
            open=self.open or other.open,
        )


_FAILS = PrivateAnswer(publicly=False, open=True)


def private_answer(
    name: str, networks: frozenset[ResourceId | None], estate: Estate, private_of: str | None
) -> PrivateAnswer:
    """The answers to a plain name in lower case from all networks whose resolver may be asked.

    `private_of` is a resource that is reached by its private endpoint alone (AKS-24, AKS-28): its name has that
    endpoint's addresses, and where none was read nobody knows them.
    """
    found = [_seen_from(network, name, estate) for network in networks]
    answer = found[0] if found else PrivateAnswer()
    for other in found[1:]:
        answer = answer.beside(other)
    if private_of is None or answer.certain:
        return answer
    return _connected(private_of, estate)


def _connected(target: str, estate: Estate) -> PrivateAnswer:
    """The endpoints of a resource: approved ones, else of a cluster any, for AKS keeps its name and zone (AKS-24)."""
    every = [one for one in estate.private_endpoints.values() if any(to.key == target for to in one.targets)]
    found = [one for one in every if one.approved]
    if not found and ResourceId(target).kind == _CLUSTERS:
        found = every
    addresses = _addresses(text for one in found for text in one.known_addresses)
    return PrivateAnswer(addresses=addresses, publicly=False) if addresses else _FAILS


def _seen_from(network: ResourceId | None, name: str, estate: Estate) -> PrivateAnswer:
    if network is None:
        # A server that nobody knows may forward to Azure from any network, and to anywhere else.
        answer = _publicly(name, estate, None)
        for zone in estate.dns_zones:
            told = _in_zone(name, zone) if zone.holds(name) else None
            answer = answer if told is None else answer.beside(told)
        return answer
    perhaps = PrivateAnswer(publicly=False)
    holding = (zone for zone in estate.dns_zones if zone.holds(name))
    for zone in sorted(holding, key=lambda zone: -len(zone.name)):  # the longest name decides
        link = zone.link_to(network)
        if link is None:
            continue
        found = _in_zone(name, zone)
        if found is None:
            found = _publicly(name, estate, network) if link.falls_back else _FAILS
        perhaps = perhaps.beside(found)
        if link.settled:
            return perhaps
    return perhaps.beside(_publicly(name, estate, network))


def _in_zone(name: str, zone: PrivateDnsZone) -> PrivateAnswer | None:
    """The answer of a zone that is asked; None where it surely has no A record for the name."""
    record = zone.records.get(name)
    if record is not None:
        return PrivateAnswer(addresses=_addresses(record.addresses), publicly=False, open=not record.whole)
    if not zone.read:
        return _FAILS
    above = name.split(".")
    stars = (zone.records.get("*." + ".".join(above[cut:])) for cut in range(1, len(above)))
    star = next((found for found in stars if found is not None), None)
    # Records of other types are not read, and one of the very name hides the wildcard.
    return (
        None
        if star is None
        else PrivateAnswer(addresses=_addresses(star.addresses), publicly=False, open=True)
    )


def _publicly(name: str, estate: Estate, network: ResourceId | None) -> PrivateAnswer:
    """A public answer, and what the alias that private link gives a public name makes of it.

    The public name of a service with a private endpoint is an alias for a name in a zone `privatelink.*`, which
    private zones answer in their linked networks. Which name that is differs from service to service; it has the same
    first label. The alias is certain only for the very name that an approved endpoint says it serves.
    """
    served = addresses = _served(name, estate)
    unread = False
    for zone in estate.dns_zones:
        if not zone.name.startswith(_PRIVATE_LINK) and f".{_PRIVATE_LINK}" not in zone.name:
            continue
        link = None if network is None else zone.link_to(network)
        if network is not None and link is None:
            continue
        plain = zone.name.replace(_PRIVATE_LINK, "", 1)
        for record_name, record in zone.records.items():
            if not _may_be_alias(name, record_name):
                continue
            found = _addresses(record.addresses)
            addresses |= found
            if link is not None and link.settled and record.whole and found and found <= served:
                return PrivateAnswer(addresses=found, publicly=False)
        unread = unread or (not zone.read and (name == plain or name.endswith(f".{plain}")))
    return PrivateAnswer(addresses=addresses, open=unread)


def _may_be_alias(name: str, record: str) -> bool:
    """Whether a public name may be an alias for a record of a zone `privatelink.*`."""
    if record.replace(_PRIVATE_LINK, "", 1) == name:
        return True
    return not record.startswith(_PRIVATE_LINK) and record.split(".", 1)[0] == name.split(".", 1)[0]


def _served(name: str, estate: Estate) -> AddressSet:
    """Where approved endpoints say that they serve a name."""
    return _addresses(text for one in estate.private_endpoints.values() for text in _serves(one, name))


def _serves(endpoint: PrivateEndpoint, name: str) -> Iterator[str]:
    if endpoint.approved:
        for served, texts in endpoint.names:
            if served.lower().rstrip(".") == name:
                yield from texts


def _addresses(texts: Iterable[str]) -> AddressSet:
    return AddressSet.union_all(found for found in map(literal, texts) if found is not None)
