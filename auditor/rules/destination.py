"""The destination of an endpoint, read back from the `to` that reports print."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from auditor.model.service_tags import ServiceTags
from auditor.netset.address import AddressSet

_TAG = re.compile(r"[A-Z][A-Za-z0-9]*(\.[A-Za-z0-9]+)*")
_TRANSPORT = {"http": "tcp", "https": "tcp", "mssql": "tcp"}


class Kind(StrEnum):
    """How a destination is written."""

    NAME = "name"
    ADDRESS = "address"
    TAG = "tag"
    ANYWHERE = "anywhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Host, ports and protocol of one endpoint."""

    to: str
    host: str
    """A name or name pattern, addresses without brackets, a service tag, or `*`."""
    kind: Kind
    ports: str
    """`443`, `1000-2000`, `80,443`, or `*` where the protocol has no ports."""
    protocol: str

    @property
    def transport(self) -> str:
        """`tcp`, `udp` or `icmp`: what a filter that knows addresses and ports sees."""
        return _TRANSPORT.get(self.protocol, self.protocol)

    @property
    def by_name(self) -> bool:
        """Whether a firewall's application rule can match it (FW-22)."""
        return self.kind is Kind.NAME and self.protocol in _TRANSPORT


def read_destination(to: str, tags: ServiceTags) -> Destination:
    """The destination that `to` writes; names are lower case there, service tags are spelt as published."""
    body, _, protocol = to.rpartition("/")
    host, ports = body, "*"
    if protocol != "icmp":
        host, _, ports = body.rpartition(":")
    if host.startswith("["):
        inside, _, mask = host[1:].partition("]")
        host = inside + mask
    return Destination(to=to, host=host, kind=_kind(host, tags), ports=ports or "*", protocol=protocol)


def _kind(host: str, tags: ServiceTags) -> Kind:
    if host == "*":
        return Kind.ANYWHERE
    try:
        AddressSet.parse(host)
    except ValueError:
        return Kind.TAG if _TAG.fullmatch(host) or tags.get(host) is not None else Kind.NAME
    return Kind.ADDRESS
