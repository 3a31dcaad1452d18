"""The SDK clients' pipelines: their login, TLS, retries, redirects and logs; bodies stay raw JSON."""

from __future__ import annotations

import math
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from azure.core.exceptions import (
    AzureError,
    ServiceRequestError,
    ServiceResponseError,
    ServiceResponseTimeoutError,
)
from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import (
    HeadersPolicy,
    HTTPPolicy,
    RedirectPolicy,
    RequestIdPolicy,
    RetryPolicy,
    SansIOHTTPPolicy,
    SensitiveHeaderCleanupPolicy,
    UserAgentPolicy,
)
from azure.core.rest import HttpRequest, HttpResponse
from azure.mgmt.core.policies import ARMHttpLoggingPolicy

from auditor import __version__
from auditor.collectors.azure.login import TRUST, UNTRUSTED
from auditor.collectors.azure.pace import Pace
from auditor.collectors.azure.throttle import Lane, Throttle
from auditor.collectors.azure.tokens import Authentication, SharedTokens
from auditor.collectors.azure.transport import Transport
from auditor.collectors.azure.waiting import GivenUpError, Waiting
from auditor.collectors.json_text import parse
from auditor.errors import InputError

_BUSY: Final = frozenset({429, 503})
_NO_BODY: Final = frozenset({202, 204})


@dataclass(slots=True, kw_only=True)
class Call:
    """What is noted about one call while it passes through the pipeline; a retry writes over what was there."""

    lane: Lane
    kind: str
    tries: int = 0
    value: Any = field(default=None)
    """The JSON value of the last response, or None where it had none."""


class Retries(RetryPolicy[HttpRequest, HttpResponse]):
    """The SDK's retries with jitter, and without trust in what a Retry-After header says (ARM-27, ARM-30)."""

    def __init__(self, pace: Pace) -> None:
        super().__init__(
            retry_total=pace.retries,
            retry_connect=pace.retries,
            retry_read=pace.retries,
            retry_status=pace.retries,
        )
        self._pace = pace

    def get_backoff_time(self, settings: dict[str, Any]) -> float:
        """Seconds before the next try: doubled with each, and up to half of it less by chance."""
        delay = self._pace.base_delay * 2.0 ** (len(settings["history"]) - 1)
        return min(delay, self._pace.longest_delay) * (1.0 - self._pace.jitter() / 2.0)

    def get_retry_after(self, response: PipelineResponse[Any, Any]) -> float | None:
        """Seconds that the service asks for; None where it says none or nonsense."""
        try:
            seconds = super().get_retry_after(response)
        except (ValueError, TypeError, OverflowError):
            return None
        return seconds if seconds is not None and math.isfinite(seconds) else None

    def is_retry(self, settings: dict[str, Any], response: PipelineResponse[Any, Any]) -> bool:
        """Whether to try again; never after a wait that is longer than anybody would stand by for."""
        wait = self.get_retry_after(response)
        if wait is not None and wait > self._pace.longest_wait:
            return False
        return bool(super().is_retry(settings, response))


class EachTry(HTTPPolicy[HttpRequest, HttpResponse]):
    """What happens at each try: its turn is waited for, it is counted, and its body is read whole and parsed.

    It stands below the retries, so that a body which breaks off or is no JSON is asked for again.
    """

    def __init__(
        self, pace: Pace, waiting: Waiting, throttle: Throttle, count: Callable[[str], None], retries: Retries
    ) -> None:
        super().__init__()
        self._pace = pace
        self._waiting = waiting
        self._throttle = throttle
        self._count = count
        self._retries = retries

    def send(self, request: PipelineRequest[HttpRequest]) -> PipelineResponse[HttpRequest, HttpResponse]:
        """See HTTPPolicy."""
        noted = request.context.options.pop("call", None)
        if noted is not None:
            request.context["call"] = noted
        call: Call = request.context["call"]
        self._wait_for_turn(call.lane)
        call.tries += 1
        call.value = None
        self._count(call.kind)
        headers: dict[str, str] = {}
        try:
            response = self.next.send(request)
            headers = {name.lower(): value for name, value in response.http_response.headers.items()}
            call.value = self._value(response.http_response)
        except ServiceRequestError as error:
            if UNTRUSTED in str(error):
                raise GivenUpError(TRUST) from None
            raise
        finally:
            self._throttle.done(call.lane, headers)
        if response.http_response.status_code in _BUSY:
            self._throttle.refused(call.lane, self._retries.get_retry_after(response))
        return response

    def _wait_for_turn(self, lane: Lane) -> None:
        self._waiting.check()
        while (delay := self._throttle.delay(lane)) > 0:
            self._waiting.wait(delay)

    def _value(self, response: HttpResponse) -> Any:
        """The JSON value of a body. A broken one is an error that is retried, unless the status is one already."""
        good = 200 <= response.status_code < 300
        data = self._whole(response)
        if not data.strip() and (response.status_code in _NO_BODY or not good):
            return None
        try:
            return parse(data, "answer")
        except InputError as error:
            if not good:
                return None
            raise ServiceResponseError(f"the answer is broken: {error.message}") from None

    def _whole(self, response: HttpResponse) -> bytes:
        end = self._pace.clock() + self._pace.longest_answer
        data = bytearray()
        try:
            for part in response.iter_bytes():
                data += part
                if len(data) > self._pace.most_bytes:
                    raise GivenUpError(f"the answer is larger than {self._pace.most_bytes:,} bytes")
                if self._pace.clock() > end:
                    raise ServiceResponseTimeoutError(
                        f"the answer took longer than {self._pace.longest_answer:g} s"
                    )
        finally:
            response.close()
        return bytes(data)


