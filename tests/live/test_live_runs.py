"""Whole live runs: a token that ends on the way, a subscription that is denied, and secrets in what is read."""

from __future__ import annotations

import base64
import io
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from auditor.audit import check, load_snapshot, render
from auditor.collectors.azure.connection import Connection
from auditor.collectors.azure.source import LiveScope, collect
from auditor.collectors.folder_writer import FolderWriter
from auditor.policy.policy import load_policy
from auditor.reporters.register import REPORTERS
from tests.arm.access import EVERYTHING, Access
from tests.arm.estate import Estate
from tests.arm.fixtures import quick, served, signed_in
from tests.arm.server import ArmServer
from tests.live.estates import HUB, ORDERS, PAYMENTS, SPOKE, two_clusters
from tests.live.outcome import TODAY, live_run

ALL = (*PAYMENTS, *ORDERS)


@pytest.fixture(scope="module")
def _two() -> Iterator[ArmServer]:
    with served(two_clusters()) as server:
        yield server


@pytest.fixture
def arm(_two: ArmServer) -> Iterator[ArmServer]:
    _two.reset()
    yield _two
    _two.reset()


@pytest.fixture
def connection(arm: ArmServer) -> Iterator[Connection]:
    with signed_in(arm, quick(threads=4)) as made:
        yield made


def test_token_that_expires_in_the_middle_is_renewed(arm: ArmServer, connection: Connection) -> None:
    """Tokens that end while reads go on are renewed, and nothing is missing in the end (ARM-30)."""
    arm.manager.access = Access({"": EVERYTHING})
    calm = live_run(connection, ALL)
    arm.faults.add(where="/providers/", first=20, times=1, before=lambda _: arm.login.expire())
    arm.faults.add(where="/providers/", first=70, times=1, before=lambda _: arm.login.expire())
    issued = len(arm.login.issued)
    outcome = live_run(connection, ALL)
    assert len(arm.login.issued) - issued == 2
    assert [read for read in outcome.reads if not read.complete] == []
    assert (outcome.code, outcome.answers("aks-payments")) == (calm.code, calm.answers("aks-payments"))


def test_subscription_that_is_denied_leaves_the_other_complete(
    arm: ArmServer, connection: Connection
) -> None:
    """Of two clusters, the one whose hub may not be read is unknown and says why; the other is answered in full."""
    arm.manager.access = Access({"": EVERYTHING})
    calm = live_run(connection, ALL)
    arm.manager.access = Access({f"/subscriptions/{key}": EVERYTHING for key in (SPOKE, *ORDERS)})
    outcome = live_run(connection, ALL)
    assert outcome.answers("aks-orders") == calm.answers("aks-orders")
    assert "allowed" in {verdict for verdict, _ in outcome.answers("aks-orders").values()}
    denied = [read for read in outcome.reads if read.status == "denied"]
    assert denied
    assert {read.scope.split("/")[2] for read in denied if read.scope.startswith("/subscriptions/")} == {HUB}
    assert all(
        "is missing on /subscriptions/" in str(read.error) for read in denied if "Network/" in read.kind
    )
    reached = {verdict for verdict, _ in outcome.answers("aks-payments").values()}
    assert "blocked" not in reached
    assert outcome.code == 3


SECRETS = {
    "adminPassword": "planted-Passw0rd-1",
    "customData": base64.b64encode(b"planted cloud-init secret").decode(),
    "userData": "planted-user-data",
    "clientSecret": "planted-client-secret",
    "servicePrincipalProfile": {
        "clientId": "11111111-1111-1111-1111-111111111111",
        "secret": "planted-sp-secret",
    },
    "windowsProfile": {"adminUsername": "azureuser", "adminPassword": "planted-windows-password"},
    "kubeConfig": "planted-kubeconfig",
    "kubeconfigs": [{"name": "clusterAdmin", "value": "cGxhbnRlZC1rdWJlY29uZmln"}],
    "protectedSettings": {
        "commandToExecute": "planted-protected",
        "storageAccountKey": "planted-account-key",
    },
    "configurationProtectedSettings": {"token": "planted-configuration-protected"},
    "sharedKey": "planted-shared-key",
    "primaryKey": "planted-primary-key",
    "accessToken": "planted-access-token",
    "connectionString": "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=planted-connection;",
    "sasUrl": "https://a.blob.core.windows.net/c?sv=2024-01-01&sig=planted-signature&se=2027",
    "address": "https://a.blob.core.windows.net/c?sv=2024-01-01&sig=planted-signature-2%3D&se=2027",
    "note": "log in with password=planted-note-password please",
    "tags": {"deploy-token": "planted-tag-token", "url": "https://user:planted-url-password@git.example/x"},
    "authorizationKey": "planted-authorization-key",
    "vpnClientConfiguration": {"radiusServerSecret": "planted-radius-secret"},
}
"""What people and services put into documents; every value that says `planted` must go nowhere."""
_PLANTED = re.compile(r"planted[\w -]*|cGxhbnRlZ[\w=]*")


def _planted_in(text: str) -> list[str]:
    return _PLANTED.findall(text)


def _with_secrets() -> Estate:
    """The estate with the secrets in the properties of every document, and in the free text of some."""
    estate = two_clusters()
    for document in estate.documents():
        properties: Any = document.get("properties")
        if isinstance(properties, dict):
            properties.update(SECRETS)
        if "tags" in document:
            document["tags"] |= SECRETS["tags"]
        if document["id"].endswith("/managedClusters/aks-payments"):
            proxy = "http://proxy-user:planted-proxy-password@10.10.2.9:3128"
            properties["httpProxyConfig"] = {"httpsProxy": proxy, "trustedCa": "planted-ca"}
    return estate


def test_no_secret_is_found_anywhere(arm: ArmServer, tmp_path: Path) -> None:
    """Neither in the snapshot nor in a report of any format nor in a log of any level (design: secrets)."""
    arm.estate = _with_secrets()
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        with signed_in(arm, quick(threads=4)) as connection:
            scope = LiveScope(subscriptions=ALL)
            result = collect(connection, scope, FolderWriter(tmp_path / "kept"))
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        arm.estate = two_clusters()
    assert result.reads
    kept = "".join(path.read_text() for path in sorted((tmp_path / "kept").iterdir()))
    assert '"aks-payments"' in kept
    secrets = [arm.login.secret, *arm.login.issued]
    report = check(load_snapshot(tmp_path / "kept"), load_policy(None), today=TODAY)
    texts = {reporter.name: str(render(report, reporter.name)) for reporter in REPORTERS}
    for name, text in {"snapshot": kept, "log": log.getvalue(), **texts}.items():
        assert [found for found in _planted_in(text) if found != "planted-ca"] == [], name
        assert [secret for secret in secrets if secret in text] == [], name


def test_every_planted_secret_would_be_found() -> None:
    """The search itself finds each of them in what the server sends, so that finding none means something."""
    for name, value in SECRETS.items():
        assert _planted_in(str(value)) or name == "customData", name
    assert base64.b64decode(str(SECRETS["customData"])).startswith(b"planted")
