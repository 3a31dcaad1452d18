"""Address sets against the ipaddress module and against small plain sets."""

from __future__ import annotations

import pickle
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    collapse_addresses,
    ip_address,
    ip_network,
    summarize_address_range,
)
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.netset import AddressSet, IntervalSet
from auditor.netset.address import ALL, ALL_V4, ALL_V6, EMPTY

quick = settings(max_examples=100, deadline=None)

# Sixteen addresses at both ends of each family: 0.0.0.0-7, 255.255.255.248-255 and the like for IPv6.
CORNERS: list[IPv4Address | IPv6Address] = [
    *(IPv4Address(number) for number in (*range(8), *range((1 << 32) - 8, 1 << 32))),
    *(IPv6Address(number) for number in (*range(8), *range((1 << 128) - 8, 1 << 128))),
]
members = st.integers(0, (1 << len(CORNERS)) - 1).map(
    lambda bits: frozenset(corner for index, corner in enumerate(CORNERS) if bits >> index & 1)
)
v4_numbers = st.integers(0, (1 << 32) - 1)
v6_numbers = st.integers(0, (1 << 128) - 1)
v4_blocks = st.builds("{}/{}".format, v4_numbers.map(IPv4Address), st.integers(0, 32))
v6_blocks = st.builds("{}/{}".format, v6_numbers.map(IPv6Address), st.integers(0, 128))


def built(addresses: frozenset[IPv4Address | IPv6Address]) -> AddressSet:
    """The address set of some single addresses."""
    return AddressSet.of(*map(str, addresses))


@quick
@given(members, members)
def test_operators_agree_with_plain_sets(
    one: frozenset[IPv4Address | IPv6Address], other: frozenset[IPv4Address | IPv6Address]
) -> None:
    """Each operator gives the value built from the plain set's result, at the ends of both families too."""
    left, right = built(one), built(other)
    assert left | right == built(one | other)
    assert left & right == built(one & other)
    assert left - right == built(one - other)
    assert (left <= right) is (one <= other)
    assert left.isdisjoint(right) is one.isdisjoint(other)
    assert (left == right) is (one == other)
    assert bool(left) is bool(one)
    assert left.size == len(one)
    assert {corner for corner in CORNERS if corner in left} == one
    assert ALL - (left | right) == (ALL - left) & (ALL - right)
    assert left - right == left & (ALL - right)
    assert AddressSet.union_all([left, right]) == left | right


@quick
@given(st.lists(v4_blocks | v6_blocks, max_size=6))
def test_printed_forms_give_the_set_back(texts: list[str]) -> None:
    """Both printed forms read back to the same value, and the CIDR cover is the smallest one."""
    made = AddressSet.of(*texts)
    assert AddressSet.of(*made.cidrs()) == AddressSet.of(*made.ranges()) == made
    assert hash(AddressSet.of(*made.cidrs())) == hash(made)
    networks = [ip_network(text, strict=False) for text in texts]
    v4 = collapse_addresses(network for network in networks if isinstance(network, IPv4Network))
    v6 = collapse_addresses(network for network in networks if isinstance(network, IPv6Network))
    assert list(made.cidrs()) == [*map(str, v4), *map(str, v6)]


@quick
@given(v4_numbers, v4_numbers)
def test_ranges_are_covered_by_the_fewest_blocks(one: int, other: int) -> None:
    """A range from one address to another is covered as the ipaddress module covers it."""
    low, high = IPv4Address(min(one, other)), IPv4Address(max(one, other))
    made = AddressSet.parse(f"{low}-{high}")
    assert made == AddressSet.from_int_range(int(low), int(high))
    assert list(made.cidrs()) == [str(block) for block in summarize_address_range(low, high)]
    assert made.size == int(high) - int(low) + 1
    assert made.witness() == str(low)


