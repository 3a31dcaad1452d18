"""Needs of a cluster: which rows apply, at what level, and what is asked for each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from auditor.model.cluster import Cluster, OutboundDependency
from auditor.model.estate import Estate
from auditor.model.need import Need
from auditor.model.resource_id import ResourceId
from auditor.netset import AddressSet, NamePattern
from auditor.policy.baseline import load_edition
from auditor.policy.facts import build_facts
from auditor.policy.needs import needs_of
from auditor.policy.settings import DEFAULT_SETTINGS, Settings

NEWEST = "aks-2026-06-18"
SEED = "aks-2019-05-14"
FQDN = "shop-a1b2c3.hcp.westeurope.azmk8s.io"
SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-00000000000a"
NETWORK = f"{SUBSCRIPTION}/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/spoke"
REGISTRY = ResourceId(
    f"{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries/Shop"
)

Make = Callable[..., Any]

CHINA = {"fqdn": "shop.hcp.chinanorth3.cx.prod.service.azk8s.cn", "location": "chinanorth3"}
GOVERNMENT = {
    "fqdn": "shop.hcp.usgovvirginia.cx.aks.containerservice.azure.us",
    "location": "usgovvirginia",
}


def _needs(
    cluster: Cluster, estate: Estate, edition: str = NEWEST, settings: Settings = DEFAULT_SETTINGS
) -> tuple[Need, ...]:
    facts = build_facts(cluster, estate, settings)
    return needs_of(cluster, estate, load_edition(edition), facts, settings)


def _by_id(needs: tuple[Need, ...]) -> dict[str, Need]:
    return {need.id: need for need in needs}


def _required(needs: tuple[Need, ...]) -> list[str]:
    return [need.to for need in needs if need.applies and need.level == "required"]


@pytest.fixture
def estate(make_estate: Make, make_network: Make) -> Estate:
    """The node network was read and uses Azure DNS."""
    found: Estate = make_estate(make_network())
    return found


def test_a_plain_public_cluster(make_cluster: Make, estate: Estate) -> None:
    """The required rows are the seven that practice knows; nothing is open but the pods' way to the API server."""
    needs = _needs(make_cluster(), estate)
    assert _required(needs) == [
        f"{FQDN}:443/https",
        "mcr.microsoft.com:443/https",
        "*.data.mcr.microsoft.com:443/https",
        "management.azure.com:443/https",
        "login.microsoftonline.com:443/https",
        "packages.microsoft.com:443/https",
        "packages.aks.azure.com:443/https",
    ]
    recommended = [need.to for need in needs if need.applies is not False and need.level == "recommended"]
    assert recommended == [
        f"{FQDN}:443/tcp",
        "mcr-0001.mcr-msedge.net:443/https",
        "acs-mirror.azureedge.net:443/https",
        "security.ubuntu.com:80/http",
        "azure.archive.ubuntu.com:80/http",
        "changelogs.ubuntu.com:80/http",
        "snapshot.ubuntu.com:443/https",
    ]


def test_rows_come_in_the_order_of_the_edition(make_cluster: Make, estate: Estate) -> None:
    """Every row of the cloud is there once, applying or not, in the order of the page."""
    needs = _needs(make_cluster(), estate)
    rows = [row.id for row in load_edition(NEWEST).rows_of("public")]
    assert [need.id for need in needs if not need.id.endswith(":tcp")] == rows
    assert all(need.origin == (NEWEST,) for need in needs)


def test_rows_that_do_not_apply_ask_nothing(make_cluster: Make, estate: Estate) -> None:
    """What a cluster does not need has no question, and says why."""
    needs = _by_id(_needs(make_cluster(), estate))
    gpu = needs["all-gpu-nodes-nvidia-github-io"]
    assert (gpu.applies, gpu.alternatives) == (False, ())
    assert gpu.condition == "does not hold: a pool of GPU nodes on which AKS installs the driver"
    tunnel = needs["pub-tunnel-without-konnectivity-tunnel-udp-1194"]
    assert (tunnel.applies, tunnel.to, tunnel.alternatives) == (False, "*:1194/udp", ())


