"""AKS clusters, their agent pools, and what was asked about them (ARM-4, ARM-5, AKS-1..AKS-28)."""

from __future__ import annotations

from auditor.model.cluster import AgentPool, ApiServer, Cluster, Extension, HttpProxy, OutboundDependency
from auditor.model.documents.cluster_features import add_on, features
from auditor.model.documents.fields import Fields
from auditor.model.documents.library import Library, read
from auditor.model.documents.network import region
from auditor.model.documents.notes import ENUM_UNKNOWN
from auditor.model.resource_id import ResourceId
from auditor.model.snapshot import Document

KIND = "microsoft.containerservice/managedclusters"
POOLS = f"{KIND}/agentpools"
EXTENSIONS = "microsoft.kubernetesconfiguration/extensions"
DEPENDENCIES = "outboundnetworkdependenciesendpoints"
_POOL_KINDS = frozenset({"virtualmachinescalesets", "availabilityset", "virtualmachines"})
_OS_TYPES = frozenset({"linux", "windows"})
_OS_SKUS = frozenset(
    {"", "ubuntu", "ubuntu2204", "ubuntu2404", "azurelinux", "azurelinux3", "azurelinuxosguard", "cblmariner"}
    | {
        "mariner",
        "flatcar",
        "azurecontainerlinux",
        "windows2019",
        "windows2022",
        "windows2025",
        "windowsannual",
    }
)
_PROVISIONING = {"auto": True, "manual": False}
_ARTIFACTS = {"cache": True, "direct": False}
_STOPPED = {"running": False, "stopped": True}
_MODES = frozenset({"", "overlay"})
_BACKEND_POOLS = frozenset({"nodeipconfiguration", "nodeip"})


def cluster(document: Document, library: Library) -> Cluster:
    """A cluster with its pools, inline and standalone; one that is Updating or Failed is still in use."""
    root = read(document)
    network = root.object("networkProfile")
    bootstrap = root.object("bootstrapProfile")
    plugin_mode, overlay_doubt = _said(network, "networkPluginMode", _MODES, "")
    balancer = network.object("loadBalancerProfile")
    pooled, pool_doubt = _said(balancer, "backendPoolType", _BACKEND_POOLS, "nodeipconfiguration")
    power = root.object("powerState").choice("code", frozenset(_STOPPED), "running")
    pools = []
    for fields in library.children(root, document.id, "agentPoolProfiles", POOLS):
        pools.append(_pool(fields))
        root.notes.absorb(fields.notes.flaws)
    dependencies = _dependencies(root, document, library)
    artifacts = bootstrap.choice("artifactSource", frozenset(_ARTIFACTS), "direct")
    hosted = root.object("hostedSystemProfile")
    virtual_nodes, aci_subnet = _virtual_nodes(root.object("addonProfiles"))
    mode = root.object("nodeProvisioningProfile").choice("mode", frozenset(_PROVISIONING), "manual")
    return Cluster(
        id=document.id,
        name=document.id.name,
        location=region(root),
        stopped=None if power is None else _STOPPED[power],
        node_resource_group=root.text("nodeResourceGroup"),
        fqdn=root.host("fqdn"),
        private_fqdn=root.host("privateFQDN"),
        pools=tuple(pools),
        network_plugin=network.text("networkPlugin") and network.lower("networkPlugin"),
        network_plugin_mode=plugin_mode or None,
        overlay_doubt=overlay_doubt,
        pod_cidrs=_pod_cidrs(network),
        outbound_type=_outbound_type(network),
        effective_outbound_ips=_outbound_ips(network),
        backend_pool_node_ip=pooled == "nodeip",
        backend_pool_doubt=pool_doubt,
        api_server=_api_server(root.object("apiServerAccessProfile")),
        proxy=_proxy(document, root),
        artifact_cache=None if artifacts is None else _ARTIFACTS[artifacts],
        bootstrap_registry=bootstrap.ref("containerRegistryId"),
        auto_provisioning=None if mode is None else _PROVISIONING[mode],
        hosted_system=_hosted(hosted),
        hosted_system_subnets=_hosted_subnets(hosted),
        egress_gateway=network.object("staticEgressGatewayProfile").on("enabled"),
        virtual_nodes=virtual_nodes,
        aci_subnet=aci_subnet,
        features=features(root),
        dependencies=dependencies,
        extensions=_extensions(document, library),
        flaws=tuple(root.notes.flaws),
    )


