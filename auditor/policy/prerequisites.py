"""What an edition wants done before its rows count: reported as notes, never as a failure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from auditor.model.cluster import Cluster
from auditor.model.estate import Estate
from auditor.policy.baseline import Edition, Prerequisite
from auditor.policy.facts import document_of

_WORDS: Final = {True: "holds", False: "does not hold"}


def prerequisite_notes(
    edition: Edition, facts: Mapping[str, object], cluster: Cluster, estate: Estate
) -> tuple[str, ...]:
    """One sentence a prerequisite, in the order of the edition; none for an edition without."""
    return tuple(_note(edition, one, facts, cluster, estate) for one in edition.prerequisites)


def _note(
    edition: Edition, one: Prerequisite, facts: Mapping[str, object], cluster: Cluster, estate: Estate
) -> str:
    start = f"prerequisite of {edition.edition} (reported only, never counted): {one.text}"
    if one.reads is None:
        return f"{start}: not read, for no Azure document shows it"
    value = _value(facts, one.reads)
    if not isinstance(value, bool):
        return f"{start}: not read"
    place = document_of(cluster, estate, one.reads)
    return f"{start}: {_WORDS[value]}" + (f" ({place})" if place else "")


def _value(facts: Mapping[str, object], name: str) -> object:
    value: object = facts
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value
