"""Every kind of read, and everything that may go wrong with it: nothing unread ever becomes a pass."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from auditor.collectors.azure import kinds
from auditor.collectors.azure.connection import Connection
from auditor.collectors.azure.kinds import KINDS
from auditor.model.essential import is_essential
from tests.arm.access import EVERYTHING, Access
from tests.arm.faults import Effect, Reply, cuts, refuses, throttles, waits
from tests.arm.fixtures import FakeTime, quick, served, signed_in
from tests.arm.server import ArmServer
from tests.live.estates import ORDERS, PAYMENTS, two_clusters
from tests.live.outcome import Outcome, Question, live_run


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


Answers = dict[Question, tuple[str, tuple[str, ...]]]

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
_WAN_KINDS = {kinds.HUBS, kinds.HUB_CONNECTIONS, kinds.HUB_TABLES, kinds.ROUTING_INTENT, kinds.WANS}
_SINGLE = {
    kinds.SERVICE_TAGS, kinds.SUBNETS, kinds.PROVIDERS, kinds.FEATURES, kinds.EFFECTIVE_ROUTES,
    kinds.EFFECTIVE_GROUPS,
}  # fmt: skip
"""Kinds that come without pages."""
_PATHS = {
    kinds.PROVIDERS: r"/providers/microsoft\.containerservice\?",
    kinds.FEATURES: r"/providers/microsoft\.features/",
    kinds.GRAPH_ADMIN_RULES: r"/providers/microsoft\.resourcegraph/",
}
"""Where a kind is read that its path does not name."""
_SHARED = {kinds.GRAPH_ADMIN_RULES, kinds.SERVICE_TAGS}
"""Kinds that are read once for all clusters."""
_QUESTIONS = {
    kinds.PERMISSIONS, kinds.DEPENDENCIES, kinds.GRAPH_ADMIN_RULES, kinds.ADMIN_RULES, kinds.EFFECTIVE_ROUTES,
    kinds.EFFECTIVE_GROUPS,
}  # fmt: skip
"""Kinds whose answers are kept as they are, odd entries and all: whoever reads them finds what is odd."""
_NONE_ON_404 = {kinds.FEATURES, kinds.PROVIDERS}
"""Kinds of which a 404 says that there is none."""
CASES = [
    (kind.type, name)
    for kind in KINDS
    for name, trouble in TROUBLES.items()
    if trouble.page is None or kind.type not in _SINGLE
]


def _quick_case(case: tuple[str, str]) -> bool:
    """Whether `make test` runs a case: each kind denied, and every other essential one with another trouble in turn."""
    kind, name = case
    if name == "403":
        return True
    others = [other for also, other in CASES if also == kind and other != "403"]
    essential = [item.type for item in KINDS if item.essential]
    number, odd = divmod(essential.index(kind) if kind in essential else 1, 2)
    return not odd and name == others[number % len(others)]


PARAMETERS = [
    pytest.param(*case, id=f"{case[0]}-{case[1]}", marks=[] if _quick_case(case) else [pytest.mark.deep])
    for case in CASES
]


@pytest.fixture(scope="module")
def arm() -> Iterator[ArmServer]:
    with served(two_clusters()) as server:
        yield server


@pytest.fixture(scope="module")
def healthy(arm: ArmServer) -> Outcome:
    """What comes of an undisturbed run."""
    return _run(arm, signed_in(arm, quick(threads=4)))


def _run(arm: ArmServer, connection: Connection) -> Outcome:
    arm.manager.access = Access({"": EVERYTHING})
    try:
        return live_run(connection, [*PAYMENTS, *ORDERS], deep=True)
    finally:
        connection.close()


def _hit(kind: str) -> tuple[str, ...]:
    return ORDERS if kind in _WAN_KINDS else PAYMENTS


def _call(kind: str) -> dict[str, str]:
    """Which calls read a kind in the subscriptions of the cluster that is hit."""
    if kind == kinds.GRAPH_ADMIN_RULES:
        return {"where": _PATHS[kind]}
    under = f"/subscriptions/({'|'.join(_hit(kind))})/"
    return (
        {"where": f"{under[:-1]}{_PATHS[kind]}"} if kind in _PATHS else {"where": under, "kind": kind.lower()}
    )


def disturbed(arm: ArmServer, kind: str, trouble: Trouble) -> Outcome:
    """A run during which all reads of a kind, about one of the clusters, meet a trouble."""
    arm.reset()
    arm.manager.empty_first = trouble.page is not None
    if kind == kinds.SUBNETS:  # subnets are read singly only where their network is not to be had
        arm.faults.add(refuses(403), **_call(kinds.NETWORKS))
    fault = arm.faults.add(trouble.effect, times=trouble.times, page=trouble.page, **_call(kind))
    outcome = _run(arm, signed_in(arm, quick(FakeTime(), threads=4, **dict(trouble.settings))))
    assert fault.hit, "nothing was disturbed"
    return outcome


@pytest.mark.parametrize(("kind", "name"), PARAMETERS)
def test_trouble_with_one_kind_of_read(arm: ArmServer, healthy: Outcome, kind: str, name: str) -> None:
    """Each kind of read x each trouble, on two clusters of which one is hit.

    Never a traceback; never exit 0 after a failed essential read; no verdict that says more than the undisturbed one;
    the manifest and the coverage name what was not read; the other cluster is answered as if nothing had happened
    (ARM-20..22, ARM-27, ARM-30; design: snapshot).
    """
    trouble = TROUBLES[name]
    outcome = disturbed(arm, kind, trouble)
    hit, other = ("aks-orders", "aks-payments") if kind in _WAN_KINDS else ("aks-payments", "aks-orders")
    if kind in _SHARED:
        _says_no_more(outcome.answers(other), healthy.answers(other))
    else:
        assert outcome.answers(other) == healthy.answers(other)
    _says_no_more(outcome.answers(hit), healthy.answers(hit))
    unread = [read for read in outcome.reads if read.kind.lower() == kind.lower() and not read.complete]
    if trouble.passes or (name == "404" and kind in _NONE_ON_404):
        assert unread == []
        if kind != kinds.SUBNETS:  # whose network was not read
            assert outcome.code == healthy.code == 0
            assert outcome.answers(hit) == healthy.answers(hit)
        return
    if name == "malformed document" and kind in _QUESTIONS:
        return
    assert unread, "the manifest says nothing"
    assert all(read.error for read in unread)
    assert {row.status for row in outcome.report.coverage.reads if row.kind == unread[0].kind} != {"complete"}
    assert outcome.report.coverage.complete == (not is_essential(kind))
    assert outcome.code == 3 or not is_essential(kind)


def _says_no_more(answers: Answers, before: Answers) -> None:
    """Each verdict is the one that it was, or unknown."""
    for question, (verdict, _) in answers.items():
        was = before.get(question)
        assert was is None or verdict in {"unknown", was[0]}, question


_DENY: dict[str, Any] = {
    "name": "deny-all",
    "properties": {
        "access": "Deny",
        "direction": "Outbound",
        "priority": 100,
        "protocol": "*",
        "sourceAddressPrefix": "*",
        "sourcePortRange": "*",
        "destinationAddressPrefix": "*",
        "destinationPortRange": "*",
        "provisioningState": "Succeeded",
    },
}
HOSTILE: dict[str, Callable[[dict[str, Any]], object]] = {
    kinds.SECURITY_GROUPS: lambda body: body["securityRules"].append(_DENY),
    kinds.ROUTE_TABLES: lambda body: [
        route["properties"].update(nextHopType="None", nextHopIpAddress=None) for route in body["routes"]
    ],
    kinds.NETWORKS: lambda body: [
        subnet["properties"].update(routeTable=None, defaultOutboundAccess=False)
        for subnet in body["subnets"]
    ],
    kinds.FIREWALLS: lambda body: body.update(firewallPolicy=None),
    kinds.RULE_GROUPS: lambda body: body.update(ruleCollections=[]),
    kinds.IP_GROUPS: lambda body: body.update(ipAddresses=["192.0.2.1"]),
}
"""How the documents of a kind could be such that needed traffic does not get out."""


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_was_not_read_might_have_blocked(arm: ArmServer, kind: str) -> None:
    """No pass rests on a document that was not read: had it blocked the traffic, nothing would have said so."""
    unread = disturbed(arm, kind, TROUBLES["403"])
    arm.reset()
    arm.estate = two_clusters()
    for document in arm.estate.documents(kind.lower()):
        HOSTILE[kind](document["properties"])
    try:
        truth = _run(arm, signed_in(arm, quick(threads=4)))
    finally:
        arm.estate = two_clusters()
    cluster = "aks-orders" if kind in _WAN_KINDS else "aks-payments"
    blocked = [question for question, (verdict, _) in truth.answers(cluster).items() if verdict == "blocked"]
    assert len(blocked) > 5, "the estate was not hostile"
    answers = unread.answers(cluster)
    assert [question for question in blocked if answers.get(question, ("unknown",))[0] == "allowed"] == []
