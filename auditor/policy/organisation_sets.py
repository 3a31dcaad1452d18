"""Rows of an organisation policy as needs, as what is admitted, and as what is left when they are forbidden."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from auditor.filters.known_addresses import EVERYWHERE, GLOBAL_IPV6, PUBLIC
from auditor.model.cluster import Cluster
from auditor.model.egress import Allowance, AllowedNames
from auditor.model.need import Need
from auditor.model.question import Question
from auditor.model.reading import Hints
from auditor.model.service_tags import ServiceTags
from auditor.netset import AddressSet, NameSet, ServiceSet, Traffic
from auditor.netset.service import ANY
from auditor.policy.allowance import known_addresses
from auditor.policy.destinations import APPLICATIONS, Destination, Host
from auditor.policy.needs import REQUIRED
from auditor.policy.organisation import PolicyRow

_TCP: Final = ServiceSet.tcp()
_ANYWHERE: Final = PUBLIC | GLOBAL_IPV6


@dataclass(frozen=True, slots=True, kw_only=True)
class RowSets:
    """What a row speaks of, as sets; by address whatever name is meant, and by name."""

    traffic: Traffic
    names: tuple[AllowedNames, ...]
    spoken: tuple[tuple[str, Traffic], ...] = ()
    """By address over one application protocol alone; no rule opens that alone, for an open port carries more."""
    unread_tags: tuple[str, ...] = ()
    """Service tags that no list holds: what they stand for is not among the sets."""
    unread_exceptions: tuple[str, ...] = ()
    """Such tags among what the row excepts: the sets hold what they stand for."""

    @property
    def empty(self) -> bool:
        """Whether nothing is left: the row excepts everything that it names."""
        return not (self.traffic or self.spoken or self.names or self.unread_tags)

    @property
    def ports(self) -> Traffic:
        """Every port by address that carries something of it: an open TCP port carries http, https and mssql."""
        return Traffic.union_all((self.traffic, *(traffic for _, traffic in self.spoken)))


def required_needs(rows: Iterable[PolicyRow], cluster: Cluster, file: str) -> tuple[Need, ...]:
    """One required need for each destination that the rows require of a cluster."""
    return tuple(
        Need(
            id=f"require:{row.number}",
            to=one.to,
            level=REQUIRED,
            applies=True,
            condition="the policy requires it",
            unread=(),
            purpose=row.reason,
            breaks=row.breaks,
            origin=(file,),
            alternatives=(one.question,),
        )
        for row in rows
        if row.concerns(cluster)
        for one in row.destinations
    )


def named_questions(rows: Iterable[PolicyRow]) -> Iterator[Question]:
    """The names that rows speak of, as questions, for what is known of their addresses."""
    for row in rows:
        for one in row.destinations:
            if one.host.name is not None:
                yield one.question


def sets_of(row: PolicyRow, hints: Hints, tags: ServiceTags) -> RowSets:
    """What a row speaks of.

    Plain TCP holds http, https and mssql on the same ports, since whoever may open a connection may speak them; an
    address over one of these is kept apart (`spoken`). A name holds its known addresses as `AllowedNames.addresses`
    only.
    """
    traffic: list[Traffic] = []
    spoken: dict[str, Traffic] = {}
    names: list[AllowedNames] = []
    unread: dict[str, None] = {}
    unread_exceptions: dict[str, None] = {}
    left_out = _addresses_of(row.excepted, tags, unread_exceptions)
    spared = NameSet.of(*(host.name for host in row.excepted if host.name is not None))
    for one in row.destinations:
        if one.host.anywhere or one.host.name is not None:
            names += _names(one, spared, hints, tags)
        if one.host.name is None:
            addresses = _addresses_of((one.host,), tags, unread) - left_out
            box, application = Traffic.box(addresses, one.service.services), one.service.application
            if application is not None and box:
                spoken[application] = spoken.get(application, Traffic.EMPTY) | box
            elif box:
                traffic.append(box)
    return RowSets(
        traffic=Traffic.union_all(traffic),
        names=tuple(dict.fromkeys(names)),
        spoken=tuple(spoken.items()),
        unread_tags=tuple(unread),
        unread_exceptions=tuple(unread_exceptions),
    )


def admitted(found: Iterable[RowSets]) -> Allowance:
    """Everything that rows admit together."""
    every = tuple(found)
    return Allowance(
        traffic=Traffic.union_all(one.traffic for one in every),
        names=tuple(dict.fromkeys(name for one in every for name in one.names)),
    )


def excepts_all(row: PolicyRow, kind: str) -> str:
    """A line on a row that speaks of nothing."""
    return f"{row.place}: {kind} {row.to}: says nothing; it excepts all that it names"


def nothing_admitted(row: PolicyRow) -> Iterator[str]:
    """A line on each destination of an allowed row by address over an application protocol.

    No rule opens an address to that and nothing else, so nothing that leaves is admitted by it.
    """
    for one in row.destinations:
        if one.host.addresses is not None and one.service.application is not None:
            why = f"an open port carries more than {one.service.protocol}, so say tcp"
            yield f"allow {one.to}: admits nothing; {why}"


def united(one: Allowance, other: Allowance) -> Allowance:
    """What either of two admits."""
    return Allowance(
        traffic=one.traffic | other.traffic, names=tuple(dict.fromkeys((*one.names, *other.names)))
    )


def all_but(traffic: Traffic, spoken: Iterable[AllowedNames]) -> Allowance:
    """Everything that there is, less some traffic by address and some names: what is left when they are forbidden.

    By what protocol the names are spoken of makes no difference.
    """
    every = tuple(spoken)
    names: list[AllowedNames] = []
    for services in _pieces(ANY, dict.fromkeys(one.services for one in every)):
        left = NameSet.ALL - NameSet.union_all(one.names for one in every if services <= one.services)
        names += [
            AllowedNames(names=left, application=application, services=services)
            for application in (*APPLICATIONS, None)
        ]
    return Allowance(traffic=Traffic.box(EVERYWHERE, ANY) - traffic, names=tuple(names))


def _names(one: Destination, spared: NameSet, hints: Hints, tags: ServiceTags) -> Iterator[AllowedNames]:
    services, application = one.service.services, one.service.application
    names = NameSet.ALL if one.host.name is None else NameSet.of(one.host.name)
    left = names - spared
    if not left:
        return
    addresses = Traffic.EMPTY
    if one.host.name is not None and not names & spared:
        known = known_addresses(str(one.host.name), hints, tags, sure=False)
        addresses = Traffic.box(known, services) if known else addresses
    yield AllowedNames(names=left, application=application, services=services, addresses=addresses)
    over_tcp = services & _TCP
    if application is None and over_tcp:
        for spoken in APPLICATIONS:
            yield AllowedNames(names=left, application=spoken, services=over_tcp)


def _addresses_of(hosts: Sequence[Host], tags: ServiceTags, unread: dict[str, None]) -> AddressSet:
    found: list[AddressSet] = []
    for host in hosts:
        if host.tag is not None:
            members = tags.get(host.tag)
            if members is None:
                unread[host.tag] = None
            else:
                found.append(members)
        elif host.addresses is not None:
            found.append(host.addresses)
        elif host.anywhere:
            found.append(_ANYWHERE)
    return AddressSet.union_all(found)


def _pieces(services: ServiceSet, cuts: Iterable[ServiceSet]) -> list[ServiceSet]:
    pieces = [services]
    for cut in cuts:
        pieces = [piece for one in pieces for piece in (one & cut, one - cut) if piece]
    return pieces
