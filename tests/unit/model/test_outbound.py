"""NAT gateways, public addresses, load balancers, interfaces and scale sets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from auditor.model.estate import Estate
from auditor.model.resource_id import ResourceId

Estates = Callable[..., Estate]
NODES = "/subscriptions/s/resourceGroups/MC_g/providers"
SET = f"{NODES}/Microsoft.Compute/virtualMachineScaleSets/aks-gpu-pool-12345678-vmss"


@pytest.mark.parametrize(
    ("name", "fourth"),
    [
        ("publicIpAddresses", True),
        ("publicIpPrefixes", True),
        ("publicIpAddressesV6", False),
        ("publicIpPrefixesV6", False),
    ],
)
def test_a_nat_gateway_with_an_address(estate_of: Estates, name: str, fourth: bool) -> None:
    """Of either list of IPv4 ones: IPv6 ones translate no IPv4 (UDR-39, AKS-18)."""
    (found,) = estate_of(("natGateways/n", {name: [{"id": "/pip"}]})).nat_gateways.values()
    assert found.has_addresses is fourth
    assert not found.has_source_network


def test_a_nat_gateway_without_address(estate_of: Estates) -> None:
    """It cannot translate; undocumented properties are told (UDR-50)."""
    (found,) = estate_of(
        ("natGateways/n", {"publicIpAddresses": [], "sourceVirtualNetwork": {"id": "/v"}})
    ).nat_gateways.values()
    assert not found.has_addresses
    assert found.has_source_network


def test_public_addresses_and_prefixes(estate_of: Estates) -> None:
    """Malformed ones read as not allocated."""
    estate = estate_of(
        ("publicIPAddresses/a", {"ipAddress": "20.1.1.1"}),
        ("publicIPAddresses/b", {}),
        ("publicIPAddresses/c", {"ipAddress": "x"}),
        ("publicIPPrefixes/d", {"ipPrefix": "20.2.0.0/28"}),
        (
            f"{SET}/virtualMachines/0/networkInterfaces/n/ipConfigurations/c/publicIPAddresses/p",
            {"ipAddress": "20.3.0.1"},
        ),
    )
    assert {item.id.name: item.address for item in estate.public_ips.values()} == {
        "a": "20.1.1.1",
        "b": None,
        "c": None,
        "d": "20.2.0.0/28",
        "p": "20.3.0.1",
    }
    assert estate.held_public.size == 18


def test_a_load_balancer(estate_of: Estates) -> None:
    """Outbound rules, and implicit translation of rules with a public frontend (UDR-41)."""
    text = "loadBalancers/kubernetes"
    base = f"/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/{text}"
    public = {
        "name": "public",
        "id": f"{base}/frontendIPConfigurations/public",
        "properties": {"publicIPAddress": {"id": "/pip"}},
    }
    private = {"name": "private", "privateIPAddress": "10.0.0.7"}

    def rule(name: str, frontend: str, **more: Any) -> dict[str, Any]:
        return {
            "name": name,
            "frontendIPConfiguration": {"id": f"{base}/FrontendIPConfigurations/{frontend}"},
            "backendAddressPool": {"id": f"/pool/{name}"},
            **more,
        }

    body = {
        "frontendIPConfigurations": [public, private],
        "loadBalancingRules": [
            rule("implicit", "public", backendAddressPools=[{"id": "/pool/second"}]),
            rule("off", "public", disableOutboundSnat=True),
            rule("inner", "private"),
        ],
        "outboundRules": [
            {
                "name": "o",
                "properties": {
                    "protocol": "All",
                    "backendAddressPool": {"id": "/pool/o"},
                    "frontendIPConfigurations": [{"id": public["id"]}],
                },
            }
        ],
    }
    estate = estate_of((text, body), outer={text: {"sku": {"name": "Standard"}}})
    (found,) = estate.load_balancers.values()
    assert (found.sku, found.public, found.private_addresses) == ("standard", True, ("10.0.0.7",))
    assert [one.pool for one in found.snat_pools] == [
        ResourceId("/pool/implicit"),
        ResourceId("/pool/second"),
    ]
    assert {one.addresses for one in found.snat_pools} == {(ResourceId("/pip"),)}
    (outbound,) = found.outbound_rules
    assert (outbound.name, outbound.protocol, outbound.pool) == ("o", "all", ResourceId("/pool/o"))
    assert estate.holders["10.0.0.7"] == (found,)
    assert found.flaws == ()


CONFIGURATION = {
    "name": "c",
    "properties": {
        "subnet": {"id": "/subnet"},
        "privateIPAddress": "10.0.0.5",
        "applicationSecurityGroups": [{"id": "/asg"}],
        "loadBalancerBackendAddressPools": [{"id": "/pool"}],
        "publicIPAddressConfiguration": {"name": "p"},
    },
}


def test_an_interface_of_a_scale_set_instance(estate_of: Estates) -> None:
    """It knows its scale set and its pool (ARM-12)."""
    body = {
        "networkSecurityGroup": {"id": "/nsg"},
        "ipConfigurations": [CONFIGURATION],
        "enableIPForwarding": True,
        "defaultOutboundConnectivityEnabled": False,
        "dnsSettings": {"dnsServers": ["10.9.0.4"]},
    }
    estate = estate_of((f"{SET}/virtualMachines/3/networkInterfaces/n", body))
    (found,) = estate.nics.values()
    assert (found.model, found.scale_set, found.pool) == (False, ResourceId(SET), "gpu-pool")
    assert (found.security_group, found.subnets, found.addresses) == (
        ResourceId("/nsg"),
        (ResourceId("/subnet"),),
        ("10.0.0.5",),
    )
    assert (found.application_groups, found.backend_pools) == ((ResourceId("/asg"),), (ResourceId("/pool"),))
    assert (found.public_ip, found.ip_forwarding, found.default_outbound) == (True, True, False)
    assert found.dns_servers == ("10.9.0.4",)


@pytest.mark.parametrize(
    ("name", "tags", "machine", "pool"),
    [
        ("aks-apps-12345678-nic-0", {}, None, "apps"),
        ("x", {"AKS-managed-poolname": "tagged"}, None, "tagged"),
        ("x", {}, "/providers/Microsoft.Compute/virtualMachines/aks-vmpool-12345678-vms1", "vmpool"),
        ("kube-apiserver.nic.1", {}, None, None),
    ],
)
def test_the_pool_of_an_ordinary_interface(
    estate_of: Estates, name: str, tags: dict[str, str], machine: str | None, pool: str | None
) -> None:
    """From the tag, else from the names that AKS gives."""
    text = f"{NODES}/Microsoft.Network/networkInterfaces/{name}"
    body = {"virtualMachine": {"id": machine}} if machine else {}
    (found,) = estate_of((text, body), outer={text: {"tags": tags}}).nics.values()
    assert (found.pool, found.scale_set) == (pool, None)


def test_a_scale_set_and_its_model(estate_of: Estates) -> None:
    """The model's interfaces are predictions (AKS-10)."""
    body = {
        "orchestrationMode": "Uniform",
        "upgradePolicy": {"mode": "Manual"},
        "virtualMachineProfile": {
            "networkProfile": {
                "networkInterfaceConfigurations": [
                    {
                        "name": "n",
                        "properties": {
                            "networkSecurityGroup": {"id": "/nsg"},
                            "ipConfigurations": [CONFIGURATION],
                        },
                    }
                ]
            }
        },
    }
    (found,) = estate_of((SET, body)).scale_sets.values()
    assert (found.pool, found.uniform, found.manual_upgrade) == ("gpu-pool", True, True)
    (model,) = found.models
    assert (model.id, model.model, model.pool, model.public_ip) == (ResourceId(SET), True, "gpu-pool", True)
    assert model.security_group == ResourceId("/nsg")
    tagged = estate_of(
        (SET, {"orchestrationMode": "Flexible"}), outer={SET: {"tags": {"aks-managed-poolName": "win"}}}
    )
    (other,) = tagged.scale_sets.values()
    assert (other.pool, other.uniform) == ("win", False)


@pytest.mark.parametrize("kind", ["scale_sets", "nics", "load_balancers"])
def test_what_is_being_changed_stays_in_use(estate_of: Estates, kind: str) -> None:
    """Their state says nothing about what is in force."""
    ids = {"scale_sets": SET, "nics": "networkInterfaces/n", "load_balancers": "loadBalancers/l"}
    (record,) = getattr(estate_of((ids[kind], {"provisioningState": "Updating"})), kind).values()
    assert record.flaws == ()
