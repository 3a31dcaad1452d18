"""What collecting a live Azure takes: calls, seconds beside the ideal, and memory, against a server 50 ms away.

`python -m benchmarks.live` prints the table. The server of the tests plays Azure in a process of its own. The ideal
is what the waiting alone takes: over the levels of dependency, the calls of each, shared by the threads, times 50 ms.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tabulate import tabulate

from auditor.resources import examples

ROOT: Final = Path(__file__).resolve().parents[1]
LATENCY: Final = 0.05
GOAL: Final = 90
"""Per cent of the ideal speed."""
HUB: Final = "3f1c8e27-5a0d-4b96-9c41-7e2d80b5a614"
SPOKE: Final = "b7429d06-1e8f-4d35-a2c7-94f06e3d5b18"
CASES: Final = (
    ("1 cluster", 1, 1),
    ("10 clusters", 10, 1),
    ("100 clusters", 100, 1),
    ("50 subscriptions", 50, 50),
)
"""Name, number of clusters, number of subscriptions that they lie in; their hub lies in one more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """One collection, as its own process tells it."""

    calls: int
    seconds: float
    processor: float
    """Seconds of processor time."""
    ideal: float
    levels: int
    megabytes: float
    complete: bool

    def cells(self, what: str) -> list[str]:
        """One line of the table."""
        share = 100 * self.ideal / self.seconds
        return [
            what if self.complete else f"{what} (incomplete)",
            f"{self.calls:,}",
            str(self.levels),
            f"{self.ideal:.2f}",
            f"{self.seconds:.2f}",
            f"{share:.0f} %",
            f"{self.processor:.2f}",
            f"{self.megabytes:.0f}",
            "yes" if share >= GOAL else "no",
        ]


def rows(runs: int) -> Iterator[list[str]]:
    """The lines of the table, the best of some runs each: what others do on the machine only adds.

    Each run is the second collection of a process.
    """
    for what, clusters, subscriptions in CASES:
        with (
            TemporaryDirectory() as folder,
            _served(write_estate(Path(folder), clusters, subscriptions)) as server,
        ):
            found = [_collected(server) for _ in range(runs)]
            yield min(found, key=lambda one: one.seconds).cells(what)


HEAD: Final = (
    "collecting",
    "calls",
    "levels",
    "ideal s",
    "seconds",
    "of ideal",
    "processor s",
    "peak MB",
    "goal met",
)


def main() -> None:
    """Measure and print, or be the process that is measured."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="runs of each (default: 3)")
    parser.add_argument("--collect", nargs=2, metavar=("CLOUD", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.collect:
        _collect(options.collect[0], Path(options.collect[1]))
    else:
        print(tabulate(list(rows(options.runs)), headers=HEAD, colalign=("left", *["right"] * 8)))


# -- estates ---------------------------------------------------------------------------------------------


def write_estate(folder: Path, clusters: int, subscriptions: int) -> Path:
    """So many copies of the bundled cluster `aks-payments` behind its hub, spread over so many subscriptions."""
    documents = (examples() / "locked-down" / "resources.jsonl").read_text("utf-8").splitlines()
    hub = [line for line in documents if json.loads(line)["id"].split("/")[2] == HUB]
    spoke = [line for line in documents if json.loads(line)["id"].split("/")[2] == SPOKE]
    with (folder / "resources.jsonl").open("w", encoding="utf-8") as target:
        for line in hub:
            target.write(line + "\n")
        for number in range(clusters):
            for line in spoke:
                target.write(_copied(line, number, number % subscriptions) + "\n")
    return folder


def _copied(line: str, number: int, subscription: int) -> str:
    """A document of the copy: names of groups and of the cluster's network get the copy's number."""
    text = line.replace(SPOKE, f"{SPOKE[:-3]}{subscription:03x}")
    for name in ("aks-payments", "rg-spoke-payments-weu", "vnet-spoke-payments"):
        text = text.replace(name, f"{name}-{number:03}")
    return text


# -- the server and the process that is measured -----------------------------------------------------------


@contextmanager
def _served(folder: Path) -> Iterator[Mapping[str, str]]:
    """The environment with which a collection finds the server; CLOUD names its cloud file."""
    command = [sys.executable, "-m", "tests.arm", "--folder", str(folder), "--latency", str(LATENCY)]
    command += ["--page-size", "1000"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None  # noqa: S101 - a pipe was asked for
            yield dict(_told(process.stdout))
        finally:
            process.terminate()


def _told(lines: Iterator[str]) -> Iterator[tuple[str, str]]:
    """What the server tells another shell to set, and its cloud file."""
    for line in lines:
        words = shlex.split(line, comments=True)
        if words[:1] == ["export"]:
            yield tuple(words[1].split("=", 1))  # type: ignore[misc]  # two by the split
        elif words:
            yield "CLOUD", words[words.index("--cloud") + 1]
            return


def _collected(server: Mapping[str, str]) -> Collected:
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "benchmarks.live", "--collect", server["CLOUD"], folder]
        environment = {**os.environ, **server}
        done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True)
    return Collected(**json.loads(done.stdout))


def _collect(cloud: str, folder: Path) -> None:
    """Collect everything that the login sees, and tell what that took."""
    from auditor.collectors.azure.cloud import cloud_named  # noqa: PLC0415 - only the measured process needs the SDK
    from auditor.collectors.azure.connect import connect, subscriptions  # noqa: PLC0415 - as above
    from auditor.collectors.azure.source import LiveScope, collect  # noqa: PLC0415 - as above
    from auditor.collectors.folder_writer import FolderWriter  # noqa: PLC0415 - as above

    connection = connect(cloud_named(cloud), "environment")
    scope = LiveScope(subscriptions=tuple(one.id for one in subscriptions(connection, everything=True)))
    # what is loaded and opened once (the SDK's clients, sockets, the login) is no part of reading
    collect(connection, scope, FolderWriter(folder / "rehearsal"))
    levels = Levels()

    start, processor = time.perf_counter(), time.process_time()
    result = collect(connection, scope, FolderWriter(folder / "estate"), levels.tell)
    seconds = time.perf_counter() - start
    print(
        json.dumps(
            {
                "calls": result.calls,
                "seconds": seconds,
                "processor": time.process_time() - processor,
                "ideal": levels.ideal(connection.pace.threads),
                "levels": len(levels.calls),
                "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "complete": all(read.status == "complete" for read in result.reads),
            }
        )
    )
    connection.close()


class Levels:
    """How many calls lie at each depth of dependency, as the progress of a collection tells it.

    A level counts all its calls from its start to its end, also those that were begun while the one before was read.
    """

    def __init__(self) -> None:
        self.calls: list[int] = []
        self._ended = True

    def tell(self, _phase: str, done: int, total: int) -> None:
        """Progress, see `auditor.collectors.azure.source`."""
        if self._ended and total:
            self.calls.append(total)
        self._ended = done == total

    def ideal(self, threads: int) -> float:
        """Seconds that the waiting alone takes."""
        return sum(math.ceil(number / threads) for number in self.calls) * LATENCY


if __name__ == "__main__":
    main()