def test_the_own_name_takes_the_place_of_the_wildcard(make_cluster: Make, estate: Estate) -> None:
    """The audit asks for the cluster's own API server, not for those of all clusters of the region."""
    need = _by_id(_needs(make_cluster(), estate))["pub-core-any-hcp-location-azmk8s-io"]
    (asked,) = need.alternatives
    assert (asked.name, asked.own_api_server, asked.private_of) == (NamePattern.parse(FQDN), True, None)
    unread = _by_id(_needs(make_cluster(fqdn=None), estate))["pub-core-any-hcp-location-azmk8s-io"]
    assert (unread.to, unread.alternatives[0].own_api_server) == (
        "*.hcp.westeurope.azmk8s.io:443/https",
        False,
    )
    assert "was not read" in unread.note


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"api_server": {"private": True}}, id="private"),
        pytest.param(
            {
                "api_server": {"private": True},
                "fqdn": None,
                "private_fqdn": "s.privatelink.westeurope.azmk8s.io",
            },
            id="private, no public name",
        ),
        pytest.param({"fqdn": None, "private_fqdn": "shop.private.contoso.com"}, id="private name only"),
        pytest.param({"api_server": {"vnet_integration": True}}, id="VNet integration"),
    ],
)
def test_private_clusters_do_not_need_the_public_api_server(
    make_cluster: Make, estate: Estate, changes: dict[str, Any]
) -> None:
    """A private name, or an address in the virtual network, makes the public row not applicable."""
    needs = _by_id(_needs(make_cluster(**changes), estate))
    for name in (
        "pub-core-any-hcp-location-azmk8s-io",
        "pub-pods-use-api-server-ip-api-server-ip-tcp-443",
    ):
        assert (needs[name].applies, needs[name].alternatives) == (False, ())
    assert needs["pub-core-mcr-microsoft-com"].applies is True


@pytest.mark.parametrize(
    ("changes", "applies", "private_of"),
    [
        ({}, True, False),
        ({"api_server": {"private": True}}, True, True),
        (
            {"api_server": {"private": True}, "fqdn": None, "private_fqdn": "s.private.contoso.com"},
            False,
            False,
        ),
        ({"api_server": {"private": True, "vnet_integration": True}}, False, False),
        ({"api_server": {"vnet_integration": True}}, True, False),
    ],
)
def test_private_government_clusters(
    make_cluster: Make,
    make_estate: Make,
    make_network: Make,
    changes: dict[str, Any],
    applies: bool,
    private_of: bool,
) -> None:
    """The sovereign tables give no exemption, so the row stays where the name is public; its address may not be."""
    cluster = make_cluster(**(GOVERNMENT | changes))
    needs = _by_id(_needs(cluster, make_estate(make_network(), cloud="usgov")))
    need = needs["gov-core-any-hcp-location-cx-aks-containerservice-azure-us"]
    assert need.applies is applies
    assert [one.private_of for one in need.alternatives] == (
        [cluster.id.key if private_of else None] if applies else []
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            CHINA,
            [
                "*:1194/udp",
                "*:9000/tcp",
                "*:22/tcp",
                "*:123/udp",
                "shop.hcp.chinanorth3.cx.prod.service.azk8s.cn:443/https",
                "*.tun.chinanorth3.cx.prod.service.azk8s.cn:443/https",
                "mcr.microsoft.com:443/https",
                "*.data.mcr.microsoft.com:443/https",
                "management.chinacloudapi.cn:443/https",
                "login.chinacloudapi.cn:443/https",
                "packages.microsoft.com:443/https",
                "*.azk8s.cn:443/https",
                "mcr.azure.cn:443/https",
                "*.data.mcr.azure.cn:443/https",
            ],
        ),
        (
            GOVERNMENT,
            [
                "*:1194/udp",
                "*:9000/tcp",
                "*:123/udp",
                "shop.hcp.usgovvirginia.cx.aks.containerservice.azure.us:443/https",
                "mcr.microsoft.com:443/https",
                "*.data.mcr.microsoft.com:443/https",
                "management.usgovcloudapi.net:443/https",
                "login.microsoftonline.us:443/https",
                "packages.microsoft.com:443/https",
                "packages.aks.azure.com:443/https",
            ],
        ),
    ],
)
def test_other_clouds(
    make_cluster: Make, estate: Estate, changes: dict[str, Any], expected: list[str]
) -> None:
    """The cluster's name tells the cloud, and the rows of that cloud count."""
    assert _required(_needs(make_cluster(**changes), estate)) == expected


