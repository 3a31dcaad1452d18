"""One cheap read for each kind, to see what a login really gets; a list to its first page only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from auditor.collectors.azure import kinds
from auditor.collectors.azure.planned import children, extensions, question
from auditor.collectors.azure.request import Answer, Request
from auditor.model.resource_id import ResourceId

Answers = Mapping[str, Answer]
"""By path."""

_PARENTS: Final = {kinds.EXTENSIONS: kinds.CLUSTERS, kinds.ADMIN_RULES: kinds.NETWORKS}
"""Where a kind does not lie below the type that its name begins with."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One read, and the kind that it tries."""

    kind: str
    request: Request


def first_trials(scope: str) -> Iterator[Trial]:
    """What can be tried in a subscription or a resource group before anything in it is known."""
    subscription = "/".join(scope.split("/")[:3])
    for kind in kinds.KINDS:
        if kind.listed == "subscription" or (kind.listed == "group" and scope != subscription):
            yield _listed(scope, kind.type)
    registration = Request(path=f"{subscription}/providers/Microsoft.ContainerService")
    yield Trial(kinds.PROVIDERS, registration)
    yield Trial(
        kinds.FEATURES, Request(path=f"{subscription}/providers/Microsoft.Features/{kinds.LOCKING_DOWN}")
    )


def later_trials(scope: str, answers: Answers) -> Iterator[Trial]:
    """What can be tried on the first resource that each list showed."""
    subscription = "/".join(scope.split("/")[:3])
    cluster = _first(scope, kinds.CLUSTERS, answers)
    if cluster is not None:
        group = f"{subscription}/resourceGroups/{ResourceId(_id(cluster)).group}"
        yield from (_listed(group, kind.type) for kind in kinds.KINDS if kind.listed == "group")
        location = cluster.get("location")
        if isinstance(location, str) and location.isalnum():
            path = f"{subscription}/providers/Microsoft.Network/locations/{location}/serviceTags"
            yield Trial(kinds.SERVICE_TAGS, Request(path=path))
    for kind in kinds.KINDS:
        parent_kind = _PARENTS.get(kind.type) or kind.type.rpartition("/")[0]
        parent = _first(scope, parent_kind, answers)
        if parent is not None and (kind.listed == "parent" or kind.type == kinds.ADMIN_RULES):
            yield Trial(kind.type, _below(_id(parent), kind.type))


def _listed(scope: str, kind: str) -> Trial:
    return Trial(kind, Request(path=f"{scope}/providers/{kind}"))


def _below(parent: str, kind: str) -> Request:
    if kind == kinds.ADMIN_RULES:
        return question(parent, kind, post=True, paged=False).request
    planned = extensions(parent, kind) if kind == kinds.EXTENSIONS else children(parent, kind)
    return Request(path=planned.request.path)


def _first(scope: str, kind: str, answers: Answers) -> Mapping[str, Any] | None:
    """The first resource in the answer to a list, None where there is none that has an id."""
    answer = answers.get(f"{scope}/providers/{kind}")
    value = answer.body.get("value") if answer is not None and isinstance(answer.body, dict) else None
    found = value if isinstance(value, list) else []
    return next((item for item in found if isinstance(item, dict) and _id(item)), None)


def _id(document: Mapping[str, Any]) -> str:
    text = document.get("id")
    return text if isinstance(text, str) and text.lower().startswith("/subscriptions/") else ""
