"""`egress-audit collect`: read a live Azure and keep what was read, for audits later and elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from auditor.cli.command import Command
from auditor.cli.errors import tell
from auditor.cli.exit_codes import ExitCode
from auditor.cli.live_options import Live, live_options, scope_options
from auditor.cli.output import deliver
from auditor.cli.progress import progress
from auditor.errors import UsageError

_EPILOG = """\b
Examples:
  egress-audit collect --subscription payments-prod --output-dir estate/
  egress-audit collect --subscription payments-prod --output-dir estate/ --resume
  egress-audit collect --subscription hub --subscription payments-prod --output-dir estate/ --verbose
  egress-audit collect --all-subscriptions --auth managed-identity --output-dir estate/

\b
Exit codes:
  0    everything essential was read
  2    wrong usage, no login, no such cluster or group, or a folder that cannot be written
  3    an essential read failed; the snapshot is written, and says so
  130  interrupted; the snapshot holds what was read, and --resume goes on
"""


@click.command("collect", cls=Command, epilog=_EPILOG)
@scope_options
@click.option(
    "--output-dir",
    "folder",
    metavar="DIR",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Write the snapshot to this folder, which is made.",
)
@click.option("--resume", is_flag=True, help="Go on with a collection that did not end.")
@click.option(
    "--cluster",
    "clusters",
    metavar="NAME|ID",
    multiple=True,
    help="Read only what this one needs. Repeatable.",
)
@live_options
@click.option("-v", "--verbose", is_flag=True, help="Say how far it is where there is no terminal.")
@click.option("--quiet", is_flag=True, help="No progress and no remarks on stderr.")
def collect(
    folder: Path, resume: bool, clusters: tuple[str, ...], verbose: bool, quiet: bool, **options: Any
) -> int:
    """Read what audits of AKS clusters need from a live Azure, and keep it as a snapshot.

    Reads only, with your own login; the Reader role suffices. `egress-audit scan --snapshot DIR` audits it.
    """
    from auditor.cli.coverage_text import coverage_lines, incomplete
    from auditor.cli.live import check_new, collected

    live = Live.take(options)
    live.check()
    if not live.asked:
        raise UsageError("nothing to read; name a subscription with --subscription ID|NAME")
    if not resume:
        check_new(folder, "--output-dir")
    with progress(quiet=quiet, verbose=verbose) as show:
        result = collected(live, folder, clusters, show, resume=resume)
    deliver("".join(f"{line}\n" for line in coverage_lines(result.reads, result.calls)), None)
    if result.interrupted:
        tell(f"interrupted; what was read is in {folder}, and --resume goes on")
        return ExitCode.INTERRUPTED
    return ExitCode.INCOMPLETE if incomplete(result.reads) else ExitCode.CLEAN
