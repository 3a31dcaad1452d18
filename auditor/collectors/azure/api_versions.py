"""Which api-version each kind is read with: the newest that this tool knows (ARM-1), in one table."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

VERSIONS: Final = {
    "microsoft.network": "2026-03-01",
    "microsoft.network/privatednszones": "2024-06-01",
    "microsoft.compute": "2026-04-01",
    # Scale sets' network interfaces exist in this version only (ARM-12).
    "microsoft.compute/virtualmachinescalesets/networkinterfaces": "2018-10-01",
    "microsoft.compute/virtualmachinescalesets/virtualmachines/networkinterfaces": "2018-10-01",
    "microsoft.containerservice": "2026-08-01",
    "microsoft.kubernetesconfiguration": "2024-11-01",
    "microsoft.resourcegraph": "2024-04-01",
    "microsoft.authorization": "2022-04-01",
    "microsoft.features": "2021-07-01",
    "microsoft.management": "2023-04-01",
}
"""By provider or type, lower case; the longest entry that a kind begins with counts."""

GENERAL: Final = "2022-12-01"
"""For what Resource Manager itself answers: subscriptions, resource groups, providers."""


def api_version_of(kind: str) -> str:
    """The api-version for a kind, whatever its case."""
    parts = kind.lower().split("/")
    for length in range(len(parts), 0, -1):
        version = VERSIONS.get("/".join(parts[:length]))
        if version is not None:
            return version
    return GENERAL


@lru_cache(maxsize=1 << 10)  # a call asks for its kind several times
def kind_of_path(path: str) -> str:
    """The type that a path reads, as it spells it; a list, a resource and an action of it differ only in what follows.

    `/subscriptions/S/providers/Microsoft.Network/virtualNetworks` and `.../virtualNetworks/V` are both of
    `Microsoft.Network/virtualNetworks`; `.../networkInterfaces/N/effectiveRouteTable` has the action behind the type.
    A provider read for itself (`/subscriptions/S/providers/Microsoft.Network`) is of kind `providers`.
    """
    segments = path.strip("/").split("/")
    lowered = [segment.lower() for segment in segments]
    if "providers" not in lowered:
        return "/".join(segments[::2])
    start = len(lowered) - 1 - lowered[::-1].index("providers")
    if start >= 2 and lowered[start - 2 : start] == ["providers", "microsoft.features"]:
        start -= 2  # features are filed under a provider of their own, below the one that they belong to
    if len(segments) - start <= 2:
        return "providers"
    return "/".join([segments[start + 1], *segments[start + 2 :: 2]])
