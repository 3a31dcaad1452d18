"""Facts about a cluster: each value from what was read, and null where nothing was."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from auditor.model.cluster import Cluster, Extension
from auditor.model.estate import Estate
from auditor.model.gap import Flaw
from auditor.model.network import VirtualNetwork
from auditor.model.outbound import Nic
from auditor.model.resource_id import ResourceId
from auditor.model.snapshot import Read
from auditor.policy.fact_names import KNOWN_FACTS
from auditor.policy.facts import build_facts, cloud_of, dns_servers
from auditor.policy.settings import DEFAULT_SETTINGS, Settings

SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-00000000000a"
NETWORK = f"{SUBSCRIPTION}/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/spoke"
MANAGED = f"{SUBSCRIPTION}/resourceGroups/MC_rg_shop_westeurope/providers/Microsoft.Network/virtualNetworks/aks-vnet"
FEATURE = (
    f"{SUBSCRIPTION}/providers/Microsoft.Features/providers/Microsoft.ContainerService/features/"
    "AKSLockingDownEgressPreview"
)
PROVIDER = f"{SUBSCRIPTION}/providers/Microsoft.ContainerService"

Make = Callable[..., Any]


def _value(facts: Mapping[str, object], name: str) -> object:
    value: object = facts
    for part in name.split("."):
        assert isinstance(value, Mapping)
        value = value[part]
    return value


def test_every_known_fact_is_built(make_cluster: Make, make_estate: Make) -> None:
    """An edition may read any fact of `fact_names`; none of them is missing, and none is there beside them."""
    facts = build_facts(make_cluster(), make_estate(), DEFAULT_SETTINGS)
    names = {
        f"{key}.{inner}" if inner else key
        for key, value in facts.items()
        for inner in (value if isinstance(value, Mapping) else ("",))
    }
    assert names == KNOWN_FACTS


N = "Standard_NC24ads_A100_v4"


@pytest.mark.parametrize(
    ("pools", "changes", "expected"),
    [
        pytest.param([{}], {}, False, id="no GPU size"),
        pytest.param([{}, {"vm_size": N}], {}, True, id="NC"),
        pytest.param([{"vm_size": "standard_nv36ads_a10_v5"}], {}, True, id="NV, case does not count"),
        pytest.param([{"vm_size": "Standard_ND96asr_v4"}], {}, True, id="ND"),
        pytest.param([{"vm_size": "Standard_NP10s"}], {}, False, id="NP is FPGA"),
        pytest.param([{"vm_size": N, "gpu_driver": "none"}], {}, False, id="no driver installed"),
        pytest.param([{"vm_size": N, "gpu_driver": "install"}], {}, True, id="driver installed"),
        pytest.param([{}, {"vm_size": None}], {}, None, id="size not read"),
        pytest.param([{"vm_size": N}, {"vm_size": None}], {}, True, id="one GPU pool is enough"),
        pytest.param([{"vm_size": None, "gpu_driver": "none"}], {}, False, id="no driver, whatever the size"),
        pytest.param([{}], {"auto_provisioning": True}, None, id="sizes of provisioned nodes are invisible"),
        pytest.param([{"vm_size": N}], {"auto_provisioning": True}, True, id="already true"),
        pytest.param([], {}, None, id="no pool read"),
    ],
)
def test_gpu(
    make_cluster: Make, make_estate: Make, pools: list[Any], changes: dict[str, Any], expected: bool | None
) -> None:
    """GPU means a pool of N sizes on which AKS installs the driver."""
    facts = build_facts(make_cluster(pools=pools, **changes), make_estate(), DEFAULT_SETTINGS)
    assert facts["gpu"] is expected


@pytest.mark.parametrize(
    ("pools", "changes", "windows", "linux", "ubuntu"),
    [
        ([{}], {}, False, True, True),
        ([{"os_sku": "azurelinux"}], {}, False, True, False),
        ([{"os_sku": "ubuntu2204"}], {}, False, True, True),
        ([{"os_sku": None}], {}, False, True, True),
        ([{"os_sku": None, "node_image_version": None}], {}, False, True, True),
        (
            [{"os_sku": None, "node_image_version": "AKSAzureLinux-V3gen2-202601.13.0"}],
            {},
            False,
            True,
            False,
        ),
        ([{}, {"os_type": "windows", "os_sku": "windows2022"}], {}, True, True, True),
        ([{"os_sku": "azurelinux"}], {"auto_provisioning": True}, None, True, None),
        ([{"os_type": "windows", "os_sku": None}], {"auto_provisioning": True}, True, True, None),
        ([], {}, None, None, None),
        ([], {"hosted_system_subnets": (ResourceId(f"{NETWORK}/subnets/s"),)}, None, True, None),
    ],
)
def test_systems(
    make_cluster: Make,
    make_estate: Make,
    pools: list[Any],
    changes: dict[str, Any],
    windows: bool | None,
    linux: bool | None,
    ubuntu: bool | None,
) -> None:
    """Operating systems come from the pools; node auto-provisioning may add others (AKS-8)."""
    facts = build_facts(make_cluster(pools=pools, **changes), make_estate(), DEFAULT_SETTINGS)
    assert (facts["windows"], facts["linux"], facts["ubuntuNodes"]) == (windows, linux, ubuntu)


@pytest.mark.parametrize(
    ("pools", "expected"),
    [
        (["AKSUbuntu-2204gen2containerd-202601.13.0"], False),
        (["AKSUbuntu-1804gen2containerd-2021.03.10"], True),
        (["AKSUbuntu-1804gen2containerd-2021.04.01"], False),
        (["AKSUbuntu-1604-2020.12.15"], True),
        (["AKSAzureLinux-V3gen2-202102.02.0"], True),
        (["AKSUbuntu-2204gen2containerd-202601.13.0", None], None),
        (["AKSUbuntu-1604-2020.12.15", None], True),
        (["newest"], None),
        ([], None),
    ],
)
def test_old_nodes(
    make_cluster: Make, make_estate: Make, pools: list[str | None], expected: bool | None
) -> None:
    """The image's date tells whether nodes still ask for the time themselves."""
    cluster = make_cluster(pools=[{"node_image_version": version} for version in pools])
    assert build_facts(cluster, make_estate(), DEFAULT_SETTINGS)["nodesBefore202103"] is expected


