from __future__ import annotations

from auditor.model.verdict import Effect, Stage
from auditor.rules.hop_text import deciding_resource, hop_sentence, told
from tests.unit.rules.world import (
    BASE,
    CHILD,
    FIREWALL,
    FIREWALL_DENY,
    GROUP,
    NSG_DENY,
    OPAQUE,
    TABLE,
    estate,
    hop,
    policy,
)


def test_default_deny_of_a_firewall_names_the_policies() -> None:
    """The reader learns which documents were searched in vain."""
    expected = (
        "firewall fw-hub: no rule of policy fp-child or its parent fp-base matches; denied by default (FW-6)"
    )
    assert hop_sentence(FIREWALL_DENY, estate()) == expected
    detail = "no rule of policy fp-child or its parent fp-base matches; denied by default"
    told_by_engine = hop(Stage.FIREWALL, Effect.DENY, resource=str(FIREWALL), clause="FW-6", detail=detail)
    assert hop_sentence(told_by_engine, estate()) == expected


def test_rule_with_its_priority_and_clause() -> None:
    """A deciding rule is named with its priority."""
    assert hop_sentence(NSG_DENY, estate()) == (
        'network security group nsg-apps: rule "deny-internet" (priority 4000) denies it (NSG-4)'
    )


def test_firewall_rule_speaks_for_its_firewall() -> None:
    """A rule lies in a group of a policy, yet the firewall is what stops the traffic."""
    denied = hop(
        Stage.FIREWALL,
        Effect.DENY,
        resource=str(GROUP),
        rule="block/no-mcr",
        priority=110,
        clause="FW-22",
        detail="application rule no-mcr of collection block denies it",
    )
    assert hop_sentence(denied, estate()) == (
        "firewall fw-hub: application rule no-mcr of collection block denies it (priority 110) (FW-22)"
    )


def test_routes_and_exits() -> None:
    """A route drops; a stage without resource or rule tells its own detail."""
    dropped = hop(Stage.ROUTE, Effect.DROP, resource=str(TABLE), rule="black-hole", clause="UDR-18")
    assert hop_sentence(dropped, estate()) == 'route table rt-spoke: route "black-hole" drops it (UDR-18)'
    none = hop(
        Stage.EXIT, Effect.DROP, clause="UDR-46", detail="the subnet is private and has no outbound method"
    )
    assert (
        hop_sentence(none, estate()) == "way out: the subnet is private and has no outbound method (UDR-46)"
    )


def test_unknown_hop_tells_its_codes() -> None:
    """An unknown says why, in words and with its code."""
    assert hop_sentence(OPAQUE, estate()) == (
        'next hop 10.9.0.4 of route "default" (rt-gpu) is no device in this snapshot (nva-opaque)'
    )
    unread = hop(Stage.FIREWALL, Effect.UNKNOWN, resource=str(FIREWALL), codes=("unreadable-resource",))
    assert (
        hop_sentence(unread, estate()) == "firewall fw-hub: what it does is not known (unreadable-resource)"
    )


def test_hops_are_told_once_in_path_order() -> None:
    """Two sources that meet the same rule meet it once in the message, stages in the order of the path."""
    again = hop(
        Stage.SUBNET_NSG,
        Effect.DENY,
        resource=(NSG_DENY.resource or "").upper(),
        rule="deny-internet",
        priority=1,
    )
    assert told([FIREWALL_DENY, NSG_DENY, again]) == (NSG_DENY, FIREWALL_DENY)


def test_a_cycle_of_parents_ends() -> None:
    """Policies that name each other as parent are told once each."""
    cyclic = estate(policies={CHILD: policy(CHILD, BASE), BASE: policy(BASE, CHILD)})
    assert "or its parent fp-base matches" in hop_sentence(FIREWALL_DENY, cyclic)


def test_only_arm_ids_are_resources() -> None:
    """An appliance that the user described is named by its address and is no resource."""
    described = hop(Stage.APPLIANCE, Effect.DENY, resource="10.9.0.4")
    assert deciding_resource([described, FIREWALL_DENY]) == FIREWALL
