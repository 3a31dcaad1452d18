"""The rows of an edition that the cluster of `locked-down` needs, read from the policy files as plain data.

None of the code under test takes part: which conditions hold and what fills the placeholders is said here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from ipaddress import IPv4Network, ip_network
from typing import Any, Final

import yaml

from auditor.resources import policies

LOCATION: Final = "westeurope"
API_SERVER: Final = "aks-payments-x1y2z3w4.hcp.westeurope.azmk8s.io"
FIREWALL: Final = "10.10.1.4"
"""The spoke's DNS server is the firewall."""

HOLDING: Final = frozenset(
    {
        "always",
        "linux-nodes",
        "custom-dns",
        "workload-identity",
        "azure-monitor",
        "azure-monitor-container-insights",
        "azure-monitor-managed-prometheus",
        "azure-policy",
        "defender-for-containers",
        "key-vault-csi",
    }
)
"""The conditions that hold for aks-payments, by their names in the editions."""


@dataclass(frozen=True)
class Row:
    """One row of an edition, its placeholders filled for aks-payments."""

    id: str
    required: bool
    destinations: tuple[str, ...]
    """Names, patterns, a service tag, an address or `*`: all that the row takes, alternatives included."""
    port: int
    protocol: str

    @property
    def to(self) -> tuple[tuple[str, ...], int, str]:
        """What rows with the same destination have in common."""
        return self.destinations, self.port, self.protocol

    @property
    def anywhere(self) -> bool:
        """Whether the row names no destination."""
        return self.destinations == ("*",)


@cache
def rows(edition: str) -> tuple[Row, ...]:
    """The rows whose condition holds, in the order of the edition."""
    document = yaml.safe_load((policies() / f"{edition}.yaml").read_text(encoding="utf-8"))
    return tuple(
        _row(row)
        for row in document["rows"]
        if row["cloud"] in {"public", "any"} and row["condition"] in HOLDING
    )


def _row(row: Mapping[str, Any]) -> Row:
    others = tuple(_filled(one["value"]) for one in row.get("alternatives", ()))
    (port,) = row["ports"]
    return Row(
        id=row["id"],
        required=row["level"] != "recommended" and "practice" not in row,
        destinations=others or (_filled(row["destination"]),),
        port=port,
        protocol=row["protocol"],
    )


def _filled(destination: str) -> str:
    if destination == "*.hcp.<location>.azmk8s.io":
        return API_SERVER
    return destination.replace("<custom-dns>", FIREWALL).replace("<location>", LOCATION)


@cache
def _tag_map() -> tuple[tuple[str, tuple[str, ...], str], ...]:
    document = yaml.safe_load((policies() / "aks-service-tags.yaml").read_text(encoding="utf-8"))
    return tuple(
        (name.replace("<location>", LOCATION), tuple(entry["serviceTags"]), entry["grade"])
        for entry in document["entries"]
        if "public" in entry.get("clouds", ["public"])
        for name in entry["names"]
    )


def service_tags_of(row: Row) -> tuple[str, ...]:
    """The tags that hold the row's addresses for certain: itself, or what the map says with grade `service`."""
    (first, *_) = row.destinations
    if "." not in first and not row.anywhere:
        return (first,)
    fitting = [(len(name), tags, grade) for name, tags, grade in _tag_map() if fnmatchcase(first, name)]
    if not fitting:
        return ()
    _, tags, grade = max(fitting)
    return tags if grade == "service" else ()


def addresses_of(row: Row, tags: Mapping[str, tuple[str, ...]]) -> tuple[IPv4Network, ...]:
    """Where the row may lead, in IPv4: everywhere, unless it is an address or a service's tags hold it."""
    if row.destinations == (FIREWALL,):
        return (IPv4Network(FIREWALL),)
    prefixes = [prefix for tag in service_tags_of(row) for prefix in tags[tag.lower()]]
    found = [ip_network(prefix) for prefix in prefixes or ["0.0.0.0/0"]]
    return tuple(one for one in found if isinstance(one, IPv4Network))
