"""The work of the benchmarks as CUDD does it: the same sets as diagrams, from the same records."""

from __future__ import annotations

from benchmarks.peers_cudd import Diagrams
from benchmarks.plain_rules import allowance_entries, firewall_entries, security_group_entries
from benchmarks.rule_sets import NODES, VNET, firewall_set, security_group, small_policy
from benchmarks.work import Work


def group_set(rules: int, prefixes: int) -> Work:
    """What a security group surely and maybe allows beyond a small policy."""
    group, wanted = security_group(rules, prefixes), small_policy()

    def work() -> object:
        diagrams = Diagrams()
        entries = security_group_entries(group, NODES, VNET)
        allowed = diagrams.policy(allowance_entries(wanted), open_counts=False)
        surely, maybe = (diagrams.policy(entries, open_counts=open_counts) for open_counts in (False, True))
        return surely, maybe, surely & ~allowed, maybe & ~allowed

    return work


def firewall(rules: int) -> Work:
    """What a firewall's network rules allow, a tag of 6,000 prefixes among their destinations."""
    given = firewall_set(rules)
    return lambda: Diagrams().policy(firewall_entries(given, NODES), open_counts=False)
