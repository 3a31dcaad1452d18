"""Facts about one cluster: the normalised values that the conditions of a baseline edition read.

A fact is true, false, a lower-case word, or None when what would show it was not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from auditor.model.cluster import AgentPool, Cluster
from auditor.model.estate import Estate
from auditor.model.gap import Gap
from auditor.model.network import VirtualNetwork
from auditor.model.outbound import Nic
from auditor.model.resource_id import ResourceId
from auditor.policy.settings import Settings

_CLOUDS: Final = {".azmk8s.io": "public", ".azk8s.cn": "china", ".containerservice.azure.us": "usgov"}
"""The cloud that the suffix of an API server's name stands for."""

_NOT_CUSTOM_DNS: Final = frozenset({"168.63.129.16", "azureprovideddns"})
"""Azure's own resolver, by address and by the word that a network interface may hold (AKS-31)."""

_GPU_SIZE: Final = re.compile(r"(?:standard_)?n(?!p)[a-z]*\d.*", re.IGNORECASE)
"""Sizes of the N family are GPU machines, but NP, which are FPGA machines."""

_IMAGE_DATE: Final = re.compile(r"-(\d{4})\.?(\d{2})\.\d+(?:\.\d+)?$")
"""`...-202601.13.0`, or `...-2021.03.10` as images of that time were called."""

_SYSTEMS: Final = frozenset({"linux", "windows"})

_LAST_WITH_NTP: Final = (2021, 3)

_FEATURE: Final = (
    "providers/microsoft.features/providers/microsoft.containerservice/features/akslockingdownegresspreview"
)
_FEATURE_KINDS: Final = ("microsoft.features/providers/features", "microsoft.features/features")
_PROVIDER: Final = "providers/microsoft.containerservice"
_PROVIDER_KINDS: Final = ("microsoft.resources/providers",)


def build_facts(cluster: Cluster, estate: Estate, settings: Settings) -> Mapping[str, object]:
    """Every fact of `fact_names.KNOWN_FACTS`, nested at its dots."""
    features = cluster.features
    extensions = cluster.extensions
    return {
        "location": cluster.location or None,
        "cloud": cloud_of(cluster, estate),
        "gpu": _gpu(cluster),
        "windows": _windows(cluster),
        "linux": _linux(cluster),
        "ubuntuNodes": _ubuntu(cluster),
        "nodesBefore202103": _old_nodes(cluster),
        "customDns": _custom_dns(cluster, estate),
        "privateCluster": cluster.api_server.private,
        "apiServerVnetIntegration": cluster.api_server.vnet_integration,
        "isolated": cluster.isolated,
        "konnectivity": settings.konnectivity,
        "podsUseApiServerAddress": settings.pods_use_api_server_address,
        "workloadIdentity": features.workload_identity,
        "addons": {
            "azurePolicy": features.azure_policy,
            "containerInsights": features.container_insights,
            "keyVaultCsi": features.key_vault_csi,
        },
        "monitor": {"prometheus": features.prometheus, "appInsights": features.app_insights},
        "defender": features.defender,
        "costAnalysis": features.cost_analysis,
        "extensions": None if extensions is None else bool(extensions),
        "extensionsMarketplace": None if extensions is None else any(one.marketplace for one in extensions),
        "featureLockingDownEgress": _registered(cluster, estate, _FEATURE, "state", _FEATURE_KINDS),
        "providerRegistered": _registered(cluster, estate, _PROVIDER, "registrationState", _PROVIDER_KINDS),
    }


def cloud_of(cluster: Cluster, estate: Estate) -> str:
    """`public`, `usgov` or `china`: by the name of the API server, else what the snapshot says."""
    for name in (cluster.fqdn, cluster.private_fqdn):
        for suffix, cloud in _CLOUDS.items():
            if name and name.lower().rstrip(".").endswith(suffix):
                return cloud
    return estate.snapshot.cloud


def dns_servers(cluster: Cluster, estate: Estate) -> tuple[tuple[str, ...], bool]:
    """The cluster's custom DNS servers, and whether all places that name servers were read (AKS-31).

    Servers of a network interface or scale set take the place of those of its virtual network. Azure's own
    resolver is no custom server. Servers come sorted.
    """
    nics = _node_nics(cluster, estate)
    servers = {server for nic in nics for server in nic.dns_servers}
    complete = True
    if _network_decides(cluster, nics):
        networks = node_networks(cluster, estate)
        complete = bool(networks) and all(isinstance(network, VirtualNetwork) for network in networks)
        for network in networks:
            if isinstance(network, VirtualNetwork):
                servers.update(network.dns_servers)
                complete = complete and not _dns_disagrees(network)
    return tuple(sorted(server for server in servers if server.lower() not in _NOT_CUSTOM_DNS)), complete


def node_networks(cluster: Cluster, estate: Estate) -> tuple[VirtualNetwork | Gap, ...]:
    """The virtual networks in which the cluster has nodes: of its pools, else of its interfaces (AKS-1, AKS-2)."""
    named = [pool.subnet for pool in cluster.pools] + list(cluster.hosted_system_subnets)
    subnets = [subnet for subnet in named if subnet is not None]
    if not subnets or None in named:
        subnets += [subnet for nic in _node_nics(cluster, estate) for subnet in nic.subnets]
    ids = sorted({subnet.parent or subnet for subnet in subnets})
    return tuple(estate.network(network) for network in ids)


