"""Names that a policy forbids, asked as questions: what leaves to them whatever rules about names say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from auditor.audit.forbidden_names import KnownNames
from auditor.filters.known_addresses import PUBLIC
from auditor.filters.services import services_of
from auditor.model.egress import Beyond, Excess, Undetermined, witness_of
from auditor.model.finding_place import From
from auditor.model.question import Question, endpoint_text, parse_question
from auditor.model.verdict import Outcome, Piece, Verdict
from auditor.netset import AddressSet, IntervalSet, NameSet, ServiceSet, Traffic
from auditor.paths.cluster_paths import ClusterPaths
from auditor.paths.excess import responsible
from auditor.paths.pieces import FEW
from auditor.paths.sources import Source
from auditor.policy.destinations import APPLICATIONS, Destination, Host, destination, parse_service
from auditor.policy.organisation_sets import RowSets

UNLISTED = "address-unlisted"
"""What is assumed of a name of which few addresses leave for others."""
_BY_PROXY = "proxy-destination"
_EVERY_PORT = ((1, 65535),)


class AskedNames:
    """Forbidden names as questions from one source: they leave where all addresses that they may have are open."""

    def __init__(self, paths: ClusterPaths, source: Source, asked: From, assumed: frozenset[str]) -> None:
        self._paths = paths
        self._source = source
        self._asked = asked
        self._assumed = assumed
        self.aside = False
        """Whether few addresses were set aside."""

    def leaving(
        self, one: Destination, sets: RowSets, leaves: Iterable[Excess], known: KnownNames
    ) -> tuple[list[Excess], list[Undetermined]]:
        """What leaves to the names of a row's destination beyond what is known to leave, and what is not known.

        Names within a pattern of which more is known are asked for themselves: their addresses may be open while those
        of most names are not.
        """
        found: list[Excess] = []
        opened: list[Undetermined] = []
        left = _beyond(one, sets, leaves)
        inside = known.inside(one.host.name) if one.host.name is not None and one.host.name.wildcard else ()
        for pattern in (one.host.name, *inside) if left else ():
            if pattern is None:
                continue
            own = NameSet.of(*(other for other in inside if other <= pattern and other != pattern))
            if names := (NameSet.of(pattern) & left) - own:
                host = Host(text=str(pattern), name=pattern)
                more, not_known = self._asked_for(destination(host, one.service), names)
                found += more
                opened += not_known
        return found, opened

    def _asked_for(self, one: Destination, left: NameSet) -> tuple[list[Excess], list[Undetermined]]:
        """What leaves to a name whatever rules about names say, because its addresses are open."""
        leaves: list[Excess] = []
        opened: list[Undetermined] = []
        for question in _questions(one):
            answer, direct = self._answer(question), question
            if _BY_PROXY in {*answer.assumptions, *answer.reasons}:
                # The proxy decides by a list that nobody here knows; what leaves beside it is another question.
                opened.append(self._not_known(_BY_PROXY, question))
                direct = replace(question, protocol="tcp")
                answer = self._answer(direct)
            for part, its in self._by_ports(direct, answer):
                spoken = replace(part, protocol=question.protocol)
                if its.outcome is Outcome.UNKNOWN and self._hardly_leaves(part, its, left):
                    self.aside = True
                elif its.outcome is Outcome.UNKNOWN:
                    opened += [self._not_known(code, spoken) for code in its.reasons]
                elif its.outcome is not Outcome.BLOCKED:
                    found = [self._piece(piece, spoken, its, left) for piece in its.pieces]
                    leaves += [item for item in found if item is not None]
        return leaves, opened

    def _answer(self, question: Question) -> Verdict:
        return self._paths.ask(question, self._source, baseline=False)

    def _by_ports(self, question: Question, answer: Verdict) -> Iterator[tuple[Question, Verdict]]:
        """A question with its answer; where that is unknown as a whole, one for each of the ports told apart."""
        services = [services_of(question)]
        for cut in dict.fromkeys(piece.services for piece in answer.pieces if piece.services):
            inside = _services(cut)
            services = [part for one in services for part in (one & inside, one - inside) if part]
        if answer.outcome is not Outcome.UNKNOWN or len(services) == 1:
            yield question, answer
            return
        for one in services:
            ports = tuple(span for text in str(one).split(",") for span in parse_service(text).ports)
            to = endpoint_text(str(question.name), question.protocol, ports)
            part = replace(question, to=to, ports=ports)
            yield part, self._answer(part)

    def _hardly_leaves(self, question: Question, answer: Verdict, left: NameSet) -> bool:
        """Whether a name without known addresses is blocked but for few addresses that leave whatever is meant.

        They leave to what rules name for others, such as a service tag; that the name lies there is what is not
        assumed of a name that nobody asked for (design: `address-unlisted`).
        """
        if answer.reasons != ("fqdn-address-unknown",) or UNLISTED not in self._assumed:
            return False
        pieces = list(self._about(question, answer, left))
        stopped = sum(piece.addresses for piece in pieces if piece.verdict is Outcome.BLOCKED)
        rest = sum(piece.addresses for piece in pieces if piece.verdict is not Outcome.BLOCKED)
        return rest < FEW < stopped

    def _about(self, question: Question, answer: Verdict, left: NameSet) -> Iterator[Piece]:
        """The pieces of an answer but for those that show other names than are asked for."""
        if question.name is None:
            return
        asked = NameSet.of(question.name)
        classes = [one & asked for one in self._paths.egress(self._source).name_classes]
        others = {str(one) for one in classes if one and one.isdisjoint(left)}
        for piece in answer.pieces:
            if len(piece.destinations) != 1 or piece.destinations[0] not in others:
                yield piece

    def _piece(self, piece: Piece, question: Question, answer: Verdict, left: NameSet) -> Excess | None:
        """A part of an answer that leaves, as a record; None for one that does not, or that the row excepts."""
        if piece.verdict is not Outcome.ALLOWED or piece.aside or question.name is None:
            return None
        names = NameSet.of(question.name) & left
        if answer.outcome is Outcome.MIXED and question.name.wildcard:
            # Only a part of the pattern leaves: the names that every rule treats like the one given as proof.
            witness = parse_question(piece.witness).name if piece.witness else None
            classes = self._paths.egress(self._source).name_classes
            names &= NameSet.union_all(one for one in classes if witness is not None and str(witness) in one)
        if not names:
            return None
        services = services_of(question)
        if piece.services:
            services &= _services(piece.services)
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

    def _not_known(self, cause: str, question: Question) -> Undetermined:
        return Undetermined(
            cause=cause,
            asked_from=(self._asked,),
            sources=AddressSet.of(),
            traffic=Traffic.EMPTY,
            names=None,
            application=None,
            witness=question.to,
        )


def _services(texts: Iterable[str]) -> ServiceSet:
    """The services that a piece of an answer shows."""
    return ServiceSet.of_points(IntervalSet.union_all(parse_service(text).services.points for text in texts))


def _beyond(one: Destination, sets: RowSets, leaves: Iterable[Excess]) -> NameSet:
    """The names that a row means by a destination, less those that surely leave by all of its services."""
    if one.host.name is None:
        return NameSet.NONE
    left = NameSet.of(one.host.name) & NameSet.union_all(spoken.names for spoken in sets.names)
    for part in leaves:
        alike = part.application in {one.service.application, None}
        if part.names is not None and alike and one.service.services <= part.traffic.services:
            left -= part.names
    return left


def _questions(one: Destination) -> Iterator[Question]:
    """The destination as questions; any protocol is asked as those that questions have."""
    if one.service.protocol != "any":
        yield one.question
        return
    for protocol, ports in (("tcp", _EVERY_PORT), ("udp", _EVERY_PORT), ("icmp", ())):
        to = endpoint_text(one.host.text, protocol, ports)
        yield replace(one.question, to=to, protocol=protocol, ports=ports)
