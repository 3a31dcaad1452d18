"""References on their way to be followed, and the reads that are planned meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from auditor.collectors.azure import kinds
from auditor.collectors.azure.planned import Planned, one
from auditor.collectors.journal import Key, Row, key_of
from auditor.model.resource_id import ResourceId

SINGLE: Final = {
    kind.type.lower(): kind.type
    for kind in kinds.KINDS
    if kind.listed == "subscription" or kind.type in {kinds.SUBNETS, kinds.RULE_GROUPS}
}
"""Kinds that a reference is followed to, as they are written."""
Visit = Callable[[ResourceId, Mapping[str, Any]], None]
Failed = Callable[[ResourceId, str], None]


class Found(Protocol):
    """What was read so far."""

    def row(self, scope: str, kind: str) -> Row | None:
        """How a read ended, None while it did not."""
        ...

    def documents_of(self, scope: str, kind: str) -> Iterator[Any]:
        """The documents that a read gave."""
        ...

    def document(self, reference: str) -> Mapping[str, Any] | None:
        """The document of an id."""
        ...


@dataclass(frozen=True, slots=True)
class _Wish:
    """A reference that is to be followed, and who names it."""

    id: ResourceId
    referrer: str


class References:
    """Each resource that is named is gone through once; one that no list gave is read singly first (ARM-23)."""

    def __init__(self, found: Found) -> None:
        self.found = found
        self._queue: list[_Wish] = []
        self._seen: set[str] = set()
        self._asked: set[Key] = set()
        self._ended: set[Key] = set()
        self._plans: list[Planned] = []

    @property
    def waiting(self) -> int:
        """How many references are yet to be gone through, for want of their document or of a turn."""
        return len(self._queue)

    def follow(self, references: Iterable[ResourceId], referrer: str) -> None:
        """Go through these resources, too, if they are of a kind that verdicts depend on."""
        for reference in references:
            if reference.key not in self._seen and reference.kind in SINGLE and _is_plain(reference):
                self._seen.add(reference.key)
                self._queue.append(_Wish(reference, referrer))

    def plan(self, read: Planned) -> None:
        """Make this read next, unless it was planned before."""
        if read.key not in self._asked:
            self._asked.add(read.key)
            self._plans.append(read)

    def made(self, read: Planned) -> None:
        """The read has ended in this run, whether it was planned here or not."""
        self._asked.add(read.key)
        self._ended.add(read.key)

    def has_ended(self, scope: str, kind: str) -> bool:
        """Whether a read has ended in this run; one that failed in an earlier run is made again."""
        return key_of(scope, kind) in self._ended

    def knows(self, read: Planned) -> bool:
        """Whether the read was planned or made before."""
        return read.key in self._asked

    def take_plans(self) -> list[Planned]:
        """The reads that were planned since the last call."""
        plans, self._plans = self._plans, []
        return plans

    def walk(self, visit: Visit, failed: Failed) -> None:
        """Go through the references whose document was read; the others are planned, and wait.

        `failed` is told of one whose read has ended without a document.
        """
        waiting: list[_Wish] = []
        while self._queue:
            wish = self._queue.pop()
            body = self.found.document(wish.id.text)
            if body is not None:
                visit(wish.id, body)
            elif self.has_ended(wish.id.text, SINGLE[wish.id.kind]):
                failed(wish.id, wish.referrer)
            else:
                self.plan(one(wish.id, SINGLE[wish.id.kind], wish.referrer))
                waiting.append(wish)
        self._queue = waiting


def ids_of(documents: Iterable[Any]) -> Iterator[ResourceId]:
    """The ids of documents, without those that have none."""
    for body in documents:
        found = body.get("id") if isinstance(body, dict) else None
        if isinstance(found, str) and found.lower().startswith("/subscriptions/"):
            yield ResourceId(found)


def _is_plain(reference: ResourceId) -> bool:
    """Whether the id can stand in a path as it is: what a document says is not trusted to be one."""
    text = reference.text
    return text.isprintable() and not any(mark in text for mark in "?#%\\ ") and ".." not in text.split("/")
