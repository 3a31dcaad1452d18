"""Names that must not act on a terminal."""

from __future__ import annotations

import unicodedata

import pytest

from auditor.reporters.terminal_text import NAME_LIMIT, columns_of, safe, safe_name


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("plain-name_1.x", "plain-name_1.x"),
        ("a\x1b[31mred", "a\\u001b[31mred"),
        ("a\nb\rc\td", "a\\u000ab\\u000dc\\u0009d"),
        ("\x07\x08\x00\x7f", "\\u0007\\u0008\\u0000\\u007f"),
        ("\x9b2J", "\\u009b2J"),
        ("abc\u202edcba\u202c", "abc\\u202edcba\\u202c"),
        ("\u2066x\u2069 \u200f \u061c", "\\u2066x\\u2069 \\u200f \\u061c"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("line\u2028end\u2029", "line\\u2028end\\u2029"),
        ("no\u00a0break", "no\\u00a0break"),
        ("tag\U000e0041", "tag\\U000e0041"),
        ("lone\ud800", "lone\\ud800"),
        ("Zürich 北京", "Zürich 北京"),
    ],
)
def test_safe(hostile: str, shown: str) -> None:
    """What a terminal could obey becomes an escape; letters of any script stay."""
    assert safe(hostile) == shown


def test_no_code_point_that_moves_anything_passes() -> None:
    """Of all code points but the letters of far planes, none of the control, format or separator kinds is left."""
    near, tags = range(0x10000), range(0xE0000, 0xE0200)
    text = safe("".join(map(chr, (*near, *tags))), 1_000_000)
    assert {unicodedata.category(char) for char in text} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} == set()


def test_length_is_cut() -> None:
    """A name that would flood the screen is cut, visibly."""
    assert safe_name("x" * 10_000) == "x" * (NAME_LIMIT - 3) + "..."


def test_columns() -> None:
    """Wide letters take two columns, combining marks none."""
    assert [columns_of(text) for text in ("abc", "北京", "e\u0301")] == [3, 4, 1]
