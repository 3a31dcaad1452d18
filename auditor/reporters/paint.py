"""Colours of the terminal; layout is done before, so that colour never moves a column."""

from __future__ import annotations

_CODES = {
    "error": "1;31",
    "blocked": "1;31",
    "unknown": "1;35",
    "warning": "1;33",
    "mixed": "1;33",
    "note": "36",
    "allowed": "32",
    "title": "1",
    "label": "2",
}


def paint(text: str, role: str, color: bool) -> str:
    """`text` in the colour of its role, or as it is."""
    code = _CODES.get(role)
    return f"\x1b[{code}m{text}\x1b[0m" if color and code and text.strip() else text
