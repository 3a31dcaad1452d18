"""Everything that leaves one source, as exact sets: what must leave under a reading, and what may (design: excess).

The sets come from the walk that answers questions, asked for all destinations and services at once with coarse
filters. Names form a second layer: what application rules let out where no network rule decides.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace

from auditor.filters.application_rules import API_SERVERS, INFRASTRUCTURE
from auditor.filters.known_addresses import GLOBAL_IPV6
from auditor.filters.parts import Codes, Flow
from auditor.model.reading import TagMembers
from auditor.model.verdict import Outcome, Stage
from auditor.netset import AddressSet, NamePattern, NameSet, ServiceSet, Traffic
from auditor.netset.service import ANY
from auditor.paths.cells import resolvers
from auditor.paths.interfaces import Interfaces
from auditor.paths.judge import Judgement, PathPart, codes_used, judge, judge_each
from auditor.paths.name_services import services_by_name
from auditor.paths.network import Network
from auditor.paths.source_classes import ANYONE, SourceClass
from auditor.paths.sources import Source
from auditor.paths.walk import Walker

_ANY_NAME = NamePattern.parse("*")
_NOTHING_ASSUMED: frozenset[str] = frozenset()
_TCP = ServiceSet.tcp()


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """What leaves from one class of sources: by address, or by the names of one class."""

    source: AddressSet
    interfaces: Interfaces
    """The kind of the source's interfaces that it leaves from."""
    name: NameSet | None
    """None where addresses are meant."""
    pattern: NamePattern | None
    application: str | None
    classes: tuple[tuple[NameSet, NameSet], ...]
    """The names by the rules that decide about them: one class that stands for all in a walk, and all."""
    must: Traffic
    """Allowed under the reading."""
    beside: Traffic
    """The part of `must` that surely meets no firewall or appliance, on whichever way it takes."""
    perhaps_beside: Traffic
    """The part of `must` that meets one on some of the ways that are open to it, and none on others."""
    may: Traffic
    """Not blocked when nothing is assumed: no less than `must`."""
    open: tuple[tuple[Traffic, Codes], ...]
    """What may leave and need not, with the codes that leave it open."""
    unknown: Traffic = Traffic.EMPTY
    """The part of `may` that is unknown under the reading; the rest of what may leave is blocked under it."""

    @property
    def senders(self) -> AddressSet:
        """From whom it leaves."""
        return self.interfaces.among(self.source)


