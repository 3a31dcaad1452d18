"""A firewall that opens the TLS of the tunnel between nodes and API server (FW-33)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from auditor.filters.application_rules import API_SERVERS
from auditor.filters.firewall import FirewallFilter
from auditor.filters.known_addresses import ALL_IPV4
from auditor.filters.parts import Codes, Flow
from auditor.filters.terms import addresses_of
from auditor.model.api_server_subnet import API_SERVER_PORTS, api_server_subnet
from auditor.model.finding import From, Problem
from auditor.model.network import Subnet
from auditor.model.question import Question, question
from auditor.model.resource_id import ResourceId
from auditor.netset import NamePattern, NameSet, ServiceSet, Traffic
from auditor.paths.cluster_paths import ClusterPaths
from auditor.paths.sources import Source

_CODE = "tls-inspection"
_PORTS = ((443, 443),)
_INTEGRATED = tuple((port, port) for port in API_SERVER_PORTS)
_HTTPS = Traffic.box(ALL_IPV4, ServiceSet.tcp(443))


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
                    others = tuple(sorted({*piece.reasons, *_by_address(paths)} - {_CODE}))
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
    yield from _perhaps_inspected(paths, source, asked)


def _perhaps_inspected(paths: ClusterPaths, source: Source, asked: From) -> Iterator[Problem]:
    """Rules that inspect the API server's name on a firewall that its traffic may meet, where its address is not known.

    The network rules and application rules before them count as on the path; whether the path leads there is open.
    """
    code, names = _not_asked(paths, source)
    devices = paths.network.reachable_filters(source, paths.members) if names else ()
    for device in (item for item in devices if isinstance(item, FirewallFilter)):
        for name, senders in product(names, paths.network.source_classes(source, paths.members)):
            flow = Flow(
                source=senders.addresses,
                traffic=senders.sends(_HTTPS),
                name=NameSet.of(name),
                pattern=name,
                application="https",
                own_api_server=True,
            )
            options = (
                [option for part in device.parts(flow) for option in part.options] if flow.traffic else []
            )
            for hop in dict.fromkeys(option.hop for option in options if _CODE in option.hop.codes):
                if hop.resource is not None and hop.rule is not None:
                    others = {one for option in options if option.hop == hop for one in option.codes} - {
                        _CODE
                    }
                    yield Problem(
                        kind="tls-inspection-breaks-tunnel",
                        resource=ResourceId(hop.resource),
                        subject=hop.rule,
                        message=_message(hop.rule, str(name), certain=False),
                        asked_from=(asked,),
                        evidence=(hop,),
                        reasons=tuple(sorted({code, *others})),
                        lacking=(str(name),),
                    )


def tunnel_codes(paths: ClusterPaths, source: Source) -> Codes | None:
    """What leaves open whether the tunnel gets through; None where nobody can say which way it takes."""
    if _not_asked(paths, source)[1]:
        return None
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
    """The API server by each of its names; a private one only where the address of its endpoint was read.

    With VNet integration at the addresses of its subnet, whatever the name is resolved to (AKS-5).
    """
    cluster = paths.cluster
    if cluster.api_server.vnet_integration:
        subnet = _own_subnet(paths)
        if subnet is not None:
            names = [name for name in (cluster.private_fqdn, cluster.fqdn) if name is not None]
            for called in dict.fromkeys(names or API_SERVERS):
                asking = question(called, "https", _INTEGRATED, own_api_server=True)
                yield replace(asking, addresses=addresses_of(subnet.prefixes))
    elif cluster.api_server.private is False:
        if cluster.fqdn is not None:
            yield question(cluster.fqdn, "https", _PORTS, own_api_server=True)
    elif _endpoint_read(paths):
        for name in dict.fromkeys((cluster.private_fqdn, cluster.fqdn)):
            if name is not None:
                asking = question(name, "https", _PORTS, own_api_server=True)
                yield replace(asking, private_of=cluster.id.key)


def _not_asked(paths: ClusterPaths, source: Source) -> tuple[str, tuple[NamePattern, ...]]:
    """Why no address of the API server is known, and its names; without any, all that rules tell apart."""
    cluster = paths.cluster
    private = cluster.api_server.private
    if cluster.api_server.vnet_integration:
        # The public name is no way to it either, so it is asked for as a private one (AKS-5).
        private = True
        known = _own_subnet(paths) is not None
    else:
        known = private is True and _endpoint_read(paths)
    if known:
        return "", ()
    written = (cluster.fqdn,) if private is False else (cluster.private_fqdn, cluster.fqdn)
    names = tuple(NamePattern.parse(name) for name in dict.fromkeys(written) if name is not None)
    if private is False and names:
        return "", ()
    code = "enum-unknown" if private is None else "fqdn-address-unknown"
    if names:
        return code, names
    every = tuple(map(NamePattern.parse, API_SERVERS))
    cuts = paths.network.name_cuts(source, paths.members)
    return code, (*every, *(cut for cut in cuts if cut not in every and any(cut <= one for one in every)))


def _endpoint_read(paths: ClusterPaths) -> bool:
    endpoints = paths.network.estate.private_endpoints.values()
    return any(paths.cluster.id in endpoint.targets for endpoint in endpoints)


def _own_subnet(paths: ClusterPaths) -> Subnet | None:
    """The subnet of an integrated API server, if all of its addresses are known (AKS-5, V-6)."""
    estate = paths.network.estate
    networks = dict.fromkeys(one.subnet_id.parent or one.subnet_id for one in paths.sources if not one.pods)
    found = api_server_subnet(paths.cluster, map(estate.network, networks), estate)
    return found if isinstance(found, Subnet) and not found.flaws else None


def _by_address(paths: ClusterPaths) -> Codes:
    """Nodes call an integrated API server without DNS; whether their TLS carries its name is not said (AKS-5)."""
    return frozenset({"uncertain:AKS-5"} if paths.cluster.api_server.vnet_integration else ())
