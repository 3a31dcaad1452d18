"""The `locked-down` estate with something in front of its firewall: security rules or routes that drop."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.model.snapshot import Snapshot
from tests.estates.documents import ROUTE_TABLES, SECURITY_GROUPS, Bodies, Json, edited, named


def with_denies(snapshot: Snapshot, destinations: Sequence[str], *, priority: int) -> Snapshot:
    """The node subnet's security group denies each destination on every port, from `priority` on."""

    def edit(bodies: Bodies) -> None:
        group = named(bodies, SECURITY_GROUPS, "nsg-aks-nodes")
        group["properties"]["securityRules"] += [
            _deny(group["id"], destination, priority + number)
            for number, destination in enumerate(destinations)
        ]

    return edited(snapshot, edit)


def with_none_routes(snapshot: Snapshot, prefixes: Sequence[str]) -> Snapshot:
    """The node subnet's route table drops each prefix or tag; a route of the same prefix gives way."""

    def edit(bodies: Bodies) -> None:
        table = named(bodies, ROUTE_TABLES, "rt-aks-nodes")
        routes: list[Json] = table["properties"]["routes"]
        routes[:] = [route for route in routes if route["properties"]["addressPrefix"] not in prefixes]
        routes += [_none_route(table["id"], prefix) for prefix in prefixes]

    return edited(snapshot, edit)


def _deny(group: str, destination: str, priority: int) -> Json:
    name = f"deny-{priority}"
    return {
        "name": name,
        "id": f"{group}/securityRules/{name}",
        "type": "Microsoft.Network/networkSecurityGroups/securityRules",
        "properties": {
            "provisioningState": "Succeeded",
            "protocol": "*",
            "sourceAddressPrefix": "*",
            "sourcePortRange": "*",
            "destinationAddressPrefix": destination,
            "destinationPortRange": "*",
            "access": "Deny",
            "priority": priority,
            "direction": "Outbound",
        },
    }


def _none_route(table: str, prefix: str) -> Json:
    name = "drop-" + prefix.replace("/", "-")
    return {
        "name": name,
        "id": f"{table}/routes/{name}",
        "type": "Microsoft.Network/routeTables/routes",
        "properties": {
            "provisioningState": "Succeeded",
            "addressPrefix": prefix,
            "nextHopType": "None",
            "hasBgpOverride": False,
        },
    }
