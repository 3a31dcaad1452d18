"""Who may do what: roles at scopes, as Azure adds them up."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

READER = ("*/read",)
EVERYTHING = ("*",)


class Access:
    """Actions granted by scope; a scope's grants hold for all below it."""

    def __init__(self, grants: dict[str, tuple[str, ...]] | None = None) -> None:
        self.grants = (
            {"": READER}
            if grants is None
            else {key.rstrip("/").lower(): value for key, value in grants.items()}
        )

    def may(self, action: str, scope: str) -> bool:
        """Whether the action is granted on the scope or above it."""
        return any(
            fnmatchcase(action.lower(), pattern.lower())
            for holder, patterns in self.grants.items()
            if _holds(holder, scope)
            for pattern in patterns
        )

    def sees(self, scope: str) -> bool:
        """Whether anything at all is granted on the scope, above it or below it."""
        return any(_holds(holder, scope) or _holds(scope, holder) for holder in self.grants)

    def permissions(self, scope: str) -> list[dict[str, Any]]:
        """The answer of `Microsoft.Authorization/permissions` at a scope."""
        return [
            {"actions": list(patterns), "notActions": [], "dataActions": [], "notDataActions": []}
            for holder, patterns in self.grants.items()
            if _holds(holder, scope)
        ]


def _holds(holder: str, scope: str) -> bool:
    return not holder or scope == holder or scope.startswith(holder + "/")
