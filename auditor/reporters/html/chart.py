"""Compliance over time as a drawing: one small chart for each cluster, all on one scale of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from markupsafe import Markup

from auditor.reporters.html.shell import environment
from auditor.reporters.terminal_text import safe_name

_WIDTH, _HEIGHT = 480, 44
_MARGIN = 4
"""Room around the line for its dots."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """What one run found."""

    at: str
    """When, ISO 8601 (without a zone: UTC), such as `2026-11-20T08:15:00Z`."""
    met: int
    """How many of the needed endpoints get out, or of whatever else is counted."""
    needed: int
    """Of how many; 0 when the run could not tell, which leaves a gap in the line."""

    @property
    def share(self) -> float | None:
        """`met` of `needed` as a number from 0 to 1; None when there was nothing to judge."""
        return min(max(self.met / self.needed, 0.0), 1.0) if self.needed > 0 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The runs of one cluster, in any order."""

    name: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class _Dot:
    x: float
    y: float
    day: str
    text: str


@dataclass(frozen=True, slots=True)
class _Row:
    """One drawn series."""

    name: str
    lines: tuple[str, ...]
    """The `points` of each unbroken stretch."""
    dots: tuple[_Dot, ...]
    now: str
    change: str
    better: bool | None
    """Whether the last point is better than the first; None when it is the same."""
    spoken: str


def chart(series: Sequence[Series], *, caption: str = "Needed endpoints that get out") -> Markup:
    """A figure of inline SVG, one line of it for each series in the order given; no script, no style of its own.

    The scale goes from 0 to 100 percent. Raises ValueError for a time that is not ISO 8601.
    """
    times = [_time(point.at) for one in series for point in one.points]
    span = (min(times), max(times)) if times else (0.0, 0.0)
    text = (
        environment()
        .get_template("chart.html.j2")
        .render(
            caption=caption,
            rows=[_row(one, span) for one in series],
            first=_day(span[0]) if times else "",
            last=_day(span[1]) if times else "",
            width=_WIDTH,
            height=_HEIGHT,
            top=_MARGIN,
            bottom=_HEIGHT - _MARGIN,
        )
    )
    return Markup(text)  # noqa: S704 - made by a template that escapes


def _row(series: Series, span: tuple[float, float]) -> _Row:
    name = safe_name(series.name)
    lines: list[list[_Dot]] = [[]]
    for point in sorted(series.points, key=lambda one: _time(one.at)):
        share = point.share
        if share is None:
            lines.append([])
        else:
            text = f"{point.met} of {point.needed} ({_percent(share)})"
            lines[-1].append(_Dot(_x(_time(point.at), span), _y(share), _day(_time(point.at)), text))
    dots = tuple(dot for line in lines for dot in line)
    shares = [point.share for point in sorted(series.points, key=lambda one: _time(one.at))]
    known = [share for share in shares if share is not None]
    change = round(100 * known[-1]) - round(100 * known[0]) if known else 0
    return _Row(
        name=name,
        lines=tuple(" ".join(f"{dot.x:g},{dot.y:g}" for dot in line) for line in lines if len(line) > 1),
        dots=dots,
        now=_percent(known[-1]) if known else "not judged",
        change=f"{change:+d}" if change else "",
        better=change > 0 if change else None,
        spoken=f"{name}: {dots[0].text} on {dots[0].day}, {dots[-1].text} on {dots[-1].day}"
        if dots
        else f"{name}: not judged",
    )


def _x(time: float, span: tuple[float, float]) -> float:
    """From left to right; a single time stands at the right, where the newest is."""
    whole = span[1] - span[0]
    part = (time - span[0]) / whole if whole else 1.0
    return round(_MARGIN + part * (_WIDTH - 2 * _MARGIN), 1)


def _y(share: float) -> float:
    return round(_HEIGHT - _MARGIN - share * (_HEIGHT - 2 * _MARGIN), 1)


def _percent(share: float) -> str:
    """Rounded, but what is not all never reads as all, nor what is something as nothing."""
    rounded = round(100 * share)
    return f"{rounded if share in {0.0, 1.0} else min(max(rounded, 1), 99)} %"


def _time(text: str) -> float:
    time = datetime.fromisoformat(text)
    return (time if time.tzinfo is not None else time.replace(tzinfo=UTC)).timestamp()


def _day(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).date().isoformat()
