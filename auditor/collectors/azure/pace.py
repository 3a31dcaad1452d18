"""How fast Azure is read: threads, retries, waits and time limits, all of them settings."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Settings of a connection; tests set a `sleep` and a `clock` of their own, so that waits take no time."""

    threads: int = 16
    """The most reads at one time."""
    retries: int = 5
    """How often a request is sent again after 408, 429, 5xx, a cut connection or a broken body (ARM-30)."""
    base_delay: float = 0.8
    """Seconds; the wait doubles with each retry and is shortened by up to half by chance."""
    longest_delay: float = 60.0
    """Seconds; the most that one retry waits when the service names no time."""
    longest_wait: float = 600.0
    """Seconds; where Retry-After names more, the read fails rather than hangs (ARM-27)."""
    longest_operation: float = 600.0
    """Seconds that an operation which answered 202 may take (ARM-14)."""
    connect_timeout: float = 20.0
    """Seconds to reach the service."""
    read_timeout: float = 60.0
    """Seconds of silence after which a response counts as lost."""
    longest_answer: float = 300.0
    """Seconds that one response's body may take to arrive."""
    most_bytes: int = 64 * 1024 * 1024
    """A larger response is given up."""
    most_pages: int = 100_000
    """A list of more pages is given up as `partial`."""
    sleep: Callable[[float], None] | None = None
    """Waits so many seconds; None stands for a wait that `Connection.stop` ends."""
    clock: Callable[[], float] = time.monotonic
    """Seconds, never going back."""
    jitter: Callable[[], float] = random.random
    """A number from 0 to 1 by chance."""
