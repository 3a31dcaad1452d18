"""`egress-audit diff`: what got more and what got less between two snapshots or policies."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from auditor.cli.command import Command
from auditor.cli.errors import tell
from auditor.cli.exit_codes import ExitCode
from auditor.cli.output import check_targets, colored, deliver, output_options, width_for
from auditor.cli.progress import progress
from auditor.cli.reading_options import Reading, policy_option, reading_options, settings_options
from auditor.cli.sources import example_names, resolve

if TYPE_CHECKING:
    from auditor.model.difference import Difference

_EXAMPLE = "example:"
_PRINTING = ("format_", "output", "color", "width", "verbose", "limit", "quiet")

_EPILOG = """\b
Examples:
  egress-audit diff example:locked-down example:broken
  egress-audit diff before/ after/ --cluster aks-payments -v
  egress-audit diff spoke-before/ spoke-after/ --also hub/ --fail-on excess
  egress-audit diff estate/ estate/ --old-policy aks-2019-05-14 --new-policy aks-2026-06-18
  egress-audit diff before/ after/ --format json --output diff.json

\b
Exit codes:
  0  nothing leaves that did not before, and no required endpoint got worse
  1  something leaves that did not before (--fail-on), or a required endpoint got worse
  2  wrong usage or unreadable input: nothing was compared
  3  not 1, but it is not known whether it is: something essential was not read on a side, more may leave
     (also where neither side can tell, and not for the same reason), a required endpoint may have got worse, or
     a side has no cluster
"""


def _complete(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    names = [f"{_EXAMPLE}{name}" for name in example_names()]
    found = [CompletionItem(name) for name in names if name.startswith(incomplete)]
    return found or [CompletionItem(incomplete, type="file")]


@click.command("diff", cls=Command, epilog=_EPILOG)
@click.argument("old", metavar="OLD", shell_complete=_complete)
@click.argument("new", metavar="NEW", shell_complete=_complete)
@click.option("--also", metavar="PATH", multiple=True, help="Read this on both sides, too. Repeatable.")
@click.option(
    "--old-policy", metavar="FILE|EDITION", help="What is needed on the old side; default: --policy."
)
@click.option(
    "--new-policy", metavar="FILE|EDITION", help="What is needed on the new side; default: --policy."
)
@policy_option
@reading_options
@settings_options
@click.option(
    "--cluster", "clusters", metavar="NAME|ID", multiple=True, help="Compare only this one. Repeatable."
)
@click.option(
    "--fail-on",
    type=click.Choice(["more", "excess", "never"]),
    default="more",
    show_default=True,
    help="Exit 1 when more leaves, or only when more leaves beyond what the cluster needs.",
)
@click.option("--allow-incomplete", is_flag=True, help="Exit 0 instead of 3 when something is not known.")
@output_options
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    help="Show so many sets of each part; 0 shows all. Default: 3, in JSON all.",
)
@click.option("-v", "--verbose", is_flag=True, help="Add the path of each part, and list the assumptions.")
@click.option("--quiet", is_flag=True, help="No progress and no remarks on stderr.")
def diff(
    old: str,
    new: str,
    also: tuple[str, ...],
    old_policy: str | None,
    new_policy: str | None,
    clusters: tuple[str, ...],
    fail_on: str,
    allow_incomplete: bool,
    **options: Any,
) -> int:
    """Compare what leaves AKS clusters in two snapshots, or by two policies: the exact sets and the rules.

    OLD and NEW are folders or files of ARM documents, or example:NAME for a bundled estate. They may be the same,
    with different policies.
    """
    printing = {name: options.pop(name) for name in _PRINTING}
    edition = options.pop("edition")
    readings = [Reading(**options, edition=one or edition) for one in (old_policy, new_policy)]
    check_targets(printing["output"])
    paths = [resolve(*_sources((side, *also))) for side in (old, new)]
    found = _compare(paths, readings, clusters, quiet=printing["quiet"])
    _print(found, printing)
    return _exit_code(found, fail_on, allow_incomplete=allow_incomplete, quiet=printing["quiet"])


def _sources(given: Sequence[str]) -> tuple[list[Path], list[str]]:
    """Paths, and names of examples."""
    paths = [Path(text) for text in given if not text.startswith(_EXAMPLE)]
    return paths, [text.removeprefix(_EXAMPLE) for text in given if text.startswith(_EXAMPLE)]


def _compare(
    paths: Sequence[Sequence[Path]], readings: Sequence[Reading], clusters: Sequence[str], *, quiet: bool
) -> Difference:
    from auditor.audit import load_snapshot
    from auditor.audit.diff import diff as compare

    # a policy found in this folder is spoken of once
    policies = [reading.policy(quiet=quiet or bool(side)) for side, reading in enumerate(readings)]
    with progress(quiet=quiet) as show:
        snapshots = []
        for done, side in enumerate(paths):
            if show is not None:
                show("reading", done, len(paths))
            snapshots.append(load_snapshot(*side))
        if show is not None:
            show("reading", len(paths), len(paths))
        return compare(snapshots[0], policies[0], snapshots[1], policies[1], clusters=clusters, progress=show)


def _print(found: Difference, printing: dict[str, Any]) -> None:
    from auditor.reporters.interface import Options
    from auditor.reporters.register import diff_reporter

    name, target, limit = printing["format_"], printing["output"], printing["limit"]
    options = Options(
        width=width_for(printing["width"], target),
        color=colored(printing["color"], target),
        verbose=printing["verbose"],
        limit=limit if limit is not None else 0 if name == "json" else Options().limit,
    )
    deliver(diff_reporter(name).render(found, options), target)


def _exit_code(found: Difference, fail_on: str, *, allow_incomplete: bool, quiet: bool) -> ExitCode:
    """More or worse comes first, then what is not known."""
    more = {"more": found.got_more, "excess": found.got_excess}.get(fail_on, False)
    reasons = found.open
    if reasons and not allow_incomplete and not quiet:
        tell(f"comparison incomplete: {'; '.join(reasons)} (--allow-incomplete accepts that)")
    if more or (fail_on != "never" and found.got_worse):
        return ExitCode.FINDINGS
    return ExitCode.INCOMPLETE if reasons and not allow_incomplete else ExitCode.CLEAN
