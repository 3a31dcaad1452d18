"""The `locked-down` estate, widened until it admits every row of an edition that applies to its cluster."""

from __future__ import annotations

from functools import cache
from typing import Final

from auditor.model.snapshot import Snapshot
from tests.estates.documents import GROUPS, Bodies, Json, edited, example, named

NEWEST: Final = "aks-2026-06-18"
OLDEST: Final = "aks-2019-05-14"
NODES: Final = "10.20.0.0/22"

HOSTS_OF_2019: Final = (
    "*.azmk8s.io",
    "aksrepos.azurecr.io",
    "*.blob.core.windows.net",
    "*.opinsights.azure.com",
    "gov-prod-policy-data.trafficmanager.net",
)
"""What the edition of 2019 names and today's rules do not admit, all of it HTTPS on port 443."""


@cache
def widened(edition: str) -> Snapshot:
    """The estate as shipped for the newest edition, which it was made for; with more rules for the one of 2019."""
    base = example("locked-down")
    return base if edition == NEWEST else edited(base, _admit_2019)


def _admit_2019(bodies: Bodies) -> None:
    collections: list[Json] = named(bodies, GROUPS, "rcg-aks-required")["properties"]["ruleCollections"]
    collections += [
        _collection(
            "net-2019",
            110,
            [
                _network_rule("tunnel", ["TCP"], ["9000"]),
                _network_rule("time-and-names", ["UDP"], ["123", "53"]),
            ],
        ),
        _collection(
            "app-2019",
            400,
            [
                _application_rule("hosts", "Https", 443, list(HOSTS_OF_2019)),
                _application_rule("ubuntu", "Http", 80, ["*.ubuntu.com"]),
            ],
        ),
    ]


def _collection(name: str, priority: int, rules: list[Json]) -> Json:
    return {
        "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
        "name": name,
        "priority": priority,
        "action": {"type": "Allow"},
        "rules": rules,
    }


def _network_rule(name: str, protocols: list[str], ports: list[str]) -> Json:
    return {
        "ruleType": "NetworkRule",
        "name": name,
        "ipProtocols": protocols,
        "sourceAddresses": [NODES],
        "destinationAddresses": ["*"],
        "destinationPorts": ports,
    }


def _application_rule(name: str, protocol: str, port: int, hosts: list[str]) -> Json:
    return {
        "ruleType": "ApplicationRule",
        "name": name,
        "protocols": [{"protocolType": protocol, "port": port}],
        "sourceAddresses": [NODES],
        "targetFqdns": hosts,
    }
