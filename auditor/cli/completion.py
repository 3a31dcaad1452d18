"""`egress-audit completion`: the completion script of a shell."""

from __future__ import annotations

import click

from auditor.cli.command import Command
from auditor.cli.exit_codes import ExitCode
from auditor.cli.output import deliver

_EPILOG = """\b
Examples:
  egress-audit completion bash > ~/.local/share/bash-completion/completions/egress-audit
  egress-audit completion zsh > ~/.zfunc/_egress-audit
  egress-audit completion fish > ~/.config/fish/completions/egress-audit.fish
"""


@click.command("completion", cls=Command, epilog=_EPILOG)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> int:
    """Print the script that makes a shell complete our commands, options, examples and editions."""
    from click.shell_completion import get_completion_class

    from auditor.cli import cli

    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"no completion for {shell}")
    made = kind(cli, {}, "egress-audit", "_EGRESS_AUDIT_COMPLETE")
    # The template itself: source() of bash would start a bash to ask for its version.
    deliver(made.source_template % made.source_vars() + "\n", None)
    return ExitCode.CLEAN
