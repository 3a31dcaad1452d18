"""The table of what computing with sets costs, beside CUDD and z3 where they can do the same.

Every figure is of a process of its own. A row's works take turns, so that a slow moment of the machine meets all of
them, and the ratio is that of their medians.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.measure import Runs, measured

ROOT = Path(__file__).resolve().parents[1]
HEADERS = ("work", "ours", "peak MB", "beside", "theirs", "ratio", "goal", "met")
SAMPLE = 20
"""Rules that z3 is asked about, out of all; its time is scaled."""
QUESTIONS = 2_000
PATIENCE = 1_800
"""Seconds after which the largest scan is given up."""
Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work by name, with its sizes."""

    module: str
    function: str
    sizes: tuple[int, ...]
    scale: float = 1.0
    """What the seconds are multiplied with."""
    once: bool = False
    """Takes so long that one run must do."""


def rows(runs: int, egress_audit: Sequence[str]) -> Iterator[Row]:
    """The lines of the table, as they become known."""
    yield from _groups(runs)
    yield from _firewalls(runs)
    yield from _dead_rules(runs)
    yield from _look_ups(runs)
    yield from _growth(runs)
    yield from _absolute(runs, egress_audit)


def _groups(runs: int) -> Iterator[Row]:
    sizes = (1_000, 20)
    yield from _beside(
        "set and excess of a security group, 1,000 rules x 20 prefixes",
        Job("engine_works", "group_set", sizes),
        [
            (1 / 2, "CUDD, the same sets", Job("cudd_works", "group_set", sizes)),
            (1 / 3, "z3, one witness", Job("z3_works", "group_witness", sizes)),
        ],
        runs,
    )
    sizes = (500, 20)
    yield from _beside(
        "proof that two spellings of 500 rules are equal",
        Job("engine_works", "equivalence", sizes),
        [(1 / 50, "z3, the proof", Job("z3_works", "equivalence", sizes, once=True))],
        runs,
    )


def _firewalls(runs: int) -> Iterator[Row]:
    sizes = (10_000,)
    yield from _beside(
        "set of a firewall policy, 10,000 network rules, tag of 6,000 prefixes",
        Job("engine_works", "firewall", sizes),
        [
            (1 / 3, "CUDD, the same set", Job("cudd_works", "firewall", sizes)),
            (1 / 4, "z3, one witness", Job("z3_works", "firewall_witness", sizes)),
        ],
        runs,
        megabytes=512,
    )


def _dead_rules(runs: int) -> Iterator[Row]:
    rules, prefixes = 1_000, 20
    theirs = Job("z3_works", "dead", (rules, prefixes, SAMPLE), scale=rules / SAMPLE, once=True)
    yield from _beside(
        f"dead rules of a security group of {rules:,}",
        Job("engine_works", "dead", (rules, prefixes)),
        [(1 / 100, f"z3 rule by rule, {SAMPLE} of them scaled", theirs)],
        runs,
    )


def _look_ups(runs: int) -> Iterator[Row]:
    found = []
    for rules in (250, 2_500):
        job = Job("engine_works", "look_up", (rules, 20, QUESTIONS), scale=1e6 / QUESTIONS)
        seconds, peak = _median([job], runs)[job]
        found.append(seconds)
        met = _yes(seconds <= 20)
        yield (
            f"look-up of an endpoint, {rules:,} rules",
            f"{seconds:.1f} us",
            f"{peak:.0f}",
            "",
            "",
            "",
            "20 us",
            met,
        )
    ratio = found[1] / found[0]
    yield "the same, ten times the rules", "", "", "", "", f"{ratio:.2f}", "flat", _yes(ratio <= 1.25)


