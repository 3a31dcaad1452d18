"""`egress-audit scan`: audit clusters and report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from auditor.cli.command import Command
from auditor.cli.errors import tell
from auditor.cli.exit_codes import THRESHOLDS, ExitCode, Tolerance, exit_code, shortcomings
from auditor.cli.history_options import Keeping, history_options
from auditor.cli.progress import progress
from auditor.cli.reading_options import (
    Reading,
    policy_option,
    reading_options,
    settings_options,
    today_option,
)
from auditor.cli.report_options import Printing, report_options, scope_of, write_reports
from auditor.cli.sources import Sources, forms, source_options

if TYPE_CHECKING:
    from auditor.audit import Policy
    from auditor.model.finding import Report

_EPILOG = """\b
Examples:
  egress-audit scan --subscription payments-prod
  egress-audit scan --subscription payments-prod --snapshot hub/ --save-snapshot estate/
  egress-audit scan --example broken
  egress-audit scan --snapshot spoke/ --snapshot hub/ --cluster aks-payments -v
  egress-audit scan --snapshot estate/ --policy aks-2019-05-14 --strict
  egress-audit scan --snapshot estate/ --policy egress-policy.yaml --fail-on warning
  egress-audit scan --snapshot estate/ --format json --output report.json
  egress-audit scan --snapshot estate/ --report sarif=egress.sarif --report markdown=summary.md
  egress-audit scan --snapshot estate/ --history sqlite:///runs.db --new-only
"""


@click.command("scan", cls=Command, epilog=_EPILOG)
@source_options
@policy_option
@today_option
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
@report_options
def scan(
    clusters: tuple[str, ...],
    fail_on: str,
    allow_incomplete: bool,
    allow_empty: bool,
    today: date,
    **options: Any,
) -> int:
    """Audit what AKS clusters need, and whether it gets out.

    SOURCE is --subscription ID|NAME, --snapshot PATH or --example NAME; several are united.
    """
    printing = Printing.take(options)
    sources = Sources.take(options)
    keeping = Keeping.take(options)
    reading = Reading(**options)
    if not sources.given:
        click.echo(forms("scan"), err=True)
        return ExitCode.USAGE
    policy = reading.policy(quiet=printing.quiet)
    keeping.open()
    report = _audit(sources, policy, clusters, today, printing)
    report = keeping.keep(report, policy, clusters, quiet=printing.quiet)
    tolerance = Tolerance(
        fail_on=fail_on,
        allow_incomplete=allow_incomplete,
        allow_empty=allow_empty,
        new_only=keeping.new_only,
    )
    short = shortcomings(report, tolerance)
    refused = write_reports(report, printing, scope_of(sources, clusters), complete=not short)
    if keeping.failure is not None:
        raise keeping.failure
    if not printing.quiet:
        for text in short:
            tell(f"audit incomplete: {text}")
    for target in refused:
        tell(
            f"{target}: not written: alerts that the SARIF of an incomplete audit lacks would count as mended "
            "(--allow-incomplete writes it all the same)"
        )
    return ExitCode.INCOMPLETE if refused else exit_code(report, tolerance)


def _audit(
    sources: Sources, policy: Policy, clusters: Sequence[str], today: date, printing: Printing
) -> Report:
    from auditor.audit import check

    with progress(quiet=printing.quiet, verbose=printing.verbose) as show:
        snapshot = sources.load(show, clusters=clusters, quiet=printing.quiet)
        return check(snapshot, policy, clusters=clusters, progress=show, today=today)
