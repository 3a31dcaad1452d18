"""A network rule decides about traffic before the application rules that are meant to control it."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.estate import Estate
from auditor.model.finding import AuditedCluster, Finding, Problem, RuleInfo, Severity
from auditor.model.firewall import Firewall, NetworkRule
from auditor.rules.az_command import az
from auditor.rules.controls import mcsb, pci
from auditor.rules.firewall_chain import firewall_of
from auditor.rules.firewall_rules import Place, places_of_rule
from auditor.rules.hint import Hint
from auditor.rules.problem_findings import reported
from auditor.rules.wording import listed, shown


class NetworkRuleBypassesApplicationRules:
    """Fails for each network rule that takes web traffic away from application rules (FW-13, FW-32)."""

    info = RuleInfo(
        id="network-rule-bypasses-application-rules",
        title="a network rule takes traffic that application rules mean to control",
        severity=Severity.WARNING,
        controls=(*mcsb("NS-3"), *pci("1.3.2")),
        help=(
            "Azure Firewall asks all network rules before any application rule, whatever their priorities. A network "
            "rule that admits the web ports to a large part of the Internet therefore makes lists of allowed names "
            "pointless and denied names reachable. The same holds for UDP 443 and 80, which carry QUIC."
        ),
    )

    def check(self, audited: AuditedCluster) -> Iterator[Finding]:
        """See the interface."""
        return reported(
            self.info, audited, _mend, "no network rule takes traffic that application rules mean to control"
        )


def _mend(audited: AuditedCluster, problem: Problem) -> Hint:
    """Take the ports away from the rule, or the rule itself where it has no others."""
    ports = set(problem.lacking)
    words = (
        f"let application rules name what needs port {listed(sorted(ports, key=int))}, "
        f"then take it out of network rule {shown(problem.subject)}"
    )
    firewall = firewall_of(audited.estate, problem.resource.text)
    found = _rule(audited.estate, firewall, problem) if firewall is not None else None
    if firewall is None or found is None:
        return Hint(words=words)
    place, rule = found
    rest = tuple(port for port in rule.ports if port not in ports)
    if any(port == "*" or "-" in port for port in rule.ports):
        return Hint(words=words)
    return Hint(words=words, commands=_narrow(place, rule, rest) if rest else _remove(firewall, place, rule))


def _rule(estate: Estate, firewall: Firewall, problem: Problem) -> tuple[Place, NetworkRule] | None:
    """The rule, if exactly one bears the name."""
    name = problem.subject.partition("/")[2]
    found = [
        (place, rule)
        for place in places_of_rule(estate, firewall, problem.subject, problem.resource.text)
        for rule in place.collection.rules
        if isinstance(rule, NetworkRule) and rule.name == name
    ]
    return found[0] if len(found) == 1 else None


def _narrow(place: Place, rule: NetworkRule, rest: tuple[str, ...]) -> tuple[str, ...]:
    if place.policy is None or place.group is None:
        return ()
    return az(
        "network firewall policy rule-collection-group collection rule update",
        place.policy,
        policy_name=place.policy.name,
        rule_collection_group_name=place.group.id.name,
        collection_name=place.collection.name,
        name=rule.name,
        destination_ports=rest,
    )


def _remove(firewall: Firewall, place: Place, rule: NetworkRule) -> tuple[str, ...]:
    if place.policy is None or place.group is None:
        return az(
            "network firewall network-rule delete",
            firewall.id,
            firewall_name=firewall.id.name,
            collection_name=place.collection.name,
            name=rule.name,
        )
    return az(
        "network firewall policy rule-collection-group collection rule remove",
        place.policy,
        policy_name=place.policy.name,
        rule_collection_group_name=place.group.id.name,
        collection_name=place.collection.name,
        name=rule.name,
    )
