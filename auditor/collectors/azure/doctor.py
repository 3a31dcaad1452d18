"""Whether a login may read what an audit needs: asked of Azure's own permissions, and tried once for each kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from auditor.collectors.azure.connect import Subscription
from auditor.collectors.azure.connection import Connection
from auditor.collectors.azure.kinds import PERMISSIONS
from auditor.collectors.azure.permissions import Grant, grants_of, may, permissions_request
from auditor.collectors.azure.request import Answer, Request
from auditor.collectors.azure.rights import Right, providers, rights
from auditor.collectors.azure.trials import Answers, first_trials, later_trials

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One right at one scope: what Azure says of it, and how a real read ended."""

    right: Right
    granted: bool | None
    """What Azure's permissions say; None where they could not be asked."""
    answer: Answer | None
    """The end of a real read; None where nothing was there to try it on."""

    @property
    def works(self) -> bool | None:
        """True if it is there, False if it is missing, None if neither can be told.

        A list that answers although the right is not granted may show a part only (ARM-23), so it proves nothing.
        """
        if self.answer is None or self._says_nothing(self.answer):
            return self.granted
        if self.answer.status == "denied":
            return False
        return True if self.answer.complete and self.granted is not False else None

    @property
    def detail(self) -> str:
        """What stands against it, in one line; empty if nothing does."""
        if self.works:
            return ""
        if self.answer is not None and self.answer.complete:
            return "the list answers, but the right is not granted here: it may show a part only (ARM-23)"
        if self.answer is not None and not self._says_nothing(self.answer):
            return self.answer.error or self.answer.status
        return "not granted" if self.granted is False else "could not be asked"

    @staticmethod
    def _says_nothing(answer: Answer) -> bool:
        """Whether there was nothing to read: no such resource, or a provider that is not registered (ARM-34)."""
        return answer.status == "absent" or (answer.code or "").lower() == "missingsubscriptionregistration"


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
    absent: bool = False
    """Whether there is no such resource group; then nothing was checked."""

    @property
    def lacking(self) -> tuple[Checked, ...]:
        """Rights whose want makes a scan of this scope incomplete, and that are missing or that nothing confirms.

        One of them is to ask for the permissions in a subscription: without it no list there is known to be whole.
        """
        return tuple(
            one
            for one in self.checked
            if one.works is not True
            and (one.right.essential or (_is_whole(self.id) and one.right.kind.type == PERMISSIONS))
        )


def examine(
    connection: Connection,
    subscriptions: Sequence[Subscription],
    *,
    resource_groups: Sequence[str] = (),
    deep: bool = False,
    progress: Progress | None = None,
) -> tuple[ScopeReport, ...]:
    """What the login may read in each subscription, or in the named groups of each; a few dozen cheap reads.

    Of every list only the first page is read. Nothing is raised for a read that fails: that is what is reported.
    """
    wanted = rights(deep=deep)
    scopes = [
        (f"/subscriptions/{one.id}{group}", f"{one.name}{group.replace('/resourceGroups', '')}")
        for one in subscriptions
        for group in ([f"/resourceGroups/{name}" for name in resource_groups] or [""])
    ]
    reader = _Reader(connection, progress)
    reader.read([request for scope, _ in scopes for request in _first(scope)])
    reader.read([trial.request for scope, _ in scopes for trial in later_trials(scope, reader.answers)])
    return tuple(_report(scope, name, wanted, reader.answers) for scope, name in scopes)


class _Reader:
    """Reads many things at once and keeps the answers by path."""

    def __init__(self, connection: Connection, progress: Progress | None) -> None:
        self._connection = connection
        self._progress = progress
        self.answers: dict[str, Answer] = {}

    def read(self, requests: Sequence[Request]) -> None:
        """Read what was not read yet."""
        todo = {request.path: request for request in requests if request.path not in self.answers}
        total = len(self.answers) + len(todo)
        pool = ThreadPoolExecutor(self._connection.pace.threads)
        try:
            for path, answer in zip(todo, pool.map(self._connection.read, todo.values()), strict=True):
                self.answers[path] = answer
                if self._progress is not None:
                    self._progress("rights", len(self.answers), total)
        except BaseException:  # whatever ends it, Ctrl-C included, the threads must not wait on
            self._connection.stop()
            raise
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _first(scope: str) -> Iterator[Request]:
    yield permissions_request(scope)
    yield from (_provider(scope, name) for name in providers())
    yield from (trial.request for trial in first_trials(scope))


def _provider(scope: str, name: str) -> Request:
    return Request(path=f"/subscriptions/{scope.split('/')[2]}/providers/{name}")


def _report(scope: str, name: str, wanted: Sequence[Right], answers: Answers) -> ScopeReport:
    permissions = answers[permissions_request(scope).path]
    absent = permissions.status == "absent" and not _is_whole(scope)
    grants = grants_of(permissions.documents) if permissions.complete else None
    trials = [*first_trials(scope), *later_trials(scope, answers)]
    tried = {trial.kind: answers[trial.request.path] for trial in trials} | {PERMISSIONS: permissions}
    return ScopeReport(
        id=scope,
        name=name,
        providers={one: _state(answers[_provider(scope, one).path]) for one in providers()},
        absent=absent,
        checked=tuple(
            Checked(right=right, granted=_granted(right, grants), answer=tried.get(right.kind.type))
            for right in (() if absent else wanted)
        ),
        remark="" if permissions.complete else permissions.error or permissions.status,
    )


def _is_whole(scope: str) -> bool:
    """Whether a scope is a subscription rather than a group in one."""
    return "/resourcegroups/" not in scope.lower()


def _granted(right: Right, grants: Sequence[Grant] | None) -> bool | None:
    if grants is None:
        return None
    return may(grants, right.action) or (right.instead is not None and may(grants, right.instead))


def _state(answer: Answer) -> str:
    state = answer.body.get("registrationState") if isinstance(answer.body, dict) else None
    return state if isinstance(state, str) else "unknown"
