"""The numbers of a report: how many endpoints are needed, and how they are answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from auditor.model.answers import WORST_FIRST, Answers, answers
from auditor.model.finding import Finding, Report, Severity, Status
from auditor.model.reading import ASSUMABLE
from auditor.model.verdict import Outcome

__all__ = [
    "PROBLEMS",
    "WORST_FIRST",
    "Answers",
    "answers",
    "assumptions",
    "general_notes",
    "plural",
    "severities",
    "spoken",
]

PROBLEMS = (Status.FAIL, Status.UNKNOWN)
"""What a reader must look at; the other states are counted only."""


def assumptions(report: Report) -> tuple[str, ...]:
    """Every code that some answer or finding rests on, in the order of `ASSUMABLE`."""
    used = {code for finding in report.findings for code in finding.assumptions}
    for cluster in report.clusters:
        used.update(code for item in cluster.endpoints if item.verdict for code in item.verdict.assumptions)
    order = {code: place for place, code in enumerate(ASSUMABLE)}
    return tuple(sorted(used, key=lambda code: (order.get(code, len(order)), code)))


def severities(findings: Iterable[Finding]) -> dict[str, int]:
    """How many findings of each severity failed, and how many have each other status."""
    counted = Counter(
        item.severity.value if item.status is Status.FAIL else item.status.value for item in findings
    )
    names = [
        *(level.value for level in Severity),
        *(state.value for state in Status if state is not Status.FAIL),
    ]
    return {name: counted[name] for name in names}


def general_notes(report: Report) -> tuple[str, ...]:
    """The notes that belong to no cluster."""
    told = {note for cluster in report.clusters for note in cluster.notes}
    return tuple(note for note in report.notes if note not in told)


def spoken(counted: Counter[Outcome]) -> str:
    """`28 allowed, 2 blocked, 1 unknown`: the answers that occur."""
    order = (Outcome.ALLOWED, Outcome.BLOCKED, Outcome.MIXED, Outcome.UNKNOWN)
    return ", ".join(f"{counted[outcome]} {outcome.value}" for outcome in order if counted[outcome])


def plural(number: int, word: str, many: str | None = None) -> str:
    """`1 subnet`, `2 subnets`."""
    return f"{number} {word if number == 1 else many or word + 's'}"
