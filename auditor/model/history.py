"""What became of findings since an earlier run: plain records between `history` and the reporters."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PastFinding:
    """A finding as a stored run kept it."""

    fingerprint: str
    rule: str
    severity: str
    status: str
    cluster: str | None
    """ARM id."""
    cluster_name: str | None
    endpoint: str | None
    resource: str | None
    """ARM id."""
    message: str
    first_seen: str
    """When a stored run had it first, UTC, ISO 8601."""
    last_seen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """This run beside an earlier one; findings are told apart by fingerprint."""

    run: str
    """Id of the earlier run."""
    since: str
    """When the earlier run was, UTC, ISO 8601."""
    new: tuple[str, ...]
    """Fingerprints of problems that the earlier run did not have, sorted."""
    persisting: tuple[PastFinding, ...]
    """Problems of both runs."""
    mended: tuple[PastFinding, ...]
    """Problems of the earlier run that this run judged and found gone."""
    not_comparable: tuple[PastFinding, ...]
    """Problems of the earlier run about which this run cannot say: not read, or not asked for."""
