"""Estates of any size, made of the bundled `locked-down` one: more subnets, or all of Azure's limits together.

`python -m benchmarks.estates limits FOLDER` writes a snapshot as large as LIM-24 says; `subnets N FOLDER` one whose
cluster sends from so many subnets.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from itertools import islice
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, Final

from auditor.resources import examples
from benchmarks.rule_sets import prefixes, random_ports

Json = dict[str, Any]
SEED: Final = 24
GROUPS, COLLECTIONS, RULES = 60, 30, 11
"""Rule collection groups of the policy, collections of a group, rules of a collection: just below LIM-11."""
IP_GROUPS, ENTRIES = 200, 5_000
SOURCE_GROUPS: Final = 40
SECURITY_RULES, SECURITY_PREFIXES = 1_000, 4_000
ROUTES, TAG_ROUTES = 400, 25
TAGS: Final = ("AzureMonitor", "AzureActiveDirectory", "MicrosoftContainerRegistry", "AzureResourceManager")


def main() -> None:
    """Write one estate into a folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="kind", required=True)
    commands.add_parser("limits").add_argument("folder", type=Path)
    subnets = commands.add_parser("subnets")
    subnets.add_argument("count", type=int)
    subnets.add_argument("folder", type=Path)
    options = parser.parse_args()
    documents = _documents()
    made = at_the_limits(documents) if options.kind == "limits" else with_subnets(documents, options.count)
    options.folder.mkdir(parents=True, exist_ok=True)
    _write(made, options.folder)


@contextmanager
def subnets_folder(count: int) -> Iterator[Path]:
    """A folder, for as long as it is needed, with a cluster that sends from so many subnets."""
    with TemporaryDirectory() as folder:
        _write(with_subnets(_documents(), count), Path(folder))
        yield Path(folder)


