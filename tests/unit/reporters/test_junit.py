"""JUnit XML for dashboards."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element, fromstring

from auditor.model.finding import Place, Report, Severity, Status, Waiver
from auditor.reporters.interface import Options
from auditor.reporters.junit import Junit
from tests.unit.reporters import records


def rendered(report: Report) -> Element:
    return fromstring(Junit().render(report, Options()))  # noqa: S314 - our own text


def case(status: Status, **changes: Any) -> Element:
    root = rendered(records.report(findings=(records.finding(status=status, **changes),)))
    (found,) = root.iter("testcase")
    return found


def test_suites() -> None:
    """A suite for each cluster, one for what belongs to none, and counts that fit."""
    two = (records.audited(), records.audited(records.cluster("aks-zeta")))
    lost = records.finding(cluster=None, cluster_name=None, fingerprint="lost")
    root = rendered(records.report(clusters=two, findings=(*records.report().findings, lost)))
    suites = [(suite.get("name"), suite.get("tests")) for suite in root]
    assert suites == [("aks-payments", "5"), ("aks-zeta", "0"), ("snapshot", "1")]
    assert {name: root.get(name) for name in ("tests", "failures", "errors")} == {
        "tests": "6",
        "failures": "4",
        "errors": "1",
    }
    assert root[0].get("timestamp") == "2026-09-01T10:00:00"


def test_statuses() -> None:
    """Failed is a failure of its severity, unknown an error, waived and not applicable skipped."""
    (failure,) = case(Status.FAIL, severity=Severity.NOTE)
    assert (failure.tag, failure.get("type")) == ("failure", "note")
    assert (failure.text or "").splitlines()[0] == records.finding().message
    assert records.COMMAND in (failure.text or "")
    (error,) = case(Status.UNKNOWN)
    assert (error.tag, error.get("type")) == ("error", "unknown")
    (skipped,) = case(Status.NOT_APPLICABLE)
    assert (skipped.tag, skipped.get("type")) == ("skipped", "not-applicable")
    assert len(case(Status.PASS)) == 0
    waiver = Waiver(
        rule="*", scope=(), reason="soon", owner="net", expires="2027-01-01", place=Place(file="p.yaml")
    )
    (waived,) = case(Status.WAIVED, waiver=waiver)
    assert waived.tag == "skipped"
    assert waived.get("message") == "soon (accepted by net until 2027-01-01)"


def test_names() -> None:
    """A case is named by rule and subject; two that would be alike get a part of their fingerprints."""
    found = case(Status.PASS)
    assert found.get("classname") == "aks-payments.required-endpoint-blocked"
    assert found.get("name") == "*.data.mcr.microsoft.com:443/https from pool sys"
    twins = (records.finding(fingerprint="a" * 64), records.finding(fingerprint="b" * 64))
    names = [item.get("name") for item in rendered(records.report(findings=twins)).iter("testcase")]
    assert names == [f"{found.get('name')} [{'a' * 12}]", f"{found.get('name')} [{'b' * 12}]"]


def test_clusters_of_one_name() -> None:
    """They are told apart by their groups."""
    other = records.cluster()
    moved = type(other.id)(other.id.text.replace("rg-shop", "rg-Other"))
    two = (records.audited(), records.audited(records.cluster(id=moved)))
    root = rendered(records.report(clusters=two))
    assert [suite.get("name") for suite in root] == ["aks-payments (rg-other)", "aks-payments (rg-shop)"]


def test_it_is_ascii_and_ends_with_a_line_feed() -> None:
    """Whatever the encoding of the output, the bytes are those that the declaration names."""
    text = Junit().render(records.report(findings=(records.finding(message="é\x00"),)), Options())
    assert text.isascii()
    assert text.startswith("<?xml version='1.0' encoding='us-ascii'?>\n")
    assert text.endswith("</testsuites>\n")
    assert "&#233;\\u0000" in text
