"""Which reads are essential: one that fails makes an audit incomplete (design: snapshot)."""

from __future__ import annotations

from typing import Final

COLLECTION: Final = "egress-audit/collection"
"""The kind of the row that a manifest has while its collection is not finished."""

ESSENTIAL: Final = frozenset(
    {
        COLLECTION,
        "microsoft.containerservice/managedclusters",
        "microsoft.containerservice/managedclusters/agentpools",
        "microsoft.network/virtualnetworks",
        "microsoft.network/virtualnetworks/subnets",
        "microsoft.network/virtualnetworks/virtualnetworkpeerings",
        "microsoft.network/networksecuritygroups",
        "microsoft.network/routetables",
        "microsoft.network/azurefirewalls",
        "microsoft.network/firewallpolicies",
        "microsoft.network/firewallpolicies/rulecollectiongroups",
        "microsoft.network/ipgroups",
        "microsoft.network/natgateways",
        "microsoft.network/loadbalancers",
        "microsoft.network/publicipaddresses",
        "microsoft.network/publicipprefixes",
        "microsoft.compute/virtualmachinescalesets",
        "microsoft.compute/virtualmachinescalesets/networkinterfaces",
        "microsoft.network/networkinterfaces",
        "microsoft.network/virtualhubs",
        "microsoft.network/virtualhubs/hubvirtualnetworkconnections",
        "microsoft.network/virtualhubs/hubroutetables",
        "microsoft.network/virtualhubs/routingintent",
        "microsoft.network/virtualnetworkgateways",
    }
)
"""In lower case; every other kind is supplementary."""


def is_essential(kind: str) -> bool:
    """Whether a failed read of this kind, whatever its case, makes an audit incomplete."""
    return kind.lower() in ESSENTIAL
