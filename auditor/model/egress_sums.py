"""What several records about what leaves say together, whoever sends it: sums in which nothing counts twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from auditor.model.egress import Sent
from auditor.netset import NameSet, ServiceSet, Traffic


def by_address(parts: Iterable[Sent]) -> Traffic:
    """Everything that leaves by address from any of the senders."""
    return Traffic.union_all(one.traffic for one in parts if one.names is None)


def by_name(parts: Iterable[Sent]) -> Iterator[tuple[str | None, ServiceSet, NameSet]]:
    """Each set of names that leaves from any of the senders, with its application protocol and all its services.

    The widest services of a protocol come first, and no name comes twice with the same service.
    """
    applications: dict[str | None, list[Sent]] = {}
    for one in parts:
        if one.names is not None:
            applications.setdefault(one.application, []).append(one)
    for application, alike in applications.items():
        services: dict[NameSet, ServiceSet] = {}
        for held, names in _disjoint(alike):
            services[names] = services.get(names, ServiceSet.NONE) | held
        for names, held in sorted(services.items(), key=lambda item: -item[1].points.size):
            yield application, held, names


def _disjoint(parts: Iterable[Sent]) -> list[tuple[ServiceSet, NameSet]]:
    """The names of all parts by services that no two of the results share."""
    cells: list[tuple[ServiceSet, NameSet]] = []
    for one in parts:
        names = one.names if one.names is not None else NameSet.NONE
        rest = one.traffic.services
        cut: list[tuple[ServiceSet, NameSet]] = []
        for services, held in cells:
            both, other = services & rest, services - rest
            cut += [(both, held | names)] if both else []
            cut += [(other, held)] if other else []
            rest -= both
        cells = [*cut, *([(rest, names)] if rest else [])]
    return cells
