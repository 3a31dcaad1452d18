"""Port numbers as they are written in rules."""

from __future__ import annotations

import re
from typing import Final

from auditor.netset.interval import IntervalSet

HIGHEST: Final = 65535
ALL: Final = IntervalSet.of((0, HIGHEST))

_PORT: Final = re.compile(r"(0|[1-9][0-9]{0,4})(?:-(0|[1-9][0-9]{0,4}))?")


def parse_ports(text: str) -> IntervalSet:
    """The ports that a text stands for: `*`, `443` or `1000-2000`; anything else raises ValueError."""
    if text == "*":
        return ALL
    match = _PORT.fullmatch(text)
    if match is None:
        raise ValueError(f"ports {text!r}: expected '*', a port or a range of ports such as '1000-2000'")
    low = int(match[1])
    high = low if match[2] is None else int(match[2])
    if low > high or high > HIGHEST:
        raise ValueError(f"ports {text!r}: expected 0 <= first <= last <= {HIGHEST}")
    return IntervalSet.of((low, high))
