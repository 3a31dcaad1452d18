from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from auditor.model.cluster import AgentPool
from auditor.model.gap import Flaw, Gap
from auditor.model.outbound import NatGateway, PublicAddress
from auditor.model.resource_id import ResourceId
from auditor.model.verdict import Effect, Hop, Stage
from auditor.paths.egress_addresses import EgressAddresses, egress_addresses
from auditor.paths.interfaces import Interfaces
from auditor.paths.sources import Source
from tests.unit.plain_records import plain_pool
from tests.unit.rules.world import CLUSTER, FIREWALL, SYS, cluster, estate, firewall, hop, rid

ONE = rid("Microsoft.Network/publicIPAddresses/one")
TWO = rid("Microsoft.Network/publicIPAddresses/two")
SIX = rid("Microsoft.Network/publicIPAddresses/six")
LATE = rid("Microsoft.Network/publicIPAddresses/late")
PREFIX = rid("Microsoft.Network/publicIPPrefixes/prefix")
NAT = rid("Microsoft.Network/natGateways/nat")
OWN = ResourceId(
    "/subscriptions/s/resourceGroups/mc_RG-aks_aks-payments_westeurope/providers/Microsoft.Network/loadBalancers/k"
)
ADDRESSES = {
    ONE: PublicAddress(id=ONE, address="20.1.1.1"),
    TWO: PublicAddress(id=TWO, address=None),
    SIX: PublicAddress(id=SIX, address="2603:1020::1"),
    PREFIX: PublicAddress(id=PREFIX, address="20.2.0.0/31"),
    LATE: PublicAddress(id=LATE, address="20.1.1.9", flaws=(Flaw("not-succeeded", "in update"),)),
}
UNREAD = ("unreadable-resource",)
UNTOLD = ("uncertain:AKS-26",)


def pool(prefix: ResourceId | None) -> AgentPool:
    return plain_pool(subnet=SYS, node_public_ip=True, node_public_ip_prefix=prefix)


def source(**changes: Any) -> Source:
    return Source(
        cluster=cluster(**changes),
        pool="sys",
        subnet=Gap(SYS, "not needed here"),
        nics=(),
        interfaces=(Interfaces(public_ip=True),),
    )


def leaves_by(resource: ResourceId | None, clause: str = "") -> Hop:
    return hop(Stage.EXIT, Effect.ALLOW, resource=resource.text if resource else None, clause=clause)


@pytest.mark.parametrize(
    ("ids", "public", "expected"),
    [
        ((ONE, SIX), (), EgressAddresses(known=("20.1.1.1",))),
        ((), ("20.9.9.9",), EgressAddresses(known=("20.9.9.9",))),
        ((ONE, LATE), (), EgressAddresses(known=("20.1.1.1",), reasons=("not-succeeded",))),
        ((ONE, TWO), (), EgressAddresses(known=("20.1.1.1",), reasons=UNREAD)),
        ((rid("Microsoft.Network/publicIPAddresses/gone"),), (), EgressAddresses(reasons=UNREAD)),
        ((), (), EgressAddresses(reasons=UNREAD)),
    ],
)
def test_a_firewall_uses_all_of_its_public_ips(
    ids: tuple[ResourceId, ...], public: tuple[str, ...], expected: EgressAddresses
) -> None:
    """By reference or, in a hub, by value; one that is missing, or may not serve, leaves the list open (FW-43, V-6)."""
    world = estate(
        firewalls={FIREWALL: firewall(public_ip_ids=ids, public_addresses=public)}, public_ips=ADDRESSES
    )
    assert egress_addresses(leaves_by(FIREWALL), source(), world) == expected


def test_a_nat_gateway_uses_all_of_its_prefixes() -> None:
    """Every address of a prefix may be the source; a gateway that was not read has none that are known (UDR-38)."""
    gateway = NatGateway(
        id=NAT, flaws=(), has_addresses=True, has_source_network=False, address_ids=(ONE, PREFIX)
    )
    world = estate(nat_gateways={NAT: gateway}, public_ips=ADDRESSES)
    assert egress_addresses(leaves_by(NAT), source(), world) == EgressAddresses(
        known=("20.1.1.1", "20.2.0.0/31")
    )
    assert egress_addresses(leaves_by(NAT), source(), estate()).reasons == UNREAD


def test_only_the_clusters_own_load_balancer_is_admitted_by_aks() -> None:
    """One of another resource group may balance the nodes too, and AKS knows nothing about it."""
    assert egress_addresses(leaves_by(OWN), source(), estate()).balanced
    other = rid("Microsoft.Network/loadBalancers/mine")
    assert egress_addresses(leaves_by(other), source(), estate()) == EgressAddresses(reasons=UNTOLD)


def test_the_outbound_profile_tells_addresses() -> None:
    """Of a load balancer, which AKS admits, or of a managed NAT gateway, which it does not (AKS-26)."""
    world = estate(public_ips=ADDRESSES)
    balanced = source(outbound_type="loadBalancer", effective_outbound_ips=(ONE,))
    assert egress_addresses(leaves_by(CLUSTER), balanced, world).balanced
    translated = source(outbound_type="managedNATGateway", effective_outbound_ips=(ONE,))
    assert egress_addresses(leaves_by(CLUSTER), translated, world) == EgressAddresses(known=("20.1.1.1",))


def test_nodes_take_addresses_of_the_pools_prefix() -> None:
    """Which ones is not known; without a prefix those that were read may not be all (UDR-40)."""
    machines = rid("Microsoft.Compute/virtualMachineScaleSets/aks-sys-1-vmss")
    own = ResourceId(
        f"{machines}/virtualMachines/0/networkInterfaces/n/ipConfigurations/c/publicIPAddresses/p"
    )
    known = {**ADDRESSES, own: PublicAddress(id=own, address="20.3.0.1")}
    world = estate(public_ips=known)
    there = leaves_by(SYS, "UDR-40")
    assert egress_addresses(there, source(pools=(pool(PREFIX),)), world) == EgressAddresses(
        known=("20.2.0.0/31",), chosen=True
    )
    assert egress_addresses(there, source(pools=(pool(None),)), world) == EgressAddresses(reasons=UNTOLD)


@pytest.mark.parametrize(
    ("there", "expected"),
    [(leaves_by(SYS, "UDR-43"), UNTOLD), (leaves_by(None, "UDR-16"), ("nva-opaque",))],
)
def test_ways_out_whose_address_no_document_shows(there: Hop, expected: tuple[str, ...]) -> None:
    """Default outbound access and appliances: unknown, never a guess."""
    assert egress_addresses(there, source(), estate()) == EgressAddresses(reasons=expected)
    assert egress_addresses(replace(there, stage=Stage.ROUTE), source(), estate()).reasons
