"""Live Azure as a source: what is asked for, and the collection of it into a folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from auditor.collectors.azure.connection import Connection
from auditor.collectors.folder_writer import FolderWriter
from auditor.model.snapshot import Read

Progress = Callable[[str, int, int], None]
"""Told (phase, done, total) as reads end; the total grows while references are followed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveScope:
    """Which clusters are audited; the network that they depend on is followed wherever it lies."""

    subscriptions: tuple[str, ...]
    """GUIDs."""
    resource_groups: tuple[str, ...] = ()
    """Names; only clusters in one of these are audited."""
    clusters: tuple[str, ...] = ()
    """Names or ARM ids; only these are audited."""
    deep: bool = False
    """Whether effective routes and security groups are asked for, which needs more than Reader (ARM-14)."""


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
    raise NotImplementedError
