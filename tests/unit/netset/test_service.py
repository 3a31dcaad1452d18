"""Service sets against plain sets of (protocol, port) points."""

from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.netset import IntervalSet, ServiceSet
from auditor.netset.protocol import AH, ESP, ICMP, TCP, UDP
from auditor.netset.service import ANY, NONE, TCP_UDP_ICMP

quick = settings(max_examples=100, deadline=None)

# Protocols 7 and 18 follow TCP and UDP, so their points touch port 65535 of those.
POINTS = [
    *((protocol, port) for protocol in (TCP, UDP) for port in (0, 1, 2, 443, 65534, 65535)),
    *((protocol, 0) for protocol in (0, ICMP, 2, 3, 7, 8, 18, ESP, AH, 255)),
]
members = st.integers(0, (1 << len(POINTS)) - 1).map(
    lambda bits: frozenset(point for index, point in enumerate(POINTS) if bits >> index & 1)
)


def built(points: frozenset[tuple[int, int]]) -> ServiceSet:
    """The service set of some points, by way of one set each."""
    result = NONE
    for protocol, port in points:
        if protocol in (TCP, UDP):
            result |= ServiceSet.ports(IntervalSet.of((port, port)), protocol)
        else:
            result |= ServiceSet.protocols(protocol)
    return result


def read(services: ServiceSet) -> frozenset[tuple[int, int]]:
    """The points of a service set as `split` tells them."""
    return frozenset(
        (protocol, port)
        for protocol, ports in services.split()
        for low, high in ports.intervals()
        for port in range(low, high + 1)
    )


@quick
@given(members, members)
def test_operators_agree_with_plain_sets(
    one: frozenset[tuple[int, int]], other: frozenset[tuple[int, int]]
) -> None:
    """Each operator gives the value built from the plain set's result."""
    left, right = built(one), built(other)
    assert left | right == built(one | other)
    assert left & right == built(one & other)
    assert left - right == built(one - other)
    assert (left <= right) is (one <= other)
    assert left.isdisjoint(right) is one.isdisjoint(other)
    assert (left == right) is (one == other)
    assert bool(left) is bool(one)
    assert read(left) == one


@quick
@given(members, members, members)
def test_laws_of_sets_hold(
    one: frozenset[tuple[int, int]], two: frozenset[tuple[int, int]], three: frozenset[tuple[int, int]]
) -> None:
    """Union and intersection commute and associate; complements obey De Morgan."""
    a, b, c = built(one), built(two), built(three)
    assert a | b == b | a
    assert a & b == b & a
    assert (a | b) | c == a | (b | c)
    assert (a & b) & c == a & (b & c)
    assert ANY - (a | b) == (ANY - a) & (ANY - b)
    assert ANY - (a & b) == (ANY - a) | (ANY - b)
    assert a - b == a & (ANY - b)


@quick
@given(members)
def test_equal_sets_are_one_object(points: frozenset[tuple[int, int]]) -> None:
    """However a set is made or copied, there is one object for it, so look-ups by identity are exact."""
    made = built(points)
    assert built(frozenset(sorted(points, reverse=True))) is made
    assert ANY - (ANY - made) is made
    assert pickle.loads(pickle.dumps(made)) is copy.deepcopy(made) is made  # noqa: S301  our own bytes


@quick
@given(members.filter(bool))
def test_witness_is_a_member(points: frozenset[tuple[int, int]]) -> None:
    """The witness is in the set, and has a port exactly if its protocol has ports."""
    protocol, port = built(points).witness()
    assert (protocol, port or 0) in points
    assert (port is None) is (protocol not in (TCP, UDP))


@pytest.mark.parametrize(
    ("services", "witness"),
    [
        (ANY, (TCP, 1)),
        (ANY - ServiceSet.tcp(), (UDP, 1)),
        (ServiceSet.icmp() | ServiceSet.protocols(0), (ICMP, None)),
        (ServiceSet.protocols(ESP, 0), (0, None)),
        (ServiceSet.tcp("0-0"), (TCP, 0)),
        (ServiceSet.udp(53) | ServiceSet.tcp("8000-9000"), (TCP, 8000)),
    ],
)
def test_witness_is_the_one_people_know(services: ServiceSet, witness: tuple[int, int | None]) -> None:
    """TCP is shown before UDP, UDP before ICMP, and port 0 only when there is no other."""
    assert services.witness() == witness


@pytest.mark.parametrize(
    ("services", "text"),
    [
        (ServiceSet.icmp() | ServiceSet.udp(53) | ServiceSet.tcp(443), "tcp/443,udp/53,icmp"),
        (ServiceSet.tcp(80, "1000-2000", "0", 65535), "tcp/0,tcp/80,tcp/1000-2000,tcp/65535"),
        (TCP_UDP_ICMP, "tcp,udp,icmp"),
        (ServiceSet.tcp(65535) | ServiceSet.protocols(7), "tcp/65535,ip/7"),
        (ANY - ServiceSet.tcp(), "udp,icmp,ip/0,ip/2-5,ip/7-16,ip/18-49,esp,ah,ip/52-255"),
        (ANY, "any"),
        (NONE, "none"),
    ],
)
def test_printed_form(services: ServiceSet, text: str) -> None:
    """The printed form is the same for every run and names what has a name."""
    assert str(services) == text


def test_everything_is_every_protocol() -> None:
    """The set of everything holds 256 protocols, two of them with all ports."""
    parts = dict(ANY.split())
    assert sorted(parts) == list(range(256))
    assert {protocol for protocol, ports in parts.items() if ports.size == 65536} == {TCP, UDP}
    assert ServiceSet.tcp() | ServiceSet.udp("*") | ServiceSet.icmp() is TCP_UDP_ICMP
    assert ServiceSet() is NONE is ServiceSet.NONE
    assert ServiceSet.ANY is ANY


def test_impossible_services_are_refused() -> None:
    """A port of a protocol without ports, and a number out of range, are errors rather than a wider set."""
    with pytest.raises(ValueError, match="has no ports"):
        ServiceSet.ports(IntervalSet.of((443, 443)), TCP, ICMP)
    with pytest.raises(ValueError, match="protocol 256"):
        ServiceSet.protocols(256)
    with pytest.raises(ValueError, match="'65536'"):
        ServiceSet.tcp(65536)
    with pytest.raises(ValueError, match=r"expected numbers from 0 to 65535$"):
        ServiceSet.ports(IntervalSet.of((0, 65536)), TCP)
    with pytest.raises(ValueError, match="no witness"):
        NONE.witness()
    assert ServiceSet.ports(IntervalSet(), TCP, ICMP) is NONE
