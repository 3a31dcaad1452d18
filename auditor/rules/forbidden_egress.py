"""Traffic leaves that the policy forbids."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditor.model.egress import Excess, Forbidden
from auditor.model.finding import AuditedCluster, Finding, RuleInfo, Severity, Status
from auditor.model.reading import ASSUMPTIONS
from auditor.model.resource_id import ResourceId
from auditor.model.verdict import Hop
from auditor.rules.controls import mcsb, nist, pci
from auditor.rules.default_routes import send_to_firewall
from auditor.rules.egress_text import sent_text
from auditor.rules.excess_findings import deciding, leaving, rule_text
from auditor.rules.hint import Hint
from auditor.rules.interface import fingerprint
from auditor.rules.reason_codes import meaning_of
from auditor.rules.supply_hints import supply_hint
from auditor.rules.wording import listed, shown


class ForbiddenEgress:
    """Fails for each subnet, forbidden row and responsible rule; unknown where a part of a row cannot be decided."""

    info = RuleInfo(
        id="forbidden-egress",
        title="traffic leaves that the policy forbids",
        severity=Severity.ERROR,
        controls=(*mcsb("NS-1", "NS-3"), *pci("1.3.2"), *nist("AC-4")),
        help=(
            "A row under forbid in the organisation policy names destinations that nothing may reach, whatever else "
            "allows or needs them. The finding names the rule that lets them out, the exact set and one member as a "
            "proof. Where something that was not read leaves it open, the status is unknown and the audit is "
            "incomplete. It beats allow."
        ),
    )

    def check(self, audited: AuditedCluster) -> Iterator[Finding]:
        """See the interface."""
        for row in audited.forbidden:
            by_rule: dict[Hop, list[Excess]] = {}
            for one in row.leaves:
                by_rule.setdefault(one.rule, []).append(one)
            for rule, parts in by_rule.items():
                yield self._leaves(audited, row, rule, parts)
            if row.open:
                # Who accepts what a rule lets out has not accepted what nobody knows.
                yield self._open(audited, row)
            elif not row.leaves:
                yield self._about(audited, row, Status.PASS, _fine(row))

    def _leaves(self, audited: AuditedCluster, row: Forbidden, rule: Hop, parts: Sequence[Excess]) -> Finding:
        subnet = row.asked_from[0].subnet
        hint = (
            Hint(words=f"take it out of {rule_text(rule, audited)}, or deny it before")
            if rule.rule is not None
            else send_to_firewall(audited, subnet)
        )
        why = f" ({shown(row.reason)})" if row.reason else ""
        what = f"{deciding(rule, audited)} lets out {sent_text(parts)}, such as {parts[0].witness}"
        return leaving(
            self.info,
            audited,
            subnet,
            rule,
            parts,
            severity=self.info.severity,
            message=f"forbidden{why}: {what}",
            remediation=hint.words,
            commands=hint.commands,
            endpoint=row.to,
            place=row.place,
        )

    def _open(self, audited: AuditedCluster, row: Forbidden) -> Finding:
        causes = tuple(sorted({one.cause for one in row.open}))
        first = row.open[0]
        hint = supply_hint(audited.estate, audited.cluster, first.cause, first.witness, ())
        by_cause = {one.cause: one.witness for one in reversed(row.open)}
        what = listed(tuple(dict.fromkeys(by_cause[cause] for cause in causes)), 3)
        why = "; ".join(_meaning(code) for code in causes)
        return self._about(
            audited,
            row,
            Status.UNKNOWN,
            f"forbidden, and whether it leaves is not known, such as {shown(what)}: {why}",
            reasons=causes,
            hint=hint,
        )

    def _about(
        self,
        audited: AuditedCluster,
        row: Forbidden,
        status: Status,
        message: str,
        *,
        reasons: tuple[str, ...] = (),
        hint: Hint | None = None,
    ) -> Finding:
        cluster = audited.cluster
        subnet: ResourceId | None = row.asked_from[0].subnet
        resource = subnet if subnet is not None else cluster.id
        return Finding(
            rule=self.info.id,
            severity=self.info.severity,
            status=status,
            cluster=cluster.id,
            cluster_name=cluster.name,
            subnets=(subnet,) if subnet is not None else (),
            pools=tuple(sorted({origin.pool for origin in row.asked_from})),
            endpoint=row.to,
            resource=resource,
            message=message,
            reasons=reasons,
            assumptions=row.assumptions if status is Status.PASS else (),
            remediation=hint.words if hint is not None else "",
            commands=hint.commands if hint is not None else (),
            fingerprint=fingerprint(
                rule=self.info.id, cluster=cluster.id, subnet=subnet, resource=resource, subject=row.to
            ),
            place=row.place,
        )


def _meaning(code: str) -> str:
    told = f"not assumed is that {ASSUMPTIONS[code]}" if code in ASSUMPTIONS else meaning_of(code)
    return f"{told} ({shown(code)})"


def _fine(row: Forbidden) -> str:
    if row.assumptions:
        return "nothing of it leaves, unless its addresses are among the few that leave whatever is meant"
    if not row.by_name:
        return "nothing of it leaves by address, nor by a name that is known to lead there"
    return "nothing of it leaves"
