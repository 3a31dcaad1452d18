"""What an organisation policy asks of one cluster beyond the edition: needs of its own, and what it admits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from auditor.audit.forbidden_names import names_in
from auditor.model.cluster import Cluster
from auditor.model.egress import Allowance
from auditor.model.need import Need
from auditor.model.question import Question, question
from auditor.model.reading import Hints
from auditor.model.service_tags import ServiceTags
from auditor.netset import Traffic
from auditor.policy.hints import documented_hints
from auditor.policy.organisation import PolicyRow
from auditor.policy.organisation_sets import (
    RowSets,
    admitted,
    excepts_all,
    named_questions,
    nothing_admitted,
    required_needs,
    sets_of,
)
from auditor.policy.policy import Policy


def own_needs(cluster: Cluster, policy: Policy) -> tuple[Need, ...]:
    """What the policy requires of a cluster beyond the edition."""
    organisation = policy.organisation
    return required_needs(organisation.require, cluster, organisation.file) if organisation else ()


def own_questions(cluster: Cluster, policy: Policy, cloud: str) -> tuple[Question, ...]:
    """Every name that the policy allows or forbids a cluster, for what is known of its addresses.

    With the documented names within patterns that it forbids, which are asked for, too.
    """
    forbidden = tuple(named_questions(forbidden_rows(cluster, policy)))
    patterns = [one.name for one in forbidden if one.name is not None and one.name.wildcard]
    documented = documented_hints(cluster, cloud=cloud) if patterns else {}
    within = (
        question(text, "tcp", ())
        for text, name in names_in(documented)
        if any(name <= pattern for pattern in patterns)
    )
    return (*named_questions(_allowed(cluster, policy)), *forbidden, *within)


def own_allowance(
    cluster: Cluster, policy: Policy, hints: Hints, tags: ServiceTags
) -> tuple[Allowance, tuple[str, ...]]:
    """What the policy admits beyond the needs, and a note for each row that says less than it seems to say."""
    found: list[RowSets] = []
    notes: list[str] = []
    for row in _allowed(cluster, policy):
        sets = sets_of(row, hints, tags)
        lists = "no list that was read holds; --service-tags FILE adds one"
        start = f"{row.place}: allow {row.to}"
        if sets.unread_exceptions:
            sets = replace(sets, traffic=Traffic.EMPTY)
            notes.append(
                f"{start}: excepts {', '.join(sets.unread_exceptions)}, which {lists}: no address admitted"
            )
        if sets.unread_tags:
            notes.append(f"{start}: nothing admitted for {', '.join(sets.unread_tags)}, which {lists}")
        if sets.empty:
            notes.append(excepts_all(row, "allow"))
        notes += (f"{row.place}: {text}" for text in nothing_admitted(row))
        found.append(sets)
    for row in forbidden_rows(cluster, policy):
        if sets_of(row, hints, tags).empty:
            notes.append(excepts_all(row, "forbid"))
    return admitted(found), tuple(notes)


def rows_without_clusters(policy: Policy, clusters: Sequence[Cluster]) -> Iterator[str]:
    """A note on each row that speaks of none of the clusters."""
    organisation = policy.organisation
    if organisation is None:
        return
    kinds = (
        ("require", organisation.require),
        ("allow", organisation.allow),
        ("forbid", organisation.forbid),
    )
    for kind, rows in kinds:
        for row in rows:
            if not any(row.concerns(cluster) for cluster in clusters):
                named = ", ".join(row.clusters)
                yield f"{row.place}: {kind} {row.to}: speaks of no cluster that was read; none is called {named}"


def forbidden_rows(cluster: Cluster, policy: Policy) -> tuple[PolicyRow, ...]:
    """The rows that forbid a cluster something."""
    organisation = policy.organisation
    return tuple(row for row in organisation.forbid if row.concerns(cluster)) if organisation else ()


def _allowed(cluster: Cluster, policy: Policy) -> tuple[PolicyRow, ...]:
    organisation = policy.organisation
    return tuple(row for row in organisation.allow if row.concerns(cluster)) if organisation else ()
