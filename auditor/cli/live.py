"""A live Azure as a source: read into a folder, which is then a snapshot like any other."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.cli.coverage_text import coverage_lines, incomplete
from auditor.cli.errors import tell
from auditor.cli.live_options import Live
from auditor.cli.progress import Progress
from auditor.errors import AuditorError, InputError, UsageError

if TYPE_CHECKING:
    from auditor.collectors.azure.connect import Subscription
    from auditor.collectors.azure.connection import Connection
    from auditor.collectors.azure.source import CollectResult
    from auditor.model.snapshot import Snapshot

_CLUSTERS = "microsoft.containerservice/managedclusters"


@contextmanager
def connected(live: Live) -> Iterator[Connection]:
    """A connection that is signed in; its errors are InputErrors that name the next step."""
    try:
        from auditor.collectors.azure.cloud import cloud_named
        from auditor.collectors.azure.connect import connect
        from auditor.collectors.azure.pace import Pace
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith(("azure", "msal")):
            raise
        raise AuditorError(
            f"reading a live Azure needs the Azure SDK, and {error.name} is not installed; "
            "install egress-audit with its dependencies (pip install .)"
        ) from None
    cloud = cloud_named(live.cloud or "public")
    pace = Pace(threads=live.threads) if live.threads else None
    connection = connect(cloud, live.auth, live.tenant, pace)
    try:
        yield connection
    finally:
        connection.close()


def chosen(connection: Connection, live: Live) -> list[Subscription]:
    """The subscriptions that are asked for, each once, by id."""
    from auditor.collectors.azure.connect import subscriptions

    return subscriptions(
        connection,
        live.subscriptions,
        everything=live.all_subscriptions,
        management_groups=live.management_groups,
    )


def collected(
    live: Live, folder: Path, clusters: Sequence[str], show: Progress | None, *, resume: bool = False
) -> CollectResult:
    """Read a live Azure into a folder; the folder is made if it is not there.

    Raises InputError where `clusters` or a resource group was named, everything essential was read, and no cluster is
    there: a misspelt name is no empty estate.
    """
    with connected(live) as connection:
        from auditor.collectors.azure.source import LiveScope, collect
        from auditor.collectors.folder_writer import FolderWriter

        writer = FolderWriter(folder)
        scope = LiveScope(
            subscriptions=tuple(one.id for one in chosen(connection, live)),
            resource_groups=tuple(live.resource_groups),
            clusters=tuple(clusters),
            deep=live.deep,
        )
        result = collect(connection, scope, writer, show, resume=resume)
    lists = [writer.row(read.scope, read.kind) for read in result.reads if read.kind.lower() == _CLUSTERS]
    empty = not any(row is not None and row.documents for row in lists)
    if scope.is_narrow and empty and not result.interrupted and not incomplete(result.reads):
        raise _nowhere(live, clusters)
    return result


def _nowhere(live: Live, clusters: Sequence[str]) -> InputError:
    """What to say where none of the clusters is that were asked for."""
    groups = " or ".join(f"{name!r:.200}" for name in live.resource_groups)
    where = f"resource group {groups} of {live.title}" if groups else live.title
    if not clusters:
        return InputError(f"no AKS cluster is in {where}", place="--resource-group")
    names = " or ".join(f"{name!r:.200}" for name in clusters)
    return InputError(f"no cluster is called {names} in {where}", place="--cluster")


def loaded(
    live: Live,
    paths: Sequence[Path],
    save: Path | None,
    clusters: Sequence[str],
    show: Progress | None,
    *,
    quiet: bool,
) -> Snapshot:
    """What a live Azure and the paths hold, united; the folder is kept where `save` says so.

    Raises KeyboardInterrupt when the reading was interrupted: half of an estate is not what was asked about.
    """
    if save is not None:
        check_new(save, "--save-snapshot")
        return _loaded(live, paths, save, clusters, show, quiet=quiet, passing=False)
    with tempfile.TemporaryDirectory(prefix="egress-audit-") as folder:
        return _loaded(live, paths, Path(folder) / "live", clusters, show, quiet=quiet, passing=True)


def check_new(folder: Path, option: str) -> None:
    """Refuse, before anything is read, to write among other files."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{option} {folder}: is a file; expected a folder")
    if folder.is_dir() and any(folder.iterdir()):
        raise UsageError(f"{option} {folder}: the folder is not empty; name a new one")


def _loaded(
    live: Live,
    paths: Sequence[Path],
    folder: Path,
    clusters: Sequence[str],
    show: Progress | None,
    *,
    quiet: bool,
    passing: bool,
) -> Snapshot:
    from auditor.audit import load_snapshot
    from auditor.collectors.folder import Folder

    # A cluster of another source may need what lies here, so only a source by itself is read for some clusters.
    result = collected(live, folder, () if paths else clusters, show)
    if result.interrupted:
        if not passing:
            tell(f"what was read until then is in {folder}")
        raise KeyboardInterrupt
    if not quiet:
        for line in coverage_lines(result.reads, result.calls):
            tell(line)
    return load_snapshot(Folder(folder, live.title, passing=passing), *paths)
