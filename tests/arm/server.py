"""An HTTPS server on loopback that plays Azure Resource Manager and its login endpoint."""

from __future__ import annotations

import json
import ssl
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, unquote, urlsplit

import trustme

from tests.arm.access import Access
from tests.arm.estate import TENANT, Estate
from tests.arm.faults import Fault, Faults, Reply, error
from tests.arm.login import CLIENT, Login
from tests.arm.paths import target_of
from tests.arm.resource_manager import Incoming, ResourceManager
from tests.arm.wire import Handler, HttpServer

HOST = "localhost"
_SECRET = "arm-test-client-secret"  # noqa: S105 - of this server alone
_Key = tuple[str, str, bytes]
"""Method, address and body of a call."""


class ArmServer:
    """The server; a context manager. What it serves and what goes wrong may change while it runs."""

    def __init__(self, estate: Estate, port: int = 0) -> None:
        self.faults = Faults()
        self.latency = 0.0
        """Seconds that each answer of Resource Manager takes."""
        self.levels: dict[str, float] = {}
        """Headers that tell a bucket's level, such as `x-ms-ratelimit-remaining-subscription-reads` (ARM-28)."""
        self.calls: Counter[str] = Counter()
        """Calls of Resource Manager by kind in lower case."""
        self.lines: list[str] = []
        """`GET /path?query` of each, as it was written."""
        self.most_at_once = 0
        self.connections = 0
        """Sockets that were opened."""
        self.deaf = False
        """Whether it hangs up on everybody at once."""
        self.remembered: dict[_Key, Reply] | None = None
        """Answers by call, to be given again as they are: for an estate that does not change."""
        self._at_once = 0
        self._lock = threading.Lock()
        self._folder = tempfile.TemporaryDirectory(prefix="arm-")
        authority = trustme.CA()
        self.ca_file = Path(self._folder.name) / "ca.pem"
        authority.cert_pem.write_to_path(str(self.ca_file))
        self._http = HttpServer((HOST, port), Handler)
        self._http.service = self
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(HOST, "127.0.0.1").configure_cert(context)
        # The handshake happens in the thread of the connection, not in the one that accepts them.
        self._http.socket = context.wrap_socket(
            self._http.socket, server_side=True, do_handshake_on_connect=False
        )
        self.url = f"https://{HOST}:{self._http.server_address[1]}"
        self.login = Login(self.url, _SECRET)
        self.manager = ResourceManager(estate, Access(), self.url)

    @property
    def estate(self) -> Estate:
        """What is served; may be changed or replaced."""
        return self.manager.estate

    @estate.setter
    def estate(self, estate: Estate) -> None:
        self.manager.estate = estate

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which azure-identity signs in and trusts the certificate."""
        return {
            "REQUESTS_CA_BUNDLE": str(self.ca_file),
            "AZURE_TENANT_ID": TENANT,
            "AZURE_CLIENT_ID": CLIENT,
            "AZURE_CLIENT_SECRET": self.login.secret,
        }

    @property
    def cloud_file(self) -> Path:
        """A file for `--cloud`, in the form of `az cloud register`."""
        path = Path(self._folder.name) / "cloud.json"
        endpoints = {
            "resourceManager": self.url,
            "activeDirectory": self.url,
            "activeDirectoryResourceId": self.url,
        }
        path.write_text(json.dumps({"name": self.estate.cloud, "endpoints": endpoints}))
        return path

    def reset(self) -> None:
        """Forget faults, grants, settings and counts; the estate stays."""
        self.faults.clear()
        self.latency = 0.0
        self.levels.clear()
        self.login.lifetime = 3600
        self.manager = ResourceManager(self.estate, Access(), self.url)
        with self._lock:
            self.calls.clear()
            self.lines.clear()
            self.most_at_once = self.connections = 0
            self.deaf = False

    def __enter__(self) -> Self:
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._folder.cleanup()

    def reply_to(self, method: str, raw: str, headers: dict[str, str], data: bytes) -> Reply:
        """The reply to one call, with everything that goes wrong with it, once it is due."""
        arrived = time.monotonic()
        parts = urlsplit(raw)
        path = unquote(parts.path)
        query = {name.lower(): value for name, value in parse_qsl(parts.query, keep_blank_values=True)}
        line = f"{method} {raw}".lower()
        from_login = self.login.answer(path, dict(parse_qsl(data.decode("utf-8", "replace"))))
        if from_login is not None:
            due = self._due(line, "login", 1)
            return _when_due(_spoilt(from_login, due), arrived)
        call = Incoming(method, path, query, json.loads(data) if data else {})
        kind = target_of(path).kind or path.strip("/").lower().partition("/")[0]
        with self._lock:
            self.calls[kind] += 1
            self.lines.append(f"{method} {raw}")
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            due = self._due(line, kind, self.manager.page_of(call))
            reply = self._answer(call, headers, (method, raw, data))
            reply.delay += self.latency
            return _when_due(_spoilt(reply, due), arrived)
        finally:
            with self._lock:
                self._at_once -= 1

    def _due(self, line: str, kind: str, page: int) -> list[Fault]:
        """What goes wrong with a call; what changes the estate before it has done so."""
        due = self.faults.due(line, kind, page)
        for fault in due:
            if fault.before is not None:
                fault.before(self.estate)
        return due

    def _answer(self, call: Incoming, headers: dict[str, str], key: _Key) -> Reply:
        token = headers.get("authorization", "").removeprefix("Bearer ")
        if not self.login.accepts(token):
            told = (
                f'Bearer authorization_uri="{self.url}/{TENANT}", error="invalid_token", '
                'error_description="The access token has expired."'
            )
            return error(
                401,
                "ExpiredAuthenticationToken",
                "The access token expiry is in the past.",
                WWW_Authenticate=told,
            )
        reply = self._managed(call, key)
        with self._lock:
            for name in self.levels:
                self.levels[name] = max(0.0, self.levels[name] - 1)
                reply.headers[name] = str(int(self.levels[name]))
        return reply

    def _managed(self, call: Incoming, key: _Key) -> Reply:
        if self.remembered is None:
            return self.manager.answer(call)
        held = self.remembered.get(key)
        if held is None:
            held = self.manager.answer(call)
            held.data = held.body
            self.remembered[key] = held
        return replace(held, headers=dict(held.headers))


def _spoilt(reply: Reply, due: Iterable[Fault]) -> Reply:
    for fault in due:
        if fault.effect is not None:
            fault.effect(reply)
    return reply


def _when_due(reply: Reply, arrived: float) -> Reply:
    """The reply, its delay after the call arrived: what making it took is a part of that."""
    if reply.delay:
        reply.data = reply.body
        time.sleep(max(0.0, arrived + reply.delay - time.monotonic()))
    return reply
