"""The work of the benchmarks as the engine does it, from records as the snapshot gives them."""

from __future__ import annotations

from random import Random

from auditor.audit import check, load_policy, load_snapshot
from auditor.filters.dead_rules import dead_rules
from auditor.filters.dead_security_rules import readings_of, security_entries
from auditor.filters.parts import Flow
from auditor.filters.vnet_tag import TagContext
from auditor.netset import AddressSet, ServiceSet, Traffic
from benchmarks.engine import (
    everything,
    firewall_filter,
    maybe_allowed,
    security_group_filter,
    surely_allowed,
)
from benchmarks.estates import subnets_folder
from benchmarks.rule_sets import (
    NODES,
    VNET,
    firewall_set,
    security_group,
    small_policy,
    source_class_set,
    two_spellings,
)
from benchmarks.work import Work, must_hold


def group_set(rules: int, prefixes: int) -> Work:
    """What a security group surely and maybe allows beyond a small policy."""
    group = security_group(rules, prefixes)
    wanted = small_policy()

    def work() -> object:
        allowed = Traffic.union_all(
            Traffic.box(AddressSet.of(*texts), ServiceSet.tcp(port)) for texts, port in wanted
        )
        parts = security_group_filter(group).parts(everything(coarse=True))
        surely, maybe = surely_allowed(parts), maybe_allowed(parts)
        return surely, maybe, surely - allowed, maybe - allowed

    return work


def equivalence(rules: int, prefixes: int) -> Work:
    """Whether two spellings of a security group surely allow the same."""
    groups = two_spellings(rules, prefixes)

    def work() -> object:
        first, second = (
            surely_allowed(security_group_filter(group).parts(everything(coarse=True))) for group in groups
        )
        return must_hold(first == second)

    return work


def firewall(rules: int) -> Work:
    """What a firewall's network rules allow, a tag of 6,000 prefixes among their destinations."""
    given = firewall_set(rules)
    return lambda: surely_allowed(firewall_filter(given).parts(everything(coarse=True)))


def dead(rules: int, prefixes: int) -> Work:
    """Every rule of a security group that could go without a change."""
    group = security_group(rules, prefixes)
    readings = readings_of([TagContext(members=AddressSet.of(*VNET))])
    return lambda: dead_rules(security_entries(group, readings)[1])


def look_up(rules: int, prefixes: int, questions: int) -> Work:
    """Endpoints asked of a compiled security group, each for the first time: one address and TCP 443."""
    compiled = security_group_filter(security_group(rules, prefixes))
    random = Random(7)  # noqa: S311 - figures that are always alike, no secret
    source, service = AddressSet.of(NODES), ServiceSet.tcp(443)
    numbers = {random.choice((20, 40, 52)) << 24 | random.getrandbits(22) for _ in range(questions)}
    flows = [
        Flow(source=source, traffic=Traffic.box(AddressSet.from_int_range(number, number), service))
        for number in sorted(numbers)
    ]
    compiled.parts(everything())
    return lambda: [compiled.parts(flow) for flow in flows]


def source_classes(rules: int, classes: int) -> Work:
    """What a firewall allows each of its classes of sources."""
    given, addresses = source_class_set(rules, classes)

    def work() -> object:
        compiled = firewall_filter(given)
        return [
            surely_allowed(compiled.parts(everything(AddressSet.of(address), coarse=True)))
            for address in addresses
        ]

    return work


def subnets(count: int) -> Work:
    """The audit of a cluster that sends from so many subnets."""
    with subnets_folder(count) as folder:
        snapshot = load_snapshot(folder)
    policy = load_policy()
    return lambda: check(snapshot, policy)
