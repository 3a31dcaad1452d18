"""`egress-audit report`: what became of the stored runs."""

from __future__ import annotations

from pathlib import Path

import click

from auditor.cli.command import Command
from auditor.cli.exit_codes import ExitCode
from auditor.cli.history_options import history_url_option, open_history
from auditor.cli.output import check_targets, colored, deliver, output_options_of, width_for
from auditor.errors import UsageError

FORMATS = ("table", "json", "markdown", "html")

_EPILOG = """\b
Examples:
  egress-audit report --history sqlite:///runs.db
  egress-audit report --history sqlite:///runs.db --since 2026-06-01 -v
  egress-audit report --history sqlite:///runs.db --since 2026-06-01 --format html --output june.html
  egress-audit report --history postgresql+psycopg://auditor@db.example/egress --format markdown

\b
Exit codes:
  0  the report is made, whatever it says
  2  wrong usage, or the history cannot be read
"""


@click.command("report", cls=Command, epilog=_EPILOG)
@history_url_option
@click.option(
    "--since",
    metavar="DATE",
    help="Compare with the state before this day or time, YYYY-MM-DD; by default with the run before the last.",
)
@output_options_of(FORMATS)
@click.option("-v", "--verbose", is_flag=True, help="List in the table what persists, too.")
def report(
    history: str | None,
    since: str | None,
    format_: str,
    output: Path | None,
    color: str,
    width: int | None,
    verbose: bool,
) -> int:
    """Tell what is new, mended, persisting and not comparable since an earlier run that was stored.

    With clusters over time, and the waivers that are about to end.
    """
    if history is None:
        raise UsageError("--history URL says where the runs are stored; scan with --history stores them")
    check_targets(output)
    database = open_history(history)
    from auditor.history.periodic import periodic
    from auditor.reporters.interface import Options
    from auditor.reporters.register import periodic_reporter

    options = Options(width=width_for(width, output), color=colored(color, output), verbose=verbose)
    deliver(periodic_reporter(format_).render(periodic(database, since), options), output)
    return ExitCode.CLEAN
