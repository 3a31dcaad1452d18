"""A firewall that may inspect the TLS of the tunnel: what leaves it open (FW-33, V-6)."""

from __future__ import annotations

from pathlib import Path

from auditor.audit import check, load_policy, load_snapshot
from auditor.model.finding import Status
from tests.cases_support.case_file import CASES, read_case
from tests.cases_support.estate import load_estate

RULE = "tls-inspection-breaks-tunnel"


def test_why_it_is_open_is_told_and_not_that_it_would_break(tmp_path: Path) -> None:
    """Without a name of the API server its name is what is not known; that inspection breaks it is no reason."""
    estate = load_estate("hub-spoke")
    estate.apply(read_case(CASES / RULE / "undetermined-without-a-name" / "case.yaml").edits)
    estate.write(tmp_path / "snapshot")
    report = check(load_snapshot(tmp_path / "snapshot"), load_policy())
    (one,) = [finding for finding in report.findings if finding.rule == RULE]
    assert (one.status, one.reasons) == (Status.UNKNOWN, ("fqdn-address-unknown",))