def test_windows_nodes_are_not_old(make_cluster: Make, make_estate: Make) -> None:
    """Only Linux pools count for the date; a Windows image without one leaves nothing open."""
    cluster = make_cluster(pools=[{}, {"os_type": "windows", "node_image_version": None}])
    assert build_facts(cluster, make_estate(), DEFAULT_SETTINGS)["nodesBefore202103"] is False


@pytest.mark.parametrize(
    ("servers", "nics", "expected"),
    [
        pytest.param((), [], ((), True), id="Azure DNS"),
        pytest.param(("10.0.0.5", "10.0.0.4"), [], (("10.0.0.4", "10.0.0.5"), True), id="network's own"),
        pytest.param(("168.63.129.16",), [], ((), True), id="Azure DNS by address"),
        pytest.param(("10.0.0.4",), [{}], (("10.0.0.4",), True), id="interface names none"),
        pytest.param((), [{"dns_servers": ("10.9.0.4",)}], (("10.9.0.4",), True), id="interface overrides"),
        pytest.param(("10.0.0.4",), [{"dns_servers": ("AzureProvidedDNS",)}], ((), True), id="back to Azure"),
        pytest.param(
            ("10.0.0.4",),
            [{"dns_servers": ("10.9.0.4",)}, {"name": "nic-1"}],
            (("10.0.0.4", "10.9.0.4"), True),
            id="some interfaces override",
        ),
        pytest.param(
            ("10.0.0.4",),
            [{"dns_servers": ("10.9.0.4",), "pool": "other"}],
            (("10.0.0.4", "10.9.0.4"), True),
            id="a pool without interfaces",
        ),
        pytest.param(
            ("10.0.0.4",),
            [{"dns_servers": ("10.9.0.4",)}, {"name": "private-endpoint", "pool": None}],
            (("10.9.0.4",), True),
            id="interfaces that are no nodes do not count",
        ),
    ],
)
def test_dns_servers(
    make_cluster: Make,
    make_estate: Make,
    make_network: Make,
    make_nic: Make,
    servers: tuple[str, ...],
    nics: list[dict[str, Any]],
    expected: tuple[tuple[str, ...], bool],
) -> None:
    """Servers come from the virtual network unless a node's interface names others (AKS-31)."""
    estate = make_estate(make_network(servers), nics=tuple(make_nic(**nic) for nic in nics))
    cluster = make_cluster()
    assert dns_servers(cluster, estate) == expected
    assert build_facts(cluster, estate, DEFAULT_SETTINGS)["customDns"] is bool(expected[0])


