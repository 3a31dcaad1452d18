"""On rule sets too large for z3, CUDD builds from the rules as written the very set that the engine computes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.netset import AddressSet
from benchmarks.engine import (
    everything,
    firewall_filter,
    maybe_allowed,
    security_group_filter,
    surely_allowed,
)
from benchmarks.peers_cudd import Diagrams
from benchmarks.plain_rules import PLATFORM_ENTRIES, firewall_entries, security_group_entries
from benchmarks.rule_sets import NODES, VNET, firewall_set, security_group, source_class_set


def test_a_security_group_at_the_limit_of_its_rules() -> None:
    """LIM-2: 1,000 rules of 20 prefixes each; what is surely and what is maybe allowed are the same diagrams."""
    group = security_group(1_000, 20, seed=1)
    parts = security_group_filter(group).parts(everything())
    entries = security_group_entries(group, NODES, VNET)
    diagrams = Diagrams()
    surely, maybe = diagrams.traffic(surely_allowed(parts)), diagrams.traffic(maybe_allowed(parts))
    assert surely == diagrams.policy(entries, open_counts=False)
    assert maybe == diagrams.policy(entries, open_counts=True)
    # The larger set would not do for the smaller one, so the comparison tells sets apart.
    assert surely != maybe
    coarse = security_group_filter(group).parts(everything(coarse=True))
    assert surely_allowed(coarse) == surely_allowed(parts)
    assert maybe_allowed(coarse) == maybe_allowed(parts)


@pytest.mark.parametrize("rules", [300, 2_000])
def test_a_firewall_with_a_large_tag(rules: int) -> None:
    """FW-38, FW-40: thousands of rules, some of them with a tag of 6,000 prefixes or an IP group."""
    given = firewall_set(rules, seed=rules)
    parts = firewall_filter(given).parts(everything())
    diagrams = Diagrams()
    written = diagrams.policy(firewall_entries(given, NODES), open_counts=False)
    assert diagrams.traffic(surely_allowed(parts)) == written
    assert surely_allowed(parts) == maybe_allowed(parts)
    assert surely_allowed(firewall_filter(given).parts(everything(coarse=True))) == surely_allowed(parts)


def test_every_source_class_has_its_own_set() -> None:
    """FW-25: rules for overlapping source ranges are told apart, class by class."""
    given, addresses = source_class_set(300, 40, seed=1)
    compiled = firewall_filter(given)
    diagrams = Diagrams()
    found = []
    for address in addresses[::4]:
        parts = compiled.parts(everything(AddressSet.of(address)))
        computed = diagrams.traffic(surely_allowed(parts))
        assert computed == diagrams.policy(firewall_entries(given, address), open_counts=False)
        found.append(computed)
    assert len({int(one) for one in found}) > 1


def test_a_single_prefix_too_many_is_found() -> None:
    """The comparison is exact: one more address in one of 1,000 rules is another diagram."""
    group = security_group(300, 20, seed=2)
    entries = list(security_group_entries(group, NODES, VNET))
    diagrams = Diagrams()
    written = diagrams.policy(entries, open_counts=False)
    platform, own = entries[: len(PLATFORM_ENTRIES)], entries[len(PLATFORM_ENTRIES) :]
    changed = replace(own[0], allow=not own[0].allow, prefixes=own[0].prefixes[:1])
    assert diagrams.policy([*platform, changed, *own], open_counts=False) != written
