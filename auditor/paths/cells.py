"""A question cut into cells: one source class, one class of names and one set of services each (design: verdicts)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from auditor.filters.parts import Flow
from auditor.filters.services import services_of
from auditor.model.network import Subnet, VirtualNetwork
from auditor.model.question import Question
from auditor.model.reading import TagMembers
from auditor.netset import AddressSet, NamePattern, NameSet, ServiceSet, Traffic
from auditor.paths.interfaces import Interfaces
from auditor.paths.judge import PathPart
from auditor.paths.network import Network
from auditor.paths.recent import Recent
from auditor.paths.source_classes import ANYONE
from auditor.paths.sources import Source
from auditor.paths.walk import Walker

APPLICATIONS = frozenset({"http", "https", "mssql"})


_Walked = tuple[tuple[ServiceSet, tuple[PathPart, ...]], ...]
"""The parts of a flow for each piece of its services."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Traffic of which everything is asked for alike; only its addresses may be alternatives."""

    source: AddressSet
    interfaces: Interfaces
    name: NameSet | None
    services: ServiceSet
    parts: tuple[PathPart, ...]

    @property
    def senders(self) -> AddressSet:
        """Who is meant."""
        return self.interfaces.among(self.source)


class CellMaker:
    """Walks the cells of one source; equal walks are done once."""

    def __init__(self, network: Network, source: Source, members: TagMembers) -> None:
        self._network = network
        self._source = source
        self._walkers = {one: Walker(network, source, one, members) for one in source.interfaces}
        self._members = members
        self._cuts = network.name_cuts(source, members)
        self._devices = tuple(network.reachable_filters(source, members))
        self._known: Recent[tuple[Cell, ...]] = Recent(lambda cells: sum(len(cell.parts) for cell in cells))
        self._walks: Recent[_Walked] = Recent(lambda walked: sum(len(parts) for _, parts in walked))

    def cells(
        self,
        question: Question,
        addresses: AddressSet,
        *,
        pattern: NamePattern | None = None,
        application: str | None = None,
    ) -> tuple[Cell, ...]:
        """The cells of a question for possible destination addresses."""
        services = services_of(question)
        key = (addresses, services, pattern, application, question.own_api_server)
        return self._known.get(
            key, lambda: tuple(self._make(question, addresses, services, pattern, application))
        )

    def _make(
        self,
        question: Question,
        addresses: AddressSet,
        services: ServiceSet,
        pattern: NamePattern | None,
        application: str | None,
    ) -> Iterator[Cell]:
        traffic = Traffic.box(addresses, services)
        classes = self._network.source_classes(self._source, self._members, services) or (ANYONE,)
        for interfaces in self._source.interfaces:
            for source in classes:
                sent = source.sends(traffic)
                if traffic and not sent:
                    continue
                for name in self.name_classes(pattern):
                    flow = Flow(
                        source=source.addresses,
                        traffic=sent,
                        name=name,
                        pattern=pattern,
                        application=application,
                        own_api_server=question.own_api_server,
                        resolver=resolvers(self._source, interfaces, self._network),
                    )
                    for atom, parts in self._walked(flow, interfaces, services):
                        yield Cell(
                            source=source.addresses,
                            interfaces=interfaces,
                            name=name,
                            services=atom,
                            parts=parts,
                        )

    def _walked(self, flow: Flow, interfaces: Interfaces, services: ServiceSet) -> _Walked:
        """The parts of a flow for each piece of its services; names that the same rules match alike share a walk.

        The same rule may match one name surely and another one perhaps.
        """
        effects = tuple(device.name_effects(flow) for device in self._devices)
        key = (interfaces, flow.source, flow.traffic, flow.application, flow.own_api_server, effects)

        def walk() -> _Walked:
            parts = self._walkers[interfaces].walk(flow)
            return tuple((atom, _at(parts, atom)) for atom in _atoms(parts, services))

        return self._walks.get(key, walk)

    def name_classes(self, pattern: NamePattern | None) -> tuple[NameSet | None, ...]:
        """The classes of names that any rule on the way tells apart."""
        if pattern is None:
            return (None,)
        return NameSet.split(pattern, self._cuts if pattern.wildcard else ())


def application_of(question: Question) -> str | None:
    """The application protocol that application rules can see, if any (FW-22)."""
    return question.protocol if question.protocol in APPLICATIONS else None


def resolvers(source: Source, interfaces: Interfaces, network: Network) -> tuple[str, ...]:
    """The DNS servers of a source's interfaces: their own, else those of its virtual network (AKS-31)."""
    if interfaces.dns_servers:
        return interfaces.dns_servers
    subnet = source.subnet
    found = network.estate.network(subnet.network) if isinstance(subnet, Subnet) else None
    return found.dns_servers if isinstance(found, VirtualNetwork) else ()


def _atoms(parts: Sequence[PathPart], services: ServiceSet) -> tuple[ServiceSet, ...]:
    """The services cut so that every part holds each piece as a whole or not at all."""
    atoms = [services]
    for part in parts:
        for _, held in part.traffic.boxes():
            if all(atom <= held or atom.isdisjoint(held) for atom in atoms):
                continue
            atoms = [piece for atom in atoms for piece in (atom & held, atom - held) if piece]
    return tuple(atoms)


def _at(parts: Sequence[PathPart], services: ServiceSet) -> tuple[PathPart, ...]:
    """The parts that hold `services`, at the addresses where they hold them."""
    found: list[PathPart] = []
    for part in parts:
        addresses = part.traffic.addresses_of(services)
        if addresses:
            found.append(PathPart(Traffic.box(addresses, services), part.ways))
    return tuple(found)
