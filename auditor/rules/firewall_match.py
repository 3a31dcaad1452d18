"""One destination as a firewall rule: which kind of rule, with which options, and what that lets out beside it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from auditor.rules.az_command import Value
from auditor.rules.destination import Destination, Kind
from auditor.rules.hint import Wish
from auditor.rules.wording import shown

_APPLICATION = {"http": "Http", "https": "Https", "mssql": "Mssql"}


def match_options(wish: Wish) -> dict[str, Value] | None:
    """The options that make a rule match the destination; None when no rule can (FW-22, FW-26, FW-41)."""
    destination = wish.destination
    ports = destination.ports.split(",")
    if destination.by_name:
        protocol = _APPLICATION[destination.protocol]
        return {
            "target_fqdns": (destination.host,),
            "protocols": tuple(f"{protocol}={port.partition('-')[0]}" for port in ports),
        }
    match: dict[str, Value] = {
        "ip_protocols": (destination.transport.upper(),),
        "destination_ports": tuple(ports),
    }
    if destination.kind is not Kind.NAME:
        match["destination_addresses"] = (destination.host,)
    elif "*" not in destination.host:
        match["destination_fqdns"] = (destination.host,)
    elif wish.tags:
        match["destination_addresses"] = wish.tags
    else:
        return None
    return match


def remark(wish: Wish) -> str:
    """What the rule lets out beyond the wish, or needs beside it."""
    destination = wish.destination
    if destination.kind is Kind.ANYWHERE:
        return "; this opens the port to every address, so name the servers instead where they are known"
    if destination.kind is Kind.TAG or (not destination.by_name and "*" in destination.host):
        return "; a service tag admits every tenant of that service"
    if destination.kind is Kind.NAME and not destination.by_name:
        return "; a name in a network rule needs the firewall's DNS proxy (FW-41)"
    return ""


def described(destination: Destination) -> str:
    """The destination in words: host, protocol and port."""
    if destination.by_name:
        return f"{shown(destination.host)}, {_APPLICATION[destination.protocol]}:{destination.ports}"
    port = "" if destination.ports == "*" else f" {destination.ports}"
    return f"{shown(destination.host)}, {destination.transport.upper()}{port}"


def rule_type(destination: Destination) -> str:
    """The kind of rule that matches it."""
    return "ApplicationRule" if destination.by_name else "NetworkRule"


def free_name(destination: Destination, taken: Iterable[str]) -> str:
    """A name for the new rule that none of `taken` is."""
    host = re.sub(r"[^a-z0-9]+", "-", destination.host.lower().replace("*", "any")).strip("-")
    return free(f"allow-{host or 'any'}-{destination.protocol}"[:70], taken)


def free(name: str, taken: Iterable[str]) -> str:
    """The name, or the name with the first number that makes it new."""
    used = {item.lower() for item in taken}
    if name not in used:
        return name
    return next(f"{name}-{number}" for number in range(2, len(used) + 3) if f"{name}-{number}" not in used)
