"""Makes small mistakes on purpose and asks the tests to notice: `python -m tests.mutants` (part of `make test-deep`).

Each mutant is one operator of the exact sets, the filters or the paths turned into its neighbour. A mutant that no
test notices needs a new test, or a proof in `equivalent.yaml` that it does what the original does. What is
committed is what is tried, in a clone elsewhere.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, Final

from tests.mutants.candidates import Candidate, candidates, chosen, mutant
from tests.mutants.equivalents import PLACE, Key, WrongEntryError, key_of, read_equivalents, stale
from tests.mutants.operators import KINDS
from tests.mutants.stages import stages
from tests.mutants.workshop import Fate, Trial, Workshop, WorkshopError, clone

ROOT: Final = Path(__file__).resolve().parents[2]


def _work(origin: Path, share: Sequence[Candidate], proven: frozenset[Key], most: int | None) -> list[Trial]:
    """Try a share of the mutants in a clone of its own, in at most so many stages."""
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        workshop = Workshop(origin, Path(folder).resolve())
        found: list[Trial] = []
        for number, at in enumerate(share, 1):
            made = mutant(workshop.root, at)
            meets = stages(workshop.root, at)[:most]
            # A proof is not put to the slow tests, but it must not contradict the quick ones.
            trial = workshop.try_mutant(made, meets[:1] if key_of(made) in proven else meets)
            told = f"{trial.fate.value} in {trial.seconds:.0f} s {trial.killer}".rstrip()
            sys.stderr.write(f"{number}/{len(share)} {at.file}:{at.line} {at.operator}: {told}\n")
            found.append(trial)
        return found


def _tried(
    root: Path, share: Sequence[Candidate], workers: int, proven: frozenset[Key], most: int | None
) -> list[Trial]:
    """Every trial, in the order of the candidates."""
    if workers == 1:
        return _work(root, share, proven, most)
    with ProcessPoolExecutor(workers) as pool:
        jobs = [pool.submit(_work, root, share[first::workers], proven, most) for first in range(workers)]
        return sorted((trial for job in jobs for trial in job.result()), key=lambda trial: trial.mutant.at)


def _counts(trials: Sequence[Trial], proven: frozenset[Key]) -> Iterator[str]:
    """A line for each operator, with what became of its mutants."""
    yield f"{'kind':12} {'operator':42} mutants killed timed-out equivalent survived"
    rows: dict[tuple[str, str], Counter[str]] = {}
    for trial in trials:
        row = rows.setdefault((trial.mutant.at.kind, trial.mutant.at.operator), Counter())
        equivalent = trial.fate is Fate.SURVIVED and key_of(trial.mutant) in proven
        row["equivalent" if equivalent else trial.fate.value] += 1
    total: Counter[str] = Counter()
    for (kind, name), row in sorted(rows.items(), key=lambda item: (list(KINDS).index(item[0][0]), item[0])):
        yield _row(kind, name, row)
        total.update(row)
    yield _row("all", "", total)


def _row(kind: str, name: str, row: Counter[str]) -> str:
    return (
        f"{kind:12} {name:42} {row.total():7} {row['killed']:6} {row['timed out']:9} "
        f"{row['equivalent']:10} {row['survived']:8}"
    )


def _shown(trials: Sequence[Trial], proofs: dict[Key, str]) -> Iterator[str]:
    """Counts, and every survivor as a diff, with its proof where there is one."""
    yield from _counts(trials, frozenset(proofs))
    packages = Counter(trial.mutant.at.package for trial in trials)
    yield "in " + ", ".join(f"{name}: {number}" for name, number in packages.items())
    for trial in trials:
        if trial.fate is Fate.SURVIVED:
            proof = proofs.get(key_of(trial.mutant))
            yield ""
            yield trial.mutant.diff.rstrip()
            yield (
                f"equivalent: {proof.strip()}"
                if proof is not None
                else "SURVIVED: write the test that it fails"
            )


def _faults(
    root: Path, trials: Sequence[Trial], proofs: dict[Key, str], found: Sequence[Candidate]
) -> Iterator[str]:
    for trial in trials:
        key = key_of(trial.mutant)
        if trial.fate is Fate.SURVIVED and key not in proofs:
            yield f"survived without a proof: {key}"
        if trial.fate is not Fate.SURVIVED and key in proofs:
            yield f"{PLACE} calls it equivalent, but it {trial.fate.value} ({trial.killer}): {key}"
    for key in stale(root, proofs, found):
        yield f"{PLACE}: no such mutant any more: {key}"


def _document(trial: Trial) -> dict[str, Any]:
    at, key = trial.mutant.at, key_of(trial.mutant)
    return {
        "file": at.file,
        "line": at.line,
        "function": at.function,
        "operator": at.operator,
        "text": key.text,
        "becomes": key.becomes,
        "fate": trial.fate.value,
        "killer": trial.killer,
        "seconds": round(trial.seconds, 1),
    }


def _place(row: dict[str, Any]) -> tuple[str, ...]:
    return row["file"], row["function"], row["operator"], row["text"]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="tests.mutants", description="Try the tests on mutants of the code."
    )
    parser.add_argument("--number", type=int, default=320, help="how many mutants (320)")
    parser.add_argument("--seed", type=int, default=1, help="which ones (1)")
    parser.add_argument("--workers", type=int, choices=(1, 2), default=2, help="how many at a time (2)")
    parser.add_argument(
        "--below", default="auditor/", metavar="PATH", help="of the chosen, only those below PATH"
    )
    parser.add_argument(
        "--part", default="1/1", metavar="K/N", help="of these, only every Nth, from the Kth on"
    )
    parser.add_argument(
        "--stages", type=int, metavar="N", help="let each meet its first N stages of tests only"
    )
    parser.add_argument(
        "--again", type=Path, metavar="FILE", help="only those that lived in this earlier --json"
    )
    parser.add_argument("--list", action="store_true", help="print the diffs of the chosen and try none")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what became of each")
    return parser.parse_args()


def main() -> None:
    """Print what became of the mutants; exit 1 if one survives without a proof or a proof is stale."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        try:
            # One commit for all: what is edited or committed meanwhile plays no part.
            faults = _run(clone(ROOT, Path(folder).resolve() / "origin"), arguments)
        except (WorkshopError, WrongEntryError) as error:
            sys.exit(str(error))
    sys.exit(1 if faults else 0)


