"""The numbers of a report: how many endpoints are needed, and how they are answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from auditor.model.finding import AuditedCluster, Endpoint, Finding, Report, Severity, Status
from auditor.model.reading import ASSUMABLE
from auditor.model.verdict import Outcome

WORST_FIRST = (Outcome.BLOCKED, Outcome.MIXED, Outcome.UNKNOWN, Outcome.ALLOWED)
PROBLEMS = (Status.FAIL, Status.UNKNOWN)
"""What a reader must look at; the other states are counted only."""


@dataclass(frozen=True, slots=True)
class Answers:
    """How the endpoints of some clusters are answered; an endpoint counts once, with its worst answer."""

    required: Counter[Outcome]
    recommended: Counter[Outcome]
    uncertain: Counter[Outcome]
    """Recommended ones of which it is not known whether they are needed at all."""
    not_applicable: int

    @property
    def certain(self) -> Counter[Outcome]:
        """The answers about all that is known to be needed."""
        return self.required + self.recommended


def answers(clusters: Iterable[AuditedCluster]) -> Answers:
    """The answers of all `clusters`: endpoints with the same `to` are one, over all pools and subnets."""
    found = Answers(Counter(), Counter(), Counter(), 0)
    for cluster in clusters:
        by_target: dict[str, list[Endpoint]] = {}
        for endpoint in cluster.endpoints:
            by_target.setdefault(endpoint.to, []).append(endpoint)
        for same in by_target.values():
            found = _with(found, same)
    return found


def _with(found: Answers, same: Iterable[Endpoint]) -> Answers:
    """The answers and one more endpoint, of which these rows are told."""
    judged = [(item, item.verdict.outcome) for item in same if item.verdict is not None]
    if not judged:
        return replace(found, not_applicable=found.not_applicable + 1)
    certain = [item for item, _ in judged if item.applies]
    kind = found.recommended if certain else found.uncertain
    if any(item.level == "required" for item in certain):
        kind = found.required
    kind[min((outcome for _, outcome in judged), key=WORST_FIRST.index)] += 1
    return found


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
