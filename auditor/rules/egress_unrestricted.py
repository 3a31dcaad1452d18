"""Everything can leave: nothing on the path restricts public destinations."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.estate import Estate
from auditor.model.finding import AuditedCluster, Finding, From, RuleInfo, Severity, Status
from auditor.model.reading import ASSUMABLE
from auditor.model.resource_id import ResourceId
from auditor.model.verdict import Effect, Hop, Outcome, Stage, Verdict
from auditor.rules.controls import mcsb, nist, pci
from auditor.rules.default_routes import send_to_firewall
from auditor.rules.hint import Hint
from auditor.rules.hop_text import hop_sentence, hop_subject, told
from auditor.rules.interface import fingerprint
from auditor.rules.reason_codes import meaning_of
from auditor.rules.wording import distinct, quoted, shown

PROBE = "unrestricted"

_FEW = 1 << 20
"""Pieces that together hold fewer addresses may be set aside (design: names and addresses)."""


class EgressUnrestricted:
    """Fails for each subnet from which TCP 443 and a port that no rule names leave to all public addresses."""

    info = RuleInfo(
        id="egress-unrestricted",
        title="egress is not restricted",
        severity=Severity.ERROR,
        controls=(*mcsb("NS-1", "NS-3"), *pci("1.3.2"), *nist("SC-7(5)")),
        help=(
            "From this subnet every public address can be reached, on TCP 443 and on a port that no rule names, so "
            "nothing holds back data that an attacker or a mistake sends out. The finding names the way out. "
            "The usual answer is a default route to a firewall that admits what the cluster needs."
        ),
    )

    def check(self, audited: AuditedCluster) -> Iterator[Finding]:
        """See the interface."""
        asked: dict[ResourceId | None, list[tuple[From, Verdict | None]]] = {}
        answers = audited.probes.get(PROBE, ())
        for origin, verdict in answers:
            asked.setdefault(origin.subnet, []).append((origin, verdict))
        answered = {origin for origin, _ in answers}
        for origin in audited.sources:
            if origin not in answered:
                asked.setdefault(origin.subnet, []).append((origin, None))
        for subnet, found in asked.items():
            yield self._judge(audited, subnet, found)

    def _judge(
        self, audited: AuditedCluster, subnet: ResourceId | None, found: list[tuple[From, Verdict | None]]
    ) -> Finding:
        allowed = [
            (origin, item) for origin, item in found if item is not None and item.outcome is Outcome.ALLOWED
        ]
        unknown = [(origin, item) for origin, item in found if item is None or _undecided(item)]
        if allowed:
            return self._open(audited, subnet, allowed)
        if unknown:
            reasons = tuple(
                sorted({code for _, item in unknown if item is not None for code in item.reasons})
            )
            why = "; ".join(f"{meaning_of(code)} ({shown(code)})" for code in reasons) or "it was not asked"
            message = f"whether everything can leave is not known: {why}"
            return self._finding(
                audited, subnet, unknown, status=Status.UNKNOWN, message=message, reasons=reasons
            )
        return self._finding(audited, subnet, found, status=Status.PASS, message="not everything can leave")

    def _open(
        self, audited: AuditedCluster, subnet: ResourceId | None, allowed: list[tuple[From, Verdict]]
    ) -> Finding:
        pieces = [piece for _, verdict in allowed for piece in verdict.pieces if not piece.aside]
        path = max(pieces, key=lambda piece: piece.addresses).hops if pieces else ()
        exits = told(hop for piece in pieces for hop in piece.hops if hop.stage is Stage.EXIT)
        ways = distinct(_way(hop, audited.estate) for hop in exits)
        message = "TCP 443 and a port that no rule names leave to all public addresses"
        if ways:
            message += f" by {', '.join(ways)}"
        gates = told(
            hop
            for piece in pieces
            for hop in piece.hops
            if hop.stage in {Stage.FIREWALL, Stage.APPLIANCE} and hop.outcome is Effect.ALLOW
        )
        if gates:
            message += f"; {'; '.join(hop_sentence(hop, audited.estate) for hop in gates)}"
        hint = _narrow(gates, audited.estate) if gates else send_to_firewall(audited, subnet)
        return self._finding(
            audited,
            subnet,
            allowed,
            status=Status.FAIL,
            message=message,
            evidence=told((*gates, *exits)),
            path=path,
            hint=hint,
        )

    def _finding(
        self,
        audited: AuditedCluster,
        subnet: ResourceId | None,
        found: list[tuple[From, Verdict]] | list[tuple[From, Verdict | None]],
        *,
        status: Status,
        message: str,
        reasons: tuple[str, ...] = (),
        evidence: tuple[Hop, ...] = (),
        path: tuple[Hop, ...] = (),
        hint: Hint | None = None,
    ) -> Finding:
        cluster = audited.cluster
        resource = subnet if subnet is not None else cluster.id
        used = {code for _, verdict in found if verdict is not None for code in verdict.assumptions}
        return Finding(
            rule=self.info.id,
            severity=self.info.severity,
            status=status,
            cluster=cluster.id,
            cluster_name=cluster.name,
            subnets=(subnet,) if subnet is not None else (),
            pools=tuple(sorted({origin.pool for origin, _ in found})),
            endpoint=None,
            resource=resource,
            message=message,
            evidence=evidence,
            path=path,
            reasons=reasons,
            assumptions=tuple(code for code in ASSUMABLE if code in used),
            remediation=hint.words if hint is not None else "",
            commands=hint.commands if hint is not None else (),
            fingerprint=fingerprint(
                rule=self.info.id, cluster=cluster.id, subnet=subnet, resource=resource, subject=PROBE
            ),
        )


def _undecided(verdict: Verdict) -> bool:
    """Unknown, and what is proved to be blocked is too little to say that not everything can leave."""
    blocked = {
        piece.destinations: piece.addresses for piece in verdict.pieces if piece.verdict is Outcome.BLOCKED
    }
    return verdict.outcome is Outcome.UNKNOWN and sum(blocked.values()) < _FEW


def _way(hop: Hop, estate: Estate) -> str:
    """`load balancer kubernetes (UDR-41)`: the way out as the path tells it, else by the resource's name."""
    detail = shown(hop.detail)
    if detail.startswith("leaves by "):
        named = detail.removeprefix("leaves by ")
    else:
        named = hop_subject(hop, estate) + (f", {detail}" if detail else "")
    return f"{named} ({shown(hop.clause)})" if hop.clause else named


def _narrow(gates: tuple[Hop, ...], estate: Estate) -> Hint:
    """The path has a filter already, and its rules admit everything."""
    texts = [
        f"rule {quoted(hop.rule)} of {hop_subject(hop, estate)}"
        if hop.rule is not None
        else hop_subject(hop, estate)
        for hop in gates
    ]
    return Hint(
        words=f"narrow {' and '.join(distinct(texts))} to what the cluster needs: it admits everything"
    )
