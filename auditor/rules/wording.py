"""Small pieces of prose: names from documents made safe to print, and short lists."""

from __future__ import annotations

from collections.abc import Iterable


def shown(text: str) -> str:
    """The text with everything that a terminal could obey (control and direction characters) written as escapes."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def quoted(name: str) -> str:
    """A name in double quotes."""
    return f'"{shown(name)}"'


def distinct(items: Iterable[str]) -> tuple[str, ...]:
    """The non-empty texts, each once, in their order."""
    return tuple(dict.fromkeys(item for item in items if item))


def listed(items: Iterable[str], limit: int = 5) -> str:
    """`a, b and 3 more`."""
    texts = [shown(item) for item in items]
    if len(texts) <= limit + 1:
        return ", ".join(texts)
    return f"{', '.join(texts[:limit])} and {len(texts) - limit} more"


def counted(number: int, noun: str) -> str:
    """`1 address`, `2 addresses`."""
    plural = noun + ("es" if noun.endswith("s") else "s")
    return f"{number:,} {noun if number == 1 else plural}"
