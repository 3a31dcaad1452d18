"""One collection in a process of its own, which may be killed at any moment."""

from __future__ import annotations

import os
import resource
from collections.abc import Mapping, Sequence
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from multiprocessing.queues import SimpleQueue
from pathlib import Path

from auditor.collectors.azure.cloud import cloud_named
from auditor.collectors.azure.connect import connect
from auditor.collectors.azure.source import LiveScope, collect
from auditor.collectors.folder_writer import FolderWriter
from tests.arm.fixtures import quick
from tests.arm.server import ArmServer

_CONTEXT = get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.live.collecting"])  # the SDK takes a second to import


def now() -> str:
    """The time that manifests of tests tell."""
    return "2026-11-20T08:15:00Z"


def start(
    server: ArmServer,
    folder: Path,
    subscriptions: Sequence[str],
    *,
    resume: bool = False,
    told: SimpleQueue[int] | None = None,
) -> ForkServerProcess:
    """Begin a collection of whole subscriptions; `told` gets the most memory that it took, in KiB, at its end."""
    arguments = (server.environment, str(server.cloud_file), str(folder), tuple(subscriptions), resume, told)
    process = _CONTEXT.Process(target=_collect, args=arguments)
    process.start()
    return process


def queue() -> SimpleQueue[int]:
    """A queue for `start`."""
    return _CONTEXT.SimpleQueue()


def _collect(
    environment: Mapping[str, str],
    cloud: str,
    folder: str,
    subscriptions: tuple[str, ...],
    resume: bool,
    told: SimpleQueue[int] | None,
) -> None:
    os.environ.update(environment)
    connection = connect(cloud_named(cloud), "environment", None, quick())
    scope = LiveScope(subscriptions=subscriptions)
    collect(connection, scope, FolderWriter(Path(folder), now=now), resume=resume)
    connection.close()
    if told is not None:
        told.put(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
