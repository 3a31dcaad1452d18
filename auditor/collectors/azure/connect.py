"""The way in: a connection for what the user asked for, and the subscriptions that it may read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from auditor.collectors.azure.cloud import Cloud
from auditor.collectors.azure.connection import Connection
from auditor.collectors.azure.login import credential
from auditor.collectors.azure.pace import Pace
from auditor.collectors.azure.request import Request
from auditor.errors import InputError

_GUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
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
    with `management_groups` those below them, at any depth. An id that the login does not see counts beside others:
    what is read of it is denied, and the others are answered. Raises InputError naming the value for an unknown or
    ambiguous name, where none of the ids is seen, for a group that cannot be read or holds none, and where a list
    itself cannot be read, or not all of it.
    """
    seen = {item.id: item for item in _listed(connection, whole=everything)}
    chosen = _chosen(wanted, seen)
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


def _listed(connection: Connection, *, whole: bool) -> list[Subscription]:
    """The subscriptions that the login sees; with `whole`, an entry that is not understood is an error.

    It stands for a subscription that would be left out in silence; nobody could name it either.
    """
    answer = connection.read(Request(path="/subscriptions", paged=True))
    if not answer.complete:
        raise InputError(f"the subscriptions cannot be listed: {answer.error}")
    found = [_subscription(value) for value in answer.documents]
    if whole and None in found:
        raise InputError(
            f"the subscriptions cannot be listed: entry {found.index(None) + 1} is not understood"
        )
    return [item for item in found if item is not None]


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


def _chosen(wanted: Sequence[str], seen: Mapping[str, Subscription]) -> dict[str, Subscription]:
    """The subscriptions that were named, by id."""
    found = {text: _found(text, seen.values()) for text in wanted}
    others = any(item is not None for item in found.values())
    chosen: dict[str, Subscription] = {}
    for text, item in found.items():
        key = text.strip().lower()
        if item is None and not (others and _GUID.fullmatch(key)):
            raise InputError(
                f"this login sees no subscription {text!r:.120}, only {_some(_by_id(seen.values()))}; "
                "another tenant takes --tenant",
                place="--subscription",
            )
        one = item or _unseen(key)
        chosen[one.id] = one
    return chosen


def _unseen(key: str) -> Subscription:
    """A subscription of which nothing is known but its id."""
    return Subscription(id=key, name=key, tenant="", state="Unknown")


def _by_id(seen: Iterable[Subscription]) -> list[Subscription]:
    return sorted(seen, key=lambda item: item.id)


def _found(text: str, seen: Iterable[Subscription]) -> Subscription | None:
    """The one subscription that an id or a name means, None if it is not seen; an id counts before a name."""
    key = text.strip().casefold()
    known = _by_id(seen)
    by_id = [item for item in known if item.id == key]
    if by_id:
        return by_id[0]
    named = [item for item in known if item.name.casefold() == key]
    if len(named) > 1:
        ids = ", ".join(item.id for item in named)
        raise InputError(
            f"{text!r:.120} names {len(named)} subscriptions; give the id: {ids}", place="--subscription"
        )
    return named[0] if named else None


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
        kind = _text(value, "type").lower() if isinstance(value, dict) else ""
        key = (_text(value, "name") or _text(value, "id").rpartition("/")[2]).lower() if kind else ""
        if not key:
            raise InputError(
                f"the management group {group!r:.120} cannot be read: an entry is not understood",
                place="--management-group",
            )
        if not kind.endswith("/subscriptions"):
            continue
        found[key] = seen.get(key) or _unseen(key)
    if not found:
        raise InputError(
            f"the management group {group!r:.120} holds no subscription", place="--management-group"
        )
    return found
