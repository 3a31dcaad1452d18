"""SARIF as code scanning takes it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from auditor.model.finding import (
    Control,
    Coverage,
    Finding,
    Place,
    Report,
    RuleInfo,
    Severity,
    Status,
    Waiver,
)
from auditor.model.resource_id import ResourceId
from auditor.reporters.interface import Options
from auditor.reporters.sarif import Sarif
from auditor.reporters.sarif_places import azure_uri, relative_uri
from tests.unit.reporters import records

WAIVER = Waiver(
    rule="*",
    scope=(),
    reason="mended in March",
    owner="net-team",
    expires="2027-03-31",
    place=Place(file="egress-policy.yaml", line=12, column=5),
)


def run_of(report: Report, **options: Any) -> dict[str, Any]:
    (run,) = json.loads(Sarif().render(report, Options(**options)))["runs"]
    assert isinstance(run, dict)
    return run


def result_of(finding: Finding, **options: Any) -> dict[str, Any]:
    (result,) = run_of(records.report(findings=(finding,)), **options)["results"]
    assert isinstance(result, dict)
    return result


def physical(finding: Finding, **options: Any) -> tuple[str, int, int]:
    (location,) = result_of(finding, **options)["locations"]
    place = location["physicalLocation"]
    region = place["region"]
    return place["artifactLocation"]["uri"], region["startLine"], region["startColumn"]


def test_a_result() -> None:
    """A result says first what is wrong, has no kind, and names the resources by their whole ids."""
    said = (
        "firewall fw-hub: no rule of policy fp-child or its parent fp-base matches; denied by default (FW-6)"
    )
    result = result_of(records.finding())
    assert list(result) == [
        "ruleId", "ruleIndex", "level", "message", "locations", "partialFingerprints", "properties",
    ]  # fmt: skip
    assert result["message"]["text"].splitlines() == [
        f"*.data.mcr.microsoft.com:443/https: {said}.",
        "From pool sys of cluster aks-payments.",
        "Breaks: image layers from Microsoft Container Registry cannot be pulled: nodes do not start.",
        'To mend it: add *.data.mcr.microsoft.com, Https:443, to rule "mcr" of collection aks-required (fp-child).',
    ]
    assert result["partialFingerprints"] == {"primaryLocationLineHash": "f1sys"}
    logical = result["locations"][0]["logicalLocations"]
    assert [item["fullyQualifiedName"] for item in logical] == [
        records.FIREWALL,
        records.cluster().id.text,
        records.SYS.subnet.text if records.SYS.subnet else "",
    ]


def test_levels() -> None:
    """Severities are levels, and what is not known is a warning whatever its severity."""
    for severity, level in zip(Severity, ("error", "warning", "note"), strict=True):
        assert result_of(records.finding(severity=severity))["level"] == level
        assert result_of(records.finding(severity=severity, status=Status.UNKNOWN))["level"] == "warning"


def test_what_is_shown() -> None:
    """Problems are results; what passed, does not apply or is waived is left out, unless waived ones are kept."""
    findings = tuple(records.finding(status=status, fingerprint=status.value) for status in Status)
    report = records.report(findings=findings)
    shown = [item["properties"]["status"] for item in run_of(report)["results"]]
    assert shown == ["fail", "unknown"]
    kept = run_of(report, suppressions=True)["results"]
    assert [item["properties"]["status"] for item in kept] == ["fail", "unknown", "waived"]
    assert ["suppressions" in item for item in kept] == [False, False, True]


def test_a_suppression_says_who_accepted_it() -> None:
    """With reason, owner and last day, and the line of the policy."""
    result = result_of(records.finding(status=Status.WAIVED, waiver=WAIVER), suppressions=True)
    (suppression,) = result["suppressions"]
    assert suppression["kind"] == "external"
    assert suppression["justification"] == "mended in March (accepted by net-team until 2027-03-31)"
    place = suppression["location"]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "egress-policy.yaml"
    assert place["region"] == {"startLine": 12, "startColumn": 5}


def test_places() -> None:
    """A file of the user's comes first, then the anchor, then a path made of the ARM id."""
    here = Place(file="infra/./net/main plan.tf", line=7, column=3)
    outside = Place(file="/home/user/plan.json", line=9)
    firewall = (
        "azure/00000000-0000-0000-0000-00000000000a/rg-shop/microsoft.network/azurefirewalls/fw-hub",
        1,
        1,
    )
    assert physical(records.finding(place=here)) == ("infra/net/main%20plan.tf", 7, 3)
    assert physical(records.finding(place=here), anchor="main.tf") == ("infra/net/main%20plan.tf", 7, 3)
    assert physical(records.finding(), anchor="main.tf") == ("main.tf", 1, 1)
    assert physical(records.finding()) == firewall
    assert physical(records.finding(place=outside)) == firewall
    assert "/home/user/plan.json, line 9" in result_of(records.finding(place=outside))["message"]["text"]
    assert physical(records.finding(resource=None))[0].endswith("/managedclusters/aks-payments")
    assert physical(records.finding(resource=None, cluster=None)) == ("azure", 1, 1)