class Pipeline:
    """All that the clients of one connection share: one transport, one token, one set of buckets, one count."""

    def __init__(self, scope: str, tokens: SharedTokens, pace: Pace) -> None:
        self.waiting = Waiting(pace)
        self.transport = Transport(pace, self.waiting)
        self._scope = scope
        self._tokens = tokens
        self._pace = pace
        self._throttle = Throttle(pace)
        self._lock = threading.Lock()
        self._calls: Counter[str] = Counter()

    def counted(self) -> dict[str, int]:
        """Calls so far by kind."""
        with self._lock:
            return dict(self._calls)

    def policies(self, product: str) -> list[HTTPPolicy[Any, Any] | SansIOHTTPPolicy[Any, Any]]:
        """The policies of one client: what its own default list holds, in its order, with four differences.

        A provider that is not registered stays so (the default registers it: this tool never writes), the trace
        that logs bodies and tokens cannot be switched on, proxies are those of the environment, which the transport
        knows, and EachTry reads the bodies.
        """
        retries = Retries(self._pace)
        return [
            RequestIdPolicy(),
            HeadersPolicy({"Accept": "application/json"}),
            UserAgentPolicy(user_agent=f"egress-audit/{__version__}", sdk_moniker=product),
            RedirectPolicy(),
            retries,
            Authentication(self._tokens, self._scope),
            SensitiveHeaderCleanupPolicy(),
            EachTry(self._pace, self.waiting, self._throttle, self._note, retries),
            ARMHttpLoggingPolicy(),
        ]

    def _note(self, kind: str) -> None:
        with self._lock:
            self._calls[kind] += 1


def plain_reason(error: BaseException) -> str:
    """What went wrong on the way, in one line without addresses or parameters."""
    text = str(error)
    if isinstance(error, GivenUpError):
        return text
    if isinstance(error, ServiceResponseTimeoutError):
        return "no answer in time"
    if isinstance(error, ServiceResponseError) and text.startswith("the answer"):
        return text
    return f"{_HAPPENED.get(type(error).__name__, 'the call failed')} ({_root(error)})"


_HAPPENED: Final = {
    "ServiceRequestError": "the service cannot be reached",
    "ServiceRequestTimeoutError": "the service cannot be reached in time",
    "ServiceResponseError": "the connection was cut",
    "IncompleteReadError": "the answer broke off",
    "DecodeError": "the answer is broken",
    "HttpResponseError": "the answer broke off",
    "TooManyRedirectsError": "too many redirects",
}


def _root(error: BaseException) -> str:
    """The name of what is at the bottom of an error of the SDK."""
    seen: set[int] = set()
    while id(error) not in seen:
        seen.add(id(error))
        inner = error.inner_exception if isinstance(error, AzureError) else None
        below = (
            inner
            or error.__cause__
            or next((arg for arg in error.args if isinstance(arg, BaseException)), None)
        )
        reason = getattr(below, "reason", None)
        below = reason if isinstance(reason, BaseException) else below
        if below is None:
            break
        error = below
    return type(error).__name__
