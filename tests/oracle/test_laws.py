"""Laws that need no second opinion: how the exact sets may change when an estate does."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from random import Random

import pytest

from auditor.netset import AddressSet, Traffic
from tests.oracle.estates import random_estate
from tests.oracle.laws import SAME, Law, network_rule, security_rule
from tests.oracle.seeds import seeds
from tests.oracle.skeleton import NAMES, SOURCES, Estate
from tests.oracle.test_leaving import paths_of

Key = tuple[str, str, str | None, str | None]
"""Subnet, source, and for names the application and the name."""
Sets = dict[Key, tuple[Traffic, Traffic]]


def sets_of(folder: Path, estate: Estate) -> Sets:
    """What must and what may leave, from each of the four sources, by address and by each name."""
    paths = paths_of(estate.write(folder), estate)
    found: Sets = {}
    for source in paths.sources:
        assert source.subnet_id is not None
        subnet = source.subnet_id.name
        egress = paths.egress(source)
        for sender in SOURCES[source.subnet_id.text]:
            here = AddressSet.of(sender)
            (raw,) = [one for one in egress.by_address if here <= one.source]
            found[subnet, sender, None, None] = raw.must, raw.may
            for application in ("http", "https", "mssql"):
                for name in (*NAMES, "nobody.names.this"):
                    listed = [
                        one
                        for one in egress.by_name
                        if here <= one.source
                        and one.application == application
                        and one.name is not None
                        and name in one.name
                    ]
                    must = Traffic.union_all(one.must for one in listed)
                    may = Traffic.union_all(one.may for one in listed)
                    found[subnet, sender, application, name] = raw.must | must, raw.may | may
    return found


def _changed(folder: Path, seed: int, law: Law) -> tuple[Sets, Sets]:
    estate = random_estate(seed)
    edited = deepcopy(estate)
    law(edited, Random(seed))  # noqa: S311 - the same on every run
    return sets_of(folder / "before", estate), sets_of(folder / "after", edited)


@pytest.mark.parametrize("law", SAME, ids=lambda law: law.__name__)
@seeds(2, 150, size=2)
def test_nothing_changes(seeds: range, law: Law, tmp_path: Path) -> None:
    """The same rules written otherwise let out the same sets."""
    for seed in seeds:
        before, after = _changed(tmp_path / str(seed), seed, law)
        assert before == after, seed


@seeds(3, 240, size=3)
@pytest.mark.parametrize("make", [security_rule, network_rule], ids=lambda make: make.__name__)
def test_an_allow_never_shrinks(seeds: range, make: object, tmp_path: Path) -> None:
    """With one more allow nothing less leaves by address.

    Names are no part of this law: a network rule that now allows them leaves their source address as it is, and
    so may keep them from leaving at all (FW-13, FW-44).
    """
    assert callable(make)
    for seed in seeds:
        before, after = _changed(tmp_path / str(seed), seed, make("Allow"))
        for key, (must, may) in before.items():
            if key[3] is None:
                assert must <= after[key][0], (seed, key)
                assert may <= after[key][1], (seed, key)


@seeds(3, 240, size=3)
@pytest.mark.parametrize("make", [security_rule, network_rule], ids=lambda make: make.__name__)
def test_a_deny_never_grows(seeds: range, make: object, tmp_path: Path) -> None:
    """With one more deny nothing more leaves, by address or by name."""
    assert callable(make)
    for seed in seeds:
        before, after = _changed(tmp_path / str(seed), seed, make("Deny"))
        for key, (must, may) in before.items():
            assert after[key][0] <= must, (seed, key)
            assert after[key][1] <= may, (seed, key)
