"""Lines that fit."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from auditor.reporters.terminal_text import columns_of, safe
from auditor.reporters.wrap import both_ends, wrap


def test_words_fill_lines() -> None:
    """Words move to the next line whole, under the first."""
    assert wrap("one two three four", 14, "mend ") == ["mend one two", "     three", "     four"]


def test_a_long_id_breaks_after_a_separator() -> None:
    """An ARM id is cut where a reader would cut it."""
    assert wrap("/subscriptions/a/resourceGroups/b", 20) == ["/subscriptions/a/", "resourceGroups/b"]


@given(st.text(), st.integers(20, 120), st.integers(0, 10))
def test_no_line_is_too_long(text: str, width: int, indent: int) -> None:
    """Whatever the text, every line fits, and no word is lost."""
    shown = safe(text)
    lines = wrap(shown, width, " " * indent)
    assert all(columns_of(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(shown.split())


def test_both_ends() -> None:
    """The right part stands at the end of the line, or below when there is no room."""
    assert both_ends(("a", "b"), "2 blocked", 20) == ["a   b      2 blocked"]
    assert both_ends(("aks-payments", "westeurope"), "2 blocked", 26) == [
        "aks-payments   westeurope",
        "  2 blocked",
    ]
    assert both_ends(("aks-payments", "westeurope"), "2 blocked", 20) == [
        "aks-payments",
        "  westeurope",
        "  2 blocked",
    ]
