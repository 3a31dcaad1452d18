from __future__ import annotations

from auditor.model.outbound import NatGateway
from auditor.model.resource_id import ResourceId
from auditor.model.verdict import Effect, Hop, Stage
from auditor.rules.hint import Hint
from auditor.rules.remedy_hints import hint_for, wish_for
from tests.unit.rules.world import (
    APPS,
    DEFAULT_ROUTE,
    FIREWALL,
    FIREWALL_DENY,
    MCR,
    NSG_DENY,
    SUBSCRIPTION,
    TABLE,
    VNET,
    audited,
    cluster,
    estate,
    hop,
    rid,
    route,
    table,
)

NET = f"--subscription {SUBSCRIPTION} --resource-group rg-net"
HOLE = hop(Stage.ROUTE, Effect.DROP, resource=str(TABLE), rule="Black-Hole", clause="UDR-18")
NO_EXIT = hop(Stage.EXIT, Effect.DROP, resource=str(APPS), clause="UDR-46", detail="private subnet")


def hint(*blockers: Hop, subnet: ResourceId | None = APPS, **changes: object) -> Hint:
    return hint_for(wish_for(audited(estate=estate(**changes)), MCR, subnet, ()), blockers)


def test_narrow_route_to_nowhere_is_deleted() -> None:
    """Beside a default route that carries, the narrower one only has to go; what else that opens is said."""
    found = hint(HOLE, route_tables={TABLE: table(DEFAULT_ROUTE, route("black-hole", "20.0.0.0/8", "none"))})
    assert found.commands == (
        f"az network route-table route delete {NET} --route-table-name rt-spoke --name black-hole",
    )
    assert found.words == (
        'delete route "black-hole" (20.0.0.0/8) of route table rt-spoke: its addresses, all of them, then follow '
        "the default route to virtualappliance 10.0.0.4"
    )


def test_default_route_to_nowhere_is_pointed_to_the_firewall() -> None:
    """Deleting it would open the platform's own way out, so it is changed."""
    dropped = {TABLE: table(route("black-hole", "0.0.0.0/0", "none"))}
    found = hint(HOLE, route_tables=dropped)
    assert found.commands == (
        (
            f"az network route-table route update {NET} --route-table-name rt-spoke --name black-hole "
            "--next-hop-type VirtualAppliance --next-hop-ip-address 10.0.0.4"
        ),
    )
    nothing = hint(HOLE, route_tables=dropped, firewalls={})
    assert nothing.commands == ()
    assert "platform's own way out" in nothing.words


def test_routes_that_were_not_read_get_words() -> None:
    """A drop without a table, or by a route that is not there, cannot be mended by a command."""
    assert "a next hop that carries it" in hint(HOLE, route_tables={}).words
    assert "a next hop that carries it" in hint(HOLE).words
    assert hint(hop(Stage.ROUTE, Effect.DROP, detail="no route")).commands == ()


def test_no_exit_offers_firewall_or_nat_gateway() -> None:
    """Without a way out both usual ways are named; the command attaches the only gateway there is."""
    gateway = rid("Microsoft.Network/natGateways/ng")
    known = {gateway: NatGateway(id=gateway, flaws=(), has_addresses=True, has_source_network=False)}
    found = hint(NO_EXIT, nat_gateways=known)
    assert found.commands == (
        f"az network vnet subnet update {NET} --vnet-name vnet-spoke --name snet-apps --nat-gateway {gateway}",
    )
    assert "a default route to the firewall at 10.0.0.4, or NAT gateway ng" in found.words
    assert hint(NO_EXIT).commands == ()
    assert "nodes' subnet" in hint(NO_EXIT, subnet=None).words


def test_no_exit_in_a_managed_network() -> None:
    """In AKS's own network the cluster's outbound type is what can change."""
    world = audited(cluster=cluster(node_resource_group="RG-NET"))
    assert "outbound type" in hint_for(wish_for(world, MCR, APPS, ()), [NO_EXIT]).words


def test_exits_of_a_firewall() -> None:
    """A firewall that translates nothing, or has no public address, is what has to change."""
    snat = hop(Stage.EXIT, Effect.DROP, resource=str(FIREWALL), clause="FW-44")
    assert "private SNAT ranges" in hint(snat).words
    assert "public IP address" in hint(hop(Stage.EXIT, Effect.DROP, resource=str(FIREWALL))).words


def test_peerings() -> None:
    """Access is a switch; a peering that is not connected is made again."""
    peering = f"{VNET}/virtualNetworkPeerings/to-hub"
    closed = hop(Stage.PEERING, Effect.DROP, resource=peering, clause="UDR-25")
    assert hint(closed).commands == (
        (
            f"az network vnet peering update {NET} --vnet-name vnet-spoke --name to-hub "
            "--set allowVirtualNetworkAccess=true"
        ),
    )
    assert "Connected and fully in sync" in hint(hop(Stage.PEERING, Effect.DROP, resource=peering)).words


def test_devices_that_are_not_azures() -> None:
    """Appliances, proxies and hubs get words that name them."""
    assert hint(hop(Stage.APPLIANCE, Effect.DENY, resource="10.9.0.4", rule="block")).words == (
        f"allow {MCR} on appliance 10.9.0.4, before rule block, and in its description"
    )
    assert (
        "HTTP proxy 10.9.0.5:3128/http"
        in hint(hop(Stage.PROXY, Effect.DENY, resource="10.9.0.5:3128/http")).words
    )
    assert "virtual hub" in hint(hop(Stage.HUB, Effect.DROP)).words


def test_interface_that_does_not_forward() -> None:
    """A next hop must forward (UDR-16)."""
    nic = rid("Microsoft.Network/networkInterfaces/nva-nic")
    found = hint(hop(Stage.APPLIANCE, Effect.DROP, resource=str(nic), clause="UDR-16"))
    assert found.commands == (f"az network nic update {NET} --name nva-nic --ip-forwarding true",)


def test_every_blocker_gets_its_hint_in_path_order() -> None:
    """An endpoint that two devices stop needs both changes."""
    found = hint(FIREWALL_DENY, NSG_DENY)
    assert [line.split(" --")[0] for line in found.commands] == [
        "az network nsg rule create",
        "az network firewall policy rule-collection-group collection rule add",
    ]
    assert "; then add " in found.words
