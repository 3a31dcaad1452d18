"""A memory for answers that are asked for again soon or never, bounded by how much they hold."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")

_MOST = 100_000
"""Parts that are kept: answers at Azure's limits hold ten thousand each, and ordinary ones a few dozen."""


class Recent(Generic[T]):
    """The last values by key; what falls out is made again when it is asked for."""

    def __init__(self, weight: Callable[[T], int]) -> None:
        """`weight` tells how many parts a value holds."""
        self._weight = weight
        self._values: dict[Hashable, T] = {}
        self._held = 0

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value of a key, made now unless it is kept."""
        if key not in self._values:
            made = make()
            self._held += self._weight(made) + 1
            while self._held > _MOST and self._values:
                oldest = self._values.pop(next(iter(self._values)))
                self._held -= self._weight(oldest) + 1
            self._values[key] = made
        return self._values[key]
