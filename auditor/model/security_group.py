"""Network security groups and Virtual Network Manager admin rules."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.model.gap import Flaw
from auditor.model.resource_id import ResourceId


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityRule:
    """One rule of a network security group or one admin rule (NSG-11..NSG-16, NSG-31)."""

    name: str
    priority: int
    direction: str
    """`outbound` or `inbound`, lower case."""
    access: str
    """`allow`, `deny` or `alwaysallow`, lower case; anything else is an unknown enum value (V-6)."""
    protocol: str
    """`tcp`, `udp`, `icmp`, `esp`, `ah`, `*`, lower case; `any` reads as `*`."""
    sources: tuple[str, ...]
    """Prefixes, ranges, `*` and tags: the union of the singular and the plural property (NSG-13, NSG-15)."""
    source_groups: tuple[ResourceId, ...]
    source_ports: tuple[str, ...]
    destinations: tuple[str, ...]
    destination_groups: tuple[ResourceId, ...]
    destination_ports: tuple[str, ...]
    default: bool
    """One of the rules that Azure always adds (NSG-8)."""
    unsettled: str = ""
    """A `provisioningState` that leaves open whether the rule is in force; empty where it is (V-6)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityGroup:
    """A network security group; the order of `rules` means nothing (NSG-4)."""

    id: ResourceId
    flaws: tuple[Flaw, ...]
    """What could not be understood of the group itself and of rules that may be outbound (NSG-4)."""
    inbound_flaws: tuple[Flaw, ...] = ()
    """The same of the group and of rules that may be inbound: they filter at the destination (NSG-9)."""
    rules: tuple[SecurityRule, ...]
    """Custom rules and the default rules (made up from NSG-8 where the document lacks them)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminRules:
    """The effective security admin rules of one virtual network, read completely (NSG-30..NSG-32)."""

    network: ResourceId
    rules: tuple[SecurityRule, ...]
    flaws: tuple[Flaw, ...] = ()
    """What could not be understood in the answer."""