@quick
@given(v6_numbers, st.integers(0, 1 << 20))
def test_ipv6_ranges_are_covered_by_the_fewest_blocks(number: int, length: int) -> None:
    """A range of IPv6 addresses is covered as the ipaddress module covers it."""
    low, high = IPv6Address(max(0, number - length)), IPv6Address(number)
    made = AddressSet.from_int_range(int(low), int(high), version=6)
    assert made == AddressSet.parse(f"{low}-{high}")
    assert list(made.cidrs()) == [str(block) for block in summarize_address_range(low, high)]


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("10.1.2.3/8", "10.0.0.0/8"),
        ("10.1.2.3", "10.1.2.3"),
        ("10.1.2.3/32", "10.1.2.3"),
        ("0.0.0.0/0", "0.0.0.0/0"),
        ("0.0.0.0-255.255.255.255", "0.0.0.0/0"),
        ("255.255.255.255", "255.255.255.255"),
        ("10.0.0.1-10.0.0.2", "10.0.0.1-10.0.0.2"),
        ("10.0.0.0-10.0.0.255", "10.0.0.0/24"),
        ("10.0.0.7-10.0.0.7", "10.0.0.7"),
        ("::/0", "::/0"),
        ("2001:DB8:0::1/32", "2001:db8::/32"),
        ("2001:db8::1", "2001:db8::1"),
        ("::1-::3", "::1-::3"),
        ("::ffff:10.0.0.1", "::ffff:10.0.0.1"),
    ],
)
def test_every_spelling_is_read(text: str, printed: str) -> None:
    """Blocks (host bits masked), addresses and ranges of both families are read and printed as one text."""
    shown = AddressSet.parse(text).ranges()
    assert AddressSet.of(*shown) == AddressSet.of(printed)
    assert len(shown) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "*",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/08",
        "10.0.0.0/255.0.0.0",
        "10.0.0.0/8/8",
        "10.0.0",
        "10.0.0.01",
        "10.0.0.256",
        "10.0.0.+1",
        " 10.0.0.1",
        "10.0.0.1 ",
        "10.0.0.1\n",
        "10.0.0.٣",
        "10.0.0.2-10.0.0.1",
        "10.0.0.1-::2",
        "10.0.0.1-10.0.0.2/32",
        "10.0.0.1-",
        "1.1.1.1-2.2.2.2-3.3.3.3",
        "::/129",
        "[::1]",
        "12345::",
        "123456::1",
        "::12345",
        "1::123456",
        "1::2:",
        ":1::2",
        "1:2::3:",
        "1::2::3",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7::8",
        "fe80::1%eth0",
        "fe80::1%eth0/64",
        "Internet",
    ],
)
def test_other_texts_are_refused_by_name(text: str) -> None:
    """Whatever is not an address, a block or a range is an error whose message shows the text."""
    with pytest.raises(ValueError, match="address") as caught:
        AddressSet.parse(text)
    assert repr(text) in str(caught.value)
    with pytest.raises(ValueError, match="address"):
        AddressSet.of("10.0.0.0/8", text)


@quick
@given(st.text(alphabet="0123456789./-", max_size=12))
def test_as_strict_as_ipaddress(text: str) -> None:
    """A text without a range is read when ipaddress reads it, but for masks and zeros in a prefix length."""
    try:
        expected = ip_network(text, strict=False)
    except ValueError:
        expected = None
    _, _, length = text.partition("/")
    if expected is not None and length == length.lstrip("0")[:2] + "0" * (length == "0"):
        assert AddressSet.parse(text).cidrs() == (str(expected),)
    elif "-" not in text:
        with pytest.raises(ValueError, match="address"):
            AddressSet.parse(text)


def test_upper_bounds_are_inside() -> None:
    """The last address of a family is in the set of all, and families never run into each other."""
    assert "255.255.255.255" in ALL_V4
    assert IPv4Address(0) in ALL_V4
    assert "::1:0:0" not in ALL_V4
    assert "::" not in ALL_V4
    assert "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" in ALL_V6
    assert ALL.size == (1 << 32) + (1 << 128)
    assert ALL - ALL_V4 == ALL_V6 == ALL.only_v6()
    assert ALL.only_v4() == ALL_V4
    assert ALL - ALL == EMPTY == AddressSet()
    assert not EMPTY


