"""Sets of IP addresses of both families."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

from auditor.netset.interval import IntervalSet

_BITS: Final = {4: 32, 6: 128}
_FIRST, _SECOND, _THIRD, _FOURTH = (
    {str(part): part << shift for part in range(256)} for shift in (24, 16, 8, 0)
)
_FREE_BITS: Final = {
    version: {str(length): bits - length for length in range(bits + 1)} for version, bits in _BITS.items()
}
_V4_FREE_BITS: Final = _FREE_BITS[4]
_V4_END: Final = 1 << 32
_NO_INTERVALS: Final = IntervalSet()


class AddressSet:
    """One canonical interval set of IPv4 and one of IPv6 numbers, so equal sets have equal halves."""

    __slots__ = ("_hash", "_v4", "_v6")

    _v4: IntervalSet
    _v6: IntervalSet
    _hash: int | None

    def __init__(self, v4: IntervalSet = _NO_INTERVALS, v6: IntervalSet = _NO_INTERVALS) -> None:
        """The addresses with these numbers; a number too large for its family raises ValueError."""
        for version, half in ((4, v4), (6, v6)):
            if half and half.bounds[-1] > 1 << _BITS[version]:
                raise ValueError(f"IPv{version} address number {half.bounds[-1] - 1}: too large")
        self._v4 = v4
        self._v6 = v6
        self._hash = None

    @classmethod
    def parse(cls, text: str) -> AddressSet:
        """The addresses of a CIDR block (host bits are masked), one address, or an `a-b` range.

        As strict as the `ipaddress` module about each address, and stricter in two points: no IPv6 zone, and
        a block takes a prefix length only, without leading zeros. Anything else raises ValueError.
        """
        version, low, end = _parsed(text)
        half = IntervalSet.from_bounds((low, end))
        return _make(half, _NO_INTERVALS) if version == 4 else _make(_NO_INTERVALS, half)

    @classmethod
    def of(cls, *texts: str) -> AddressSet:
        """The union of what `parse` reads from each text, without a set for each."""
        return cls._read(texts, None)

    @classmethod
    def readable(cls, texts: Iterable[str]) -> tuple[AddressSet, list[str]]:
        """The union of what `parse` reads from the texts that it can read, and the other texts."""
        others: list[str] = []
        return cls._read(texts, others), others

    @classmethod
    def _read(cls, texts: Iterable[str], others: list[str] | None) -> AddressSet:
        """The union of the texts; what does not parse goes to `others`, or raises ValueError without it."""
        v4_lows: list[int] = []
        v4_ends: list[int] = []
        v6: list[tuple[int, int]] = []
        for text in texts:
            try:
                version, low, end = _parsed(text)
            except ValueError:
                if others is None:
                    raise
                others.append(text)
                continue
            if version == 4:
                v4_lows.append(low)
                v4_ends.append(end)
            else:
                v6.append((low, end))
        v4_half = IntervalSet.from_ends(v4_lows, v4_ends)
        if not v6:
            return _make(v4_half, _NO_INTERVALS)
        return _make(v4_half, IntervalSet.from_ends([low for low, _ in v6], [end for _, end in v6]))

    @classmethod
    def union_all(cls, sets: Iterable[AddressSet]) -> AddressSet:
        """The union of any number of sets, by one sort of each family."""
        items = list(sets)
        return _make(
            IntervalSet.union_all([item._v4 for item in items]),
            IntervalSet.union_all([item._v6 for item in items]),
        )

    @classmethod
    def from_int_range(cls, lo: int, hi: int, version: int = 4) -> AddressSet:
        """The addresses from one number to another, both included."""
        if version not in _BITS:
            raise ValueError(f"IP version {version}: expected 4 or 6")
        half = IntervalSet.of((lo, hi))
        return cls(v4=half) if version == 4 else cls(v6=half)

    @property
    def v4(self) -> IntervalSet:
        """The IPv4 addresses as numbers."""
        return self._v4

    @property
    def v6(self) -> IntervalSet:
        """The IPv6 addresses as numbers."""
        return self._v6

    @property
    def size(self) -> int:
        """How many addresses are in the set."""
        return self._v4.size + self._v6.size

    def only_v4(self) -> AddressSet:
        """The IPv4 addresses of this set."""
        return self if not self._v6 else _make(self._v4, _NO_INTERVALS)

    def only_v6(self) -> AddressSet:
        """The IPv6 addresses of this set."""
        return self if not self._v4 else _make(_NO_INTERVALS, self._v6)

    def isdisjoint(self, other: AddressSet) -> bool:
        """Whether no address is in both."""
        return self._v4.isdisjoint(other._v4) and self._v6.isdisjoint(other._v6)

    def witness(self) -> str:
        """The lowest IPv4 address, or the lowest IPv6 address when there is none; ValueError when empty."""
        if self._v4:
            return _text(4, self._v4.minimum)
        if self._v6:
            return _text(6, self._v6.minimum)
        raise ValueError("an empty address set has no witness")

    def cidrs(self) -> tuple[str, ...]:
        """The fewest CIDR blocks that cover exactly this set, IPv4 first, ascending."""
        return tuple(
            f"{_text(version, block)}/{_BITS[version] - free}"
            for version, low, high in self._intervals()
            for block, free in _blocks(low, high)
        )

    def ranges(self) -> tuple[str, ...]:
        """One text an interval, IPv4 first, ascending: an address, a CIDR block where it is one, or `a-b`."""
        return tuple(_range_text(version, low, high) for version, low, high in self._intervals())

    def _intervals(self) -> Iterator[tuple[int, int, int]]:
        for low, high in self._v4.intervals():
            yield 4, low, high
        for low, high in self._v6.intervals():
            yield 6, low, high

    def __contains__(self, address: str | IPv4Address | IPv6Address) -> bool:
        if isinstance(address, str):
            version, number = _address(address, address)
        else:
            version, number = address.version, int(address)
        return number in (self._v4 if version == 4 else self._v6)

    def __or__(self, other: AddressSet) -> AddressSet:
        if not isinstance(other, AddressSet):
            return NotImplemented
        return _make(self._v4 | other._v4, self._v6 | other._v6)

    def __and__(self, other: AddressSet) -> AddressSet:
        if not isinstance(other, AddressSet):
            return NotImplemented
        return _make(self._v4 & other._v4, self._v6 & other._v6)

    def __sub__(self, other: AddressSet) -> AddressSet:
        if not isinstance(other, AddressSet):
            return NotImplemented
        return _make(self._v4 - other._v4, self._v6 - other._v6)

    def __le__(self, other: AddressSet) -> bool:
        if not isinstance(other, AddressSet):
            return NotImplemented
        return self._v4 <= other._v4 and self._v6 <= other._v6

    def __bool__(self) -> bool:
        return bool(self._v4) or bool(self._v6)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, AddressSet):
            return NotImplemented
        return self._v4 == other._v4 and self._v6 == other._v6

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash((self._v4, self._v6))
        return self._hash

    def __str__(self) -> str:
        return ", ".join(self.ranges()) or "none"

    def __repr__(self) -> str:
        return f"AddressSet.of({', '.join(map(repr, self.ranges()))})"


_new = object.__new__


def _make(v4: IntervalSet, v6: IntervalSet) -> AddressSet:
    """A set around halves that are known to be in range."""
    made = _new(AddressSet)
    made._v4 = v4
    made._v6 = v6
    made._hash = None
    return made


_V6_LETTERS: Final = re.compile(r"[0-9A-Fa-f:]+", re.ASCII)

EMPTY: Final[AddressSet] = AddressSet()
ALL_V4: Final[AddressSet] = AddressSet.from_int_range(0, _V4_END - 1)
ALL_V6: Final[AddressSet] = AddressSet.from_int_range(0, (1 << 128) - 1, version=6)
ALL: Final[AddressSet] = ALL_V4 | ALL_V6


def _parsed(text: str) -> tuple[int, int, int]:
    """Family, first number and the number after the last one."""
    head, slash, length = text.partition("/")
    try:
        # Estates hold tens of thousands of IPv4 prefixes, and ipaddress takes several times as long for one.
        first, second, third, fourth = head.split(".")
        number = _FIRST[first] | _SECOND[second] | _THIRD[third] | _FOURTH[fourth]
        if not slash:
            return 4, number, number + 1
        free = _V4_FREE_BITS[length]
    except (ValueError, KeyError):
        return _parsed_slowly(text, head, slash, length)
    low = number >> free << free
    return 4, low, low + (1 << free)


def _parsed_slowly(text: str, head: str, slash: str, length: str) -> tuple[int, int, int]:
    """What `_parsed` answers, for the forms that are not a plain IPv4 block or address."""
    if not slash and "-" in text:
        start, _, stop = text.partition("-")
        version, low = _address(start, text)
        stop_version, high = _address(stop, text)
        if stop_version != version or high < low:
            raise ValueError(f"address range {text!r}: expected two addresses of one family, the lower first")
        return version, low, high + 1
    version, number = _address(head, text)
    if not slash:
        return version, number, number + 1
    free = _FREE_BITS[version].get(length)
    if free is None:
        raise ValueError(f"address block {text!r}: expected a prefix length from 0 to {_BITS[version]}")
    low = number >> free << free
    return version, low, low + (1 << free)


def _address(part: str, text: str) -> tuple[int, int]:
    """Family and number of one address; the message names the whole text it stands in."""
    plain = _plain_v6(part)
    if plain is not None:
        return 6, plain
    try:
        address = ip_address(part)
    except ValueError:
        address = None
    if address is None or "%" in part:
        raise ValueError(f"address {text!r}: expected an IP address, a CIDR block or a range") from None
    return address.version, int(address)


def _plain_v6(part: str) -> int | None:
    """The number of an IPv6 address in plain hexadecimal groups; None for every other spelling, right or wrong.

    Half of Microsoft's service tag prefixes are IPv6, and ipaddress takes ten times as long for one.
    """
    head, gap, tail = part.partition("::")
    before = head.split(":") if head else []
    after = tail.split(":") if tail else []
    groups = len(before) + len(after)
    if _V6_LETTERS.fullmatch(part) is None or (groups > 7 if gap else groups != 8):
        return None
    number = 0
    for group in before:
        if not 0 < len(group) < 5:
            return None
        number = number << 16 | int(group, 16)
    number <<= 16 * (8 - groups)
    for group in after:
        if not 0 < len(group) < 5:
            return None
        number = number << 16 | int(group, 16)
    return number


def _text(version: int, number: int) -> str:
    """The usual spelling of an address."""
    if version == 4:
        return f"{number >> 24}.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    return str(IPv6Address(number))


def _blocks(low: int, high: int) -> Iterator[tuple[int, int]]:
    """The fewest aligned blocks of an interval: first number and free bits of each."""
    while low <= high:
        fitting = (high - low + 1).bit_length() - 1
        free = fitting if low == 0 else min(fitting, (low & -low).bit_length() - 1)
        yield low, free
        low += 1 << free


def _range_text(version: int, low: int, high: int) -> str:
    """The shortest of the three spellings of an interval."""
    first = _text(version, low)
    if low == high:
        return first
    size = high - low + 1
    if size & (size - 1) == 0 and low & (size - 1) == 0:
        return f"{first}/{_BITS[version] - size.bit_length() + 1}"
    return f"{first}-{_text(version, high)}"
