"""How an audit is reported: the options, and the files and the screen that they lead to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from auditor.cli.command import all_of
from auditor.cli.output import (
    REPORT_FORMATS,
    check_targets,
    colored,
    deliver_all,
    output_options_of,
    parse_reports,
    width_for,
)

if TYPE_CHECKING:
    from auditor.cli.sources import Sources
    from auditor.model.finding import Report
    from auditor.reporters.interface import Options

_WAIVED = ("omit", "suppress")
_CHARACTERS = 60_000  # as the interface of reporters says, which is not imported for a help page


def _anchor(context: click.Context, option: click.Parameter, value: str | None) -> str:
    """The file that results point at; code scanning finds it by a path relative to the repository."""
    from auditor.reporters.sarif_places import relative_uri

    if value is not None and relative_uri(value) is None:
        raise click.BadParameter(f"{value!r}: expected a file below the working folder", context, option)
    return value or ""


report_options = all_of(
    output_options_of(REPORT_FORMATS),
    click.option(
        "--report",
        "reports",
        metavar="FORMAT=FILE",
        multiple=True,
        callback=parse_reports,
        help="Write one more report. Repeatable.",
    ),
    click.option(
        "--sarif-anchor",
        metavar="FILE",
        callback=_anchor,
        help="Let SARIF results that concern no file of yours point at this one.",
    ),
    click.option(
        "--sarif-waived",
        type=click.Choice(_WAIVED),
        default="omit",
        show_default=True,
        help="Leave what is waived out of SARIF, or keep it suppressed.",
    ),
    click.option(
        "--markdown-limit",
        metavar="CHARACTERS",
        type=click.IntRange(min=2000),
        default=_CHARACTERS,
        show_default=True,
        help="Cut the Markdown to this length.",
    ),
    click.option(
        "--limit",
        type=click.IntRange(min=0),
        default=3,
        show_default=True,
        help="Show so many sets of a finding about excess; 0 shows all.",
    ),
    click.option(
        "-v", "--verbose", is_flag=True, help="Add the path of each finding, and list the assumptions."
    ),
    click.option("--quiet", is_flag=True, help="No progress and no remarks on stderr."),
)


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
    sarif_anchor: str
    sarif_waived: str
    markdown_limit: int

    @classmethod
    def take(cls, options: dict[str, Any]) -> Printing:
        """The record of a command's options, which lose those that it takes.

        Raises InputError or UsageError for files that cannot be written or are named twice.
        """
        made = cls(**{field.name: options.pop(field.name) for field in fields(cls)})
        check_targets(made.output, *(path for _, path in made.reports))
        return made

    @property
    def targets(self) -> tuple[tuple[str, Path | None], ...]:
        """Each format with its file; without one, stdout."""
        return (*self.reports, (self.format_, self.output))

    def options(self, target: Path | None, scope: str) -> Options:
        """How a text for this file is wanted."""
        from auditor.reporters.interface import Options

        return Options(
            width=width_for(self.width, target),
            color=colored(self.color, target),
            verbose=self.verbose,
            limit=self.limit,
            scope=scope,
            anchor=self.sarif_anchor,
            suppressions=self.sarif_waived == "suppress",
            characters=self.markdown_limit,
        )


def write_reports(report: Report, printing: Printing, scope: str, *, complete: bool) -> tuple[Path, ...]:
    """Every report to its file or to stdout, all rendered before the first is written.

    Gives the files that were refused: SARIF of an incomplete audit, since code scanning takes what is missing
    in it for mended.
    """
    from auditor.reporters.register import report_reporter

    refused = [
        target for name, target in printing.targets if name == "sarif" and target is not None and not complete
    ]
    texts = [
        (report_reporter(name).render(report, printing.options(target, scope)), target)
        for name, target in printing.targets
        if target is None or name != "sarif" or complete
    ]
    deliver_all(texts)
    return tuple(refused)


def scope_of(sources: Sources, clusters: Sequence[str]) -> str:
    """What was asked to be audited, as the user typed it: it stays as the estate changes."""
    live = sources.live
    words = [
        *live.subscriptions,
        *live.management_groups,
        *(["all-subscriptions"] if live.all_subscriptions else []),
        *live.resource_groups,
        *map(str, sources.snapshots),
        *sources.examples,
    ]
    return "+".join(words) + "".join(f"/{cluster}" for cluster in sorted(clusters))