def _pool(fields: Fields) -> AgentPool:
    """One agent pool; az prints `type` of a single pool as `typePropertiesType`."""
    kind = "typePropertiesType" if fields.has("typePropertiesType") else "type"
    machines = fields.object("virtualMachinesProfile").object("scale").objects("manual")
    sizes = (item.text("size") for item in machines)
    driver = fields.object("gpuProfile").lower("driver")
    return AgentPool(
        name=fields.title(),
        subnet=fields.ref("vnetSubnetID"),
        pod_subnet=fields.ref("podSubnetID"),
        kind=fields.enum(kind, _POOL_KINDS, "virtualmachinescalesets"),
        mode=fields.lower("mode", "user"),
        count=fields.integer("count"),
        os_type=fields.choice("osType", _OS_TYPES, "linux") or "unknown",
        os_sku=_os_sku(fields),
        vm_size=fields.text("vmSize") or next((size for size in sizes if size is not None), None),
        gpu_driver=driver or None,
        node_image_version=fields.text("nodeImageVersion"),
        node_public_ip=fields.on("enableNodePublicIP"),
        node_public_ip_prefix=fields.ref("nodePublicIPPrefixID"),
        security_groups=fields.object("networkProfile").refs("applicationSecurityGroups"),
    )


def _os_sku(fields: Fields) -> str | None:
    """What the service wrote; `unknown` where nobody can tell what that means."""
    found = fields.choice("osSKU", _OS_SKUS, "")
    return "unknown" if found is None else found or None


def _said(fields: Fields, name: str, known: frozenset[str], default: str) -> tuple[str | None, str | None]:
    """One of the `known` values; else the code of what is wrong with it (ARM-2, V-6)."""
    seen = len(fields.notes.flaws)
    value = fields.choice(name, known, default)
    codes = [flaw.code for flaw in fields.notes.flaws[seen:]]
    return value, None if value is not None else next(iter(codes), ENUM_UNKNOWN)


def _pod_cidrs(network: Fields) -> tuple[str, ...]:
    return tuple(text for text in network.both("podCidr", "podCidrs") if network.is_prefix("podCidr", text))


def _outbound_type(network: Fields) -> str | None:
    """As written; what is no text is no hint either, and not the default (AKS-19)."""
    said = network.text("outboundType")
    written = network.raw("outboundType")
    return "unknown" if network.unclear or not (written is None or isinstance(written, str)) else said


def _outbound_ips(network: Fields) -> tuple[ResourceId, ...]:
    """Public addresses that the service says are in use for egress (AKS-19)."""
    profiles = (network.object(name) for name in ("loadBalancerProfile", "natGatewayProfile"))
    return tuple(dict.fromkeys(found for item in profiles for found in item.refs("effectiveOutboundIPs")))


def _api_server(profile: Fields) -> ApiServer:
    ranges = profile.terms("authorizedIPRanges")
    written = profile.raw("authorizedIPRanges")
    return ApiServer(
        private=profile.switch("enablePrivateCluster"),
        vnet_integration=profile.switch("enableVnetIntegration"),
        subnet=profile.ref("subnetId"),
        authorized_ranges=ranges,
        private_dns_zone=profile.text("privateDNSZone"),
        ranges_known=written is None or (isinstance(written, list) and len(ranges) == len(written)),
    )


