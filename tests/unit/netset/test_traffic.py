"""Traffic sets against plain sets of (address, protocol, port)."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterable
from itertools import pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.netset import AddressSet, IntervalSet, ServiceSet, Traffic
from auditor.netset.address import ALL, ALL_V4
from auditor.netset.address import EMPTY as NO_ADDRESSES
from auditor.netset.protocol import ICMP, TCP, UDP
from auditor.netset.service import ANY, NONE
from auditor.netset.service_steps import Runs

quick = settings(max_examples=100, deadline=None)
EVERYTHING = Traffic.box(ALL, ANY)

# Twelve places of both families, with neighbours and both ends, and three services: small enough to list.
PLACES = [
    *(f"0.0.0.{last}" for last in range(5)),
    *("255.255.255.254", "255.255.255.255"),
    *("::", "::1", "::2", "::4", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
]
SERVICES = {(TCP, 80): ServiceSet.tcp(80), (TCP, 443): ServiceSet.tcp(443), (UDP, 53): ServiceSet.udp(53)}
Box = tuple[frozenset[str], frozenset[tuple[int, int]]]
Plain = frozenset[tuple[str, tuple[int, int]]]
some_places = st.integers(0, (1 << len(PLACES)) - 1).map(
    lambda bits: frozenset(place for index, place in enumerate(PLACES) if bits >> index & 1)
)
some_services = st.integers(0, (1 << len(SERVICES)) - 1).map(
    lambda bits: frozenset(service for index, service in enumerate(SERVICES) if bits >> index & 1)
)
boxes = st.lists(st.tuples(some_places, some_services), max_size=4)


def plain(parts: list[Box]) -> Plain:
    """All (address, service) pairs of some boxes."""
    return frozenset(pair for places, services in parts for pair in product(places, services))


def built(pairs: Plain) -> Traffic:
    """The traffic set of some pairs, by way of one box each."""
    result = Traffic.EMPTY
    for place, service in pairs:
        result |= Traffic.box(AddressSet.parse(place), SERVICES[service])
    return result


def made(parts: list[Box]) -> Traffic:
    """The traffic set of some boxes, joined at once."""
    return Traffic.union_all(
        Traffic.box(AddressSet.of(*places), joined(services)) for places, services in parts
    )


def joined(services: frozenset[tuple[int, int]]) -> ServiceSet:
    """The union of some of the services."""
    result = NONE
    for service in services:
        result |= SERVICES[service]
    return result


@quick
@given(boxes, boxes)
def test_operators_agree_with_plain_sets(one: list[Box], other: list[Box]) -> None:
    """Each operator gives the value built pair by pair from the plain set's result."""
    left, right = made(one), made(other)
    first, second = plain(one), plain(other)
    assert left == built(first)
    assert left | right == built(first | second)
    assert left & right == built(first & second)
    assert left - right == built(first - second)
    assert (left <= right) is (first <= second)
    assert left.isdisjoint(right) is first.isdisjoint(second)
    assert (left == right) is (first == second)
    assert bool(left) is bool(first)


@quick
@given(boxes, boxes, boxes)
def test_laws_of_sets_hold(one: list[Box], two: list[Box], three: list[Box]) -> None:
    """Union and intersection commute and associate; complements in all traffic obey De Morgan."""
    a, b, c = made(one), made(two), made(three)
    assert a | b == b | a
    assert a & b == b & a
    assert (a | b) | c == a | (b | c)
    assert (a & b) & c == a & (b & c)
    assert EVERYTHING - (a | b) == (EVERYTHING - a) & (EVERYTHING - b)
    assert EVERYTHING - (a & b) == (EVERYTHING - a) | (EVERYTHING - b)
    assert a - b == a & (EVERYTHING - b)
    assert EVERYTHING - (EVERYTHING - a) == a
    assert hash(EVERYTHING - (EVERYTHING - a)) == hash(a)
    assert pickle.loads(pickle.dumps(a)) == copy.deepcopy(a) == a  # noqa: S301  our own bytes


@quick
@given(boxes, some_places)
def test_parts_agree_with_plain_sets(parts: list[Box], places: frozenset[str]) -> None:
    """Addresses, services, restriction and look-up by service tell what the pairs tell."""
    traffic, pairs = made(parts), plain(parts)
    assert traffic.addresses == AddressSet.of(*(place for place, _ in pairs))
    assert traffic.size == len({place for place, _ in pairs})
    assert traffic.services == joined(frozenset(service for _, service in pairs))
    assert traffic.restrict(AddressSet.of(*places)) == built(
        frozenset(pair for pair in pairs if pair[0] in places)
    )
    both = {(TCP, 80), (UDP, 53)}
    having_both = [place for place in PLACES if both <= {service for at, service in pairs if at == place}]
    assert traffic.addresses_of(joined(frozenset(both))) == AddressSet.of(*having_both)


