"""Azure Resource Manager ids, which mix case freely and must be compared without it (ARM-3)."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, eq=False)
class ResourceId:
    """One ARM id. Two ids are equal when they differ in case or a trailing slash only (ARM-3)."""

    text: str
    """The id as the service wrote it; this is what reports print."""
    key: str = field(init=False)
    """The id in lower case without a trailing slash; joins and fingerprints use it."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", self.text.strip().rstrip("/").lower())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ResourceId) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __lt__(self, other: ResourceId) -> bool:
        return self.key < other.key

    def __str__(self) -> str:
        return self.text

    @property
    def _segments(self) -> list[str]:
        return self.text.strip().strip("/").split("/")

    @property
    def name(self) -> str:
        """The last segment: the resource's own name."""
        return self._segments[-1]

    @property
    def subscription(self) -> str | None:
        """The subscription's GUID in lower case, or None for an id outside subscriptions."""
        parts = self.key.strip("/").split("/")
        return parts[1] if len(parts) > 1 and parts[0] == "subscriptions" else None

    @property
    def group(self) -> str | None:
        """The resource group's name in lower case, or None."""
        parts = self.key.strip("/").split("/")
        return parts[3] if len(parts) > 3 and parts[2] == "resourcegroups" else None

    @property
    def kind(self) -> str:
        """The resource type in lower case, such as `microsoft.network/virtualnetworks/subnets`."""
        parts = self.key.strip("/").split("/")
        if "providers" not in parts:
            return "/".join(parts[::2])
        start = len(parts) - 1 - parts[::-1].index("providers")
        tail = parts[start + 1 :]
        return "/".join([tail[0], *tail[1::2]]) if tail else ""

    @property
    def parent(self) -> ResourceId | None:
        """The id of the resource that this one is a child of, or None for a top-level resource."""
        segments = self._segments
        lowered = [segment.lower() for segment in segments]
        if "providers" not in lowered:
            return None
        start = len(lowered) - 1 - lowered[::-1].index("providers")
        if len(segments) - start <= 4:
            return None
        return ResourceId("/" + "/".join(segments[:-2]))

    def is_under(self, other: ResourceId) -> bool:
        """Whether this id lies below `other` (a parent resource, a group or a subscription)."""
        return self.key.startswith(other.key + "/")
