"""What leaves beyond an allowance, by responsible rule: complete, exact, with a witness for each part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from auditor.filters.known_addresses import GLOBAL_IPV6, PUBLIC
from auditor.filters.parts import Codes
from auditor.model.egress import (
    Allowance,
    AllowedNames,
    Beyond,
    Bypass,
    Excess,
    Undetermined,
    one_point,
    witness_of,
)
from auditor.model.finding_place import From
from auditor.model.reading import ASSUMABLE
from auditor.model.verdict import Hop, Outcome, Stage
from auditor.netset import AddressSet, NameSet, ServiceSet, Traffic
from auditor.netset.service import ANY
from auditor.paths.egress_joins import joined, joined_bypasses, joined_causes
from auditor.paths.judge import PathPart, codes_used, judge
from auditor.paths.leaving import Leaving, SourceEgress
from auditor.paths.witness import leaving_witness

_IPV6 = Traffic.box(GLOBAL_IPV6, ANY)
_DEVICES = {Stage.FIREWALL, Stage.APPLIANCE}
_GROUPS = (Stage.SUBNET_NSG, Stage.NIC_NSG, Stage.ADMIN)


@dataclass(frozen=True, slots=True)
class _Part:
    """Traffic beyond the allowance, in one of two kinds."""

    kind: Beyond
    leaving: Leaving
    traffic: Traffic
    names: NameSet | None


class ExcessOfSource:
    """What leaves one source beyond what its cluster needs, and beyond what is published for AKS at all."""

    def __init__(
        self,
        egress: SourceEgress,
        asked: From,
        needed: Allowance,
        published: Allowance,
        assumed: frozenset[str],
    ) -> None:
        """`published` holds what the cluster does not need and any cluster of its kind might."""
        self._egress = egress
        self._asked = asked
        self._needed = needed
        self._published = published
        self._assumed = assumed
        self._by_sender: dict[tuple[object, ...], list[Leaving]] = {}
        self._admitted_names: dict[tuple[int, str | None, ServiceSet], NameSet] = {}

    def excess(self) -> list[Excess]:
        """Records by responsible rule and kind that together are the whole, each exact; in no particular order."""
        return joined(one for part in self._parts(may=False) for one in self._explained(part))

    def undetermined(self) -> list[Undetermined]:
        """What may leave beyond both allowances, for each code that leaves it open."""
        return joined_causes(self._opened())

    def unneeded_causes(self) -> Codes:
        """What leaves open whether something leaves that is published and that the cluster does not need."""
        return frozenset(
            code
            for part in self._parts(may=True)
            if part.kind is Beyond.UNNEEDED
            for traffic, codes in part.leaving.open
            if traffic & part.traffic
            for code in codes
        )

    def _opened(self) -> Iterator[Undetermined]:
        for part in self._parts(may=True):
            if part.kind is not Beyond.EXCESS:
                continue
            yield from self._causes(part.leaving, part.leaving.open, part.traffic, part.names)
        for leaving in self._egress.to_ipv6():
            if leaving.source:
                yield from self._causes(leaving, _with_ipv6_alone(leaving), _IPV6, None)

    def _causes(
        self,
        leaving: Leaving,
        opened: Iterable[tuple[Traffic, Codes]],
        within: Traffic,
        names: NameSet | None,
    ) -> Iterator[Undetermined]:
        for traffic, codes in opened:
            if not (part := traffic & within):
                continue
            for cause in sorted(codes):
                yield Undetermined(
                    cause=cause,
                    asked_from=(self._asked,),
                    sources=leaving.senders,
                    traffic=part,
                    names=names,
                    application=leaving.application,
                    witness=leaving_witness(part, names, leaving.application),
                )

    def bypasses(self, own: AddressSet) -> list[Bypass]:
        """What leaves beside the devices, by what leads past them; `own` are the devices' own public addresses."""
        return joined_bypasses(self._beside(own))

    def _beside(self, own: AddressSet) -> Iterator[Bypass]:
        for leaving in self._egress.by_address:
            beside = leaving.beside & Traffic.box(PUBLIC - own, ANY)
            for traffic, answer, walked in self._egress.paths(leaving, beside) if beside else ():
                if answer.outcome is not Outcome.ALLOWED:
                    continue
                yield Bypass(
                    asked_from=(self._asked,),
                    sources=leaving.senders,
                    traffic=traffic,
                    names=None,
                    application=None,
                    witness=witness_of(traffic, None, None),
                    rule=leading(answer.hops),
                    hops=answer.hops,
                    assumptions=_needed_codes(walked, self._assumed),
                )

    def beyond(self) -> Iterator[tuple[Beyond, Leaving, Traffic, NameSet | None]]:
        """What must leave beyond the allowance, as disjoint parts that nothing explains yet."""
        for part in self._parts(may=False):
            yield part.kind, part.leaving, part.traffic, part.names

    # -- sets ------------------------------------------------------------------------------------------

    def _parts(self, *, may: bool) -> Iterator[_Part]:
        for leaving in self._egress.by_address:
            everything = leaving.may - leaving.must if may else leaving.must
            beyond = everything - self._admitted(self._needed, leaving)
            published = beyond & self._admitted(self._published, leaving)
            yield from _filled(leaving, beyond - published, published, None, None)
        for leaving in self._egress.by_name:
            whole = leaving.may - leaving.must if may else leaving.must
            for services, rest, listed in self._named(leaving, whole):
                yield from _filled(leaving, services, services, rest, listed)

    def _admitted(self, allowance: Allowance, leaving: Leaving) -> Traffic:
        """What an allowance admits by address: a name's addresses only where no rule lets the name itself out."""
        by_address = [
            one.addresses for one in allowance.names if one.addresses and not self._leaves(one, leaving)
        ]
        return Traffic.union_all([allowance.traffic, *by_address])

    def _leaves(self, wanted: AllowedNames, raw: Leaving) -> bool:
        """Whether the names surely leave by name from the same sources."""
        if not self._by_sender:
            for leaving in self._egress.by_name:
                sender = (leaving.source, leaving.interfaces, leaving.application)
                self._by_sender.setdefault(sender, []).append(leaving)
        rest = wanted.names
        for leaving in self._by_sender.get((raw.source, raw.interfaces, wanted.application), ()):
            if leaving.name is not None and wanted.services <= leaving.must.services:
                rest -= leaving.name
                if not rest:
                    return True
        return False

    def _named(self, leaving: Leaving, whole: Traffic) -> Iterator[tuple[Traffic, NameSet, NameSet]]:
        """For each set of services the names beyond both allowances, and those that only the second admits."""
        assert leaving.name is not None  # noqa: S101  named leavings have names
        for addresses, held in whole.boxes():
            for services in _cut(
                held, [one.services for one in (*self._needed.names, *self._published.names)]
            ):
                beyond = leaving.name - self._names(self._needed, leaving.application, services)
                published = beyond & self._names(self._published, leaving.application, services)
                yield Traffic.box(addresses, services), beyond - published, published

    def _names(self, allowance: Allowance, application: str | None, services: ServiceSet) -> NameSet:
        """The names that an allowance admits on some services."""
        key = (id(allowance), application, services)
        if key not in self._admitted_names:
            self._admitted_names[key] = NameSet.union_all(
                one.names
                for one in allowance.names
                if services <= one.services and (one.application == application or application is None)
            )
        return self._admitted_names[key]

    # -- explanations ----------------------------------------------------------------------------------

    def _explained(self, part: _Part) -> Iterator[Excess]:
        if part.names is None:
            yield from self._explained_class(part, None)
            return
        for stands_for, names in part.leaving.classes:
            beyond = part.names & names
            if beyond:
                yield from self._explained_class(replace(part, names=beyond), stands_for)

    def _explained_class(self, part: _Part, name: NameSet | None) -> Iterator[Excess]:
        """One record for each rule; where a device decides, its rules alone are told apart for the whole set."""
        without = part.traffic & (part.leaving.beside | part.leaving.perhaps_beside)
        for traffic, devices in ((part.traffic - without, True), (without, False)):
            by_rule: dict[Hop, tuple[list[Traffic], list[PathPart]]] = {}
            for held, answer, walked in (
                self._egress.paths(part.leaving, traffic, name, devices=devices) if traffic else ()
            ):
                if answer.outcome is Outcome.ALLOWED and held:
                    same = by_rule.setdefault(responsible(answer.hops), ([], []))
                    same[0].append(held)
                    same[1].extend(walked)
            for rule, (parts, walked_by_it) in by_rule.items():
                yield self._excess(part, name, rule, Traffic.union_all(parts), walked_by_it)

    def _excess(
        self, part: _Part, name: NameSet | None, rule: Hop, traffic: Traffic, walked: Sequence[PathPart]
    ) -> Excess:
        application = part.leaving.application
        (_, answer, _), *_ = self._egress.paths(part.leaving, one_point(traffic), name)
        return Excess(
            # Without a rule nobody opened it for AKS: everything that a bare way out lets go is excess alike.
            kind=part.kind if rule.rule is not None else Beyond.EXCESS,
            asked_from=(self._asked,),
            sources=part.leaving.senders,
            traffic=traffic,
            names=part.names,
            application=application,
            witness=leaving_witness(traffic, part.names, application),
            rule=rule,
            hops=answer.hops,
            literal=part.names is None and _is_literal(walked, rule),
            assumptions=_needed_codes(walked, self._assumed),
        )


