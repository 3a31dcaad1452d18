"""The work of the benchmarks as CUDD does it: the same sets as diagrams, from rules that are numbers already."""

from __future__ import annotations

from benchmarks.peers_cudd import Diagrams
from benchmarks.plain_rules import allowance_entries, firewall_entries, security_group_entries
from benchmarks.rule_sets import NODES, VNET, firewall_set, security_group, small_policy
from benchmarks.work import Work


def group_set(rules: int, prefixes: int) -> Work:
    """What a security group surely and maybe allows beyond a small policy."""
    entries = security_group_entries(security_group(rules, prefixes), NODES, VNET)
    wanted = allowance_entries(small_policy())

    def work() -> object:
        diagrams = Diagrams()
        allowed = diagrams.policy(wanted, open_counts=False)
        surely, maybe = (diagrams.policy(entries, open_counts=open_counts) for open_counts in (False, True))
        return surely, maybe, surely & ~allowed, maybe & ~allowed

    return work


def firewall(rules: int) -> Work:
    """What a firewall's network rules allow, a tag of 6,000 prefixes among their destinations."""
    entries = firewall_entries(firewall_set(rules), NODES)
    return lambda: Diagrams().policy(entries, open_counts=False)
