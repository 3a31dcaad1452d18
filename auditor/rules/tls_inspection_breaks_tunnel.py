"""A firewall opens the TLS of the tunnel that joins nodes and API server."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.finding import AuditedCluster, Finding, Problem, RuleInfo, Severity
from auditor.model.firewall import ApplicationRule, Rule
from auditor.netset import NamePattern
from auditor.rules.az_command import az
from auditor.rules.firewall_chain import firewall_of
from auditor.rules.firewall_rules import Place, places_of_rule
from auditor.rules.hint import Hint
from auditor.rules.problem_findings import reported
from auditor.rules.wording import shown

_GROUP = "network firewall policy rule-collection-group collection"
_API_SERVERS = tuple(
    NamePattern.parse(text) for text in ("*.azmk8s.io", "*.azk8s.cn", "*.containerservice.azure.us")
)
_FIRST = 100
"""The lowest priority of a rule collection (FW-8)."""


class TlsInspectionBreaksTunnel:
    """Fails for each application rule that inspects TLS to the cluster's own API server (FW-33)."""

    info = RuleInfo(
        id="tls-inspection-breaks-tunnel",
        title="a firewall inspects the TLS of the tunnel to the API server",
        severity=Severity.WARNING,
        help=(
            "An application rule with TLS inspection ends the connection at the firewall and opens another one. The "
            "tunnel between nodes and API server negotiates its protocol (ALPN) and uses client certificates, neither "
            "of which gets through. Nodes may look healthy while logs, exec and webhooks fail."
        ),
    )

    def check(self, audited: AuditedCluster) -> Iterator[Finding]:
        """See the interface."""
        return reported(
            self.info, audited, _mend, "no firewall inspects the TLS of the tunnel to the API server"
        )


def _mend(audited: AuditedCluster, problem: Problem) -> Hint:
    """Turn inspection off for a rule about API servers alone; else a rule for this one goes first."""
    name = problem.lacking[0] if problem.lacking else "the API server"
    collection, _, rule_name = problem.subject.partition("/")
    words = f"exempt {shown(name)} from TLS inspection by an application rule that runs before {shown(problem.subject)}"
    firewall = firewall_of(audited.estate, problem.resource.text)
    if firewall is None:
        return Hint(words=words)
    places = places_of_rule(audited.estate, firewall, problem.subject, problem.resource.text)
    found = [(place, rule) for place in places for rule in place.collection.rules if rule.name == rule_name]
    if len(found) != 1:
        return Hint(words=words)
    ((place, rule),) = found
    if isinstance(rule, ApplicationRule) and _names_api_servers_only(rule):
        return Hint(
            words=f"turn off TLS inspection of rule {shown(rule_name)} in collection {shown(collection)}",
            commands=_turn_off(place, rule),
        )
    return Hint(words=words, commands=_exempt(place, rule, name))


def _names_api_servers_only(rule: ApplicationRule) -> bool:
    if rule.urls or rule.fqdn_tags or rule.web_categories or not rule.fqdns:
        return False
    try:
        patterns = [NamePattern.parse(text) for text in rule.fqdns]
    except ValueError:
        return False
    return all(any(pattern <= known for known in _API_SERVERS) for pattern in patterns)


def _turn_off(place: Place, rule: ApplicationRule) -> tuple[str, ...]:
    if place.policy is None or place.group is None:
        return ()
    return az(
        f"{_GROUP} rule update",
        place.policy,
        policy_name=place.policy.name,
        rule_collection_group_name=place.group.id.name,
        collection_name=place.collection.name,
        name=rule.name,
        enable_tls_insp="false",
    )


def _exempt(place: Place, rule: Rule, name: str) -> tuple[str, ...]:
    """A collection right before the inspecting one, if its group has a free priority there (FW-8)."""
    if place.policy is None or place.group is None or not isinstance(rule, ApplicationRule):
        return ()
    taken = {item.priority for item in place.group.collections}
    before = place.collection.priority - 1
    if before < _FIRST or before in taken:
        return ()
    sources = (
        {"source_ip_groups": tuple(group.text for group in rule.source_groups)}
        if rule.source_groups
        else {"source_addresses": rule.sources}
    )
    return az(
        f"{_GROUP} add-filter-collection",
        place.policy,
        policy_name=place.policy.name,
        rule_collection_group_name=place.group.id.name,
        name=f"{place.collection.name}-not-inspected"[:80],
        collection_priority=before,
        action="Allow",
        rule_name="api-server",
        rule_type="ApplicationRule",
        target_fqdns=(name,),
        protocols=("Https=443",),
        **sources,
    )
