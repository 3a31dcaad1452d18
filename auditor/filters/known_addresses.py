"""Address ranges that the platform gives a meaning: public, private, platform and undocumented ones."""

from __future__ import annotations

from auditor.netset import AddressSet

AZURE_DNS = "168.63.129.16"
HOST = AddressSet.of(AZURE_DNS)
"""The host itself: DNS, DHCP, health, wire server. VirtualNetwork holds it (NSG-17)."""
METADATA = AddressSet.of("169.254.169.254")
"""The instance metadata service."""
PLATFORM = HOST | METADATA
"""DNS, DHCP, IMDS, health: outside ordinary rules and user routes (NSG-21, NSG-22)."""

RESERVED: tuple[str, ...] = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
"""Prefixes with a system None route on every subnet (UDR-2)."""

RFC1918 = AddressSet.of("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")

SPECIAL = AddressSet.of(
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/3",
)
"""IPv4 ranges that are not global unicast (IANA special-purpose registry)."""

ALL_IPV4 = AddressSet.of("0.0.0.0/0")
ALL_IPV6 = AddressSet.of("::/0")
EVERYWHERE = ALL_IPV4 | ALL_IPV6
GLOBAL = ALL_IPV4 - SPECIAL
"""IPv4 global unicast."""
GLOBAL_IPV6 = AddressSet.of("2000::/3")
"""IPv6 global unicast."""
PUBLIC = GLOBAL - PLATFORM
"""Where a name without hints may live: global unicast without the platform's own address."""

UNDOCUMENTED_NONE: tuple[str, ...] = (
    "127.0.0.0/8",
    "198.18.0.0/15",
    "104.146.0.0/17",
    "104.147.0.0/16",
    "157.59.0.0/16",
    "20.35.252.0/22",
    "23.103.0.0/18",
    "40.108.0.0/17",
    "40.109.0.0/16",
    "25.4.0.0/14",
    "25.148.0.0/15",
    "25.150.0.0/16",
    "25.152.0.0/14",
    "25.156.0.0/16",
    "25.159.0.0/16",
    "25.176.0.0/13",
    "25.184.0.0/14",
)
"""None routes that real interfaces show and no document lists (UDR-5)."""