def test_alternatives_in_their_order(make_cluster: Make, estate: Estate) -> None:
    """A tunnel row may be met by anything, the region's tag or the API server; region CIDRs are the tag again."""
    needs = _needs(make_cluster(), estate, settings=Settings(konnectivity=False))
    need = _by_id(needs)["pub-tunnel-without-konnectivity-tunnel-tcp-9000"]
    assert (need.applies, need.level, need.to) == (True, "required", "*:9000/tcp")
    assert [one.to for one in need.alternatives] == [
        "*:9000/tcp",
        "AzureCloud.westeurope:9000/tcp",
        f"{FQDN}:9000/tcp",
    ]
    anywhere, tag, server = need.alternatives
    assert (anywhere.anywhere, tag.tag, server.own_api_server) == (True, "AzureCloud.westeurope", True)


def test_the_tag_of_a_region_with_an_irregular_name(make_cluster: Make, estate: Estate) -> None:
    """AzureCloud spells some regions otherwise than the cluster does (NSG-25)."""
    cluster = make_cluster(location="francecentral")
    needs = _needs(cluster, estate, settings=Settings(konnectivity=False))
    need = _by_id(needs)["pub-tunnel-without-konnectivity-tunnel-udp-1194"]
    assert need.alternatives[1].tag == "AzureCloud.centralfrance"


def test_a_name_among_the_alternatives(make_cluster: Make, estate: Estate) -> None:
    """Time may come from anywhere or from its name, which counts with a rule by name only."""
    cluster = make_cluster(pools=[{"node_image_version": "AKSUbuntu-1804-2021.02.01"}])
    need = _by_id(_needs(cluster, estate))["pub-linux-nodes-before-2021-03-ntp-udp-123"]
    assert [one.to for one in need.alternatives] == ["*:123/udp", "ntp.ubuntu.com:123/udp"]
    assert "ntp.ubuntu.com counts only with a firewall network rule that takes names" in need.note


def test_a_service_tag_row(make_cluster: Make, estate: Estate) -> None:
    """A row whose destination is a tag asks for the whole tag."""
    needs = _by_id(_needs(make_cluster(features={"prometheus": True}), estate))
    need = needs["all-azure-monitor-azuremonitor-tcp-443"]
    (asked,) = need.alternatives
    assert (need.level, need.to, asked.tag, asked.protocol) == (
        "required",
        "AzureMonitor:443/tcp",
        "AzureMonitor",
        "tcp",
    )


@pytest.mark.parametrize(
    ("changes", "row", "to"),
    [
        (
            {"pools": [{}, {"vm_size": "Standard_NC6s_v3"}]},
            "all-gpu-nodes-nvidia-github-io",
            "nvidia.github.io:443",
        ),
        (
            {"pools": [{}, {"os_type": "windows"}]},
            "all-windows-nodes-go-microsoft-com",
            "go.microsoft.com:443",
        ),
        ({"features": {"key_vault_csi": True}}, "pub-key-vault-csi-vault-azure-net", "vault.azure.net:443"),
        (
            {"features": {"azure_policy": True}},
            "pub-azure-policy-data-policy-core-windows-net",
            "data.policy.core.windows.net:443",
        ),
        (
            {"features": {"defender": True}},
            "all-defender-for-containers-any-cloud-defender-microsoft-com",
            "*.cloud.defender.microsoft.com:443",
        ),
    ],
)
def test_features_make_their_rows_required(
    make_cluster: Make, estate: Estate, changes: dict[str, Any], row: str, to: str
) -> None:
    """A conditional row whose condition holds is required."""
    need = _by_id(_needs(make_cluster(**changes), estate))[row]
    assert (need.applies, need.level, need.to) == (True, "required", f"{to}/https")


