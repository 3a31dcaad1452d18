"""A connection to Azure Resource Manager: one read in, one answer out, whatever happens on the way."""

from __future__ import annotations

from collections.abc import Mapping

from azure.core.credentials import TokenCredential

from auditor.collectors.azure.cloud import Cloud
from auditor.collectors.azure.pace import Pace
from auditor.collectors.azure.request import Answer, Request


class Connection:
    """Reads through the real SDK clients' pipelines; safe to use from many threads."""

    def __init__(self, cloud: Cloud, credential: TokenCredential, pace: Pace | None = None) -> None:
        self.cloud = cloud
        self.pace = pace or Pace()
        self._credential = credential

    @property
    def calls(self) -> Mapping[str, int]:
        """HTTP requests so far, retries included, by kind (`Microsoft.Network/virtualNetworks`)."""
        raise NotImplementedError

    def read(self, request: Request) -> Answer:
        """The answer to one read. A read that fails is an answer too; nothing is raised for it."""
        raise NotImplementedError

    def stop(self) -> None:
        """End all waits now and answer every read that follows as failed; for Ctrl-C."""
        raise NotImplementedError

    def close(self) -> None:
        """Give the sockets back."""
        raise NotImplementedError
