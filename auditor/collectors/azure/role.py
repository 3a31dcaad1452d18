"""The custom role that suffices to read what an audit needs: read actions only, nothing that Reader lacks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

NAME: Final = "Egress Audit Reader"
_WHY: Final = "Reads what egress-audit needs to audit the egress of AKS clusters, and nothing else."
_DEEP: Final = " Asks for effective routes and security rules, too."


def role(actions: Iterable[str], scopes: Sequence[str], *, deep: bool = False) -> dict[str, Any]:
    """The definition of the role, as `az role definition create --role-definition` takes it.

    `actions` in any order and number; `scopes` are the ids where the role may be assigned.
    """
    return {
        "Name": NAME + (" (deep)" if deep else ""),
        "IsCustom": True,
        "Description": _WHY + (_DEEP if deep else ""),
        "Actions": sorted({action.lower(): action for action in actions}.values(), key=str.lower),
        "NotActions": [],
        "DataActions": [],
        "NotDataActions": [],
        "AssignableScopes": list(scopes),
    }
