"""Every way in which a command can fail, as a message on stderr and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress

import click

from auditor.cli.command import State
from auditor.cli.exit_codes import ExitCode
from auditor.errors import AuditorError


def guarded(call: Callable[[], int], state: State) -> int:
    """The exit code of `call`, or of what it raised; never a traceback unless `--debug` asked for it."""
    try:
        return _flushed(call())
    except click.exceptions.Exit as end:
        return _flushed(end.exit_code)
    except (KeyboardInterrupt, click.Abort):
        tell("interrupted")
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        silence_stdout()
        return ExitCode.CLEAN
    except click.ClickException as error:
        tell(_usage(error))
        return ExitCode.USAGE
    except AuditorError as error:
        tell(str(error))
        return ExitCode.USAGE
    except Exception as error:  # noqa: BLE001 - the border: whatever is raised must not end as exit code 1
        return _internal(error, state)


def tell(message: str) -> None:
    """One line on stderr; what a terminal could obey is shown as an escape."""
    from auditor.reporters.terminal_text import safe

    if sys.stderr is None:
        return
    with suppress(OSError):
        sys.stderr.write(f"egress-audit: {safe(message)}\n".encode(errors="backslashreplace").decode())
        sys.stderr.flush()


def silence_stdout() -> None:
    """Let nothing more be written to a reader that went away; else Python complains while it ends."""
    with suppress(OSError, ValueError, AttributeError):
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, sys.stdout.fileno())
        os.close(devnull)


def _flushed(code: int) -> int:
    """The code, once all output is delivered; else Python would end with a code of its own."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:
        silence_stdout()
    return code


def _usage(error: click.ClickException) -> str:
    """The message of click on one line, with where to read more."""
    message = " ".join(error.format_message().split())
    context = getattr(error, "ctx", None)
    hint = f" (see {context.command_path} --help)" if context is not None else ""
    return message[:1].lower() + message[1:].removesuffix(".") + hint


def _internal(error: Exception, state: State) -> int:
    if state.debug:
        import traceback

        traceback.print_exception(error)
    detail = " ".join(str(error).split())
    text = f"internal error: {type(error).__name__}" + (f": {detail}" if detail else "")
    tell(text if state.debug else f"{text} (run again with --debug for the traceback, and report it)")
    return ExitCode.INTERNAL