def _growth(runs: int) -> Iterator[Row]:
    for what, function, sizes, goal in (
        (
            "rules (200 to 2,000, 10 prefixes each)",
            "group_set",
            [(n, 10) for n in (200, 430, 930, 2_000)],
            1.2,
        ),
        ("prefixes (4 to 40 in each of 500 rules)", "group_set", [(500, n) for n in (4, 9, 19, 40)], 1.2),
        ("subnets of a cluster (5 to 50)", "subnets", [(n,) for n in (5, 11, 23, 50)], 1.1),
    ):
        jobs = [Job("engine_works", function, size) for size in sizes]
        measured_jobs = _median(jobs, runs)
        places = [math.prod(size) for size in sizes]
        exponent = _slope(places, [measured_jobs[job][0] for job in jobs])
        times = ", ".join(f"{measured_jobs[job][0]:.2f}" for job in jobs)
        yield (
            f"growth in {what}",
            f"{times} s",
            f"{measured_jobs[jobs[-1]][1]:.0f}",
            "",
            "",
            "",
            f"exponent {goal}",
            f"{exponent:.2f}: {_yes(exponent <= goal)}",
        )


def _absolute(runs: int, egress_audit: Sequence[str]) -> Iterator[Row]:
    job = Job("engine_works", "source_classes", (2_500, 150))
    seconds, peak = _median([job], runs)[job]
    met = _yes(seconds < 10 and peak < 512)
    yield (
        "firewall of 2,500 rules, its set for each of 150 source classes",
        f"{seconds:.2f} s",
        f"{peak:.0f}",
        "",
        "",
        "",
        "10 s, 512 MB",
        met,
    )
    limits = _limits(egress_audit)
    ended = math.isfinite(limits.median)
    yield (
        "`scan` of Azure's limits together",
        f"{limits.median:.0f} s" if ended else f"not in {PATIENCE} s",
        f"{limits.megabytes:.0f}",
        "",
        "",
        "",
        "4,096 MB",
        _yes(ended and limits.megabytes < 4_096),
    )


def _beside(
    what: str,
    ours: Job,
    peers: Sequence[tuple[float, str, Job]],
    runs: int,
    *,
    megabytes: float | None = None,
) -> Iterator[Row]:
    found = _median([ours, *(job for _, _, job in peers)], runs)
    seconds, peak = found[ours]
    small = megabytes is None or peak < megabytes
    for goal, name, job in peers:
        theirs, _ = found[job]
        ratio = seconds / theirs
        limit = f"1/{1 / goal:.0f}" + (f", {megabytes:g} MB" if megabytes else "")
        yield (
            what,
            f"{seconds:.2f} s",
            f"{peak:.0f}",
            name,
            f"{theirs:.2f} s",
            f"1/{1 / ratio:.2f}" if ratio > 0.1 else f"1/{1 / ratio:.0f}",
            limit,
            _yes(ratio <= goal and small),
        )


def _median(jobs: Sequence[Job], runs: int) -> dict[Job, tuple[float, float]]:
    """The median of the seconds, scaled, and the largest peak of memory; the jobs take turns."""
    found: dict[Job, list[tuple[float, float]]] = {job: [] for job in jobs}
    for number in range(runs):
        for job in jobs:
            if number == 0 or not job.once:
                found[job].append(_run(job))
    return {
        job: (median(seconds for seconds, _ in done) * job.scale, max(peak for _, peak in done))
        for job, done in found.items()
    }


def _run(job: Job) -> tuple[float, float]:
    command = [sys.executable, "-m", "benchmarks.run_work", job.module, job.function, *map(str, job.sizes)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command[2:])} ended with {done.returncode}: {done.stderr}")
    answer = json.loads(done.stdout)
    return answer["seconds"], answer["megabytes"]


def _limits(egress_audit: Sequence[str]) -> Runs:
    """One scan of the largest estate, started to finished."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "benchmarks.estates", "limits", folder]
        subprocess.run(command, cwd=ROOT, check=True)
        return measured(
            [*egress_audit, "scan", "--snapshot", folder],
            runs=1,
            cwd=folder,
            expected=(0, 1, 3),
            rehearsals=0,
            patience=PATIENCE,
        )


def _slope(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """The exponent of the power law that fits best: the slope of logarithms by least squares."""
    xs, ys = [math.log(size) for size in sizes], [math.log(one) for one in seconds]
    x0, y0 = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((x - x0) * (y - y0) for x, y in zip(xs, ys, strict=True)) / sum((x - x0) ** 2 for x in xs)


def _yes(met: bool) -> str:
    return "yes" if met else "no"
