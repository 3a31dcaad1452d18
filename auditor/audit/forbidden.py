"""What leaves one cluster against its policy: rows that forbid something, held against each of its sources."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain

from auditor.audit.forbidden_names import KnownNames, NamesWithin
from auditor.audit.organisation import forbidden_rows
from auditor.filters.known_addresses import GLOBAL_IPV6, PUBLIC
from auditor.filters.services import services_of
from auditor.model.egress import Allowance, AllowedNames, Beyond, Excess, Forbidden, Undetermined, witness_of
from auditor.model.finding_place import From
from auditor.model.question import Question, endpoint_text, parse_question
from auditor.model.reading import Hints
from auditor.model.service_tags import ServiceTags
from auditor.model.verdict import Outcome, Piece, Verdict
from auditor.netset import AddressSet, IntervalSet, NameSet, ServiceSet, Traffic
from auditor.netset.service import ANY
from auditor.paths.cluster_paths import ClusterPaths
from auditor.paths.egress_joins import joined, joined_causes
from auditor.paths.excess import ExcessOfSource, responsible
from auditor.paths.leaving import Leaving, SourceEgress
from auditor.paths.pieces import FEW
from auditor.paths.resolver_networks import resolver_networks
from auditor.paths.sources import Source
from auditor.paths.witness import leaving_witness
from auditor.policy.destinations import APPLICATIONS, Destination, parse_service
from auditor.policy.organisation import PolicyRow
from auditor.policy.organisation_sets import RowSets, all_but, sets_of
from auditor.policy.policy import Policy

_UNREAD_TAG = "tag-snapshot-missing"
_UNLISTED = "address-unlisted"
_BY_PROXY = "proxy-destination"
_ALL_IPV6 = Traffic.box(GLOBAL_IPV6, ANY)
_EVERY_PORT = ((1, 65535),)


def forbidden_of(
    paths: ClusterPaths, policy: Policy, hints: Hints, tags: ServiceTags
) -> tuple[Forbidden, ...]:
    """For each row that forbids something and each subnet, what of it leaves; where nothing does, nothing."""
    found: list[Forbidden] = []
    assumed = policy.reading.assumed
    estate = paths.network.estate
    networks = frozenset(found for source in paths.sources for found in resolver_networks(source, estate))
    told = KnownNames(hints, tags, estate, networks)
    for row in forbidden_rows(paths.cluster, policy):
        sets = sets_of(row, hints, tags)
        within = tuple(told.within(row, sets))
        by_subnet: dict[object, Forbidden] = {}
        for source in paths.sources:
            asked = paths.asked_from(source)
            one = _Judged(paths, source, asked, assumed).row(row, sets, within)
            known = by_subnet.get(asked.subnet)
            by_subnet[asked.subnet] = one if known is None else _united(known, one)
        found += by_subnet.values()
    return tuple(found)


def _united(one: Forbidden, other: Forbidden) -> Forbidden:
    """What leaves from two pools of one subnet."""
    return replace(
        one,
        asked_from=tuple(dict.fromkeys((*one.asked_from, *other.asked_from))),
        leaves=tuple(joined((*one.leaves, *other.leaves))),
        open=tuple(joined_causes((*one.open, *other.open))),
        assumptions=tuple(sorted({*one.assumptions, *other.assumptions})),
    )


def _questions(one: Destination) -> Iterator[Question]:
    """The destination as questions; any protocol is asked as those that questions have."""
    if one.service.protocol != "any":
        yield one.question
        return
    for protocol, ports in (("tcp", _EVERY_PORT), ("udp", _EVERY_PORT), ("icmp", ())):
        to = endpoint_text(one.host.text, protocol, ports)
        yield replace(one.question, to=to, protocol=protocol, ports=ports)


class _Judged:
    """What of a row leaves one source."""

    def __init__(self, paths: ClusterPaths, source: Source, asked: From, assumed: frozenset[str]) -> None:
        self._paths = paths
        self._source = source
        self._asked = asked
        self._assumed = assumed
        self.aside = False
        """Whether few addresses were set aside."""

    def row(self, row: PolicyRow, sets: RowSets, within: Sequence[NamesWithin]) -> Forbidden:
        """What surely leaves and what may; a name is asked for where no rule about names lets it out."""
        egress = self._paths.egress(self._source)
        leaves = self._leaving(egress, sets)
        opened = [*self._open(egress, sets), *self._unread(sets)]
        for leading in within:
            found, not_known = self._leading_there(egress, leading)
            leaves += found
            opened += not_known
        for one in row.destinations if not leaves else ():
            if one.host.name is not None:
                found, not_known = self._asked_for(one, sets)
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
            assumptions=(_UNLISTED,) if self.aside and not leaves else (),
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
        if egress.ipv6 and (found := sets.ports & _ALL_IPV6):
            # A 0/0 route says nothing about IPv6, which is not followed yet (UDR-22).
            yield replace(self._undetermined("ipv6", found, None), sources=egress.ipv6)

    def _causes(self, leaving: Leaving, traffic: Traffic, names: NameSet | None) -> Iterator[Undetermined]:
        for part, codes in leaving.open if traffic else ():
            if found := part & traffic:
                for cause in sorted(codes):
                    yield self._undetermined(cause, found, names, leaving)

    def _unread(self, sets: RowSets) -> Iterator[Undetermined]:
        """Tags of the row whose addresses are not known: anything that leaves may lead to them."""
        for tag in sets.unread_tags:
            yield self._undetermined(_UNREAD_TAG, Traffic.EMPTY, None, witness=tag)

    def _asked_for(self, one: Destination, sets: RowSets) -> tuple[list[Excess], list[Undetermined]]:
        """What leaves to a name whatever rules about names say, because its addresses are open."""
        leaves: list[Excess] = []
        opened: list[Undetermined] = []
        for question in _questions(one):
            answer = self._paths.ask(question, self._source, baseline=False)
            if _BY_PROXY in {*answer.assumptions, *answer.reasons}:
                # The proxy decides by a list that nobody here knows; what leaves beside it is another question.
                opened.append(self._undetermined(_BY_PROXY, Traffic.EMPTY, None, witness=question.to))
                direct = replace(question, protocol="tcp")
                answer = self._paths.ask(direct, self._source, baseline=False)
            if answer.outcome is Outcome.UNKNOWN and self._hardly_leaves(answer):
                self.aside = True
            elif answer.outcome is Outcome.UNKNOWN:
                opened += [
                    self._undetermined(code, Traffic.EMPTY, None, witness=question.to)
                    for code in answer.reasons
                ]
            elif answer.outcome is not Outcome.BLOCKED:
                found = [self._piece(piece, question, answer, sets) for piece in answer.pieces]
                leaves += [item for item in found if item is not None]
        return leaves, opened

    def _hardly_leaves(self, answer: Verdict) -> bool:
        """Whether a name without known addresses is blocked but for few addresses that leave whatever is meant.

        They leave to what rules name for others, such as a service tag; that the name lies there is what is not
        assumed of a name that nobody asked for (design: `address-unlisted`).
        """
        if answer.reasons != ("fqdn-address-unknown",) or _UNLISTED not in self._assumed:
            return False
        stopped = sum(piece.addresses for piece in answer.pieces if piece.verdict is Outcome.BLOCKED)
        rest = sum(piece.addresses for piece in answer.pieces if piece.verdict is not Outcome.BLOCKED)
        return rest < FEW < stopped

    def _piece(self, piece: Piece, question: Question, answer: Verdict, sets: RowSets) -> Excess | None:
        """A part of an answer that leaves, as a record; None for one that does not, or that the row excepts."""
        if piece.verdict is not Outcome.ALLOWED or piece.aside or question.name is None:
            return None
        spoken = NameSet.union_all(one.names for one in sets.names)
        names = NameSet.of(question.name) & spoken
        if answer.outcome is Outcome.MIXED and question.name.wildcard:
            # Only a part of the pattern leaves; the one name that the piece gives as its proof is in it.
            witness = parse_question(piece.witness).name if piece.witness else None
            names = NameSet.of(witness) & spoken if witness is not None else NameSet.of()
        if not names:
            return None
        services = services_of(question)
        if piece.services:
            services &= ServiceSet.of_points(
                IntervalSet.union_all(parse_service(text).services.points for text in piece.services)
            )
        traffic = Traffic.box(PUBLIC, services)
        application = question.protocol if question.protocol in APPLICATIONS else None
        return Excess(
            kind=Beyond.EXCESS,
            asked_from=(self._asked,),
            sources=AddressSet.of(*piece.sources),
            traffic=traffic,
            names=names,
            application=application,
            witness=witness_of(traffic, names, application),
            rule=responsible(piece.hops),
            hops=piece.hops,
            literal=False,
            assumptions=answer.assumptions,
        )

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
