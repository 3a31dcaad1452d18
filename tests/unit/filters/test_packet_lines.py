"""Addresses and names laid out on lines keep what they stand for."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.filters.packet_lines import NameLine, address_at, address_lines, service_at
from auditor.netset import AddressSet, NamePattern, NameSet, ServiceSet

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789-_"
TEXTS = ["*", "*com", "*.com", "*b.com", "a.com", "*.a.com", "b.com", "*.org", "x.a.com", "*m"]


@given(st.lists(st.sampled_from(TEXTS), unique=True))
@settings(max_examples=100, deadline=None)
def test_patterns_on_a_line_relate_as_their_names_do(texts: list[str]) -> None:
    """Two patterns hold each other, meet or part on the line exactly as the sets of their names do."""
    patterns = [NamePattern.parse(text) for text in texts]
    line = NameLine(patterns)
    for one in patterns:
        assert line.of([one]) <= line.names
        for other in patterns:
            assert (line.of([one]) <= line.of([other])) == (NameSet.of(one) <= NameSet.of(other))
            assert line.of([one]).isdisjoint(line.of([other])) == NameSet.of(one).isdisjoint(
                NameSet.of(other)
            )
            rest = NameSet.of(one) - NameSet.of(other)
            assert bool(line.of([one]) - line.of([other])) == bool(rest)


@given(st.lists(st.sampled_from(TEXTS), unique=True))
@settings(max_examples=50, deadline=None)
def test_every_point_has_a_name_of_its_own(texts: list[str]) -> None:
    """The name at a point matches the patterns that hold the point, and no others."""
    patterns = [NamePattern.parse(text) for text in texts]
    line = NameLine(patterns)
    for low, high in line.names.intervals():
        for point in range(low, high + 1):
            name = line.name_at(point)
            assert name is not None
            for pattern in patterns:
                assert pattern.matches(name) == (point in line.of([pattern]))
    assert line.name_at(NameLine.NAMELESS) is None


def test_a_suffix_that_others_use_up_has_no_point() -> None:
    """With every letter before it and itself taken, nothing of `*com` is left beside its parts."""
    parts = [NamePattern.parse(f"*{letter}com") for letter in LETTERS]
    parts += [NamePattern.parse("*.com"), NamePattern.parse("com")]
    whole = NamePattern.parse("*com")
    line = NameLine([whole, *parts])
    assert line.of([whole]) == line.of(parts)
    assert line.of([whole]) != line.of(parts[:-1])


def test_a_packet_has_one_family() -> None:
    """Sources of one family do not meet destinations of the other, and numbers lead back to addresses."""
    both = AddressSet.of("10.0.0.1", "2001:db8::1")
    pairs = list(address_lines(both, AddressSet.of("8.8.8.8", "2a00::1")))
    assert [(address_at(one.minimum), address_at(other.minimum)) for one, other in pairs] == [
        ("10.0.0.1", "8.8.8.8"),
        ("2001:db8::1", "2a00::1"),
    ]
    assert list(address_lines(AddressSet.of("10.0.0.1"), AddressSet.of("2a00::1"))) == []


def test_services_are_told_by_their_point() -> None:
    """A point of a service set is the service that it was made of."""
    for services in (ServiceSet.tcp(443), ServiceSet.udp(53), ServiceSet.icmp(), ServiceSet.protocols(50)):
        assert service_at(services.points.minimum) == str(services)
