"""What a policy admits from one cluster, as sets: its needs by name and by address (design: excess)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from auditor.filters.known_addresses import PUBLIC
from auditor.filters.services import services_of
from auditor.model.egress import Allowance, AllowedNames
from auditor.model.need import Need
from auditor.model.question import Question
from auditor.model.reading import Hints
from auditor.model.service_tags import ServiceTags
from auditor.netset import AddressSet, NameSet, ServiceSet, Traffic

_APPLICATIONS = frozenset({"http", "https", "mssql"})
_BY_PORT = {80: "http", 443: "https"}


def published_allowance(
    needs: Iterable[Need], published: Iterable[Need], hints: Hints, tags: ServiceTags
) -> Allowance:
    """What is published for AKS and not needed: rows that do not apply, and every published name over http and https.

    Microsoft's own FQDN tag opens both protocols to all of its names (FW-28), so the other one is no surprise.
    """
    every = [*needs, *published]
    names = [
        AllowedNames(names=NameSet.of(question.name), application=application, services=ServiceSet.tcp(port))
        for need in every
        for question in need.alternatives
        if question.name is not None and question.protocol in _APPLICATIONS
        for port, application in _BY_PORT.items()
    ]
    own = allowance_of(published, hints, tags)
    return Allowance(traffic=own.traffic, names=tuple(dict.fromkeys((*own.names, *names))))


def allowance_of(needs: Iterable[Need], hints: Hints, tags: ServiceTags) -> Allowance:
    """Everything that these needs may use; every documented form of a need counts.

    A need that perhaps does not apply admits its name, and its addresses where a document ties them to a tag of the
    service; a tag that is merely described as holding them (such as a whole region) it does not open.
    """
    traffic: list[Traffic] = []
    names: list[AllowedNames] = []
    for need in needs:
        for question in need.alternatives:
            services = services_of(question)
            if question.name is not None:
                names.append(_named(question, services, hints, tags, sure=need.applies is True))
                continue
            addresses = _addresses(question, tags)
            if addresses:
                traffic.append(Traffic.box(addresses, services))
            if question.anywhere:
                names += _any_name(question)
    return Allowance(traffic=Traffic.union_all(traffic), names=tuple(dict.fromkeys(names)))


def _addresses(question: Question, tags: ServiceTags) -> AddressSet | None:
    if question.anywhere:
        return PUBLIC
    return tags.get(question.tag) if question.tag is not None else question.addresses


def _named(
    question: Question, services: ServiceSet, hints: Hints, tags: ServiceTags, *, sure: bool
) -> AllowedNames:
    assert question.name is not None  # noqa: S101  the caller asked
    key = str(question.name)
    return AllowedNames(
        names=NameSet.of(question.name),
        application=question.protocol if question.protocol in _APPLICATIONS else None,
        services=services,
        addresses=Traffic.box(known_addresses(key, hints, tags, sure=sure), services),
    )


def known_addresses(name: str, hints: Hints, tags: ServiceTags, *, sure: bool) -> AddressSet:
    """Where a name's addresses are known to lie: its pins, else all of its service tags; empty if nothing is known.

    A tag that is merely described as holding them counts only for what is `sure` to be needed.
    """
    pinned = hints.pins.get(name)
    if pinned is not None:
        return pinned
    hint = hints.names.get(name)
    if hint is None or (hint.grade == "description" and not sure):
        return AddressSet.of()
    found = [tags.get(tag) for tag in hint.tags]
    return AddressSet.union_all(members for members in found if members is not None)


def _any_name(question: Question) -> Iterator[AllowedNames]:
    """A row without destination over TCP counts what leaves as https or http, too (design: verdicts)."""
    for low, high in question.ports if question.protocol == "tcp" else ():
        if low == high and low in _BY_PORT:
            yield AllowedNames(names=NameSet.ALL, application=_BY_PORT[low], services=ServiceSet.tcp(low))
