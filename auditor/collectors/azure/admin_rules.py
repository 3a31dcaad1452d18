"""Effective security admin rules of the clusters' own networks, with no more than Reader (NSG-32, ARM-31, ARM-32).

Resource Graph has a row for each network that Virtual Network Manager applies configurations to. It names them,
but not the rules that hold for the network; so a network without configuration is known to have no rules, and one
with some is asked itself. Resource Graph leaves out silently what the caller may not read, so that no row means
"none" only where reading was granted on the network; where that is not sure, or where there is no Resource Graph,
the network is asked itself, too.

Both questions may be asked as soon as a network is known; only what lies outside the subscriptions that were asked
for waits until all are. So the same questions are put in whatever order networks are found, and in however many runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
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
from auditor.collectors.azure.planned import (
    Planned,
    action_document,
    action_id,
    by_key,
    permissions,
    question,
)
from auditor.collectors.azure.request import Request
from auditor.collectors.folder_writer import FolderWriter
from auditor.collectors.journal import Row, key_of
from auditor.collectors.spool import digest
from auditor.model.documents.fields import Fields
from auditor.model.resource_id import ResourceId

_SUBSCRIPTIONS: Final = 200
"""How many subscriptions one question is about."""
_QUERY: Final = f"networkresources | where type =~ '{GRAPH_ADMIN_RULES.lower()}' | project id, properties"
_CONFIGURATIONS: Final = "effectiveSecurityAdminConfigurations"
_MARK: Final = f"/providers/{GRAPH_ADMIN_RULES}/".lower()


class AdminRules:
    """The questions about the networks that were reached, and the documents that the answers give."""

    def __init__(self, writer: FolderWriter, subscriptions: Iterable[str]) -> None:
        """`subscriptions` (lower case) are those asked for."""
        self._writer = writer
        self._networks: list[ResourceId] = []
        self._graph = _questions_about(subscriptions, _of_those_asked_for)
        """The question to Resource Graph that is about a subscription."""
        self._named: dict[str, Fields] = {}
        self._doubts: dict[str, str] = {}

    def early(self, networks: Iterable[ResourceId]) -> list[Planned]:
        """What `questions` will surely give for these networks, too, whatever others are reached."""
        self._networks = sorted(networks)
        return [*self._asked(), *(permissions(network.text) for network in self._networks)]

    def questions(self, networks: Sequence[ResourceId]) -> list[Planned]:
        """What Resource Graph knows, and what is granted on each network that was reached."""
        others = {str(network.subscription) for network in networks} - self._graph.keys()
        self._graph |= _questions_about(others, _of_others)
        return self.early(networks)

    def _asked(self) -> list[Planned]:
        """The questions to Resource Graph that some network needs, each once."""
        found = (self._graph.get(str(network.subscription)) for network in self._networks)
        return list(by_key(question for question in found if question is not None).values())

    def settle(self) -> list[Planned]:
        """Write "none" for each network that surely has none; the others are to be asked themselves."""
        self._forget_others()
        rows = self._rows()
        asked: list[Planned] = []
        for network in self._networks:
            found = rows.get(network.key, [])
            row = next(filter(_has_configurations, found), None)
            if row is not None:
                self._named[network.key] = row
            else:
                doubt = self._doubt(network, seen=bool(found))
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

    def _forget_others(self) -> None:
        """Drop questions of an earlier run about fewer subscriptions than are known now."""
        asked = {read.key for read in self._asked()}
        for read in self._writer.reads():
            if read.kind == GRAPH_ADMIN_RULES and key_of(read.scope, read.kind) not in asked:
                self._writer.drop(read.scope, read.kind)

    def _rows(self) -> Mapping[str, list[Fields]]:
        """The rows of Resource Graph by the network that they are about.

        A row that is not understood may be about any network: its question then tells of none that it has no rules.
        """
        found: dict[str, list[Fields]] = {}
        for asked in self._asked():
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

    def _failed(self, network: ResourceId) -> Row | None:
        """The question to Resource Graph that is about a network, where it was not answered."""
        asked = self._graph[str(network.subscription)]
        row = self._writer.row(asked.scope, asked.kind)
        if row is not None and row.status == "complete":
            return None
        return row or Row(scope=asked.scope, kind=asked.kind, status="failed", error="not asked")

    def _write_none(self, network: ResourceId) -> None:
        earlier = self._writer.row(network.text, ADMIN_RULES)
        if earlier is not None and earlier.status == "complete":
            return
        version = self._graph[str(network.subscription)].request.version
        row = Row(
            scope=network.text, kind=ADMIN_RULES, status="complete", error=None, api_version=version, pages=1
        )
        self._writer.add(row, [action_document(network.text, ADMIN_RULES, {"value": []})])

    def _doubt(self, network: ResourceId, *, seen: bool) -> str | None:
        """Why Resource Graph does not tell that a network has no rules; None where it does (ARM-32)."""
        failed = self._failed(network)
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


def _questions_about(
    subscriptions: Iterable[str], name: Callable[[int, Sequence[str]], str]
) -> dict[str, Planned]:
    """The questions to Resource Graph about some subscriptions, by subscription."""
    ordered = sorted(set(subscriptions))
    found: dict[str, Planned] = {}
    for start in range(0, len(ordered), _SUBSCRIPTIONS):
        some = ordered[start : start + _SUBSCRIPTIONS]
        found |= dict.fromkeys(some, _graph_question(some, name(start, some)))
    return found


def _of_those_asked_for(start: int, _: Sequence[str]) -> str:
    """Each run of a collection asks about those that were asked for."""
    return f"/{start}" if start else ""


def _of_others(_: int, some: Sequence[str]) -> str:
    """Others may be more in a resumed run: it must not take what was asked about fewer for its own."""
    return f"/{digest(' '.join(some)):016x}"


def _graph_question(subscriptions: Sequence[str], name: str) -> Planned:
    body: Mapping[str, Any] = {
        "subscriptions": subscriptions,
        "query": _QUERY,
        "options": {"resultFormat": "objectArray", "$top": 1000},
    }
    request = Request(
        path="/providers/Microsoft.ResourceGraph/resources", method="POST", body=body, paged=True
    )
    scope = f"/providers/Microsoft.ResourceGraph{name}"
    return Planned(scope=scope, kind=GRAPH_ADMIN_RULES, request=request, form="answer")


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
