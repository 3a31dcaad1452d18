"""Virtual WANs, and their hubs with connections, route tables and routing intent (ARM-18)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from auditor.model.documents.fields import Fields
from auditor.model.documents.library import Library, read
from auditor.model.documents.network import region
from auditor.model.documents.notes import INCONSISTENT, NOT_SUCCEEDED
from auditor.model.resource_id import ResourceId
from auditor.model.snapshot import Document
from auditor.model.virtual_wan import (
    HubConnection,
    HubRoute,
    HubRouteTable,
    RoutingPolicy,
    VirtualHub,
    VirtualWan,
)

WANS = "microsoft.network/virtualwans"
KIND = "microsoft.network/virtualhubs"
CONNECTIONS = f"{KIND}/hubvirtualnetworkconnections"
TABLES = f"{KIND}/hubroutetables"
INTENT = f"{KIND}/routingintent"
_OLD_ROUTES = "routes of the old kind are not understood"
_LEARNS = ("vpnGateway", "p2SVpnGateway", "expressRouteGateway", "bgpConnections")

T = TypeVar("T")


def wan(document: Document) -> VirtualWan:
    """A Virtual WAN with the hubs that it names."""
    root = read(document)
    root.need_success()
    return VirtualWan(id=document.id, hubs=root.refs("virtualHubs"), flaws=tuple(root.notes.flaws))


def virtual_hub(document: Document, library: Library) -> VirtualHub:
    """A hub; a child list is None unless documents or a complete read tell it (design: snapshot)."""
    root = read(document)
    root.need_success()
    _need_state(root, "routingState", "provisioned", frozenset({"none", "provisioning", "failed"}))
    root.object("routeTable").unknown("routes", _OLD_ROUTES)
    root.unknown("virtualHubRouteTableV2s", _OLD_ROUTES)
    connections = _known(root, document, library, CONNECTIONS, _connection)
    tables = _known(root, document, library, TABLES, _table)
    intents = _known(root, document, library, INTENT, _intent)
    policies = None if intents is None else tuple(policy for intent in intents for policy in intent)
    _at_most_one(root, policies or ())
    prefix = root.text("addressPrefix")
    return VirtualHub(
        id=document.id,
        location=region(root),
        prefixes=(prefix,) if prefix is not None and root.is_prefix("addressPrefix", prefix) else (),
        route_server=root.lower("kind") == "routeserver",
        firewall=root.ref("azureFirewall"),
        connections=connections,
        more_connections=connections is None or library.was_cut_short(CONNECTIONS, document.id),
        tables=tables,
        intent=policies,
        wan=root.ref("virtualWan"),
        branches=any(root.has(name) for name in _LEARNS),
        flaws=tuple(root.notes.flaws),
    )


def _need_state(fields: Fields, name: str, settled: str, others: frozenset[str]) -> None:
    """Note a state in which it is not known what holds; one that nobody wrote says nothing (ARM-18, V-6)."""
    state = fields.enum(name, others | {settled}, settled)
    if state in others:
        fields.notes.add(NOT_SUCCEEDED, f"{fields.path_of(name)} is {fields.text(name)}")


def _at_most_one(root: Fields, policies: tuple[RoutingPolicy, ...]) -> None:
    """Note destinations about which policies disagree: a hub has one policy for each at most (UDR-32)."""
    hops: dict[str, ResourceId] = {}
    for policy in policies:
        for destination in policy.destinations:
            if hops.setdefault(destination, policy.next_hop) != policy.next_hop:
                root.notes.add(INCONSISTENT, f"routing policies for {destination} name different next hops")


def _known(
    root: Fields,
    document: Document,
    library: Library,
    kind: str,
    parse: Callable[[Fields, ResourceId], T | None],
) -> tuple[T, ...] | None:
    """The children of one kind as records; None when nobody read them. A child left out counts against the hub."""
    found = library.under(document.id, kind)
    if not found and not library.was_read(kind, document.id):
        return None
    records: list[T] = []
    for child in found:
        fields = read(child)
        record = parse(fields, child.id)
        if record is None or kind == INTENT:
            root.notes.absorb(fields.notes.flaws)
        if record is not None:
            records.append(record)
    return tuple(records)


def _connection(fields: Fields, reference: ResourceId) -> HubConnection | None:
    fields.need_success()
    _need_state(
        fields, "connectivityStatus", "connected", frozenset({"connecting", "notconnected", "unknown"})
    )
    network = fields.ref("remoteVirtualNetwork")
    if network is None:
        fields.notes.wrong(fields.path_of("remoteVirtualNetwork"), "a reference", None)
        return None
    routing = fields.object("routingConfiguration")
    return HubConnection(
        id=reference,
        network=network,
        internet_security=fields.on("enableInternetSecurity"),
        associated_table=routing.ref("associatedRouteTable"),
        static_routes=tuple(
            text
            for item in routing.object("vnetRoutes").objects("staticRoutes")
            for text in item.prefixes("addressPrefixes")
        ),
        flaws=tuple(fields.notes.flaws),
    )


def _table(fields: Fields, reference: ResourceId) -> HubRouteTable:
    fields.need_success()
    routes = tuple(
        HubRoute(
            name=item.title(),
            destination_type=item.lower("destinationType"),
            destinations=item.texts("destinations"),
            next_hop=item.ref("nextHop"),
        )
        for item in fields.objects("routes")
    )
    return HubRouteTable(id=reference, routes=routes, flaws=tuple(fields.notes.flaws))


def _intent(fields: Fields, reference: ResourceId) -> tuple[RoutingPolicy, ...]:
    """The policies of a routing intent (UDR-32); one without next hop is noted and left out."""
    fields.need_success()
    policies: list[RoutingPolicy] = []
    for item in fields.objects("routingPolicies"):
        next_hop = item.ref("nextHop")
        if next_hop is None:
            item.notes.wrong(item.path_of("nextHop"), f"a reference, in {reference.name}", None)
            continue
        destinations = tuple(text.lower() for text in item.texts("destinations"))
        policies.append(RoutingPolicy(name=item.title(), destinations=destinations, next_hop=next_hop))
    return tuple(policies)
