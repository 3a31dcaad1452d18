"""Measures the command, sets, the pages of reports and live collection, and says whether the goals are met.

`make bench` runs it. Every figure is of a process of its own, that of a command started several times after one
that does not count; goals are about the median, because a shared machine has slow moments.
"""

from __future__ import annotations

import argparse
import platform
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from tabulate import tabulate

from auditor.resources import examples
from benchmarks import live, pages, sets
from benchmarks.measure import Runs, measured

ROOT = Path(__file__).resolve().parents[1]
ANSWERED = (0, 1, 3)
"""Exit codes of a scan that ran to its end."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    what: str
    runs: Runs
    seconds: float | None = None
    """The goal for the median; None for a figure that only stands beside another."""
    megabytes: float | None = None
    """The goal for the peak of memory."""
    scan: bool = True
    """Whether it is more than a start."""

    def cells(self) -> list[str]:
        """The line as text."""
        seconds = self.runs.seconds
        times = [f"{one:.2f}" for one in (min(seconds), self.runs.median, max(seconds))]
        return [self.what, *times, self._peak(), self._goal(), self._met()]

    def _peak(self) -> str:
        """The memory of a scan; a smaller process shows no more than that of this one."""
        return f"{self.runs.megabytes:.0f}" if self.scan else ""

    def _goal(self) -> str:
        goals = [f"{self.seconds:g} s"] if self.seconds else []
        return ", ".join([*goals, f"{self.megabytes:g} MB"] if self.megabytes else goals)

    def _met(self) -> str:
        if self.seconds is None:
            return ""
        slow = self.runs.median >= self.seconds
        large = self.megabytes is not None and self.runs.megabytes >= self.megabytes
        return "no" if slow or large else "yes"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--runs",
        type=int,
        default=5,
        metavar="N",
        help="runs of each scan, and about half as many of each work with sets (default: 5)",
    )
    parser.add_argument("--synthetic", action="store_true", help="the synthetic service tag list in any case")
    parser.add_argument("--only", choices=("commands", "sets", "pages", "live"), help="one of the tables")
    options = parser.parse_args()
    print(f"Python {platform.python_version()}, {platform.system()} {platform.machine()}")
    if options.only in {None, "commands"}:
        _commands(options)
    if options.only in {None, "sets"}:
        print()
        print(f"z3 {version('z3-solver')}, CUDD of dd {version('dd')}")
        print()
        table = []
        for row in sets.rows((options.runs + 1) // 2, _command()):
            print(" | ".join(row), file=sys.stderr, flush=True)
            table.append(row)
        print(tabulate(table, sets.HEADERS, tablefmt="github", disable_numparse=True))
    if options.only in {None, "pages"}:
        print()
        _pages(options.runs)
    if options.only in {None, "live"}:
        print()
        print(tabulate(list(live.rows(options.runs)), live.HEAD, tablefmt="github", disable_numparse=True))


def _pages(runs: int) -> None:
    if pages.program() is None:
        print("pages: not measured, for chromium is not installed")
        return
    print(tabulate(list(pages.rows(runs)), pages.HEADERS, tablefmt="github", disable_numparse=True))


def _commands(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder:
        command = _command()
        print(f"imported by --help from the Azure SDK: {_azure_modules(folder) or 'nothing'}")
        estate = Path(folder) / "estate"
        estate.mkdir()
        extra = ["--synthetic"] if options.synthetic else []
        print(f"service tag list: {_full_list(estate, extra)}")
        print()
        rows = [
            *_start(command, folder, options.runs),
            *_examples(command, folder, options.runs),
            Row(
                "`scan`, one cluster, full service tag list",
                measured(
                    [*command, "scan", "--snapshot", str(estate)],
                    runs=options.runs,
                    cwd=folder,
                    expected=ANSWERED,
                ),
                3,
                200,
            ),
        ]
    headers = ["command", "min s", "median s", "max s", "peak MB", "goal", "met"]
    print(tabulate([row.cells() for row in rows], headers, tablefmt="github", disable_numparse=True))


def _start(command: Sequence[str], folder: str, runs: int) -> list[Row]:
    empty = measured([sys.executable, "-c", "pass"], runs=3 * runs, cwd=folder)
    helped = measured([*command, "--help"], runs=3 * runs, cwd=folder)
    return [
        Row("`python -c pass`", empty, scan=False),
        Row("`egress-audit --help`", helped, 0.25, scan=False),
    ]


def _examples(command: Sequence[str], folder: str, runs: int) -> list[Row]:
    return [
        Row(
            f"`scan --example {name}`",
            measured([*command, "scan", "--example", name], runs=runs, cwd=folder, expected=ANSWERED),
            1,
        )
        for name in sorted(path.name for path in examples().iterdir() if path.is_dir())
    ]


def _command() -> list[str]:
    """The installed command of this Python, else the module."""
    script = Path(sys.executable).parent / "egress-audit"
    return [str(script)] if script.exists() else [sys.executable, "-m", "auditor"]


def _azure_modules(folder: str) -> str:
    """Modules of the Azure SDK that `--help` imports: none is the goal."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "auditor", "--help"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    names = [line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines()]
    return ", ".join(name for name in names if name.split(".", 1)[0] in {"azure", "msrest"})


def _full_list(estate: Path, extra: Sequence[str]) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.full_list_estate", str(estate), *extra],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


if __name__ == "__main__":
    main()
