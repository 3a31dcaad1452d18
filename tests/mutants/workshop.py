"""A clone of the checkout in which mutants are made and meet the tests; the checkout itself is never touched."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from tests.mutants.candidates import Mutant
from tests.mutants.likely_first import KILLERS, PROFILE
from tests.mutants.stages import Stage

_PYTEST: Final = (
    "-x",
    "-q",
    "-n",
    "0",
    "-p",
    "no:cacheprovider",
    "-p",
    "tests.mutants.likely_first",
    "--hypothesis-profile",
    PROFILE,
)
_KILLER: Final = re.compile(r"^(?:FAILED|ERROR) (\S+(?: [^-]\S*)*)", re.MULTILINE)
_MEMORY_KB: Final = 6_000_000
_PATIENCE: Final = 4
"""How many times the processor time of the unhurt code a mutant gets."""


class WorkshopError(Exception):
    """The tests cannot be run as they should be, so nothing can be said about mutants."""


class Fate(Enum):
    """What became of a mutant."""

    KILLED = "killed"
    TIMED_OUT = "timed out"
    SURVIVED = "survived"


@dataclass(frozen=True, slots=True)
class Trial:
    """A mutant and what became of it."""

    mutant: Mutant
    fate: Fate
    killer: str
    """The test that failed; empty when none did, or when the code could not even be imported."""
    seconds: float


@dataclass(frozen=True, slots=True)
class _Run:
    code: int
    output: str
    seconds: float


class Workshop:
    """One clone and what was learnt in it: how long each stage takes, and which tests kill mutants of which file."""

    def __init__(self, origin: Path, place: Path) -> None:
        """Clone what is committed at `origin` into the folder `place`."""
        self.root = place
        self._budgets: dict[Stage, int] = {}
        self._killers: dict[str, Counter[str]] = {}
        self._call("git", "clone", "--quiet", str(origin), str(place))
        # Compared by content, not by time: a mutant made within a second of the clone must not run as the original.
        self._call(
            *(sys.executable, "-m", "compileall", "-q", "--invalidation-mode", "checked-hash"),
            *("auditor", "tests"),
        )
        home = self._call(sys.executable, "-c", "import auditor; print(auditor.__file__)").strip()
        if not Path(home).is_relative_to(place):
            raise WorkshopError(f"{home} is not the package of the clone {place}")

    def try_unhurt(self, stage: Stage) -> float:
        """Run a stage on the original, which has to pass, and take its time as the measure for mutants."""
        run = self._pytest(stage, seconds=3600, killers=(), hurt=False)
        if run.code != 0:
            raise WorkshopError(f"the original fails {' '.join(stage)}:\n{run.output}")
        self._budgets[stage] = 10 + round(_PATIENCE * run.seconds)
        return run.seconds

    def try_mutant(self, mutant: Mutant, stages: Sequence[Stage]) -> Trial:
        """Let a mutant meet its stages until one fails."""
        path = self.root / mutant.at.file
        original = path.read_text(encoding="utf-8")
        start = time.monotonic()
        path.write_text(mutant.code, encoding="utf-8")
        try:
            for stage in stages:
                if stage not in self._budgets:
                    path.write_text(original, encoding="utf-8")
                    self.try_unhurt(stage)
                    path.write_text(mutant.code, encoding="utf-8")
                run = self._pytest(stage, seconds=self._budgets[stage], killers=self._near(mutant.at.file))
                if run.code != 0:
                    return self._lost(mutant, run, time.monotonic() - start)
        finally:
            path.write_text(original, encoding="utf-8")
        return Trial(mutant, Fate.SURVIVED, "", time.monotonic() - start)

    def _lost(self, mutant: Mutant, run: _Run, seconds: float) -> Trial:
        if run.code < 0:
            return Trial(mutant, Fate.TIMED_OUT, "", seconds)
        if run.code not in {1, 2, 3}:  # failed, could not be collected, broke pytest itself
            raise WorkshopError(f"pytest ended with {run.code}:\n{run.output}")
        match = _KILLER.search(run.output)
        killer = match[1] if match else ""
        if "::" in killer:
            self._killers.setdefault(mutant.at.file, Counter())[killer] += 1
        return Trial(mutant, Fate.KILLED, killer, seconds)

    def _near(self, file: str) -> list[str]:
        """Tests that killed mutants of the same file, then of its package, the deadliest first."""
        package = file.rpartition("/")[0]
        own = self._killers.get(file, Counter[str]())
        others: Counter[str] = Counter()
        for other, names in self._killers.items():
            if other.startswith(f"{package}/"):
                others.update(names)
        return [*dict.fromkeys(name for names in (own, others) for name, _ in names.most_common(20))]

    def _pytest(self, stage: Stage, seconds: int, killers: Sequence[str], *, hurt: bool = True) -> _Run:
        # Limits of processor time and memory hold on a busy machine too, where a clock would accuse the innocent.
        limits = f'ulimit -t {seconds} && ulimit -v {_MEMORY_KB} && exec "$@"'
        words = (
            "/bin/sh",
            "-c",
            limits,
            "sh",
            sys.executable,
            "-m",
            "pytest",
            *_PYTEST,
            *stage,
        )
        environment = {KILLERS: "\n".join(killers)} | ({"PYTHONDONTWRITEBYTECODE": "1"} if hurt else {})
        before = os.times()
        done = self._run(*words, environment=environment, timeout=30 * seconds)
        after = os.times()
        spent = after.children_user + after.children_system - before.children_user - before.children_system
        return _Run(done.returncode, done.stdout + done.stderr, spent)

    def _call(self, *words: str) -> str:
        done = self._run(*words, environment={})
        if done.returncode != 0:
            raise WorkshopError(f"{' '.join(words)}: {done.stderr}")
        return done.stdout

    def _run(
        self, *words: str, environment: Mapping[str, str], timeout: float = 600
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            words,
            cwd=self.root,
            env={**os.environ, "PYTHONPATH": str(self.root), **environment},
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
        )
