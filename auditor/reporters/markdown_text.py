"""Markdown in which no name means anything: what a snapshot wrote stands in code spans or fences.

Inside them neither Markdown nor HTML counts, and GitHub and GitLab make no mention, reference or link.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from auditor.reporters.terminal_text import safe

_TICKS = re.compile("`+")
_TEXT_LIMIT = 1200


def code(text: str, limit: int = _TEXT_LIMIT) -> str:
    """Text as a code span, on one line, cut to `limit` characters."""
    shown = safe(text, limit)
    if not shown.strip():
        return "` `"
    run = "`" * (_longest(shown) + 1)
    pad = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return f"{run}{pad}{shown}{pad}{run}"


def cell(text: str, limit: int = _TEXT_LIMIT) -> str:
    """`code` for a cell of a table, where a bar would part it even in a code span."""
    return code(safe(text, limit).replace("|", "\\u007c"), limit + 5 * limit)


def fence(lines: Iterable[str], language: str, indent: str) -> list[str]:
    """Lines of harmless text as a fenced block."""
    shown = list(lines)
    run = "`" * max(3, *(_longest(line) + 1 for line in shown)) if shown else "```"
    return [f"{indent}{run}{language}", *(f"{indent}{line}" for line in shown), f"{indent}{run}"]


@dataclass(slots=True)
class Budget:
    """Lines as long as they fit; sizes are bytes of UTF-8, which are no fewer than characters."""

    size: int
    lines: list[str] = field(default_factory=list)

    def add(self, lines: Iterable[str]) -> bool:
        """Take all of these lines or none; whether they were taken."""
        new = list(lines)
        if _cost(new) > self.size:
            return False
        self.force(new)
        return True

    def force(self, lines: Iterable[str]) -> None:
        """Take these lines, even where no room is left."""
        new = list(lines)
        self.size = max(self.size - _cost(new), 0)
        self.lines += new


def _cost(lines: Iterable[str]) -> int:
    return sum(len(line.encode("utf-8", "backslashreplace")) + 1 for line in lines)


def _longest(text: str) -> int:
    return max((len(run) for run in _TICKS.findall(text)), default=0)
