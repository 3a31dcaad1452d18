"""Progress on stderr: bars on a terminal, plain lines elsewhere when asked for, nothing with `--quiet`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from auditor.cli.errors import tell

Progress = Callable[[str, int, int], None]
"""Called with a phase, how much of it is done, and how much there is so far; from any thread."""
_STEPS = 10
"""A phase is worth about so many plain lines."""


@contextmanager
def progress(*, quiet: bool, verbose: bool = False) -> Iterator[Progress | None]:
    """A function that shows progress, or None where nothing is to be shown; the screen is clean afterwards.

    One bar for each phase on a terminal; without one, and only if `verbose`, a line now and then.
    """
    if quiet or sys.stderr is None:
        yield None
    elif sys.stderr.isatty():
        with _bars() as show:
            yield show
    else:
        yield _lines() if verbose else None


@contextmanager
def _bars() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}", markup=False), BarColumn(bar_width=24), MofNCompleteColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, TaskID] = {}
        lock = Lock()

        def show(phase: str, done: int, total: int) -> None:
            if not total:
                return
            with lock:
                if phase not in tasks:
                    tasks[phase] = bars.add_task(phase, total=total)
                bars.update(tasks[phase], completed=done, total=total)

        yield show


def _lines() -> Progress:
    """Plain lines: the start of a phase, each tenth of it, and its end; a phase that grows begins anew."""
    told: dict[str, tuple[int, int]] = {}
    lock = Lock()

    def show(phase: str, done: int, total: int) -> None:
        if not total:
            return
        with lock:
            last, of = told.get(phase, (-1, -1))
            step = max(1, total // _STEPS)
            if total == of and (done <= last or (done < total and done - last < step)):
                return
            told[phase] = (done, total)
            tell(f"{phase}: {done} of {total}")

    return show