class SourceEgress:
    """What leaves one source."""

    def __init__(
        self,
        network: Network,
        source: Source,
        members: TagMembers,
        space: AddressSet,
        assumed: frozenset[str],
    ) -> None:
        """`space` holds the destinations that are looked at; `assumed` are the codes of the reading."""
        self._network = network
        self._source = source
        self._walkers = {one: Walker(network, source, one, members) for one in source.interfaces}
        self._devices = tuple(network.reachable_filters(source, members))
        self._cuts = network.name_cuts(source, members)
        self._everything = Traffic.box(space, ANY)
        classes = network.source_classes(source, members) or (ANYONE,)
        self._classes = tuple(one for one in classes if one.sends(self._everything))
        self._sixth = tuple(one for one in classes if one.addresses.v6 or one == ANYONE)
        self._assumed = assumed
        self._resolvers = {one: resolvers(source, one, network) for one in source.interfaces}
        self._to_ipv6: dict[AddressSet, tuple[Leaving, ...]] = {}
        self._by_address: tuple[Leaving, ...] | None = None
        self._by_name: tuple[Leaving, ...] | None = None

    @property
    def by_address(self) -> tuple[Leaving, ...]:
        """What leaves whatever name is meant, for each class of sources."""
        if self._by_address is None:
            self._by_address = tuple(
                self._leaving(interfaces, source.addresses, source.sends(self._everything))
                for interfaces, source in self._variants()
            )
        return self._by_address

    def to_ipv6(self, addresses: AddressSet = GLOBAL_IPV6) -> tuple[Leaving, ...]:
        """What leaves to IPv6 addresses, for each class of sources with IPv6 addresses of their own (UDR-22, AKS-18).

        It is blocked or unknown: a 0/0 route says nothing about it. What no other address sends counts here as well.
        """
        if addresses not in self._to_ipv6:
            sixth = Traffic.box(addresses, ANY)
            self._to_ipv6[addresses] = tuple(
                self._leaving(
                    interfaces,
                    source.addresses,
                    sixth if source == ANYONE else source.sends(self._everything | sixth),
                )
                for interfaces in self._source.interfaces
                for source in self._sixth
            )
        return self._to_ipv6[addresses]

    @property
    def by_name(self) -> tuple[Leaving, ...]:
        """What leaves by name alone: beyond `by_address`, for each class of sources and of names."""
        if self._by_name is None:
            self._by_name = tuple(self._named()) if self._devices else ()
        return self._by_name

    def paths(
        self, leaving: Leaving, traffic: Traffic, name: NameSet | None = None, *, devices: bool = False
    ) -> list[tuple[Traffic, Judgement, tuple[PathPart, ...]]]:
        """The paths of some traffic that leaves, with the rules that decide: parts with equal paths are one.

        `name` is the class that stands for the names meant, one of `leaving.classes`; without it, all of its names.
        With `devices`, only the rules of firewalls and appliances are told apart, and other hops name none.
        """
        leaving = replace(leaving, name=name or leaving.name)
        flow = replace(self._flow(leaving, traffic), coarse=devices)
        found: dict[Judgement, tuple[list[Traffic], list[PathPart]]] = {}
        for part in (
            self._by_devices(leaving.interfaces, flow) if devices else self._walk(leaving.interfaces, flow)
        ):
            answer = judge(part.ways, self._assumed)
            same = found.setdefault(answer, ([], []))
            same[0].append(part.traffic)
            same[1].append(part)
        return [
            (Traffic.union_all(traffic), answer, tuple(parts)) for answer, (traffic, parts) in found.items()
        ]

    # -- walking ---------------------------------------------------------------------------------------

    def _variants(self) -> Iterator[tuple[Interfaces, SourceClass]]:
        for interfaces in self._source.interfaces:
            for source in self._classes:
                yield interfaces, source

    def _named(self) -> Iterator[Leaving]:
        spoken = {one for device in self._devices for one in device.applications()}
        applications = sorted(spoken, key=lambda one: (one != "https", one))
        symbolic = sorted({name for device in self._devices for name in device.network_names()})
        raw = {(item.interfaces, item.source): item for item in self.by_address}
        for interfaces, senders in self._variants():
            source = senders.addresses
            before = raw[interfaces, source]
            known: dict[NameSet, Traffic] = {}
            for pattern in _patterns(symbolic):
                name = NameSet.of(pattern)
                asked = senders.sends(self._told_apart(name, None))
                found = self._beyond(before, self._leaving(interfaces, source, asked, name, pattern))
                known[name] = found.must
                if found.may:
                    yield found
            for application in applications:
                for alike in self._alike(interfaces, source, application):
                    first = alike[0][0]
                    asked = senders.sends(self._told_apart(first, application))
                    found = self._leaving(interfaces, source, asked, first, _ANY_NAME, application)
                    found = self._beyond(before, found, known.get(first, Traffic.EMPTY))
                    if found.may:
                        names = NameSet.union_all(names for _, names in alike)
                        yield replace(found, name=names, classes=tuple(alike))

    def _told_apart(self, name: NameSet, application: str | None) -> Traffic:
        """The traffic of which a name may decide: what else leaves by it leaves by address already."""
        services = ANY if application is None else _TCP
        addresses = self._everything.addresses
        if not addresses.v6:
            # What a firewall does with IPv6 is not known (FW-50), so a name may tell its way behind it apart.
            services &= services_by_name(self._devices, name, application)
        return Traffic.box(addresses, services)

    @property
    def name_classes(self) -> tuple[NameSet, ...]:
        """The classes of names that anything on the way tells apart; all names where nothing does."""
        return self._names() if self._devices else (NameSet.ALL,)

    def _alike(
        self, interfaces: Interfaces, source: AddressSet, application: str
    ) -> Iterator[list[tuple[NameSet, NameSet]]]:
        """Classes of names to which every device does the same, those that the same rules decide about as one.

        Each comes as one of its classes, which stands for all in a walk, and all of its names.
        """
        groups: dict[Hashable, dict[Hashable, list[NameSet]]] = {}
        for name in self._names():
            flow = Flow(
                source=source,
                traffic=Traffic.EMPTY,
                name=name,
                pattern=_ANY_NAME,
                application=application,
                resolver=self._resolvers[interfaces],
            )
            effects = [device.name_effects(flow) for device in self._devices]
            same = groups.setdefault(tuple(effect for effect, _ in effects), {})
            same.setdefault(tuple(rules for _, rules in effects), []).append(name)
        for same in groups.values():
            yield [(names[0], NameSet.union_all(names)) for names in same.values()]

    def _names(self) -> tuple[NameSet, ...]:
        """The classes of names that anything on the way tells apart."""
        cuts = [*self._cuts, *map(NamePattern.parse, (*INFRASTRUCTURE, *API_SERVERS))]
        return NameSet.split(_ANY_NAME, cuts)

    def _leaving(
        self,
        interfaces: Interfaces,
        source: AddressSet,
        traffic: Traffic,
        name: NameSet | None = None,
        pattern: NamePattern | None = None,
        application: str | None = None,
    ) -> Leaving:
        asked = Leaving(
            source=source,
            interfaces=interfaces,
            name=name,
            pattern=pattern,
            application=application,
            classes=() if name is None else ((name, name),),
            must=Traffic.EMPTY,
            beside=Traffic.EMPTY,
            perhaps_beside=Traffic.EMPTY,
            may=Traffic.EMPTY,
            open=(),
        )
        must: list[Traffic] = []
        beside: list[Traffic] = []
        perhaps_beside: list[Traffic] = []
        unknown: list[Traffic] = []
        undecided: dict[Codes, list[Traffic]] = {}
        for part in self._walk(interfaces, replace(self._flow(asked, traffic), coarse=True)):
            read = judge(part.ways, self._assumed)
            if read.outcome is Outcome.ALLOWED:
                must.append(part.traffic)
                met = {meets_device(answer) for answer in judge_each(part.ways, self._assumed)}
                if True not in met:
                    beside.append(part.traffic)
                elif False in met:
                    perhaps_beside.append(part.traffic)
                continue
            if read.outcome is Outcome.UNKNOWN:
                unknown.append(part.traffic)
            bare = judge(part.ways, _NOTHING_ASSUMED)
            if bare.outcome is not Outcome.BLOCKED:
                causes = read.reasons or self._causes(part) or bare.reasons
                undecided.setdefault(causes, []).append(part.traffic)
        opened = tuple((Traffic.union_all(parts), codes) for codes, parts in undecided.items())
        leaves = Traffic.union_all(must)
        return replace(
            asked,
            must=leaves,
            beside=Traffic.union_all(beside),
            perhaps_beside=Traffic.union_all(perhaps_beside),
            may=Traffic.union_all([leaves, *(part for part, _ in opened)]),
            open=opened,
            unknown=Traffic.union_all(unknown),
        )

    def _causes(self, part: PathPart) -> Codes:
        """The assumptions each of which alone holds back what the reading takes to be blocked."""
        used = codes_used([part]) & self._assumed
        return frozenset(
            code for code in used if judge(part.ways, self._assumed - {code}).outcome is not Outcome.BLOCKED
        )

    def _walk(self, interfaces: Interfaces, flow: Flow) -> Sequence[PathPart]:
        return self._walkers[interfaces].walk(flow)

    def _by_devices(self, interfaces: Interfaces, flow: Flow) -> Iterator[PathPart]:
        """The parts of a coarse flow with the rules of devices told apart.

        They are many, and every stage that cuts traffic would cut all of them. So the flow is cut by all stages as a
        coarse one first: what is treated alike on its whole way is cut by the rules of its devices alone.
        """
        for alike in self._walk(interfaces, flow):
            yield from self._walk(interfaces, replace(flow, traffic=alike.traffic, devices=True))

    def _flow(self, leaving: Leaving, traffic: Traffic) -> Flow:
        return Flow(
            source=leaving.source,
            traffic=traffic,
            name=leaving.name,
            pattern=leaving.pattern,
            application=leaving.application,
            resolver=self._resolvers[leaving.interfaces],
        )

    @staticmethod
    def _beyond(before: Leaving, found: Leaving, known: Traffic = Traffic.EMPTY) -> Leaving:
        """What a name adds to what leaves by address already, and to what its own network rule lets out."""
        must = found.must - before.must - known
        opened = tuple((rest, codes) for part, codes in found.open if (rest := part - before.may - known))
        return replace(
            found,
            must=must,
            may=Traffic.union_all([must, *(part for part, _ in opened)]),
            open=opened,
            unknown=found.unknown - before.must - before.unknown - known,
        )


def meets_device(answer: Judgement) -> bool:
    """Whether the path leads through a firewall or an appliance."""
    return any(hop.stage in {Stage.FIREWALL, Stage.APPLIANCE} for hop in answer.hops)


def _patterns(names: Sequence[str]) -> Iterator[NamePattern]:
    for name in names:
        try:
            yield NamePattern.parse(name)
        except ValueError:
            continue
