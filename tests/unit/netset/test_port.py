"""Ports as rules write them."""

from __future__ import annotations

import pytest

from auditor.netset import IntervalSet
from auditor.netset.port import parse_ports


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("*", 0, 65535),
        ("0", 0, 0),
        ("443", 443, 443),
        ("65535", 65535, 65535),
        ("1000-2000", 1000, 2000),
        ("7-7", 7, 7),
    ],
)
def test_ports_are_read(text: str, low: int, high: int) -> None:
    """A star, a port and a range mean what they say, with both ends in."""
    assert parse_ports(text) == IntervalSet.of((low, high))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "65536",
        "99999-100000",
        "20-10",
        "-1",
        "1-",
        "1-2-3",
        " 80",
        "80\n",
        "080",
        "http",
        "80,443",
        "٣",
        "**",
    ],
)
def test_other_texts_are_refused_by_name(text: str) -> None:
    """Whatever is not a port or a range is an error whose message shows the text."""
    with pytest.raises(ValueError, match="ports ") as caught:
        parse_ports(text)
    assert repr(text) in str(caught.value)
