"""What tests against the server share: the server itself, a way to sign in to it, and waits that take no time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from auditor.collectors.azure.cloud import cloud_named
from auditor.collectors.azure.connect import connect
from auditor.collectors.azure.connection import Connection
from auditor.collectors.azure.pace import Pace
from auditor.resources import examples
from tests.arm.estate import Estate
from tests.arm.server import ArmServer


class FakeTime:
    """A clock that only waits move; what was waited is kept."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now = 1000.0
        self.waits: list[float] = []

    def clock(self) -> float:
        """Seconds."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Wait without waiting."""
        with self._lock:
            self.waits.append(seconds)
            self._now += seconds


def quick(time: FakeTime | None = None, **settings: float) -> Pace:
    """A pace whose waits take no time, and whose lost answers are given up soon."""
    waits = time or FakeTime()
    settings = {"connect_timeout": 5.0, "read_timeout": 5.0, "longest_operation": 30.0, **settings}
    return Pace(sleep=waits.sleep, clock=waits.clock, jitter=lambda: 0.5, **settings)  # type: ignore[arg-type]


def estate_of(name: str) -> Estate:
    """A bundled example's documents."""
    return Estate.of_folder(examples() / name)


@contextmanager
def served(estate: Estate | Path) -> Iterator[ArmServer]:
    """A server of an estate, with the variables set that sign in to it."""
    held = estate if isinstance(estate, Estate) else Estate.of_folder(estate)
    with pytest.MonkeyPatch.context() as patch, ArmServer(held) as server:
        for name in ("AZURE_AUTHORITY_HOST", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NETRC"):
            patch.delenv(name, raising=False)
        for name, value in server.environment.items():
            patch.setenv(name, value)
        yield server


def signed_in(server: ArmServer, pace: Pace | None = None) -> Connection:
    """A connection to the server, by the real client-secret login."""
    return connect(cloud_named(str(server.cloud_file)), "environment", None, pace or quick())
