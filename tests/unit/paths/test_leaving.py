"""Short cuts to what leaves: each gives what the long way gives."""

from __future__ import annotations

from collections.abc import Hashable

import pytest

from auditor.audit import load_snapshot
from auditor.audit.network import network_of
from auditor.model.reading import Hints, TagMembers
from auditor.model.verdict import Stage
from auditor.netset import Traffic
from auditor.netset.service import ANY
from auditor.paths import leaving
from auditor.paths.cluster_paths import ClusterPaths
from auditor.paths.leaving import Leaving, SourceEgress
from auditor.policy.policy import load_policy
from auditor.resources import examples

EXAMPLES = ("broken", "locked-down", "open")
DEVICES = {Stage.FIREWALL, Stage.APPLIANCE}
MEMBERS = TagMembers(definite=("mcr.microsoft.com",), doubtful=("*.data.mcr.microsoft.com",))


def egresses(example: str) -> list[SourceEgress]:
    """What leaves each source of the clusters of a bundled estate, nothing of it asked yet."""
    policy = load_policy()
    network = network_of(load_snapshot(examples() / example), policy)
    found: list[SourceEgress] = []
    for cluster in network.estate.clusters:
        paths = ClusterPaths(cluster, network, Hints(), MEMBERS, policy.reading)
        found += [paths.egress(source) for source in paths.sources]
    return found


def sets_of(one: Leaving) -> Hashable:
    """What a record says, in no order."""
    return (
        one.source,
        one.name,
        one.application,
        one.must,
        one.beside & one.must,
        one.may,
        one.unknown,
        frozenset((codes, traffic) for traffic, codes in one.open),
    )


@pytest.mark.parametrize("example", EXAMPLES)
def test_names_matter_on_few_services(example: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What leaves by name is the same, whether names are followed on all services or where rules name them."""
    short = [sets_of(found) for egress in egresses(example) for found in egress.by_name]
    monkeypatch.setattr(leaving, "services_by_name", lambda *_: ANY)
    assert short == [sets_of(found) for egress in egresses(example) for found in egress.by_name]


@pytest.mark.parametrize("example", EXAMPLES)
def test_rules_of_devices_divide_what_leaves(example: str) -> None:
    """With the rules of devices told apart each rule has the traffic that it has when all rules are told apart."""
    for egress in egresses(example):
        for found in egress.by_address:
            coarse: dict[Hashable, list[Traffic]] = {}
            fine: dict[Hashable, list[Traffic]] = {}
            for told, devices in ((coarse, True), (fine, False)):
                for traffic, answer, _ in egress.paths(found, found.must, devices=devices):
                    hops = tuple(hop for hop in answer.hops if hop.stage in DEVICES)
                    told.setdefault((answer.outcome, hops), []).append(traffic)
            assert {key: Traffic.union_all(parts) for key, parts in coarse.items()} == {
                key: Traffic.union_all(parts) for key, parts in fine.items()
            }