def test_unread_facts_leave_a_row_open(make_cluster: Make, estate: Estate) -> None:
    """An unread fact makes a row recommended, names the fact, and the row is still judged."""
    needs = _by_id(_needs(make_cluster(extensions=None), estate))
    need = needs["pub-cluster-extensions-any-microsoftmetrics-com"]
    assert (need.applies, need.level, need.unread) == (None, "recommended", ("extensions",))
    assert need.condition == "not known whether: a cluster extension is installed"
    assert [one.to for one in need.alternatives] == ["*.microsoftmetrics.com:443/https"]


@pytest.mark.parametrize(
    ("setting", "applies", "level"),
    [(None, None, "recommended"), (True, True, "required"), (False, False, "required")],
)
def test_a_setting_at_unknown_is_recommended(
    make_cluster: Make, estate: Estate, setting: bool | None, applies: bool | None, level: str
) -> None:
    """Whether pods call the API server's address is the user's to say."""
    needs = _needs(make_cluster(), estate, settings=Settings(pods_use_api_server_address=setting))
    need = _by_id(needs)["pub-pods-use-api-server-ip-api-server-ip-tcp-443"]
    assert (need.applies, need.level) == (applies, level)
    assert need.unread == (("podsUseApiServerAddress",) if setting is None else ())


def test_practice_rows_are_recommended(make_cluster: Make, estate: Estate) -> None:
    """A row that is known to be dead is judged, but blocks nothing; its note says what is known."""
    need = _by_id(_needs(make_cluster(), estate))["pub-core-acs-mirror-azureedge-net"]
    assert (need.applies, need.level) == (True, "recommended")
    assert need.note.startswith("retired: ")


# -- custom DNS ----------------------------------------------------------------------------------------


def test_each_dns_server_is_asked_over_both_protocols(
    make_cluster: Make, make_estate: Make, make_network: Make
) -> None:
    """Every server must answer over UDP; over TCP it should."""
    estate = make_estate(make_network(("10.0.0.5", "10.0.0.4", "fd00::53")))
    needs = [need for need in _needs(make_cluster(), estate) if "custom-dns" in need.id]
    row = "pub-custom-dns-customdnsip-udp-53"
    assert [(need.id, need.to, need.level) for need in needs] == [
        (row, "10.0.0.4:53/udp", "required"),
        (row, "10.0.0.5:53/udp", "required"),
        (row, "[fd00::53]:53/udp", "required"),
        (f"{row}:tcp", "10.0.0.4:53/tcp", "recommended"),
        (f"{row}:tcp", "10.0.0.5:53/tcp", "recommended"),
        (f"{row}:tcp", "[fd00::53]:53/tcp", "recommended"),
    ]
    assert needs[0].alternatives[0].addresses == AddressSet.of("10.0.0.4")


def test_azure_dns_needs_no_row(make_cluster: Make, estate: Estate) -> None:
    """Without custom servers both halves of the row do not apply."""
    needs = [need for need in _needs(make_cluster(), estate) if "custom-dns" in need.id]
    assert [(need.applies, need.to) for need in needs] == [
        (False, "<custom-dns>:53/udp"),
        (False, "<custom-dns>:53/tcp"),
    ]


def test_dns_of_an_unread_network(make_cluster: Make, make_estate: Make) -> None:
    """If the network was not read there is nothing to ask, and the row says so instead of passing."""
    needs = [need for need in _needs(make_cluster(), make_estate()) if "custom-dns" in need.id]
    assert [(need.applies, need.level, need.unread, need.alternatives) for need in needs] == [
        (None, "recommended", ("customDns",), ())
    ] * 2
    assert all("were read" in need.note for need in needs)


def test_a_dns_server_that_is_no_address(make_cluster: Make, make_estate: Make, make_network: Make) -> None:
    """A value that cannot be asked for is no reason to stop, and none to pass."""
    needs = _by_id(_needs(make_cluster(), make_estate(make_network(("dns.contoso.com",)))))
    need = needs["pub-custom-dns-customdnsip-udp-53"]
    assert (need.applies, need.alternatives) == (True, ())
    assert need.note == "the DNS server 'dns.contoso.com' is no address"