def test_neighbouring_blocks_become_one() -> None:
    """Two halves written apart are the whole block, as a value and in print."""
    halves = AddressSet.of("10.0.0.0/25", "10.0.0.128/25")
    assert halves == AddressSet.of("10.0.0.0/24")
    assert halves.cidrs() == ("10.0.0.0/24",)
    assert str(halves | AddressSet.of("10.0.1.0")) == "10.0.0.0-10.0.1.0"
    assert str(EMPTY) == "none"
    assert repr(halves) == "AddressSet.of('10.0.0.0/24')"


def test_ipv4_comes_first() -> None:
    """Print and witness are in address order, IPv4 before IPv6."""
    mixed = AddressSet.of("::1", "9.0.0.0/8", "2.2.2.2")
    assert mixed.cidrs() == ("2.2.2.2/32", "9.0.0.0/8", "::1/128")
    assert mixed.ranges() == ("2.2.2.2", "9.0.0.0/8", "::1")
    assert mixed.witness() == "2.2.2.2"
    assert mixed.only_v6().witness() == "::1"
    with pytest.raises(ValueError, match="no witness"):
        EMPTY.witness()


def test_membership_takes_texts_and_addresses() -> None:
    """An address is looked up as text or as an ipaddress value; a text that is none is an error, not a no."""
    made = AddressSet.of("10.0.0.0/8")
    assert "10.1.1.1" in made
    assert ip_address("10.1.1.1") in made
    assert "11.0.0.0" not in made
    assert ip_address("::a00:1") not in made
    with pytest.raises(ValueError, match="somewhere"):
        _ = "somewhere" in made


@pytest.mark.parametrize(
    ("low", "high", "version"), [(0, 1 << 32, 4), (0, 1 << 128, 6), (0, 0, 5), (2, 1, 4), (-1, 0, 6)]
)
def test_numbers_out_of_range_are_refused(low: int, high: int, version: int) -> None:
    """A number that is not an address of its family cannot enter a set."""
    with pytest.raises(ValueError):
        AddressSet.from_int_range(low, high, version)


@pytest.mark.parametrize(("version", "bits"), [(4, 32), (6, 128)])
def test_the_number_out_of_range_is_named(version: int, bits: int) -> None:
    """The message names the family and the highest number, wherever in the set it is."""
    half = IntervalSet.of((0, 0), (1 << bits, 1 << bits))
    with pytest.raises(ValueError, match=rf"^IPv{version} address number {1 << bits}: too large$"):
        AddressSet(**{f"v{version}": half})
    assert AddressSet(**{f"v{version}": IntervalSet.of((1, (1 << bits) - 1))}).size == (1 << bits) - 1


def test_copies_are_equal() -> None:
    """A set that went through pickle is the same value, hash and all."""
    made = AddressSet.of("10.0.0.0/8", "::1")
    again = pickle.loads(pickle.dumps(made))  # noqa: S301  our own bytes
    assert again == made
    assert hash(again) == hash(made)
    assert made.v4 == IntervalSet.of((10 << 24, (11 << 24) - 1))
    assert made != "10.0.0.0/8"


@quick
@given(st.lists(st.integers(0, 1 << 20), min_size=2, max_size=40))
def test_order_of_texts_does_not_matter(numbers: list[int]) -> None:
    """The same blocks in any order, in one go or one by one, are one value."""
    texts = [f"{IPv4Address(low)}-{IPv4Address(high)}" for low, high in pairwise(sorted(numbers))]
    one_by_one = EMPTY
    for text in reversed(texts):
        one_by_one |= AddressSet.parse(text)
    assert AddressSet.of(*texts) == one_by_one == AddressSet.union_all(map(AddressSet.parse, texts))


def test_what_cannot_be_read_does_not_hide_what_follows() -> None:
    """Every text is read, and those that are no addresses come back as they are, in their order."""
    found, others = AddressSet.readable(["Internet", "10.0.0.0/24", "", "2001:db8::/32", "10.0.0.0/33"])
    assert found == AddressSet.of("10.0.0.0/24", "2001:db8::/32")
    assert others == ["Internet", "", "10.0.0.0/33"]
