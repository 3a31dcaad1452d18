"""Where results go: to stdout or, written aside and then renamed, to a file."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import click

from auditor.cli.command import all_of
from auditor.cli.errors import silence_stdout
from auditor.errors import InputError, UsageError

FORMATS = ("table", "json")
_FORMAT_WORDS = frozenset({*FORMATS, "sarif", "html", "markdown", "csv", "junit", "ocsf"})
_UNKNOWN_WIDTH = 100
_WIDEST = 120


def _output_file(context: click.Context, option: click.Parameter, value: Path | None) -> Path | None:
    if value is not None and str(value).lower() in _FORMAT_WORDS:
        word = str(value).lower()
        hint = f"for the format say --format {word}, for a file of that name ./{value}"
        raise click.UsageError(f"{option.opts[0]} takes a file; {hint}", context)
    return value


format_option = click.option(
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    default="table",
    show_default=True,
    help="How to print.",
)

output_options = all_of(
    format_option,
    click.option(
        "--output",
        metavar="FILE",
        type=click.Path(path_type=Path),
        callback=_output_file,
        help="Write to a file instead of stdout.",
    ),
    click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        show_default=True,
        help="Colours; auto: on a terminal, unless NO_COLOR is set.",
    ),
    click.option("--width", type=click.IntRange(1, 1000), hidden=True, help="Columns of the table."),
)


def parse_reports(
    context: click.Context, option: click.Parameter, values: tuple[str, ...]
) -> tuple[tuple[str, Path], ...]:
    """The pairs of several `--report FORMAT=FILE`."""
    pairs: list[tuple[str, Path]] = []
    for value in values:
        name, equals, path = value.partition("=")
        if not equals or not path or name not in FORMATS:
            expected = f"expected FORMAT=FILE with FORMAT one of {', '.join(FORMATS)}"
            raise click.BadParameter(f"{value!r}: {expected}", context, option)
        pairs.append((name, Path(path)))
    return tuple(pairs)


def check_targets(*targets: Path | None) -> None:
    """Refuse, before any work is done, files that cannot be written or that are named twice."""
    seen: set[Path] = set()
    for target in targets:
        if target is None:
            continue
        if target.is_dir():
            raise InputError("is a folder; expected a file to write", place=str(target))
        if not target.parent.is_dir():
            raise InputError("cannot be written: its folder does not exist", place=str(target))
        if target.resolve() in seen:
            raise UsageError(f"{target} is named for two reports")
        seen.add(target.resolve())


def deliver(text: str, target: Path | None) -> None:
    """The text to a file, or to stdout; a reader that goes away early is no error."""
    if target is not None:
        _write_file(text, target)
        return
    if sys.stdout is None:
        raise UsageError("stdout is closed; give --output FILE")
    try:
        encoding = sys.stdout.encoding or "utf-8"
        sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
        sys.stdout.flush()
    except BrokenPipeError:
        silence_stdout()
    except OSError as error:
        silence_stdout()
        raise InputError(f"cannot be written: {error.strerror}", place="stdout") from error


def _write_file(text: str, target: Path) -> None:
    data = text.encode("utf-8", "backslashreplace")
    try:
        if target.exists() and not target.is_file():
            target.write_bytes(data)  # a device or a pipe cannot be renamed over
            return
        _replace(data, target.resolve())
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", place=str(target)) from error


def _replace(data: bytes, target: Path) -> None:
    """Write beside the target, then rename: a reader sees the old file or the whole new one."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:40]}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        os.chmod(name, _mode(target))  # noqa: PTH101 - a plain name from mkstemp
        os.replace(name, target)  # noqa: PTH105
    except BaseException:  # a half-written file must go whatever ends the run, Ctrl-C included
        with suppress(OSError):
            os.unlink(name)  # noqa: PTH108
        raise


def _mode(target: Path) -> int:
    """The mode of the file that is replaced, else that of any new file."""
    if target.exists():
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def colored(choice: str, target: Path | None) -> bool:
    """Whether to use colour: `auto` means on a terminal that wants it."""
    if choice != "auto":
        return choice == "always"
    if target is not None or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return sys.stdout is not None and sys.stdout.isatty()


def width_for(given: int | None, target: Path | None) -> int:
    """Columns to lay out for: as given, as the terminal has (long lines read badly), else 100."""
    if given is not None:
        return given
    if os.environ.get("COLUMNS", "").isdecimal() or (target is None and sys.stdout and sys.stdout.isatty()):
        return min(shutil.get_terminal_size((_UNKNOWN_WIDTH, 24)).columns, _WIDEST)
    return _UNKNOWN_WIDTH
