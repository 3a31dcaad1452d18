"""Text from a snapshot made harmless for a terminal: no name moves the cursor or turns letters around."""

from __future__ import annotations

import re
import unicodedata

NAME_LIMIT = 120
"""Longer than any name of Azure; what is longer was made to flood the screen."""
TEXT_LIMIT = 4000

_PLAIN = re.compile(r"[ -~]*")
_HARMFUL = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories shown as escapes: controls (ESC), format (bidi controls), separators, the unassigned."""


def safe(text: str, limit: int = TEXT_LIMIT) -> str:
    """`text` on one line, whatever a terminal could obey shown as an escape, cut to `limit` characters."""
    shown = text if _PLAIN.fullmatch(text) else "".join(map(_shown, text))
    return shown if len(shown) <= limit else shown[: limit - 3] + "..."


def safe_name(text: str) -> str:
    """`safe` for a name."""
    return safe(text, NAME_LIMIT)


def columns_of(text: str) -> int:
    """How many columns a terminal gives to `text`, which `safe` has seen."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def _shown(char: str) -> str:
    category = unicodedata.category(char)
    if category not in _HARMFUL and (category != "Zs" or char == " "):
        return char
    code = ord(char)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _columns(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
