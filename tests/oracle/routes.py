"""Route selection for one destination (UDR-2, 3, 4, 5, 8, 18, 20, 24)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from tests.oracle.literals import inside, is_literal, prefix_length, span
from tests.oracle.network import Documents, remote, spans

RESERVED = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
DEFAULT_PREFIX = "0.0.0.0/0"
_HIDDEN = spans(  # UDR-5
    (
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
)


@dataclass(frozen=True, slots=True)
class Hop:
    """Where a route sends a packet."""

    kind: str
    """`vnet`, `peering`, `endpoint`, `internet`, `none` or `appliance`."""
    value: str = ""
    """The network on the other side of a peering or of an endpoint, the address of an appliance."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    prefix: str
    rank: int
    """Lower wins on equal prefixes: user routes, then the platform's own (UDR-8)."""
    hop: Hop


def hops(documents: Documents, subnet: str, destination: int) -> list[Hop]:
    """The hops that may be chosen: one, or two where the clauses leave it open."""
    found: list[Hop] = []
    for without_reserved, without_peers in product(
        _reserved_readings(documents, subnet),
        (False, True) if documents.peering_routes_gone(subnet) else (False,),  # UDR-14
    ):
        listed = [
            one
            for one in _candidates(documents, subnet)
            if not (without_reserved and one.hop.kind == "none" and one.rank == _SYSTEM)
            and not (without_peers and one.hop.kind == "peering")
        ]
        matching = [one for one in listed if inside(destination, (span(one.prefix),))]
        best = max(matching, key=_strength)  # several, and which one is open (UDR-20)
        found += [one.hop for one in matching if _strength(one) == _strength(best)]
        if best.prefix == DEFAULT_PREFIX and best.rank == _SYSTEM and inside(destination, _HIDDEN):
            found.append(Hop("none"))  # UDR-5
    endpoint = documents.endpoint_at(destination)
    if endpoint is not None and endpoint[0] in documents.near(documents.network_of(subnet)):
        # before an approval nobody knows whether its /32 is there; no peering that carries no IPv4 brings it (UDR-7)
        found.append(Hop("endpoint", endpoint[0]))
    return list(dict.fromkeys(found))


_SYSTEM = 10


def _reserved_readings(documents: Documents, subnet: str) -> tuple[bool, ...]:
    """Whether the reserved None routes are gone: yes beside a 0/0 to an appliance, open beside another 0/0 (UDR-4)."""
    default = documents.user_default(subnet)
    if default is None:
        return (False,)
    return (True,) if default["nextHopType"].lower() == "virtualappliance" else (False, True)


def _candidates(documents: Documents, subnet: str) -> Iterator[_Candidate]:
    network = documents.network_of(subnet)
    for route in documents.routes(subnet):
        hop = _user_hop(route)
        text = route["addressPrefix"]
        if is_literal(text):
            yield _Candidate(text, 0, hop)
        else:  # UDR-20: each prefix of the tag takes part on its own
            for prefix in documents.tags[text.lower()]:
                yield _Candidate(prefix, _tag_rank(text.lower()), hop)
    for prefix in documents.space(network):
        yield _Candidate(prefix, _SYSTEM, Hop("vnet"))
    for peering in documents.peerings(network):
        for prefix in peering["remoteAddressSpace"]["addressPrefixes"]:
            yield _Candidate(prefix, _SYSTEM, Hop("peering", remote(peering)))
    own = documents.space(network)
    for prefix in RESERVED:
        if prefix not in own:  # UDR-3
            yield _Candidate(prefix, _SYSTEM, Hop("none"))
    yield _Candidate(DEFAULT_PREFIX, _SYSTEM, Hop("internet"))


def _strength(candidate: _Candidate) -> tuple[int, int]:
    return prefix_length(candidate.prefix), -candidate.rank


def _tag_rank(tag: str) -> int:
    """Behind explicit prefixes: regional tags, plain ones, AzureCloud of a region, AzureCloud (UDR-20)."""
    cloud = tag == "azurecloud" or tag.startswith("azurecloud.")
    return 1 + ("." not in tag) + 2 * cloud


def _user_hop(route: dict[str, str]) -> Hop:
    kind = route["nextHopType"].lower()
    if kind == "virtualappliance":
        return Hop("appliance", route["nextHopIpAddress"])
    return Hop({"internet": "internet", "none": "none", "vnetlocal": "vnet"}[kind])
