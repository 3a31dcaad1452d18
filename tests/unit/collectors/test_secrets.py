"""Secrets never reach the disk, and nothing else is touched on the way."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.collectors.secrets import REMOVED, without_secrets
from auditor.resources import examples

PLANTED = "Pl4nt3d-0ne/of+many=="
KEY = f"-----BEGIN OPENSSH PRIVATE KEY-----\n{PLANTED}\n-----END OPENSSH PRIVATE KEY-----"
KUBECONFIG = f"apiVersion: v1\nkind: Config\nclusters: []\nusers:\n- user:\n    token: {PLANTED}\n"
MEMBERS: dict[str, Any] = {
    "adminPassword": PLANTED,
    "admin-password": PLANTED,
    "clientSecret": PLANTED,
    "secret": PLANTED,
    "secrets": [{"vaultCertificates": [PLANTED]}],
    "secretRef": {"value": PLANTED},
    "serverAppSecret": PLANTED,
    "db.password": PLANTED,
    "sharedKey": PLANTED,
    "primaryKey": PLANTED,
    "storageAccountKeys": [PLANTED, PLANTED],
    "accessToken": PLANTED,
    "registryToken": PLANTED,
    "connectionString": PLANTED,
    "userData": PLANTED,
    "customData": PLANTED,
    "protectedSettings": {"script": PLANTED},
    "configurationProtectedSettings": {"any.thing": PLANTED},
    "commandToExecute": f"curl {PLANTED}",
    "kubeconfigs": [{"name": "clusterUser", "value": PLANTED}],
    "adminKubeConfig": PLANTED,
    "sasUrl": PLANTED,
    "authorizationKey": PLANTED,
    "pwd": 123456,
}
"""Members that are secrets by their names."""
TEXTS = {
    "a signature": f"https://a.blob.core.windows.net/c/f?sv=2024&sp=r&sig={PLANTED}&se=2027",
    "only a signature": f"sig={PLANTED}",
    "an account key": f"DefaultEndpointsProtocol=https;AccountName=a;AccountKey={PLANTED};EndpointSuffix=x",
    "a bus key": f"Endpoint=sb://a/;SharedAccessKeyName=Root;SharedAccessKey={PLANTED}",
    "a database": f"Server=a;Database=b;User Id=c;Password={PLANTED};",
    "a proxy": f"http://user:{PLANTED.replace('=', '')}@proxy.example:3128/",
    "a proxy with an at sign": f"http://user:{PLANTED.replace('=', '').replace('/', '')}@x@proxy.example:3128/",
    "a private key": KEY,
    "a cut private key": KEY.partition("-----END")[0],
    "a kubeconfig": KUBECONFIG,
    "a kubeconfig with a key": f"users:\n- user:\n    client-key-data: {PLANTED}\n",
    "JSON in a text": json.dumps({"password": PLANTED, "user": "a"}),
    "JSON in JSON": json.dumps(json.dumps({"client_secret": PLANTED})),
    "a bearer": f"Authorization: Bearer {PLANTED}",
}
"""Texts with a secret somewhere, under a name that says nothing."""


@pytest.mark.parametrize("name", MEMBERS)
def test_a_secret_by_its_name_is_gone(name: str) -> None:
    """A member that is a secret by its name is not there any more, at any depth, in any case."""
    document = {"properties": {"list": [{name: MEMBERS[name], "kept": 1}], name.upper(): MEMBERS[name]}}
    assert without_secrets(document) == {"properties": {"list": [{"kept": 1}]}}


@pytest.mark.parametrize("what", TEXTS)
def test_a_secret_inside_a_text_is_gone(what: str) -> None:
    """Inside a text the secret goes, whatever the text is called."""
    found = without_secrets({"properties": {"settings": [{"value": TEXTS[what]}]}})
    text = found["properties"]["settings"][0]["value"]
    for piece in ("Pl4nt3d", "0ne", "of+many"):
        assert piece not in text


def test_hosts_stay_readable() -> None:
    """What a verdict needs of a text with a secret in it stays: where a proxy or a file is."""
    assert without_secrets("http://user:pa/ss@proxy.example:3128/") == "http://proxy.example:3128/"
    assert without_secrets("http://user:p@ss@10.0.0.4:3128") == "http://10.0.0.4:3128"
    assert without_secrets("https://a.b/c?sig=abc%2Bd&sp=r") == f"https://a.b/c?sig={REMOVED}&sp=r"


KEPT: dict[str, Any] = {
    "serviceTags": ["Storage"],
    "keyVaultSecretId": "https://vault.vault.azure.net/secrets/ca/1",
    "keyVaultId": "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v",
    "publicIPAddresses": [{"id": "/subscriptions/s/x"}],
    "azureKeyvaultSecretsProvider": {"enabled": True, "config": {"enableSecretRotation": "true"}},
    "secretRotationEnabled": True,
    "sshPublicKeys": ["ssh-ed25519 AAAA"],
    "publicKeys": [{"keyData": "ssh-rsa AAAA"}],
    "skipToken": "page-2",
    "privateDNSZone": "system",
    "sourceKey": None,
    "fqdns": ["sig.example", "*.token.example"],
    "targetUrls": ["a.example/@b/c", "https://host:443/path@x"],
    "description": "password rotation = weekly @ noon",
}


@pytest.mark.parametrize("name", KEPT)
def test_what_verdicts_rest_on_stays(name: str) -> None:
    """Names that only look like secrets keep their values."""
    assert without_secrets({"properties": {name: KEPT[name]}}) == {"properties": {name: KEPT[name]}}


@pytest.mark.parametrize("name", ["broken", "locked-down", "open", "virtual-wan"])
def test_examples_have_none(name: str) -> None:
    """A document without secrets is not changed at all."""
    for line in (examples() / name / "resources.jsonl").read_text("utf-8").splitlines():
        document = json.loads(line)
        assert without_secrets(document) == document


NAMES = st.sampled_from(["id", "name", "properties", "addressPrefix", "priority", "rules", "tags", "fqdn"])
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text("abcXYZ0189 -_./*:,;()[]{}", max_size=40),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=30,
)


@given(VALUES)
def test_nothing_else_changes(value: Any) -> None:
    """A value without secrets comes back equal, and is not the one that was given if it can be changed."""
    before = copy.deepcopy(value)
    found = without_secrets(value)
    assert found == before
    assert value == before
    assert found is not value or not isinstance(value, (dict, list))


@given(VALUES, st.sampled_from(sorted(MEMBERS)), st.sampled_from(sorted(TEXTS)))
def test_planted_anywhere(value: Any, name: str, text: str) -> None:
    """A planted secret is found wherever it stands, and removing twice is removing once."""
    planted = {"around": value, "deep": [{name: MEMBERS[name], "note": TEXTS[text]}, value]}
    found = without_secrets(planted)
    assert "Pl4nt3d" not in json.dumps(found)
    assert found["around"] == value
    assert without_secrets(found) == found
