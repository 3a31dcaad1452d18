"""HTTP/1.1 between the server and its callers, with little work for a call: what a benchmark measures is the caller."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any, Protocol

from tests.arm.faults import Reply

_REASONS = {status.value: status.phrase for status in HTTPStatus}
_METHODS = frozenset({"GET", "POST", "PUT"})


class Service(Protocol):
    """Who answers."""

    deaf: bool
    connections: int

    def reply_to(self, method: str, raw: str, headers: dict[str, str], data: bytes) -> Reply:
        """The reply, once it is due; the headers have names in lower case."""
        ...


class HttpServer(ThreadingTCPServer):
    """A thread for each connection."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    service: Service

    def process_request(self, request: Any, client_address: Any) -> None:
        """See BaseServer."""
        self.service.connections += 1
        super().process_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that hang up: the tests make them do so."""


class Handler(StreamRequestHandler):
    """One connection: call after call until somebody hangs up."""

    disable_nagle_algorithm = True
    server: HttpServer

    def handle(self) -> None:
        """See BaseRequestHandler."""
        while self._answered():
            pass

    def _answered(self) -> bool:
        """Whether a call was answered and the connection stays."""
        words = self.rfile.readline(65_536).decode("latin-1").split()
        if len(words) != 3 or words[0] not in _METHODS:
            return False
        method, raw, version = words
        headers = dict(self._headers())
        if self.server.service.deaf:
            return False
        data = self.rfile.read(int(headers.get("content-length", 0)))
        reply = self.server.service.reply_to(method, raw, headers, data)
        if reply.cut == "before":
            return False
        body = reply.body
        told = {
            **reply.headers,
            "Content-Type": "application/json; charset=utf-8",
            "Content-Length": str(len(body)),
        }
        head = f"HTTP/1.1 {reply.status} {_REASONS.get(reply.status, '')}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in told.items())
        sent = body[: len(body) // 2] if reply.cut == "middle" else body
        self.connection.sendall(f"{head}\r\n".encode("latin-1") + sent)
        keeps = version == "HTTP/1.1" and headers.get("connection", "").lower() != "close"
        return keeps and reply.cut is None

    def _headers(self) -> Iterator[tuple[str, str]]:
        while line := self.rfile.readline(65_536).strip():
            name, _, value = line.decode("latin-1").partition(":")
            yield name.lower(), value.strip()
