"""Where the default route of a subnet could lead: the table of a sibling subnet, or the estate's firewall."""

from __future__ import annotations

from auditor.model.finding import AuditedCluster
from auditor.model.network import Subnet
from auditor.model.resource_id import ResourceId
from auditor.model.route_table import Route, RouteTable
from auditor.rules.az_command import az
from auditor.rules.hint import Hint
from auditor.rules.wording import shown

DEFAULT = "0.0.0.0/0"


def default_route(table: RouteTable) -> Route | None:
    """The table's own route for everything, if it has one."""
    return next((route for route in table.routes if route.prefix == DEFAULT), None)


def forwarding_route(table: RouteTable) -> Route | None:
    """The default route, if it surely leads to an appliance (V-6)."""
    route = default_route(table)
    if route is None or route.unsettled:
        return None
    return route if route.hop == "virtualappliance" and route.addresses else None


def table_of(audited: AuditedCluster, subnet: ResourceId | None) -> RouteTable | None:
    """The route table of a subnet, where both were read."""
    record = audited.estate.subnet(subnet) if subnet is not None else None
    if not isinstance(record, Subnet) or record.route_table is None:
        return None
    table = audited.estate.route_table(record.route_table)
    return table if isinstance(table, RouteTable) else None


def only_firewall(audited: AuditedCluster) -> str | None:
    """The private address of the estate's firewall, where there is exactly one with one address."""
    found = [
        address
        for firewall in audited.estate.firewalls.values()
        if firewall.hub is None
        for address in firewall.private_addresses
    ]
    return found[0] if len(found) == 1 else None


def send_to_firewall(audited: AuditedCluster, subnet: ResourceId | None) -> Hint:
    """How to give a subnet a default route to a firewall, with what the estate already has."""
    if subnet is None or in_node_group(audited, subnet):
        return Hint(
            words="the virtual network is made by AKS, where routes and security groups of your own have no place: "
            "give the cluster subnets of its own virtual network, with a default route to a firewall"
        )
    own = table_of(audited, subnet)
    if own is None and not _has_table(audited, subnet):
        sibling = _sibling(audited, subnet)
        if sibling is not None:
            return _attach(subnet, *sibling)
    address = only_firewall(audited)
    if address is None:
        return Hint(
            words=f"send {DEFAULT} of subnet {shown(subnet.name)} to a firewall that admits only what is needed, "
            "or allow the needed destinations in its network security group and deny Internet behind them"
        )
    words = f"send {DEFAULT} of subnet {shown(subnet.name)} to the firewall at {shown(address)}; they must be peered"
    if own is not None:
        return Hint(words=words, commands=_route_command(own, address))
    if _has_table(audited, subnet):
        return Hint(words=f"{words}; the subnet's route table was not read")
    name = f"rt-{subnet.name}"
    network = subnet.parent
    steps = (
        az("network route-table create", subnet, name=name, location=audited.cluster.location),
        az(
            "network route-table route create",
            subnet,
            route_table_name=name,
            name="default",
            address_prefix=DEFAULT,
            next_hop_type="VirtualAppliance",
            next_hop_ip_address=address,
        ),
        az(
            "network vnet subnet update",
            subnet,
            vnet_name=network.name if network is not None else None,
            name=subnet.name,
            route_table=name,
        ),
    )
    return Hint(words=words, commands=tuple(line for step in steps for line in step) if all(steps) else ())


def in_node_group(audited: AuditedCluster, resource: ResourceId) -> bool:
    """Whether a resource lies in the group that AKS manages (AKS-1)."""
    group = audited.cluster.node_resource_group
    return group is not None and resource.group == group.lower()


def _has_table(audited: AuditedCluster, subnet: ResourceId) -> bool:
    record = audited.estate.subnet(subnet)
    return isinstance(record, Subnet) and record.route_table is not None


def _sibling(audited: AuditedCluster, subnet: ResourceId) -> tuple[ResourceId, RouteTable, Route] | None:
    """Another subnet of the cluster whose default route leads to an appliance."""
    others = {item.subnet for item in audited.sources if item.subnet is not None and item.subnet != subnet}
    for other in sorted(others):
        table = table_of(audited, other)
        route = forwarding_route(table) if table is not None else None
        if table is not None and route is not None:
            return other, table, route
    return None


def _attach(subnet: ResourceId, other: ResourceId, table: RouteTable, route: Route) -> Hint:
    network = subnet.parent
    return Hint(
        words=f"attach route table {shown(table.id.name)}, which sends {DEFAULT} to {shown(route.addresses[0])}, "
        f"to subnet {shown(subnet.name)}, as subnet {shown(other.name)} has it",
        commands=az(
            "network vnet subnet update",
            subnet,
            vnet_name=network.name if network is not None else None,
            name=subnet.name,
            route_table=table.id.text,
        ),
    )


def _route_command(table: RouteTable, address: str) -> tuple[str, ...]:
    present = default_route(table)
    if present is not None:
        return update_route(table, present, address)
    return az(
        "network route-table route create",
        table.id,
        route_table_name=table.id.name,
        name="default"
        if all(route.name.lower() != "default" for route in table.routes)
        else "default-to-firewall",
        address_prefix=DEFAULT,
        next_hop_type="VirtualAppliance",
        next_hop_ip_address=address,
    )


def update_route(table: RouteTable, route: Route, address: str) -> tuple[str, ...]:
    """The command that points an existing route to an appliance."""
    return az(
        "network route-table route update",
        table.id,
        route_table_name=table.id.name,
        name=route.name,
        next_hop_type="VirtualAppliance",
        next_hop_ip_address=address,
    )
