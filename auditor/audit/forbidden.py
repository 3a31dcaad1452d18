"""What leaves one cluster against its policy: rows that forbid something, held against each of its sources."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from auditor.audit.forbidden_asking import UNLISTED, AskedNames
from auditor.audit.forbidden_names import KnownNames, NamesWithin
from auditor.audit.organisation import forbidden_rows
from auditor.filters.known_addresses import ALL_IPV6
from auditor.model.egress import Allowance, AllowedNames, Excess, Forbidden, Undetermined
from auditor.model.finding_place import From
from auditor.model.reading import Hints
from auditor.model.service_tags import ServiceTags
from auditor.netset import AddressSet, NameSet, Traffic
from auditor.netset.service import ANY
from auditor.paths.cluster_paths import ClusterPaths
from auditor.paths.egress_joins import joined, joined_causes
from auditor.paths.excess import ExcessOfSource
from auditor.paths.leaving import Leaving, SourceEgress
from auditor.paths.resolver_networks import resolver_networks
from auditor.paths.sources import Source
from auditor.paths.witness import leaving_witness
from auditor.policy.organisation import PolicyRow
from auditor.policy.organisation_sets import RowSets, all_but, sets_of
from auditor.policy.policy import Policy

_UNREAD_TAG = "tag-snapshot-missing"
_ALL_IPV6 = Traffic.box(ALL_IPV6, ANY)


def forbidden_of(
    paths: ClusterPaths, policy: Policy, hints: Hints, tags: ServiceTags
) -> tuple[Forbidden, ...]:
    """For each row that forbids something and each subnet, what of it leaves; where nothing does, nothing."""
    found: list[Forbidden] = []
    assumed = policy.reading.assumed
    estate = paths.network.estate
    networks = frozenset(found for source in paths.sources for found in resolver_networks(source, estate))
    told = KnownNames(hints, tags, estate, networks)
    rows = forbidden_rows(paths.cluster, policy)
    named = [_by_address(row, hints, tags) for row in rows]
    # What rows name is looked at though it counts as no egress: private addresses, and those of the platform.
    beyond = AddressSet.union_all(one.ports.addresses.only_v4() for one in named) - paths.space
    for row, by_address in zip(rows, named, strict=True):
        sets = sets_of(row, hints, tags)
        layers = [_Layer(paths.space, sets, tuple(told.within(row, sets)))]
        if not by_address.ports.addresses.isdisjoint(beyond):
            layers.append(_Layer(beyond, by_address, tuple(told.within(row, by_address))))
        by_subnet: dict[object, Forbidden] = {}
        for source in paths.sources:
            asked = paths.asked_from(source)
            one = _Judged(paths, source, asked, assumed, told).row(row, layers)
            known = by_subnet.get(asked.subnet)
            by_subnet[asked.subnet] = one if known is None else _united(known, one)
        found += by_subnet.values()
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Layer:
    """Some destinations, and what a row forbids among them."""

    space: AddressSet
    sets: RowSets
    within: tuple[NamesWithin, ...]
    """The names that lead into what is forbidden by address."""


def _by_address(row: PolicyRow, hints: Hints, tags: ServiceTags) -> RowSets:
    """What a row forbids by addresses that it names."""
    named = tuple(one for one in row.destinations if one.host.name is None and not one.host.anywhere)
    return sets_of(replace(row, destinations=named), hints, tags)


def _united(one: Forbidden, other: Forbidden) -> Forbidden:
    """What leaves from two pools of one subnet."""
    return replace(
        one,
        asked_from=tuple(dict.fromkeys((*one.asked_from, *other.asked_from))),
        leaves=tuple(joined((*one.leaves, *other.leaves))),
        open=tuple(joined_causes((*one.open, *other.open))),
        assumptions=tuple(sorted({*one.assumptions, *other.assumptions})),
    )


class _Judged:
    """What of a row leaves one source."""

    def __init__(
        self, paths: ClusterPaths, source: Source, asked: From, assumed: frozenset[str], told: KnownNames
    ) -> None:
        self._paths = paths
        self._told = told
        self._source = source
        self._asked = asked
        self._assumed = assumed

    def row(self, row: PolicyRow, layers: Sequence[_Layer]) -> Forbidden:
        """What surely leaves and what may; a name is asked for where no rule about names lets it out."""
        sets = layers[0].sets
        leaves: list[Excess] = []
        opened = [*self._unread(sets), *self._open_ipv6(sets)]
        for layer in layers:
            egress = self._paths.egress(self._source, layer.space)
            leaves += self._leaving(egress, layer.sets)
            opened += self._open(egress, layer.sets)
            for leading in layer.within:
                found, not_known = self._leading_there(egress, leading)
                leaves += found
                opened += not_known
        names = AskedNames(self._paths, self._source, self._asked, self._assumed)
        for one in row.destinations:
            if one.host.name is not None:
                found, not_known = names.leaving(one, sets, leaves, self._told)
                leaves += found
                opened += not_known
        if sets.unread_exceptions:
            # What the row excepts may be all of it.
            opened += [
                replace(
                    self._undetermined(_UNREAD_TAG, one.traffic, one.names),
                    sources=one.sources,
                    application=one.application,
                )
                for one in leaves
            ]
            leaves = []
        return Forbidden(
            to=row.to,
            reason=row.reason,
            place=row.place,
            asked_from=(self._asked,),
            leaves=tuple(joined(leaves)),
            open=tuple(joined_causes(opened)),
            assumptions=(UNLISTED,) if names.aside and not leaves else (),
            by_name=bool(sets.names),
        )

    def _leaving(self, egress: SourceEgress, sets: RowSets) -> list[Excess]:
        """What surely leaves by address, by the addresses of a name, and by each application protocol."""
        found = self._beyond(egress, all_but(sets.ports, sets.names), None)
        for application in dict.fromkeys(leaving.application for leaving in egress.by_name):
            names = tuple(one for one in sets.names if one.application == application)
            if application is not None and names:
                found += self._beyond(egress, all_but(Traffic.EMPTY, names), application)
        return found

    def _leading_there(
        self, egress: SourceEgress, within: NamesWithin
    ) -> tuple[list[Excess], list[Undetermined]]:
        """What leaves by names that lead to what is forbidden by address, and what of it is not known."""
        opened: list[Undetermined] = []
        out: dict[str | None, NameSet] = {}
        for leaving in egress.by_name:
            names, application = within.of(leaving), leaving.application
            if not names:
                continue
            opened += self._causes(leaving, leaving.unknown & within.traffic, names)
            if surely := leaving.must & within.traffic:
                out[application] = out.get(application, NameSet.NONE) | names
                if within.code is not None and within.code not in self._assumed:
                    opened.append(self._undetermined(within.code, surely, names, leaving))
        if within.code is not None and within.code not in self._assumed:
            return [], opened
        by_rule = (self._by_names(egress, within, names, application) for application, names in out.items())
        return list(chain.from_iterable(by_rule)), opened

    def _by_names(
        self, egress: SourceEgress, within: NamesWithin, names: NameSet, application: str | None
    ) -> Iterator[Excess]:
        """The rules that let some names out to their addresses."""
        spoken = AllowedNames(names=names, application=application, services=within.traffic.services)
        for one in self._beyond(egress, all_but(Traffic.EMPTY, (spoken,)), application):
            traffic = one.traffic & within.traffic
            if traffic and one.names is not None:
                codes = {*one.assumptions} | ({within.code} if within.code is not None else set())
                yield replace(
                    one,
                    traffic=traffic,
                    witness=leaving_witness(traffic, one.names, application),
                    assumptions=tuple(sorted(codes)),
                )

    def _beyond(self, egress: SourceEgress, left: Allowance, application: str | None) -> list[Excess]:
        beyond = ExcessOfSource(egress, self._asked, left, Allowance(), self._assumed)
        return [one for one in beyond.excess() if one.application == application]

    def _open(self, egress: SourceEgress, sets: RowSets) -> Iterator[Undetermined]:
        """What is unknown under the reading; what an assumption holds back counts as held back."""
        for leaving in egress.by_address:
            yield from self._causes(leaving, leaving.unknown & sets.ports, None)
        for leaving in egress.by_name:
            for one in sets.names:
                names = one.names & leaving.name if leaving.name is not None else one.names
                if names and leaving.application in {one.application, None}:
                    within = Traffic.box(leaving.unknown.addresses, one.services)
                    yield from self._causes(leaving, leaving.unknown & within, names)

    def _open_ipv6(self, sets: RowSets) -> Iterator[Undetermined]:
        """What of IPv6 is unknown: nobody knows how routes treat it (UDR-22); security groups may deny it all the same.

        Without an IPv6 prefix in the subnet no interface has an address to send it from (AKS-18).
        """
        if sixth := sets.ports & _ALL_IPV6:
            for leaving in self._paths.egress(self._source).to_ipv6(ALL_IPV6):
                yield from self._causes(leaving, leaving.unknown & sixth, None)

    def _causes(self, leaving: Leaving, traffic: Traffic, names: NameSet | None) -> Iterator[Undetermined]:
        for part, codes in leaving.open if traffic else ():
            if found := part & traffic:
                for cause in sorted(codes):
                    yield self._undetermined(cause, found, names, leaving)

    def _unread(self, sets: RowSets) -> Iterator[Undetermined]:
        """Tags of the row whose addresses are not known: anything that leaves may lead to them."""
        for tag in sets.unread_tags:
            yield self._undetermined(_UNREAD_TAG, Traffic.EMPTY, None, witness=tag)

    def _undetermined(
        self,
        cause: str,
        traffic: Traffic,
        names: NameSet | None,
        leaving: Leaving | None = None,
        *,
        witness: str = "",
    ) -> Undetermined:
        """Something open, from the senders of a leaving; without one, nothing is known of its extent but a witness."""
        application = leaving.application if leaving is not None else None
        return Undetermined(
            cause=cause,
            asked_from=(self._asked,),
            sources=leaving.senders if leaving is not None else AddressSet.of(),
            traffic=traffic,
            names=names,
            application=application,
            witness=witness or leaving_witness(traffic, names, application),
        )
