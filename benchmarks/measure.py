"""Time and memory of a command, run as a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from statistics import median
from threading import TIMEOUT_MAX, Event, Timer


@dataclass(frozen=True, slots=True)
class Runs:
    """Several runs of one command."""

    seconds: tuple[float, ...]
    megabytes: float
    """The largest peak of resident memory; never below that of the process that measures, which forks it."""

    @property
    def median(self) -> float:
        """The middle one, which one slow run does not move."""
        return median(self.seconds)


def measured(
    command: Sequence[str],
    *,
    runs: int,
    cwd: str,
    expected: Sequence[int] = (0,),
    rehearsals: int = 1,
    patience: float | None = None,
) -> Runs:
    """Run a command some times after one run that does not count; SystemExit if it ends otherwise than expected.

    A run that takes longer than `patience` is ended, and took for ever.
    """
    found = [_run(command, cwd, expected, patience) for _ in range(rehearsals + runs)][rehearsals:]
    return Runs(tuple(seconds for seconds, _ in found), max(memory for _, memory in found))


def _run(
    command: Sequence[str], cwd: str, expected: Sequence[int], patience: float | None
) -> tuple[float, float]:
    start = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=cwd, env=_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    given_up = Event()

    def give_up() -> None:
        given_up.set()
        os.kill(process.pid, signal.SIGKILL)

    timer = Timer(TIMEOUT_MAX if patience is None else patience, give_up)
    timer.daemon = True
    timer.start()
    _, status, usage = os.wait4(process.pid, 0)
    timer.cancel()
    seconds = inf if given_up.is_set() else time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in expected and not given_up.is_set():
        raise SystemExit(
            f"{' '.join(command)} ended with {process.returncode}, expected one of {list(expected)}"
        )
    # kilobytes on Linux, bytes on macOS (getrusage)
    return seconds, usage.ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def _environment() -> dict[str, str]:
    """Ours, but the first run may leave compiled files; without them every run would compile the code again."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
