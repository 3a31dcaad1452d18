from __future__ import annotations

from typing import Any

from auditor.model.finding import AuditedCluster, From, Status
from auditor.model.verdict import Effect, Outcome, Stage, Verdict
from auditor.rules.egress_unrestricted import EgressUnrestricted
from tests.unit.rules.world import (
    APPS,
    BLOCKED,
    CLUSTER,
    FIREWALL,
    FROM_APPS,
    FROM_SYS,
    LOAD_BALANCER_EXIT,
    SUBSCRIPTION,
    SYS,
    TABLE,
    UNKNOWN,
    audited,
    estate,
    hop,
    network,
    piece,
    subnet,
    verdict,
)

RULE = EgressUnrestricted()
OPEN = verdict(
    piece(Outcome.ALLOWED, LOAD_BALANCER_EXIT), assumptions=("nic-nsg-unread", "admin-rules-not-read")
)


def probed(*answers: tuple[From, Verdict], **changes: Any) -> AuditedCluster:
    return audited(
        sources=tuple(origin for origin, _ in answers), probes={"unrestricted": answers}, **changes
    )


def bare(**changes: Any) -> Any:
    """The estate in which snet-apps has no route table and snet-sys has one."""
    spoke = network(subnet(APPS, "10.1.1.0/24", route_table=None), subnet(SYS, "10.1.0.0/24"))
    return estate(networks={spoke.id: spoke}, **changes)


def test_fires_with_the_way_out_and_the_sibling_table() -> None:
    """The finding names the exit, and offers the route table that another subnet of the cluster has."""
    world = probed((FROM_APPS, OPEN), (FROM_SYS, BLOCKED), estate=bare())
    found = list(RULE.check(world))
    assert [(item.status, item.subnets) for item in found] == [(Status.FAIL, (APPS,)), (Status.PASS, (SYS,))]
    first = found[0]
    assert first.message == (
        "TCP 443 and a port that no rule names leave to all public addresses by load balancer kubernetes (UDR-41)"
    )
    assert first.evidence == (LOAD_BALANCER_EXIT,)
    assert first.assumptions == ("admin-rules-not-read", "nic-nsg-unread")
    assert first.remediation == (
        "attach route table rt-spoke, which sends 0.0.0.0/0 to 10.0.0.4, to subnet snet-apps, as subnet snet-sys has it"
    )
    assert first.commands == (
        (
            f"az network vnet subnet update --subscription {SUBSCRIPTION} --resource-group rg-net "
            f"--vnet-name vnet-spoke --name snet-apps --route-table {TABLE}"
        ),
    )


def test_new_table_where_only_a_firewall_is_known() -> None:
    """Without a sibling the commands make a table that leads to the estate's only firewall."""
    spoke = network(subnet(APPS, "10.1.1.0/24", route_table=None))
    (found,) = RULE.check(probed((FROM_APPS, OPEN), estate=estate(networks={spoke.id: spoke})))
    assert found.remediation.startswith("send 0.0.0.0/0 of subnet snet-apps to the firewall at 10.0.0.4")
    assert [line.split(" --")[0] for line in found.commands] == [
        "az network route-table create",
        "az network route-table route create",
        "az network vnet subnet update",
    ]


def test_words_only_where_nothing_is_known() -> None:
    """Without a firewall, or in AKS's own network, there is no command that could be right."""
    (plain,) = RULE.check(probed((FROM_APPS, OPEN), estate=bare(firewalls={}, route_tables={})))
    assert plain.commands == ()
    assert "to a firewall that admits only what is needed" in plain.remediation
    (managed,) = RULE.check(probed((From(pool="a", subnet=None), OPEN)))
    assert "made by AKS" in managed.remediation
    assert managed.resource == CLUSTER


def test_a_filter_that_admits_everything_is_to_be_narrowed() -> None:
    """Traffic that passes a firewall needs no route but a better rule."""
    gate = hop(
        Stage.FIREWALL,
        Effect.ALLOW,
        resource=str(FIREWALL),
        rule="net/any",
        priority=100,
        clause="FW-13",
        detail="network rule any of collection net allows it",
    )
    (found,) = RULE.check(probed((FROM_APPS, verdict(piece(Outcome.ALLOWED, gate, LOAD_BALANCER_EXIT)))))
    assert "firewall fw-hub: network rule any of collection net allows it" in found.message
    assert found.remediation.startswith('narrow rule "net/any" of firewall fw-hub')
    assert found.commands == ()


def test_unknown_is_neither_pass_nor_fail() -> None:
    """No answer, or no question, is told as such, unless enough is proved to be blocked."""
    (found,) = RULE.check(probed((FROM_APPS, UNKNOWN)))
    assert (found.status, found.reasons) == (Status.UNKNOWN, ("nva-opaque",))
    blocked = piece(Outcome.BLOCKED, addresses=1 << 20)
    few = piece(Outcome.BLOCKED, addresses=(1 << 20) - 1)
    for part, status in ((blocked, Status.PASS), (few, Status.UNKNOWN)):
        (found,) = RULE.check(probed((FROM_APPS, verdict(part, outcome=Outcome.UNKNOWN))))
        assert found.status is status
    (unasked,) = RULE.check(audited(sources=(FROM_APPS,)))
    assert unasked.status is Status.UNKNOWN


def test_pools_of_one_subnet_are_one_subject() -> None:
    """The worst pool speaks for its subnet, and only the open pools are named."""
    other = From(pool="gpu", subnet=APPS)
    (found,) = RULE.check(probed((FROM_APPS, BLOCKED), (other, OPEN)))
    assert (found.status, found.pools) == (Status.FAIL, ("gpu",))
