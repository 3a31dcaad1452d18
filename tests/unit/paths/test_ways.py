"""Ways of the same traffic are joined by what each packet may meet (V-4, UDR-15)."""

from __future__ import annotations

from auditor.netset import AddressSet, ServiceSet, Traffic
from auditor.paths.judge import PathPart, Way
from auditor.paths.ways import alternatives


def box(*prefixes: str) -> Traffic:
    return Traffic.box(AddressSet.of(*prefixes), ServiceSet.tcp(443))


def branch(name: str, *cuts: Traffic) -> list[PathPart]:
    """A branch that tells these parts apart; each has a way of its own."""
    return [PathPart(cut, (Way(codes=frozenset({f"{name}{number}"})),)) for number, cut in enumerate(cuts)]


def test_branches_with_one_cut_in_common_are_refined() -> None:
    """One part that both tell apart does not make the others the same: each packet keeps the ways that it has."""
    common = box("10.0.0.0/25")
    first = branch("a", common, box("10.0.0.128/26"), box("10.0.0.192/26"))
    second = branch("b", common, box("10.0.0.128/27"), box("10.0.0.160/27", "10.0.0.192/26"))
    found = {
        str(part.traffic.addresses): sorted(code for way in part.ways for code in way.codes)
        for part in alternatives([first, second])
    }
    assert found == {
        "10.0.0.0/25": ["a0", "b0"],
        "10.0.0.128/27": ["a1", "b1"],
        "10.0.0.160/27": ["a1", "b2"],
        "10.0.0.192/26": ["a2", "b2"],
    }
