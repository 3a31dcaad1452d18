"""Address and port texts of ARM documents as plain ranges of integers; shares no code with the product."""

from __future__ import annotations

from functools import cache

Span = tuple[int, int]
"""A closed range of integers."""

# IANA special-purpose blocks: what is not in them is global unicast.
_SPECIAL = (
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/3",
)
_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")


@cache
def address(text: str) -> int:
    """A dotted IPv4 address as a number."""
    first, second, third, fourth = (int(part) for part in text.split("."))
    return ((first * 256 + second) * 256 + third) * 256 + fourth


def dotted(number: int) -> str:
    """A number as a dotted IPv4 address."""
    return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))


@cache
def span(text: str) -> Span:
    """The range of `*`, an address, a CIDR or a dash range; ValueError for anything else, such as a tag."""
    if text == "*":
        return 0, 2**32 - 1
    if "-" in text:
        low, _, high = text.partition("-")
        return address(low), address(high)
    base, slash, length = text.partition("/")
    size = 2 ** (32 - int(length)) if slash else 1
    start = address(base) // size * size
    return start, start + size - 1


@cache
def prefix_length(text: str) -> int:
    """The length of a CIDR; 32 for an address."""
    return int(text.partition("/")[2] or 32)


@cache
def is_literal(text: str) -> bool:
    """Whether a text is an address, a CIDR, a dash range or `*`, and no tag."""
    return text == "*" or text.replace(".", "").replace("/", "").replace("-", "").isdigit()


@cache
def ports(text: str) -> Span:
    """The range of `*`, a port or `a-b` (NSG-13, FW-37)."""
    if text == "*":
        return 0, 65535
    low, dash, high = text.partition("-")
    return int(low), int(high if dash else low)


def covers_every_port(spans: tuple[Span, ...]) -> bool:
    """Whether port ranges together leave none out."""
    end = -1
    for low, high in sorted(spans):
        if low > end + 1:
            return False
        end = max(end, high)
    return end >= 65535


def inside(number: int, spans: tuple[Span, ...]) -> bool:
    """Whether a number lies in one of the ranges."""
    return any(low <= number <= high for low, high in spans)


_SPECIAL_SPANS = tuple(span(text) for text in _SPECIAL)
_PRIVATE_SPANS = tuple(span(text) for text in _PRIVATE)


@cache
def is_global(number: int) -> bool:
    """Whether an address is IPv4 global unicast."""
    return not inside(number, _SPECIAL_SPANS)


@cache
def is_private(number: int) -> bool:
    """Whether an address is RFC 1918 space."""
    return inside(number, _PRIVATE_SPANS)
