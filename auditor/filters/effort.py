"""How much a search may cost, counted in steps, so that the same search ends at the same place on any machine."""

from __future__ import annotations


class SpentError(Exception):
    """The effort is spent; what was found so far holds."""


class Effort:
    """A number of steps that are left to spend."""

    def __init__(self, most: int | None = None) -> None:
        """None stands for any number of steps."""
        self._left = most

    def spend(self, steps: int) -> None:
        """Take so many steps; raises SpentError when there are no more."""
        if self._left is not None:
            self._left -= steps
            if self._left < 0:
                raise SpentError
