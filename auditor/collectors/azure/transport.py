"""The SDK's transport, with the work for one call cut down to what it needs.

A call to Azure is a request with a token and a body of JSON: no cookies, no redirects (the SDK's policies follow
them), no forms, no passwords of a `.netrc`, which would take the place of the token. Which proxy and which
certificates hold is asked once for each host. Preparing all that for every call took a quarter of its processor
time; sockets, TLS, proxies and all errors stay those of requests and urllib3.
"""

from __future__ import annotations

from typing import Any, Final

import requests
from azure.core.pipeline.transport import RequestsTransport
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPResponse, Retry

from auditor.collectors.azure.pace import Pace
from auditor.collectors.azure.waiting import Waiting

_HEADERS: Final = {"Accept-Encoding": "gzip, deflate", "Connection": "keep-alive"}
_BLOCK: Final = 1 << 14
"""Bytes of a body that are taken at a time: a record of TLS."""
_OPTIONS: Final = frozenset({"stream", "verify", "timeout", "headers", "data", "allow_redirects"})
"""What a call may set for the short way; whatever else is set takes the way of requests."""


class Transport(RequestsTransport):  # type: ignore[misc]  # exported lazily, so it has no type
    """As many sockets kept open as there are threads, and waits that can be ended."""

    def __init__(self, pace: Pace, waiting: Waiting) -> None:
        session = _Session(pace.threads)
        super().__init__(
            session=session,
            session_owner=False,
            connection_timeout=pace.connect_timeout,
            read_timeout=pace.read_timeout,
            connection_data_block_size=_BLOCK,
        )
        self._kept = session
        self._waiting = waiting

    def sleep(self, duration: float) -> None:
        """See HttpTransport."""
        self._waiting.wait(duration)

    def close(self) -> None:
        """See HttpTransport."""
        self._kept.close()


class _Session(requests.Session):
    def __init__(self, sockets: int) -> None:
        super().__init__()
        self.auth = _as_it_is
        self._settings: dict[tuple[str, Any], dict[str, Any]] = {}
        never = Retry(total=False, redirect=False, raise_on_status=False)
        for scheme in ("https://", "http://"):
            self.mount(scheme, _Adapter(max_retries=never, pool_maxsize=sockets))

    def request(self, method: Any, url: Any, *args: Any, **options: Any) -> requests.Response:
        """See requests."""
        body = options.get("data")
        odd = args or any(value is not None for name, value in options.items() if name not in _OPTIONS)
        if odd or options.get("allow_redirects", True) or not isinstance(body, str | bytes | None):
            return super().request(method, url, *args, **options)
        call = requests.PreparedRequest()
        call.method, call.url, call.body = method, url, body
        call.headers = {**_HEADERS, **options["headers"]}  # type: ignore[assignment]  # names are as the SDK sets them
        settings = self._settings_of(url, options.get("verify"))
        return self.get_adapter(url).send(
            call, stream=options.get("stream", False), timeout=options.get("timeout"), **settings
        )

    def _settings_of(self, url: str, verify: Any) -> dict[str, Any]:
        """Proxies and certificates that the environment names for a host."""
        key = (_origin(url), verify)
        found = self._settings.get(key)
        if found is None:
            found = dict(self.merge_environment_settings(url, {}, None, verify, None))
            del found["stream"]
            self._settings[key] = found
        return found


class _Adapter(HTTPAdapter):
    """Looks for a host's sockets once, and for no cookies."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._pools: dict[tuple[str, Any], HTTPConnectionPool] = {}
        self._verified: set[tuple[HTTPConnectionPool, Any]] = set()

    def get_connection_with_tls_context(
        self, request: requests.PreparedRequest, verify: Any, proxies: Any = None, cert: Any = None
    ) -> HTTPConnectionPool:
        """See requests."""
        key = (_origin(str(request.url)), verify)
        found = self._pools.get(key)
        if found is None:
            found = super().get_connection_with_tls_context(request, verify, proxies=proxies, cert=cert)
            self._pools[key] = found
        return found

    def cert_verify(self, conn: HTTPConnectionPool, url: str, verify: Any, cert: Any) -> None:
        """See requests. Which certificates hold is the same for all sockets of a pool."""
        if cert is not None or (conn, verify) not in self._verified:
            super().cert_verify(conn, url, verify, cert)
            self._verified.add((conn, verify))

    def build_response(self, req: requests.PreparedRequest, resp: HTTPResponse) -> requests.Response:
        """See requests."""
        response = requests.Response()
        response.status_code, response.reason, response.raw = resp.status, str(resp.reason), resp
        response.headers.update(resp.headers)
        response.url, response.request = str(req.url), req
        return response


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _origin(url: str) -> str:
    """Scheme, host and port of an address, as they are written."""
    return "/".join(url.split("/", 3)[:3])