def _with_ipv6_alone(leaving: Leaving) -> Iterator[tuple[Traffic, Codes]]:
    """What is open of IPv6: one part and cause wherever routes leave it open (UDR-22), whatever else does so too."""
    routes = frozenset({"ipv6"})
    yield Traffic.union_all(traffic for traffic, codes in leaving.open if routes <= codes), routes
    yield from ((traffic, codes) for traffic, codes in leaving.open if not routes <= codes)


def _filled(
    leaving: Leaving, excess: Traffic, unneeded: Traffic, names: NameSet | None, published: NameSet | None
) -> Iterator[_Part]:
    if excess and (names is None or names):
        yield _Part(Beyond.EXCESS, leaving, excess, names)
    if unneeded and (published is None or published):
        yield _Part(Beyond.UNNEEDED, leaving, unneeded, published)


def _cut(services: ServiceSet, along: Sequence[ServiceSet]) -> list[ServiceSet]:
    pieces = [services]
    for cut in dict.fromkeys(along):
        pieces = [piece for one in pieces for piece in (one & cut, one - cut) if piece]
    return pieces


def responsible(hops: Sequence[Hop]) -> Hop:
    """The hop to mend: the device's rule, else a custom security rule, else a user route, else the way out."""
    for hop in reversed(hops):
        if hop.stage in _DEVICES:
            return hop
    for stage in _GROUPS:
        for hop in hops:
            if hop.stage is stage and hop.rule is not None and hop.clause != "NSG-8":
                return hop
    for hop in hops:
        if hop.stage is Stage.ROUTE and hop.rule is not None:
            return hop
    return hops[-1]


def leading(hops: Sequence[Hop]) -> Hop:
    """The hop that leads past the devices: the service endpoint, else the route, else the way out."""
    for hop in reversed(hops):
        if hop.stage is Stage.ROUTE or hop.clause == "UDR-10":
            return hop
    return hops[-1]


def _is_literal(walked: Sequence[PathPart], rule: Hop) -> bool:
    return all(
        option.literal is True
        for part in walked
        for way in part.ways
        for options in way.steps
        for option in options
        if option.hop == rule
    )


def _needed_codes(walked: Sequence[PathPart], assumed: frozenset[str]) -> tuple[str, ...]:
    """A minimal set of codes with which the traffic surely leaves, looked for in the order of the table."""
    current: Codes = codes_used(walked) & assumed
    for code in ASSUMABLE:
        if code in current and _leaves_under(walked, current - {code}):
            current -= {code}
    return tuple(code for code in ASSUMABLE if code in current)


def _leaves_under(walked: Sequence[PathPart], assumed: frozenset[str]) -> bool:
    return all(judge(part.ways, assumed).outcome is Outcome.ALLOWED for part in walked)