def document_of(cluster: Cluster, estate: Estate, fact: str) -> str | None:
    """Where the document that shows a registration fact was read; None for other facts and if it was not."""
    tails = {"featureLockingDownEgress": _FEATURE, "providerRegistered": _PROVIDER}
    if fact not in tails:
        return None
    document = estate.snapshot.documents.get(_subscription_id(cluster, tails[fact]).key)
    return ", ".join(document.places) if document is not None and document.places else None


# -- pools ---------------------------------------------------------------------------------------------


def _any(values: Iterable[bool | None]) -> bool | None:
    """Whether one value is true, in three values; nothing at all is not read."""
    found = set(values)
    if True in found:
        return True
    return None if None in found or not found else False


def _may_grow(cluster: Cluster, value: bool | None) -> bool | None:
    """A pool fact of a cluster that may start nodes which no pool lists (AKS-8): false is then not known."""
    return None if cluster.auto_provisioning is not False and value is False else value


def _gpu(cluster: Cluster) -> bool | None:
    return _may_grow(cluster, _any(_gpu_pool(pool) for pool in cluster.pools))


def _gpu_pool(pool: AgentPool) -> bool | None:
    if (pool.gpu_driver or "").lower() == "none":
        return False  # AKS installs no driver there, so the driver's hosts are not needed
    return None if pool.vm_size is None else _GPU_SIZE.fullmatch(pool.vm_size) is not None


def _windows(cluster: Cluster) -> bool | None:
    return _may_grow(cluster, _any(_runs(pool, "windows") for pool in cluster.pools))


def _linux(cluster: Cluster) -> bool | None:
    if cluster.hosted_system_subnets or cluster.hosted_system or cluster.auto_provisioning:
        return True  # hosted system pools and the nodes that provision others are Linux (AKS-6)
    maybe = (None for one in (cluster.hosted_system, cluster.auto_provisioning) if one is None)
    return _any((*(_runs(pool, "linux") for pool in cluster.pools), *maybe))


def _runs(pool: AgentPool, system: str) -> bool | None:
    """Whether a pool runs a system; None where its `osType` is none that is known (ARM-2)."""
    return pool.os_type == system if pool.os_type in _SYSTEMS else None


def _ubuntu(cluster: Cluster) -> bool | None:
    return _may_grow(cluster, _any(_ubuntu_pool(pool) for pool in cluster.pools))


def _ubuntu_pool(pool: AgentPool) -> bool | None:
    linux = _runs(pool, "linux")
    if not linux:
        return linux
    if pool.os_sku == "unknown":
        return None
    if pool.os_sku is not None:
        return pool.os_sku.lower().startswith("ubuntu")
    # AKS documents Ubuntu as what an absent osSKU of a Linux pool means; the image's name is nearer to the fact
    return pool.node_image_version is None or pool.node_image_version.lower().startswith("aksubuntu")


def _old_nodes(cluster: Cluster) -> bool | None:
    linux = [_old_pool(pool) for pool in cluster.pools if _runs(pool, "linux") is not False]
    return False if cluster.pools and not linux else _any(linux)


def _old_pool(pool: AgentPool) -> bool | None:
    found = _IMAGE_DATE.search(pool.node_image_version or "")
    return None if found is None else (int(found[1]), int(found[2])) <= _LAST_WITH_NTP


# -- name servers --------------------------------------------------------------------------------------


def _custom_dns(cluster: Cluster, estate: Estate) -> bool | None:
    servers, complete = dns_servers(cluster, estate)
    if servers:
        return True
    return False if complete else None


def _node_nics(cluster: Cluster, estate: Estate) -> tuple[Nic, ...]:
    """The cluster's interfaces, without those of private endpoints and the like where nodes can be told."""
    nics = estate.nics_of(cluster)
    nodes = tuple(nic for nic in nics if nic.model or nic.pool is not None or nic.scale_set is not None)
    return nodes or nics


def _network_decides(cluster: Cluster, nics: tuple[Nic, ...]) -> bool:
    """Whether some node takes its name servers from the virtual network: one whose interface names none."""
    if not nics or any(not nic.dns_servers for nic in nics):
        return True
    pools = {nic.pool.lower() for nic in nics if nic.pool is not None}
    return not any(nic.pool is None for nic in nics) and any(
        pool.name.lower() not in pools for pool in cluster.pools
    )


def _dns_disagrees(network: VirtualNetwork) -> bool:
    """Whether copies of the network disagree about its name servers (design: snapshot)."""
    return any(
        flaw.code == "snapshot-inconsistent" and "dnsservers" in flaw.detail.lower() for flaw in network.flaws
    )


# -- registrations -------------------------------------------------------------------------------------


def _subscription_id(cluster: Cluster, tail: str) -> ResourceId:
    return ResourceId(f"/subscriptions/{cluster.id.subscription}/{tail}")


def _registered(cluster: Cluster, estate: Estate, tail: str, key: str, kinds: tuple[str, ...]) -> bool | None:
    """Whether the subscription's document says `Registered`; absent from a complete list means no (ARM-34)."""
    wanted = _subscription_id(cluster, tail)
    document = estate.snapshot.documents.get(wanted.key)
    if document is not None:
        state = next(_values(document.body, key.lower()), None)
        return state.lower() == "registered" if isinstance(state, str) else None
    listed = any(estate.was_read(kind, wanted) for kind in (*kinds, wanted.kind) if kind)
    return False if listed else None


def _values(body: Mapping[str, Any], key: str) -> Iterator[object]:
    """The values of a property at the top and below `properties`, names compared without case."""
    for name, value in body.items():
        if name.lower() == key:
            yield value
        elif name.lower() == "properties" and isinstance(value, Mapping):
            yield from (inner for inner_name, inner in value.items() if inner_name.lower() == key)