@quick
@given(boxes)
def test_boxes_rebuild_the_set(parts: list[Box]) -> None:
    """Boxes differ in services, share no address, come lowest address first and join to the same value."""
    traffic = made(parts)
    listed = list(traffic.boxes())
    assert Traffic.union_all(Traffic.box(*box) for box in listed) == traffic
    assert len({services for _, services in listed}) == len(listed)
    assert sum(addresses.size for addresses, _ in listed) == traffic.size
    lowest = [AddressSet.of(addresses.witness()) for addresses, _ in listed]
    ordered = sorted(lowest, key=lambda one: (not one.v4, (one.v4 or one.v6).minimum))
    assert lowest == ordered


@quick
@given(boxes.filter(lambda parts: bool(plain(parts))))
def test_witness_is_a_member(parts: list[Box]) -> None:
    """The witness is one pair that is in the set."""
    address, (protocol, port) = made(parts).witness()
    assert port is not None
    assert (address, (protocol, port)) in plain(parts)


@quick
@given(st.lists(st.tuples(st.integers(0, 60), some_services), min_size=10, max_size=30), boxes)
def test_long_sets_agree_with_their_parts(
    spans: list[tuple[int, frozenset[tuple[int, int]]]], parts: list[Box]
) -> None:
    """Long sets, changed in whole stretches, give at each address what the services there give."""
    many = Traffic.union_all(
        Traffic.box(AddressSet.from_int_range(number, number + 2), joined(services))
        for number, services in spans
    )
    few = made(parts) | Traffic.box(AddressSet.from_int_range(10, 50), ServiceSet.tcp(80))
    cases: list[tuple[Traffic, Callable[[ServiceSet, ServiceSet], ServiceSet]]] = [
        (many | few, lambda held, other: held | other),
        (many & few, lambda held, other: held & other),
        (many - few, lambda held, other: held - other),
        (few - many, lambda held, other: other - held),
    ]
    for number in range(0, 64, 5):
        here = AddressSet.from_int_range(number, number)
        held, other = many.restrict(here).services, few.restrict(here).services
        for whole, operator in cases:
            assert whole.restrict(here).services is operator(held, other)
    assert (many - few) | (many & few) == many
    assert few | many == many | few


def test_adjacent_blocks_with_equal_services_are_one() -> None:
    """Halves that get equal services by different roads are one box again."""
    low, high = AddressSet.of("10.0.0.0/25"), AddressSet.of("10.0.0.128/25")
    web, dns = ServiceSet.tcp(443), ServiceSet.udp(53)
    split = Traffic.box(low, web) | Traffic.box(high, web | dns)
    assert len(list(split.boxes())) == 2
    assert split | Traffic.box(low, dns) == Traffic.box(AddressSet.of("10.0.0.0/24"), web | dns)
    assert split - Traffic.box(high, dns) == Traffic.box(AddressSet.of("10.0.0.0/24"), web)
    assert str(split) == "10.0.0.0/25 tcp/443; 10.0.0.128/25 tcp/443,udp/53"


def test_empty_boxes_are_the_empty_set() -> None:
    """Nothing at many places and everything at no place are the same empty value."""
    assert Traffic.box(ALL, NONE) == Traffic.box(NO_ADDRESSES, ANY) == Traffic.EMPTY == Traffic()
    assert not Traffic.EMPTY
    assert str(Traffic.EMPTY) == "none"
    assert list(Traffic.EMPTY.boxes()) == []
    assert Traffic.EMPTY.addresses_of(NONE) == NO_ADDRESSES
    with pytest.raises(ValueError, match="no witness"):
        Traffic.EMPTY.witness()


def laid(runs: Iterable[tuple[int, int, ServiceSet]]) -> Runs:
    """Runs as they are added one by one."""
    found = Runs()
    for run in runs:
        found.add(*run)
    return found


@quick
@given(boxes)
def test_cuts_tell_what_is_held_between_them(parts: list[Box]) -> None:
    """Each cut begins what holds up to the next one, and nothing holds behind the last."""
    whole = made(parts)
    for version in (4, 6):
        cuts = list(whole.cuts(version))
        between = [(low, end, services) for (low, services), (end, _) in pairwise(cuts) if services]
        assert between == list(whole.runs(version))
        assert not cuts or cuts[-1][1] is NONE


