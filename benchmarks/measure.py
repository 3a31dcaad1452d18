"""Time and memory of a command, run as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


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
    command: Sequence[str], *, runs: int, cwd: str, expected: Sequence[int] = (0,), rehearsals: int = 1
) -> Runs:
    """Run a command some times after one run that does not count; SystemExit if it ends otherwise than expected."""
    found = [_run(command, cwd, expected) for _ in range(rehearsals + runs)][rehearsals:]
    return Runs(tuple(seconds for seconds, _ in found), max(memory for _, memory in found))


def _run(command: Sequence[str], cwd: str, expected: Sequence[int]) -> tuple[float, float]:
    start = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=cwd, env=_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in expected:
        raise SystemExit(
            f"{' '.join(command)} ended with {process.returncode}, expected one of {list(expected)}"
        )
    # kilobytes on Linux, bytes on macOS (getrusage)
    return seconds, usage.ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def _environment() -> dict[str, str]:
    """Ours, but the first run may leave compiled files; without them every run would compile the code again."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
