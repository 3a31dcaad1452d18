"""What would mend routes that drop, peerings that do not carry, and traffic that finds no way out."""

from __future__ import annotations

from auditor.model.resource_id import ResourceId
from auditor.model.route_table import Route, RouteTable
from auditor.model.verdict import Hop
from auditor.rules.az_command import az
from auditor.rules.default_routes import DEFAULT, default_route, in_node_group, only_firewall, update_route
from auditor.rules.hint import Hint, Wish
from auditor.rules.hop_text import hop_subject
from auditor.rules.wording import quoted, shown


def route_hint(wish: Wish, hop: Hop) -> Hint:
    """A route that drops: point it to the firewall, or take it away where the default route is better."""
    vague = f"{hop_subject(hop, wish.estate)}: give {shown(wish.destination.to)} a next hop that carries it"
    table = wish.estate.route_table(ResourceId(hop.resource)) if hop.resource is not None else None
    if not isinstance(table, RouteTable) or hop.rule is None:
        return Hint(words=vague)
    route = next((item for item in table.routes if item.name.lower() == (hop.rule or "").lower()), None)
    if route is None:
        return Hint(words=vague)
    where = f"route {quoted(route.name)} ({shown(route.prefix)}) of route table {shown(table.id.name)}"
    default = default_route(table)
    if route.prefix != DEFAULT and default is not None and default.hop != "none":
        way = f"{default.hop} {default.addresses[0]}" if default.addresses else default.hop
        return Hint(
            words=f"delete {where}: its addresses, all of them, then follow the default route to {shown(way)}",
            commands=_delete(table, route),
        )
    address = only_firewall(wish.audited)
    if address is not None:
        return Hint(
            words=f"point {where} to the firewall at {shown(address)}: all of its addresses then go there",
            commands=update_route(table, route, address),
        )
    return Hint(
        words=f"point {where} to a firewall that admits what is needed; "
        "deleting it lets all of its addresses take the platform's own way out",
    )


def _delete(table: RouteTable, route: Route) -> tuple[str, ...]:
    return az("network route-table route delete", table.id, route_table_name=table.id.name, name=route.name)


def peering_hint(wish: Wish, hop: Hop) -> Hint:
    """A peering that drops: let it carry access, or connect it again (UDR-24, UDR-25)."""
    subject = hop_subject(hop, wish.estate)
    if hop.clause != "UDR-25" or hop.resource is None:
        return Hint(
            words=f"{subject}: set it up again on both sides until its state is Connected and fully in sync"
        )
    peering = ResourceId(hop.resource)
    network = peering.parent
    return Hint(
        words=f"{subject}: allow access to the remote virtual network",
        commands=az(
            "network vnet peering update",
            peering,
            vnet_name=network.name if network is not None else None,
            name=peering.name,
            set=("allowVirtualNetworkAccess=true",),
        ),
    )


def forwarding_hint(wish: Wish, hop: Hop) -> Hint:
    """A next hop that holds the address and does not forward (UDR-16)."""
    commands: tuple[str, ...] = ()
    resource = ResourceId(hop.resource) if hop.resource is not None else None
    if resource is not None and resource.kind == "microsoft.network/networkinterfaces":
        commands = az("network nic update", resource, name=resource.name, ip_forwarding="true")
    words = f"turn on IP forwarding at {hop_subject(hop, wish.estate)}, if it is the router it is taken for"
    return Hint(words=words, commands=commands)


def exit_hint(wish: Wish, hop: Hop) -> Hint:
    """No way out to the Internet: a default route to a firewall, or a NAT gateway (UDR-37, UDR-46)."""
    subnet = wish.subnet
    resource = ResourceId(hop.resource) if hop.resource is not None else None
    if hop.clause == "FW-44":
        return Hint(
            words=f"{hop_subject(hop, wish.estate)}: take the destination out of its private SNAT ranges"
        )
    if resource is not None and resource.kind == "microsoft.network/azurefirewalls":
        return Hint(
            words=f"{hop_subject(hop, wish.estate)}: give it a public IP address, or its subnet a route that carries on"
        )
    if subnet is None:
        return Hint(words="give the nodes' subnet a way out: a default route to a firewall, or a NAT gateway")
    if in_node_group(wish.audited, subnet):
        return Hint(
            words="the virtual network is made by AKS: change the cluster's outbound type to one that has a way out"
        )
    firewall = only_firewall(wish.audited)
    choice = f"the firewall at {shown(firewall)}" if firewall is not None else "a firewall"
    gateways = [item for item in wish.estate.nat_gateways.values() if item.has_addresses]
    network = subnet.parent
    command: tuple[str, ...] = ()
    if len(gateways) == 1 and network is not None:
        command = az(
            "network vnet subnet update",
            subnet,
            vnet_name=network.name,
            name=subnet.name,
            nat_gateway=gateways[0].id.text,
        )
    named = f"NAT gateway {shown(gateways[0].id.name)}" if command else "a NAT gateway"
    return Hint(
        words=f"give subnet {shown(subnet.name)} a way out: a default route to {choice}, or {named}, "
        "which lets out whatever the network security groups allow",
        commands=command,
    )
