"""z3 finds no packet on which a security group as the engine reads it and its rules as written differ."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce

import pytest
import z3

from auditor.filters.vnet_tag import DefaultRoute
from benchmarks.engine import everything, maybe_allowed, security_group_filter, surely_allowed
from benchmarks.peers_z3 import Packet, differences, matches, policy, traffic, witness
from benchmarks.plain_rules import PLATFORM_ENTRIES, Tags, security_group_entries
from benchmarks.rule_sets import NODES, VNET, security_group

PACKET = Packet()
SIZES = [(5, 3, 1), (20, 5, 2), (20, 5, 3), (60, 8, 4), (60, 2, 5), (200, 5, 6), (200, 5, 7)]


@pytest.mark.parametrize(("rules", "prefixes", "seed"), SIZES)
def test_what_is_surely_allowed_is_what_the_rules_say(rules: int, prefixes: int, seed: int) -> None:
    """NSG-4, NSG-8, NSG-17, NSG-21: over all IPv4 both differences have no member, what is not sure is denied."""
    group = security_group(rules, prefixes, seed=seed)
    computed = traffic(PACKET, surely_allowed(security_group_filter(group).parts(everything())))
    written = policy(PACKET, security_group_entries(group, NODES, VNET), open_counts=False)
    assert differences(computed, written) == (None, None)


@pytest.mark.parametrize(("rules", "prefixes", "seed"), SIZES)
def test_what_may_be_allowed_is_what_the_rules_leave_open(rules: int, prefixes: int, seed: int) -> None:
    """NSG-12, NSG-13, NSG-19, NSG-21: as before, where whatever is not sure counts as allowed (V-4).

    Two doubts may meet: a protocol that `*` may cover, to an address that Internet may hold.
    """
    group = security_group(rules, prefixes, seed=seed)
    computed = traffic(PACKET, maybe_allowed(security_group_filter(group).parts(everything())))
    written = policy(PACKET, security_group_entries(group, NODES, VNET), open_counts=True)
    assert differences(computed, written) == (None, None)


@pytest.mark.parametrize(("rules", "prefixes", "seed"), [(20, 5, 1), (60, 8, 2), (200, 5, 3)])
def test_beside_a_default_route_every_reading_of_the_tags_is_kept(
    rules: int, prefixes: int, seed: int
) -> None:
    """NSG-18, NSG-19: surely is under every reading of VirtualNetwork and Internet, maybe under one of them."""
    group = security_group(rules, prefixes, seed=seed)
    parts = security_group_filter(group, DefaultRoute.CERTAIN).parts(everything())
    for computed, open_counts, join in (
        (surely_allowed(parts), False, z3.And),
        (maybe_allowed(parts), True, z3.Or),
    ):
        readings = [
            policy(PACKET, security_group_entries(group, NODES, VNET, tags), open_counts=open_counts)
            for tags in Tags
        ]
        assert differences(traffic(PACKET, computed), reduce(join, readings)) == (None, None)


@pytest.mark.parametrize("open_counts", [False, True])
def test_a_deny_of_everything_leaves_the_platform(open_counts: bool) -> None:
    """NSG-21: behind it each service of the platform passes, and the rest of its addresses is all that is open."""
    group = security_group(20, 5, seed=2)
    deny = replace(group.rules[-1], name="nothing", priority=99, default=False)
    group = replace(group, rules=(deny, *group.rules))
    parts = security_group_filter(group).parts(everything())
    computed = traffic(PACKET, maybe_allowed(parts) if open_counts else surely_allowed(parts))
    written = policy(PACKET, security_group_entries(group, NODES, VNET), open_counts=open_counts)
    assert differences(computed, written) == (None, None)


def test_one_rule_that_reads_otherwise_is_found() -> None:
    """The proof is one: turn a single rule of 200 around, and z3 shows a packet that the rule decides."""
    group = security_group(200, 5, seed=6)
    computed = traffic(PACKET, surely_allowed(security_group_filter(group).parts(everything())))
    entries = list(security_group_entries(group, NODES, VNET))
    place = next(index for index, entry in enumerate(entries) if entry.sure and entry not in PLATFORM_ENTRIES)
    entries[place] = replace(entries[place], allow=not entries[place].allow)
    found = witness(computed != policy(PACKET, entries, open_counts=False))
    assert found is not None
    address, protocol, port = found
    packet = z3.And(PACKET.address == address, PACKET.protocol == protocol, PACKET.port == port)
    assert witness(z3.And(packet, matches(PACKET, entries[place]))) == found
