"""Needs that no edition lists: of isolated clusters, of API server VNet integration, of the cluster's own list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from auditor.model.api_server_subnet import API_SERVER_PORTS, api_server_subnet
from auditor.model.cluster import Cluster, OutboundDependency
from auditor.model.estate import Estate
from auditor.model.need import Need
from auditor.model.question import Question, endpoint_text, question
from auditor.netset import AddressSet
from auditor.policy.facts import node_networks

ENGINE: Final = ("engine",)
"""The origin of rows that this program adds to every edition."""

OWN_LIST: Final = "cluster"
"""The origin of rows that the cluster's own list holds."""

_REGISTRIES: Final = {"public": "azurecr.io", "usgov": "azurecr.us", "china": "azurecr.cn"}
_PROTOCOLS: Final = ("tcp", "udp", "http", "https", "mssql")


def isolated_needs(cluster: Cluster, cloud: str) -> list[Need]:
    """The private registry that holds the artifacts of a network isolated cluster (AKS-28)."""
    if cluster.isolated is False:
        return []
    base = _added(
        "isolated:registry",
        "bootstrap artifacts come from a private registry (bootstrapProfile) and the outbound type is none or block",
        "Pull of system images and node artifacts from the registry behind the bootstrap profile",
        "system images and node artifacts cannot be pulled from the private registry: nodes do not start",
        known=cluster.isolated is not None,
        fact="isolated",
    )
    registry = cluster.bootstrap_registry
    if registry is None:
        note = "bootstrapProfile.containerRegistryId was not read, so the registry is not known"
        return [replace(base, to="<bootstrap-registry>:443/https", note=note)]
    suffix = _REGISTRIES.get(cloud, _REGISTRIES["public"])
    data = f"{registry.name}.{cluster.location}.data.{suffix}"
    asked = [
        _asked(f"{registry.name}.{suffix}", "https", 443),
        _asked(data, "https", 443) if cluster.location else "the cluster's location was not read",
    ]
    needs = []
    for name, one in zip(("isolated:registry", "isolated:registry-data"), asked, strict=True):
        if isinstance(one, str):
            needs.append(replace(base, id=name, to="<bootstrap-registry>:443/https", note=one))
        else:
            private = replace(one, private_of=registry.key)
            needs.append(replace(base, id=name, to=one.to, alternatives=(private,)))
    return needs


def vnet_integration_needs(cluster: Cluster, estate: Estate) -> list[Need]:
    """TCP 443 and 4443 from the nodes to the API server's subnet, one need for each prefix (AKS-5, AKS-36)."""
    if cluster.api_server.vnet_integration is False:
        return []
    base = _added(
        "vnet-integration",
        "the API server answers in a subnet of the virtual network (API server VNet integration)",
        "Nodes to the API server at its address in the virtual network",
        "nodes cannot reach the API server: they do not join or turn NotReady",
        known=cluster.api_server.vnet_integration is not None,
        fact="apiServerVnetIntegration",
    )
    subnet = api_server_subnet(cluster, node_networks(cluster, estate), estate)
    needs = []
    for port in API_SERVER_PORTS:
        one = replace(base, id=f"vnet-integration:{port}")
        if isinstance(subnet, str):
            needs.append(replace(one, to=f"<api-server-subnet>:{port}/tcp", note=subnet))
            continue
        for prefix in subnet.prefixes:
            asked = _asked(prefix, "tcp", port)
            if isinstance(asked, str):
                needs.append(replace(one, to=f"{prefix}:{port}/tcp", note=asked))
            else:
                needs.append(replace(one, to=asked.to, alternatives=(asked,)))
    return needs


def unite_own_list(needs: Sequence[Need], cluster: Cluster) -> list[Need]:
    """The needs with those of the cluster's own list (design: policy documents).

    An endpoint that an applying row covers adds to that row's origin; any other becomes a recommended row.
    """
    united = list(needs)
    added: dict[tuple[str, str], Need] = {}
    for dependency in cluster.dependencies or ():
        asked = _own_question(dependency, cluster)
        covering = [] if isinstance(asked, str) else _covering(united, asked)
        for index in covering:
            need = united[index]
            if OWN_LIST not in need.origin:
                united[index] = replace(need, origin=(*need.origin, OWN_LIST))
        if not covering:
            need = _own_need(dependency, asked)
            added.setdefault((need.id, need.to), need)
    return united + list(added.values())


def _added(name: str, condition: str, purpose: str, breaks: str, *, known: bool, fact: str) -> Need:
    """A need of the engine's own; where its `fact` is not `known` it may apply and is a recommended one."""
    return Need(
        id=name,
        to="",
        level="required" if known else "recommended",
        applies=True if known else None,
        condition=condition if known else f"not known whether: {condition}",
        unread=() if known else (fact,),
        purpose=purpose,
        breaks=breaks,
        origin=ENGINE,
        alternatives=(),
    )


def _asked(host: str, protocol: str, port: int) -> Question | str:
    """The question for a host, or why it cannot be asked."""
    if not 1 <= port <= 65535:
        return f"port {port} of {host} is outside 1-65535"
    try:
        return question(host, protocol, ((port, port),))
    except ValueError as error:
        return str(error)


def _own_question(dependency: OutboundDependency, cluster: Cluster) -> Question | str:
    protocol = dependency.protocol.lower()
    if protocol not in _PROTOCOLS:
        return f"the protocol {dependency.protocol!r} of the cluster's own list is not known"
    asked = _asked(dependency.domain, protocol, dependency.port)
    if isinstance(asked, str):
        return asked
    name = str(asked.name)
    own = cluster.fqdn is not None and name == cluster.fqdn.lower()
    private = cluster.private_fqdn is not None and name == cluster.private_fqdn.lower()
    behind_endpoint = private or (own and cluster.api_server.private is not False)
    return replace(asked, own_api_server=own, private_of=cluster.id.key if behind_endpoint else None)


def _own_need(dependency: OutboundDependency, asked: Question | str) -> Need:
    shown = endpoint_text(
        dependency.domain, dependency.protocol.lower(), ((dependency.port, dependency.port),)
    )
    return Need(
        id=f"own:{dependency.domain}:{dependency.port}",
        to=shown if isinstance(asked, str) else asked.to,
        level="recommended",
        applies=True,
        condition="the cluster's own list of outbound dependencies names it",
        unread=(),
        purpose=f"{dependency.category or 'no category'}, by the cluster's own list of outbound dependencies",
        breaks="the cluster's own list does not say",
        origin=(OWN_LIST,),
        alternatives=() if isinstance(asked, str) else (asked,),
        note=asked if isinstance(asked, str) else "",
    )


def _covering(needs: Sequence[Need], asked: Question) -> list[int]:
    """The needs that ask for this endpoint already: those with its very protocol, else those of its family."""
    indexes = [
        index
        for index, need in enumerate(needs)
        if need.applies is not False and any(_covers(one, asked) for one in need.alternatives)
    ]
    exact = [
        index for index in indexes if any(one.protocol == asked.protocol for one in needs[index].alternatives)
    ]
    return exact or indexes


def _covers(row: Question, asked: Question) -> bool:
    if (row.protocol == "udp") != (asked.protocol == "udp"):
        return False
    if not all(any(low <= first and last <= high for low, high in row.ports) for first, last in asked.ports):
        return False
    if asked.name is not None:
        return row.name is not None and asked.name <= row.name
    return _within(asked.addresses, row.addresses)


def _within(asked: AddressSet | None, row: AddressSet | None) -> bool:
    return asked is not None and row is not None and asked <= row
