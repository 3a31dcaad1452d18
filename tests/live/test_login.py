from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from azure.core.exceptions import ClientAuthenticationError

from auditor.collectors.azure.cloud import PUBLIC, Cloud, cloud_named
from auditor.collectors.azure.connect import connect, subscriptions
from auditor.collectors.azure.connection import Connection
from auditor.collectors.azure.login import LoginError, credential, reason
from auditor.collectors.azure.request import Request
from auditor.errors import InputError
from tests.arm.access import READER, Access
from tests.arm.faults import refuses
from tests.arm.fixtures import quick
from tests.arm.login import FEDERATED
from tests.arm.server import ArmServer

HUB = "3f1c8e27-5a0d-4b96-9c41-7e2d80b5a614"
SPOKE = "b7429d06-1e8f-4d35-a2c7-94f06e3d5b18"


@pytest.fixture
def cloud(arm: ArmServer) -> Cloud:
    return cloud_named(str(arm.cloud_file))


@pytest.mark.parametrize("auth", [None, "environment"])
@pytest.mark.parametrize("tenant", [None, "elsewhere.example"])
def test_client_secret_signs_in(arm: ArmServer, cloud: Cloud, auth: str | None, tenant: str | None) -> None:
    """The default chain and `--auth environment` take the AZURE_* variables; `--tenant` asks in that tenant."""
    with connect(cloud, auth, tenant, quick()) as connection:
        assert connection.read(Request(path="/subscriptions", paged=True)).complete
    assert len(arm.login.issued) >= 1
    assert arm.login.tenants[-1] == (tenant or "7d0f2a51-93c4-4e8b-b6a0-1f5e8c2d9b34")


def test_wrong_secret_says_what_to_do_and_shows_none(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A refused login is one line with the next step and the service's reason, and nothing else is printed."""
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "planted-wrong-secret")
    with pytest.raises(LoginError) as raised:
        credential(cloud, "environment")
    message = str(raised.value)
    assert "set AZURE_TENANT_ID, AZURE_CLIENT_ID" in message
    assert "AADSTS7000215" in message
    assert "planted-wrong-secret" not in message
    assert message.isprintable()
    assert capfd.readouterr() == ("", "")


def test_no_login_at_all_names_az_login(cloud: Cloud, tmp_path: Path) -> None:
    """Where no login is at hand, the message names `az login`, with the tenant that was asked for."""
    script = (
        "import sys; from auditor.collectors.azure.cloud import cloud_named\n"
        "from auditor.collectors.azure.login import LoginError, credential\n"
        "try: credential(cloud_named(sys.argv[1]), 'cli', 'contoso.example')\n"
        "except LoginError as error: print(error)"
    )
    path = tmp_path / "cloud.json"
    path.write_text(
        '{"name": "x", "endpoints": {"resourceManager": "%s", "activeDirectory": "%s",'
        ' "activeDirectoryResourceId": "%s"}}' % ((cloud.resource_manager,) * 3)
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)],
        env={"PATH": str(tmp_path), "HOME": str(tmp_path), "PYTHONPATH": str(Path.cwd())},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert (
        "no Azure login works with --auth cli; sign in with `az login --tenant contoso.example`"
        in done.stdout
    )
    assert done.stderr == ""


@pytest.mark.parametrize("auth", ["cli", "environment", "workload-identity"])
def test_way_that_lacks_something_says_what(auth: str) -> None:
    """Each way of `--auth` names its own next step; the others ask a human or the machine and are not tried here."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AZURE_")]:
            patch.delenv(name)
        patch.setenv("PATH", "/nonexistent")
        with pytest.raises(LoginError, match=f"--auth {auth}; .*(az login|AZURE_CLIENT_ID)"):
            credential(PUBLIC, auth)


def test_workload_identity_signs_in_with_the_pod_s_token(
    cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--auth workload-identity` takes the variables and the token file that the webhook gives a pod."""
    file = tmp_path / "token"
    file.write_text(FEDERATED)
    monkeypatch.setenv("AZURE_FEDERATED_TOKEN_FILE", str(file))
    monkeypatch.delenv("AZURE_CLIENT_SECRET")
    with connect(cloud, "workload-identity", None, quick()) as connection:
        assert connection.read(Request(path="/subscriptions", paged=True)).complete


