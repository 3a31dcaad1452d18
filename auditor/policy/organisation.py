"""An organisation's policy as records: what it requires, allows and forbids, and what it accepts until when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from auditor.model.cluster import Cluster
from auditor.model.finding import Place, Severity, Waiver
from auditor.policy.destinations import Destination, Host


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRow:
    """One row of `require`, `allow` or `forbid`."""

    number: int
    """Its place in its list, from 1."""
    to: str
    """What it names, in short, as the policy spells it."""
    destinations: tuple[Destination, ...]
    excepted: tuple[Host, ...] = ()
    """Hosts that the row does not speak of."""
    clusters: tuple[str, ...] = ()
    """Patterns of names or ARM ids; empty: all clusters."""
    reason: str = ""
    """Why; for `require` what it is for."""
    breaks: str = ""
    """For `require`: what stops working without it."""
    place: Place

    def concerns(self, cluster: Cluster) -> bool:
        """Whether the row speaks of a cluster."""
        return not self.clusters or any(
            fits(pattern, text) for pattern in self.clusters for text in (cluster.name, cluster.id.text)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """Everything that a policy file says beside the edition and the settings."""

    file: str
    """As the user named it."""
    require: tuple[PolicyRow, ...] = ()
    allow: tuple[PolicyRow, ...] = ()
    forbid: tuple[PolicyRow, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    """None of them judged by a day yet."""
    severities: Mapping[str, Severity | None] = field(default_factory=dict)
    """By rule; None: its findings are left out and counted."""
    severity_places: Mapping[str, Place] = field(default_factory=dict)
    """Where each of them is said."""


def fits(pattern: str, text: str) -> bool:
    """Whether a text is one that a pattern with `*` and `?` stands for; case does not count."""
    # `[` has no meaning in our patterns, and fnmatch would give it one
    return fnmatchcase(text.lower(), pattern.lower().replace("[", "[[]"))
