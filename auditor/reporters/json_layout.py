"""JSON text laid out as `json.dumps(..., indent=2)` does, built up from parts that are written once and used often.

The answers to ten thousand questions share a few hundred hops. The library lays out each of them again, in Python,
which took longer than finding the answers.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

_STEP = "  "


@dataclass(frozen=True, slots=True)
class Laid:
    """A value whose text is there already, laid out for the depth at which it stands."""

    text: str


def laid_out(value: Any, depth: int) -> str:
    """The text of a value that stands `depth` levels deep; its first line is not indented."""
    if isinstance(value, Laid):
        return value.text
    if isinstance(value, Mapping):
        return _block(
            "{}", (f"{json.dumps(key)}: {laid_out(item, depth + 1)}" for key, item in value.items()), depth
        )
    if isinstance(value, list):
        return _block("[]", (laid_out(item, depth + 1) for item in value), depth)
    return json.dumps(value)


def _block(brackets: str, items: Iterable[str], depth: int) -> str:
    pad = "\n" + _STEP * (depth + 1)
    inside = f",{pad}".join(items)
    return f"{brackets[0]}{pad}{inside}\n{_STEP * depth}{brackets[1]}" if inside else brackets
