"""Waits of a connection, and how they are ended early."""

from __future__ import annotations

import threading

from auditor.collectors.azure.pace import Pace


class GivenUpError(Exception):
    """A call that no retry could help; the message is one line and says why. Not an AzureError: those are retried."""


class Waiting:
    """Waits that end early when the connection is stopped."""

    def __init__(self, pace: Pace) -> None:
        self._sleep = pace.sleep
        self._stopped = threading.Event()

    def stop(self) -> None:
        """End all waits, now and later."""
        self._stopped.set()

    def check(self) -> None:
        """Raise GivenUpError once stopped."""
        if self._stopped.is_set():
            raise GivenUpError("stopped before it was read")

    def wait(self, seconds: float) -> None:
        """Wait; raises GivenUpError when stopped meanwhile."""
        self.check()
        if self._sleep is None:
            self._stopped.wait(seconds)
        else:
            self._sleep(seconds)
        self.check()