def test_az_signs_in(arm: ArmServer, cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--auth cli` asks the `az` on the path for a token of the cloud's resource manager, in the tenant asked for."""
    answer = json.dumps({"accessToken": arm.login.issue(), "expires_on": int(time.time()) + 3600})
    az = tmp_path / "az"
    az.write_text(f"#!/bin/sh\necho \"$@\" > {tmp_path}/asked\ncat <<'EOF'\n{answer}\nEOF\n")
    az.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with connect(cloud, "cli", "elsewhere.example", quick()) as connection:
        assert connection.read(Request(path="/subscriptions", paged=True)).complete
    asked = (tmp_path / "asked").read_text()
    assert f"--resource {arm.url}" in asked
    assert "--tenant elsewhere.example" in asked


def test_a_device_code_signs_a_person_in(arm: ArmServer, cloud: Cloud) -> None:
    """`--auth device-code` says where to enter which code, and goes on when that was done."""
    said: list[str] = []
    made = credential(cloud, "device-code", prompt=said.append)
    assert said == [f"to sign in, open {arm.url}/device and enter the code ARMTEST1\n"]
    assert arm.login.accepts(made.get_token(cloud.scope).token)


@pytest.mark.parametrize("client", ["11111111-2222-3333-4444-555555555555", None])
def test_managed_identity_asks_for_the_one_that_is_named(
    arm: ArmServer, client: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--auth managed-identity` takes the machine's own identity, or the one that AZURE_CLIENT_ID names."""
    asked: list[dict[str, list[str]]] = []

    class Identity(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(parse_qs(urlsplit(self.path).query))
            held = {"access_token": arm.login.issue(), "expires_on": str(int(time.time()) + 3600)}
            body = json.dumps({**held, "resource": "r", "token_type": "Bearer"}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Nothing."""

    for name in [name for name in os.environ if name.startswith("AZURE_")]:
        monkeypatch.delenv(name)
    if client is not None:
        monkeypatch.setenv("AZURE_CLIENT_ID", client)
    with HTTPServer(("127.0.0.1", 0), Identity) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("IDENTITY_ENDPOINT", f"http://127.0.0.1:{server.server_port}/msi")
        monkeypatch.setenv("IDENTITY_HEADER", "secret")
        made = credential(PUBLIC, "managed-identity")
        server.shutdown()
    assert arm.login.accepts(made.get_token(PUBLIC.scope).token)
    assert [one.get("client_id") for one in asked] == [[client] if client else None]


@pytest.mark.parametrize("auth", [None, "environment"])
def test_where_nobody_answers_no_login_is_blamed(
    auth: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An endpoint that cannot be reached is named, and no other login is proposed."""
    monkeypatch.setenv("PATH", "/nonexistent")
    for name in ("TENANT_ID", "CLIENT_ID", "CLIENT_SECRET"):
        monkeypatch.setenv(f"AZURE_{name}", "11111111-2222-3333-4444-555555555555")
    nobody = dict.fromkeys(
        ("resourceManager", "activeDirectory", "activeDirectoryResourceId"), "https://localhost:1"
    )
    file = tmp_path / "cloud.json"
    file.write_text(json.dumps({"name": "nowhere", "endpoints": nobody}))
    with pytest.raises(LoginError, match=r"^https://localhost:1 cannot be reached to sign in; .*HTTPS_PROXY"):
        credential(cloud_named(str(file)), auth)


def test_unknown_way_and_tenant_are_refused() -> None:
    """The error names the option and what it takes."""
    with pytest.raises(InputError, match="--auth: 'password' is none of cli, environment"):
        credential(PUBLIC, "password")
    with pytest.raises(InputError, match="--tenant: "):
        credential(PUBLIC, "cli", "a/../b")


def test_certificate_that_is_not_trusted_says_how_to_trust_it(
    arm: ArmServer, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A private authority's certificate needs REQUESTS_CA_BUNDLE; no retry could help, and the message says so."""
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    answer = connection.read(Request(path="/subscriptions"))
    assert (answer.status, answer.calls, arm.lines) == ("failed", 1, [])
    assert "REQUESTS_CA_BUNDLE" in str(answer.error)


def test_reason_of_a_login_is_one_line() -> None:
    """Of what azure-identity says only the reason is shown: no trace ids, no list of ways, no end."""
    said = "failed\nAADSTS700016: Application not found. Trace ID: 1 Correlation ID: 2\nTo mitigate ..."
    assert reason(ClientAuthenticationError(said)) == "AADSTS700016: Application not found."
    assert "REQUESTS_CA_BUNDLE" in reason(ClientAuthenticationError("x [SSL: CERTIFICATE_VERIFY_FAILED] y"))
    assert len(reason(ClientAuthenticationError("x" * 5000))) < 400


def test_logs_hold_no_token_and_no_secret(
    arm: ArmServer, cloud: Cloud, caplog: pytest.LogCaptureFixture
) -> None:
    """At any verbosity, of any logger: neither the secret, nor a token, nor the body of an answer (design: secrets)."""
    with caplog.at_level(logging.DEBUG):
        connection = connect(cloud, None, None, quick())
        path = f"/subscriptions/{SPOKE}/providers/Microsoft.ContainerService/managedClusters"
        assert connection.read(Request(path=path, paged=True)).complete
        arm.faults.add(refuses(403), where="virtualnetworks")
        connection.read(Request(path=f"/subscriptions/{SPOKE}/providers/Microsoft.Network/virtualNetworks"))
    text = caplog.text
    assert "managedClusters" in text
    assert arm.login.secret not in text
    assert arm.login.issued
    assert not [token for token in arm.login.issued if token in text or token[:24] in text]
    assert "dnsPrefix" not in text


def test_nothing_is_printed_unless_asked(
    arm: ArmServer, cloud: Cloud, capfd: pytest.CaptureFixture[str]
) -> None:
    """The SDK's warnings do not reach the terminal by themselves."""
    connection = connect(cloud, None, None, quick(retries=1))
    arm.faults.add(refuses(500), where="subscriptions")
    connection.read(Request(path="/subscriptions"))
    assert capfd.readouterr() == ("", "")


def test_subscriptions_are_found_by_id_and_by_name(arm: ArmServer, connection: Connection) -> None:
    """Ids and names are compared without case, over all pages, and each subscription comes once."""
    arm.manager.page_size = 1
    found = subscriptions(connection, [SPOKE.upper(), "example 2", " Example 1 "])
    assert [(item.id, item.name, item.state) for item in found] == [
        (HUB, "Example 1", "Enabled"),
        (SPOKE, "Example 2", "Enabled"),
    ]


def test_unknown_subscription_names_those_that_are_seen(connection: Connection) -> None:
    """The error shows what was asked for and what the login sees."""
    with pytest.raises(InputError, match=r"sees no subscription 'prod', only .*Example 1.*Example 2"):
        subscriptions(connection, ["prod"])


def test_ambiguous_name_is_refused(arm: ArmServer, connection: Connection) -> None:
    """A name that two subscriptions have is no answer; the ids are."""
    for key in (HUB, SPOKE):
        arm.estate.put(
            {"id": f"/subscriptions/{key}", "subscriptionId": key, "displayName": "Same", "state": "Enabled"}
        )
    with pytest.raises(InputError, match=f"names 2 subscriptions; give the id: {HUB}, {SPOKE}"):
        subscriptions(connection, ["same"])


def test_all_subscriptions_are_those_that_can_be_read(arm: ArmServer, connection: Connection) -> None:
    """A deleted subscription is not read; one that the login may not see is not there."""
    arm.estate.put(
        {"id": f"/subscriptions/{HUB}", "subscriptionId": HUB, "displayName": "Old", "state": "Deleted"}
    )
    assert [item.id for item in subscriptions(connection, everything=True)] == [SPOKE]
    arm.manager.access = Access({f"/subscriptions/{HUB}": READER})
    assert subscriptions(connection, everything=True) == []
    arm.manager.access = Access({})
    with pytest.raises(InputError, match="needs a role"):
        subscriptions(connection, everything=True)


def test_management_group_gives_what_is_below_it(arm: ArmServer, connection: Connection) -> None:
    """Subscriptions at any depth; nested groups are none."""
    arm.estate.management_groups["platform"] = (HUB,)
    found = subscriptions(connection, management_groups=["Platform"])
    assert [(item.id, item.name) for item in found] == [(HUB, "Example 1")]
    with pytest.raises(InputError, match="'no/group' cannot be read: 403"):
        subscriptions(connection, management_groups=["no/group"])
    arm.estate.management_groups["empty"] = ()
    with pytest.raises(InputError, match="'empty' holds no subscription"):
        subscriptions(connection, management_groups=["empty"])


def test_list_that_cannot_be_read_is_said(arm: ArmServer, connection: Connection) -> None:
    """Without the list nothing can be chosen; half a list is not taken for the whole."""
    arm.manager.page_size = 1
    arm.faults.add(refuses(500, "Oops"), kind="subscriptions", page=2)
    with pytest.raises(InputError, match="cannot be listed: page 2: 500 Oops"):
        subscriptions(connection, ["Example 1"])


@pytest.mark.parametrize("odd", [None, 7, {}, {"subscriptionId": 5}, {"subscriptionId": ""}])
def test_odd_subscription_is_never_left_out_in_silence(
    arm: ArmServer, connection: Connection, odd: object
) -> None:
    """An entry without an id names nothing that could be read: then not all are known, but those with a name are."""
    arm.faults.add(lambda reply: reply.value["value"].append(odd), kind="subscriptions")
    assert [item.id for item in subscriptions(connection, ["Example 1"])] == [HUB]
    with pytest.raises(InputError, match="cannot be listed: entry 3 is not understood"):
        subscriptions(connection, everything=True)


@pytest.mark.parametrize(
    "odd", [None, 7, {}, {"type": 7, "name": "x"}, {"type": "/subscriptions", "name": 5}]
)
def test_odd_entry_of_a_management_group(arm: ArmServer, connection: Connection, odd: object) -> None:
    """What lies below a group and is not understood may be a subscription."""
    arm.estate.management_groups["platform"] = (HUB,)
    arm.faults.add(lambda reply: reply.value["value"].append(odd), where="descendants")
    with pytest.raises(InputError, match="'platform' cannot be read: an entry is not understood"):
        subscriptions(connection, management_groups=["platform"])


def test_an_id_that_is_not_seen_counts_beside_others(connection: Connection) -> None:
    """Its reads are denied, and say so; a name that is not seen, and ids of which none is, are an error."""
    other = "00000000-1111-2222-3333-444444444444"
    found = subscriptions(connection, [other.upper(), "Example 2"])
    assert [(item.id, item.state) for item in found] == [(other, "Unknown"), (SPOKE, "Enabled")]
    for wanted in ([other], [other, other.replace("0", "9")], ["Example 2", "prod"], [SPOKE, f"{other}0"]):
        with pytest.raises(InputError, match="sees no subscription"):
            subscriptions(connection, wanted)
