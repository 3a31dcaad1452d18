"""The commands that read what an answer lacks."""

from __future__ import annotations

import pytest

from auditor.model.resource_id import ResourceId
from auditor.rules.supply_commands import supply_commands
from tests.unit.rules.world import CHILD, FIREWALL, NSG, SUBSCRIPTION, VNET, cluster, rid


def _run(code: str, *resources: ResourceId) -> tuple[str, ...]:
    return supply_commands(code, cluster(), resources, VNET)


def test_unread_resources_are_read_by_id() -> None:
    """Each resource that was not read has a command of its own, once."""
    assert _run("unreadable-resource", NSG, FIREWALL, NSG) == (
        f"az resource show --ids {NSG}",
        f"az resource show --ids {FIREWALL}",
    )


def test_policies_and_hubs_bring_their_children() -> None:
    """What the parent's document does not hold is listed beside it."""
    groups = _run("unreadable-resource", CHILD)[1]
    assert groups.startswith("az network firewall policy rule-collection-group list ")
    assert groups.endswith("--policy-name fp-child")
    hub = rid("Microsoft.Network/virtualHubs/hub-weu", "rg-hub")
    assert [line.split(" --")[0] for line in _run("hub-routing-opaque", hub, NSG)] == [
        "az resource show",
        "az network vhub connection list",
        "az network vhub route-table list",
        "az network vhub routing-intent list",
    ]


def test_a_next_hop_in_an_unread_network_names_its_subscription() -> None:
    """The hub's subscription holds the network and whatever stands at the address; a known device needs no list."""
    hub = ResourceId(
        "/subscriptions/hub-sub/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/hub"
    )
    assert _run("nva-opaque", hub, NSG) == (
        "az network vnet list --subscription hub-sub",
        "az network firewall list --subscription hub-sub",
        "az network firewall policy list --subscription hub-sub",
        "az network nic list --subscription hub-sub",
    )
    assert _run("nva-opaque", NSG) == ()


@pytest.mark.parametrize("code", ["nic-nsg-unread", "asg-members-unknown", "default-outbound-unverified"])
def test_nodes_are_listed_in_their_group(code: str) -> None:
    """Scale sets and interfaces lie in the node resource group, not in that of the cluster."""
    found = _run(code)
    place = f"--subscription {SUBSCRIPTION} --resource-group MC_rg-aks_aks-payments_westeurope"
    assert found[:2] == (f"az vmss list {place}", f"az network nic list {place}")
    assert (f"az network lb list {place}" in found) == (code == "default-outbound-unverified")
    assert supply_commands(code, cluster(node_resource_group=None), (), VNET) == ()


def test_admin_rules_are_asked_of_the_network() -> None:
    """They come from an action of the network that is asked from; without one there is no command."""
    (found,) = _run("admin-rules-not-read")
    assert found.startswith("az rest --method post --url ")
    assert f"{VNET}/listNetworkManagerEffectiveSecurityAdminRules?api-version=" in found
    assert supply_commands("admin-rules-not-read", cluster(), (), None) == ()


def test_what_no_document_settles_has_no_command() -> None:
    """A command that reads nothing useful is not printed."""
    assert _run("gateway-onprem", NSG) == _run("uncertain:UDR-15", NSG) == ()
