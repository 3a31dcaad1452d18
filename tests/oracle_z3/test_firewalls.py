"""z3 finds no packet on which a firewall as the engine reads it and its rules as written differ."""

from __future__ import annotations

import pytest

from benchmarks.engine import everything, firewall_filter, maybe_allowed, surely_allowed
from benchmarks.peers_z3 import Packet, differences, policy, traffic, witness
from benchmarks.plain_rules import firewall_entries
from benchmarks.rule_sets import NODES, firewall_set

PACKET = Packet()
NAMES = ("api.example.com", "*.example.org", "*.example.com", "example.org", "*")


@pytest.mark.parametrize(("rules", "seed"), [(10, 1), (40, 2), (40, 3), (100, 4), (200, 5), (200, 6)])
def test_network_rules_decide_as_written(rules: int, seed: int) -> None:
    """FW-6, FW-9, FW-36..FW-40: over all IPv4 packets both differences have no member; nothing is left open."""
    given = firewall_set(rules, tag_prefixes=200, seed=seed)
    parts = firewall_filter(given).parts(everything())
    computed = traffic(PACKET, surely_allowed(parts))
    written = policy(PACKET, firewall_entries(given, NODES), open_counts=False)
    assert differences(computed, written) == (None, None)
    assert surely_allowed(parts) == maybe_allowed(parts)


@pytest.mark.parametrize("name", ["api.example.com", "example.com", "a.b.example.org", "example.org"])
@pytest.mark.parametrize(("application", "seed"), [("https", 7), ("http", 8)])
def test_application_rules_decide_what_network_rules_leave(name: str, application: str, seed: int) -> None:
    """FW-13, FW-22, FW-26: a name's rules apply behind all network rules, at every address and on their port only."""
    given = firewall_set(60, tag_prefixes=50, names=NAMES * 3, seed=seed)
    parts = firewall_filter(given).parts(everything(name=name, application=application))
    entries = firewall_entries(given, NODES, name=name, application=application)
    assert (
        witness(traffic(PACKET, surely_allowed(parts)) != policy(PACKET, entries, open_counts=False)) is None
    )


def test_a_rule_left_out_is_found() -> None:
    """The proof is one: read the policy without its last allowed collection, and z3 shows a packet."""
    given = firewall_set(100, tag_prefixes=200, seed=4)
    computed = traffic(PACKET, surely_allowed(firewall_filter(given).parts(everything())))
    entries = list(firewall_entries(given, NODES))
    while not entries.pop().allow:
        pass
    assert witness(computed != policy(PACKET, entries, open_counts=False)) is not None
