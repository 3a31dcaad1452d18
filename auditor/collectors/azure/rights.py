"""The rights that reading needs: which action for which kind, and a list that tries it."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.collectors.azure.request import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """One action that reading needs."""

    action: str
    kind: str
    essential: bool
    deep: bool = False
    """Whether only `--deep` needs it."""
    listed: bool = False
    """Whether a subscription or a group has one list of the kind, which can be tried."""

    def request(self, scope: str) -> Request:
        return Request(path=f"{scope}/providers/{self.kind}", paged=True)


def rights(*, deep: bool = False) -> tuple[Right, ...]:
    top = ("Microsoft.ContainerService/managedClusters", "Microsoft.Network/virtualNetworks")
    found = [Right(action=f"{kind}/read", kind=kind, essential=True, listed=True) for kind in top]
    found.append(
        Right(
            action="Microsoft.Network/firewallPolicies/ruleCollectionGroups/read",
            kind="x",
            essential=True,
            listed=False,
        )
    )
    if deep:
        found.append(
            Right(
                action="Microsoft.Network/networkInterfaces/effectiveRouteTable/action",
                kind="x",
                essential=False,
                deep=True,
            )
        )
    return tuple(found)


def providers() -> tuple[str, ...]:
    return ("Microsoft.ContainerService", "Microsoft.Network")
