"""Live Azure as a source: what is asked for, and the collection of it into a folder."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from auditor.collectors.azure.admin_rules import AdminRules
from auditor.collectors.azure.connection import Connection
from auditor.collectors.azure.doubts import doubt_lists
from auditor.collectors.azure.following import Following
from auditor.collectors.azure.gather import Gatherer
from auditor.collectors.azure.kinds import EFFECTIVE_GROUPS, EFFECTIVE_ROUTES
from auditor.collectors.azure.planned import Planned, question
from auditor.collectors.azure.scope import LiveScope, first_reads
from auditor.collectors.folder_writer import FolderWriter
from auditor.model.snapshot import Read

__all__ = ["CollectResult", "LiveScope", "collect"]

Progress = Callable[[str, int, int], None]
"""Told (phase, done, total) as reads end; the total grows while references are followed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectResult:
    """What came of a collection."""

    reads: tuple[Read, ...]
    """The rows of the manifest."""
    calls: int
    """HTTP requests of this run, retries included; what an earlier run read costs none."""
    interrupted: bool
    """Whether it was ended by Ctrl-C: the folder says what is missing, and `resume` goes on."""


def collect(
    connection: Connection,
    scope: LiveScope,
    writer: FolderWriter,
    progress: Progress | None = None,
    *,
    resume: bool = False,
) -> CollectResult:
    """Read everything that the verdicts of the clusters in `scope` depend on into the writer's folder.

    With `resume`, reads that the folder holds completely are not made again. Raises InputError when the folder
    cannot be written (what was kept is said), belongs to somebody else, or holds another collection.
    """
    writer.begin(connection.cloud.name, scope.asked(), resume=resume)
    before = sum(connection.calls.values())
    interrupted = False
    gc.freeze()  # the SDK is most of the heap, and stays: each look through it for garbage stops all threads
    try:
        with Gatherer(connection, writer, progress) as gatherer:
            _Collection(scope, gatherer, writer).run()
    except KeyboardInterrupt:
        interrupted = True
        writer.interrupt()
    else:
        writer.finish()
    finally:
        gc.unfreeze()
        writer.close()
    calls = sum(connection.calls.values()) - before
    return CollectResult(reads=writer.reads(), calls=calls, interrupted=interrupted)


class _Collection:
    """One collection from its first list to its last question."""

    def __init__(self, scope: LiveScope, gatherer: Gatherer, writer: FolderWriter) -> None:
        self._scope = scope
        self._gatherer = gatherer
        self._writer = writer
        subscriptions = tuple(map(str.lower, scope.subscriptions))
        self._admin = AdminRules(writer, subscriptions)
        self._following = Following(writer, subscriptions, () if scope.is_narrow else subscriptions)

    def run(self) -> None:
        reads = list(first_reads(self._scope))
        phase = "lists"
        early: list[Planned] = []
        while reads:
            self._gatherer.level(phase, reads, self._following.renewed, self._following.at_once, early)
            for read in reads:
                self._following.ended(read)
            if phase == "lists" and not self._scope.is_narrow:
                for subscription in self._scope.subscriptions:
                    self._following.share(subscription.lower())
            reads = self._following.next_reads()
            phase = "references"
            early = self._admin.early(self._following.networks.reached)
        asked = self._admin.questions(self._following.networks.reached)
        self._gatherer.level("admin rules", [*asked, *self._deep()])
        left = self._admin.settle()
        if left:  # a level begins with a manifest, which waits for the disk
            self._gatherer.level("admin rules", left)
        self._admin.settle_rest()
        if not self._scope.is_narrow:
            doubt_lists(self._writer, self._scope.subscriptions)

    def _deep(self) -> Iterator[Planned]:
        """Effective routes and groups of running nodes; the service has none for scale set instances (ARM-14)."""
        if self._scope.deep:
            for _, reference in sorted(self._following.nodes.interfaces.items()):
                for kind in (EFFECTIVE_ROUTES, EFFECTIVE_GROUPS):
                    yield question(reference.text, kind, post=True, paged=False)
