from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.model.finding import Problem, Severity, Status
from auditor.model.resource_id import ResourceId
from auditor.rules.fqdn_rule_without_dns_proxy import FqdnRuleWithoutDnsProxy
from auditor.rules.interface import Rule
from auditor.rules.next_hop_dangling import NextHopDangling
from auditor.rules.outbound_type_mismatch import OutboundTypeMismatch
from tests.unit.rules.world import (
    APPS,
    CLUSTER,
    FIREWALL_DENY,
    FROM_APPS,
    FROM_SYS,
    GROUP,
    SUBSCRIPTION,
    SYS,
    TABLE,
    audited,
    cluster,
    estate,
    firewall,
    network,
    route,
    subnet,
    table,
)

RULES: tuple[Rule, ...] = (OutboundTypeMismatch(), NextHopDangling(), FqdnRuleWithoutDnsProxy())


def problem(kind: str, resource: ResourceId, subject: str = "s") -> Problem:
    return Problem(
        kind=kind,
        resource=resource,
        subject=subject,
        message="what is wrong\x1b",
        asked_from=(FROM_SYS, FROM_APPS),
        evidence=(FIREWALL_DENY,),
    )


@pytest.mark.parametrize("rule", RULES)
def test_one_finding_for_each_problem_of_its_kind(rule: Rule) -> None:
    """A rule reports its own problems and leaves the others alone."""
    world = audited(
        problems=(problem(rule.info.id, TABLE), problem(rule.info.id, TABLE, "t"), problem("x", TABLE))
    )
    found = list(rule.check(world))
    assert [item.status for item in found] == [Status.FAIL, Status.FAIL]
    first = found[0]
    assert (first.severity, first.resource, first.subnets) == (Severity.WARNING, TABLE, (APPS, SYS))
    assert (first.message, first.evidence) == ("what is wrong\\x1b", (FIREWALL_DENY,))
    assert first.remediation
    assert len({item.fingerprint for item in found}) == 2


@pytest.mark.parametrize("rule", RULES)
def test_passes_once_for_a_cluster_without_problems(rule: Rule) -> None:
    """Silence is said: one pass for the cluster."""
    (found,) = rule.check(audited(problems=(problem("x", TABLE),)))
    assert (found.status, found.resource, found.subnets) == (Status.PASS, CLUSTER, ())


@pytest.mark.parametrize("rule", RULES)
def test_another_subnet_is_no_new_finding(rule: Rule) -> None:
    """The defect is the device's, so its fingerprint does not move when a subnet is added."""
    one = problem(rule.info.id, TABLE)
    two = Problem(kind=one.kind, resource=one.resource, subject=one.subject, message="", asked_from=())
    (first,) = rule.check(audited(problems=(one,)))
    (second,) = rule.check(audited(problems=(two,)))
    assert first.fingerprint == second.fingerprint


def test_outbound_type_that_fits_is_offered() -> None:
    """Where all subnets leave the same way, the command sets the type that says so."""
    world = audited(
        cluster=cluster(outbound_type="loadBalancer"), problems=(problem("outbound-type-mismatch", CLUSTER),)
    )
    (found,) = OutboundTypeMismatch().check(world)
    assert found.commands == (
        (
            f"az aks update --subscription {SUBSCRIPTION} --resource-group rg-aks --name aks-payments "
            "--outbound-type userDefinedRouting"
        ),
    )


def test_outbound_type_is_not_guessed() -> None:
    """Subnets that leave in different ways, or in no way that can be told, get words only."""
    spoke = network(subnet(APPS, "10.1.1.0/24", route_table=None), subnet(SYS, "10.1.0.0/24"))
    world = audited(
        cluster=cluster(outbound_type="loadBalancer"),
        estate=estate(networks={spoke.id: spoke}),
        problems=(problem("outbound-type-mismatch", CLUSTER),),
    )
    (found,) = OutboundTypeMismatch().check(world)
    assert found.commands == ()


def test_user_defined_routing_gets_its_route() -> None:
    """A cluster that means to leave by a firewall is told how its stray subnet gets there."""
    spoke = network(subnet(APPS, "10.1.1.0/24", route_table=None), subnet(SYS, "10.1.0.0/24"))
    stray = replace(problem("outbound-type-mismatch", CLUSTER), asked_from=(FROM_APPS,))
    (found,) = OutboundTypeMismatch().check(
        audited(estate=estate(networks={spoke.id: spoke}), problems=(stray,))
    )
    assert found.remediation.startswith("attach route table rt-spoke")
    assert len(found.commands) == 1


def test_dangling_hop_is_pointed_to_the_firewall() -> None:
    """The estate's only firewall is offered as next hop, in words that leave the choice."""
    old = table(route("default", "0.0.0.0/0", "virtualappliance", "10.0.0.9"))
    world = audited(
        estate=estate(route_tables={TABLE: old}), problems=(problem("next-hop-dangling", TABLE, "Default"),)
    )
    (found,) = NextHopDangling().check(world)
    assert "if that is the device it is meant for" in found.remediation
    assert found.commands == (
        (
            f"az network route-table route update --subscription {SUBSCRIPTION} --resource-group rg-net "
            "--route-table-name rt-spoke --name default --next-hop-type VirtualAppliance --next-hop-ip-address 10.0.0.4"
        ),
    )
    (none,) = NextHopDangling().check(
        audited(estate=estate(firewalls={}), problems=(problem("next-hop-dangling", TABLE, "default"),))
    )
    assert none.commands == ()


def test_dns_proxy_is_turned_on_and_used() -> None:
    """Both halves are needed: the proxy, and networks that ask it."""
    (found,) = FqdnRuleWithoutDnsProxy().check(
        audited(problems=(problem("fqdn-rule-without-dns-proxy", GROUP, "net/ntp"),))
    )
    assert found.commands == (
        (
            f"az network firewall policy update --subscription {SUBSCRIPTION} --resource-group rg-hub "
            "--name fp-child --enable-dns-proxy true"
        ),
        (
            f"az network vnet update --subscription {SUBSCRIPTION} --resource-group rg-net --name vnet-spoke "
            "--dns-servers 10.0.0.4"
        ),
    )
    assert "make 10.0.0.4 the only DNS server of vnet-spoke" in found.remediation


def test_dns_proxy_of_a_classic_firewall() -> None:
    """A firewall without policy has the setting on itself; a network that asks it already is left alone."""
    device = firewall(policy=None)
    spoke = network(subnet(APPS, "10.1.1.0/24"), subnet(SYS, "10.1.0.0/24"), dns_servers=("10.0.0.4",))
    world = estate(firewalls={device.id: device}, networks={spoke.id: spoke})
    (found,) = FqdnRuleWithoutDnsProxy().check(
        audited(estate=world, problems=(problem("fqdn-rule-without-dns-proxy", device.id, "net/ntp"),))
    )
    assert [line.partition(" --")[0] for line in found.commands] == ["az network firewall update"]
