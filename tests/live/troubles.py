"""What may go wrong with every call of a kind, and a run that meets it."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from auditor.collectors.azure import kinds
from auditor.collectors.azure.connection import Connection
from tests.arm.access import EVERYTHING, Access
from tests.arm.faults import Effect, Reply, cuts, refuses, throttles, waits
from tests.arm.fixtures import FakeTime, quick, signed_in
from tests.arm.server import ArmServer
from tests.live.estates import ORDERS, PAYMENTS
from tests.live.outcome import Outcome, live_run


@dataclass(frozen=True)
class Trouble:
    """One thing that goes wrong with every call of a kind."""

    effect: Effect
    times: int | None = None
    page: int | None = None
    settings: tuple[tuple[str, float], ...] = ()

    @property
    def passes(self) -> bool:
        """Whether it is over before the retries are."""
        return self.times is not None


def _halves(reply: Reply) -> None:
    reply.data = reply.body[: len(reply.body) // 2]


def _odd(reply: Reply) -> None:
    """One document of a list, or the only one, is none that could be read; others stay."""
    if reply.status == 200:
        value = copy.deepcopy(reply.value)
        entries = value.get("value", value.get("data")) if isinstance(value, dict) else None
        if isinstance(entries, list):
            entries[:1] = [_broken(entries[0]) if entries else None]
            entries.append({"id": 7, "properties": []})
            reply.value = value
        else:
            reply.value = _broken(value)


def _broken(document: Any) -> Any:
    return {**document, "properties": "half", "values": 5} if isinstance(document, dict) else 5


TROUBLES = {
    "403": Trouble(refuses(403, "AuthorizationFailed", "no")),
    "404": Trouble(refuses(404, "ResourceNotFound", "gone")),
    "429 once": Trouble(throttles("3"), times=1),
    "429 for long": Trouble(throttles("3")),
    "500 once": Trouble(refuses(500, "InternalServerError"), times=1),
    "500 always": Trouble(refuses(500, "InternalServerError")),
    "timeout": Trouble(waits(2.5), settings=(("read_timeout", 1.0), ("retries", 0))),
    "cut connection": Trouble(cuts()),
    "truncated JSON": Trouble(_halves),
    "malformed document": Trouble(_odd),
    "page 2 fails": Trouble(refuses(500, "InternalServerError"), page=2),
}
WAN_KINDS = {kinds.HUBS, kinds.HUB_CONNECTIONS, kinds.HUB_TABLES, kinds.ROUTING_INTENT, kinds.WANS}
_PATHS = {
    kinds.PROVIDERS: r"/providers/microsoft\.containerservice\?",
    kinds.FEATURES: r"/providers/microsoft\.features/",
    kinds.GRAPH_ADMIN_RULES: r"/providers/microsoft\.resourcegraph/",
}
"""Where a kind is read that its path does not name."""


def run(
    arm: ArmServer, connection: Connection, subscriptions: Sequence[str] = (*PAYMENTS, *ORDERS)
) -> Outcome:
    """What an undisturbed run gives to one who may do everything."""
    arm.manager.access = Access({"": EVERYTHING})
    try:
        return live_run(connection, subscriptions, deep=True)
    finally:
        connection.close()


def _hit(kind: str) -> tuple[str, ...]:
    return ORDERS if kind in WAN_KINDS else PAYMENTS


def _call(kind: str, hit: Sequence[str]) -> dict[str, str]:
    """Which calls read a kind in these subscriptions."""
    if kind == kinds.GRAPH_ADMIN_RULES:
        return {"where": _PATHS[kind]}
    under = f"/subscriptions/({'|'.join(hit)})/"
    return (
        {"where": f"{under[:-1]}{_PATHS[kind]}"} if kind in _PATHS else {"where": under, "kind": kind.lower()}
    )


def disturbed(
    arm: ArmServer, kind: str, trouble: Trouble, subscriptions: Sequence[str] = (*PAYMENTS, *ORDERS)
) -> Outcome:
    """A run during which all reads of a kind, about one of the clusters, meet a trouble."""
    hit = [one for one in _hit(kind) if one in subscriptions] or subscriptions
    arm.reset()
    arm.manager.empty_first = trouble.page is not None
    if kind == kinds.SUBNETS:  # subnets are read singly only where their network is not to be had
        arm.faults.add(refuses(403), **_call(kinds.NETWORKS, hit))
    fault = arm.faults.add(trouble.effect, times=trouble.times, page=trouble.page, **_call(kind, hit))
    pace = quick(FakeTime(), threads=4, **dict(trouble.settings))
    outcome = run(arm, signed_in(arm, pace), subscriptions)
    assert fault.hit, "nothing was disturbed"
    return outcome
