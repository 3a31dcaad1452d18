"""The written forms of addresses and ports, and the plain form of an object; pure and remembered."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from ipaddress import ip_address
from typing import Any

from auditor.netset.address import AddressSet
from auditor.netset.name_pattern import plain_name
from auditor.netset.port import parse_ports

_OWN = ("id", "name")


@lru_cache(maxsize=1 << 16)
def is_prefix(text: str) -> bool:
    """Whether the text is an address, a CIDR or a range `a-b`."""
    try:
        AddressSet.parse(text)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=1 << 12)
def is_ports(text: str) -> bool:
    """Whether the text is a port, a range of ports or `*`."""
    try:
        parse_ports(text)
    except ValueError:
        return False
    return True


def is_term(text: str) -> bool:
    """Whether the text may stand where addresses and tags do: what looks like an address must be one."""
    looks_numeric = text[:1].isdigit() or ":" in text or "/" in text
    return not looks_numeric or is_prefix(text)


def host_name(text: str) -> str | None:
    """A DNS name in the spelling in which names are compared; None for anything else, an address among it."""
    try:
        return plain_name(text) if canonical_address(text) is None else None
    except ValueError:
        return None


def canonical_address(text: str) -> str | None:
    """One IP address as Python spells it, so that equal addresses are equal texts; None for anything else."""
    try:
        return str(ip_address(text)) if "%" not in text else None
    except ValueError:
        return None


@lru_cache(maxsize=1 << 12)
def canonical_prefix(text: str) -> str | None:
    """One CIDR with its host bits cleared, so that equal prefixes are equal texts; None for what is no single CIDR."""
    try:
        found = AddressSet.parse(text).cidrs()
    except ValueError:
        return None
    return found[0] if len(found) == 1 else None


def members(body: Mapping[str, Any]) -> tuple[dict[str, Any], set[str]]:
    """The members by lower-case name, and the names written twice with different values.

    Those of `properties` go before the object's own of the same name, `id` and `name` apart.
    """
    own: dict[str, Any] = {}
    inner: Mapping[str, Any] = {}
    clashes: set[str] = set()
    for key, value in body.items():
        lowered = key.lower()
        if lowered == "properties" and isinstance(value, dict):
            inner = value
        elif own.setdefault(lowered, value) != value:
            clashes.add(lowered)
    if not inner:
        return own, clashes
    found: dict[str, Any] = {}
    for key, value in inner.items():
        lowered = key.lower()
        if found.setdefault(lowered, value) != value:
            clashes.add(lowered)
    return {**own, **found, **{name: own[name] for name in _OWN if name in own}}, clashes
