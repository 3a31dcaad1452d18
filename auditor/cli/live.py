"""A live Azure as a source: read into a folder, which is then a snapshot like any other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.cli.live_options import Live
from auditor.cli.progress import Progress
from auditor.errors import UsageError

if TYPE_CHECKING:
    from auditor.model.snapshot import Snapshot


def loaded(
    live: Live,
    paths: Sequence[Path],
    save: Path | None,
    clusters: Sequence[str],
    show: Progress | None,
    *,
    quiet: bool,
) -> Snapshot:
    """What a live Azure and the paths hold, united."""
    del live, paths, save, clusters, show, quiet
    raise UsageError("reading a live subscription is not finished")
