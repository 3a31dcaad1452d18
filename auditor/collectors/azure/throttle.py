"""Resource Manager's token buckets as they tell their own level (ARM-26..29), so that 429s stay rare."""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from auditor.collectors.azure.pace import Pace


@dataclass(frozen=True, slots=True)
class _Limit:
    """One documented bucket; its level is only ever believed from the service."""

    header: str
    method: str
    refill: float
    """Tokens a second (ARM-26)."""


_LIMITS: Final = (
    _Limit("x-ms-ratelimit-remaining-subscription-reads", "GET", 25.0),
    _Limit("x-ms-ratelimit-remaining-subscription-global-reads", "GET", 375.0),
    _Limit("x-ms-ratelimit-remaining-tenant-reads", "GET", 25.0),
    _Limit("x-ms-ratelimit-remaining-subscription-writes", "POST", 10.0),
    _Limit("x-ms-ratelimit-remaining-subscription-global-writes", "POST", 150.0),
    _Limit("x-ms-ratelimit-remaining-tenant-writes", "POST", 10.0),
)
_RESERVE: Final = 10.0
"""Tokens that are left to whoever else reads with the same login."""
_HAIR: Final = 1e-6
"""A token that lacks less is there: time is counted in floating point."""
_SUSTAINED: Final = {"microsoft.containerservice": 1.0}
"""Calls a second that a provider grants for long, once it has answered 429 (ARM-29); no header tells its level."""
_QUOTA: Final = "x-ms-user-quota-remaining"
_QUOTA_RESET: Final = "x-ms-user-quota-resets-after"
_RESET: Final = re.compile(r"(\d{1,3}):(\d{2}):(\d{2})")


@dataclass(frozen=True, slots=True)
class Lane:
    """What shares a bucket: calls of one method to one provider of one subscription."""

    subscription: str
    """Empty for what lies outside subscriptions."""
    provider: str
    method: str


class _Bucket:
    """Tokens that refill with time; a call takes one as it is sent."""

    def __init__(self, refill: float, most: float) -> None:
        self._refill = refill
        self._most = most
        self._level = most
        self._at: float | None = None

    def set(self, level: float, now: float) -> None:
        self._level, self._at = min(level, self._most), now

    def take(self, now: float, reserve: float) -> float:
        """Take a token and answer 0, or answer the seconds until there is one."""
        if self._at is not None:
            self._level = min(self._most, self._level + max(0.0, now - self._at) * self._refill)
        self._at = now
        lacking = 1.0 + reserve - self._level
        if lacking > _HAIR:
            return lacking / self._refill
        self._level -= 1.0
        return 0.0


class Throttle:
    """Says how long a call has to wait, from what the service said before; safe to use from many threads.

    Nothing is held back until the service has told the level of a bucket or answered 429: a cloud without limits is
    read at full speed, and limits that have changed since they were documented do no harm.
    """

    def __init__(self, pace: Pace) -> None:
        self._clock = pace.clock
        self._lock = threading.Lock()
        self._buckets: dict[tuple[str, str], _Bucket] = {}
        self._held: dict[Lane, float] = {}
        self._open: dict[tuple[str, str], int] = {}

    def delay(self, lane: Lane) -> float:
        """Seconds to wait before the next call of a lane; 0 means that its token is taken: send it now."""
        with self._lock:
            now = self._clock()
            held = self._held.get(lane, now) - now
            if held > 0:
                return held
            for bucket, reserve in self._buckets_of(lane):
                wait = bucket.take(now, reserve)
                if wait > 0:
                    return wait
            side = (lane.subscription, lane.method)
            self._open[side] = self._open.get(side, 0) + 1
            return 0.0

    def done(self, lane: Lane, headers: Mapping[str, str]) -> None:
        """Note what a response says about its buckets; without a response, `headers` is empty."""
        with self._lock:
            now = self._clock()
            side = (lane.subscription, lane.method)
            self._open[side] = max(0, self._open.get(side, 0) - 1)
            for limit in _LIMITS:
                left = _number(headers.get(limit.header))
                if left is not None and limit.method == lane.method:
                    key = (limit.header, lane.subscription)
                    bucket = self._buckets.setdefault(key, _Bucket(limit.refill, math.inf))
                    bucket.set(left - self._open[side], now)
            if headers.get(_QUOTA, "").strip() == "0":
                self._hold(lane, _seconds(headers.get(_QUOTA_RESET, "")), now)

    def refused(self, lane: Lane, wait: float | None) -> None:
        """Hold a lane back after a 429 or 503: an earlier call would renew the wait (ARM-27)."""
        with self._lock:
            now = self._clock()
            if wait is not None:
                self._hold(lane, wait, now)
            rate = _SUSTAINED.get(lane.provider)
            if rate is not None:
                key = (lane.provider, lane.subscription)
                self._buckets.setdefault(key, _Bucket(rate, 60.0)).set(1.0, now + (wait or 0.0))

    def _hold(self, lane: Lane, wait: float, now: float) -> None:
        self._held[lane] = max(self._held.get(lane, now), now + wait)

    def _buckets_of(self, lane: Lane) -> list[tuple[_Bucket, float]]:
        found = [
            (self._buckets.get((limit.header, lane.subscription)), _RESERVE)
            for limit in _LIMITS
            if limit.method == lane.method
        ]
        found.append((self._buckets.get((lane.provider, lane.subscription)), 0.0))
        return [(bucket, reserve) for bucket, reserve in found if bucket is not None]


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text is not None else None
    except ValueError:
        return None
    return value if value is not None and math.isfinite(value) and value >= 0 else None


def _seconds(text: str) -> float:
    """`hh:mm:ss` (ARM-33); an unreadable one counts as the quota's window of 5 seconds."""
    match = _RESET.fullmatch(text.strip())
    if match is None:
        return 5.0
    hours, minutes, seconds = (int(part) for part in match.groups())
    return min(hours * 3600.0 + minutes * 60.0 + seconds, 3600.0)
