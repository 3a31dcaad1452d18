"""The draft of a policy: exactly what is excess today, however it leaves and whatever it is called."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from auditor.audit import check, load_policy, load_snapshot
from auditor.cli.sources import example_names
from auditor.model.finding import Finding, Report, Status
from auditor.policy.organisation_file import load_policy_file
from auditor.reporters.policy_draft import policy_draft
from tests.cases_support.case_file import CASES, case_of, read_case
from tests.cases_support.run import prepare

EDITION = "aks-2026-06-18"
EXCESS = ["addresses-of-a-name", "by-name-only", "fires"]


def excess(report: Report) -> list[Finding]:
    return [one for one in report.findings if one.rule == "excess-egress" and one.status is Status.FAIL]


def drafted(report: Report, folder: Path) -> str:
    path = folder / "draft.yaml"
    path.write_text(policy_draft(EDITION, {}, report), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("example", example_names())
def test_every_example(example: str, tmp_path: Path) -> None:
    """By its own draft an estate has no excess left, and nothing else is judged otherwise."""
    snapshot = load_snapshot(Path("examples") / example)
    before = check(snapshot, load_policy(EDITION))
    after = check(snapshot, load_policy(drafted(before, tmp_path)))
    assert excess(after) == []
    assert bool(excess(before)) is (example in {"broken", "open"})
    others = [
        {
            one.fingerprint
            for one in report.findings
            if one.rule in {"egress-unrestricted", "endpoint-undetermined"}
        }
        for report in (before, after)
    ]
    assert others[0] == others[1]


@pytest.mark.parametrize("case", EXCESS)
def test_excess_by_name_and_address(case: str, tmp_path: Path) -> None:
    """Names of application rules, addresses of names of network rules, and plain addresses come back alike."""
    audited = prepare(read_case(CASES / "excess-egress" / case / "case.yaml"), "default", tmp_path)
    before = audited.report()
    assert excess(before)
    assert excess(check(audited.snapshot, load_policy(drafted(before, tmp_path)))) == []


def test_a_pattern_with_exceptions(tmp_path: Path) -> None:
    """Where denies stand inside of what a rule lets out, the draft admits what is left and no more."""

    def rules(action: str, priority: int, *fqdns: str) -> dict[str, object]:
        rule = {
            "ruleType": "ApplicationRule",
            "name": "web",
            "protocols": [{"protocolType": "Https", "port": 443}, {"protocolType": "Http", "port": 8080}],
            "sourceAddresses": ["*"],
            "targetFqdns": list(fqdns),
        }
        return {
            "append": {
                "resource": "ruleCollectionGroups/rules",
                "path": "properties.ruleCollections",
                "value": {
                    "name": f"c{priority}",
                    "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
                    "priority": priority,
                    "action": {"type": action},
                    "rules": [rule],
                },
            }
        }

    document = {
        "title": "A wide rule with a hole in it, and a name inside of the hole.",
        "clauses": ["docs/policy.md"],
        "base": "hub-spoke",
        "edit": [
            rules("Allow", 4000, "in.deep.example.net"),
            rules("Deny", 4010, "*.deep.example.net", "no.example.net"),
            rules("Allow", 4020, "*.example.net"),
        ],
        "exit": {"default": 1, "strict": 1},
    }
    audited = prepare(case_of(document, CASES / "excess-egress" / "x" / "case.yaml"), "default", tmp_path)
    before = audited.report()
    path = drafted(before, tmp_path)
    rows = load_policy_file(Path(path)).organisation.allow
    held = {
        (row.destinations[0].host.text, tuple(sorted(host.text for host in row.excepted))) for row in rows
    }
    assert held == {
        ("*.example.net", ("*.deep.example.net", "no.example.net")),
        ("in.deep.example.net", ()),
    }
    assert excess(check(audited.snapshot, load_policy(path))) == []


def test_a_hostile_cluster_name(tmp_path: Path) -> None:
    """A name with line breaks, quotes and signs of YAML breaks out of neither a comment nor a value."""
    report = check(load_snapshot("examples/open"), load_policy(EDITION))
    (one,) = report.clusters
    name = 'a"\n- evil: *x # \u202e\u2028\ud800'
    rule = replace(one.excess[0].rule, rule="r\nforbid: []", resource="/x/\x1b[2J\n\u2028")
    bad = replace(
        one,
        cluster=replace(one.cluster, name=name),
        excess=tuple(replace(item, rule=rule) for item in one.excess),
    )
    text = policy_draft(EDITION, {}, replace(report, clusters=(bad,)))
    assert text.isascii()
    path = tmp_path / "p.yaml"
    path.write_text(text, encoding="ascii")
    said = load_policy_file(path).organisation
    assert {row.clusters for row in said.allow} == {(name.replace("\ud800", "?"),)}
    assert all(row.concerns(bad.cluster) for row in said.allow)
    assert said.forbid == ()