# -- isolation and VNet integration --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "suffix"),
    [({}, "azurecr.io"), (GOVERNMENT, "azurecr.us"), (CHINA, "azurecr.cn")],
)
def test_isolated_clusters_need_their_registry(
    make_cluster: Make, estate: Estate, changes: dict[str, Any], suffix: str
) -> None:
    """The private registry is added: its name and its data endpoint, by the private endpoint (AKS-28)."""
    cluster = make_cluster(artifact_cache=True, outbound_type="none", bootstrap_registry=REGISTRY, **changes)
    needs = _by_id(_needs(cluster, estate))
    added = [needs["isolated:registry"], needs["isolated:registry-data"]]
    assert [need.to for need in added] == [
        f"shop.{suffix}:443/https",
        f"shop.{cluster.location}.data.{suffix}:443/https",
    ]
    assert all(need.applies and need.level == "required" for need in added)
    assert all(need.alternatives[0].private_of == REGISTRY.key for need in added)


def test_isolated_clusters_need_nothing_else_of_the_public_list(make_cluster: Make, estate: Estate) -> None:
    """The core rows of the public cloud drop out; the registry remains, so a row is judged."""
    cluster = make_cluster(artifact_cache=True, outbound_type="block", bootstrap_registry=REGISTRY)
    needs = _needs(cluster, estate)
    assert _required(needs) == ["shop.azurecr.io:443/https", "shop.westeurope.data.azurecr.io:443/https"]
    assert _by_id(needs)["pub-core-mcr-microsoft-com"].condition.startswith("not needed: bootstrap artifacts")


def test_an_isolated_cluster_without_registry_does_not_pass(make_cluster: Make, estate: Estate) -> None:
    """A registry that was not read leaves a required need with nothing to ask."""
    (need,) = (
        need
        for need in _needs(make_cluster(artifact_cache=True, outbound_type="none"), estate)
        if need.applies and need.level == "required"
    )
    assert (need.id, need.alternatives) == ("isolated:registry", ())
    assert "was not read" in need.note


def test_vnet_integration_adds_rows_to_the_subnet(
    make_cluster: Make, make_estate: Make, make_network: Make
) -> None:
    """Nodes need TCP 443 and 4443 to each prefix of the API server's subnet (AKS-36)."""
    network = make_network(subnets={"api": (("10.1.9.0/28", "fd00::/64"), ())})
    subnet = ResourceId(f"{NETWORK}/subnets/api")
    cluster = make_cluster(api_server={"vnet_integration": True, "subnet": subnet})
    needs = [need for need in _needs(cluster, make_estate(network)) if need.id.startswith("vnet-integration")]
    assert [(need.id, need.to, need.level) for need in needs] == [
        ("vnet-integration:443", "10.1.9.0/28:443/tcp", "required"),
        ("vnet-integration:443", "[fd00::/64]:443/tcp", "required"),
        ("vnet-integration:4443", "10.1.9.0/28:4443/tcp", "required"),
        ("vnet-integration:4443", "[fd00::/64]:4443/tcp", "required"),
    ]
    assert needs[0].alternatives[0].addresses == AddressSet.of("10.1.9.0/28")


def test_vnet_integration_in_a_managed_network(
    make_cluster: Make, make_estate: Make, make_network: Make
) -> None:
    """Where the cluster names no subnet, the one delegated to managed clusters is meant."""
    delegated = (("10.1.9.0/28",), ("Microsoft.ContainerService/managedClusters",))
    cluster = make_cluster(api_server={"vnet_integration": True})
    one = _needs(cluster, make_estate(make_network(subnets={"api": delegated})))
    assert _by_id(one)["vnet-integration:443"].to == "10.1.9.0/28:443/tcp"
    two = _needs(cluster, make_estate(make_network(subnets={"api": delegated, "other": delegated})))
    assert _by_id(two)["vnet-integration:443"].alternatives == ()


def test_vnet_integration_with_an_unread_subnet(make_cluster: Make, estate: Estate) -> None:
    """A subnet that was not read leaves both rows with nothing to ask, and names it."""
    subnet = ResourceId(f"{NETWORK}/subnets/api")
    needs = _by_id(_needs(make_cluster(api_server={"vnet_integration": True, "subnet": subnet}), estate))
    for port in (443, 4443):
        need = needs[f"vnet-integration:{port}"]
        assert (need.applies, need.alternatives) == (True, ())
        assert need.note.startswith(f"API server subnet {subnet} was not read: ")


