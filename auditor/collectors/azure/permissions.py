"""What a caller may do at a scope, as Azure itself says: actions granted, less the actions taken back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from auditor.collectors.azure.request import Request


@dataclass(frozen=True, slots=True)
class Grant:
    """What one role assignment gives: its `actions`, less its own `notActions`; `*` stands for any text."""

    actions: tuple[str, ...]
    not_actions: tuple[str, ...] = ()

    def covers(self, action: str) -> bool:
        """Whether this assignment alone admits the action."""
        return _any(self.actions, action) and not _any(self.not_actions, action)


def permissions_request(scope: str) -> Request:
    """The question what the caller may do at a scope (a subscription or a resource group)."""
    return Request(path=f"{scope.rstrip('/')}/providers/Microsoft.Authorization/permissions", paged=True)


def grants_of(documents: Iterable[Any]) -> tuple[Grant, ...]:
    """The grants in an answer of `Microsoft.Authorization/permissions`.

    An entry that is not understood grants nothing: what it would take back could not be told.
    """
    found: list[Grant] = []
    for document in documents:
        if isinstance(document, dict):
            actions, not_actions = _texts(document.get("actions")), _texts(document.get("notActions"))
            if actions is not None and not_actions is not None:
                found.append(Grant(actions, not_actions))
    return tuple(found)


def may(grants: Iterable[Grant], action: str) -> bool:
    """Whether any grant admits the action: roles add up, and what one takes back another may still give."""
    return any(grant.covers(action) for grant in grants)


def _texts(value: Any) -> tuple[str, ...] | None:
    if value is None:
        return ()
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    return None


def _any(patterns: Sequence[str], action: str) -> bool:
    return any(_matches(pattern.lower(), action.lower()) for pattern in patterns)


def _matches(pattern: str, action: str) -> bool:
    """Whether the pattern admits the action; taking each part at its first place suffices, and is never slow."""
    first, *rest = pattern.split("*")
    if not rest:
        return pattern == action
    *middle, last = rest
    at, end = len(first), len(action) - len(last)
    if at > end or not action.startswith(first) or not action.endswith(last):
        return False
    for part in middle:
        found = action.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True
