"""From which virtual networks a source's names are resolved by Azure's own resolver (AKS-25, AKS-31)."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.filters.known_addresses import AZURE_DNS
from auditor.model.estate import Estate
from auditor.model.firewall import Firewall
from auditor.model.gap import Flaw, Gap
from auditor.model.network import VirtualNetwork
from auditor.model.resource_id import ResourceId
from auditor.paths.firewalls import resolve_firewall
from auditor.paths.sources import Source

_AZURE = frozenset({AZURE_DNS, "azureprovideddns"})


def resolver_networks(source: Source, estate: Estate) -> frozenset[ResourceId | None]:
    """The networks in which Azure's resolver answers the source; None for a server of which nobody can tell.

    Several servers are alternatives, for nobody says which of them a client asks.
    """
    return frozenset(
        found
        for interfaces in source.interfaces
        for found in _networks_of(interfaces.dns_servers, source, estate)
    )


def _networks_of(own: tuple[str, ...], source: Source, estate: Estate) -> Iterator[ResourceId | None]:
    network = None if isinstance(source.subnet, Gap) else estate.network(source.subnet.network)
    if not isinstance(network, VirtualNetwork):
        yield None
        return
    if not own and _about(network.flaws, "dnsservers"):
        yield None  # some of its servers are written in a way that nobody knows, or copies disagree
        return
    for server in own or network.dns_servers or (AZURE_DNS,):
        yield network.id if server.lower() in _AZURE else _forwarding(server, estate)


def _forwarding(server: str, estate: Estate) -> ResourceId | None:
    """The network of a firewall whose DNS proxy asks Azure's resolver; what other servers do is not known."""
    holders = estate.holders.get(server, ())
    firewall = holders[0] if len(holders) == 1 else None
    if not isinstance(firewall, Firewall) or firewall.subnet is None:
        return None
    resolved = resolve_firewall(firewall, estate)
    if not resolved.policies or not resolved.dns_proxy or resolved.dns_proxy_doubt:
        return None
    for reference in resolved.policies:
        policy = estate.policy(reference)
        if isinstance(policy, Gap) or _about(policy.flaws, "dnssettings"):
            return None
        # Whether servers are inherited is in conflict (FW-42), so those of a parent count, too.
        if not _AZURE.issuperset(text.lower() for text in policy.dns_servers):
            return None
    return firewall.subnet.parent


def _about(flaws: tuple[Flaw, ...], prop: str) -> bool:
    return any(prop in flaw.detail.lower() for flaw in flaws)
