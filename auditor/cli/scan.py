"""`egress-audit scan`: audit clusters and report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from auditor.cli.command import Command
from auditor.cli.errors import tell
from auditor.cli.exit_codes import THRESHOLDS, ExitCode, Tolerance, exit_code, shortcomings
from auditor.cli.history_options import Keeping, history_options
from auditor.cli.output import check_targets, colored, deliver, output_options, parse_reports, width_for
from auditor.cli.progress import progress
from auditor.cli.reading_options import Reading, policy_option, reading_options, settings_options
from auditor.cli.sources import Sources, forms, source_options

if TYPE_CHECKING:
    from auditor.audit import Policy
    from auditor.model.finding import Report

_POLICY_FILE = "egress-policy.yaml"

_EPILOG = """\b
Examples:
  egress-audit scan --subscription payments-prod
  egress-audit scan --subscription payments-prod --snapshot hub/ --save-snapshot estate/
  egress-audit scan --example broken
  egress-audit scan --snapshot spoke/ --snapshot hub/ --cluster aks-payments -v
  egress-audit scan --snapshot estate/ --policy aks-2019-05-14 --strict
  egress-audit scan --snapshot estate/ --format json --output report.json
  egress-audit scan --snapshot estate/ --report table=report.txt --report json=report.json
  egress-audit scan --snapshot estate/ --history sqlite:///runs.db --new-only
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Printing:
    """How and where the report is written."""

    format_: str
    output: Path | None
    reports: Sequence[tuple[str, Path]]
    color: str
    width: int | None
    verbose: bool
    limit: int
    quiet: bool


@click.command("scan", cls=Command, epilog=_EPILOG)
@source_options
@policy_option
@reading_options
@settings_options
@click.option(
    "--cluster", "clusters", metavar="NAME|ID", multiple=True, help="Audit only this one. Repeatable."
)
@click.option(
    "--fail-on",
    type=click.Choice(THRESHOLDS),
    default="error",
    show_default=True,
    help="Exit 1 for findings of this severity or worse.",
)
@click.option("--allow-incomplete", is_flag=True, help="Exit 0 instead of 3 when something was not read.")
@click.option("--allow-empty", is_flag=True, help="Exit 0 instead of 3 when there is no cluster.")
@history_options
@output_options
@click.option(
    "--report",
    "reports",
    metavar="FORMAT=FILE",
    multiple=True,
    callback=parse_reports,
    help="Write one more report. Repeatable.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=3,
    show_default=True,
    help="Show so many sets of a finding about excess; 0 shows all.",
)
@click.option("-v", "--verbose", is_flag=True, help="Add the path of each finding, and list the assumptions.")
@click.option("--quiet", is_flag=True, help="No progress and no remarks on stderr.")
def scan(
    clusters: tuple[str, ...],
    fail_on: str,
    allow_incomplete: bool,
    allow_empty: bool,
    **options: Any,
) -> int:
    """Audit what AKS clusters need, and whether it gets out.

    SOURCE is --subscription ID|NAME, --snapshot PATH or --example NAME; several are united.
    """
    printing = Printing(**{name: options.pop(name) for name in Printing.__dataclass_fields__})
    sources = Sources.take(options)
    keeping = Keeping.take(options)
    reading = Reading(**options)
    if not sources.given:
        click.echo(forms("scan"), err=True)
        return ExitCode.USAGE
    check_targets(printing.output, *(path for _, path in printing.reports))
    if Path(_POLICY_FILE).is_file() and not printing.quiet:
        tell(f"{_POLICY_FILE} is not used: policy files are not available in this version")
    keeping.open()
    policy = reading.policy()
    report = _audit(sources, policy, clusters, printing)
    report = keeping.keep(report, policy, clusters, quiet=printing.quiet)
    _print(report, printing)
    if keeping.failure is not None:
        raise keeping.failure
    tolerance = Tolerance(
        fail_on=fail_on,
        allow_incomplete=allow_incomplete,
        allow_empty=allow_empty,
        new_only=keeping.new_only,
    )
    if not printing.quiet:
        for text in shortcomings(report, tolerance):
            tell(f"audit incomplete: {text}")
    return exit_code(report, tolerance)


def _audit(sources: Sources, policy: Policy, clusters: Sequence[str], printing: Printing) -> Report:
    from auditor.audit import check

    with progress(quiet=printing.quiet, verbose=printing.verbose) as show:
        snapshot = sources.load(show, clusters=clusters, quiet=printing.quiet)
        return check(snapshot, policy, clusters=clusters, progress=show)


def _print(report: Report, printing: Printing) -> None:
    from auditor.audit import render

    targets: list[tuple[str, Path | None]] = [*printing.reports, (printing.format_, printing.output)]
    for name, target in targets:
        text = render(
            report,
            name,
            width=width_for(printing.width, target),
            color=colored(printing.color, target),
            verbose=printing.verbose,
            limit=printing.limit,
        )
        deliver(text, target)
