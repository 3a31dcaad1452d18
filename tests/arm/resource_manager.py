"""Resource Manager's answers: from a call to what it would say, without any network."""

from __future__ import annotations

import re
import secrets
import threading
from dataclasses import dataclass, field
from typing import Any

from tests.arm.access import Access
from tests.arm.estate import Estate
from tests.arm.faults import Reply, error
from tests.arm.paths import Target, target_of

_VERSION = re.compile(r"20\d\d-\d\d-\d\d(-preview)?")
_TYPE = re.compile(r"\btype\s*(?:==|=~)\s*['\"]([^'\"]+)['\"]", re.IGNORECASE)
_TYPES = re.compile(r"\btype\s+in~?\s*\(([^)]*)\)", re.IGNORECASE)
_GRAPH = "/providers/microsoft.resourcegraph/resources"
_ONLY_BY_GET = frozenset({"outboundnetworkdependenciesendpoints"})


@dataclass(frozen=True)
class Incoming:
    """One call that passed the login."""

    method: str
    path: str
    query: dict[str, str]
    """With names in lower case."""
    body: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Rest:
    """The rest of a list that was begun, as it was then."""

    entries: list[Any]
    number: int


class ResourceManager:
    """Answers calls from an estate; `base` is its own address, for links."""

    def __init__(self, estate: Estate, access: Access, base: str) -> None:
        self.estate = estate
        self.access = access
        self.base = base
        self.page_size = 100
        self.empty_first = False
        """Whether the first page of every list is empty, as Azure's may be."""
        self.versions: dict[str, tuple[str, ...]] = {}
        """Api-versions that are known, by provider or kind in lower case; what is not named knows all."""
        self.slow_operations = 0
        """How often an action's operation says that it still runs before it is done; 0 answers at once."""
        self._lock = threading.Lock()
        self._rests: dict[str, _Rest] = {}
        self._operations: dict[str, tuple[int, Any]] = {}

    def page_of(self, call: Incoming) -> int:
        """Which page a call asks for."""
        token = call.query.get("$skiptoken") or _token_in(call.body)
        rest = self._rests.get(token or "")
        return rest.number if rest else 1

    def answer(self, call: Incoming) -> Reply:
        """What Azure would say."""
        target = target_of(call.path)
        version = call.query.get("api-version")
        if not version:
            return error(
                400,
                "MissingApiVersionParameter",
                "The api-version query parameter (?api-version=) is required.",
            )
        if _VERSION.fullmatch(version) is None:
            return error(400, "InvalidApiVersionParameter", f"The api-version '{version}' is invalid.")
        wrong = self._unknown_version(target, version)
        if wrong is not None:
            return wrong
        if target.path.startswith("/arm-operations/"):
            return self._operation(target)
        if target.path == "/subscriptions":
            seen = [item for item in self.estate.subscriptions() if self.access.sees(item["id"].lower())]
            return self._page(seen, call)
        if target.path == _GRAPH and call.method == "POST":
            return self._graph(call)
        if target.kind == "microsoft.management/managementgroups/descendants":
            return self._descendants(target, call)
        missing = self._missing(target)
        return missing or self._below_a_subscription(target, call)

    def _below_a_subscription(self, target: Target, call: Incoming) -> Reply:
        if target.kind == "microsoft.authorization/permissions":
            return self._page(self.access.permissions(target.scope), call)
        parts = target.path.split("/")
        if len(parts) == 3:
            return Reply(
                200, next(item for item in self.estate.subscriptions() if item["id"].lower() == target.path)
            )
        if not target.kind:
            return self._plain(target, parts, call)
        if target.kind.startswith("microsoft.features/"):
            return self._feature(target)
        if call.method == "POST" or self.estate.is_action(target):
            return self._action(target, call)
        return self._read(target, call)

    def _read(self, target: Target, call: Incoming) -> Reply:
        document = self.estate.one(target) if target.is_resource or target.names else None
        if not self.access.may(f"{target.kind}/read", target.path):
            return self._narrower(target, call) or self._forbidden(f"{target.written_kind}/read", target)
        if document is not None:
            return Reply(200, document)
        if target.is_resource:
            return error(
                404, "ResourceNotFound", f"The Resource '{target.kind}/{target.last}' was not found."
            )
        if target.names and self.estate.one(target_of(target.parent)) is None:
            if target.kind.endswith("locations/servicetagdetails"):
                return self._page([], call)
            return error(
                404,
                "ParentResourceNotFound",
                "Failed to perform 'read' on resource: the parent was not found.",
            )
        if self.estate.registrations.get(target.kind.partition("/")[0], "Registered") != "Registered":
            name = target.kind.partition("/")[0]
            message = f"The subscription is not registered to use namespace '{name}'."
            return error(409, "MissingSubscriptionRegistration", message)
        return self._page(self.estate.listed(target), call)

    def _narrower(self, target: Target, call: Incoming) -> Reply | None:
        """A list of what is granted below its scope, where nothing is granted on the scope itself (ARM-23)."""
        if target.is_resource or target.names or target.group:
            return None
        seen = [
            document
            for document in self.estate.listed(target)
            if self.access.may(f"{target.kind}/read", document["id"].lower())
        ]
        return self._page(seen, call) if seen else None

    def _action(self, target: Target, call: Incoming) -> Reply:
        by_get = target.last in _ONLY_BY_GET
        if by_get != (call.method == "GET"):
            return error(405, "MethodNotAllowed", "The resource does not support this method.")
        verb = "read" if by_get else "action"
        if not self.access.may(f"{target.kind}/{verb}", target.path):
            return self._forbidden(f"{target.written_kind}/{verb}", target)
        if self.estate.one(target_of(target.parent)) is None:
            return error(404, "ResourceNotFound", f"The Resource '{target.parent}' was not found.")
        found = self.estate.action(target)
        if found is None:
            return error(404, "NotFound", f"Nothing is known of '{target.last}'.")
        if self.slow_operations and not by_get:
            return self._accepted(found)
        entries = found.get("value")
        return self._page(entries, call, found) if isinstance(entries, list) else Reply(200, found)

    def _accepted(self, result: Any) -> Reply:
        key = secrets.token_hex(8)
        with self._lock:
            self._operations[key] = (self.slow_operations, result)
        watch = f"{self.base}/arm-operations/{key}/status?api-version=2026-03-01"
        place = f"{self.base}/arm-operations/{key}/result?api-version=2026-03-01"
        return Reply(202, None, {"Azure-AsyncOperation": watch, "Location": place, "Retry-After": "1"})

    def _operation(self, target: Target) -> Reply:
        key, what = target.path.split("/")[2:4]
        with self._lock:
            left, result = self._operations[key]
            if what == "status":
                self._operations[key] = (left - 1, result)
        if what == "result":
            return Reply(200, result)
        return Reply(200, {"status": "InProgress" if left > 0 else "Succeeded"})

    def _plain(self, target: Target, parts: list[str], call: Incoming) -> Reply:
        """What lies outside resource providers' own types: groups and registrations."""
        what = "providers" if parts[3] == "providers" else "resourceGroups"
        if not self.access.may(f"microsoft.resources/subscriptions/{what.lower()}/read", target.path):
            return self._forbidden(f"Microsoft.Resources/subscriptions/{what}/read", target)
        if parts[3] == "resourcegroups":
            groups = self.estate.groups(target.subscription)
            if len(parts) == 4:
                return self._page(groups, call)
            return Reply(200, next(item for item in groups if item["id"].lower() == target.path))
        if parts[3] == "providers":
            names = (
                [parts[4]]
                if len(parts) > 4
                else ["microsoft.compute", "microsoft.containerservice", "microsoft.network"]
            )
            rows = [
                {
                    "id": f"/subscriptions/{target.subscription}/providers/{name}",
                    "namespace": name,
                    "registrationState": self.estate.registrations.get(name, "Registered"),
                }
                for name in names
            ]
            return Reply(200, rows[0]) if len(parts) > 4 else self._page(rows, call)
        return error(404, "NotFound", "There is no such thing.")

    def _feature(self, target: Target) -> Reply:
        if not self.access.may("microsoft.features/providers/features/read", target.path):
            return self._forbidden("Microsoft.Features/providers/features/read", target)
        state = self.estate.features.get(target.last, "NotRegistered")
        names = "/".join(target.names)
        return Reply(
            200,
            {
                "id": target.path,
                "name": names,
                "type": "Microsoft.Features/providers/features",
                "properties": {"state": state},
            },
        )

    def _descendants(self, target: Target, call: Incoming) -> Reply:
        group = target.names[0]
        below = self.estate.management_groups.get(group)
        if below is None or not self.access.may("microsoft.management/managementgroups/read", target.parent):
            return self._forbidden("Microsoft.Management/managementGroups/descendants/read", target)
        rows = [
            {
                "id": f"/subscriptions/{key}",
                "name": key,
                "type": "Microsoft.Management/managementGroups/subscriptions",
                "properties": {"displayName": key},
            }
            for key in below
        ]
        inner = {"id": "/providers/Microsoft.Management/managementGroups/inner", "name": "inner",
                 "type": "Microsoft.Management/managementGroups"}  # fmt: skip
        return self._page([inner, *rows], call)

    def _graph(self, call: Incoming) -> Reply:
        """Resource Graph gives only what the caller may read, silently (ARM-32)."""
        query = str(call.body.get("query", ""))
        kinds = [item.lower() for item in _TYPE.findall(query)]
        for group in _TYPES.findall(query):
            kinds += [item.strip().strip("'\"").lower() for item in group.split(",")]
        wanted = [str(item) for item in call.body.get("subscriptions", [])]
        rows = [
            row
            for kind in kinds
            for row in self.estate.graph(kind, wanted)
            if self.access.may(f"{kind}/read", row["id"].lower())
        ]
        return self._page(rows, call)

    def _page(self, entries: list[Any], call: Incoming, whole: dict[str, Any] | None = None) -> Reply:
        """The first page of a list, or the one that a token names."""
        token = call.query.get("$skiptoken") or _token_in(call.body)
        rest = self._rests.get(token) if token else _Rest(list(entries), 1)
        if rest is None:
            return error(400, "InvalidSkipToken", "The skip token is not valid.")
        size = 0 if self.empty_first and rest.number == 1 else self.page_size
        page, later = rest.entries[:size], rest.entries[size:]
        mark = ""
        if later or not size:
            mark = secrets.token_urlsafe(24)
            with self._lock:
                self._rests[mark] = _Rest(later, rest.number + 1)
        if target_of(call.path).path == _GRAPH:
            value: dict[str, Any] = {
                "totalRecords": len(entries),
                "count": len(page),
                "resultTruncated": "true" if mark else "false",
                "data": page,
            }
            return Reply(200, {**value, "$skipToken": mark} if mark else value)
        value = {**(whole or {}), "value": page}
        if mark and call.method == "POST":
            return Reply(200, {**value, "skipToken": mark})
        if mark:
            version = call.query["api-version"]
            value["nextLink"] = f"{self.base}{call.path}?%24skiptoken={mark}&api-version={version}"
        return Reply(200, value)

    def _missing(self, target: Target) -> Reply | None:
        """404 for a subscription or a group that is not there."""
        if not self.estate.has_subscription(target.subscription):
            return error(
                404, "SubscriptionNotFound", f"The subscription '{target.subscription}' could not be found."
            )
        if target.group and not self.estate.has_scope("/".join(target.path.split("/")[:5])):
            return error(404, "ResourceGroupNotFound", f"Resource group '{target.group}' could not be found.")
        return None

    def _unknown_version(self, target: Target, version: str) -> Reply | None:
        provider = target.kind.partition("/")[0]
        known = self.versions.get(target.kind) or self.versions.get(provider)
        if known is None or version in known:
            return None
        message = (
            f"No registered resource provider found for location '' and API version '{version}' for type "
            f"'{target.kind.partition('/')[2]}'. The supported api-versions are '{', '.join(known)}'."
        )
        return error(400, "NoRegisteredProviderFound", message)

    def _forbidden(self, action: str, target: Target) -> Reply:
        message = (
            "The client 'reader' with object id '11111111-2222-3333-4444-555555555555' does not have authorization to "
            f"perform action '{action}' over scope '{target.written}' or the scope is invalid. If access was recently "
            "granted, please refresh your credentials."
        )
        return error(403, "AuthorizationFailed", message)


def _token_in(body: dict[str, Any]) -> str | None:
    options = body.get("options")
    token = options.get("$skipToken") if isinstance(options, dict) else body.get("skipToken")
    return token if isinstance(token, str) else None
