"""The bundled example estates: reproducible, well formed, and consistent in themselves."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from ipaddress import IPv4Network, ip_address, ip_network
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from tests.estates.documents import objects

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
NAMES = ("broken", "locked-down", "open", "virtual-wan")
NOT_COLLECTED = ("microsoft.managedidentity/", "microsoft.operationalinsights/")
FEATURES = {
    "always",
    "linux-nodes",
    "workload-identity",
    "azure-monitor",
    "azure-monitor-container-insights",
    "azure-monitor-managed-prometheus",
    "azure-policy",
    "defender-for-containers",
    "key-vault-csi",
}
"""The conditions of the newest edition that hold for aks-payments and speak of names."""


@cache
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_examples", ROOT / "tools" / "build_examples.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up there
    spec.loader.exec_module(module)
    return module


@cache
def documents(example: str) -> tuple[dict[str, Any], ...]:
    text = (EXAMPLES / example / "resources.jsonl").read_text(encoding="utf-8")
    return tuple(json.loads(line) for line in text.splitlines())


def of_kind(example: str, kind: str) -> Iterator[dict[str, Any]]:
    return (one for one in documents(example) if one["type"].lower() == kind.lower())


def references(value: Any) -> Iterator[str]:
    """Every ARM id in a value, wherever it stands."""
    if isinstance(value, str) and value.lower().startswith("/subscriptions/"):
        yield value.lower()
    elif isinstance(value, dict):
        for member in value.values():
            yield from references(member)
    elif isinstance(value, list):
        for member in value:
            yield from references(member)


def unresolved(example: str) -> set[str]:
    """Ids that neither a document nor an inline child answers; an instance is known by what lies below it."""
    held = {
        one["id"].lower()
        for document in documents(example)
        for one in objects(document)
        if isinstance(one.get("id"), str) and len(one) > 1
    }
    named = {found for document in documents(example) for found in references(document)}
    return {
        one
        for one in named - held
        if not one.rsplit("/providers/", 1)[-1].startswith(NOT_COLLECTED)
        and not any(other.startswith(one + "/") for other in held)
    }


def test_the_generator_reproduces_the_committed_files() -> None:
    """Nobody edits the output by hand, and the script depends on no clock, order or machine."""
    made = generator().example_files()
    held = {
        path.relative_to(EXAMPLES).as_posix(): path.read_bytes()
        for path in EXAMPLES.glob("*/*")
        if path.is_file()
    }
    assert held == {path: text.encode() for path, text in made.items()}


@pytest.mark.parametrize("example", NAMES)
def test_every_line_is_one_arm_document(example: str) -> None:
    """Each line has an id, its name and its type, and the ids come sorted, each once."""
    ids = [document["id"].lower() for document in documents(example)]
    assert ids == sorted(set(ids))
    for document in documents(example):
        assert document["id"].startswith("/subscriptions/")
        assert document["name"]
        assert document["type"].startswith("Microsoft.")


@pytest.mark.parametrize("example", NAMES)
def test_documents_are_compact(example: str) -> None:
    """A line is as short as JSON allows."""
    lines = (EXAMPLES / example / "resources.jsonl").read_text(encoding="utf-8").splitlines()
    assert lines == [json.dumps(document, separators=(",", ":")) for document in documents(example)]


@pytest.mark.parametrize("example", ["broken", "locked-down", "open"])
def test_every_reference_resolves(example: str) -> None:
    """What a document refers to is in the same snapshot, unless no collector reads that kind."""
    assert unresolved(example) == set()


def test_only_the_network_behind_the_hub_is_missing() -> None:
    """Virtual WAN's own virtual network lies in a subscription of Microsoft's."""
    (network,) = of_kind("virtual-wan", "Microsoft.Network/virtualNetworks")
    (managed,) = network["properties"]["virtualNetworkPeerings"]
    assert managed["name"].startswith("RemoteVnetToHubPeering_")
    assert unresolved("virtual-wan") == {managed["properties"]["remoteVirtualNetwork"]["id"].lower()}


@pytest.mark.parametrize("example", NAMES)
def test_manifest_rows_are_complete_and_about_what_is_held(example: str) -> None:
    """Every row is complete, none is written twice, and a row about one resource has that resource."""
    manifest = json.loads((EXAMPLES / example / "manifest.json").read_text(encoding="utf-8"))
    rows = [(row["scope"].lower(), row["kind"]) for row in manifest["reads"]]
    assert {row["status"] for row in manifest["reads"]} == {"complete"}
    assert len(rows) == len(set(rows))
    ids = {document["id"].lower() for document in documents(example)}
    resources = {scope for scope, _ in rows if scope.count("/") > 7}
    assert resources <= ids
    listed = {kind.lower() for _, kind in rows}
    inside = {"microsoft.compute/virtualmachinescalesets/virtualmachines/networkinterfaces"}
    assert {document["type"].lower() for document in documents(example)} <= listed | inside


@pytest.mark.parametrize("example", NAMES)
def test_no_two_rules_share_a_priority(example: str) -> None:
    """Order is never ambiguous: in a security group, among the groups of a policy, inside a group."""
    groups: dict[str, list[int]] = {}
    for document in of_kind(example, "Microsoft.Network/firewallPolicies/ruleCollectionGroups"):
        policy = document["id"].rsplit("/", 2)[0]
        groups.setdefault(policy, []).append(document["properties"]["priority"])
        priorities = [one["priority"] for one in document["properties"]["ruleCollections"]]
        assert len(priorities) == len(set(priorities)), document["id"]
    for policy, priorities in groups.items():
        assert len(priorities) == len(set(priorities)), policy
    for document in of_kind(example, "Microsoft.Network/networkSecurityGroups"):
        rules = [rule["properties"] for rule in document["properties"]["securityRules"]]
        counts = Counter((rule["direction"], rule["priority"]) for rule in rules)
        assert set(counts.values()) <= {1}, document["id"]


@pytest.mark.parametrize("example", NAMES)
def test_inline_pools_equal_their_documents(example: str) -> None:
    """A cluster and the pools below it tell the same story."""
    (cluster,) = of_kind(example, "Microsoft.ContainerService/managedClusters")
    inline = {pool["name"]: pool for pool in cluster["properties"]["agentPoolProfiles"]}
    pools = of_kind(example, "Microsoft.ContainerService/managedClusters/agentPools")
    assert inline == {pool["name"]: {"name": pool["name"], **pool["properties"]} for pool in pools}


@pytest.mark.parametrize("example", NAMES)
def test_service_tags_nest(example: str) -> None:
    """A regional tag lies in its parent, and AzureCloud holds the IPv4 prefixes of every other tag."""
    lists = [one["values"] for one in of_kind(example, "Microsoft.Network/locations/serviceTags")]
    assert all(values == lists[0] for values in lists)
    tags = prefixes_of(lists[0])
    for name, prefixes in tags.items():
        parents = ["AzureCloud"] + [name.rsplit(".", 1)[0]] * (name.split(".")[-1].lower() == "westeurope")
        for parent in parents:
            outside = [one for one in prefixes if not any(one.subnet_of(other) for other in tags[parent])]
            assert not outside, (name, parent)


def prefixes_of(values: list[dict[str, Any]]) -> Mapping[str, list[IPv4Network]]:
    found: dict[str, list[IPv4Network]] = {}
    for value in values:
        networks = map(ip_network, value["properties"]["addressPrefixes"])
        found[value["name"]] = [one for one in networks if isinstance(one, IPv4Network)]
    return found


def test_the_blocked_azure_address_is_in_no_service_of_the_tag_list() -> None:
    """One blocked address belongs to Azure, and to nothing that the cluster's names may resolve to."""
    (values, *_) = (
        one["values"] for one in of_kind("locked-down", "Microsoft.Network/locations/serviceTags")
    )
    (group,) = (
        one for one in of_kind("locked-down", "Microsoft.Network/ipGroups") if one["name"] == "ipg-blocklist"
    )
    tags = prefixes_of(values)
    holders = {
        address: {
            name for name, prefixes in tags.items() if any(ip_address(address) in one for one in prefixes)
        }
        for address in group["properties"]["ipAddresses"]
    }
    assert holders == {
        "45.155.205.86": set(),
        "185.220.101.4": set(),
        "20.106.42.17": {"AzureCloud", "AzureCloud.westus"},
    }


