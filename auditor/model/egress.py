"""What may leave by policy, and what leaves beyond it: the plain records between policy, paths and rules."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from auditor.model.finding_place import From, Place
from auditor.model.verdict import Hop
from auditor.netset import AddressSet, IntervalSet, NameSet, ServiceSet, Traffic
from auditor.netset.protocol import ICMP, NAMES


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowedNames:
    """Names that may be reached by one application protocol on some ports."""

    names: NameSet
    application: str | None
    """`http`, `https` or `mssql`; None where only the name's addresses can be meant."""
    services: ServiceSet
    addresses: Traffic = Traffic.EMPTY
    """The same need by address: its pins, else its service tags. It is granted only where no rule admits the name,
    for who can name the destination has no need to open all addresses of a service (design: excess)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """Everything that a policy admits from one cluster."""

    traffic: Traffic = Traffic.EMPTY
    """By address, whatever name is meant."""
    names: tuple[AllowedNames, ...] = ()


class Beyond(StrEnum):
    """In which way traffic goes beyond what a cluster needs."""

    EXCESS = "excess"
    UNNEEDED = "unneeded"
    """Published for AKS, but not needed by this cluster."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """Some traffic of some senders: each of the sources sends all of it, from each of the pools."""

    asked_from: tuple[From, ...]
    sources: AddressSet
    """Empty for a subnet that was not read."""
    traffic: Traffic
    """Destinations with their services; for names, wherever no network rule decides otherwise."""
    names: NameSet | None
    """The names that are meant, None where addresses are."""
    application: str | None
    """The protocol of the application rule by which names leave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Excess(Sent):
    """What one rule lets out of one subnet beyond the policy: an exact set with its proof."""

    kind: Beyond
    witness: str
    """One member in the grammar of `--to`, or a text where that grammar has no word for its protocol."""
    rule: Hop
    """The hop that is responsible."""
    hops: tuple[Hop, ...]
    """The path of the witness."""
    literal: bool
    """Whether the responsible rule names its destinations by literal prefixes."""
    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Undetermined(Sent):
    """What may leave beyond the policy if what is not known goes the other way: an exact set."""

    cause: str
    """The code that leaves it open."""
    witness: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bypass(Sent):
    """Traffic that leaves beside the firewall that the default route of its subnet leads to: an exact set."""

    witness: str
    rule: Hop
    """The route, endpoint or outbound method that leads past the firewall."""
    hops: tuple[Hop, ...]
    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Forbidden:
    """What one row of a policy forbids, and what of it leaves one subnet all the same."""

    to: str
    """What the row names, as the policy spells it."""
    reason: str
    place: Place
    asked_from: tuple[From, ...]
    leaves: tuple[Excess, ...] = ()
    """What surely leaves, by responsible rule."""
    open: tuple[Undetermined, ...] = ()
    """What may leave, by what leaves it open."""
    assumptions: tuple[str, ...] = ()
    """What is assumed for nothing of it to leave."""
    by_name: bool = True
    """Whether the row speaks of names; else what rules about names let out is not held against it."""


def one_point(traffic: Traffic) -> Traffic:
    """The lowest destination with the service that a witness names."""
    address, (protocol, port) = traffic.witness()
    ports = IntervalSet.of((0, 65535) if port is None else (port, port))
    return Traffic.box(AddressSet.of(address), ServiceSet.ports(ports, protocol))


_USUAL = {"http": 80, "https": 443, "mssql": 1433}


def witness_of(traffic: Traffic, names: NameSet | None, application: str | None) -> str:
    """One member of a set in the grammar of `--to`, or a text where that grammar has no word for its protocol."""
    address, (protocol, port) = traffic.witness()
    if names is not None:
        usual = _USUAL.get(application or "")
        port = usual if usual is not None and ServiceSet.tcp(usual) <= traffic.services else port
        return f"{names.witness()}:{port}/{application or NAMES[protocol]}"
    address = f"[{address}]" if ":" in address else address
    if protocol == ICMP:
        return f"{address}/icmp"
    if port is None:
        return f"{address} over IP protocol {NAMES.get(protocol, protocol)}"
    return f"{address}:{port}/{NAMES[protocol]}"
