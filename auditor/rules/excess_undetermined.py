"""What may leave beyond the policy, if what is not known goes the other way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditor.model.egress import Undetermined
from auditor.model.finding import AuditedCluster, Finding, RuleInfo, Severity, Status
from auditor.model.reading import ASSUMPTIONS
from auditor.rules.egress_text import sent_details, sent_text
from auditor.rules.hint import Hint
from auditor.rules.interface import fingerprint
from auditor.rules.problem_findings import passed
from auditor.rules.reason_codes import meaning_of
from auditor.rules.supply_hints import supply_hint
from auditor.rules.wording import shown

_SETTLED = {
    "infrastructure-rules": "end the application rules with a collection that denies everything (FW-16)",
    "fqdn-rule-address": "admit the name by an application rule, or the addresses by a network rule without names",
    "fqdn-tag-opaque": "name the destinations that the tag stands for",
}
"""What settles a cause when the question is what else leaves, and not whether something needed does."""
_SETS = 1
"""So many sets of names the note tells: how they are cut says little about a cause."""


class ExcessUndetermined:
    """One note for each cluster and cause that leaves open whether more leaves than the policy admits."""

    info = RuleInfo(
        id="excess-undetermined",
        title="more may leave than the policy admits",
        severity=Severity.NOTE,
        help=(
            "What surely leaves is reported by excess-egress. This is the rest: traffic about which something was "
            "not read, is not documented or is assumed. Each finding names one cause and what would settle it."
        ),
    )

    def check(self, audited: AuditedCluster) -> Iterator[Finding]:
        """See the interface."""
        by_cause: dict[str, list[Undetermined]] = {}
        for one in audited.undetermined:
            by_cause.setdefault(one.cause, []).append(one)
        for cause, parts in by_cause.items():
            yield self._open(audited, cause, parts)
        if not audited.undetermined:
            yield passed(self.info, audited, "what leaves is known exactly")

    def _open(self, audited: AuditedCluster, cause: str, parts: Sequence[Undetermined]) -> Finding:
        cluster, witness = audited.cluster, parts[0].witness
        origins = [origin for one in parts for origin in one.asked_from]
        settled = _SETTLED.get(cause)
        hint = (
            Hint(words=settled)
            if settled is not None
            else supply_hint(audited.estate, cluster, cause, witness, ())
        )
        why = f"assumed is that {ASSUMPTIONS[cause]}" if cause in ASSUMPTIONS else meaning_of(cause)
        return Finding(
            rule=self.info.id,
            severity=self.info.severity,
            status=Status.UNKNOWN if audited.strict else Status.FAIL,
            cluster=cluster.id,
            cluster_name=cluster.name,
            subnets=tuple(sorted({origin.subnet for origin in origins if origin.subnet is not None})),
            pools=tuple(sorted({origin.pool for origin in origins})),
            endpoint=None,
            resource=cluster.id,
            message=(
                f"may leave beyond the policy: {sent_text(parts, _SETS)}, such as {witness}; {why} ({shown(cause)})"
            ),
            reasons=(cause,),
            remediation=hint.words,
            commands=hint.commands,
            fingerprint=fingerprint(
                rule=self.info.id, cluster=cluster.id, subnet=None, resource=cluster.id, subject=cause
            ),
            details=sent_details(parts, _SETS),
        )