@pytest.mark.parametrize(
    ("reference", "uri"),
    [
        ("/subscriptions/S", "azure/s/subscriptions/s"),
        ("/subscriptions/S/resourceGroups/G", "azure/s/g/subscriptions/resourcegroups/g"),
        (
            "/subscriptions/S/resourceGroups/G/providers/Microsoft.Network/virtualNetworks/V/subnets/N",
            "azure/s/g/microsoft.network/virtualnetworks/subnets/v/n",
        ),
        (
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/routeTables/a b%2f..",
            "azure/s/g/microsoft.network/routetables/a%20b%252f..",
        ),
        ("/subscriptions/s/resourceGroups/../providers/N/t/.", "azure/s/_../n/t/_."),
        ("nonsense", "azure/nonsense/nonsense"),
        ("", "azure/_/_"),
    ],
)
def test_azure_uri(reference: str, uri: str) -> None:
    """One path for each resource, whatever the case of its id, which no reader resolves to another."""
    assert azure_uri(ResourceId(reference)) == uri


@pytest.mark.parametrize("file", ["/etc/passwd", "../up.tf", "a/../../up.tf", "..", ".", ""])
def test_files_that_no_relative_uri_names(file: str) -> None:
    """A file outside the working folder, and the folder itself."""
    assert relative_uri(file) is None


def test_relative_uri() -> None:
    """Percent-encoded, also what is no Unicode; a colon in the first part makes no scheme of it."""
    assert relative_uri("a:b/ü\udcff") == "a%3Ab/%C3%BC%5Cudcff"


def test_rules() -> None:
    """Each rule has help in Markdown, a security severity and its controls as tags; results find it by index."""
    control = Control(standard="PCI DSS v4.0.1", id="1.3.2")
    rules = (
        RuleInfo(id="a-rule", title="a title", severity=Severity.NOTE, help="About it.", controls=(control,)),
        RuleInfo(id="endpoint-undetermined", title="open", severity=Severity.ERROR),
    )
    findings = (records.UNKNOWN, records.finding(rule="not-listed"))
    run = run_of(records.report(rules=rules, findings=findings))
    first, second, third = run["tool"]["driver"]["rules"]
    assert [first["id"], second["id"], third["id"]] == ["a-rule", "endpoint-undetermined", "not-listed"]
    assert first["shortDescription"]["text"] == "A title."
    assert first["fullDescription"]["text"] == "About it."
    assert "- PCI DSS v4.0.1 1.3.2" in first["help"]["markdown"]
    assert "PCI DSS v4.0.1 1.3.2" in first["properties"]["tags"]
    assert first["properties"]["security-severity"] == "2.0"
    assert second["properties"]["security-severity"] == "5.0"
    assert second["defaultConfiguration"]["level"] == "warning"
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]


def test_at_most_5000_results() -> None:
    """The severest stay, and a notice counts what was left out."""
    notes = [
        records.finding(severity=Severity.NOTE, fingerprint=f"note{number:04}") for number in range(5000)
    ]
    errors = [records.finding(fingerprint=f"error{number}") for number in range(3)]
    run = run_of(records.report(findings=(*notes, *errors)))
    assert len(run["results"]) == 5000
    assert [item["level"] for item in run["results"][:4]] == ["error", "error", "error", "note"]
    (notice,) = run["invocations"][0]["toolExecutionNotifications"]
    assert notice["message"]["text"] == "Only the 5000 severest results are listed; 3 results left out."
    assert run["invocations"][0]["executionSuccessful"] is True


def test_an_incomplete_audit_is_not_successful() -> None:
    """With the reasons, and each essential thing that was not read."""
    reads = (
        records.read("azureFirewalls", "denied", error="403"),
        records.read("x", "denied", essential=False),
    )
    coverage = Coverage(complete=False, reads=reads)
    (invocation,) = run_of(records.report(coverage=coverage, clusters=()))["invocations"]
    assert invocation["executionSuccessful"] is False
    assert [item["message"]["text"] for item in invocation["toolExecutionNotifications"]] == [
        "The audit is incomplete: 1 required endpoint is undetermined.",
        "The audit is incomplete: something essential was not read.",
        "The audit is incomplete: no AKS cluster was found.",
        f"Not read: Microsoft.Network/azureFirewalls under {records.GROUP}: denied (403).",
    ]


def test_scope() -> None:
    """Runs about different things have different ids, which end in a slash; the same thing has the same."""
    report = replace(records.report(), sources=("estates/prod", "hub"))
    assert run_of(report)["automationDetails"]["id"] == "egress-audit/estates/prod+hub/"
    assert run_of(report, scope="a b/../é")["automationDetails"]["id"] == "egress-audit/a%20b/../%C3%A9/"
    assert run_of(replace(report, sources=()))["automationDetails"]["id"] == "egress-audit/"


def test_messages_make_no_link() -> None:
    """Brackets and braces of names are text."""
    text = result_of(records.finding(message="rule [x](https:evil) {0}", breaks=""))["message"]["text"]
    assert "rule [x] (https:evil) {{0}}" in text
