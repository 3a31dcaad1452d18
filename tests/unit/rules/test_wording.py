from __future__ import annotations

from auditor.rules.wording import counted, distinct, listed, quoted, shown


def test_names_cannot_steer_a_terminal() -> None:
    """Control and direction characters from documents are printed as escapes."""
    assert shown("fw\x1b[2J\u202e\n") == "fw\\x1b[2J\\u202e\\n"
    assert quoted("a b") == '"a b"'


def test_lists_stay_short() -> None:
    """A long list names its head and counts the rest; a rest of one is named too."""
    assert listed("abcdef") == "a, b, c, d, e, f"
    assert listed("abcdefg") == "a, b, c, d, e and 2 more"
    assert distinct(["b", "", "a", "b"]) == ("b", "a")
    assert [counted(1, "address"), counted(2000, "address"), counted(2, "endpoint")] == [
        "1 address",
        "2,000 addresses",
        "2 endpoints",
    ]
