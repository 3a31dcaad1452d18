"""A connection to Azure Resource Manager: one read in, one answer out, whatever happens on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from types import TracebackType
from typing import Any, Final, Self
from uuid import uuid4

from azure.core.credentials import TokenCredential
from azure.core.exceptions import AzureError, ClientAuthenticationError
from azure.core.rest import HttpRequest

from auditor.collectors.azure.addresses import address_of, followed
from auditor.collectors.azure.clients import Clients
from auditor.collectors.azure.cloud import Cloud
from auditor.collectors.azure.login import reason
from auditor.collectors.azure.pace import Pace
from auditor.collectors.azure.pages import entries, next_page
from auditor.collectors.azure.pipeline import Call, Pipeline, plain_reason
from auditor.collectors.azure.refusal import is_unregistered, judged, older_version
from auditor.collectors.azure.request import Answer, Request
from auditor.collectors.azure.throttle import Lane
from auditor.collectors.azure.tokens import SharedTokens
from auditor.collectors.azure.waiting import GivenUpError
from auditor.errors import InputError

_OLDER_VERSIONS: Final = 3
"""How often a read is asked again in an older api-version: one error lists all of Azure's, the next the type's."""
_POLL: Final = 2.0
"""Seconds between two looks at an operation that names no time."""


@dataclass(frozen=True, slots=True)
class _Response:
    """What came back from one call, after its retries."""

    status: int
    headers: Mapping[str, str]
    value: Any


@dataclass(slots=True)
class _Progress:
    """How far one read has come."""

    request: Request
    version: str
    page: Callable[[list[Any]], None] | None
    documents: list[Any] = field(default_factory=list)
    pages: int = 0
    calls: int = 0
    http_status: int | None = None

    def take(self, found: list[Any]) -> None:
        """The entries of one more page."""
        if self.page is None:
            self.documents.extend(found)
        else:
            self.page(found)
        self.pages += 1


class _EndedError(Exception):
    """A read that ended early, with the answer that says so."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.error)
        self.answer = answer