def _proxy(document: Document, root: Fields) -> HttpProxy | None:
    """The proxy, if it is on or may be: `enabled` null with a URL set counts as on (AKS-27)."""
    config = read(document).object(
        "httpProxyConfig"
    )  # with notes of its own, which tell what its flaws leave open
    http, https = config.text("httpProxy"), config.text("httpsProxy")
    url_doubt = _codes(config)
    seen = len(config.notes.flaws)
    off = config.flag("enabled") is False and len(config.notes.flaws) == seen
    direct = "effectiveNoProxy" if config.raw("effectiveNoProxy") is not None else "noProxy"
    no_proxy = config.texts(direct)
    direct_doubt = frozenset(flaw.code for flaw in config.notes.flaws[seen:])
    root.notes.absorb(config.notes.flaws)
    if off or (http is None and https is None and not url_doubt):
        return None
    return HttpProxy(
        http=http, https=https, no_proxy=no_proxy, url_doubt=url_doubt, direct_doubt=direct_doubt
    )


def _codes(fields: Fields) -> frozenset[str]:
    return frozenset(flaw.code for flaw in fields.notes.flaws)


def _hosted(profile: Fields) -> bool | None:
    """Whether there are hosted system pools; subnets of theirs stand for a switch that nobody wrote (AKS-6)."""
    return profile.switch("enabled", default=bool(_hosted_subnets(profile)))


def _hosted_subnets(profile: Fields) -> tuple[ResourceId, ...]:
    """Extra subnets of hosted system pools (AKS-6)."""
    if profile.flag("enabled") is False:
        return ()
    found = (profile.ref(name) for name in ("systemNodeSubnetID", "nodeSubnetID"))
    return tuple(dict.fromkeys(item for item in found if item is not None))


def _virtual_nodes(add_ons: Fields) -> tuple[bool | None, str | None]:
    """Whether virtual nodes are on, and their subnet; the add-on's key is matched by its beginning (AKS-7)."""
    names = [key for key in add_ons.names() if key.startswith("aciconnector")]
    on = next((key for key in names if add_on(add_ons, key) is not False), None)
    if on is None:
        return (None if add_ons.unclear else False), None
    return add_on(add_ons, on), add_ons.object(on).object("config").text("SubnetName")


def _dependencies(
    root: Fields, document: Document, library: Library
) -> tuple[OutboundDependency, ...] | None:
    """The cluster's own list; an entry that cannot be understood counts against the cluster."""
    answer = library.answer(document.id, DEPENDENCIES)
    if answer is None:
        return None
    found = [
        entry
        for category in answer.objects("value")
        for endpoint in category.objects("endpoints")
        for entry in _endpoint(category.text("category") or "", endpoint)
    ]
    root.notes.absorb(answer.notes.flaws)
    return tuple(dict.fromkeys(found))


def _endpoint(category: str, endpoint: Fields) -> list[OutboundDependency]:
    domain = endpoint.text("domainName")
    if domain is None:
        return []
    found: list[OutboundDependency] = []
    for detail in endpoint.objects("endpointDetails"):
        port = detail.required_integer("port")
        protocol = detail.lower("protocol", "https")
        if 0 < port <= 65535:
            found.append(
                OutboundDependency(category=category, domain=domain.lower(), port=port, protocol=protocol)
            )
        else:
            detail.notes.wrong(detail.path_of("port"), "a port", port)
    return found


def _extensions(document: Document, library: Library) -> tuple[Extension, ...] | None:
    """The cluster's extensions; None unless documents or a complete read tell them."""
    found = [item for item in library.of_kind(EXTENSIONS) if item.id.is_under(document.id)]
    if not found and not library.was_read(EXTENSIONS, document.id):
        return None
    return tuple(_extension(item) for item in found)


def _extension(document: Document) -> Extension:
    root = read(document)
    return Extension(name=document.id.name, kind=root.lower("extensionType"), marketplace=root.has("plan"))