@quick
@given(boxes)
def test_runs_rebuild_the_set(parts: list[Box]) -> None:
    """The runs of both families are ascending, hold what the set holds, and make the same value again."""
    whole = made(parts)
    v4, v6 = list(whole.runs(4)), list(whole.runs(6))
    assert Traffic.from_runs(laid(v4), laid(v6)) == whole
    assert Traffic.from_runs(laid(v4), Runs()) == whole.restrict(ALL_V4)
    assert Traffic.from_runs(Runs(), laid(v6)) == whole - whole.restrict(ALL_V4)
    for version, runs in ((4, v4), (6, v6)):
        assert all(one[1] <= other[0] for one, other in pairwise(runs))
        for low, end, services in runs:
            held = Traffic.box(AddressSet.from_int_range(low, end - 1, version), services)
            assert held <= whole
            assert whole.restrict(held.addresses) == held


def test_runs_with_equal_services_that_touch_are_one() -> None:
    """A run from the very first address on, a touching one and a gap: the value is that of the union."""
    web, dns = ServiceSet.tcp(443), ServiceSet.udp(53)
    found = Traffic.from_runs(laid([(0, 5, web), (5, 9, web), (9, 10, dns), (20, 21, web)]), Runs())
    assert list(found.runs()) == [(0, 9, web), (9, 10, dns), (20, 21, web)]
    assert found == Traffic.union_all(
        (
            Traffic.box(AddressSet.of("0.0.0.0-0.0.0.8", "0.0.0.20"), web),
            Traffic.box(AddressSet.of("0.0.0.9"), dns),
        )
    )
    assert Traffic.from_runs(laid([(5, 9, web)]), Runs()) == Traffic.box(
        AddressSet.of("0.0.0.5-0.0.0.8"), web
    )
    assert Traffic.from_runs(Runs(), Runs()) == Traffic.EMPTY
    assert not Runs()
    assert laid([(5, 9, web), (9, 10, dns)]).first == (5, web)


@pytest.mark.parametrize("count", range(9))
def test_a_union_of_many_is_that_of_each_with_the_next(count: int) -> None:
    """Sets that hold other services here than there are joined in pairs, and none is left out."""
    sets = [
        Traffic.box(AddressSet.of(f"10.0.{number}.0/24"), ServiceSet.tcp(80))
        | Traffic.box(AddressSet.of(f"10.1.{number}.0/24"), ServiceSet.udp(53))
        for number in range(count)
    ]
    one_by_one = Traffic.EMPTY
    for item in sets:
        one_by_one |= item
    assert Traffic.union_all(sets) == one_by_one
    assert Traffic.union_all(reversed(sets)).size == 512 * count


def test_all_traffic() -> None:
    """The whole universe has both families and survives being cut up and put together."""
    cut = EVERYTHING - Traffic.box(AddressSet.of("0.0.0.0/1", "8000::/1"), ServiceSet.icmp())
    assert cut.size == ALL.size
    assert cut.addresses_of(ServiceSet.icmp()) == AddressSet.of("128.0.0.0/1", "::/1")
    assert cut.addresses_of(NONE) == ALL
    assert cut | Traffic.box(ALL, ServiceSet.protocols(ICMP)) == EVERYTHING
    assert cut.restrict(AddressSet.of("1.1.1.1")).services == ANY - ServiceSet.icmp()
    assert cut.restrict(ALL) == cut


def test_a_long_set_keeps_its_other_intervals() -> None:
    """Cutting one interval of a long set leaves the others as they were."""
    numbers = IntervalSet.of(*((low, low) for low in range(0, 2000, 2)))
    web, dns = ServiceSet.tcp(443), ServiceSet.udp(53)
    long = Traffic.box(AddressSet(numbers), web)
    cut = long - Traffic.box(AddressSet.parse("0.0.0.4"), ServiceSet.tcp())
    assert cut == Traffic.box(AddressSet(numbers - IntervalSet.of((4, 4))), web)
    both = long | Traffic.box(AddressSet.parse("0.0.0.4"), dns)
    assert both.addresses == long.addresses
    assert both.addresses_of(dns) == AddressSet.of("0.0.0.4")


def test_a_long_stretch_joins_what_stands_before_it() -> None:
    """Where services before and inside a long stretch fall together, no trace of the boundary is left."""
    web, other = ServiceSet.tcp(443), ServiceSet.tcp(80)
    numbers = IntervalSet.of(*((low, low) for low in range(4, 100, 2)))
    long = Traffic.box(AddressSet.from_int_range(0, 1), other) | Traffic.box(AddressSet(numbers), web)
    wide = Traffic.box(AddressSet.from_int_range(1, 200), web | ServiceSet.udp(53))
    assert long & wide == Traffic.box(AddressSet(numbers), web)
    assert wide & long == Traffic.box(AddressSet(numbers), web)