def test_locked_down_admits_exactly_the_names_of_the_newest_edition() -> None:
    """Each name that aks-payments needs is in one application rule, and no other name is in any."""
    edition = yaml.safe_load((ROOT / "policies" / "aks-2026-06-18.yaml").read_text(encoding="utf-8"))
    needed = {
        row["destination"].replace("<location>", "westeurope")
        for row in edition["rows"]
        if row["cloud"] in {"public", "any"}
        and row["destinationKind"] == "name"
        and row["condition"] in FEATURES
    }
    admitted = Counter(
        name
        for document in of_kind("locked-down", "Microsoft.Network/firewallPolicies/ruleCollectionGroups")
        for collection in document["properties"]["ruleCollections"]
        for rule in collection["rules"]
        for name in rule.get("targetFqdns", ())
    )
    assert set(admitted.values()) == {1}
    assert set(admitted) == needed | {"*.vault.azure.net"}  # vaults lie below the name that is published


def test_broken_differs_from_locked_down_in_its_faults_only() -> None:
    """Whatever else the two estates hold is the same, so a finding in one alone is due to a fault."""
    sound, faulty = (
        {one["id"]: without_marks(one) for one in documents(name)} for name in ("locked-down", "broken")
    )
    assert sound.keys() <= faulty.keys()
    changed = {name_of(reference) for reference in sound if sound[reference] != faulty[reference]}
    assert changed == {
        "aks-payments",  # lists the new pool
        "aks-agentpool-12345678-nsg",  # is on the new pool's interfaces
        "fwpol-weu-aks",
        "rcg-aks-required",
        "nsg-aks-nodes",
        "vnet-spoke-payments",
    }
    added = {name_of(reference) for reference in faulty.keys() - sound.keys()}
    assert added == {"aks-batch-12345678-vmss", "batch", "nsg-aks-batch", "rcg-payments"}


def without_marks(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_marks(member) for name, member in value.items() if name != "etag"}
    return [without_marks(member) for member in value] if isinstance(value, list) else value


def name_of(reference: str) -> str:
    return reference.rsplit("/", 1)[-1]
