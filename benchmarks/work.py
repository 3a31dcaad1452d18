"""What a piece of work is: made outside the time that is measured, then run once."""

from __future__ import annotations

from collections.abc import Callable

Work = Callable[[], object]
"""What is timed; the answer is kept until the memory has been looked at."""


def must_hold(answer: bool) -> bool:
    """Figures of a wrong answer are worth nothing."""
    if not answer:
        raise SystemExit("the work came to another answer than it must")
    return answer
