"""The shape and the order of the JSON report."""

from __future__ import annotations

import json
from typing import Any

from auditor.model.finding import Report
from auditor.reporters.interface import Options
from auditor.reporters.json_v1 import JsonV1
from tests.unit.reporters import records


def rendered(report: Report) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(JsonV1().render(report, Options()))
    return document


def test_top_level() -> None:
    """The document has exactly the parts that are promised, in their order."""
    document = rendered(records.report())
    assert list(document) == [
        "version", "tool", "snapshot", "policy", "clusters", "findings", "coverage", "changes", "summary",
    ]  # fmt: skip
    assert document["version"] == 1
    assert document["policy"] == {
        "edition": "aks-2026-06-18", "file": None, "strict": False, "notAssumed": [], "waivers": [],
    }  # fmt: skip


def test_endpoints() -> None:
    """Each row stands once for each place it is asked from, with its answer or null."""
    (cluster,) = rendered(records.report())["clusters"]
    assert list(cluster) == ["id", "name", "sources", "endpoints", "excess", "undetermined"]
    rows = [
        (row["endpoint"]["to"], row["from"]["pool"], row["applies"], row["verdict"])
        for row in cluster["endpoints"]
    ]
    assert rows == [
        ("*.data.mcr.microsoft.com:443/https", "apps", True, "blocked"),
        ("*.data.mcr.microsoft.com:443/https", "sys", True, "blocked"),
        ("login.microsoftonline.us:443/https", "sys", False, None),
        ("mcr.microsoft.com:443/https", "apps", True, "allowed"),
        ("mcr.microsoft.com:443/https", "sys", True, "allowed"),
        ("packages.microsoft.com:443/https", "apps", "unknown", "allowed"),
        ("packages.microsoft.com:443/https", "sys", True, "unknown"),
    ]


def test_a_finding() -> None:
    """A finding carries its proof and how to mend it."""
    found = next(item for item in rendered(records.report())["findings"] if item["fingerprint"] == "f1sys")
    assert list(found) == [
        "rule", "severity", "status", "cluster", "resource", "message", "evidence", "remediation", "fingerprint",
        "waiver", "place",
    ]  # fmt: skip
    assert found["cluster"] == records.cluster().id.text
    assert found["evidence"]["endpoint"] == "*.data.mcr.microsoft.com:443/https"
    assert found["evidence"]["hops"] == [
        {
            "stage": "firewall",
            "resource": records.FIREWALL,
            "rule": None,
            "priority": None,
            "outcome": "deny",
            "clause": "FW-6",
        }
    ]
    assert found["remediation"]["commands"] == [records.COMMAND]


def test_summary() -> None:
    """Endpoints count once with their worst answer; findings by severity or status."""
    summary = rendered(records.report())["summary"]
    assert summary == {
        "clusters": 1,
        "endpoints": {
            "required": {"allowed": 1, "blocked": 1, "mixed": 0, "unknown": 1},
            "recommended": {"allowed": 0, "blocked": 0, "mixed": 0, "unknown": 0},
            "notApplicable": 1,
        },
        "findings": {
            "error": 2, "warning": 1, "note": 0, "pass": 1, "unknown": 1, "waived": 0, "not-applicable": 0,
        },
        "assumptions": ["admin-rules-not-read", "nic-nsg-unread"],
        "notes": [],
    }  # fmt: skip


def test_same_bytes_whatever_the_order() -> None:
    """The order in which clusters, findings and reads were found does not show."""
    two = (records.audited(), records.audited(records.cluster("aks-zeta")))
    report = records.report(clusters=two)
    mixed = records.report(clusters=two[::-1], findings=report.findings[::-1])
    assert JsonV1().render(report, Options()) == JsonV1().render(mixed, Options())


def test_hostile_names_are_escaped() -> None:
    """Whatever stands in a name, the text is plain ASCII without control characters."""
    name = "a\x1b[2J\x7f\u202egnp\ud800\n"
    text = JsonV1().render(records.report(clusters=(records.audited(records.cluster(name)),)), Options())
    assert all(char == "\n" or " " <= char <= "~" for char in text)
    assert json.loads(text)["clusters"][0]["name"] == name
