"""Questions: may this source reach that destination? The grammar of `--to` and of a baseline row's `to`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from auditor.netset import AddressSet, NamePattern

PROTOCOLS = ("tcp", "udp", "icmp", "http", "https", "mssql")
"""`tcp` means raw TCP, which application rules cannot match (FW-22); the last three run over TCP."""

_PORTS = re.compile(r"(\d{1,6})(?:-(\d{1,6}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One destination to reach; exactly one of `name`, `addresses`, `tag` and `anywhere` is set.

    But a name may be asked for at given addresses: all of them, whatever it is resolved to.
    """

    to: str
    """Canonical text, `HOST:PORT/PROTO`."""
    protocol: str
    """One of `PROTOCOLS`."""
    ports: tuple[tuple[int, int], ...]
    """Closed port ranges; empty for icmp."""
    name: NamePattern | None = None
    addresses: AddressSet | None = None
    tag: str | None = None
    """A service tag as destination: all of its addresses are asked for."""
    anywhere: bool = False
    """A row without destination: may anything on this protocol and port leave to public addresses?"""
    own_api_server: bool = False
    """The name is the cluster's own `fqdn` (its addresses are not set aside; design: names and addresses)."""
    private_of: str | None = None
    """A resource id (lower case) whose private endpoints give the name's addresses."""


def parse_question(text: str) -> Question:
    """Read `HOST:PORT/PROTO`, `HOST:PORT-PORT/PROTO`, `HOST/icmp` or `[IPv6]:PORT/PROTO`.

    HOST is an address, a CIDR, an IPv6 address or CIDR in brackets, a name or a name pattern (FW-26).
    Raises ValueError with one clear sentence.
    """
    raw = text.strip()
    if not raw or any(ord(char) < 33 for char in raw):
        raise ValueError(
            f"{text[:80]!r} is no endpoint; expected HOST:PORT/PROTO such as mcr.microsoft.com:443/https"
        )
    body, slash, protocol = raw.rpartition("/")
    protocol = protocol.lower()
    if not slash or protocol not in PROTOCOLS:
        raise ValueError(
            f"{raw[:80]!r} must end in /PROTO, one of {', '.join(PROTOCOLS)}; for example mcr.microsoft.com:443/https"
        )
    ports: tuple[tuple[int, int], ...] = ()
    if protocol == "icmp":
        host = body
    else:
        host, colon, port_text = body.rpartition(":")
        if not colon or not host:
            raise ValueError(f"{raw[:80]!r} lacks a port; expected HOST:PORT/{protocol}")
        ports = (_port_range(port_text, raw),)
    return question(host, protocol, ports)


def question(
    host: str, protocol: str, ports: tuple[tuple[int, int], ...], *, own_api_server: bool = False
) -> Question:
    """The question for a host given as text; see `parse_question` for what HOST may be."""
    addresses, name = _host(host)
    shown = str(name) if name is not None else host.lower()
    if addresses is not None and ":" in host and not host.startswith("["):
        shown = f"[{shown}]"
    return Question(
        to=endpoint_text(shown, protocol, ports),
        protocol=protocol,
        ports=ports,
        name=name,
        addresses=addresses,
        own_api_server=own_api_server,
    )


def endpoint_text(host: str, protocol: str, ports: tuple[tuple[int, int], ...]) -> str:
    """`HOST:PORT/PROTO` as reports write it."""
    if not ports:
        return f"{host}/{protocol}"
    shown = ",".join(str(low) if low == high else f"{low}-{high}" for low, high in ports)
    return f"{host}:{shown}/{protocol}"


def _port_range(text: str, whole: str) -> tuple[int, int]:
    match = _PORTS.fullmatch(text)
    if match is None:
        raise ValueError(f"{text[:40]!r} in {whole[:80]!r} is no port or port range")
    low = int(match[1])
    high = int(match[2]) if match[2] else low
    if not 1 <= low <= high <= 65535:
        raise ValueError(f"port {text[:40]} in {whole[:80]!r} is outside 1-65535 or runs backwards")
    return low, high


def _host(host: str) -> tuple[AddressSet | None, NamePattern | None]:
    if host.startswith("["):
        inside, bracket, mask = host[1:].partition("]")
        if not bracket or (mask and not mask.startswith("/")):
            raise ValueError(f"{host[:80]!r} is no IPv6 address in brackets")
        return AddressSet.parse(inside + mask), None
    if re.fullmatch(r"[0-9./]+(-[0-9.]+)?", host) or host.count(":") > 1:
        return AddressSet.parse(host), None
    return None, NamePattern.parse(host)
