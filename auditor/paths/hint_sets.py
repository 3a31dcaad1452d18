"""Where the addresses of a name may lie: private endpoints, pins, service tags, else everything public."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from auditor.filters.known_addresses import PUBLIC
from auditor.model.estate import Estate
from auditor.model.question import Question
from auditor.model.reading import Hints, NameHint
from auditor.model.resource_id import ResourceId
from auditor.netset import AddressSet
from auditor.paths.private_names import PrivateAnswer, private_answer

_NO_HINT = NameHint()


@dataclass(frozen=True, slots=True, kw_only=True)
class HintSets:
    """The possible addresses of one name, by how they are known."""

    private: PrivateAnswer
    """What private DNS zones and private endpoints make of it; that needs no assumption."""
    pinned: AddressSet | None
    tagged: AddressSet | None
    """The union of its service tags, or None when it has none or one was not read."""
    tags: tuple[str, ...]
    grade: str
    public: AddressSet
    """Every public address that is left when nothing else is known."""
    region: AddressSet | None
    """AzureCloud.<region>, for the cluster's own fqdn; None when it was not read."""


def hint_sets(
    question: Question,
    networks: frozenset[ResourceId | None],
    location: str,
    hints: Hints,
    estate: Estate,
    *,
    baseline: bool,
) -> HintSets:
    """The hints of a question's name, as the resolvers of some virtual networks see it."""
    asked = str(question.name)
    plain = question.name is not None and not question.name.wildcard
    hint = hints.names.get(asked.lower(), _NO_HINT)
    held = estate.held_public if baseline else AddressSet.of()
    tagged = _union_of_tags(hint, estate)
    region = estate.service_tags.get(f"AzureCloud.{location}")
    return HintSets(
        private=private_answer(asked.lower(), networks, estate, question.private_of)
        if plain
        else PrivateAnswer(),
        pinned=_pinned(asked, hints.pins),
        tagged=None if tagged is None else tagged - held,
        tags=hint.tags,
        grade=hint.grade,
        public=public_addresses(estate) - held,
        region=None if region is None else region.only_v4(),
    )


def public_addresses(estate: Estate) -> AddressSet:
    """Global unicast without the platform's address and the estate's own networks."""
    return PUBLIC - estate.network_space


def _union_of_tags(hint: NameHint, estate: Estate) -> AddressSet | None:
    if not hint.tags:
        return None
    found = [estate.service_tags.get(tag) for tag in hint.tags]
    known = [members.only_v4() for members in found if members is not None]
    return AddressSet.union_all(known) if len(known) == len(found) else None


def _pinned(asked: str, pins: Mapping[str, AddressSet]) -> AddressSet | None:
    return pins.get(asked.lower())
