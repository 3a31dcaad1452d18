"""What the rules about endpoints share: rows that ask the same are one subject, and its findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from auditor.model.finding import AuditedCluster, Endpoint, Finding, RuleInfo, Severity, Status
from auditor.model.reading import ASSUMABLE
from auditor.model.resource_id import ResourceId
from auditor.model.verdict import Hop, Outcome, Piece, Verdict
from auditor.rules.hop_text import deciding_resource, hop_sentence, told
from auditor.rules.interface import fingerprint
from auditor.rules.remedy_hints import hint_for, wish_for
from auditor.rules.wording import counted, distinct, listed, shown

_MANY = 1 << 20
"""From this many addresses on, a piece speaks for a name whose addresses are not known (design: names)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """All rows that ask for one destination from one subnet; the severest level counts."""

    to: str
    subnet: ResourceId | None
    level: str
    applies: bool
    """False when whether any row applies hangs on facts that were not read."""
    rows: tuple[Endpoint, ...]
    """The rows of that level and certainty, in their order."""

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """The answers of all rows."""
        return tuple(row.verdict for row in self.rows if row.verdict is not None)

    def answered(self, *outcomes: Outcome) -> Subject | None:
        """The subject with the rows of these outcomes only, or None without any."""
        rows = tuple(row for row in self.rows if row.verdict is not None and row.verdict.outcome in outcomes)
        if not rows:
            return None
        return Subject(to=self.to, subnet=self.subnet, level=self.level, applies=self.applies, rows=rows)


def subjects(audited: AuditedCluster) -> tuple[Subject, ...]:
    """Every destination that is or may be needed, once for each subnet, in the order of the rows."""
    groups: dict[tuple[str, ResourceId | None], list[Endpoint]] = {}
    for row in audited.endpoints:
        if row.applies is not False and row.verdict is not None:
            groups.setdefault((row.to, row.asked_from.subnet), []).append(row)
    return tuple(_subject(to, subnet, rows) for (to, subnet), rows in groups.items())


def _subject(to: str, subnet: ResourceId | None, rows: list[Endpoint]) -> Subject:
    certain = [row for row in rows if row.applies]
    counted_rows = certain or rows
    required = [row for row in counted_rows if row.level == "required"]
    return Subject(
        to=to,
        subnet=subnet,
        level="required" if required else "recommended",
        applies=bool(certain),
        rows=tuple(required or counted_rows),
    )


def judged(info: RuleInfo, audited: AuditedCluster, level: str) -> Iterator[Finding]:
    """Fail for each subject of `level` that is blocked or mixed somewhere, pass for each that is allowed everywhere."""
    for subject in subjects(audited):
        if not subject.applies or subject.level != level:
            continue
        stopped = subject.answered(Outcome.BLOCKED, Outcome.MIXED)
        if stopped is not None:
            yield _blocked(info, audited, stopped)
        elif subject.answered(Outcome.UNKNOWN) is None:
            yield passed(info, audited, subject, "allowed")


def passed(info: RuleInfo, audited: AuditedCluster, subject: Subject, verb: str) -> Finding:
    """The finding that says that a subject is as it should be."""
    message = f"{verb}{_aside(subject.verdicts)}"
    return finding(
        info, audited, subject, status=Status.PASS, message=message, path=_path(_pieces(subject.verdicts))
    )


