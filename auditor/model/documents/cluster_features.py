"""Which parts of a cluster add needs: add-ons and profiles that are switched on."""

from __future__ import annotations

from auditor.model.cluster import Features
from auditor.model.documents.fields import Fields


def features(root: Fields) -> Features:
    """What is on; an absent property is Azure's null and reads as off, one that is not understood as None (V-6)."""
    add_ons = root.object("addonProfiles")
    monitor = root.object("azureMonitorProfile")
    security = root.object("securityProfile")
    defender = security.object("defender").object("securityMonitoring")
    return Features(
        azure_policy=add_on(add_ons, "azurepolicy"),
        container_insights=_either(add_on(add_ons, "omsagent"), _on(monitor.object("containerInsights"))),
        prometheus=_on(monitor.object("metrics")),
        app_insights=_app_insights(monitor.object("appMonitoring")),
        key_vault_csi=add_on(add_ons, "azureKeyvaultSecretsProvider"),
        defender=_either(_on(defender), _on(security.object("azureDefender"))),
        cost_analysis=_on(root.object("metricsProfile").object("costAnalysis")),
        workload_identity=_on(security.object("workloadIdentity")),
    )


def add_on(add_ons: Fields, name: str) -> bool | None:
    """Whether an add-on is enabled; add-on names compare without case (AKS-7)."""
    return _on(add_ons.object(name))


def _on(part: Fields) -> bool | None:
    return part.switch("enabled")


def _either(*values: bool | None) -> bool | None:
    """Whether one of them is on, in three values."""
    return True if True in values else None if None in values else False


def _app_insights(monitoring: Fields) -> bool | None:
    parts = ("autoInstrumentation", "openTelemetryMetrics", "openTelemetryLogs")
    return _either(*(_on(monitoring.object(name)) for name in parts))
