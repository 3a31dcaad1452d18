"""A firewall that opens the TLS of the tunnel between nodes and API server (FW-33)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from auditor.filters.parts import Codes
from auditor.model.finding import From, Problem
from auditor.model.question import Question, question
from auditor.model.resource_id import ResourceId
from auditor.paths.cluster_paths import ClusterPaths
from auditor.paths.sources import Source

_CODE = "tls-inspection"


def inspected_tunnel(paths: ClusterPaths, source: Source, asked: From) -> Iterator[Problem]:
    """Application rules that decide about the API server's own name and inspect TLS.

    The path says which rule decides: a network rule or an earlier application rule spares the tunnel. Where
    something beside the inspection leaves the path open, so is the defect.
    """
    for asking in _questions(paths):
        for piece in paths.ask(asking, source).pieces:
            if piece.aside or _CODE not in piece.reasons:
                continue
            for hop in piece.hops:
                if _CODE in hop.codes and hop.resource is not None and hop.rule is not None:
                    others = tuple(code for code in piece.reasons if code != _CODE)
                    yield Problem(
                        kind="tls-inspection-breaks-tunnel",
                        resource=ResourceId(hop.resource),
                        subject=hop.rule,
                        message=_message(hop.rule, str(asking.name), certain=not others),
                        asked_from=(asked,),
                        evidence=(hop,),
                        reasons=others,
                        lacking=(str(asking.name),),
                    )


def tunnel_codes(paths: ClusterPaths, source: Source) -> Codes:
    """What leaves open whether the tunnel gets through."""
    return frozenset(
        code
        for asking in _questions(paths)
        for piece in paths.ask(asking, source).pieces
        if not piece.aside
        for code in piece.reasons
    )


def _message(rule: str, name: str, *, certain: bool) -> str:
    if not certain:
        return f"whether application rule {rule} inspects the TLS of {name} is not known (FW-33)"
    return (
        f"application rule {rule} inspects the TLS of {name}, and the tunnel to the API server breaks (FW-33)"
    )


def _questions(paths: ClusterPaths) -> Iterator[Question]:
    """The API server by each of its names; a private one only where the address of its endpoint was read."""
    cluster = paths.cluster
    ports = ((443, 443),)
    if cluster.api_server.private is False:
        if cluster.fqdn is not None:
            yield question(cluster.fqdn, "https", ports, own_api_server=True)
        return
    endpoints = paths.network.estate.private_endpoints.values()
    if any(target == cluster.id for endpoint in endpoints for target in endpoint.targets):
        for name in dict.fromkeys((cluster.private_fqdn, cluster.fqdn)):
            if name is not None:
                asking = question(name, "https", ports, own_api_server=True)
                yield replace(asking, private_of=cluster.id.key)