def _blocked(info: RuleInfo, audited: AuditedCluster, subject: Subject) -> Finding:
    stopped = _weighty([piece for piece in _pieces(subject.verdicts) if piece.verdict is Outcome.BLOCKED])
    blockers = told(hop for piece in stopped for hop in blockers_of(piece))
    tags = distinct(tag for row in subject.rows for tag in row.tags)
    wish = wish_for(audited, subject.to, subject.subnet, stopped, tags)
    hint = hint_for(wish, blockers)
    why = "; also ".join(hop_sentence(hop, audited.estate) for hop in blockers) or "blocked"
    if any(verdict.outcome is Outcome.MIXED for verdict in subject.verdicts):
        where = distinct(text for piece in stopped for text in piece.destinations)
        why = f"allowed in part only, blocked for {listed(where, 3)}: {why}"
    message = why + _aside(subject.verdicts)
    breaks = _joined(row.breaks for row in subject.rows)
    return finding(
        info,
        audited,
        subject,
        status=Status.FAIL,
        message=f"{message}; breaks: {breaks}" if breaks else message,
        resource=deciding_resource(blockers),
        evidence=blockers,
        path=_path(stopped),
        remediation=hint.words,
        commands=hint.commands,
    )


def _weighty(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces that stop the endpoint, without the few addresses that something else stops as well.

    Beside a piece of millions of addresses, a blocklisted address or a narrow route is not what has to be mended.
    """
    heavy = [piece for piece in pieces if not piece.aside and piece.addresses >= _MANY]
    return heavy or [piece for piece in pieces if not piece.aside] or list(pieces)


def finding(
    info: RuleInfo,
    audited: AuditedCluster,
    subject: Subject,
    *,
    status: Status,
    message: str,
    severity: Severity | None = None,
    resource: ResourceId | None = None,
    evidence: tuple[Hop, ...] = (),
    path: tuple[Hop, ...] = (),
    reasons: tuple[str, ...] = (),
    remediation: str = "",
    commands: tuple[str, ...] = (),
) -> Finding:
    """A finding about one subject; without a deciding resource it is about the cluster itself."""
    cluster = audited.cluster
    primary = resource if resource is not None else cluster.id
    used = {code for verdict in subject.verdicts for code in verdict.assumptions}
    return Finding(
        rule=info.id,
        severity=severity if severity is not None else info.severity,
        status=status,
        cluster=cluster.id,
        cluster_name=cluster.name,
        subnets=(subject.subnet,) if subject.subnet is not None else (),
        pools=tuple(sorted({row.asked_from.pool for row in subject.rows})),
        endpoint=subject.to,
        resource=primary,
        message=message,
        purpose=_joined(row.purpose for row in subject.rows),
        breaks=_joined(row.breaks for row in subject.rows),
        evidence=evidence,
        path=path,
        reasons=reasons,
        assumptions=tuple(code for code in ASSUMABLE if code in used),
        remediation=remediation,
        commands=commands,
        fingerprint=fingerprint(
            rule=info.id, cluster=cluster.id, subnet=subject.subnet, resource=primary, subject=subject.to
        ),
        level=subject.level,
    )


def blockers_of(piece: Piece) -> tuple[Hop, ...]:
    """All hops that stop a piece."""
    return piece.blockers or tuple(hop for hop in piece.hops if hop.outcome.stops)


def _pieces(verdicts: Iterable[Verdict]) -> tuple[Piece, ...]:
    """The pieces that decide: those set aside count only where nothing else is left."""
    every = tuple(piece for verdict in verdicts for piece in verdict.pieces)
    return tuple(piece for piece in every if not piece.aside) or every


def _path(pieces: Iterable[Piece]) -> tuple[Hop, ...]:
    """The path of the piece that stands for the most addresses."""
    return max(pieces, key=lambda piece: piece.addresses).hops if (pieces := tuple(pieces)) else ()


def _aside(verdicts: Iterable[Verdict]) -> str:
    """The pieces set aside, for the message (code `address-unlisted`)."""
    texts = [
        f"{listed(piece.destinations, 3)} ({counted(piece.addresses, 'address')}, {piece.verdict})"
        for verdict in verdicts
        for piece in verdict.pieces
        if piece.aside
    ]
    return f"; set aside: {', '.join(distinct(texts))}" if texts else ""


def _joined(texts: Iterable[str]) -> str:
    return "; ".join(distinct(shown(text) for text in texts))
