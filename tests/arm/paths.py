"""What a path of Resource Manager means: whose list, which resource, which action."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """A path taken apart, everything in lower case: the service compares without case (ARM-3)."""

    path: str
    scope: str
    """What the last `providers` hangs on: a subscription, a group, a resource, or nothing (the tenant)."""
    kind: str
    """`microsoft.network/virtualnetworks/subnets`; empty outside providers."""
    names: tuple[str, ...]
    """The names between the types: as many as types for a resource, one less for a list or an action."""
    written: str = ""
    """The path as it was written, for messages."""

    @property
    def written_kind(self) -> str:
        """The kind as the path writes it."""
        parts = self.written.split("/")[len(self.scope.split("/")) + 1 :]
        return "/".join([parts[0], *parts[1::2]])

    @property
    def is_resource(self) -> bool:
        """Whether the path names one resource, rather than a list or an action."""
        return bool(self.kind) and len(self.names) == self.kind.count("/")

    @property
    def parent(self) -> str:
        """The path that a child list or an action hangs on."""
        return self.path.rpartition("/")[0]

    @property
    def last(self) -> str:
        """The last segment."""
        return self.path.rpartition("/")[2]

    @property
    def subscription(self) -> str:
        """The id of the subscription, or nothing."""
        parts = self.path.split("/")
        return parts[2] if len(parts) > 2 and parts[1] == "subscriptions" else ""

    @property
    def group(self) -> str:
        """The name of the resource group, or nothing."""
        parts = self.path.split("/")
        return parts[4] if len(parts) > 4 and parts[3] == "resourcegroups" else ""


def target_of(path: str) -> Target:
    """A path taken apart; features keep the provider that they are filed under in front."""
    written = "/" + path.strip("/")
    lowered = written.lower()
    parts = lowered.split("/")
    if "providers" not in parts:
        return Target(lowered, lowered, "", (), written)
    start = len(parts) - 1 - parts[::-1].index("providers")
    if parts[start - 2 : start] == ["providers", "microsoft.features"]:
        start -= 2
    rest = parts[start + 1 :]
    kind = "/".join([rest[0], *rest[1::2]]) if len(rest) > 1 else ""
    return Target(lowered, "/".join(parts[:start]), kind, tuple(rest[2::2]), written)
