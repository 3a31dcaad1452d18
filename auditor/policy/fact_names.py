"""The names of the facts about a cluster that a condition of a baseline edition may read.

A fact is a normalised value that code takes from what was collected; null means that it was not read. A
dotted name is a path into the facts document: `addons.azurePolicy` is `{"addons": {"azurePolicy": ...}}`.
"""

from __future__ import annotations

from typing import Final

TEXT_FACTS: Final = frozenset({"cloud", "location"})
"""Facts that are lower-case words; all others are true or false."""

SETTING_FACTS: Final = frozenset({"konnectivity", "podsUseApiServerAddress"})
"""Facts that no Azure document shows; the user's settings give them, where "unknown" counts as not read."""

KNOWN_FACTS: Final = (
    TEXT_FACTS
    | SETTING_FACTS
    | {
        "addons.azurePolicy",
        "addons.containerInsights",
        "addons.keyVaultCsi",
        "apiServerVnetIntegration",
        "costAnalysis",
        "customDns",
        "defender",
        "extensions",
        "extensionsMarketplace",
        "featureLockingDownEgress",
        "gpu",
        "isolated",
        "linux",
        "monitor.appInsights",
        "monitor.prometheus",
        "nodesBefore202103",
        "privateCluster",
        "providerRegistered",
        "ubuntuNodes",
        "windows",
        "workloadIdentity",
    }
)
"""Every fact that exists."""
