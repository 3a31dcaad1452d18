"""The work of the benchmarks as z3 does it: one witness or one proof, from the same records."""

from __future__ import annotations

from benchmarks.peers_z3 import Packet, beyond, changes_without, policy, witness
from benchmarks.plain_rules import (
    PLATFORM_ENTRIES,
    allowance_entries,
    firewall_entries,
    security_group_entries,
)
from benchmarks.rule_sets import NODES, VNET, firewall_set, security_group, small_policy, two_spellings
from benchmarks.work import Work, must_hold


def group_witness(rules: int, prefixes: int) -> Work:
    """One packet that a security group surely allows and a small policy does not want."""
    group, wanted = security_group(rules, prefixes), small_policy()

    def work() -> object:
        packet = Packet()
        entries = security_group_entries(group, NODES, VNET)
        allowed = policy(packet, allowance_entries(wanted), open_counts=False)
        return must_hold(witness(beyond(policy(packet, entries, open_counts=False), allowed)) is not None)

    return work


def equivalence(rules: int, prefixes: int) -> Work:
    """The proof that no packet tells two spellings of a security group apart."""
    groups = two_spellings(rules, prefixes)

    def work() -> object:
        packet = Packet()
        first, second = (
            policy(packet, security_group_entries(group, NODES, VNET), open_counts=False) for group in groups
        )
        return must_hold(witness(first != second) is None)

    return work


def firewall_witness(rules: int) -> Work:
    """One packet that a firewall's network rules allow."""
    given = firewall_set(rules)
    return lambda: must_hold(
        witness(policy(Packet(), firewall_entries(given, NODES), open_counts=False)) is not None
    )


def dead(rules: int, prefixes: int, sample: int) -> Work:
    """For some rules of a security group, spread evenly, whether the list without the rule is another one."""
    entries = security_group_entries(security_group(rules, prefixes), NODES, VNET)
    own = [place for place, entry in enumerate(entries) if entry.sure and entry not in PLATFORM_ENTRIES]
    chosen = [own[number * len(own) // sample] for number in range(sample)]

    def work() -> object:
        packet = Packet()
        return [witness(changes_without(packet, entries, place)) for place in chosen]

    return work
