"""Where results go: to stdout or, written aside and then renamed, to a file."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import click

from auditor.cli.command import Decorator, all_of
from auditor.cli.errors import silence_stdout
from auditor.errors import InputError, UsageError

FORMATS = ("table", "json")
"""What every command can print."""
REPORT_FORMATS = ("table", "json", "sarif", "html", "markdown", "csv", "junit", "ocsf")
"""What an audit can be reported as; the register is not imported for a help page, a test holds the two together."""
_FORMAT_WORDS = frozenset(REPORT_FORMATS)
_UNKNOWN_WIDTH = 100
_WIDEST = 120


def _output_file(context: click.Context, option: click.Parameter, value: Path | None) -> Path | None:
    if value is not None and str(value).lower() in _FORMAT_WORDS:
        word = str(value).lower()
        hint = f"for the format say --format {word}, for a file of that name ./{value}"
        raise click.UsageError(f"{option.opts[0]} takes a file; {hint}", context)
    return value


def format_option_of(formats: Sequence[str]) -> Decorator:
    """`--format` with these choices."""
    return click.option(
        "--format",
        "format_",
        type=click.Choice(formats),
        default="table",
        show_default=True,
        help="How to print.",
    )


def output_options_of(formats: Sequence[str]) -> Decorator:
    """The options about what is printed and where to, with these formats."""
    return all_of(
        format_option_of(formats),
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


format_option = format_option_of(FORMATS)
output_options = output_options_of(FORMATS)


def parse_reports(
    context: click.Context, option: click.Parameter, values: tuple[str, ...]
) -> tuple[tuple[str, Path], ...]:
    """The pairs of several `--report FORMAT=FILE`."""
    pairs: list[tuple[str, Path]] = []
    for value in values:
        name, equals, path = value.partition("=")
        if not equals or not path or name not in REPORT_FORMATS:
            expected = f"expected FORMAT=FILE with FORMAT one of {', '.join(REPORT_FORMATS)}"
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
    deliver_all([(text, target)])


def deliver_all(texts: Sequence[tuple[str, Path | None]]) -> None:
    """Each text to its file, then those without one to stdout.

    All are written aside before the first file is replaced: when one has no room, none of them changes.
    Raises InputError, naming the file, for what cannot be written.
    """
    with ExitStack() as stack:
        made = [stack.enter_context(_aside(text, target)) for text, target in texts if target is not None]
        for replace in made:
            replace()
    for text, target in texts:
        if target is None:
            _print(text)


def _print(text: str) -> None:
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


@contextmanager
def _aside(text: str, target: Path) -> Iterator[Callable[[], None]]:
    """The text, written beside its file; what this gives puts it in the file's place.

    So a reader sees the old file or the whole new one, whatever ends the run, Ctrl-C included. A device or a
    pipe cannot be renamed over and is written at once.
    """
    data = text.encode("utf-8", "backslashreplace")
    if target.exists() and not target.is_file():
        with _told(target):
            target.write_bytes(data)
        yield lambda: None
        return
    place = target.resolve()
    with _told(target):
        handle, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name[:40]}.", suffix=".part")

    def replace() -> None:
        with _told(target):
            os.replace(name, place)  # noqa: PTH105 - a plain name from mkstemp

    try:
        with _told(target):
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
            os.chmod(name, _mode(place))  # noqa: PTH101
        yield replace
    finally:
        with suppress(OSError):  # gone where it took the file's place
            os.unlink(name)  # noqa: PTH108


@contextmanager
def _told(target: Path) -> Iterator[None]:
    """What the system refuses, as an InputError that names the file."""
    try:
        yield
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", place=str(target)) from error


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
