"""AKS clusters and their node pools (AKS-1..AKS-36)."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.model.gap import Flaw
from auditor.model.resource_id import ResourceId

_KUBENET_PODS = "10.244.0.0/16"
"""The pod CIDR of a kubenet cluster that states none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentPool:
    """A group of nodes that share a subnet, an image and a size."""

    name: str
    subnet: ResourceId | None
    """Where the nodes sit; None means an AKS-managed VNet in the node resource group (AKS-1)."""
    pod_subnet: ResourceId | None
    """Where the pods get addresses, if not from the node subnet or an overlay (AKS-3)."""
    kind: str
    """`virtualmachinescalesets`, `availabilityset` or `virtualmachines`, lower case (AKS-4)."""
    mode: str
    """`system`, `user` or `gateway`, lower case."""
    count: int | None
    os_type: str
    """`linux` or `windows`, lower case; AKS's default is linux. Any other is not known (ARM-2)."""
    os_sku: str | None
    """`ubuntu`, `azurelinux`, `windows2022`, ... lower case, or None where the service wrote none."""
    vm_size: str | None
    gpu_driver: str | None
    """`install` or `none` in lower case where `gpuProfile.driver` is given."""
    node_image_version: str | None
    node_public_ip: bool
    node_public_ip_prefix: ResourceId | None = None
    """The public IP prefix from which the nodes' own public IPs are taken (AKS-26)."""
    security_groups: tuple[ResourceId, ...] = ()
    """Application security groups of the pool's NICs (NSG-16)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiServer:
    """How nodes reach the control plane (AKS-5, AKS-24..AKS-26)."""

    private: bool | None
    """None where the document does not tell: its name is then answered as a private one's is (V-6, AKS-24)."""
    vnet_integration: bool | None
    """As of `private`."""
    subnet: ResourceId | None
    authorized_ranges: tuple[str, ...]
    """Who may call a public API server: addresses, CIDRs, or a service tag; empty means everybody (AKS-26)."""
    private_dns_zone: str | None
    ranges_known: bool = True
    """False where some of the ranges are written in a way that nobody knows (V-6)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpProxy:
    """The proxy whose variables AKS sets on nodes and pods (AKS-27)."""

    http: str | None
    https: str | None
    """The proxy for https; the service falls back to `http` when it is empty."""
    no_proxy: tuple[str, ...]
    """Names, suffixes and CIDRs that go direct; `effectiveNoProxy` where the service wrote it, else `noProxy`."""
    url_doubt: frozenset[str] = frozenset()
    """Codes of what is wrong with its URLs: where it stands is then not known (V-6)."""
    direct_doubt: frozenset[str] = frozenset()
    """Codes of what is wrong with its switch or with `no_proxy`: traffic may go direct (V-6)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """Parts of a cluster that add needs; an absent property is Azure's null and reads as off.

    None is one that is written in a way that nobody knows, or about which copies disagree (V-6).
    """

    azure_policy: bool | None
    container_insights: bool | None
    prometheus: bool | None
    app_insights: bool | None
    key_vault_csi: bool | None
    defender: bool | None
    cost_analysis: bool | None
    workload_identity: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A managed Kubernetes cluster."""

    id: ResourceId
    name: str
    location: str
    """Region in lower case without spaces, such as `westeurope`."""
    flaws: tuple[Flaw, ...]
    stopped: bool | None
    """`powerState.code` is `Stopped` (AKS-35); None where it is not known."""
    node_resource_group: str | None
    fqdn: str | None
    private_fqdn: str | None
    pools: tuple[AgentPool, ...]
    network_plugin: str | None
    """`azure`, `kubenet` or `none`, lower case (AKS-11)."""
    network_plugin_mode: str | None
    """`overlay` or None."""
    overlay_doubt: str | None = None
    """Why it is not known whether pods are in an overlay (V-6)."""
    pod_cidrs: tuple[str, ...]
    outbound_type: str | None
    """A hint only: the data plane decides (AKS-19). Spelt as the service wrote it; None: the default."""
    effective_outbound_ips: tuple[ResourceId, ...]
    """Public IPs that the load balancer or NAT gateway profile says are in use."""
    backend_pool_node_ip: bool
    """`loadBalancerProfile.backendPoolType` is `NodeIP` (UDR-49)."""
    backend_pool_doubt: str | None = None
    """Why it is not known whether it is (V-6)."""
    api_server: ApiServer
    proxy: HttpProxy | None
    artifact_cache: bool | None
    """`bootstrapProfile.artifactSource` is `Cache` (AKS-28); None where it is not known."""
    bootstrap_registry: ResourceId | None
    auto_provisioning: bool | None
    """Nodes may come up that no agent pool lists (AKS-8); None where the mode is not known."""
    hosted_system_subnets: tuple[ResourceId, ...]
    """Extra subnets of hosted system pools (AKS-6)."""
    hosted_system: bool | None = False
    """Whether there are hosted system pools, with subnets that are named or without; None where it is not known."""
    egress_gateway: bool
    """`staticEgressGatewayProfile.enabled` (AKS-17)."""
    aci_subnet: str | None
    """Name of the virtual nodes' subnet (AKS-7)."""
    virtual_nodes: bool | None = False
    """Whether virtual nodes are on, with a subnet that is named or without; None where it is not known."""
    features: Features
    dependencies: tuple[OutboundDependency, ...] | None
    """The cluster's own list of needed endpoints; None when it was not read."""
    extensions: tuple[Extension, ...] | None
    """Cluster extensions; None when they were not read."""

    @property
    def overlay_pods(self) -> tuple[str, ...]:
        """The ranges of pods in an overlay, which no route of a subnet carries (NSG-33); empty without one."""
        return self.pod_cidrs if self.network_plugin_mode == "overlay" else ()

    @property
    def perhaps_overlay_pods(self) -> tuple[str, ...]:
        """The ranges of pods that may be in an overlay, for all that is known (V-6)."""
        return self.pod_cidrs if self.overlay_doubt is not None else ()

    @property
    def kubenet_pods(self) -> tuple[str, ...]:
        """The ranges of pods to which routes lead by their nodes (UDR-56); empty where the plugin is not kubenet."""
        return (self.pod_cidrs or (_KUBENET_PODS,)) if self.network_plugin == "kubenet" else ()

    @property
    def isolated(self) -> bool | None:
        """Network isolated: artifacts from a cache and no outbound type that opens a way (AKS-28)."""
        closed = (self.outbound_type or "").lower() in {"none", "block"}
        return self.artifact_cache if closed else False


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundDependency:
    """One endpoint of the cluster's own `outboundNetworkDependenciesEndpoints`."""

    category: str
    domain: str
    port: int
    protocol: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """A cluster extension (`Microsoft.KubernetesConfiguration/extensions`)."""

    name: str
    kind: str
    marketplace: bool