def test_dns_of_an_unread_network_is_unknown(make_cluster: Make, make_estate: Make, make_nic: Make) -> None:
    """A network that was not read may name servers; interfaces that all override it settle the question."""
    cluster: Cluster = make_cluster()
    unread: Estate = make_estate()
    assert build_facts(cluster, unread, DEFAULT_SETTINGS)["customDns"] is None
    overriding: Nic = make_nic(dns_servers=("10.9.0.4",))
    assert dns_servers(cluster, make_estate(nics=(overriding,))) == (("10.9.0.4",), True)


def test_dns_of_a_managed_network(
    make_cluster: Make, make_estate: Make, make_network: Make, make_nic: Make
) -> None:
    """Without a subnet in the pool the network is found by the nodes' interfaces (AKS-2)."""
    cluster = make_cluster(pools=[{"subnet": None}])
    network: VirtualNetwork = make_network(("10.224.0.4",), network=MANAGED)
    assert dns_servers(cluster, make_estate(network)) == ((), False)
    nic = make_nic(subnets=(f"{MANAGED}/subnets/aks-subnet",))
    assert dns_servers(cluster, make_estate(network, nics=(nic,))) == (("10.224.0.4",), True)


def test_dns_that_copies_disagree_about(make_cluster: Make, make_estate: Make, make_network: Make) -> None:
    """If two copies of the network name different servers, whether there are any is open."""
    flaw = Flaw("snapshot-inconsistent", "dhcpOptions.dnsServers is [] in a.json and null in b.json")
    estate = make_estate(make_network(flaws=(flaw,)))
    assert build_facts(make_cluster(), estate, DEFAULT_SETTINGS)["customDns"] is None


@pytest.mark.parametrize(
    ("fqdn", "private", "snapshot", "expected"),
    [
        ("shop.hcp.westeurope.azmk8s.io", None, "china", "public"),
        ("shop.hcp.chinanorth3.cx.prod.service.azk8s.cn", None, "public", "china"),
        ("Shop.hcp.usgovvirginia.cx.aks.containerservice.azure.US", None, "public", "usgov"),
        (None, "shop.privatelink.usgovvirginia.cx.aks.containerservice.azure.us", "public", "usgov"),
        (None, "shop.private.contoso.com", "usgov", "usgov"),
        (None, None, "china", "china"),
        ("shop.notazmk8s.io", None, "usgov", "usgov"),
    ],
)
def test_cloud(
    make_cluster: Make,
    make_estate: Make,
    fqdn: str | None,
    private: str | None,
    snapshot: str,
    expected: str,
) -> None:
    """The cluster's own name tells its cloud, else the snapshot does."""
    assert cloud_of(make_cluster(fqdn=fqdn, private_fqdn=private), make_estate(cloud=snapshot)) == expected


