"""The rules that run, in a fixed order, and how their findings become one sorted list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from auditor.model.finding import AuditedCluster, Finding, RuleInfo, Severity, Status, Waiver
from auditor.model.reading import ASSUMABLE
from auditor.rules.api_server_rejects_egress_ip import ApiServerRejectsEgressIp
from auditor.rules.asymmetric_load_balancer_path import AsymmetricLoadBalancerPath
from auditor.rules.collection_incomplete import CollectionIncomplete
from auditor.rules.egress_unrestricted import EgressUnrestricted
from auditor.rules.endpoint_undetermined import EndpointUndetermined
from auditor.rules.excess_egress import ExcessEgress
from auditor.rules.excess_undetermined import ExcessUndetermined
from auditor.rules.exfiltration_prone_rule import ExfiltrationProneRule
from auditor.rules.firewall_bypassed import FirewallBypassed
from auditor.rules.forbidden_egress import ForbiddenEgress
from auditor.rules.fqdn_rule_without_dns_proxy import FqdnRuleWithoutDnsProxy
from auditor.rules.interface import Audit, PolicyRule, Rule
from auditor.rules.network_rule_bypasses_application_rules import NetworkRuleBypassesApplicationRules
from auditor.rules.next_hop_dangling import NextHopDangling
from auditor.rules.outbound_type_mismatch import OutboundTypeMismatch
from auditor.rules.recommended_endpoint_blocked import RecommendedEndpointBlocked
from auditor.rules.required_endpoint_blocked import RequiredEndpointBlocked
from auditor.rules.rule_redundant import RuleRedundant
from auditor.rules.rule_shadowed import RuleShadowed
from auditor.rules.rule_unmatchable import RuleUnmatchable
from auditor.rules.tls_inspection_breaks_tunnel import TlsInspectionBreaksTunnel
from auditor.rules.unneeded_baseline_egress import UnneededBaselineEgress
from auditor.rules.waiver_expired import WaiverExpired
from auditor.rules.waiver_unused import WaiverUnused
from auditor.rules.wording import distinct

RULES: tuple[Rule, ...] = (
    RequiredEndpointBlocked(),
    EgressUnrestricted(),
    ExcessEgress(),
    ForbiddenEgress(),
    FirewallBypassed(),
    RecommendedEndpointBlocked(),
    OutboundTypeMismatch(),
    NextHopDangling(),
    FqdnRuleWithoutDnsProxy(),
    ExfiltrationProneRule(),
    NetworkRuleBypassesApplicationRules(),
    AsymmetricLoadBalancerPath(),
    ApiServerRejectsEgressIp(),
    TlsInspectionBreaksTunnel(),
    RuleShadowed(),
    RuleUnmatchable(),
    RuleRedundant(),
    UnneededBaselineEgress(),
    ExcessUndetermined(),
    EndpointUndetermined(),
    CollectionIncomplete(),
)

POLICY_RULES: tuple[PolicyRule, ...] = (WaiverExpired(), WaiverUnused())
"""Rules about the policy itself, which run once the waivers are applied."""

INFOS: tuple[RuleInfo, ...] = (*(rule.info for rule in RULES), *(rule.info for rule in POLICY_RULES))
"""The description of every rule."""

_SEVERITIES = tuple(Severity)
_STATUSES = (Status.FAIL, Status.UNKNOWN, Status.WAIVED, Status.PASS, Status.NOT_APPLICABLE)
_PROBLEMS = frozenset({Status.FAIL, Status.UNKNOWN})


def run_rules(audited: Sequence[AuditedCluster]) -> tuple[Finding, ...]:
    """All findings about these clusters, one for each fingerprint.

    Sorted by cluster; then problems before the rest, the severest first and failures before unknowns; then by
    rule in register order, rank, endpoint, subnet and fingerprint.
    """
    found = (finding for cluster in audited for rule in RULES for finding in rule.check(cluster))
    return ordered(merged(found))


def run_policy_rules(waivers: tuple[Waiver, ...], audit: Audit) -> tuple[Finding, ...]:
    """All findings about the waivers of a policy; each knows by now whether it is over and what it covers."""
    return ordered(finding for rule in POLICY_RULES for finding in rule.check_policy(waivers, audit))


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings in the order of reports; see `run_rules`."""
    return tuple(sorted(findings, key=_order))


def merged(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """One finding for each fingerprint; the worse of two speaks, and what the other adds is joined to it."""
    table: dict[str, Finding] = {}
    for finding in findings:
        other = table.get(finding.fingerprint)
        table[finding.fingerprint] = finding if other is None else _merge(other, finding)
    return tuple(table.values())


def _merge(one: Finding, other: Finding) -> Finding:
    first, second = (other, one) if _badness(other) < _badness(one) else (one, other)
    if first.status is not second.status:
        return first
    codes = {*first.assumptions, *second.assumptions}
    return replace(
        first,
        subnets=tuple(sorted({*first.subnets, *second.subnets})),
        pools=tuple(sorted({*first.pools, *second.pools})),
        purpose="; ".join(distinct((*first.purpose.split("; "), *second.purpose.split("; ")))),
        breaks="; ".join(distinct((*first.breaks.split("; "), *second.breaks.split("; ")))),
        evidence=tuple(dict.fromkeys((*first.evidence, *second.evidence))),
        reasons=tuple(sorted({*first.reasons, *second.reasons})),
        assumptions=tuple(code for code in ASSUMABLE if code in codes),
        commands=distinct((*first.commands, *second.commands)),
    )


def _badness(finding: Finding) -> tuple[int, int]:
    return _STATUSES.index(finding.status), _SEVERITIES.index(finding.severity)


def _order(finding: Finding) -> tuple[str, bool, int, int, int, int, str, str, str]:
    ids = [info.id for info in INFOS]
    return (
        finding.cluster.key if finding.cluster is not None else "",
        finding.status not in _PROBLEMS,
        _SEVERITIES.index(finding.severity),
        _STATUSES.index(finding.status),
        ids.index(finding.rule) if finding.rule in ids else len(ids),
        finding.rank,
        finding.endpoint or "",
        "\n".join(subnet.key for subnet in finding.subnets),
        finding.fingerprint,
    )
