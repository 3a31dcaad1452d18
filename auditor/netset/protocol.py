"""IP protocol numbers that the rest of the code speaks of by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

ICMP: Final = 1
TCP: Final = 6
UDP: Final = 17
ESP: Final = 50
AH: Final = 51

_NAMES = {TCP: "tcp", UDP: "udp", ICMP: "icmp", ESP: "esp", AH: "ah"}
NAMES: Final[Mapping[int, str]] = MappingProxyType(_NAMES)
"""The lower-case name of each protocol that has one here."""

HIGHEST: Final = 255
"""The protocol field of an IP header is one byte."""
