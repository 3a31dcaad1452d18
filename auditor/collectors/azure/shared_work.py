"""Work that threads share: each takes the next piece as it is free, and more may come while others are at it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from concurrent.futures import Executor
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Final, Generic, TypeVar

_LOOK: Final = 0.5
"""Seconds between two looks for a signal."""
Piece = TypeVar("Piece")
Result = TypeVar("Result")


class SharedWork(Generic[Piece, Result]):
    """Pieces on their way through the threads of a pool; only one thread gives them and takes what came of them."""

    def __init__(self, pool: Executor, threads: int, do: Callable[[Piece], Result]) -> None:
        self._open = 0
        self._pool = pool
        self._threads = threads
        self._do = do
        self._left: SimpleQueue[tuple[Piece] | None] = SimpleQueue()
        self._ended: SimpleQueue[tuple[Piece, Result] | BaseException] = SimpleQueue()
        self._workers = 0
        self._closed = False

    def give(self, pieces: Collection[Piece]) -> None:
        """Have these done, too, after those that were given before."""
        self._open += len(pieces)
        for piece in pieces:
            self._left.put((piece,))
        while self._workers < min(self._threads, self._open):
            self._workers += 1
            self._pool.submit(self._work)

    def take(self) -> tuple[Piece, Result]:
        """Wait for the next piece that ends, and what came of it; raises what doing one raised."""
        found: tuple[Piece, Result] | BaseException | None = None
        while found is None:
            # a signal that reaches another thread, or this one just before it waits, is seen at the next look only
            with suppress(Empty):
                found = self._ended.get(timeout=_LOOK)
        if isinstance(found, BaseException):
            raise found
        self._open -= 1
        return found

    def close(self) -> None:
        """Let the threads go; what none of them has begun is not done any more."""
        self._closed = True
        for _ in range(self._workers):
            self._left.put(None)

    def _work(self) -> None:
        try:
            # all threads take from one queue: handing each piece over by itself costs more
            while (piece := self._left.get()) is not None and not self._closed:
                self._ended.put((piece[0], self._do(piece[0])))
        except BaseException as error:  # noqa: BLE001 - raised again by who waits for the pieces
            self._ended.put(error)
