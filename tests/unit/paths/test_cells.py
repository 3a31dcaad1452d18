"""How the services of a question are cut."""

from __future__ import annotations

import pytest

from auditor.netset import AddressSet, ServiceSet, Traffic
from auditor.paths.cells import _at, _atoms
from auditor.paths.judge import PathPart

HERE, THERE = AddressSet.of("10.0.0.0/24"), AddressSet.of("10.1.0.0/24")
ALL = ServiceSet.tcp("1-100") | ServiceSet.udp(53)


def part(*boxes: tuple[AddressSet, ServiceSet]) -> PathPart:
    return PathPart(Traffic.union_all(Traffic.box(*box) for box in boxes), ())


@pytest.mark.parametrize(
    ("parts", "pieces"),
    [
        ([part((HERE, ALL))], {ALL}),
        (
            [
                part((HERE, ALL)),
                part((THERE, ServiceSet.tcp("1-9"))),
                part((THERE, ALL - ServiceSet.tcp("1-9"))),
            ],
            {ServiceSet.tcp("1-9"), ServiceSet.tcp("10-100") | ServiceSet.udp(53)},
        ),
        (
            [part((HERE, ServiceSet.tcp("1-60")), (THERE, ServiceSet.tcp("40-100"))), part((HERE, ALL))],
            {
                ServiceSet.tcp("1-39"),
                ServiceSet.tcp("40-60"),
                ServiceSet.tcp("61-100"),
                ServiceSet.udp(53),
            },
        ),
        (
            [part((HERE, ALL), (THERE, ServiceSet.udp(53)))],
            {ServiceSet.tcp("1-100"), ServiceSet.udp(53)},
        ),
    ],
)
def test_every_part_holds_a_piece_whole_or_not_at_all(parts: list[PathPart], pieces: set[ServiceSet]) -> None:
    """The pieces are the coarsest such, and together they are all that was asked for."""
    found = _atoms(parts, ALL)
    assert set(found) == pieces
    assert len(found) == len(pieces)
    for atom in found:
        at = _at(parts, atom)
        assert Traffic.union_all(one.traffic for one in at) == Traffic.union_all(
            one.traffic & Traffic.box(HERE | THERE, atom) for one in parts
        )
        assert all(one.traffic for one in at)
