"""The way in: a connection for what the user asked for, and the subscriptions that it may read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from auditor.collectors.azure.cloud import Cloud
from auditor.collectors.azure.connection import Connection
from auditor.collectors.azure.login import credential
from auditor.collectors.azure.pace import Pace


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One subscription that the login may see."""

    id: str
    """The GUID in lower case."""
    name: str
    tenant: str
    state: str
    """`Enabled`, `Warned`, `PastDue`, `Disabled`, `Deleted`, or whatever else the service says."""


def connect(
    cloud: Cloud, auth: str | None = None, tenant: str | None = None, pace: Pace | None = None
) -> Connection:
    """A connection that is signed in; LoginError (an InputError) says what to do where no login works."""
    return Connection(cloud, credential(cloud, auth, tenant), pace)


def subscriptions(
    connection: Connection,
    wanted: Sequence[str] = (),
    *,
    everything: bool = False,
    management_group: str | None = None,
) -> list[Subscription]:
    """The subscriptions to read, sorted by id.

    `wanted` are ids or names (without case); with `everything` all that the login sees and that are enabled; with
    `management_group` those below it, at any depth. Raises InputError naming the value for an unknown or
    ambiguous one, and where the list itself cannot be read.
    """
    raise NotImplementedError
