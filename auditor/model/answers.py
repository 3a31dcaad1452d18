"""How the endpoints of clusters are answered, as numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from auditor.model.finding import AuditedCluster, Endpoint
from auditor.model.verdict import Outcome

WORST_FIRST = (Outcome.BLOCKED, Outcome.MIXED, Outcome.UNKNOWN, Outcome.ALLOWED)


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
