"""Whether a login may read what an audit needs: asked of Azure's own permissions, and tried once for each kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from auditor.collectors.azure.connect import Subscription
from auditor.collectors.azure.connection import Connection
from auditor.collectors.azure.permissions import Grant, grants_of, may, permissions_request
from auditor.collectors.azure.request import Answer, Request
from auditor.collectors.azure.rights import Right, providers, rights

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One right at one scope: what Azure says of it, and how a real read ended."""

    right: Right
    granted: bool | None
    """What Azure's permissions say; None where they could not be asked."""
    answer: Answer | None
    """The end of a real list; None for a right that no list of this scope needs."""

    @property
    def works(self) -> bool | None:
        """True if it is there, False if it is missing, None if neither can be told.

        A list that answers although the right is not granted may show a part only (ARM-23), so it proves nothing.
        """
        if self.answer is None:
            return self.granted
        if self.answer.status == "denied":
            return False
        return True if self.answer.complete and self.granted is not False else None

    @property
    def detail(self) -> str:
        """What stands against it, in one line; empty if nothing does."""
        if self.answer is not None and not self.answer.complete:
            return self.answer.error or self.answer.status
        if self.answer is not None and self.granted is False:
            return "the list answers, but the right is not granted here: it may show a part only (ARM-23)"
        return "" if self.works else "not granted" if self.works is False else "could not be asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeReport:
    """Everything found out about one subscription or resource group."""

    id: str
    name: str
    providers: Mapping[str, str]
    """State of registration by namespace; `unknown` where it could not be read."""
    checked: tuple[Checked, ...]
    remark: str = ""
    """Why the permissions could not be asked; empty if they could."""

    @property
    def lacking(self) -> tuple[Checked, ...]:
        """Essential rights that are missing, or that nothing confirms."""
        return tuple(one for one in self.checked if one.right.essential and one.works is not True)


def examine(
    connection: Connection,
    subscriptions: Sequence[Subscription],
    *,
    resource_groups: Sequence[str] = (),
    deep: bool = False,
    progress: Progress | None = None,
) -> tuple[ScopeReport, ...]:
    """What the login may read in each subscription, or in the named groups of each; a handful of cheap reads.

    Nothing is raised for a read that fails: that is what is reported.
    """
    scopes = [
        (f"/subscriptions/{one.id}{group}", f"{one.name}{group.replace('/resourceGroups', '')}")
        for one in subscriptions
        for group in ([f"/resourceGroups/{name}" for name in resource_groups] or [""])
    ]
    wanted = rights(deep=deep)
    requests = {request.path: request for scope, _ in scopes for request in _requests(scope, wanted)}
    answers = _read(connection, list(requests.values()), progress)
    return tuple(_report(scope, name, wanted, answers) for scope, name in scopes)


def _requests(scope: str, wanted: Iterable[Right]) -> Iterable[Request]:
    yield permissions_request(scope)
    yield from (_provider(scope, name) for name in providers())
    yield from (right.request(scope) for right in wanted if right.listed)


def _provider(scope: str, name: str) -> Request:
    return Request(path=f"/subscriptions/{scope.split('/')[2]}/providers/{name}")


def _read(
    connection: Connection, requests: Sequence[Request], progress: Progress | None
) -> dict[str, Answer]:
    """The answers by path."""
    found: dict[str, Answer] = {}
    with ThreadPoolExecutor(connection.pace.threads) as pool:
        try:
            for request, answer in zip(requests, pool.map(connection.read, requests), strict=True):
                found[request.path] = answer
                if progress is not None:
                    progress("rights", len(found), len(requests))
        except BaseException:  # Ctrl-C: the threads must not go on reading while the pool waits for them
            connection.stop()
            pool.shutdown(cancel_futures=True)
            raise
    return found


def _report(scope: str, name: str, wanted: Sequence[Right], answers: Mapping[str, Answer]) -> ScopeReport:
    permissions = answers[permissions_request(scope).path]
    grants = grants_of(permissions.documents) if permissions.complete else None
    return ScopeReport(
        id=scope,
        name=name,
        providers={one: _state(answers[_provider(scope, one).path]) for one in providers()},
        checked=tuple(_checked(right, scope, grants, answers) for right in wanted),
        remark="" if permissions.complete else permissions.error or permissions.status,
    )


def _state(answer: Answer) -> str:
    state = answer.body.get("registrationState") if isinstance(answer.body, dict) else None
    return state if isinstance(state, str) else "unknown"


def _checked(
    right: Right, scope: str, grants: Sequence[Grant] | None, answers: Mapping[str, Answer]
) -> Checked:
    return Checked(
        right=right,
        granted=None if grants is None else may(grants, right.action),
        answer=answers[right.request(scope).path] if right.listed else None,
    )
