from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from azure.core import AzureClouds
from azure.identity import AzureAuthorityHosts
from azure.mgmt.core.tools import get_arm_endpoints

from auditor.collectors.azure.cloud import CHINA, PUBLIC, USGOV, Cloud, cloud_named
from auditor.errors import InputError

FILE = {
    "name": "local",
    "endpoints": {
        "resourceManager": "https://management.local.azurestack.external/",
        "activeDirectory": "https://login.local.azurestack.external/adfs/",
        "activeDirectoryResourceId": "https://management.azurestack.local/0f5a",
    },
}


@pytest.mark.parametrize(
    ("cloud", "sdk", "authority"),
    [
        (PUBLIC, AzureClouds.AZURE_PUBLIC_CLOUD, AzureAuthorityHosts.AZURE_PUBLIC_CLOUD),
        (USGOV, AzureClouds.AZURE_US_GOVERNMENT, AzureAuthorityHosts.AZURE_GOVERNMENT),
        (CHINA, AzureClouds.AZURE_CHINA_CLOUD, AzureAuthorityHosts.AZURE_CHINA),
    ],
)
def test_known_clouds_are_those_of_the_sdk(cloud: Cloud, sdk: AzureClouds, authority: str) -> None:
    """The endpoints of the three named clouds are what the SDK knows them by."""
    endpoints = get_arm_endpoints(sdk)
    assert cloud.resource_manager == endpoints["resource_manager"].rstrip("/")
    assert [cloud.scope] == endpoints["credential_scopes"]
    assert cloud.authority == f"https://{authority}"
    assert cloud_named(cloud.name.upper()) == cloud


def test_file_describes_a_cloud(tmp_path: Path) -> None:
    """The form of `az cloud register` is taken; instance discovery is off, for no public metadata knows it."""
    path = tmp_path / "cloud.json"
    path.write_text(json.dumps({**FILE, "suffixes": {"storageEndpoint": "x"}, "isActive": True}))
    assert cloud_named(str(path)) == Cloud(
        "local",
        "https://management.local.azurestack.external",
        "https://login.local.azurestack.external/adfs",
        "https://management.azurestack.local/0f5a",
        instance_discovery=False,
    )


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("[]", "a cloud is an object"),
        ("{}", "'endpoints' must be an object"),
        ("{", "not valid JSON"),
        ({"endpoints": FILE["endpoints"]}, "'name' must be a text"),
        ({"name": "a\x1b[1m", "endpoints": FILE["endpoints"]}, "'name' must be a text"),
        ({"name": "a", "endpoints": {}}, "'endpoints.resourceManager' must be a text"),
    ],
)
def test_file_that_describes_none_is_refused(tmp_path: Path, value: Any, words: str) -> None:
    """The error names the file and the key."""
    path = tmp_path / "cloud.json"
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    with pytest.raises(InputError, match=words) as raised:
        cloud_named(str(path))
    assert str(raised.value).startswith(str(path))


@pytest.mark.parametrize("key", ["resourceManager", "activeDirectory"])
@pytest.mark.parametrize(
    "address",
    ["http://plain.example", "management.azure.com", "https://", "https://a b", "https://u:p@h", "https://h:x",
     "https://h?q=1", "https://h#f", "file:///etc/passwd", "https://[::1"],
)  # fmt: skip
def test_endpoint_without_tls_or_host_is_refused(tmp_path: Path, key: str, address: str) -> None:
    """Tokens and secrets go to these addresses: only https, and only a plain address."""
    path = tmp_path / "cloud.json"
    path.write_text(json.dumps({"name": "a", "endpoints": {**FILE["endpoints"], key: address}}))  # type: ignore[dict-item]
    with pytest.raises(InputError, match=f"'endpoints.{key}' must be an https address"):
        cloud_named(str(path))


@pytest.mark.parametrize("text", ["germany", "", "a\0b", "x" * 5000])
def test_neither_name_nor_file_is_refused(text: str) -> None:
    """The error shows what was given, cut short."""
    with pytest.raises(InputError, match="neither public, usgov nor china, nor a file") as raised:
        cloud_named(text)
    assert len(str(raised.value)) < 400
