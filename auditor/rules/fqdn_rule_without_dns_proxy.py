"""A firewall's network rule matches by name, and nothing makes nodes resolve names as the firewall does."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.finding import AuditedCluster, Finding, Problem, RuleInfo, Severity
from auditor.model.firewall import Firewall
from auditor.model.network import VirtualNetwork
from auditor.model.resource_id import ResourceId
from auditor.rules.az_command import az
from auditor.rules.dns_proxy import enable_dns_proxy
from auditor.rules.firewall_chain import firewall_of
from auditor.rules.hint import Hint
from auditor.rules.problem_findings import reported
from auditor.rules.wording import listed, shown


class FqdnRuleWithoutDnsProxy:
    """Fails for each FQDN network rule that the nodes' DNS does not support (FW-41, FW-42)."""

    info = RuleInfo(
        id="fqdn-rule-without-dns-proxy",
        title="an FQDN network rule works without the DNS proxy",
        severity=Severity.WARNING,
        help=(
            "A network rule with a name matches the addresses that the firewall itself resolved. A node that asks "
            "another DNS server may get another address and is then denied, now and then and without a pattern. "
            "The firewall's DNS proxy, used as the network's only DNS server, makes both see the same addresses."
        ),
    )

    def check(self, audited: AuditedCluster) -> Iterator[Finding]:
        """See the interface."""
        return reported(
            self.info, audited, _mend, "no FQDN network rule on the cluster's paths lacks the DNS proxy"
        )


def _mend(audited: AuditedCluster, problem: Problem) -> Hint:
    firewall = firewall_of(audited.estate, problem.resource.text)
    if firewall is None:
        return Hint(words="turn on the firewall's DNS proxy and make it the network's only DNS server")
    commands = _turn_on(audited, firewall)
    words = [f"turn on the DNS proxy of firewall {shown(firewall.id.name)}"] if commands else []
    addresses = firewall.private_addresses
    networks = _networks(audited, problem, addresses)
    if networks and len(addresses) == 1:
        words.append(
            f"make {shown(addresses[0])} the only DNS server of {listed(network.name for network in networks)}; "
            "nodes take it up when they restart"
        )
        for network in networks:
            commands += az("network vnet update", network, name=network.name, dns_servers=addresses)
    if not words:
        words = ["make the firewall the only DNS server of the nodes' virtual networks"]
    return Hint(
        words=" and ".join(words) + "; or use an application rule for http and https", commands=commands
    )


def _turn_on(audited: AuditedCluster, firewall: Firewall) -> tuple[str, ...]:
    """The command that turns the proxy on, unless it is known to be on."""
    if firewall.policy is None:
        if firewall.classic_dns_proxy:
            return ()
        return enable_dns_proxy(firewall)
    policy = audited.estate.policies.get(firewall.policy)
    if policy is not None and policy.dns_proxy:
        return ()
    return enable_dns_proxy(firewall)


def _networks(audited: AuditedCluster, problem: Problem, wanted: tuple[str, ...]) -> tuple[ResourceId, ...]:
    """The virtual networks that ask from there and whose DNS servers are others."""
    subnets = [origin.subnet for origin in problem.asked_from if origin.subnet is not None]
    parents = {subnet.parent for subnet in subnets}
    found = [audited.estate.network(parent) for parent in parents if parent is not None]
    return tuple(
        sorted(item.id for item in found if isinstance(item, VirtualNetwork) and item.dns_servers != wanted)
    )
