"""Lines that fit: words filled up to a width, long ids broken where they read best."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from auditor.reporters.terminal_text import columns_of

_BREAK_AFTER = "/,;:._-"
_GAP = " " * 3


def wrap(text: str, width: int, first: str = "", rest: str | None = None) -> list[str]:
    """`text` in lines of at most `width` columns; the first begins with `first`, the others with `rest`.

    `rest` defaults to blanks as wide as `first`. A word that fits no line is broken after a separator, else
    anywhere.
    """
    indent = " " * columns_of(first) if rest is None else rest
    room = max(width - max(columns_of(first), columns_of(indent)), 8)
    lines = list(_filled(_pieces(text.split(), room), room)) or [""]
    starts = [first] + [indent] * (len(lines) - 1)
    return [(start + line).rstrip() for start, line in zip(starts, lines, strict=True)]


def both_ends(facts: Iterable[str], right: str, width: int) -> list[str]:
    """One line with the facts at its begin and `right` at its end, or more lines when that does not fit."""
    lines: list[str] = []
    for fact in facts:
        joined = f"{lines[-1]}{_GAP}{fact}" if lines else fact
        if columns_of(joined) <= width:
            lines[-1:] = [joined]
        else:
            lines += wrap(fact, width, first="  " if lines else "", rest="  ")
    gap = width - columns_of(right) - (columns_of(lines[0]) if len(lines) == 1 else width)
    if gap >= len(_GAP):
        return [lines[0] + " " * gap + right]
    return [*lines, *wrap(right, width, first="  ")]


def _pieces(words: Iterable[str], room: int) -> Iterator[str]:
    """Each word, cut into parts of at most `room` columns; a part that another follows ends with a NUL."""
    for word in words:
        rest = word
        while columns_of(rest) > room:
            cut = _cut(rest, room)
            yield rest[:cut] + "\0"
            rest = rest[cut:]
        yield rest


def _cut(word: str, room: int) -> int:
    """Where to cut a word that is too long: after the last separator that leaves a decent line."""
    end = room
    while columns_of(word[:end]) > room:
        end -= 1
    for position in range(end, end // 2, -1):
        if word[position - 1] in _BREAK_AFTER:
            return position
    return max(end, 1)


def _filled(pieces: Iterable[str], room: int) -> Iterator[str]:
    line = ""
    for piece in pieces:
        broken = piece.endswith("\0")
        text = piece.rstrip("\0")
        joined = f"{line} {text}" if line else text
        if columns_of(joined) > room:
            yield line
            joined = text
        line = joined
        if broken:
            yield line
            line = ""
    if line:
        yield line
