"""Findings as cards: what the page shows of each, grouped by cluster, and counted by control and by rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from auditor.model.finding import AuditedCluster, Control, Detail, Finding, Report, RuleInfo, Status, Waiver
from auditor.model.reading import ASSUMPTIONS
from auditor.reporters.block_text import origin, subject, why
from auditor.reporters.html.store import Store
from auditor.reporters.merge import Block, Group, merged
from auditor.reporters.terminal_text import safe, safe_name

WORDS = ("error", "unknown", "warning", "note", "waived")
"""What stands in front of a finding, worst first."""
_MEMBERS = 12
"""Ranges or names of a set that a card shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One finding, merged over the subnets for which it says the same."""

    number: int
    column: int | None
    """The column of the matrix that it is about."""
    word: str
    severity: str
    rule: str
    subject: str
    origin: str
    why: tuple[str, ...]
    breaks: str
    details: tuple[str, ...]
    remedies: tuple[str, ...]
    commands: tuple[str, ...]
    assumptions: tuple[tuple[str, str], ...]
    """Codes with their meanings."""
    controls: tuple[str, ...]
    place: str
    """Where its cause stands in a file of the user's, `file:line:column`."""
    waiver: Waiver | None
    paths: tuple[tuple[str, int], ...]
    """Pools, and the place of the path they take."""
    fingerprints: tuple[str, ...]
    history: str
    """`new`, or since when it is known; empty where nothing was compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardGroup:
    """The cards of a cluster; without one, those of the whole snapshot."""

    number: int
    cluster: AuditedCluster | None
    name: str
    cards: tuple[Card, ...]

    @property
    def counted(self) -> tuple[tuple[str, int], ...]:
        """How many there are of each word that occurs, worst first."""
        counted = Counter(card.word for card in self.cards)
        return tuple((word, counted[word]) for word in WORDS if counted[word])


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """A rule or a control with the number of its findings of each status."""

    name: str
    title: str
    rules: tuple[str, ...]
    counted: Mapping[Status, int]


def card_groups(
    report: Report, shown: Sequence[Group], places: Mapping[str, Mapping[str, int]], store: Store
) -> tuple[CardGroup, ...]:
    """Every cluster with its problems and what is waived, in the order of `shown`.

    `places` gives, by the key of a cluster's id, the column of each `to`.
    """
    waived: dict[str, list[Finding]] = {}
    known = {item.cluster.id.key for item in report.clusters}
    for finding in report.findings:
        if finding.status is Status.WAIVED:
            key = finding.cluster.key if finding.cluster is not None else ""
            waived.setdefault(key if key in known else "", []).append(finding)
    made: list[CardGroup] = []
    cards = _Cards(report, store)
    others = () if "" not in waived or any(group.cluster is None for group in shown) else (Group(None, ()),)
    for number, group in enumerate((*shown, *others)):
        cluster = group.cluster
        key = cluster.cluster.id.key if cluster is not None else ""
        pools = tuple(dict.fromkeys(source.pool for source in cluster.sources)) if cluster else ()
        blocks = (*group.blocks, *merged(waived.get(key, ()), pools))
        columns = places.get(key, {})
        made.append(
            CardGroup(
                number=number,
                cluster=cluster,
                name=safe_name(cluster.cluster.name) if cluster is not None else "Whole snapshot",
                cards=tuple(cards.card(block, columns.get(block.first.endpoint or "")) for block in blocks),
            )
        )
    return tuple(made)


class _Cards:
    """Makes cards, numbered in the order in which they are asked for."""

    def __init__(self, report: Report, store: Store) -> None:
        self._store = store
        self._next = 0
        self._controls = {rule.id: tuple(map(control_name, rule.controls)) for rule in report.rules}
        changes = report.changes
        self._new = frozenset(changes.new if changes is not None else ())
        self._since = {past.fingerprint: past.first_seen for past in changes.persisting} if changes else {}

    def card(self, block: Block, column: int | None) -> Card:
        item = block.first
        number, self._next = self._next, self._next + 1
        return Card(
            number=number,
            column=column,
            word="waived" if item.status is Status.WAIVED else block.word,
            severity=item.severity.value,
            rule=safe_name(item.rule),
            subject=subject(block),
            origin=origin(block),
            why=tuple(why(block)),
            breaks=safe(item.breaks),
            details=tuple(
                map(_detail, dict.fromkeys(one for found in block.findings for one in found.details))
            ),
            remedies=tuple(map(safe, block.remediations)),
            commands=tuple(safe(command, len(command) * 10) for command in block.commands),
            assumptions=tuple((safe_name(code), ASSUMPTIONS.get(code, "")) for code in block.assumptions),
            controls=self._controls.get(item.rule, ()),
            place=_place(item),
            waiver=item.waiver,
            paths=tuple((", ".join(pools), path) for path, pools in self._paths(block).items()),
            fingerprints=tuple(safe_name(one.fingerprint) for one in block.findings if one.fingerprint),
            history=self._history(block),
        )

    def _paths(self, block: Block) -> dict[int, tuple[str, ...]]:
        paths: dict[int, tuple[str, ...]] = {}
        for finding in block.findings:
            hops = finding.path or finding.evidence
            if hops:
                path = self._store.path(hops)
                pools = map(safe_name, finding.pools)
                paths[path] = (*paths.get(path, ()), *pools)
        order = tuple(map(safe_name, block.pools))
        return {path: tuple(pool for pool in order if pool in pools) for path, pools in paths.items()}

    def _history(self, block: Block) -> str:
        fingerprints = [finding.fingerprint for finding in block.findings]
        if any(one in self._new for one in fingerprints):
            return "new"
        known = [self._since[one] for one in fingerprints if one in self._since]
        return f"since {safe_name(min(known)[:10])}" if known else ""


def _detail(detail: Detail) -> str:
    more = len(detail.members) - _MEMBERS
    members = ", ".join(detail.members[:_MEMBERS]) + (f" and {more} more" if more > 0 else "")
    return safe(f"{detail.head} {members} {detail.tail}".strip())


def _place(finding: Finding) -> str:
    place = finding.place
    return f"{safe(place.file)}:{place.line}:{place.column}" if place is not None else ""


def control_name(control: Control) -> str:
    """`PCI DSS v4.0.1 1.3.2`."""
    return safe_name(f"{control.standard} {control.id}")


def by_control(report: Report) -> tuple[Tally, ...]:
    """The clauses of standards that rules serve, with what those rules found."""
    served: dict[str, list[RuleInfo]] = {}
    for rule in report.rules:
        for control in rule.controls:
            served.setdefault(control_name(control), []).append(rule)
    return tuple(_tally(name, "", rules, report.findings) for name, rules in sorted(served.items()))


def by_rule(report: Report) -> tuple[Tally, ...]:
    """Every rule with what it found, passes included."""
    return tuple(
        _tally(safe_name(rule.id), safe(rule.title), (rule,), report.findings) for rule in report.rules
    )


def _tally(name: str, title: str, rules: Sequence[RuleInfo], findings: Iterable[Finding]) -> Tally:
    ids = {rule.id for rule in rules}
    return Tally(
        name=name,
        title=title,
        rules=tuple(safe_name(rule.id) for rule in rules),
        counted=Counter(finding.status for finding in findings if finding.rule in ids),
    )
