"""Severities and waivers of a policy, applied to findings; what is said of the waivers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from auditor.audit import check, load_policy, load_snapshot
from auditor.audit.waiving import Waived, waived
from auditor.errors import UsageError
from auditor.model.finding import Finding, Place, Severity, Status, Waiver
from auditor.model.resource_id import ResourceId
from auditor.policy.organisation import Organisation

DAY = date(2026, 7, 2)
GROUP = "/subscriptions/a/resourceGroups/rg/providers"
CLUSTER = ResourceId(f"{GROUP}/Microsoft.ContainerService/managedClusters/aks-pay")
SUBNET = ResourceId(f"{GROUP}/Microsoft.Network/virtualNetworks/v/subnets/nodes")
PODS = ResourceId(f"{GROUP}/Microsoft.Network/virtualNetworks/v/subnets/pods")
FIREWALL = ResourceId(f"{GROUP}/Microsoft.Network/azureFirewalls/fw[hub]")
EXCESS = Finding(
    rule="excess-egress",
    severity=Severity.ERROR,
    status=Status.FAIL,
    cluster=CLUSTER,
    cluster_name="aks-pay",
    subnets=(SUBNET,),
    pools=("sys",),
    endpoint=None,
    resource=FIREWALL,
    message="more",
    fingerprint="1",
)
BLOCKED = replace(
    EXCESS, rule="required-endpoint-blocked", endpoint="mcr.microsoft.com:443/https", fingerprint="2"
)


def waiver(rule: str = "excess-egress", *scope: str, expires: str = "2026-07-02", line: int = 1) -> Waiver:
    return Waiver(
        rule=rule, scope=scope, reason="r", owner="o", expires=expires, place=Place(file="p.yaml", line=line)
    )


def applied(
    *findings: Finding,
    waivers: tuple[Waiver, ...] = (),
    severities: Mapping[str, Severity | None] | None = None,
    whole: bool = True,
    complete: bool = True,
) -> Waived:
    rated = severities or {}
    places = {rule: Place(file="p.yaml", line=9) for rule in rated}
    said = Organisation(file="p.yaml", waivers=waivers, severities=rated, severity_places=places)
    return waived(findings, said, DAY, whole=whole, complete=complete)


def statuses(found: Waived, rule: str) -> list[str]:
    return [one.status.value for one in found.findings if one.rule == rule]


@pytest.mark.parametrize(
    ("scope", "covered"),
    [
        ((), True),
        (("cluster=aks-*",), True),
        (("cluster=AKS-PAY",), True),
        (("cluster=*/managedClusters/aks-pay",), True),
        (("cluster=aks",), False),
        (("cluster=aks-x", "cluster=aks-pay"), True),
        (("resource=fw[hub]",), True),
        (("resource=fw?hub?",), True),
        (("resource=*/azureFirewalls/*",), True),
        (("resource=fw[a-z]*",), False),
        (("subnet=nodes",), True),
        (("subnet=pods",), False),
        (("cluster=aks-pay", "resource=other"), False),
        (("endpoint=*",), False),
    ],
)
def test_the_scope_decides(scope: tuple[str, ...], covered: bool) -> None:
    """Every part of a scope must fit, and one pattern of each; a part that the finding lacks never fits."""
    found = applied(EXCESS, waivers=(waiver("excess-egress", *scope),))
    assert statuses(found, "excess-egress") == ["waived" if covered else "fail"]
    assert statuses(found, "waiver-unused") == ["pass" if covered else "fail"]
    assert found.waivers[0].uses == int(covered)


def test_all_subnets_of_a_finding_are_in_scope() -> None:
    """A finding about a second subnet, too, is not covered by a waiver for the first."""
    both = replace(EXCESS, subnets=(SUBNET, PODS))
    assert statuses(applied(both, waivers=(waiver("*", "subnet=nodes"),)), "excess-egress") == ["fail"]
    two = waiver("*", "subnet=nodes", "subnet=pods")
    assert statuses(applied(both, waivers=(two,)), "excess-egress") == ["waived"]


def test_an_endpoint_by_pattern() -> None:
    """What reports print as endpoint is what a waiver names."""
    found = applied(EXCESS, BLOCKED, waivers=(waiver("*", "endpoint=*.microsoft.com:443/https"),))
    assert (statuses(found, "required-endpoint-blocked"), statuses(found, "excess-egress")) == (
        ["waived"],
        ["fail"],
    )


def test_a_waived_finding_names_its_waiver() -> None:
    """The first waiver that fits is the one, and it knows how many findings it covers."""
    found = applied(EXCESS, BLOCKED, waivers=(waiver("*", line=1), waiver("excess-egress", line=5)))
    told = [one.waiver for one in found.findings if one.waiver is not None]
    assert [(one.place.line, one.uses) for one in told] == [(1, 2), (1, 2)]
    assert [(one.place.line, one.uses) for one in found.waivers] == [(1, 2), (5, 0)]


@pytest.mark.parametrize(
    ("expires", "holds"), [("2026-07-02", True), ("2026-07-01", False), ("2027-01-01", True)]
)
def test_the_last_day(expires: str, holds: bool) -> None:
    """A waiver holds on its last day and not on the next; one that is over is told of once, never as unused."""
    found = applied(EXCESS, waivers=(waiver(expires=expires),))
    assert statuses(found, "excess-egress") == ["waived" if holds else "fail"]
    assert statuses(found, "waiver-expired") == ["pass" if holds else "fail"]
    assert statuses(found, "waiver-unused") == (["pass"] if holds else [])
    assert found.waivers[0].expired is not holds


def test_only_failures_are_waived() -> None:
    """What is unknown, passed or does not apply stays as it is: no waiver makes an audit look complete."""
    others = [
        replace(EXCESS, status=status, fingerprint=status.value)
        for status in (Status.UNKNOWN, Status.PASS, Status.NOT_APPLICABLE)
    ]
    found = applied(*others, waivers=(waiver("*"),))
    assert sorted(statuses(found, "excess-egress")) == ["not-applicable", "pass", "unknown"]


def test_unused_is_said_only_where_it_is_known() -> None:
    """A part of the clusters says nothing, a part of the documents leaves it open, and so does an unknown finding."""
    one = (waiver("required-endpoint-blocked"),)
    assert statuses(applied(waivers=one, whole=False), "waiver-unused") == ["not-applicable"]
    assert statuses(applied(waivers=one, complete=False), "waiver-unused") == ["unknown"]
    opened = replace(BLOCKED, rule="endpoint-undetermined", status=Status.UNKNOWN)
    assert statuses(applied(opened, waivers=one), "waiver-unused") == ["unknown"]
    assert statuses(applied(opened, waivers=(waiver("excess-egress"),)), "waiver-unused") == ["fail"]


def test_severities() -> None:
    """A severity is changed whatever a finding had; off leaves failures out, and says how many and where."""
    found = applied(
        EXCESS, BLOCKED, severities={"excess-egress": Severity.NOTE, "required-endpoint-blocked": None}
    )
    assert [(one.rule, one.severity) for one in found.findings] == [("excess-egress", Severity.NOTE)]
    assert found.notes == ("required-endpoint-blocked is off by p.yaml:9:1: 1 finding left out",)


def test_off_leaves_out_no_unknown_that_makes_an_audit_incomplete() -> None:
    """Exit code 3 cannot be switched off by a severity."""
    opened = replace(EXCESS, rule="forbidden-egress", status=Status.UNKNOWN)
    found = applied(opened, severities={"forbidden-egress": None})
    assert statuses(found, "forbidden-egress") == ["unknown"]
    assert found.notes == ()


def test_off_covers_the_rules_about_waivers() -> None:
    """Where one policy serves many audits, what is unused here can be left out; it is counted all the same."""
    found = applied(waivers=(waiver(),), severities={"waiver-unused": None})
    assert statuses(found, "waiver-unused") == []
    assert found.notes == ("waiver-unused is off by p.yaml:9:1: 1 finding left out",)


def test_without_a_day() -> None:
    """Nothing looks at a clock: waivers without a day are an error, and a policy without waivers needs none."""
    said = Organisation(file="p.yaml", waivers=(waiver(),))
    with pytest.raises(UsageError, match="an audit must be told the day"):
        waived((), said, None, whole=True, complete=True)
    assert waived((EXCESS,), Organisation(file="p.yaml"), None, whole=True, complete=True).findings == (
        EXCESS,
    )


def test_the_same_day_the_same_report(tmp_path: Any) -> None:
    """An audit with a policy depends on its inputs and the day alone; the fingerprint ignores the line."""
    text = "waivers: [{rule: excess-egress, reason: r, owner: o, expires: 2026-07-01}]\n"
    path = tmp_path / "p.yaml"
    path.write_text(text, encoding="utf-8")
    snapshot = load_snapshot("examples/open")
    one, other = (check(snapshot, load_policy(str(path)), today=DAY) for _ in range(2))
    assert one.findings == other.findings
    assert one.waivers == other.waivers
    path.write_text(f"# moved\n{text}", encoding="utf-8")
    moved = check(snapshot, load_policy(str(path)), today=DAY)
    prints = [[item.fingerprint for item in report.findings] for report in (one, moved)]
    assert prints[0] == prints[1]
