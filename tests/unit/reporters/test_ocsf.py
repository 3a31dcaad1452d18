"""OCSF Compliance Findings."""

from __future__ import annotations

import json
from typing import Any

import pytest

from auditor.model.finding import Control, Finding, Place, RuleInfo, Severity, Status, Waiver
from auditor.model.history import Changes, PastFinding
from auditor.reporters.interface import Options
from auditor.reporters.ocsf import Ocsf
from tests.unit.reporters import records

RULE = RuleInfo(
    id="required-endpoint-blocked",
    title="blocked",
    severity=Severity.ERROR,
    controls=(
        Control(standard="PCI DSS v4.0.1", id="1.3.2"),
        Control(standard="Microsoft cloud security benchmark", id="NS-1"),
    ),
)
WAIVER = Waiver(
    rule="*", scope=(), reason="soon", owner="net", expires="2027-01-01", place=Place(file="p.yaml")
)


def event_of(finding: Finding, **changes: Any) -> dict[str, Any]:
    report = records.report(**{"findings": (finding,), "rules": (RULE,)} | changes)
    (line,) = Ocsf().render(report, Options()).splitlines()
    event = json.loads(line)
    assert isinstance(event, dict)
    return event


@pytest.mark.parametrize(
    ("status", "compliance", "severity", "standing"),
    [
        (Status.FAIL, (3, "Fail"), (4, "High"), (1, "New")),
        (Status.UNKNOWN, (2, "Warning"), (4, "High"), (1, "New")),
        (Status.PASS, (1, "Pass"), (1, "Informational"), (1, "New")),
        (Status.WAIVED, (99, "Waived"), (4, "High"), (3, "Suppressed")),
        (Status.NOT_APPLICABLE, (99, "Not applicable"), (1, "Informational"), (1, "New")),
    ],
)
def test_statuses(
    status: Status, compliance: tuple[int, str], severity: tuple[int, str], standing: tuple[int, str]
) -> None:
    """What is unknown is OCSF's warning, a check without result; what is waived is suppressed."""
    event = event_of(records.finding(status=status, waiver=WAIVER if status is Status.WAIVED else None))
    assert (event["compliance"]["status_id"], event["compliance"]["status"]) == compliance
    assert (event["severity_id"], event["severity"]) == severity
    assert (event["status_id"], event["status"]) == standing
    assert event["status_code"] == status.value
    assert event.get("comment") == (
        "soon (accepted by net until 2027-01-01)" if status is Status.WAIVED else None
    )


def test_an_event() -> None:
    """Class, identity, controls, resources and remedy."""
    event = event_of(records.finding())
    assert (event["class_uid"], event["type_uid"], event["metadata"]["version"]) == (2003, 200301, "1.5.0")
    assert event["finding_info"]["uid"] == "f1sys"
    assert event["compliance"]["standards"] == ["PCI DSS v4.0.1", "Microsoft cloud security benchmark"]
    assert event["compliance"]["requirements"] == [
        "PCI DSS v4.0.1 1.3.2",
        "Microsoft cloud security benchmark NS-1",
    ]
    assert event["compliance"]["checks"][0]["uid"] == "required-endpoint-blocked"
    assert [item["name"] for item in event["resources"]] == ["fw-hub", "aks-payments", "spoke/snet-sys"]
    assert event["cloud"]["account"]["uid"] == "00000000-0000-0000-0000-00000000000a"
    assert event["cloud"]["region"] == "westeurope"
    assert event["remediation"]["desc"].splitlines() == [records.finding().remediation, records.COMMAND]


def test_a_rule_without_control() -> None:
    """Serves no standard, and says so by empty lists."""
    compliance = event_of(records.finding(), rules=())["compliance"]
    assert (compliance["standards"], compliance["requirements"]) == ([], [])
    assert "control" not in compliance


@pytest.mark.parametrize(
    ("collected", "time"),
    [
        ("2026-09-01T10:00:00Z", 1_788_256_800_000),
        ("2026-09-01T12:00:00.5+02:00", 1_788_256_800_500),
        ("2026-09-01T10:00:00", 1_788_256_800_000),
        (None, 0),
        ("yesterday", 0),
        ("", 0),
    ],
)
def test_time(collected: str | None, time: int) -> None:
    """When the snapshot was taken, in milliseconds; 0 where nothing says so."""
    assert event_of(records.finding(), collected=collected)["time"] == time


def test_first_seen() -> None:
    """A problem that a stored run had keeps its first day."""
    past = PastFinding(
        fingerprint="f1sys",
        rule="required-endpoint-blocked",
        severity="error",
        status="fail",
        cluster=None,
        cluster_name=None,
        endpoint=None,
        resource=None,
        message="",
        first_seen="2026-08-01T00:00:00Z",
        last_seen="2026-08-02T00:00:00Z",
    )
    changes = Changes(run="1", since="x", new=(), persisting=(past,), mended=(), not_comparable=())
    info = event_of(records.finding(), changes=changes)["finding_info"]
    assert info["first_seen_time"] == 1_785_542_400_000
    assert "first_seen_time" not in event_of(records.finding())["finding_info"]
