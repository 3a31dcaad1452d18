"""Services as integers of atoms against the sets themselves."""

from __future__ import annotations

from functools import reduce
from itertools import combinations, pairwise
from operator import or_

import pytest

from auditor.netset import ServiceSet
from auditor.netset.atoms import ServiceAtoms

SETS = (
    ServiceSet.tcp("80-90", 443),
    ServiceSet.tcp("85-100", "443-500"),
    ServiceSet.udp(53, 123, "1000-2000"),
    ServiceSet.udp("0-53", 65535),
    ServiceSet.icmp(),
    ServiceSet.protocols(0, 50, 51, 255),
)
"""Overlapping and nested sets, among them several intervals each and both ends of the space."""


@pytest.fixture
def atoms() -> ServiceAtoms:
    return ServiceAtoms(SETS)


def test_operators_of_integers_are_those_of_sets(atoms: ServiceAtoms) -> None:
    """Union, intersection and difference of any two give the same either way, and come back as the same sets."""
    for one, other in combinations(SETS, 2):
        left, right = atoms.bits(one), atoms.bits(other)
        for bits, services in (
            (left | right, one | other),
            (left & right, one & other),
            (left & ~right, one - other),
            (right & ~left, other - one),
        ):
            assert atoms.services(bits) == services
            assert atoms.bits(services) == bits


def test_nothing_and_everything(atoms: ServiceAtoms) -> None:
    """The ends are zero and all, and what is left of all is what no set holds."""
    assert atoms.bits(ServiceSet.NONE) == 0
    assert atoms.services(0) is ServiceSet.NONE
    assert atoms.services(atoms.all) is ServiceSet.ANY
    held = reduce(or_, map(atoms.bits, SETS))
    assert atoms.services(atoms.all & ~held) == ServiceSet.ANY - reduce(or_, SETS)


def pieces(atoms: ServiceAtoms) -> list[int]:
    """The single atoms."""
    return [1 << place for place in range(atoms.all.bit_length()) if atoms.all >> place & 1]


def test_the_cut_is_the_coarsest(atoms: ServiceAtoms) -> None:
    """Atoms whose numbers join differ in a set that holds one of them, so none is cut in vain."""
    members = [atoms.bits(one) for one in SETS]
    joining = 0
    for low, high in pairwise(pieces(atoms)):
        if atoms.services(low).points.bounds[-1] == atoms.services(high).points.bounds[0]:
            joining += 1
            assert any(bool(bits & low) is not bool(bits & high) for bits in members)
    assert joining > 10


@pytest.mark.parametrize(
    "asked",
    [
        ServiceSet.tcp(84),
        ServiceSet.tcp(85),
        ServiceSet.tcp("84-85"),
        ServiceSet.tcp("90-443"),
        ServiceSet.tcp(1, 95, 499),
        ServiceSet.udp("54-122"),
        ServiceSet.icmp() | ServiceSet.udp(65535),
        ServiceSet.protocols(0),
        ServiceSet.protocols(255),
        ServiceSet.NONE,
        ServiceSet.ANY,
    ],
    ids=str,
)
def test_a_foreign_set_touches_the_atoms_it_meets(atoms: ServiceAtoms, asked: ServiceSet) -> None:
    """Each atom counts that shares a service with the set, and no other."""
    expected = 0
    for atom in pieces(atoms):
        if not atoms.services(atom).isdisjoint(asked):
            expected |= atom
    assert atoms.touched(asked) == expected


def test_a_known_set_touches_itself(atoms: ServiceAtoms) -> None:
    """A set along which the cut was made is a union of atoms."""
    for services in SETS:
        assert atoms.touched(services) == atoms.bits(services)
        assert ServiceAtoms(SETS).touched(services) == atoms.bits(services)
