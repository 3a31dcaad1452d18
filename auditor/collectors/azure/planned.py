"""A read that is to be made: what is asked, and which row of the manifest it becomes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from auditor.collectors.azure.kinds import PERMISSIONS
from auditor.collectors.azure.permissions import permissions_request
from auditor.collectors.azure.request import Answer, Request
from auditor.collectors.journal import Key, key_of
from auditor.model.resource_id import ResourceId

Form = Literal["list", "one", "answer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One read. Two of equal scope and kind are the same read."""

    scope: str
    kind: str
    request: Request
    form: Form
    """`list`: documents; `one`: one document; `answer`: an answer that becomes the document of an action."""
    referrer: str | None = None
    """The resource that names what is read: it is read again where that is not there (ARM-22)."""
    keep: Callable[[Any], bool] | None = None
    """Which documents of a list are kept; None for all."""
    absent_is_none: bool = False
    """Whether a 404 is an answer: there is no such thing."""

    @property
    def key(self) -> Key:
        """See `Key`."""
        return key_of(self.scope, self.kind)

    def kept(self, documents: Iterable[Any]) -> list[Any]:
        """Those entries of a list that are kept."""
        return [item for item in documents if self.keep is None or self.keep(item)]

    def documents(self, answer: Answer) -> list[Any]:
        """The documents that an answer gives to the snapshot."""
        match self.form:
            case "list":
                return self.kept(answer.documents)
            case "one":
                return [] if answer.body is None else [answer.body]
            case "answer":
                return [action_document(self.scope, self.kind, _body(answer))] if answer.complete else []


def listed(scope: str, kind: str, keep: Callable[[Any], bool] | None = None) -> Planned:
    """The list of a kind in a subscription or a resource group."""
    request = Request(path=f"{scope}/providers/{kind}", paged=True)
    return Planned(scope=scope, kind=kind, request=request, form="list", keep=keep)


def children(parent: str, kind: str) -> Planned:
    """The list of what lies directly below a resource."""
    request = Request(path=f"{parent}/{kind.rsplit('/', 1)[-1]}", paged=True)
    return Planned(scope=parent, kind=kind, request=request, form="list", referrer=parent)


def extensions(parent: str, kind: str) -> Planned:
    """The list of another provider's resources on a resource."""
    request = Request(path=f"{parent}/providers/{kind}", paged=True)
    return Planned(scope=parent, kind=kind, request=request, form="list", referrer=parent)


def one(reference: ResourceId, kind: str, referrer: str | None = None) -> Planned:
    """A single resource."""
    path = reference.text.strip().rstrip("/")
    return Planned(scope=path, kind=kind, request=Request(path=path), form="one", referrer=referrer)


def question(
    resource: str, kind: str, *, post: bool = False, paged: bool = True, referrer: str | None = None
) -> Planned:
    """What is asked of a resource; the answer is filed as a document below it."""
    path = f"{resource}/{kind.rsplit('/', 1)[-1]}"
    request = Request(path=path, method="POST" if post else "GET", paged=paged)
    return Planned(scope=resource, kind=kind, request=request, form="answer", referrer=referrer)


def permissions(scope: str) -> Planned:
    """What the caller may do at a scope."""
    return Planned(scope=scope, kind=PERMISSIONS, request=permissions_request(scope), form="answer")


def action_document(scope: str, kind: str, body: Any) -> dict[str, Any]:
    """The answer of an action as a document (design: snapshot)."""
    return {"id": action_id(scope, kind), "type": kind, "properties": body}


def action_id(scope: str, kind: str) -> str:
    """The id under which the answer of an action is filed."""
    if kind == PERMISSIONS:
        return f"{scope}/providers/{kind}"
    return f"{scope}/{kind.rsplit('/', 1)[-1]}"


def _body(answer: Answer) -> Mapping[str, Any]:
    if isinstance(answer.body, dict):
        return answer.body
    return {"value": list(answer.documents)}


def by_key(planned: Iterable[Planned]) -> dict[Key, Planned]:
    """Each read once, the first of equals."""
    found: dict[Key, Planned] = {}
    for read in planned:
        found.setdefault(read.key, read)
    return found
