"""What became of estates over several stored runs: plain records between `history` and the reporters."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.model.history import PastFinding


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRun:
    """One run as it was stored."""

    id: str
    time: str
    """UTC, ISO 8601."""
    version: str
    """Of the tool."""
    edition: str
    policy_file: str | None
    sources: tuple[str, ...]
    collected: str | None
    """When the documents were read, UTC, ISO 8601; None when nothing says so."""
    complete: bool
    clusters: int
    """How many it judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCounts:
    """How the required endpoints of one cluster were answered in one run; each counts once, with its worst answer."""

    run: str
    time: str
    complete: bool
    """Whether everything essential about the cluster was read."""
    allowed: int
    blocked: int
    mixed: int
    unknown: int

    @property
    def needed(self) -> int:
        """How many endpoints were judged."""
        return self.allowed + self.blocked + self.mixed + self.unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Compliance:
    """One cluster over time, oldest run first."""

    cluster: str
    """ARM id."""
    name: str
    runs: tuple[RunCounts, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredWaiver:
    """A waiver of a policy, as the last run that read it kept it."""

    rule: str
    scope: tuple[str, ...]
    reason: str
    owner: str
    expires: str
    """The last day on which it holds, `YYYY-MM-DD`."""
    days_left: int
    """From the day of the last run to that day; negative when it is over."""
    uses: int
    """How many findings it waived."""
    policy_file: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Periodic:
    """The state after the last stored run beside an earlier state."""

    version: str
    """Of the tool that made the report."""
    place: str
    """Where the runs are stored, without a password."""
    since: str | None
    """The day or time that was asked for; None: since the run before the last."""
    base: StoredRun | None
    """The last run of the earlier state; None when only one run is stored."""
    last: StoredRun
    runs: int
    """How many runs came after `base`, the last included."""
    new: tuple[PastFinding, ...]
    """Problems that stand now and did not then."""
    persisting: tuple[PastFinding, ...]
    """Problems that stood then and that the last run about their subject still had."""
    mended: tuple[PastFinding, ...]
    """Problems that stood then and that a run since then judged gone."""
    not_comparable: tuple[PastFinding, ...]
    """Problems that stood then, and about which the runs since then cannot say."""
    compliance: tuple[Compliance, ...]
    expiring: tuple[StoredWaiver, ...]
    """Waivers that end within 30 days of the last run, and those that are over."""
    notes: tuple[str, ...] = ()
