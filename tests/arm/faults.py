"""What goes wrong on demand: which calls, from which one on, how often, and how."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.arm.estate import Estate

Break = Literal["before", "middle"]


@dataclass
class Reply:
    """What the server is about to send."""

    status: int
    value: Any = None
    """JSON, unless `data` is set."""
    headers: dict[str, str] = field(default_factory=dict)
    data: bytes | None = None
    delay: float = 0.0
    cut: Break | None = None

    @property
    def body(self) -> bytes:
        """The bytes of the body."""
        if self.data is not None:
            return self.data
        return b"" if self.value is None else json.dumps(self.value).encode()


Effect = Callable[[Reply], None]


def error(status: int, code: str, message: str, **headers: str) -> Reply:
    """An error as Resource Manager words it."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, {"error": {"code": code, "message": message}}, names)


def refuses(status: int, code: str = "", message: str = "", **headers: str) -> Effect:
    """Answers with an error; underscores in header names stand for hyphens."""

    def effect(reply: Reply) -> None:
        told = error(status, code or f"Error{status}", message or "told to fail", **headers)
        reply.status, reply.value, reply.data, reply.headers = told.status, told.value, None, told.headers

    return effect


def throttles(retry_after: str = "7") -> Effect:
    """429 with a Retry-After in seconds (ARM-27)."""
    return refuses(429, "TooManyRequests", "The request is being throttled.", Retry_After=retry_after)


def waits(seconds: float) -> Effect:
    """Answers, but late."""

    def effect(reply: Reply) -> None:
        reply.delay += seconds

    return effect


def cuts(where: Break = "before") -> Effect:
    """Closes the connection instead of answering, or in the middle of the body (its length promised more)."""

    def effect(reply: Reply) -> None:
        reply.cut = where

    return effect


def sends(data: bytes, **headers: str) -> Effect:
    """Answers 200 with a body of its own, such as half of a JSON value."""

    def effect(reply: Reply) -> None:
        reply.status, reply.data = 200, data
        reply.headers.update({name.replace("_", "-"): value for name, value in headers.items()})

    return effect


def edits(edit: Callable[[Any], Any]) -> Effect:
    """Puts another JSON value in the place of the answer's."""

    def effect(reply: Reply) -> None:
        if reply.status < 300:
            reply.value = edit(reply.value)

    return effect


@dataclass
class Fault:
    """One thing that goes wrong."""

    effect: Effect | None = None
    where: str = ""
    """A regular expression, searched in `GET /subscriptions/...?query` in lower case."""
    kind: str = ""
    """Or a kind in lower case, which must be the call's own."""
    page: int | None = None
    """Only this page of a list; the first is 1."""
    first: int = 1
    """The first matching call that it hits."""
    times: int | None = None
    """How many calls it hits from there; None stands for all."""
    before: Callable[[Estate], None] | None = None
    """Changes the estate before the call is answered."""
    seen: int = 0
    hit: int = 0

    def is_for(self, line: str, kind: str, page: int) -> bool:
        """Whether a call is meant, whatever its number."""
        return (
            (not self.where or re.search(self.where, line) is not None)
            and (not self.kind or self.kind == kind)
            and (self.page is None or self.page == page)
        )


class Faults:
    """The faults of one server; safe to change while it runs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, effect: Effect | None = None, **when: Any) -> Fault:
        """A fault that holds from now on; see Fault for `when`."""
        fault = Fault(effect, **when)
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Let nothing go wrong any more."""
        with self._lock:
            self._faults.clear()

    def due(self, line: str, kind: str, page: int) -> list[Fault]:
        """The faults that hit this call, in the order in which they were added."""
        found = []
        with self._lock:
            for fault in self._faults:
                if fault.is_for(line, kind, page):
                    fault.seen += 1
                    if fault.seen >= fault.first and (fault.times is None or fault.hit < fault.times):
                        fault.hit += 1
                        found.append(fault)
        return found
