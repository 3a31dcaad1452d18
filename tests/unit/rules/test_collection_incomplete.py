from __future__ import annotations

from auditor.model.finding import ReadRow, Severity, Status
from auditor.rules.collection_incomplete import CollectionIncomplete
from tests.unit.rules.world import CLUSTER, NSG, SUBSCRIPTION, audited

RULE = CollectionIncomplete()


def row(scope: str, kind: str, status: str, error: str | None = None) -> ReadRow:
    return ReadRow(
        scope=scope, kind=kind, essential=True, status=status, error=error, needed_by=("aks-payments",)
    )


def test_one_unknown_for_each_row() -> None:
    """What was not read is listed one by one, with its error and how to get it."""
    kind = "Microsoft.Network/networkSecurityGroups"
    rows = (
        row(NSG.text, kind, "absent"),
        row(f"/subscriptions/{SUBSCRIPTION}", kind, "denied", "403 AuthorizationFailed"),
        row("hub/", "folder", "partial"),
    )
    found = list(RULE.check(audited(incomplete=rows)))
    assert {(item.status, item.severity) for item in found} == {(Status.UNKNOWN, Severity.ERROR)}
    assert [item.message for item in found] == [
        f"network security group nsg-apps ({kind}): absent",
        f"{kind} under /subscriptions/{SUBSCRIPTION}: denied (403 AuthorizationFailed)",
        "folder under hub/: partial",
    ]
    assert found[0].resource == NSG
    assert found[2].resource == CLUSTER
    assert "Reader role" in found[1].remediation
    assert "until it is complete" in found[2].remediation
    assert all("--snapshot" in item.remediation for item in found)
    assert len({item.fingerprint for item in found}) == 3


def test_passes_once_when_everything_was_read() -> None:
    """A complete collection is one pass for the cluster."""
    (found,) = RULE.check(audited())
    assert (found.status, found.resource, found.reasons) == (Status.PASS, CLUSTER, ())
