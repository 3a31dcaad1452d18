"""Where the addresses of a name may lie: private endpoints, pins, service tags, else everything public."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from auditor.filters.known_addresses import PUBLIC
from auditor.filters.terms import literal
from auditor.model.estate import Estate
from auditor.model.question import Question
from auditor.model.reading import Hints, NameHint
from auditor.model.resource_id import ResourceId
from auditor.netset import AddressSet

_NO_HINT = NameHint()


@dataclass(frozen=True, slots=True, kw_only=True)
class HintSets:
    """The possible addresses of one name, by how they are known."""

    private: AddressSet | None
    """Addresses of an approved private endpoint that serves the name; they need no assumption."""
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
    network: ResourceId | None,
    location: str,
    hints: Hints,
    estate: Estate,
    *,
    baseline: bool,
) -> HintSets:
    """The hints of a question's name, seen from a virtual network."""
    asked = str(question.name)
    hint = hints.names.get(asked.lower(), _NO_HINT)
    held = estate.held_public if baseline else AddressSet.of()
    tagged = _union_of_tags(hint, estate)
    region = estate.service_tags.get(f"AzureCloud.{location}")
    return HintSets(
        private=_private(question, network, estate),
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


def _private(question: Question, network: ResourceId | None, estate: Estate) -> AddressSet | None:
    addresses: list[str] = []
    name = str(question.name).lower()
    for endpoint in estate.private_endpoints.values():
        if not endpoint.approved:
            continue
        served = [texts for served_name, texts in endpoint.names if served_name.lower().rstrip(".") == name]
        for texts in served:
            addresses += texts
        if question.private_of is not None and any(
            target.key == question.private_of for target in endpoint.targets
        ):
            addresses += endpoint.known_addresses
    for record in estate.dns_records:
        if record.name == name and network is not None and network in record.networks:
            addresses += record.addresses
    known = [found for found in map(literal, addresses) if found is not None]
    return AddressSet.union_all(known) if known else None
