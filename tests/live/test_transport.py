from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from auditor.collectors.azure.pace import Pace
from auditor.collectors.azure.request import Request
from tests.arm.faults import Reply, sends
from tests.arm.fixtures import FakeTime, quick, signed_in
from tests.arm.server import ArmServer

LIST = Request(path="/subscriptions", api_version="2022-12-01", paged=True)


class _Proxy:
    """Passes tunnels on, and keeps how each was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                inside, _ = self._listener.accept()
                threading.Thread(target=self._tunnel, args=(inside,), daemon=True).start()

    def _tunnel(self, inside: socket.socket) -> None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += inside.recv(1)
        self.asked.append(head.decode())
        host, _, port = head.decode().split()[1].partition(":")
        outside = socket.create_connection((host, int(port)))
        inside.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        threading.Thread(target=_pass_on, args=(outside, inside), daemon=True).start()
        _pass_on(inside, outside)


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)


@contextmanager
def _proxy() -> Iterator[_Proxy]:
    proxy = _Proxy()
    try:
        yield proxy
    finally:
        proxy.close()


def _status(arm: ArmServer, pace: Pace) -> tuple[str, str | None]:
    with signed_in(arm, pace) as connection:
        answer = connection.read(LIST)
        return answer.status, answer.error


def test_proxy_of_the_environment_is_taken_with_its_password(
    arm: ArmServer, fake_time: FakeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HTTPS_PROXY holds for the calls too, not only for the login."""
    with _proxy() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://user:word@127.0.0.1:{proxy.port}")
        assert _status(arm, quick(fake_time)) == ("complete", None)
        place = arm.url.removeprefix("https://")
        assert {line.split()[1] for line in proxy.asked} == {place}
        assert len(proxy.asked) > 1, "the login has a tunnel of its own"
        assert all("Proxy-Authorization: Basic dXNlcjp3b3Jk" in line for line in proxy.asked)


def test_host_named_in_no_proxy_is_reached_directly(
    arm: ArmServer, fake_time: FakeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NO_PROXY holds beside HTTPS_PROXY."""
    with _proxy() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("NO_PROXY", "localhost")
        assert _status(arm, quick(fake_time)) == ("complete", None)
        assert proxy.asked == []


def test_certificates_are_those_that_the_environment_names(
    arm: ArmServer, fake_time: FakeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CURL_CA_BUNDLE counts where REQUESTS_CA_BUNDLE is not set."""
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    monkeypatch.setenv("CURL_CA_BUNDLE", str(arm.ca_file))
    assert _status(arm, quick(fake_time)) == ("complete", None)


def test_password_of_a_netrc_takes_no_tokens_place(
    arm: ArmServer, fake_time: FakeTime, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Calls carry the token, whatever a `.netrc` says of the host."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login somebody password planted\n")
    with signed_in(arm, quick(fake_time)) as connection:
        connection.read(LIST)  # the login has a session of its own, which may look there
        monkeypatch.setenv("NETRC", str(netrc))
        assert connection.read(LIST).complete


def test_cookie_of_the_service_is_not_sent_back(arm: ArmServer, fake_time: FakeTime) -> None:
    """Every call stands for itself."""
    got: list[dict[str, str]] = []
    reply_to = arm.reply_to

    def watched(method: str, raw: str, headers: dict[str, str], data: bytes) -> Reply:
        got.append(headers)
        reply = reply_to(method, raw, headers, data)
        reply.headers["Set-Cookie"] = "seen=1; Path=/"
        return reply

    arm.reply_to = watched  # type: ignore[method-assign]
    try:
        with signed_in(arm, quick(fake_time)) as connection:
            assert connection.read(LIST).complete
            assert connection.read(LIST).complete
    finally:
        arm.reply_to = reply_to  # type: ignore[method-assign]
    assert not any("cookie" in headers for headers in got if "authorization" in headers)


def test_compressed_answer_is_read(arm: ArmServer, fake_time: FakeTime) -> None:
    """Azure compresses what it sends when it may, and it may."""
    packed = gzip.compress(b'{"value": [{"id": "/subscriptions/zipped"}]}')
    arm.faults.add(sends(packed, Content_Encoding="gzip"), where=LIST.path)
    with signed_in(arm, quick(fake_time)) as connection:
        answer = connection.read(LIST)
    assert answer.documents == ({"id": "/subscriptions/zipped"},)
