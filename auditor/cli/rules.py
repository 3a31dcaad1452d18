"""`egress-audit rules`: what the audit looks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from auditor.cli.command import Command
from auditor.cli.exit_codes import ExitCode
from auditor.cli.output import deliver, width_for
from auditor.errors import UsageError

if TYPE_CHECKING:
    from auditor.model.finding import RuleInfo

_EPILOG = """\b
Examples:
  egress-audit rules
  egress-audit rules required-endpoint-blocked
"""


@click.command("rules", cls=Command, epilog=_EPILOG)
@click.argument("rule_id", metavar="[ID]", required=False)
def rules(rule_id: str | None) -> int:
    """List the rules with their severity, or explain one."""
    from auditor.rules.register import INFOS

    infos = list(INFOS)
    deliver(_list(infos) if rule_id is None else _one(rule_id, infos), None)
    return ExitCode.CLEAN


def _list(infos: list[RuleInfo]) -> str:
    from auditor.policy.organisation_file import INCOMPLETENESS
    from auditor.reporters.wrap import wrap

    columns = width_for(None, None)
    name_width = max((len(info.id) for info in infos), default=0)
    lines: list[str] = []
    for info in infos:
        # What these find fails nothing, however severe the lack is: the status says more than the severity.
        level = "unknown" if info.id in INCOMPLETENESS else info.severity.value
        start = f"{level:8} {info.id:{name_width}}  "
        if len(start) > columns // 2:
            lines += [start.rstrip(), *wrap(info.title, columns, " " * 9)]
        else:
            lines += wrap(info.title, columns, start)
    return "\n".join(lines) + "\n"


def _one(rule_id: str, infos: list[RuleInfo]) -> str:
    from auditor.policy.organisation_file import INCOMPLETENESS
    from auditor.reporters.wrap import wrap

    info = next((info for info in infos if info.id == rule_id), None)
    if info is None:
        raise UsageError(f"no rule is called {rule_id!r}; there are {', '.join(info.id for info in infos)}")
    columns = width_for(None, None)
    status = ", status always unknown" if info.id in INCOMPLETENESS else ""
    lines = [f"{info.id} ({info.severity.value}{status})", *wrap(info.title, columns)]
    for paragraph in info.help.strip().split("\n\n") if info.help.strip() else ():
        lines += ["", *wrap(paragraph, columns)]
    if info.controls:
        lines += ["", *(f"{control.standard} {control.id}" for control in info.controls)]
    return "\n".join(lines) + "\n"