# -- the cluster's own list ----------------------------------------------------------------------------


def _own(domain: str, port: int = 443, protocol: str = "Https") -> OutboundDependency:
    return OutboundDependency(category="images", domain=domain, port=port, protocol=protocol)


@pytest.mark.parametrize(
    ("dependency", "row"),
    [
        (_own("MCR.microsoft.com"), "pub-core-mcr-microsoft-com"),
        (_own("*.data.mcr.microsoft.com"), "pub-core-any-data-mcr-microsoft-com"),
        (_own("weu.data.mcr.microsoft.com"), "pub-core-any-data-mcr-microsoft-com"),
        (_own(FQDN), "pub-core-any-hcp-location-azmk8s-io"),
        (_own(FQDN, protocol="TCP"), "pub-pods-use-api-server-ip-api-server-ip-tcp-443"),
        (_own("security.ubuntu.com", 80, "Http"), "all-linux-nodes-security-ubuntu-com-http-80"),
        (_own("packages.aks.azure.com", protocol="TCP"), "pub-core-packages-aks-azure-com"),
    ],
)
def test_a_covered_endpoint_adds_to_the_origin(
    make_cluster: Make, estate: Estate, dependency: OutboundDependency, row: str
) -> None:
    """What a row asks for already gets no row of its own."""
    needs = _needs(make_cluster(dependencies=(dependency,)), estate)
    assert [need.id for need in needs if "cluster" in need.origin] == [row]
    assert _by_id(needs)[row].origin == (NEWEST, "cluster")


@pytest.mark.parametrize(
    ("dependency", "name", "to"),
    [
        pytest.param(
            _own("ntp.ubuntu.com", 123, "UDP"),
            "own:ntp.ubuntu.com:123",
            "ntp.ubuntu.com:123/udp",
            id="its row does not apply",
        ),
        pytest.param(
            _own("*.microsoft.com"), "own:*.microsoft.com:443", "*.microsoft.com:443/https", id="wider"
        ),
        pytest.param(
            _own("mcr.microsoft.com", 80, "Http"),
            "own:mcr.microsoft.com:80",
            "mcr.microsoft.com:80/http",
            id="port",
        ),
        pytest.param(
            _own("mcr.microsoft.com", 443, "UDP"),
            "own:mcr.microsoft.com:443",
            "mcr.microsoft.com:443/udp",
            id="family",
        ),
        pytest.param(
            _own("10.0.0.0/24", 443, "tcp"), "own:10.0.0.0/24:443", "10.0.0.0/24:443/tcp", id="CIDR"
        ),
    ],
)
def test_any_other_endpoint_becomes_a_recommended_row(
    make_cluster: Make, estate: Estate, dependency: OutboundDependency, name: str, to: str
) -> None:
    """Rows that only the cluster's own list has are recommended."""
    needs = _needs(make_cluster(dependencies=(dependency, dependency)), estate)
    (need,) = (need for need in needs if "cluster" in need.origin)
    assert (need.id, need.to, need.level, need.applies) == (name, to, "recommended", True)
    assert need.origin == ("cluster",)
    assert [one.to for one in need.alternatives] == [to]


@pytest.mark.parametrize(
    "dependency",
    [_own("a*b.contoso.com"), _own("x.contoso.com", 0), _own("x.contoso.com", 443, "QUIC"), _own("")],
)
def test_an_endpoint_that_cannot_be_asked_is_kept(
    make_cluster: Make, estate: Estate, dependency: OutboundDependency
) -> None:
    """A strange entry of the list is shown with its problem, not dropped."""
    (need,) = (
        need for need in _needs(make_cluster(dependencies=(dependency,)), estate) if "cluster" in need.origin
    )
    assert (need.alternatives, need.level) == ((), "recommended")
    assert need.note


def test_the_private_name_in_the_own_list(make_cluster: Make, estate: Estate) -> None:
    """A private cluster's own name is behind its private endpoint."""
    cluster = make_cluster(
        fqdn=None,
        private_fqdn="shop.privatelink.westeurope.azmk8s.io",
        api_server={"private": True},
        dependencies=(_own("shop.privatelink.westeurope.azmk8s.io"),),
    )
    (need,) = (need for need in _needs(cluster, estate) if need.origin == ("cluster",))
    assert need.alternatives[0].private_of == cluster.id.key


