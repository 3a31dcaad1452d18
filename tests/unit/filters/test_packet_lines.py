"""Addresses, services and names on lines of numbers, and back."""

from __future__ import annotations

from itertools import combinations

import pytest

from auditor.filters.packet_lines import NameLine, address_at, address_lines, service_at
from auditor.netset import AddressSet, NamePattern, NameSet
from auditor.netset.service import ANY

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789-_"


@pytest.mark.parametrize("text", ["0.0.0.1", "10.1.2.3", "255.255.255.255", "::", "::1", "2a00::1", "ffff::"])
def test_an_address_comes_back_from_its_line(text: str) -> None:
    """Both families share one line and never meet on it."""
    one = AddressSet.of(text)
    ((source, destination),) = address_lines(one, one)
    assert source == destination
    assert source.size == 1
    assert address_at(source.minimum) == text


def test_a_packet_has_one_family() -> None:
    """Sources of one family meet destinations of the same only."""
    both = AddressSet.of("10.0.0.0/8", "fd00::/8")
    assert len(list(address_lines(both, both))) == 2
    assert len(list(address_lines(both, both.only_v6()))) == 1
    assert list(address_lines(both.only_v4(), both.only_v6())) == []
    v4, v6 = address_lines(AddressSet.of("0.0.0.0/0", "::/0"), both)
    assert v4[0].isdisjoint(v6[0])


@pytest.mark.parametrize(
    ("point", "text"),
    [
        (6 << 16 | 443, "tcp/443"),
        (17 << 16, "udp/0"),
        (1 << 16, "icmp"),
        (50 << 16, "esp"),
        (2 << 16, "ip/2"),
    ],
)
def test_a_service_comes_back_from_its_point(point: int, text: str) -> None:
    """Ports are told for TCP and UDP only."""
    assert point in ANY.points
    assert service_at(point) == text


PATTERNS = [
    NamePattern.parse(text)
    for text in (
        "*.com",
        "*example.com",
        "*.example.com",
        "example.com",
        "a.example.com",
        "*.a.example.com",
        "b.org",
        "*.org",
        "*b.org",
        "*",
    )
]


def test_intervals_stand_for_patterns() -> None:
    """Nested patterns have nested intervals, disjoint ones disjoint intervals, and each point has its own name."""
    line = NameLine(PATTERNS)
    for one, other in combinations(PATTERNS, 2):
        left, right = line.of([one]), line.of([other])
        assert (left <= right) is (NameSet.of(one) <= NameSet.of(other))
        assert left.isdisjoint(right) is NameSet.of(one).isdisjoint(NameSet.of(other))
    assert line.of(PATTERNS) == line.names == line.of([NamePattern.parse("*")])
    assert line.name_at(NameLine.NAMELESS) is None
    assert line.all.size == line.names.size + 1
    for low, high in line.names.intervals():
        for point in range(low, high + 1):
            name = line.name_at(point)
            assert name is not None
            for pattern in PATTERNS:
                assert (point in line.of([pattern])) is pattern.matches(name)


@pytest.mark.parametrize("count", [37, 38])
def test_a_pattern_that_is_used_up_has_no_point_of_its_own(count: int) -> None:
    """With every letter before a suffix taken there is no name left; with one free there is."""
    parts = [NamePattern.parse(f"*{letter}.com") for letter in LETTERS[:count]]
    whole = NamePattern.parse("*.com")
    line = NameLine([whole, *parts])
    assert (line.of([whole]) == line.of(parts)) is (count == len(LETTERS))
    names = [line.name_at(point) for point in range(1, line.names.size + 1)]
    assert all(name is not None for name in names)
    assert len(set(names)) == len(names) == count + 1 + (count < len(LETTERS))
