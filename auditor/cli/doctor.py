"""`egress-audit doctor`: whether a login and its rights suffice for a live scan, and which role would."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from auditor.cli.command import Command
from auditor.cli.exit_codes import ExitCode
from auditor.cli.live_options import Live, live_options, scope_options
from auditor.cli.output import check_targets, colored, deliver, output_options, width_for
from auditor.cli.progress import Progress, progress

if TYPE_CHECKING:
    from auditor.cli.doctor_text import Diagnosis

_EPILOG = """\b
Examples:
  egress-audit doctor
  egress-audit doctor --subscription payments-prod
  egress-audit doctor --subscription hub --subscription payments-prod --deep --verbose
  egress-audit doctor --subscription payments-prod --format json --output doctor.json

\b
Exit codes:
  0  everything essential can be read in every subscription that was named
  2  wrong usage, or no login works
  3  an essential right is missing or not confirmed
"""


@click.command("doctor", cls=Command, epilog=_EPILOG)
@scope_options
@live_options
@output_options
@click.option("-v", "--verbose", is_flag=True, help="List the rights that work, too.")
@click.option("--quiet", is_flag=True, help="No progress on stderr.")
def doctor(**options: Any) -> int:
    """Check whether a login may read what a scan needs, and print the custom role that suffices.

    It asks for the login, the subscriptions that it sees, the registration of providers, the rights that Azure says it
    has, and tries one list of each kind. Without --subscription it lists the subscriptions.
    """
    printing = {
        name: options.pop(name) for name in ("format_", "output", "color", "width", "verbose", "quiet")
    }
    live = Live.take(options)
    live.check(alone=True)
    target = printing["output"]
    check_targets(target)
    with progress(quiet=printing["quiet"], verbose=printing["verbose"]) as show:
        found = _diagnosed(live, show)
    deliver(_text(found, printing), target)
    return ExitCode.CLEAN if found.works else ExitCode.INCOMPLETE


def _diagnosed(live: Live, show: Progress | None) -> Diagnosis:
    from auditor.cli.doctor_text import Diagnosis
    from auditor.cli.live import chosen, connected

    with connected(live) as connection:
        from auditor.collectors.azure.connect import subscriptions
        from auditor.collectors.azure.doctor import examine
        from auditor.collectors.azure.rights import role_actions
        from auditor.collectors.azure.role import role

        seen = subscriptions(connection, everything=True)
        wanted = chosen(connection, live) if live.asked else []
        scopes = examine(
            connection, wanted, resource_groups=live.resource_groups, deep=live.deep, progress=show
        )
        actions = role_actions(deep=live.deep)
        assignable = [f"/subscriptions/{one.id}" for one in wanted]
        return Diagnosis(
            cloud=connection.cloud.name,
            login=f"--auth {live.auth}" if live.auth else "the default chain of logins",
            seen=seen,
            scopes=scopes,
            role=role(actions, assignable, deep=live.deep) if wanted else None,
            calls=sum(connection.calls.values()),
        )


def _text(found: Diagnosis, printing: dict[str, Any]) -> str:
    from auditor.cli.doctor_text import diagnosis_json, diagnosis_text

    if printing["format_"] == "json":
        return diagnosis_json(found)
    target = printing["output"]
    return diagnosis_text(
        found,
        width=width_for(printing["width"], target),
        color=colored(printing["color"], target),
        verbose=printing["verbose"],
    )
