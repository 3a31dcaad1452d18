"""Effective security admin rules of the clusters' own networks, with no more than Reader (NSG-32, ARM-31, ARM-32).

Resource Graph has a row for each network that Virtual Network Manager applies configurations to. It names them,
but not the rules that hold for the network; so a network without configuration is known to have no rules, and one
with some is asked itself. Resource Graph leaves out silently what the caller may not read, so that no row means
"none" only where reading was granted on the network; where that is not sure, or where there is no Resource Graph,
the network is asked itself, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from auditor.collectors.azure.doubts import granted, why_unknown
from auditor.collectors.azure.kinds import (
    ADMIN_RULES,
    GRAPH_ADMIN_RULES,
    NETWORK_READS,
    NETWORKS,
)
from auditor.collectors.azure.links import fields_of
from auditor.collectors.azure.permissions import may
from auditor.collectors.azure.planned import Planned, action_document, action_id, permissions, question
from auditor.collectors.azure.request import Request
from auditor.collectors.folder_writer import FolderWriter
from auditor.collectors.journal import Row
from auditor.model.documents.fields import Fields
from auditor.model.resource_id import ResourceId

_SUBSCRIPTIONS: Final = 200
"""How many subscriptions one question is about."""
_QUERY: Final = f"networkresources | where type =~ '{GRAPH_ADMIN_RULES.lower()}' | project id, properties"
_CONFIGURATIONS: Final = "effectiveSecurityAdminConfigurations"
_MARK: Final = f"/providers/{GRAPH_ADMIN_RULES}/".lower()


class AdminRules:
    """The questions about some networks, and the documents that the answers give."""

    def __init__(self, writer: FolderWriter, networks: Sequence[ResourceId]) -> None:
        self._writer = writer
        self._networks = sorted(networks)
        self._graph = list(_graph_questions(self._networks))
        self._named: dict[str, Fields] = {}
        self._doubts: dict[str, str] = {}

    def questions(self) -> Iterator[Planned]:
        """What Resource Graph knows, and what is granted on each network."""
        yield from self._graph
        yield from (permissions(network.text) for network in self._networks)

    def settle(self) -> list[Planned]:
        """Write "none" for each network that surely has none; the others are to be asked themselves."""
        rows = self._rows()
        failed = self._failed()
        asked: list[Planned] = []
        for network in self._networks:
            found = rows.get(network.key, [])
            row = next(filter(_has_configurations, found), None)
            if row is not None:
                self._named[network.key] = row
            else:
                doubt = self._doubt(network, failed, seen=bool(found))
                if doubt is None:
                    self._write_none(network)
                    continue
                self._doubts[network.key] = doubt
            asked.append(question(network.text, ADMIN_RULES, post=True))
        return asked

    def settle_rest(self) -> None:
        """What stays open of the networks that were asked and gave no answer.

        One with configurations has rules that nobody knows: an entry without any value is a rule that reads as not
        understood, so that no verdict rests on it. For the others, the row says why silence did not suffice.
        """
        for network in self._networks:
            row = self._writer.row(network.text, ADMIN_RULES)
            if row is None or row.status == "complete":
                continue
            named = self._named.get(network.key)
            if named is None:
                error = f"{self._doubts.get(network.key)}; asked itself: {row.error}"
                self._writer.amend(network.text, ADMIN_RULES, row.status, error)
            else:
                entries = [{"id": text, "kind": "Custom"} for text in _configurations(named)]
                value = {"value": entries or [{"kind": "Custom"}]}
                self._writer.add(row, [action_document(network.text, ADMIN_RULES, value)])

    def _rows(self) -> Mapping[str, list[Fields]]:
        """The rows of Resource Graph by the network that they are about.

        A row that is not understood may be about any network: its question then tells of none that it has no rules.
        """
        found: dict[str, list[Fields]] = {}
        for asked in self._graph:
            body = self._writer.document(action_id(asked.scope, asked.kind))
            for number, entry in enumerate(_entries(body), start=1):
                network = _network_of(entry)
                if network is not None:
                    found.setdefault(network.key, []).append(fields_of(entry))
                    continue
                row = self._writer.row(asked.scope, asked.kind)
                if row is not None and row.status == "complete":
                    error = f"row {number} is not understood"
                    self._writer.amend(asked.scope, asked.kind, "partial", error)
        return found

    def _failed(self) -> Row | None:
        """A question to Resource Graph that was not answered."""
        for asked in self._graph:
            row = self._writer.row(asked.scope, asked.kind)
            if row is None or row.status != "complete":
                return row or Row(scope=asked.scope, kind=asked.kind, status="failed", error="not asked")
        return None

    def _write_none(self, network: ResourceId) -> None:
        earlier = self._writer.row(network.text, ADMIN_RULES)
        if earlier is not None and earlier.status == "complete":
            return
        version = next((item.request.version for item in self._graph), None)
        row = Row(
            scope=network.text, kind=ADMIN_RULES, status="complete", error=None, api_version=version, pages=1
        )
        self._writer.add(row, [action_document(network.text, ADMIN_RULES, {"value": []})])

    def _doubt(self, network: ResourceId, failed: Row | None, *, seen: bool) -> str | None:
        """Why Resource Graph does not tell that a network has no rules; None where it does (ARM-32)."""
        if failed is not None:
            return f"Resource Graph: {failed.error}"
        if seen:
            return None
        grants = granted(self._writer, network.text)
        if grants is None:
            why = why_unknown(self._writer, network.text)
            return f"whether Resource Graph shows everything is not known: {why}"
        missing = next((action for action in NETWORK_READS if not may(grants, action)), None)
        if missing is None:
            return None
        return f"{missing} is not granted on {network.text}: Resource Graph may hide rules (ARM-32)"


def _graph_questions(networks: Sequence[ResourceId]) -> Iterator[Planned]:
    subscriptions = sorted({str(network.subscription) for network in networks})
    for start in range(0, len(subscriptions), _SUBSCRIPTIONS):
        some = subscriptions[start : start + _SUBSCRIPTIONS]
        body: Mapping[str, Any] = {
            "subscriptions": some,
            "query": _QUERY,
            "options": {"resultFormat": "objectArray", "$top": 1000},
        }
        request = Request(
            path="/providers/Microsoft.ResourceGraph/resources", method="POST", body=body, paged=True
        )
        scope = (
            "/providers/Microsoft.ResourceGraph"
            if not start
            else f"/providers/Microsoft.ResourceGraph/{start}"
        )
        yield Planned(scope=scope, kind=GRAPH_ADMIN_RULES, request=request, form="answer")


def _entries(body: Mapping[str, Any] | None) -> list[Any]:
    properties = None if body is None else body.get("properties")
    value = properties.get("value") if isinstance(properties, dict) else None
    return value if isinstance(value, list) else []


def _network_of(entry: Any) -> ResourceId | None:
    """The network that a row of Resource Graph is about; None where that is not understood."""
    text = fields_of(entry).text("id") if isinstance(entry, dict) else None
    network, mark, _ = (text or "").lower().partition(_MARK)
    found = ResourceId(network)
    return found if mark and found.subscription and found.kind == NETWORKS.lower() else None


def _has_configurations(row: Fields) -> bool:
    """Whether a row names a configuration; one that is not understood may name any."""
    known = _CONFIGURATIONS.lower() in row.names()
    return bool(_configurations(row)) or not known or bool(row.notes.flaws)


def _configurations(row: Fields) -> list[str]:
    return [item.text("id") or "" for item in row.objects(_CONFIGURATIONS)]
