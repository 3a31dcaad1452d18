"""Prerequisites of an edition: told in words, never counted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from auditor.policy.baseline import load_edition
from auditor.policy.facts import build_facts
from auditor.policy.prerequisites import prerequisite_notes
from auditor.policy.settings import DEFAULT_SETTINGS

SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-00000000000a"
FEATURE = (
    f"{SUBSCRIPTION}/providers/Microsoft.Features/providers/Microsoft.ContainerService/features/"
    "AKSLockingDownEgressPreview"
)
PROVIDER = f"{SUBSCRIPTION}/providers/Microsoft.ContainerService"

Make = Callable[..., Any]


def _notes(cluster: Any, estate: Any, edition: str = "aks-2019-05-14") -> tuple[str, ...]:
    facts = build_facts(cluster, estate, DEFAULT_SETTINGS)
    return prerequisite_notes(load_edition(edition), facts, cluster, estate)


def test_what_was_not_read_is_said(make_cluster: Make, make_estate: Make) -> None:
    """Each prerequisite has its sentence although no document shows it."""
    notes = _notes(make_cluster(), make_estate())
    assert len(notes) == 4
    assert all(
        note.startswith("prerequisite of aks-2019-05-14 (reported only, never counted): ") for note in notes
    )
    assert [note.rsplit(": ", 1)[1] for note in notes] == [
        "not read",
        "not read",
        "not read, for no Azure document shows it",
        "not read, for no Azure document shows it",
    ]


def test_what_was_read_is_told_with_its_place(make_cluster: Make, make_estate: Make) -> None:
    """A registration that a document shows holds or does not, and the note says where that stands."""
    documents = (
        (FEATURE, {"properties": {"state": "NotRegistered"}}),
        (PROVIDER, {"registrationState": "Registered"}),
    )
    feature, provider, *_ = _notes(make_cluster(), make_estate(documents=documents))
    assert feature.endswith("is registered in the subscription: does not hold (resources.jsonl:7)")
    assert provider.endswith("registered again once the feature is: holds (resources.jsonl:7)")


def test_an_edition_without_prerequisites(make_cluster: Make, make_estate: Make) -> None:
    """The current list asks for nothing first."""
    assert _notes(make_cluster(), make_estate(), "aks-2026-06-18") == ()