def _write(documents: Sequence[Json], folder: Path) -> None:
    shutil.copyfile(_source() / "manifest.json", folder / "manifest.json")
    with (folder / "resources.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(one) + "\n" for one in documents)


def with_subnets(documents: list[Json], count: int) -> list[Json]:
    """One pool for each of so many subnets, all of them with the nodes' security group and route table."""
    cluster = _named(documents, "aks-payments")
    network = _named(documents, "vnet-spoke-payments")
    template = network["properties"]["subnets"][0]
    profile = cluster["properties"]["agentPoolProfiles"][1]
    cluster["properties"]["agentPoolProfiles"] = []
    network["properties"]["subnets"] = []
    gone = ("/agentpools", "virtualmachinescalesets", "/networkinterfaces")
    kept = [one for one in documents if not one["type"].lower().endswith(gone)]
    for number in range(count):
        subnet = deepcopy(template)
        subnet["name"] = f"snet-{number}"
        subnet["id"] = f"{network['id']}/subnets/snet-{number}"
        subnet["properties"] |= {"addressPrefix": f"10.20.{number}.0/24", "ipConfigurations": []}
        network["properties"]["subnets"].append(subnet)
        pool = {**profile, "name": f"pool{number}", "vnetSubnetID": subnet["id"]}
        cluster["properties"]["agentPoolProfiles"].append(pool)
        own = {"name": pool["name"], "type": f"{cluster['type']}/agentPools", "properties": pool}
        kept.append({"id": f"{cluster['id']}/agentPools/{pool['name']}", **own})
    return kept


def at_the_limits(documents: list[Json]) -> list[Json]:
    """Two full security groups, a full route table, a full policy and all the IP groups that it may name (LIM-24)."""
    random = Random(SEED)  # noqa: S311 - figures that are always alike, no secret
    for name in ("nsg-aks-nodes", "aks-agentpool-12345678-nsg"):
        _named(documents, name)["properties"]["securityRules"] += _security_rules(random)
    table = _named(documents, "rt-aks-nodes")["properties"]["routes"]
    table += islice(_routes(random), ROUTES - len(table))
    policy = _named(documents, "fwpol-weu-aks")
    groups = list(_ip_groups(random, _named(documents, "ipg-blocklist")["id"]))
    collections = list(_rule_groups(random, policy, [one["id"] for one in groups]))
    policy["properties"]["ruleCollectionGroups"] += [{"id": one["id"]} for one in collections]
    return [*documents, *groups, *collections]


def _documents() -> list[Json]:
    lines = (_source() / "resources.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def _source() -> Path:
    return examples() / "locked-down"


def _named(documents: Sequence[Json], name: str) -> Json:
    (found,) = (one for one in documents if one.get("name") == name)
    return found


def _security_rules(random: Random) -> Iterator[Json]:
    for number in range(SECURITY_RULES - 10):
        protocol = random.choice(("Tcp", "Tcp", "Udp", "*"))
        yield {
            "name": f"rule-{number}",
            "properties": {
                "provisioningState": "Succeeded",
                "protocol": protocol,
                "sourceAddressPrefix": random.choice(("*", "VirtualNetwork", "10.20.0.0/22", "10.20.8.0/22")),
                "sourcePortRange": "*",
                "destinationAddressPrefixes": list(prefixes(random, SECURITY_PREFIXES // SECURITY_RULES)),
                "destinationPortRanges": list(random_ports(random)),
                "access": random.choice(("Allow", "Allow", "Deny")),
                # Behind the example's own rules, so that it stays recognisable.
                "priority": 3_000 + number,
                "direction": "Outbound",
            },
        }


def _routes(random: Random) -> Iterator[Json]:
    firewall = {"nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.10.1.4"}
    for number in range(TAG_ROUTES):
        tag = f"Storage.Region{number}" if number >= len(TAGS) else TAGS[number]
        yield _route(f"tag-{number}", tag, firewall)
    for number, text in enumerate(prefixes(random, ROUTES)):
        hop = firewall if random.random() < 0.8 else {"nextHopType": random.choice(("Internet", "None"))}
        yield _route(f"route-{number}", text if "/" in text else f"{text}/32", hop)


def _route(name: str, prefix: str, hop: Json) -> Json:
    return {"name": name, "properties": {"provisioningState": "Succeeded", "addressPrefix": prefix, **hop}}


def _ip_groups(random: Random, template: str) -> Iterator[Json]:
    folder = template.rpartition("/")[0]
    for number in range(IP_GROUPS):
        if number < SOURCE_GROUPS:
            # Sources of other spokes; one in eight holds the whole network of the cluster as well.
            entries = [
                f"10.{64 + index // 4096}.{index // 16 % 256}.{index % 16 * 16}/28"
                for index in range(ENTRIES - 1)
            ]
            entries.append("10.20.0.0/16" if number % 8 == 0 else "10.63.0.0/16")
        else:
            entries = list(prefixes(random, ENTRIES))
        yield {
            "name": f"ipg-{number}",
            "id": f"{folder}/ipg-{number}",
            "type": "Microsoft.Network/ipGroups",
            "location": "westeurope",
            "properties": {"provisioningState": "Succeeded", "ipAddresses": entries},
        }


def _rule_groups(random: Random, policy: Json, ip_groups: Sequence[str]) -> Iterator[Json]:
    for number in range(GROUPS - len(policy["properties"]["ruleCollectionGroups"])):
        name = f"rcg-{number}"
        yield {
            "name": name,
            "id": f"{policy['id']}/ruleCollectionGroups/{name}",
            "type": "Microsoft.Network/firewallPolicies/ruleCollectionGroups",
            "properties": {
                "provisioningState": "Succeeded",
                "priority": 1_000 + number,
                "ruleCollections": [
                    _collection(random, f"{number}-{place}", 1_000 + place, ip_groups)
                    for place in range(COLLECTIONS)
                ],
            },
        }


def _collection(random: Random, name: str, priority: int, ip_groups: Sequence[str]) -> Json:
    return {
        "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
        "name": f"collection-{name}",
        "priority": priority,
        "action": {"type": random.choice(("Allow", "Allow", "Deny"))},
        "rules": [_network_rule(random, f"rule-{name}-{number}", ip_groups) for number in range(RULES)],
    }


def _network_rule(random: Random, name: str, ip_groups: Sequence[str]) -> Json:
    """One source and one destination, each a prefix or an IP group: every pair counts once (LIM-11)."""
    by_group = random.random() < 0.3
    to_group = random.random() < 0.3
    source = random.choice(("10.20.0.0/16", "10.20.0.0/22", "10.30.0.0/16", "*"))
    return {
        "ruleType": "NetworkRule",
        "name": name,
        "ipProtocols": [random.choice(("TCP", "TCP", "UDP", "Any"))],
        "sourceAddresses": [] if by_group else [source],
        "sourceIpGroups": [random.choice(ip_groups[:SOURCE_GROUPS])] if by_group else [],
        "destinationAddresses": [] if to_group else list(prefixes(random, 1)),
        "destinationIpGroups": [random.choice(ip_groups[SOURCE_GROUPS:])] if to_group else [],
        "destinationFqdns": [],
        "destinationPorts": list(random_ports(random)),
    }


if __name__ == "__main__":
    main()
