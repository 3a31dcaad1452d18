"""`egress-audit policy`: check and begin the policy of an organisation."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from auditor.cli.command import Group
from auditor.cli.exit_codes import ExitCode
from auditor.cli.output import check_targets, deliver, width_for
from auditor.cli.progress import progress
from auditor.cli.reading_options import Reading, reading_options, settings_options, today_option
from auditor.cli.sources import Sources, source_options
from auditor.errors import InputError

if TYPE_CHECKING:
    from auditor.policy.policy import Policy

_FILE = "egress-policy.yaml"

_EPILOG = """\b
Examples:
  egress-audit policy init --snapshot estate/ --output egress-policy.yaml
  egress-audit policy check egress-policy.yaml
  egress-audit policy schema > egress-policy.schema.json
"""


@click.group("policy", cls=Group, epilog=_EPILOG, no_args_is_help=False)
def policy() -> None:
    """Check an organisation's policy, or begin one from what leaves today.

    The policy says what may leave beyond what AKS needs, what never may, and which findings are accepted until when.
    """


@policy.command(
    "check",
    short_help="Check a policy file.",
    epilog="\b\nExamples:\n  egress-audit policy check egress-policy.yaml\n",
)
@click.argument("file", metavar="[FILE]", type=click.Path(path_type=Path), default=Path(_FILE))
@today_option
def check(file: Path, today: date) -> int:
    """Check a policy file and print what it says in short; FILE is egress-policy.yaml when not given.

    Exit code 0 when it can be used, 2 with file, line and column when not.
    """
    from auditor.policy.organisation_summary import summary
    from auditor.policy.policy import load_policy
    from auditor.reporters.terminal_text import safe
    from auditor.reporters.wrap import wrap

    loaded = load_policy(_as_path(file))
    columns = width_for(None, None)
    lines = [line for text in summary(loaded, today) for line in wrap(safe(text), columns, rest="  ")]
    deliver("\n".join(lines) + "\n", None)
    return ExitCode.CLEAN


@policy.command(
    "init",
    short_help="Begin a policy file.",
    epilog="\b\nExamples:\n"
    "  egress-audit policy init --example broken\n"
    "  egress-audit policy init --snapshot estate/ --output egress-policy.yaml\n",
)
@source_options
@click.option("--edition", metavar="EDITION", help="The baseline to extend; default: the newest.")
@reading_options
@settings_options
@click.option(
    "--cluster", "clusters", metavar="NAME|ID", multiple=True, help="Look only at this one. Repeatable."
)
@click.option(
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write to a file, which must not exist yet, instead of stdout.",
)
@click.option("--quiet", is_flag=True, help="No progress and no remarks on stderr.")
def init(
    edition: str | None, clusters: tuple[str, ...], output: Path | None, quiet: bool, **options: Any
) -> int:
    """Begin a policy file, with comments that explain it.

    With a SOURCE (--subscription ID|NAME, --snapshot PATH, --example NAME) what leaves there today beyond the edition
    becomes rows under allow, each to be reviewed: a scan with that policy finds no excess.
    """
    from auditor.policy.baseline import newest
    from auditor.reporters.policy_draft import policy_draft

    check_targets(output)
    if output is not None and output.exists():
        raise InputError("exists already; name another file, or move it away", place=str(output))
    sources = Sources.take(options)
    reading = Reading(**options, edition=edition or newest())
    loaded = reading.policy(quiet=quiet)
    if loaded.organisation is not None:
        raise InputError("expected an edition, found a policy file", place="--edition")
    report = None
    if sources.given:
        from auditor.audit import check as audit

        with progress(quiet=quiet) as show:
            snapshot = sources.load(show, clusters=clusters, quiet=quiet)
            report = audit(snapshot, loaded, clusters=clusters, progress=show)
    settings = _settings(loaded, reading, output.parent if output is not None else Path())
    deliver(policy_draft(loaded.edition.edition, settings, report), output)
    return ExitCode.CLEAN


@policy.command(
    "schema",
    short_help="Print the JSON Schema of policy files.",
    epilog="\b\nExamples:\n  egress-audit policy schema > egress-policy.schema.json\n",
)
def schema() -> int:
    """Print the JSON Schema of policy files, for editors that check and complete YAML by one."""
    from auditor import resources

    file = resources.policies() / "schemas" / "egress-policy.schema.json"
    deliver(file.read_text(encoding="utf-8"), None)
    return ExitCode.CLEAN


def _as_path(file: Path) -> str:
    """The file as a path even where its name is that of an edition."""
    return str(file) if len(file.parts) > 1 or file.suffix else f"./{file}"


def _settings(loaded: Policy, reading: Reading, folder: Path) -> Mapping[str, object]:
    """What was given as options, as the settings of a file in a folder."""
    found: dict[str, object] = dict(reading.settings())
    if loaded.settings.strict:
        found["strict"] = True
    if loaded.settings.not_assumed:
        found["notAssumed"] = sorted(loaded.settings.not_assumed)
    if loaded.pins:
        found["addresses"] = {name: list(held.cidrs()) for name, held in sorted(loaded.pins.items())}
    if reading.appliances:
        found["appliances"] = [os.path.relpath(path, folder) for path in reading.appliances]
    if reading.service_tags:
        found["serviceTags"] = [os.path.relpath(path, folder) for path in reading.service_tags]
    return found
