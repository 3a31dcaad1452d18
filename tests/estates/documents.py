"""Estates made of the bundled ones by editing documents in memory; a snapshot is read once a process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from functools import cache
from typing import Any

from auditor.audit import check, load_policy, load_snapshot
from auditor.model.finding import Endpoint, Report
from auditor.model.snapshot import Document, Snapshot
from auditor.model.verdict import Verdict
from auditor.policy.policy import Policy
from auditor.resources import examples

Json = dict[str, Any]
Bodies = dict[str, Json]
"""Documents by lower-case id, free to be edited."""
Asked = tuple[str, str, str]
"""What was asked and from where: row id, pool, subnet."""

GROUPS = "microsoft.network/firewallpolicies/rulecollectiongroups"
POLICIES = "microsoft.network/firewallpolicies"
FIREWALLS = "microsoft.network/azurefirewalls"
IP_GROUPS = "microsoft.network/ipgroups"
SECURITY_GROUPS = "microsoft.network/networksecuritygroups"
ROUTE_TABLES = "microsoft.network/routetables"


@cache
def example(name: str) -> Snapshot:
    """A bundled estate as it is shipped."""
    return load_snapshot(examples() / name)


@cache
def policy(edition: str, *, strict: bool = False) -> Policy:
    """An edition, by default with the assumptions that are made by default."""
    return load_policy(edition, strict=strict)


def objects(value: Any) -> Iterator[Json]:
    """Every object in a value, itself included."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from objects(inner)


def edited(snapshot: Snapshot, edit: Callable[[Bodies], None]) -> Snapshot:
    """The snapshot after `edit` has changed, added or removed documents; the given one stays as it is."""
    bodies: Bodies = {key: deepcopy(dict(document.body)) for key, document in snapshot.documents.items()}
    edit(bodies)
    kept = {
        key: replace(document, body=bodies[key])
        for key, document in snapshot.documents.items()
        if key in bodies
    }
    return replace(snapshot, documents=kept)


def of_kind(bodies: Bodies, kind: str) -> list[Json]:
    """The documents of one resource type."""
    return [body for body in bodies.values() if str(body["type"]).lower() == kind]


def bodies_of(snapshot: Snapshot) -> Bodies:
    """The documents of a snapshot, to look at."""
    return {key: dict(document.body) for key, document in snapshot.documents.items()}


def named(bodies: Bodies, kind: str, name: str) -> Json:
    """The one document of a type and name."""
    (found,) = (body for body in of_kind(bodies, kind) if body["name"] == name)
    return found


def tag_addresses(snapshot: Snapshot) -> Mapping[str, tuple[str, ...]]:
    """The prefixes of each service tag, by lower-case name, as the snapshot's own lists say."""
    return {
        entry["name"].lower(): tuple(entry["properties"]["addressPrefixes"])
        for _, body in snapshot.tag_lists
        for entry in body["values"]
    }


def audited(snapshot: Snapshot, edition: str, *, strict: bool = False) -> Report:
    """The report about a snapshot."""
    return check(snapshot, policy(edition, strict=strict))


def key(endpoint: Endpoint) -> Asked:
    """What tells the endpoints of a report apart."""
    subnet = endpoint.asked_from.subnet
    return endpoint.id, endpoint.asked_from.pool, "" if subnet is None else subnet.key


def judged(report: Report) -> dict[Asked, tuple[Endpoint, Verdict]]:
    """The endpoints that apply or may apply, with their verdicts."""
    found = [endpoint for cluster in report.clusters for endpoint in cluster.endpoints]
    return {key(one): (one, one.verdict) for one in found if one.verdict is not None}


def not_judged(report: Report) -> set[Asked]:
    """The endpoints of rows that do not apply."""
    return {
        key(endpoint)
        for cluster in report.clusters
        for endpoint in cluster.endpoints
        if endpoint.verdict is None
    }


def document(snapshot: Snapshot, kind: str, name: str) -> Document:
    """The one document of a type and name, as the snapshot holds it."""
    (found,) = (one for one in snapshot.documents.values() if one.kind == kind and one.id.name == name)
    return found