# -- the edition of 2019 -------------------------------------------------------------------------------


def test_the_seed_of_2019(make_cluster: Make, estate: Estate) -> None:
    """The first list: ports to anywhere, names, and the optional rows as recommended."""
    needs = _needs(make_cluster(), estate, SEED)
    assert _required(needs) == [
        "*:443/tcp",
        "*:9000/tcp",
        "*.azmk8s.io:443/https",
        "aksrepos.azurecr.io:443/https",
        "*.blob.core.windows.net:443/https",
        "mcr.microsoft.com:443/https",
        "management.azure.com:443/https",
        "login.microsoftonline.com:443/https",
    ]
    assert [need.to for need in needs if need.applies and need.level == "recommended"] == [
        "*:123/udp",
        "*:53/udp",
        "*.ubuntu.com:80/http",
        "packages.microsoft.com:443/https",
    ]
    anywhere = needs[0].alternatives[0]
    assert (anywhere.anywhere, anywhere.protocol, anywhere.ports) == (True, "tcp", ((443, 443),))


def test_an_open_port_does_not_cover_a_name(make_cluster: Make, estate: Estate) -> None:
    """That something can leave on TCP 443 does not answer whether one name can."""
    needs = _needs(make_cluster(dependencies=(_own("packages.aks.azure.com"),)), estate, SEED)
    assert [need.id for need in needs if "cluster" in need.origin] == ["own:packages.aks.azure.com:443"]


@pytest.mark.parametrize("cloud", ["usgov", "china"])
def test_an_edition_without_rows_for_the_cloud_passes_nobody(
    make_cluster: Make, make_estate: Make, make_network: Make, cloud: str
) -> None:
    """The first list is for the public cloud only; elsewhere one required row stays open."""
    cluster = make_cluster(
        fqdn=None, private_fqdn="shop.private.contoso.com", dependencies=(_own("mcr.azure.cn"),)
    )
    needs = _needs(cluster, make_estate(make_network(), cloud=cloud), SEED)
    assert [(need.id, need.level) for need in needs] == [
        ("own:mcr.azure.cn:443", "recommended"),
        ("edition:nothing-required", "required"),
    ]
    assert (needs[-1].applies, needs[-1].alternatives) == (True, ())


# -- all of them ---------------------------------------------------------------------------------------


def test_a_location_that_was_not_read(make_cluster: Make, estate: Estate) -> None:
    """Rows that need the region are shown as they stand and cannot be asked."""
    needs = _by_id(_needs(make_cluster(location="", features={"prometheus": True}), estate))
    need = needs["pub-azure-monitor-cluster-region-name-handler-control-monitor-azure-com"]
    assert (need.applies, need.alternatives) == (True, ())
    assert need.to == "<location>.handler.control.monitor.azure.com:443/https"
    assert "location, which was not read" in need.note


@pytest.mark.parametrize("edition", [NEWEST, SEED])
@pytest.mark.parametrize("changes", [{}, CHINA, GOVERNMENT, {"pools": [], "extensions": None, "fqdn": None}])
def test_what_holds_for_every_need(
    make_cluster: Make, estate: Estate, edition: str, changes: dict[str, Any]
) -> None:
    """Id and `to` are unique together, levels are two, and only what does not apply asks nothing."""
    cluster = make_cluster(features={"prometheus": True, "defender": True}, **changes)
    needs = _needs(cluster, estate, edition)
    assert len({(need.id, need.to) for need in needs}) == len(needs)
    assert {need.level for need in needs} <= {"required", "recommended"}
    assert all(not need.alternatives for need in needs if need.applies is False)
    assert all(need.note for need in needs if need.applies is not False and not need.alternatives)
    assert all(bool(need.unread) == (need.applies is None) for need in needs)
    assert all(need.level == "recommended" for need in needs if need.applies is None)
    assert "<location>" not in "".join(one.to for need in needs for one in need.alternatives)
    assert needs == _needs(cluster, estate, edition)