@pytest.mark.parametrize(
    ("extensions", "expected"),
    [
        (None, (None, None)),
        ((), (False, False)),
        ((Extension(name="dapr", kind="microsoft.dapr", marketplace=False),), (True, False)),
        ((Extension(name="x", kind="contoso.x", marketplace=True),), (True, True)),
    ],
)
def test_extensions(
    make_cluster: Make, make_estate: Make, extensions: tuple[Extension, ...] | None, expected: Any
) -> None:
    """Extensions that were not read are no absent extensions."""
    facts = build_facts(make_cluster(extensions=extensions), make_estate(), DEFAULT_SETTINGS)
    assert (facts["extensions"], facts["extensionsMarketplace"]) == expected


@pytest.mark.parametrize(
    ("changes", "fact"),
    [
        ({"features": {"azure_policy": True}}, "addons.azurePolicy"),
        ({"features": {"container_insights": True}}, "addons.containerInsights"),
        ({"features": {"key_vault_csi": True}}, "addons.keyVaultCsi"),
        ({"features": {"prometheus": True}}, "monitor.prometheus"),
        ({"features": {"app_insights": True}}, "monitor.appInsights"),
        ({"features": {"defender": True}}, "defender"),
        ({"features": {"cost_analysis": True}}, "costAnalysis"),
        ({"features": {"workload_identity": True}}, "workloadIdentity"),
        ({"api_server": {"private": True}}, "privateCluster"),
        ({"api_server": {"vnet_integration": True}}, "apiServerVnetIntegration"),
        ({"artifact_cache": True, "outbound_type": "none"}, "isolated"),
    ],
)
def test_properties_of_the_cluster(
    make_cluster: Make, make_estate: Make, changes: dict[str, Any], fact: str
) -> None:
    """Each part of the cluster switches its own fact, which is false without."""
    assert _value(build_facts(make_cluster(), make_estate(), DEFAULT_SETTINGS), fact) is False
    assert _value(build_facts(make_cluster(**changes), make_estate(), DEFAULT_SETTINGS), fact) is True


def test_settings_are_facts(make_cluster: Make, make_estate: Make) -> None:
    """What no document shows comes from the settings."""
    settings = Settings(konnectivity=False, pods_use_api_server_address=True)
    facts = build_facts(make_cluster(), make_estate(), settings)
    assert (facts["konnectivity"], facts["podsUseApiServerAddress"]) == (False, True)
    assert build_facts(make_cluster(), make_estate(), DEFAULT_SETTINGS)["podsUseApiServerAddress"] is None


def _read(kind: str, status: str = "complete") -> Read:
    return Read(scope=SUBSCRIPTION, kind=kind, status=status)


@pytest.mark.parametrize(
    ("documents", "reads", "expected"),
    [
        ((), (), (None, None)),
        (((FEATURE, {"properties": {"state": "Registered"}}),), (), (True, None)),
        (((FEATURE.lower(), {"properties": {"state": "NotRegistered"}}),), (), (False, None)),
        (((FEATURE, {"properties": {}}),), (), (None, None)),
        (((PROVIDER, {"registrationState": "Registered"}),), (), (None, True)),
        (((PROVIDER, {"properties": {"RegistrationState": "registered"}}),), (), (None, True)),
        ((), (_read("Microsoft.Features/providers/features"),), (False, None)),
        ((), (_read("Microsoft.Features/providers/features", "denied"),), (None, None)),
    ],
)
def test_registrations(
    make_cluster: Make, make_estate: Make, documents: Any, reads: tuple[Read, ...], expected: Any
) -> None:
    """The feature flag and the provider are read from the subscription's documents, if they were collected."""
    facts = build_facts(make_cluster(), make_estate(documents=documents, reads=reads), DEFAULT_SETTINGS)
    assert (facts["featureLockingDownEgress"], facts["providerRegistered"]) == expected
