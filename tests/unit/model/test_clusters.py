"""Clusters and their agent pools."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from auditor.model.cluster import Cluster, Extension, OutboundDependency
from auditor.model.estate import Estate
from auditor.model.resource_id import ResourceId

Estates = Callable[..., Estate]
AKS = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/shop"
POOL = {
    "name": "sys",
    "vnetSubnetID": "/subnet",
    "type": "VirtualMachineScaleSets",
    "mode": "System",
    "count": 3,
}


def cluster(estate: Estate) -> Cluster:
    """The only cluster of an estate."""
    (found,) = estate.clusters
    return found


def test_a_cluster(estate_of: Estates) -> None:
    """What egress needs to know (ARM-4)."""
    body = {
        "provisioningState": "Updating",
        "powerState": {"code": "Stopped"},
        "nodeResourceGroup": "MC_g_shop",
        "fqdn": "shop.hcp.westeurope.azmk8s.io",
        "privateFQDN": "shop.privatelink.westeurope.azmk8s.io",
        "agentPoolProfiles": [POOL],
        "networkProfile": {
            "networkPlugin": "Azure",
            "networkPluginMode": "Overlay",
            "podCidr": "10.244.0.0/16",
            "podCidrs": ["10.244.0.0/16", "fd00::/64"],
            "outboundType": "userDefinedRouting",
            "loadBalancerProfile": {"effectiveOutboundIPs": [{"id": "/pip/a"}], "backendPoolType": "NodeIP"},
            "natGatewayProfile": {"effectiveOutboundIPs": [{"id": "/pip/b"}, {"id": "/PIP/A"}]},
            "staticEgressGatewayProfile": {"enabled": True},
        },
        "apiServerAccessProfile": {
            "enablePrivateCluster": True,
            "enableVnetIntegration": True,
            "subnetId": "/api",
            "authorizedIPRanges": ["20.0.0.0/24"],
            "privateDNSZone": "system",
        },
        "bootstrapProfile": {"artifactSource": "Cache", "containerRegistryId": "/registry"},
        "nodeProvisioningProfile": {"mode": "Auto"},
        "hostedSystemProfile": {"enabled": True, "systemNodeSubnetID": "/hosted"},
        "addonProfiles": {"AciConnectorLinux": {"enabled": True, "config": {"subnetname": "virtual"}}},
    }
    found = cluster(estate_of((AKS, body), outer={AKS: {"location": "West Europe"}}))
    assert (found.name, found.location, found.stopped) == ("shop", "westeurope", True)
    assert (found.network_plugin, found.network_plugin_mode) == ("azure", "overlay")
    assert found.pod_cidrs == ("10.244.0.0/16", "fd00::/64")
    assert found.outbound_type == "userDefinedRouting"
    assert found.effective_outbound_ips == (ResourceId("/pip/a"), ResourceId("/pip/b"))
    assert (found.backend_pool_node_ip, found.egress_gateway, found.auto_provisioning) == (True, True, True)
    assert (found.api_server.private, found.api_server.vnet_integration) == (True, True)
    assert (found.api_server.subnet, found.api_server.authorized_ranges) == (
        ResourceId("/api"),
        ("20.0.0.0/24",),
    )
    assert (found.artifact_cache, found.bootstrap_registry, found.isolated) == (
        True,
        ResourceId("/registry"),
        False,
    )
    assert (found.hosted_system_subnets, found.aci_subnet) == ((ResourceId("/hosted"),), "virtual")
    assert (found.dependencies, found.extensions, found.proxy) == (None, None, None)
    assert found.flaws == ()


def test_a_bare_cluster(estate_of: Estates) -> None:
    """Half of a cluster that is being created is no error, and nothing is on."""
    found = cluster(estate_of((AKS, {"provisioningState": "Creating"})))
    assert (found.pools, found.network_plugin, found.outbound_type, found.stopped) == ((), None, None, False)
    assert not any(getattr(found.features, name) for name in found.features.__slots__)
    assert found.flaws == ()


def test_pools_inline_and_alone(estate_of: Estates) -> None:
    """A pool read twice is one; az spells `vnetSubnetId`, and calls the type of a single pool otherwise."""
    alone = {
        "VnetSubnetId": "/subnet",
        "typePropertiesType": "VirtualMachineScaleSets",
        "mode": "System",
        "count": 3,
    }
    gpu = {
        "type": "VirtualMachines",
        "podSubnetID": "/pods",
        "osType": "Windows",
        "osSKU": "Windows2022",
        "gpuProfile": {"driver": "None"},
        "enableNodePublicIP": True,
        "virtualMachinesProfile": {"scale": {"manual": [{"size": "Standard_NC4", "count": 1}]}},
        "networkProfile": {"applicationSecurityGroups": ["/asg"]},
    }
    estate = estate_of(
        (AKS, {"agentPoolProfiles": [POOL]}),
        (f"{AKS}/agentPools/sys", alone),
        (f"{AKS}/agentPools/gpu", gpu),
        outer={f"{AKS}/agentPools/sys": {"type": "Microsoft.ContainerService/managedClusters/agentPools"}},
    )
    found = cluster(estate)
    one, two = found.pools
    assert (one.name, one.subnet, one.kind, one.mode, one.count) == (
        "sys",
        ResourceId("/subnet"),
        "virtualmachinescalesets",
        "system",
        3,
    )
    assert (one.os_type, one.os_sku, one.gpu_driver, one.node_public_ip) == ("linux", None, None, False)
    assert (two.name, two.kind, two.pod_subnet, two.vm_size) == (
        "gpu",
        "virtualmachines",
        ResourceId("/pods"),
        "Standard_NC4",
    )
    assert (two.os_type, two.os_sku, two.gpu_driver, two.node_public_ip) == (
        "windows",
        "windows2022",
        "none",
        True,
    )
    assert two.security_groups == (ResourceId("/asg"),)
    assert found.flaws == ()


def test_a_pool_with_two_subnets_is_inconsistent(estate_of: Estates) -> None:
    """One read before, one after a change."""
    found = cluster(
        estate_of(
            (AKS, {"agentPoolProfiles": [POOL]}),
            (f"{AKS}/agentPools/sys", {**POOL, "vnetSubnetID": "/other"}),
        )
    )
    assert [flaw.code for flaw in found.flaws] == ["snapshot-inconsistent"]


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"httpProxy": "http://p:3128/"}, ("http://p:3128/", None, ())),
        ({"enabled": None, "httpsProxy": "http://p", "noProxy": ["a"]}, (None, "http://p", ("a",))),
        (
            {"httpProxy": "http://p", "noProxy": ["a"], "effectiveNoProxy": ["a", "b"]},
            ("http://p", None, ("a", "b")),
        ),
        ({"enabled": False, "httpProxy": "http://p"}, None),
        ({"enabled": True, "httpProxy": ""}, None),
    ],
)
def test_the_http_proxy(estate_of: Estates, config: dict[str, Any], expected: Any) -> None:
    """`enabled` null with a URL counts as on (AKS-27)."""
    proxy = cluster(estate_of((AKS, {"httpProxyConfig": config}))).proxy
    assert (None if proxy is None else (proxy.http, proxy.https, proxy.no_proxy)) == expected


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"addonProfiles": {"AzurePolicy": {"enabled": True}}}, "azure_policy"),
        ({"addonProfiles": {"omsAgent": {"enabled": True}}}, "container_insights"),
        ({"azureMonitorProfile": {"containerInsights": {"enabled": True}}}, "container_insights"),
        ({"azureMonitorProfile": {"metrics": {"enabled": True}}}, "prometheus"),
        (
            {"azureMonitorProfile": {"appMonitoring": {"autoInstrumentation": {"enabled": True}}}},
            "app_insights",
        ),
        ({"addonProfiles": {"azureKeyvaultSecretsProvider": {"enabled": True}}}, "key_vault_csi"),
        ({"securityProfile": {"defender": {"securityMonitoring": {"enabled": True}}}}, "defender"),
        ({"securityProfile": {"azureDefender": {"enabled": True}}}, "defender"),
        ({"metricsProfile": {"costAnalysis": {"enabled": True}}}, "cost_analysis"),
        ({"securityProfile": {"workloadIdentity": {"enabled": True}}}, "workload_identity"),
    ],
)
def test_features(estate_of: Estates, body: dict[str, Any], name: str) -> None:
    """Each is switched on in one place and no other."""
    found = cluster(estate_of((AKS, body))).features
    assert [item for item in found.__slots__ if getattr(found, item)] == [name]


def test_the_clusters_own_dependencies(estate_of: Estates) -> None:
    """The answer of an action; an empty one is an answer."""
    action = f"{AKS}/outboundNetworkDependenciesEndpoints"
    body = {
        "value": [
            {
                "category": "images",
                "endpoints": [
                    {
                        "domainName": "MCR.microsoft.com",
                        "endpointDetails": [{"port": 443, "protocol": "Https"}],
                    },
                    {"domainName": "no.details"},
                ],
            }
        ]
    }
    found = cluster(estate_of((AKS, {}), (action, body)))
    assert found.dependencies == (
        OutboundDependency(category="images", domain="mcr.microsoft.com", port=443, protocol="https"),
    )
    assert found.flaws == ()
    assert cluster(estate_of((AKS, {}), (action, {"value": []}))).dependencies == ()
    body["value"][0]["endpoints"] = [{"domainName": "x", "endpointDetails": [{"port": "443"}]}]
    broken = cluster(estate_of((AKS, {}), (action, body)))
    assert {flaw.code for flaw in broken.flaws} == {"enum-unknown"}


def test_extensions(estate_of: Estates) -> None:
    """None when nobody read them; a marketplace extension has a plan."""
    kind = "Microsoft.KubernetesConfiguration/extensions"
    text = f"{AKS}/providers/{kind}/flux"
    estate = estate_of(
        (AKS, {}), (text, {"extensionType": "Microsoft.Flux"}), outer={text: {"plan": {"name": "x"}}}
    )
    assert cluster(estate).extensions == (Extension(name="flux", kind="microsoft.flux", marketplace=True),)
    assert cluster(estate_of((AKS, {}), complete=(kind,))).extensions == ()


@pytest.mark.parametrize(
    "body",
    [
        {"agentPoolProfiles": {"name": "sys"}},
        {"agentPoolProfiles": [None]},
        {"agentPoolProfiles": [{**POOL, "vnetSubnetID": 7}]},
        {"agentPoolProfiles": [{**POOL, "type": "Magic"}]},
        {"networkProfile": "azure"},
        {"networkProfile": {"podCidr": "all"}},
        {"httpProxyConfig": {"httpProxy": ["http://p"]}},
        {"nodeResourceGroup": {}},
    ],
)
def test_a_cluster_that_is_not_understood_is_flawed(estate_of: Estates, body: dict[str, Any]) -> None:
    """Nothing raises."""
    assert [flaw.code for flaw in cluster(estate_of((AKS, body))).flaws] == ["enum-unknown"]


def test_interfaces_in_the_node_resource_group(estate_of: Estates) -> None:
    """Models of scale sets and instances alike."""
    nodes = "/subscriptions/s/resourceGroups/mc_g/providers"
    model = {"virtualMachineProfile": {"networkProfile": {"networkInterfaceConfigurations": [{"name": "n"}]}}}
    estate = estate_of(
        (AKS, {"nodeResourceGroup": "MC_g"}),
        (f"{nodes}/Microsoft.Compute/virtualMachineScaleSets/aks-sys-1-vmss", model),
        (
            f"{nodes}/Microsoft.Compute/virtualMachineScaleSets/aks-sys-1-vmss/virtualMachines/0/networkInterfaces/n",
            {},
        ),
        ("networkInterfaces/elsewhere", {}),
    )
    assert [nic.model for nic in estate.nics_of(cluster(estate))] == [True, False]


@pytest.mark.parametrize("name", ["a*b.azmk8s.io", "*.azmk8s.io", "shop\u2028.io", "a..b", "."])
def test_a_name_that_is_none(estate_of: Estates, name: str) -> None:
    """A text that no DNS name looks like was not read: it is said, and nothing is asked with it."""
    found = cluster(estate_of((AKS, {"fqdn": name, "privateFQDN": name})))
    assert (found.fqdn, found.private_fqdn) == (None, None)
    assert "fqdn: expected a DNS name" in found.flaws[0].detail


@pytest.mark.parametrize("location", ["w\u2028x", "a/../b", "{location}", "*"])
def test_a_location_that_is_none(estate_of: Estates, location: str) -> None:
    """A location becomes a part of names and tags, so what cannot be one was not read."""
    found = cluster(estate_of((AKS, {}), outer={AKS: {"location": location}}))
    assert found.location == ""
    assert "location: expected the name of a region" in found.flaws[0].detail
