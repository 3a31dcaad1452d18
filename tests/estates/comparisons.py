"""Two edited estates compared as `egress-audit diff` does it."""

from __future__ import annotations

from auditor.audit.diff import diff
from auditor.model.difference import Difference
from auditor.model.snapshot import Snapshot
from tests.estates.documents import policy

NEWEST = "aks-2026-06-18"


def compared(old: Snapshot, new: Snapshot) -> Difference:
    """What differs between two snapshots by the newest edition."""
    return diff(old, policy(NEWEST), new, policy(NEWEST))
