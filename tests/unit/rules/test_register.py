from __future__ import annotations

import re
from dataclasses import fields, replace
from pathlib import Path

import pytest

from auditor.model.finding import Severity, Status
from auditor.model.resource_id import ResourceId
from auditor.rules.interface import PolicyRule, Rule
from auditor.rules.register import INFOS, POLICY_RULES, RULES, merged, run_rules
from tests.unit.rules.world import (
    ALLOWED,
    APPS,
    BLOCKED,
    DATA,
    FROM_SYS,
    MCR,
    SYS,
    UNKNOWN,
    audited,
    cluster,
    endpoint,
)

PAGES = Path(__file__).parents[3] / "docs" / "rules"
HEADINGS = [
    "## What it finds",
    "## Why it matters",
    "## Example that fires",
    "## Example that passes",
    "## How to mend it",
]


def test_ids_are_those_of_the_design_in_their_order() -> None:
    """Ids are stable and the order of the register is fixed."""
    assert [rule.info.id for rule in RULES] == [
        "required-endpoint-blocked",
        "egress-unrestricted",
        "excess-egress",
        "forbidden-egress",
        "firewall-bypassed",
        "recommended-endpoint-blocked",
        "outbound-type-mismatch",
        "next-hop-dangling",
        "fqdn-rule-without-dns-proxy",
        "exfiltration-prone-rule",
        "network-rule-bypasses-application-rules",
        "asymmetric-load-balancer-path",
        "api-server-rejects-egress-ip",
        "tls-inspection-breaks-tunnel",
        "rule-shadowed",
        "rule-unmatchable",
        "rule-redundant",
        "unneeded-baseline-egress",
        "excess-undetermined",
        "endpoint-undetermined",
        "collection-incomplete",
    ]
    assert [rule.info.id for rule in POLICY_RULES] == ["waiver-expired", "waiver-unused"]


@pytest.mark.parametrize("rule", [*RULES, *POLICY_RULES], ids=lambda rule: rule.info.id)
def test_every_rule_is_described(rule: Rule | PolicyRule) -> None:
    """A rule says what it is in two to four sentences, and its file and test bear its name."""
    info = rule.info
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", info.id)
    assert info.title
    assert not info.title.endswith(".")
    assert 2 <= len(re.findall(r"[.!?](?:\s|$)", info.help)) <= 4
    assert all(control.standard and control.id for control in info.controls)
    assert type(rule).__module__ == f"auditor.rules.{info.id.replace('-', '_')}"


@pytest.mark.parametrize("rule", [*RULES, *POLICY_RULES], ids=lambda rule: rule.info.id)
def test_every_rule_has_its_page(rule: Rule | PolicyRule) -> None:
    """The page has the five headings in order, each with text, and names the rule as the code does."""
    page = (PAGES / f"{rule.info.id}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {rule.info.id}\n")
    assert [line for line in page.splitlines() if line.startswith("## ")] == HEADINGS
    assert all(part.strip() for part in re.split(r"^## .*$", page, flags=re.MULTILINE)[1:])
    assert rule.info.severity.value in page
    for control in rule.info.controls:
        assert control.id in page
    assert f"]({rule.info.id}.md)" in (PAGES / "index.md").read_text(encoding="utf-8")


SERVE_NONE = {
    "required-endpoint-blocked",
    "recommended-endpoint-blocked",
    "outbound-type-mismatch",
    "next-hop-dangling",
    "fqdn-rule-without-dns-proxy",
    "asymmetric-load-balancer-path",
    "api-server-rejects-egress-ip",
    "tls-inspection-breaks-tunnel",
    "excess-undetermined",
    "endpoint-undetermined",
    "collection-incomplete",
}
"""Rules about what breaks or is not known: no clause of a standard is missed by what they find."""


def test_every_rule_serves_a_control_or_is_known_to_serve_none() -> None:
    """Reports that group by control lose no rule unnoticed, and each clause is of a standard that we cite."""
    assert {info.id for info in INFOS if not info.controls} == SERVE_NONE
    clauses = {
        "Microsoft cloud security benchmark": r"NS-(10|[1-9])",
        "PCI DSS v4.0.1": r"1\.[2-4]\.[1-8]",
        "NIST SP 800-53 Rev. 5": r"(AC|SC)-[0-9]+(\([0-9]+\))?",
    }
    for info in INFOS:
        for control in info.controls:
            assert re.fullmatch(clauses[control.standard], control.id), (info.id, control)


def test_no_page_without_a_rule() -> None:
    """A page that nobody runs would promise too much."""
    assert {page.stem for page in PAGES.glob("*.md")} == {"index", *(info.id for info in INFOS)}


def test_findings_are_sorted_worst_first_and_the_same_every_time() -> None:
    """Same records in any order, same findings in one order."""
    second = ResourceId(cluster().id.text.replace("aks-payments", "aks-a"))
    rows = (
        endpoint(MCR, ALLOWED),
        endpoint(DATA, BLOCKED, asked_from=FROM_SYS),
        endpoint("a.example:443/https", UNKNOWN),
        endpoint("b.example:443/https", BLOCKED, level="recommended"),
        endpoint(DATA, BLOCKED),
    )
    first = run_rules([audited(*rows), audited(cluster=cluster(id=second, name="aks-a"))])
    again = run_rules([audited(cluster=cluster(id=second, name="aks-a")), audited(*reversed(rows))])
    assert first == again
    own = [finding for finding in first if finding.cluster_name == "aks-payments"]
    assert [finding.cluster_name for finding in first].index("aks-payments") == len(first) - len(own)
    assert [(finding.rule, finding.endpoint, finding.subnets) for finding in own[:4]] == [
        ("required-endpoint-blocked", DATA, (APPS,)),
        ("required-endpoint-blocked", DATA, (SYS,)),
        ("egress-unrestricted", None, (APPS,)),
        ("egress-unrestricted", None, (SYS,)),
    ]
    assert [finding.rule for finding in own[4:6]] == ["endpoint-undetermined", "recommended-endpoint-blocked"]
    assert {finding.status for finding in own[6:]} == {Status.PASS}


def test_one_finding_for_each_fingerprint() -> None:
    """Two findings with one identity become one: the worse status speaks, equals are joined."""
    (found,) = (item for item in run_rules([audited(endpoint())]) if item.status is Status.FAIL)
    twin = replace(
        found, pools=("gpu",), purpose="own list", severity=Severity.WARNING, assumptions=("idps-deny",)
    )
    (joined,) = merged([twin, found])
    assert joined.severity is Severity.ERROR
    assert (joined.pools, joined.purpose) == (("apps", "gpu"), "pull images; own list")
    assert joined.assumptions == ("idps-deny",)
    assert merged([replace(found, status=Status.PASS), found]) == (found,)


def test_every_finding_is_complete() -> None:
    """Whatever a rule yields has a fingerprint, a message and its cluster; what is wrong says how to mend it."""
    rows = (
        endpoint(MCR, BLOCKED),
        endpoint(DATA, UNKNOWN),
        endpoint("a.example:443/https", None, applies=False),
    )
    for found in run_rules([audited(*rows)]):
        assert re.fullmatch(r"[0-9a-f]{64}", found.fingerprint)
        assert found.message
        assert found.cluster is not None
        assert found.resource is not None
        assert found.remediation or found.status is Status.PASS or found.rule == "egress-unrestricted"
        assert {field.name for field in fields(found)}
