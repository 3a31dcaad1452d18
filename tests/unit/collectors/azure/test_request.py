from __future__ import annotations

import pytest

from auditor.collectors.azure.request import Request

S = "/subscriptions/S"
C = f"{S}/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c"
NICS = f"{S}/resourceGroups/g/providers/Microsoft.Compute/virtualMachineScaleSets/v/networkInterfaces"


@pytest.mark.parametrize(
    ("path", "kind", "provider", "version"),
    [
        ("/subscriptions", "subscriptions", "", "2022-12-01"),
        (f"{S}/providers", "providers", "", "2022-12-01"),
        (f"{S}/providers/Microsoft.Network", "providers", "", "2022-12-01"),
        (C, "Microsoft.ContainerService/managedClusters", "microsoft.containerservice", "2026-08-01"),
        (f"{C}/agentPools", "Microsoft.ContainerService/managedClusters/agentPools", "microsoft.containerservice",
         "2026-08-01"),
        (f"{C}/providers/Microsoft.KubernetesConfiguration/extensions", "Microsoft.KubernetesConfiguration/extensions",
         "microsoft.kubernetesconfiguration", "2024-11-01"),
        (NICS, "Microsoft.Compute/virtualMachineScaleSets/networkInterfaces", "microsoft.compute", "2018-10-01"),
        (f"{S}/providers/microsoft.network/privateDnsZones", "microsoft.network/privateDnsZones", "microsoft.network",
         "2024-06-01"),
        (f"{S}/providers/Microsoft.Features/providers/Microsoft.ContainerService/features/F",
         "Microsoft.Features/providers/features", "microsoft.features", "2021-07-01"),
        (f"{C}/providers/Microsoft.Authorization/permissions", "Microsoft.Authorization/permissions",
         "microsoft.authorization", "2022-04-01"),
    ],
)  # fmt: skip
def test_path_says_kind_provider_and_version(path: str, kind: str, provider: str, version: str) -> None:
    """Whatever is read, its path alone says which client, which api-version and which count it belongs to (ARM-1)."""
    request = Request(path=path)
    assert (request.kind, request.provider, request.version) == (kind, provider, version)
