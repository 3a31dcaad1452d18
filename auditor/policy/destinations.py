"""Destinations as an organisation policy writes them: the grammar of `trace --to`, service tags, `*` and more."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from auditor.filters.services import NUMBERS, with_ports
from auditor.model.question import Question, question
from auditor.netset import AddressSet, IntervalSet, NamePattern, ServiceSet
from auditor.netset.port import parse_ports
from auditor.netset.protocol import HIGHEST

APPLICATIONS: Final = ("http", "https", "mssql")
"""Protocols that application rules of a firewall speak (FW-22)."""

PROTOCOLS: Final = ("tcp", "udp", "icmp", *APPLICATIONS, "esp", "ah", "any")

_WITH_PORTS: Final = frozenset({"tcp", "udp", *APPLICATIONS})
_TAG: Final = re.compile(r"[A-Z][A-Za-z0-9]*(\.[A-Za-z0-9]+)?")
_NUMBERS: Final = re.compile(r"ip/(\d{1,3})(?:-(\d{1,3}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """Where to: exactly one of the fields is set."""

    text: str
    name: NamePattern | None = None
    addresses: AddressSet | None = None
    tag: str | None = None
    """A service tag; its addresses are known once the lists are."""
    anywhere: bool = False
    """Every public address and every name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """By what: a protocol with its ports."""

    protocol: str
    """One of `PROTOCOLS`, or `ip` for protocols by number."""
    ports: tuple[tuple[int, int], ...]
    """Closed ranges; empty for protocols without ports."""
    services: ServiceSet

    @property
    def application(self) -> str | None:
        """The protocol, if application rules speak it."""
        return self.protocol if self.protocol in APPLICATIONS else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """One host by one service."""

    to: str
    """As reports print it."""
    host: Host
    service: Service

    @property
    def question(self) -> Question:
        """The same as a question; only for protocols that questions have."""
        host, service = self.host, self.service
        return Question(
            to=self.to,
            protocol=service.protocol,
            ports=service.ports,
            name=host.name,
            addresses=host.addresses,
            tag=host.tag,
            anywhere=host.anywhere,
        )


def parse_destination(text: str) -> Destination:
    """Read `HOST:PORT/PROTO`, where HOST, PORT and PROTO may be more than `trace --to` takes.

    HOST may be a service tag (it begins with a capital letter, and names are written in lower case) or `*`;
    PORT a list or `*`; PROTO `any`, `esp` or `ah`, which have no port. Raises ValueError with one clear sentence.
    """
    raw = text.strip()
    body, slash, protocol = raw.rpartition("/")
    protocol = protocol.lower()
    if not slash or protocol not in PROTOCOLS:
        expected = f"expected HOST:PORT/PROTO with PROTO one of {', '.join(PROTOCOLS)}"
        raise ValueError(f"{raw[:80]!r}: {expected}")
    if protocol not in _WITH_PORTS:
        return destination(parse_host(body), _service(protocol, "*", raw))
    host, colon, ports = body.rpartition(":")
    if not colon or not host:
        raise ValueError(f"{raw[:80]!r}: expected HOST:PORT/{protocol}, found no port")
    return destination(parse_host(host), _service(protocol, ports, raw))


def parse_host(text: str) -> Host:
    """An address, a CIDR, a range, an IPv6 address in brackets, a service tag, a name, a pattern or `*`.

    Raises ValueError with one clear sentence.
    """
    raw = text.strip()
    if any(ord(char) < 33 for char in raw) or not raw:
        raise ValueError(f"{text[:80]!r} is no host")
    if raw == "*":
        return Host(text="*", anywhere=True)
    if _TAG.fullmatch(raw):
        return Host(text=raw, tag=raw)
    asked = question(raw, "tcp", ())
    if asked.name is not None and raw[:1].isupper():
        raise ValueError(f"{raw[:80]!r}: write names in lower case; a capital letter begins a service tag")
    return Host(text=asked.to.removesuffix("/tcp"), name=asked.name, addresses=asked.addresses)


def parse_service(text: str) -> Service:
    """Read `PROTO/PORTS`, `PROTO` (all of its ports) or `ip/NUMBER`; raises ValueError with one clear sentence."""
    raw = text.strip().lower()
    numbered = _NUMBERS.fullmatch(raw)
    if numbered is not None:
        low, high = int(numbered[1]), int(numbered[2] or numbered[1])
        if not low <= high <= HIGHEST:
            raise ValueError(f"{raw[:80]!r}: expected protocol numbers from 0 to {HIGHEST}, rising")
        return Service(protocol="ip", ports=(), services=ServiceSet.protocols(*range(low, high + 1)))
    protocol, slash, ports = raw.partition("/")
    if protocol not in PROTOCOLS or (slash and protocol not in _WITH_PORTS):
        expected = f"expected PROTO/PORTS or PROTO with PROTO one of {', '.join(PROTOCOLS)}"
        raise ValueError(f"{raw[:80]!r}: {expected}")
    return _service(protocol, ports if slash else "*", raw)


def destination(host: Host, service: Service) -> Destination:
    """The pair; ValueError for a service tag by application protocol, which no rule of Azure's can say."""
    if host.tag is not None and service.application is not None:
        raise ValueError(
            f"{host.text[:80]!r}: a service tag stands for addresses, so say tcp instead of {service.protocol}; "
            "a name is written in lower case"
        )
    return Destination(to=_text(host, service), host=host, service=service)


def _service(protocol: str, text: str, whole: str) -> Service:
    if protocol == "any":
        return Service(protocol=protocol, ports=(), services=ServiceSet.ANY)
    if protocol not in _WITH_PORTS:
        return Service(protocol=protocol, ports=(), services=ServiceSet.protocols(NUMBERS[protocol]))
    try:
        ports = IntervalSet.union_all(parse_ports(one.strip()) for one in text.split(","))
    except ValueError as error:
        raise ValueError(f"{whole[:80]!r}: {str(error)[:160]}") from error
    return Service(protocol=protocol, ports=tuple(ports.intervals()), services=with_ports((protocol,), ports))


def _text(host: Host, service: Service) -> str:
    if service.protocol == "ip":
        return f"{host.text} {service.services}"
    if not service.ports:
        return f"{host.text}/{service.protocol}"
    return f"{host.text}:{_ports_text(service.ports)}/{service.protocol}"


def _ports_text(ports: Iterable[tuple[int, int]]) -> str:
    shown = ",".join(str(low) if low == high else f"{low}-{high}" for low, high in ports)
    return "*" if shown == "0-65535" else shown
