"""An HTTPS server on loopback that plays Azure Resource Manager and its login endpoint."""

from __future__ import annotations

import json
import ssl
import tempfile
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

import trustme

from tests.arm.access import Access
from tests.arm.estate import TENANT, Estate
from tests.arm.faults import Faults, Reply, error
from tests.arm.login import CLIENT, Login
from tests.arm.paths import target_of
from tests.arm.resource_manager import Incoming, ResourceManager

HOST = "localhost"
_SECRET = "arm-test-client-secret"  # noqa: S105 - of this server alone


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
        self._at_once = 0
        self._lock = threading.Lock()
        self._folder = tempfile.TemporaryDirectory(prefix="arm-")
        authority = trustme.CA()
        self.ca_file = Path(self._folder.name) / "ca.pem"
        authority.cert_pem.write_to_path(str(self.ca_file))
        self._http = _Server((HOST, port), _Handler)
        self._http.arm = self
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
        """The reply to one call, with everything that goes wrong with it."""
        parts = urlsplit(raw)
        path = unquote(parts.path)
        query = {name.lower(): value for name, value in parse_qsl(parts.query, keep_blank_values=True)}
        from_login = self.login.answer(path, dict(parse_qsl(data.decode("utf-8", "replace"))))
        if from_login is not None:
            return self._with_faults(from_login, f"{method} {raw}".lower(), "login", 1)
        body = json.loads(data) if data else {}
        call = Incoming(method, path, query, body)
        kind = target_of(path).kind or path.strip("/").lower().partition("/")[0]
        with self._lock:
            self.calls[kind] += 1
            self.lines.append(f"{method} {raw}")
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            return self._with_faults(
                None, f"{method} {raw}".lower(), kind, self.manager.page_of(call), call, headers
            )
        finally:
            with self._lock:
                self._at_once -= 1

    def _with_faults(
        self,
        reply: Reply | None,
        line: str,
        kind: str,
        page: int,
        call: Incoming | None = None,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        due = self.faults.due(line, kind, page)
        for fault in due:
            if fault.before is not None:
                fault.before(self.estate)
        if reply is None:
            reply = self._answer(call, headers or {}) if call is not None else Reply(500)
            reply.delay += self.latency
        for fault in due:
            if fault.effect is not None:
                fault.effect(reply)
        if reply.delay:
            time.sleep(reply.delay)
        return reply

    def _answer(self, call: Incoming, headers: dict[str, str]) -> Reply:
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
        reply = self.manager.answer(call)
        with self._lock:
            for name in self.levels:
                self.levels[name] = max(0.0, self.levels[name] - 1)
                reply.headers[name] = str(int(self.levels[name]))
        return reply


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    arm: ArmServer

    def process_request(self, request: Any, client_address: Any) -> None:
        """See BaseServer."""
        self.arm.connections += 1
        super().process_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that hang up: the tests make them do so."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 65536
    server: _Server

    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def do_PUT(self) -> None:
        self._serve("PUT")

    def log_message(self, *_arguments: object) -> None:
        """Nothing: `calls` and `lines` say what was asked."""

    def _serve(self, method: str) -> None:
        if self.server.arm.deaf:
            self._hang_up()
            return
        length = int(self.headers.get("Content-Length", 0))
        data = self.rfile.read(length)
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.server.arm.reply_to(method, self.path, headers, data)
        if reply.cut == "before":
            self._hang_up()
            return
        body = reply.body
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if reply.cut == "middle":
            self.wfile.write(body[: len(body) // 2])
            self._hang_up()
            return
        self.wfile.write(body)

    def _hang_up(self) -> None:
        self.wfile.flush()
        self.close_connection = True
