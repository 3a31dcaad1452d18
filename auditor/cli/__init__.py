"""The command line: options in, exit code out; the only place that prints or exits."""

from __future__ import annotations

import gc
import os
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

import click

from auditor import __version__
from auditor.cli.command import LazyGroup, State
from auditor.cli.errors import guarded
from auditor.cli.exit_codes import ExitCode

PROGRAM = "egress-audit"
_COMPLETE = "_EGRESS_AUDIT_COMPLETE"

COMMANDS = {
    "scan": "Audit what AKS clusters need and whether it gets out.",
    "collect": "Read a live subscription and keep it as a snapshot.",
    "doctor": "Check login and rights for a live scan, and print the role.",
    "trace": "Answer single questions, with the path hop by hop.",
    "diff": "Compare two snapshots or policies: what got more, what less.",
    "report": "Tell what is new, mended and persisting since an earlier run.",
    "policy": "Check an organisation's policy, or begin one.",
    "baseline": "List, show and compare the editions of what AKS needs.",
    "rules": "List the rules, or explain one.",
    "completion": "Print the completion script of a shell.",
}

_EPILOG = f"""\b
Examples:
  {PROGRAM} scan --example broken
  {PROGRAM} scan --snapshot spoke/ --snapshot hub/ --format json --output report.json
  {PROGRAM} trace --example broken --to mcr.microsoft.com:443/https

\b
Exit codes:
  0  nothing at or above --fail-on, audit complete
  1  findings at or above --fail-on
  2  wrong usage or unreadable input: nothing was audited
  3  audit incomplete, and no finding at or above --fail-on
  4  internal error
  130  interrupted
"""


@click.group(name=PROGRAM, cls=LazyGroup, lazy=COMMANDS, epilog=_EPILOG, no_args_is_help=False)
@click.version_option(__version__, prog_name=PROGRAM)
def cli() -> None:
    """Audit what traffic can leave Azure AKS clusters: what is needed and blocked, and which rule decides."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and end the process with its exit code; `arguments` default to the process's own."""
    instruction = os.environ.get(_COMPLETE)
    if instruction:
        from click.shell_completion import shell_complete

        sys.exit(shell_complete(cli, {}, PROGRAM, _COMPLETE, instruction))
    # A run is short and makes few cycles; looking for them took a third of the time of a large scan.
    gc.set_threshold(200_000, 20, 50)
    state = State()
    given = list(sys.argv[1:] if arguments is None else arguments)
    code = guarded(lambda: _invoke(given, state), state)
    if code == ExitCode.INTERRUPTED and threading.active_count() > 1:
        _leave(code)
    sys.exit(code)


def _leave(code: int) -> NoReturn:
    """End now: reads that are under way may take a minute to be given up, and Python would wait for them."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(code)


def _invoke(arguments: list[str], state: State) -> int:
    with cli.make_context(PROGRAM, arguments, obj=state) as context:
        code = cli.invoke(context)
    return int(code) if code is not None else ExitCode.CLEAN
