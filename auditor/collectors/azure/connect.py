"""The way in: a connection for what the user asked for, and the subscriptions that it may read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from auditor.collectors.azure.cloud import Cloud
from auditor.collectors.azure.connection import Connection
from auditor.collectors.azure.login import credential
from auditor.collectors.azure.pace import Pace
from auditor.collectors.azure.request import Request
from auditor.errors import InputError

_SHOWN: Final = 10
"""Subscriptions that a message about an unknown one lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One subscription that the login may see."""

    id: str
    """The GUID in lower case."""
    name: str
    tenant: str
    state: str
    """`Enabled`, `Warned`, `PastDue`, `Disabled`, `Deleted`, or whatever else the service says."""

    @property
    def is_readable(self) -> bool:
        """Whether the service answers reads of it: those that are disabled it still does, deleted ones not."""
        return self.state.lower() != "deleted"


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
    management_groups: Sequence[str] = (),
) -> list[Subscription]:
    """The subscriptions to read, sorted by id, each once.

    `wanted` are ids or names (without case); with `everything` all that the login sees and that are not deleted;
    with `management_groups` those below them, at any depth. Raises InputError naming the value for an unknown or
    ambiguous one, for a group that cannot be read or holds none, and where the list itself cannot be read.
    """
    seen = {item.id: item for item in _listed(connection)}
    chosen = {item.id: item for text in wanted for item in [_found(text, seen.values())]}
    if everything:
        chosen |= {key: item for key, item in seen.items() if item.is_readable}
        if not seen:
            raise InputError(
                "this login sees no subscription; it needs a role (Reader) on one",
                place="--all-subscriptions",
            )
    for group in management_groups:
        chosen |= _below(connection, group, seen)
    return [chosen[key] for key in sorted(chosen)]


def _listed(connection: Connection) -> list[Subscription]:
    answer = connection.read(Request(path="/subscriptions", paged=True))
    if not answer.complete:
        raise InputError(f"the subscriptions cannot be listed: {answer.error}")
    return [item for value in answer.documents if (item := _subscription(value)) is not None]


def _subscription(value: Any) -> Subscription | None:
    """A subscription of the list; None for an entry without an id, which nothing could be read from."""
    if not isinstance(value, dict) or not _text(value, "subscriptionId"):
        return None
    return Subscription(
        id=_text(value, "subscriptionId").lower(),
        name=_text(value, "displayName"),
        tenant=_text(value, "tenantId"),
        state=_text(value, "state") or "Unknown",
    )


def _text(value: dict[str, Any], key: str) -> str:
    text = value.get(key)
    return text if isinstance(text, str) else ""


def _found(text: str, seen: Iterable[Subscription]) -> Subscription:
    """The one subscription that an id or a name means; an id counts before a name."""
    key = text.strip().casefold()
    known = sorted(seen, key=lambda item: item.id)
    by_id = [item for item in known if item.id == key]
    if by_id:
        return by_id[0]
    named = [item for item in known if item.name.casefold() == key]
    if len(named) == 1:
        return named[0]
    if named:
        ids = ", ".join(item.id for item in named)
        raise InputError(
            f"{text!r:.120} names {len(named)} subscriptions; give the id: {ids}", place="--subscription"
        )
    raise InputError(
        f"this login sees no subscription {text!r:.120}, only {_some(known)}; another tenant takes --tenant",
        place="--subscription",
    )


def _some(known: Sequence[Subscription]) -> str:
    """The first subscriptions with their names, for a message."""
    shown = ", ".join(f"{item.id} ({item.name!r:.60})" for item in known[:_SHOWN])
    more = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
    return f"{shown}{more}" if known else "none at all"


def _below(connection: Connection, group: str, seen: dict[str, Subscription]) -> dict[str, Subscription]:
    path = f"/providers/Microsoft.Management/managementGroups/{quote(group, safe='')}/descendants"
    answer = connection.read(Request(path=path, paged=True))
    if not answer.complete:
        raise InputError(
            f"the management group {group!r:.120} cannot be read: {answer.error}", place="--management-group"
        )
    found: dict[str, Subscription] = {}
    for value in answer.documents:
        if not isinstance(value, dict) or not _text(value, "type").lower().endswith("/subscriptions"):
            continue
        key = (_text(value, "name") or _text(value, "id").rpartition("/")[2]).lower()
        found[key] = seen.get(key) or Subscription(id=key, name=key, tenant="", state="Unknown")
    if not found:
        raise InputError(
            f"the management group {group!r:.120} holds no subscription", place="--management-group"
        )
    return found
