"""Which parts of a cluster add needs: add-ons and profiles that are switched on."""

from __future__ import annotations

from auditor.model.cluster import Features
from auditor.model.documents.fields import Fields


def features(root: Fields) -> Features:
    """What is on; an absent property is Azure's null and reads as off."""
    add_ons = root.object("addonProfiles")
    monitor = root.object("azureMonitorProfile")
    security = root.object("securityProfile")
    defender = security.object("defender").object("securityMonitoring")
    return Features(
        azure_policy=add_on(add_ons, "azurepolicy"),
        container_insights=add_on(add_ons, "omsagent") or monitor.object("containerInsights").on("enabled"),
        prometheus=monitor.object("metrics").on("enabled"),
        app_insights=_app_insights(monitor.object("appMonitoring")),
        key_vault_csi=add_on(add_ons, "azureKeyvaultSecretsProvider"),
        defender=defender.on("enabled") or security.object("azureDefender").on("enabled"),
        cost_analysis=root.object("metricsProfile").object("costAnalysis").on("enabled"),
        workload_identity=security.object("workloadIdentity").on("enabled"),
    )


def add_on(add_ons: Fields, name: str) -> bool:
    """Whether an add-on is enabled; add-on names compare without case (AKS-7)."""
    return add_ons.object(name).on("enabled")


def _app_insights(monitoring: Fields) -> bool:
    parts = ("autoInstrumentation", "openTelemetryMetrics", "openTelemetryLogs")
    return any(monitoring.object(name).on("enabled") for name in parts)
