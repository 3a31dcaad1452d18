"""A clone of the checkout in which mutants are made and meet the tests; the checkout itself is never touched."""

from __future__ import annotations

import json
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
from types import MappingProxyType
from typing import Final

from tests.mutants.candidates import Mutant
from tests.mutants.plugin import AT_IMPORT, NOTES, ORDER, PROFILE, mixed
from tests.mutants.stages import Stage

_PYTEST: Final = (
    "-x",
    "-q",
    "-n",
    "0",
    "-p",
    "no:cacheprovider",
    "-p",
    "tests.mutants.plugin",
    "--hypothesis-profile",
    PROFILE,
)
_KILLER: Final = re.compile(r"^(?:FAILED|ERROR) (\S+(?: [^-]\S*)*)", re.MULTILINE)
_NO_BYTECODE: Final = "PYTHONDONTWRITEBYTECODE"
_MEMORY_KB: Final = 6_000_000
_PATIENCE: Final = 3
"""How many times the processor time of the unhurt code, which took notes meanwhile, a mutant gets."""


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


@dataclass(frozen=True, slots=True)
class _Tests:
    """The tests of a stage, each with the functions that it calls, and the seconds that a mutant gets for all."""

    called: Mapping[str, frozenset[str]]
    at_import: frozenset[str]
    seconds: int


def clone(origin: Path, place: Path) -> Path:
    """What is committed at `origin`, in a folder of its own."""
    words = ("git", "clone", "--quiet", str(origin), str(place))
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise WorkshopError(f"{' '.join(words)}: {done.stderr}")
    return place


class Workshop:
    """One clone and what was learnt in it: what each test calls, how long it takes, and which tests kill."""

    def __init__(self, origin: Path, place: Path) -> None:
        """Clone what is committed at `origin` into the folder `place`."""
        self.root = place / "clone"
        self._notes = place / "notes.json"
        self._order = place / "order.txt"
        self._tests: dict[Stage, _Tests] = {}
        self._killers: dict[str, Counter[str]] = {}
        clone(origin, self.root)
        # Compared by content, not by time: a mutant made within a second of the clone must not run as the original.
        self._run(
            *(sys.executable, "-m", "compileall", "-q", "--invalidation-mode", "checked-hash"),
            *("auditor", "tests"),
        )
        home = self._run(sys.executable, "-c", "import auditor; print(auditor.__file__)").output.strip()
        if not Path(home).is_relative_to(self.root):
            raise WorkshopError(f"{home} is not the package of the clone {self.root}")

    def try_mutant(self, mutant: Mutant, stages: Sequence[Stage]) -> Trial:
        """Let a mutant meet its stages until one fails."""
        path = self.root / mutant.at.file
        orders = [(stage, self._names(stage, mutant)) for stage in stages]
        original = path.read_text(encoding="utf-8")
        start = time.monotonic()
        path.write_text(mutant.code, encoding="utf-8")
        try:
            for stage, names in orders:
                if not names:
                    continue
                self._order.write_text("\n".join(names), encoding="utf-8")
                run = self._pytest(
                    stage, self._tests[stage].seconds, {ORDER: str(self._order), _NO_BYTECODE: "1"}
                )
                if run.code != 0:
                    return self._lost(mutant, run, time.monotonic() - start)
        finally:
            path.write_text(original, encoding="utf-8")
        return Trial(mutant, Fate.SURVIVED, "", time.monotonic() - start)

    def _names(self, stage: Stage, mutant: Mutant) -> list[str]:
        """The tests of a stage that call what was changed, the likeliest to kill first."""
        if stage not in self._tests:
            self._tests[stage] = self._try_unhurt(stage)
        at = mutant.at
        place = f"{at.file}:{at.function}"
        tests = self._tests[stage]
        # What runs at import, inside or outside of functions, is something on which every test may depend.
        everyone = not at.in_function or place in tests.at_import
        near = self._near(at.file)
        names = [name for name, functions in tests.called.items() if everyone or place in functions]
        return sorted(names, key=lambda name: (near.get(name, len(near)), mixed(name)))

    def _try_unhurt(self, stage: Stage) -> _Tests:
        """Run a stage on the original, which has to pass, and note what each test calls."""
        run = self._pytest(stage, 3600, {NOTES: str(self._notes)})
        if run.code != 0:
            raise WorkshopError(f"the original fails {' '.join(stage)}:\n{run.output}")
        notes = json.loads(self._notes.read_text(encoding="utf-8"))
        called = {name: frozenset(functions) for name, functions in notes.items()}
        at_import = called.pop(AT_IMPORT)
        return _Tests(called, at_import, 10 + round(_PATIENCE * run.seconds))

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

    def _near(self, file: str) -> dict[str, int]:
        """Tests that killed mutants of the same file, then of its package, the deadliest first, with their place."""
        package = file.rpartition("/")[0]
        others: Counter[str] = Counter()
        for other, names in self._killers.items():
            if other.startswith(f"{package}/"):
                others.update(names)
        listed = (
            name
            for names in (self._killers.get(file, Counter()), others)
            for name, _ in names.most_common(20)
        )
        return {name: number for number, name in enumerate(dict.fromkeys(listed))}

    def _pytest(self, stage: Stage, seconds: int, environment: Mapping[str, str]) -> _Run:
        # Limits of processor time and memory hold on a busy machine too, where a clock would accuse the innocent.
        limits = f'ulimit -t {seconds} && ulimit -v {_MEMORY_KB} && exec "$@"'
        words = ("/bin/sh", "-c", limits, "sh", sys.executable, "-m", "pytest", *_PYTEST, *stage)
        return self._run(*words, environment=environment, timeout=30 * seconds, must_pass=False)

    def _run(
        self,
        *words: str,
        environment: Mapping[str, str] = MappingProxyType({}),
        timeout: float = 600,
        must_pass: bool = True,
    ) -> _Run:
        before = os.times()
        done = subprocess.run(
            words,
            cwd=self.root,
            env={**os.environ, "PYTHONPATH": str(self.root), **environment},
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
        )
        if must_pass and done.returncode != 0:
            raise WorkshopError(f"{' '.join(words)}: {done.stderr}")
        after = os.times()
        spent = after.children_user + after.children_system - before.children_user - before.children_system
        return _Run(done.returncode, done.stdout + done.stderr, spent)
