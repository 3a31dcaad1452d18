"""Our kinds of click commands: a group that imports a command when it is used, and commands with `--debug`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import click


@dataclass(slots=True)
class State:
    """What the command line remembers beside its options."""

    debug: bool = False
    """Show the traceback of an internal error."""


def _remember_debug(context: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        context.ensure_object(State).debug = True


def debug_option() -> click.Option:
    """`--debug`, which every command takes, before or behind its name."""
    return click.Option(
        ["--debug"],
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=_remember_debug,
        help="Show the traceback of an internal error.",
    )


class Command(click.Command):
    """A command that takes `--debug` and `-h`."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.params.append(debug_option())
        self.context_settings.setdefault("help_option_names", ["-h", "--help"])


class Group(click.Group):
    """A group of such commands."""

    command_class = Command

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.params.append(debug_option())
        self.context_settings.setdefault("help_option_names", ["-h", "--help"])


class LazyGroup(Group):
    """A group whose commands are modules of this package; listing them imports none of them."""

    def __init__(self, *args: Any, lazy: Mapping[str, str], **options: Any) -> None:
        super().__init__(*args, **options)
        self._lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order of their importance."""
        return [*self._lazy, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, imported now."""
        if cmd_name not in self._lazy:
            return super().get_command(ctx, cmd_name)
        command = getattr(import_module(f"auditor.cli.{cmd_name}"), cmd_name)
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The list in the help, from the short texts given here."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self._lazy.items()))


Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]
"""What adds options to a command."""


def all_of(*decorators: Decorator) -> Decorator:
    """The decorators as one; the help lists their options in this order."""

    def apply(function: Callable[..., Any]) -> Callable[..., Any]:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return apply
