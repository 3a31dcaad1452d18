"""Network rules that match by name on a firewall whose addresses for it may differ from the clients' (FW-41)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from auditor.filters.firewall import FirewallFilter
from auditor.filters.firewall_rules import ResolvedFirewall
from auditor.filters.network_rules import consistent_dns
from auditor.filters.parts import NO_CODES, Codes, Flow
from auditor.model.finding import From, Problem
from auditor.model.firewall import FirewallPolicy, NetworkRule
from auditor.model.gap import Gap
from auditor.model.network import Subnet
from auditor.netset import AddressSet, Traffic
from auditor.paths.cells import resolvers
from auditor.paths.cluster_paths import ClusterPaths
from auditor.paths.sources import Source

KIND = "fqdn-rule-without-dns-proxy"
_NO_PROXY = "its DNS proxy is off"
_OTHER_SERVER = "the source's network does not use it as its only DNS server"


def unreliable_names(paths: ClusterPaths, source: Source, asked: From) -> Iterator[Problem]:
    """One for each such rule on the way of a source; with reasons where it is open whether the two agree (V-6)."""
    subnet = source.subnet
    if not isinstance(subnet, Subnet):
        return
    unread = paths.network.routes(subnet).unread
    if unread is None:
        for device in paths.network.reachable_filters(source, paths.members):
            if isinstance(device, FirewallFilter):
                yield from _on_firewall(device.resolved, paths, source, asked)
        return
    # Which firewalls are on the way is not known, nor perhaps which servers are asked.
    code, detail, _ = unread
    for firewall in paths.network.estate.firewalls.values():
        resolved = paths.network.firewall(firewall, paths.members).resolved
        yield from _problems(resolved, asked, detail, frozenset({code}))


def _on_firewall(
    resolved: ResolvedFirewall, paths: ClusterPaths, source: Source, asked: From
) -> Iterator[Problem]:
    flow = Flow(source=AddressSet.of(), traffic=Traffic.EMPTY)
    servers = {resolvers(source, one, paths.network) for one in source.interfaces}
    proxy_codes = _proxy_codes(resolved, paths)
    # What is wrong with an interface may be about its DNS servers, too.
    gaps = [one.security_group for one in source.interfaces if isinstance(one.security_group, Gap)]
    server_codes = frozenset(gap.code for gap in gaps) | _codes_of(resolved)
    only_server = replace(resolved, dns_proxy=True, dns_proxy_doubt=False)
    if (
        not all(consistent_dns(replace(flow, resolver=own), only_server) for own in servers)
        and not server_codes
    ):
        yield from _problems(resolved, asked, _OTHER_SERVER if resolved.dns_proxy else _NO_PROXY, NO_CODES)
    elif not resolved.dns_proxy and not proxy_codes:
        yield from _problems(resolved, asked, _NO_PROXY, NO_CODES)
    elif proxy_codes or server_codes:
        why = "whether its DNS proxy is on and the clients' only server is not known"
        yield from _problems(resolved, asked, why, proxy_codes | server_codes)


def _codes_of(resolved: ResolvedFirewall) -> Codes:
    """What leaves open which addresses a firewall has."""
    return frozenset(flaw.code for flaw in resolved.firewall.flaws)


def _proxy_codes(resolved: ResolvedFirewall, paths: ClusterPaths) -> Codes:
    """What leaves open whether a firewall's DNS proxy is on (FW-42, V-6)."""
    found = [paths.network.estate.policy(reference) for reference in resolved.policies]
    flaws = [flaw.code for policy in found if isinstance(policy, FirewallPolicy) for flaw in policy.flaws]
    doubt = {"uncertain:FW-42"} if resolved.dns_proxy_doubt else set()
    return frozenset(flaws) | doubt | (NO_CODES if resolved.policies else _codes_of(resolved))


def _problems(resolved: ResolvedFirewall, asked: From, why: str, codes: Codes) -> Iterator[Problem]:
    firewall = resolved.firewall.id.name
    for place in resolved.collections:
        for rule in place.collection.rules:
            if isinstance(rule, NetworkRule) and rule.fqdns:
                names = ", ".join(rule.fqdns[:5])
                yield Problem(
                    kind=KIND,
                    resource=place.owner,
                    subject=f"{place.collection.name}/{rule.name}",
                    message=f"network rule {rule.name} names {names}, but firewall {firewall} may see other "
                    f"addresses than the clients: {why}",
                    asked_from=(asked,),
                    reasons=tuple(sorted(codes)),
                )