class Connection:
    """Reads through the real SDK clients' pipelines; safe to use from many threads.

    Login, TLS, retries, redirects and logs are the SDK's, while bodies stay the JSON that the service sent: one
    odd resource never loses the others, and nothing is lost that the SDK's models do not know.
    """

    def __init__(self, cloud: Cloud, credential: TokenCredential, pace: Pace | None = None) -> None:
        self.cloud = cloud
        self.pace = pace or Pace()
        tokens = SharedTokens(credential)
        self._pipeline = Pipeline(cloud.scope, tokens, self.pace)
        self._clients = Clients(cloud, tokens, self._pipeline)
        self._older: dict[str, str] = {}
        # support finds a call by its id, which has the form of a GUID: one by chance, the last part counted
        self._ids = str(uuid4())[:24]
        self._numbers = count(1)

    @property
    def calls(self) -> Mapping[str, int]:
        """HTTP requests so far, retries included, by kind (`Microsoft.Network/virtualNetworks`)."""
        return self._pipeline.counted()

    def read(self, request: Request, page: Callable[[list[Any]], None] | None = None) -> Answer:
        """The answer to one read. A read that fails is an answer too; nothing is raised for it.

        With `page`, the entries of a list go there as each page comes, and the answer holds none: a list may be
        longer than memory. What `page` itself raises ends the read as any other failure does.
        """
        version = self._older.get(request.kind.lower(), request.version)
        progress = _Progress(request, version, page)
        try:
            return self._pages(progress) if request.paged else self._single(progress)
        except _EndedError as ended:
            return _kept(ended.answer, progress)
        except ClientAuthenticationError as error:
            return _kept(_failed(f"the login gives no token: {reason(error)}"), progress)
        except (AzureError, GivenUpError) as error:
            return _kept(_failed(plain_reason(error)), progress)
        except InputError as error:
            return _kept(_failed(error.message), progress)
        except Exception as error:  # noqa: BLE001 - whatever an SDK raises for one answer, the other reads go on
            return _kept(_failed(f"the call failed ({type(error).__name__})"), progress)

    def stop(self) -> None:
        """End all waits now and answer every read that follows as failed; for Ctrl-C."""
        self._pipeline.waiting.stop()

    def close(self) -> None:
        """Give the sockets back."""
        self._pipeline.transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _single(self, progress: _Progress) -> Answer:
        response = self._first(progress)
        progress.pages = 1
        return _complete(progress, body=response.value)

    def _pages(self, progress: _Progress) -> Answer:
        """A list to its last page; what fails on the way leaves the pages before it (ARM-20)."""
        response = self._first(progress)
        if is_unregistered(response.status, response.value):
            return _complete(progress)
        seen: set[str] = set()
        while True:
            progress.take(entries(response.value))
            page = next_page(response.value, progress.request)
            if page is None:
                return _complete(progress)
            if page.mark in seen:
                raise _EndedError(_failed("the list leads back to a page that was read"))
            if progress.pages >= self.pace.most_pages:
                raise _EndedError(_failed(f"the list has more than {self.pace.most_pages:,} pages"))
            seen.add(page.mark)
            if page.link is None:
                url = address_of(self.cloud.resource_manager, progress.request, progress.version)
            else:
                url = followed(self.cloud.resource_manager, page.link)
            method = "GET" if page.body is None else "POST"
            response = self._finished(progress, self._sent(progress, method, url, page.body))
            self._check(progress, response)

    def _first(self, progress: _Progress) -> _Response:
        """The first response that is a success, in an older api-version where the cloud knows no newer (ARM-1)."""
        request = progress.request
        for _ in range(_OLDER_VERSIONS + 1):
            url = address_of(self.cloud.resource_manager, request, progress.version)
            response = self._sent(progress, request.method, url, _said(request))
            older = older_version(response.value, progress.version) if response.status >= 400 else None
            if older is None:
                break
            progress.version = self._older[request.kind.lower()] = older
        response = self._finished(progress, response)
        if not (request.paged and is_unregistered(response.status, response.value)):
            self._check(progress, response)
        return response

    def _check(self, progress: _Progress, response: _Response) -> None:
        if not 200 <= response.status < 300:
            status, code, error = judged(response.status, response.value, progress.request)
            raise _EndedError(Answer(status=status, error=error, code=code or None))

    def _finished(self, progress: _Progress, response: _Response) -> _Response:
        """The result of an operation that answered 202, once it is done (ARM-14)."""
        if response.status != 202:
            return response
        end = self.pace.clock() + self.pace.longest_operation
        watch = response.headers.get("azure-asyncoperation")
        result = response.headers.get("location")
        while response.status == 202 or (watch is not None and _is_running(response)):
            if self.pace.clock() > end:
                raise _EndedError(
                    _failed(f"the operation is not done after {self.pace.longest_operation:g} s")
                )
            self._pipeline.waiting.wait(_asked_wait(response))
            url = followed(self.cloud.resource_manager, watch or result)
            response = self._sent(progress, "GET", url, None)
        if watch is None or not 200 <= response.status < 300:
            return response
        state = str(_member(response.value, "status"))
        if state.lower() != "succeeded":
            raise _EndedError(_failed(f"the operation ended as {state!r:.80}"))
        if result is None:
            return replace(response, value=_member(response.value, "properties"))
        return self._sent(progress, "GET", followed(self.cloud.resource_manager, result), None)

    def _sent(self, progress: _Progress, method: str, url: str, body: Mapping[str, Any] | None) -> _Response:
        request = progress.request
        lane = Lane(request.subscription or "", request.provider, method)
        call = Call(lane=lane, kind=request.kind)
        try:
            response = self._clients.of(request.provider).send_request(
                HttpRequest(method, url, json=body),
                stream=True,
                call=call,
                request_id=f"{self._ids}{next(self._numbers):012x}",  # the SDK's own is slow to make
                retry_on_methods=("GET", "POST"),  # the POSTs that are sent here read, too
            )
        finally:
            progress.calls += call.tries
        progress.http_status = response.status_code
        headers = {name.lower(): value for name, value in response.headers.items()}
        return _Response(response.status_code, headers, call.value)


def _complete(progress: _Progress, *, body: Any = None) -> Answer:
    return _with_progress(Answer(status="complete", body=body), progress)


def _failed(error: str) -> Answer:
    return Answer(status="failed", error=error)


def _kept(answer: Answer, progress: _Progress) -> Answer:
    """The answer of a read that ended early: `partial` where pages were read before."""
    if progress.pages:
        page = f"page {progress.pages + 1}: {answer.error}"
        answer = Answer(status="partial", error=page, code=answer.code)
    return _with_progress(answer, progress)


def _with_progress(answer: Answer, progress: _Progress) -> Answer:
    return replace(
        answer,
        documents=tuple(progress.documents),
        pages=progress.pages,
        http_status=progress.http_status,
        api_version=progress.version,
        calls=progress.calls,
    )


def _said(request: Request) -> Mapping[str, Any] | None:
    """What a request says: a question whose answer has pages takes a body, be it an empty one."""
    return {} if request.body is None and request.method == "POST" and request.paged else request.body


def _is_running(response: _Response) -> bool:
    state = str(_member(response.value, "status")).lower()
    return 200 <= response.status < 300 and state not in {
        "succeeded",
        "failed",
        "canceled",
        "cancelled",
        "none",
    }


def _asked_wait(response: _Response) -> float:
    text = response.headers.get("retry-after", "")
    return float(min(int(text), 60)) if text.isascii() and text.isdigit() else _POLL


def _member(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None
