"""Lists that may not show everything: those of a subscription on which the caller has no role (ARM-23)."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.collectors.azure.kinds import PERMISSIONS, SUBSCRIPTION_LISTS
from auditor.collectors.azure.permissions import Grant, grants_of, may
from auditor.collectors.azure.planned import action_id
from auditor.collectors.folder_writer import FolderWriter


def granted(writer: FolderWriter, scope: str) -> tuple[Grant, ...] | None:
    """What the caller may do at a scope, None where that could not be asked."""
    row = writer.row(scope, PERMISSIONS)
    body = (
        writer.document(action_id(scope, PERMISSIONS))
        if row is not None and row.status == "complete"
        else None
    )
    if body is None:
        return None
    properties = body.get("properties")
    value = properties.get("value") if isinstance(properties, dict) else None
    return grants_of(value) if isinstance(value, list) else None


def why_unknown(writer: FolderWriter, scope: str) -> str:
    """Why it is not known what the caller may do at a scope, where `granted` gives None."""
    row = writer.row(scope, PERMISSIONS)
    return f"permissions: {row.error if row is not None and row.error else 'the answer is not understood'}"


def doubt_lists(writer: FolderWriter, subscriptions: Sequence[str]) -> None:
    """Call lists `partial` that answered although it is not known that they show everything (ARM-23).

    Those are the lists whose reading is not granted on the subscription itself and, where the permissions could not
    be asked, all of them: any of them may be what an absence rests on, that of clusters first. References are
    followed singly all the same; but what such a list does not show may still exist.
    """
    for subscription in subscriptions:
        scope = f"/subscriptions/{subscription.lower()}"
        grants = granted(writer, scope)
        for kind in SUBSCRIPTION_LISTS:
            row = writer.row(scope, kind)
            if row is None or row.status != "complete":
                continue
            if grants is None:
                why = f"whether the list shows everything is not known: {why_unknown(writer, scope)} (ARM-23)"
                writer.amend(scope, kind, "partial", why)
            elif not may(grants, f"{kind}/read"):
                writer.amend(
                    scope,
                    kind,
                    "partial",
                    f"{kind}/read is not granted on {scope}: the list may hold only what lies in some groups (ARM-23)",
                )
