"""`egress-audit baseline`: the editions of what AKS clusters need."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from auditor.cli.command import Group
from auditor.cli.exit_codes import ExitCode
from auditor.cli.output import deliver, format_option, width_for

if TYPE_CHECKING:
    from auditor.reporters.interface import Options

_EPILOG = """\b
Examples:
  egress-audit baseline list
  egress-audit baseline show aks-2026-06-18
  egress-audit baseline show aks-2019-05-14 --format json
  egress-audit baseline diff aks-2019-05-14 aks-2026-06-18
"""


def _complete(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from auditor.policy.baseline import editions

    return [CompletionItem(name) for name in editions() if name.startswith(incomplete)]


@click.group("baseline", cls=Group, epilog=_EPILOG, no_args_is_help=False)
def baseline() -> None:
    """List, show and compare the editions of what AKS clusters need.

    An edition is one published page of one date: every endpoint, when it is needed, and what breaks without it.
    """


@baseline.command(
    "list", short_help="List the editions.", epilog="\b\nExamples:\n  egress-audit baseline list\n"
)
@format_option
def list_(format_: str) -> int:
    """List the editions, oldest first; the last one is the default."""
    from auditor.policy.baseline import editions, load_edition
    from auditor.reporters.baseline_json import editions_json
    from auditor.reporters.baseline_text import editions_text

    loaded = [load_edition(name) for name in editions()]
    deliver(editions_json(loaded) if format_ == "json" else editions_text(loaded, _options()), None)
    return ExitCode.CLEAN


@baseline.command(
    "show",
    short_help="Show an edition with its rows.",
    epilog="\b\nExamples:\n  egress-audit baseline show aks-2019-05-14\n",
)
@click.argument("edition", shell_complete=_complete)
@format_option
def show(edition: str, format_: str) -> int:
    """Show an edition: where it was published, what to know about it, and all of its rows."""
    from auditor.policy.baseline import load_edition
    from auditor.reporters.baseline_json import edition_json
    from auditor.reporters.baseline_text import edition_text

    loaded = load_edition(edition)
    deliver(edition_json(loaded) if format_ == "json" else edition_text(loaded, _options()), None)
    return ExitCode.CLEAN


@baseline.command(
    "diff", epilog="\b\nExamples:\n  egress-audit baseline diff aks-2019-05-14 aks-2026-06-18\n"
)
@click.argument("before", metavar="EDITION", shell_complete=_complete)
@click.argument("after", metavar="EDITION", shell_complete=_complete)
@format_option
def diff(before: str, after: str, format_: str) -> int:
    """Compare two editions: endpoints that came, that went, and that are asked for differently."""
    from auditor.policy.baseline import load_edition
    from auditor.policy.edition_diff import diff_editions
    from auditor.reporters.baseline_json import diff_json
    from auditor.reporters.baseline_text import diff_text

    found = diff_editions(load_edition(before), load_edition(after))
    deliver(diff_json(found) if format_ == "json" else diff_text(found, _options()), None)
    return ExitCode.CLEAN


def _options() -> Options:
    from auditor.reporters.interface import Options

    return Options(width=width_for(None, None))
