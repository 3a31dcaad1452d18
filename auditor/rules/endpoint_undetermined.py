"""Whether an endpoint gets out cannot be told from what was read."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.finding import AuditedCluster, Finding, RuleInfo, Severity, Status
from auditor.model.verdict import Effect, Hop, Outcome, Piece, Stage
from auditor.rules.destination import read_destination
from auditor.rules.endpoint_findings import Subject, blockers_of, finding, passed, subjects
from auditor.rules.hint import joined
from auditor.rules.hop_text import deciding_resource, hop_sentence, hop_subject, told
from auditor.rules.reason_codes import meaning_of
from auditor.rules.supply_hints import supply_hint
from auditor.rules.wording import counted, distinct, listed, shown

_MOST_PARTS = 4


class EndpointUndetermined:
    """`unknown` for each destination and subnet without an answer, with what would give one."""

    info = RuleInfo(
        id="endpoint-undetermined",
        title="whether an endpoint gets out is not known",
        severity=Severity.ERROR,
        help=(
            "Something on the path was not read, or Azure does not document what it does, so neither allowed nor "
            "blocked would be honest. The finding says what is missing and how to supply it. Required endpoints "
            "without an answer make the audit incomplete (exit 3); recommended ones do not."
        ),
    )

    def check(self, audited: AuditedCluster) -> Iterator[Finding]:
        """See the interface."""
        for subject in subjects(audited):
            if not subject.applies:
                continue
            severity = Severity.ERROR if subject.level == "required" else Severity.WARNING
            undecided = subject.answered(Outcome.UNKNOWN)
            if undecided is not None:
                yield self._undecided(audited, undecided, severity)
            else:
                yield passed(self.info, audited, subject, "determined")

    def _undecided(self, audited: AuditedCluster, subject: Subject, severity: Severity) -> Finding:
        pieces = [piece for verdict in subject.verdicts for piece in verdict.pieces if not piece.aside]
        opened = [piece for piece in pieces if piece.verdict is Outcome.UNKNOWN]
        path = [hop for piece in opened or pieces for hop in piece.hops]
        unknown = told(hop for hop in path if hop.outcome is Effect.UNKNOWN)
        reasons = tuple(sorted({code for verdict in subject.verdicts for code in verdict.reasons}))
        sentences = [hop_sentence(hop, audited.estate) for hop in unknown]
        carried = {code for hop in unknown for code in hop.codes}
        sentences += [f"{meaning_of(code)} ({shown(code)})" for code in reasons if code not in carried]
        outcomes = {piece.verdict for piece in pieces}
        if len(outcomes) > 1:
            sentences.append(f"the parts: {_parts(pieces, audited)}")
        # An address that is not known may be that of the proxy on the way, not that of the endpoint.
        proxy = next(
            (hop.resource for hop in unknown if hop.stage is Stage.PROXY and hop.resource), subject.to
        )
        name = read_destination(proxy, audited.estate.service_tags).host
        hint = joined(
            (supply_hint(audited.estate, audited.cluster, code, name, path) for code in reasons),
            between="; and ",
        )
        return finding(
            self.info,
            audited,
            subject,
            status=Status.UNKNOWN,
            severity=severity,
            message="; ".join(distinct(sentences)) or "no reason was given",
            resource=deciding_resource(unknown),
            evidence=unknown,
            path=max(opened or pieces, key=lambda piece: piece.addresses).hops if pieces else (),
            reasons=reasons,
            remediation=hint.words,
            commands=hint.commands,
        )


def _parts(pieces: list[Piece], audited: AuditedCluster) -> str:
    """`blocked for 0.0.0.0/1 (... addresses) by firewall fw, allowed for ...`, the largest first."""
    groups: dict[str, dict[tuple[str, ...], int]] = {}
    for piece in pieces:
        hops: tuple[Hop, ...] = blockers_of(piece) if piece.verdict is Outcome.BLOCKED else ()
        by = listed(distinct(hop_subject(hop, audited.estate) for hop in hops), 3)
        key = f"{piece.verdict} for {{}}" + (f" by {by}" if by else "")
        groups.setdefault(key, {})[piece.destinations] = piece.addresses
    ordered = sorted(groups.items(), key=lambda item: (-sum(item[1].values()), item[0]))
    texts = [_part(key, destinations) for key, destinations in ordered[:_MOST_PARTS]]
    if len(ordered) > _MOST_PARTS:
        texts.append(f"{len(ordered) - _MOST_PARTS} more")
    return ", ".join(texts)


def _part(text: str, destinations: dict[tuple[str, ...], int]) -> str:
    """One part with its first destinations; pieces list no more than the first of theirs, but count them all."""
    first = distinct(item for piece in destinations for item in piece)
    shown_first = ", ".join(shown(item) for item in first[:3]) + (", ..." if len(first) > 3 else "")
    return text.replace("{}", f"{shown_first} ({counted(sum(destinations.values()), 'address')})", 1)