def _run(root: Path, arguments: argparse.Namespace) -> list[str]:
    """Try the mutants that the arguments ask for, print what became of them, and give the faults."""
    start = time.monotonic()
    found = candidates(root)
    part, parts = map(int, arguments.part.split("/"))
    share = [
        one for one in chosen(found, arguments.number, arguments.seed) if one.file.startswith(arguments.below)
    ][part - 1 :: parts]
    if arguments.again is not None:
        rows = json.loads(arguments.again.read_text(encoding="utf-8"))["mutants"]
        lived = {_place(row) for row in rows if row["fate"] == Fate.SURVIVED.value}
        share = [one for one in share if (one.file, one.function, one.operator, one.text) in lived]
    if arguments.list:
        sys.stdout.write("".join(f"{mutant(root, one).diff}\n" for one in share))
        return []
    proofs = read_equivalents(root)
    trials = _tried(root, share, arguments.workers, frozenset(proofs), arguments.stages)
    faults = list(_faults(root, trials, proofs, found))
    if arguments.json is not None:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"version": 1, "mutants": list(map(_document, trials))}, indent=2) + "\n"
        arguments.json.write_text(text, encoding="utf-8")
    lines = [*_shown(trials, proofs), "", *(f"fault: {fault}" for fault in faults)]
    lines.append(f"{len(found)} places for mutants, {len(trials)} tried in {time.monotonic() - start:.0f} s")
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return faults


if __name__ == "__main__":
    main()
