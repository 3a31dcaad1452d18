"""Every kind of read, and everything that may go wrong with it: nothing unread ever becomes a pass."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from auditor.collectors.azure import kinds
from auditor.collectors.azure.kinds import KINDS
from auditor.model.essential import is_essential
from tests.arm.fixtures import quick, served, signed_in
from tests.arm.server import ArmServer
from tests.live.estates import two_clusters
from tests.live.outcome import Outcome, Question
from tests.live.troubles import TROUBLES, WAN_KINDS, disturbed, run

Answers = dict[Question, tuple[str, tuple[str, ...]]]

_SINGLE = {
    kinds.SERVICE_TAGS, kinds.SUBNETS, kinds.PROVIDERS, kinds.FEATURES, kinds.EFFECTIVE_ROUTES,
    kinds.EFFECTIVE_GROUPS,
}  # fmt: skip
"""Kinds that come without pages."""
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
    """Whether `make test` runs a case: each kind denied, and with one other trouble, the next one for each kind."""
    kind, name = case
    if name == "403":
        return True
    others = [other for also, other in CASES if also == kind and other != "403"]
    number = next(number for number, item in enumerate(KINDS) if item.type == kind)
    return name == others[number % len(others)]


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
    return run(arm, signed_in(arm, quick(threads=4)))


@pytest.mark.parametrize(("kind", "name"), PARAMETERS)
def test_trouble_with_one_kind_of_read(arm: ArmServer, healthy: Outcome, kind: str, name: str) -> None:
    """Each kind of read x each trouble, on two clusters of which one is hit.

    Never a traceback; never exit 0 after a failed essential read; no verdict that says more than the undisturbed one;
    the manifest and the coverage name what was not read; the other cluster is answered as if nothing had happened
    (ARM-20..22, ARM-27, ARM-30; design: snapshot).
    """
    trouble = TROUBLES[name]
    outcome = disturbed(arm, kind, trouble)
    hit, other = ("aks-orders", "aks-payments") if kind in WAN_KINDS else ("aks-payments", "aks-orders")
    if kind in _SHARED:
        _says_no_more(outcome.answers(other), healthy.answers(other))
    else:
        assert outcome.answers(other) == healthy.answers(other)
    _says_no_more(outcome.answers(hit), healthy.answers(hit), gone=kind == kinds.CLUSTERS)
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
    vital = (
        is_essential(kind) or kind == kinds.PERMISSIONS
    )  # without which no list is known to be whole (ARM-23)
    assert outcome.report.coverage.complete == (not vital)
    assert outcome.code == 3 or not vital


_WIDER = {"address-by-tag": "address-unlisted"}
"""Where an assumption gives way to one that takes more for granted: then it is not missing."""


def _says_no_more(answers: Answers, before: Answers, *, gone: bool = False) -> None:
    """Each verdict is the one that it was, on no fewer assumptions, or unknown; each question is still there.

    With `gone`, the whole cluster may be missing: what lists it was not read.
    """
    for question, (verdict, assumptions) in answers.items():
        if question in before:
            was, assumed = before[question]
            assert verdict in {"unknown", was}, question
            missing = {one for one in assumed if {one, _WIDER.get(one)}.isdisjoint(assumptions)}
            assert verdict == "unknown" or missing == set(), question
    vanished = [question for question in before if question not in answers]
    assert vanished == [] or (gone and not answers), vanished
