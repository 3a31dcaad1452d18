"""The documents that the server answers from, and what Azure would have beside them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tests.arm.paths import Target, target_of

Body = dict[str, Any]
TENANT = "7d0f2a51-93c4-4e8b-b6a0-1f5e8c2d9b34"
_ACTIONS = frozenset({
    "listnetworkmanagereffectivesecurityadminrules", "effectiveroutetable", "effectivenetworksecuritygroups",
    "outboundnetworkdependenciesendpoints", "learnedipprefixes", "effectiveroutes",
})  # fmt: skip
_EMPTY_BY_DEFAULT = frozenset({
    "listnetworkmanagereffectivesecurityadminrules", "outboundnetworkdependenciesendpoints",
})  # fmt: skip
"""What Azure answers for every network or cluster, though an example may not hold it."""
_LISTS_OF_A_PARENT = {"microsoft.containerservice/managedclusters/agentpools": "agentPoolProfiles"}
"""Children that an example may hold inside the parent only."""


class Estate:
    """A folder of ARM documents as Azure would hold them; may be changed while it is served."""

    def __init__(self, documents: Iterable[Body], cloud: str = "public") -> None:
        self.cloud = cloud
        self._lock = threading.RLock()
        self._documents: dict[str, Body] = {}
        self._by_kind: dict[str, dict[str, Body]] = {}
        self._groups: dict[str, str] = {}
        self._subscriptions: dict[str, str] = {}
        self.registrations: dict[str, str] = {}
        """Registration state by provider in lower case; what is not named is `Registered`."""
        self.features: dict[str, str] = {}
        """State by feature name in lower case; what is not named is `NotRegistered`."""
        self.management_groups: dict[str, tuple[str, ...]] = {}
        """Ids of the subscriptions below a group, by its name in lower case."""
        for document in documents:
            self.put(document)

    @classmethod
    def of_folder(cls, folder: Path) -> Estate:
        """A snapshot folder: `resources.jsonl`, or any `*.json` with a document or a list of them."""
        manifest = folder / "manifest.json"
        cloud = json.loads(manifest.read_text())["cloud"] if manifest.is_file() else "public"
        return cls(_documents_in(folder), cloud or "public")

    def put(self, document: Body) -> None:
        """Add a document, or put it in the place of the one with its id."""
        key = document["id"].rstrip("/").lower()
        target = target_of(key)
        with self._lock:
            self._documents[key] = document
            self._by_kind.setdefault(target.kind, {})[key] = document
            if target.subscription:
                self._subscriptions.setdefault(target.subscription, target.subscription)
            if target.group:
                parts = document["id"].split("/")
                self._groups.setdefault("/".join(target.path.split("/")[:5]), "/".join(parts[:5]))

    def remove(self, resource: str) -> None:
        """Delete a document; what hangs on it goes with it."""
        key = resource.rstrip("/").lower()
        with self._lock:
            for held in [item for item in self._documents if item == key or item.startswith(key + "/")]:
                del self._documents[held]
                del self._by_kind[target_of(held).kind][held]

    def documents(self, kind: str | None = None) -> list[Body]:
        """All documents, or those of a kind in lower case."""
        with self._lock:
            found = self._documents if kind is None else self._by_kind.get(kind, {})
            return list(found.values())

    def subscriptions(self) -> list[Body]:
        """The list of subscriptions, as far as nothing else says who may see them."""
        with self._lock:
            return [
                self._subscription(number, key) for number, key in enumerate(sorted(self._subscriptions), 1)
            ]

    def has_subscription(self, key: str) -> bool:
        """Whether there is such a subscription."""
        return key in self._subscriptions

    def has_scope(self, scope: str) -> bool:
        """Whether there is such a subscription, group or resource."""
        parts = scope.split("/")
        if len(parts) <= 3:
            return not parts[-1] or self.has_subscription(parts[2])
        return scope in self._groups if len(parts) == 5 else self.one(target_of(scope)) is not None

    def groups(self, subscription: str) -> list[Body]:
        """The resource groups of a subscription."""
        prefix = f"/subscriptions/{subscription}/"
        return [
            {"id": text, "name": text.rpartition("/")[2], "type": "Microsoft.Resources/resourceGroups"}
            for key, text in sorted(self._groups.items())
            if key.startswith(prefix)
        ]

    def one(self, target: Target) -> Body | None:
        """A resource, wherever it stands: by itself, or inside its parent."""
        with self._lock:
            found = self._documents.get(target.path)
            if found is not None:
                return found
            inside = self._inside(target_of(target.parent))
            return next((item for item in inside if str(item.get("name")).lower() == target.last), None)

    def listed(self, target: Target) -> list[Body]:
        """The entries of a list: of a subscription, of a group, of a resource, or of a scale set's NICs."""
        with self._lock:
            kind = target.kind
            if kind == "microsoft.compute/virtualmachinescalesets/networkinterfaces":
                kind = "microsoft.compute/virtualmachinescalesets/virtualmachines/networkinterfaces"
                prefix = f"{target.parent}/virtualmachines/"
            elif target.names:
                prefix = f"{target.path}/"
            else:
                prefix = f"{target.scope}/"
            held = self._by_kind.get(kind, {}).items()
            found = [document for key, document in held if key.startswith(prefix)]
            return found or list(self._inside(target))

    def action(self, target: Target) -> Body | None:
        """The answer of an action or of a question that is filed like one; None where there is none."""
        with self._lock:
            document = self._documents.get(target.path)
            if document is not None:
                answer: Body = document.get("properties", document)
                return answer
            empty = target.last in _EMPTY_BY_DEFAULT and target.parent in self._documents
            return {"value": []} if empty else None

    def is_action(self, target: Target) -> bool:
        """Whether a path with the shape of a list is an action, or a question that is filed like one."""
        return target.last in _ACTIONS

    def graph(self, kind: str, subscriptions: Iterable[str]) -> Iterator[Body]:
        """Rows of Resource Graph of a kind: documents, and one for each VNet with admin rules (NSG-32)."""
        wanted = {item.lower() for item in subscriptions}
        source = (
            self._admin_rules()
            if kind == "microsoft.network/effectivesecurityadminrules"
            else self.documents(kind)
        )
        for document in source:
            target = target_of(document["id"])
            if not wanted or target.subscription in wanted:
                yield {
                    **document,
                    "type": kind,
                    "tenantId": TENANT,
                    "subscriptionId": target.subscription,
                    "resourceGroup": target.group,
                }

    def _admin_rules(self) -> Iterator[Body]:
        for document in self.documents(
            "microsoft.network/virtualnetworks/listnetworkmanagereffectivesecurityadminrules"
        ):
            rules = document["properties"].get("value", [])
            if rules:
                network = document["id"].rpartition("/")[0]
                manager = (
                    f"/subscriptions/{target_of(network).subscription}/resourceGroups/rg-manager/providers"
                )
                configuration = (
                    f"{manager}/Microsoft.Network/networkManagers/manager/securityAdminConfigurations/all"
                )
                yield {
                    "id": f"{network}/providers/Microsoft.Network/effectiveSecurityAdminRules/default",
                    "name": "default",
                    "properties": {"effectiveSecurityAdminConfigurations": [{"id": configuration}]},
                }

    def _inside(self, target: Target) -> Iterator[Body]:
        """Children of a list that its parent holds inside itself (subnets, peerings, agent pools)."""
        parent = self._documents.get(target.parent)
        properties = parent.get("properties") if parent else None
        if not parent or not isinstance(properties, dict):
            return
        name = _LISTS_OF_A_PARENT.get(target.kind, target.last).lower()
        for key, value in properties.items():
            if key.lower() == name and isinstance(value, list):
                for entry in value:
                    if isinstance(entry, dict) and "name" in entry:
                        yield entry if "id" in entry else _child(parent["id"], target, entry)

    def _subscription(self, number: int, key: str) -> Body:
        own = self._documents.get(f"/subscriptions/{key}")
        return own or {
            "id": f"/subscriptions/{key}",
            "authorizationSource": "RoleBased",
            "subscriptionId": key,
            "tenantId": TENANT,
            "displayName": f"Example {number}",
            "state": "Enabled",
        }


def _child(parent: str, target: Target, entry: Body) -> Body:
    properties = {key: value for key, value in entry.items() if key != "name"}
    return {
        "id": f"{parent}/{target.last}/{entry['name']}",
        "name": entry["name"],
        "type": target.kind,
        "properties": properties,
    }


def _documents_in(folder: Path) -> Iterator[Body]:
    for path in sorted(folder.rglob("*.json*")):
        if path.name == "manifest.json":
            continue
        if path.suffix == ".jsonl":
            with path.open(encoding="utf-8") as lines:
                yield from (json.loads(line) for line in lines if line.strip())
            continue
        value = json.loads(path.read_text(encoding="utf-8"))
        for document in value.get("value", [value]) if isinstance(value, dict) else value:
            if isinstance(document, dict) and "id" in document:
                yield document
