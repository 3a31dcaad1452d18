"""A public API server whose authorized ranges refuse the addresses from which the cluster's nodes call it (AKS-26)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from auditor.filters.terms import addresses_of, literal
from auditor.model.cluster import ApiServer, Cluster
from auditor.model.estate import Estate
from auditor.model.finding import From, Problem
from auditor.model.question import question
from auditor.model.resource_id import ResourceId
from auditor.model.verdict import Hop, Outcome, Piece, Stage
from auditor.netset import AddressSet
from auditor.paths.cluster_paths import ClusterPaths
from auditor.paths.egress_addresses import EgressAddresses, egress_addresses
from auditor.paths.sources import Source

KIND = "api-server-rejects-egress-ip"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """One way on which nodes call the API server: where it leaves, and whether it is let in there."""

    exit: Hop | None
    refused: tuple[str, ...] = ()
    """Addresses and prefixes of which none is admitted."""
    reasons: tuple[str, ...] = ()
    """Why nobody can tell whether it is let in."""


def refused_calls(paths: ClusterPaths, source: Source, asked: From) -> Iterator[Problem]:
    """The address that a source's calls come from is not among the authorized ranges, or may not be.

    A name's addresses are alternatives: only when all ways to them end alike is the answer certain.
    """
    cluster = paths.cluster
    server = cluster.api_server
    # With VNet integration nodes reach the API server at its private address, whatever the ranges say (AKS-5).
    if server.private or server.vnet_integration or (server.ranges_known and not server.authorized_ranges):
        return
    if cluster.fqdn is None:
        yield _problem(cluster, asked, (), ("unreadable-resource",))
        return
    calls = [_call(piece, source, paths.network.estate) for piece in _leaving(paths, source, cluster.fqdn)]
    refused = [call for call in calls if call.refused]
    doubtful = [call for call in calls if call.reasons]
    if not refused and not doubtful:
        return
    if len(refused) == len(calls):
        reasons = tuple(sorted({flaw.code for flaw in cluster.flaws}))
    else:
        reasons = tuple(sorted({code for call in doubtful for code in call.reasons})) or (
            "fqdn-address-unknown",
        )
    yield _problem(cluster, asked, refused or doubtful, reasons)


def _leaving(paths: ClusterPaths, source: Source, fqdn: str) -> list[Piece]:
    """The pieces of the question for the API server that may get out to it.

    What is blocked or set aside does not reach it, and the addresses of a service endpoint belong to another
    service (UDR-10).
    """
    verdict = paths.ask(question(fqdn, "https", ((443, 443),), own_api_server=True), source)
    return [
        piece
        for piece in verdict.pieces
        if not piece.aside
        and piece.verdict is not Outcome.BLOCKED
        and not any(hop.stage is Stage.ROUTE and hop.clause == "UDR-10" for hop in piece.hops)
    ]


def _call(piece: Piece, source: Source, estate: Estate) -> _Call:
    last = piece.hops[-1] if piece.hops else None
    if piece.verdict is not Outcome.ALLOWED or last is None:
        return _Call(exit=None, reasons=piece.reasons or ("unreadable-resource",))
    egress = egress_addresses(last, source, estate)
    if egress.balanced:
        return _Call(exit=last)
    return _judge(egress, last, source.cluster.api_server, estate)


def _judge(egress: EgressAddresses, last: Hop, server: ApiServer, estate: Estate) -> _Call:
    """Every address that is in use must be admitted; one that is surely not decides."""
    admitted, unread = _admitted(server.authorized_ranges, estate)
    outside = {
        text: addresses for text in egress.known if not (addresses := addresses_of((text,))) <= admitted
    }
    open_to = (
        *(("enum-unknown",) if not server.ranges_known else ()),
        *(("tag-snapshot-missing",) if unread else ()),
    )
    if outside and open_to:
        return _Call(exit=last, reasons=open_to)
    surely = [text for text, found in outside.items() if not egress.chosen or found.isdisjoint(admitted)]
    if surely:
        return _Call(exit=last, refused=tuple(surely))
    # Which addresses of a prefix the nodes have is not known.
    return _Call(exit=last, reasons=egress.reasons or (("uncertain:AKS-26",) if outside else ()))


def _admitted(ranges: Sequence[str], estate: Estate) -> tuple[AddressSet, bool]:
    """The addresses of the ranges, and whether a service tag among them was not read."""
    found = [literal(text) or estate.service_tags.get(text) for text in ranges]
    known = [addresses for addresses in found if addresses is not None]
    return AddressSet.union_all(known), len(known) < len(found)


def _problem(cluster: Cluster, asked: From, calls: Sequence[_Call], reasons: tuple[str, ...]) -> Problem:
    exits = tuple(dict.fromkeys(call.exit for call in calls if call.exit is not None))
    lacking = tuple(dict.fromkeys(text for call in calls for text in call.refused))
    places = list(dict.fromkeys(ResourceId(hop.resource).key for hop in exits if hop.resource is not None))
    ways = " or ".join(dict.fromkeys(hop.detail for hop in exits)) or "leaves in a way that is not known"
    if reasons:
        message = (
            f"whether the API server admits the cluster's own calls is not known: traffic to it {ways}, and "
        )
        message += "whether the authorized ranges hold its source address cannot be told (AKS-26)"
    else:
        message = f"the API server refuses the cluster's own calls: traffic to it {ways}, and the authorized ranges "
        message += f"do not hold its source {', '.join(lacking)} (AKS-26)"
    return Problem(
        kind=KIND,
        resource=cluster.id,
        subject=" ".join(places) or "authorizedIPRanges",
        message=message,
        asked_from=(asked,),
        evidence=exits,
        reasons=reasons,
        lacking=lacking,
    )
