"""The drawing of compliance over time."""

from __future__ import annotations

import re

import pytest

from auditor.reporters.html import Point, Series, chart


def points(*found: tuple[str, int, int]) -> tuple[Point, ...]:
    return tuple(Point(at=at, met=met, needed=needed) for at, met, needed in found)


def test_line_from_left_to_right() -> None:
    """The oldest run stands left, the newest right, all at the top and nothing at the bottom, whatever their order."""
    text = chart(
        [
            Series(
                name="aks",
                points=points(("2026-03-01", 4, 4), ("2026-01-01", 0, 4), ("2026-01-30T12:00:00Z", 2, 4)),
            )
        ]
    )
    ((line,),) = [re.findall(r'polyline points="([^"]*)"', text)]
    assert line == "4,40 240,22 476,4"
    assert "2026-01-01 to 2026-03-01" in text
    assert "+100" in text


def test_what_was_not_judged_breaks_the_line() -> None:
    """A run that could not tell is a gap, not a fall to nothing."""
    found = points(
        ("2026-01-01", 1, 2),
        ("2026-01-02", 1, 2),
        ("2026-01-03", 0, 0),
        ("2026-01-04", 1, 2),
        ("2026-01-05", 1, 2),
    )
    text = chart([Series(name="aks", points=found)])
    assert text.count("<polyline") == 2
    assert text.count("<circle") == 4
    assert "not judged" in chart([Series(name="aks", points=points(("2026-01-01", 0, 0)))])


@pytest.mark.parametrize(
    ("met", "needed", "shown"), [(999, 1000, "99 %"), (1, 1000, "1 %"), (4, 4, "100 %"), (0, 4, "0 %")]
)
def test_almost_is_not_all(met: int, needed: int, shown: str) -> None:
    """Rounding makes neither all of almost all nor nothing of a little."""
    assert f'<td class="number">{shown}</td>' in chart(
        [Series(name="aks", points=points(("2026-01-01", met, needed)))]
    )


def test_names_are_text() -> None:
    """A name cannot leave its place, neither as text nor in an attribute."""
    text = chart([Series(name='"><script>alert(1)</script>\u202e', points=points(("2026-01-01", 1, 2)))])
    assert "<script" not in text
    assert "\u202e" not in text


def test_no_runs() -> None:
    """Without a run it says so."""
    assert "No stored runs" in chart([])
    with pytest.raises(ValueError, match="yesterday"):
        chart([Series(name="aks", points=points(("yesterday", 1, 2)))])
