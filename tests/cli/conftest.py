"""The real command, run as users run it."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMAND = shlex.split(os.environ.get("EGRESS_AUDIT_COMMAND", "")) or [sys.executable, "-m", "auditor"]


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the command in an empty folder; EGRESS_AUDIT_COMMAND names another one, such as an installed wheel's."""

    def call(*arguments: str | Path, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        words = [*COMMAND, *map(str, arguments)]
        return subprocess.run(
            words,
            cwd=tmp_path,
            env=_environment() | environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return call


@pytest.fixture
def piped(tmp_path: Path) -> Callable[[str], str]:
    """Runs the command with the rest of a shell line behind it, and gives what that prints."""

    def call(rest: str) -> str:
        done = subprocess.run(
            ["/bin/sh", "-c", f"{shlex.join(COMMAND)} {rest}"],
            cwd=tmp_path,
            env=_environment(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return done.stdout

    return call


@pytest.fixture
def cramped(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the command where no file gets longer than a few thousand bytes, as in a folder that runs full."""

    def call(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", _CRAMPED, *COMMAND, *map(str, arguments)],
            cwd=tmp_path,
            env=_environment(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return call


_CRAMPED = """
import os, resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
os.execvp(sys.argv[1], sys.argv[1:])
"""


def _environment() -> dict[str, str]:
    env = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR")}
    return env if "EGRESS_AUDIT_COMMAND" in os.environ else env | {"PYTHONPATH": str(ROOT)}
