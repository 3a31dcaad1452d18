"""The order in which differences and what stops them are told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, cast

from auditor.model.difference import Standing
from auditor.model.finding import From
from auditor.model.verdict import Effect, Hop, Outcome, Stage
from auditor.netset import AddressSet, NameSet, ServiceSet, Traffic
from auditor.paths.comparison import _stopped
from auditor.paths.comparison_parts import Found, changes, undecided
from auditor.paths.egress_states import LESS, MORE
from auditor.paths.judge import Judgement, PathPart
from auditor.paths.senders import Voice

RULE = Hop(
    stage=Stage.FIREWALL, resource="/group", rule="net/a", priority=100, outcome=Effect.ALLOW, clause="FW-7"
)
HTTPS = ServiceSet.tcp(443)


def box(*texts: str) -> Traffic:
    return Traffic.box(AddressSet.of(*texts), HTTPS)


def found(traffic: Traffic, **fields: Any) -> Found:
    values: dict[str, Any] = {
        "asked_from": (From(pool="sys", subnet=None),),
        "sources": AddressSet.of("10.0.0.0/24"),
        "names": None,
        "application": None,
        "step": MORE,
        "standings": (Standing.EXCESS, Standing.EXCESS),
        "rule": RULE,
        **fields,
    }
    return Found(traffic=traffic, **values)


def test_most_addresses_are_told_first() -> None:
    """Addresses before names, then by how many there are; only the step asked for is told."""
    small, large = found(box("8.8.8.8")), found(box("9.0.0.0/8"))
    named = found(box("7.0.0.0/8"), names=NameSet.of("contoso.com"), application="https")
    other = found(box("6.0.0.0/8"), step=LESS)
    told = changes([named, small, other, large], MORE)
    assert [one.extent.traffic for one in told] == [large.traffic, small.traffic, named.traffic]
    open_step = (Outcome.UNKNOWN, Outcome.ALLOWED)
    unknown = [replace(one, step=open_step, rule=None, standings=None) for one in (small, large)]
    assert [one.extent.traffic for one in undecided([*unknown, named])] == [large.traffic, small.traffic]


@dataclass
class Stopping:
    """A sender whose paths are given: which rule stops what."""

    stops: dict[str, Traffic]
    sender: Any = field(default_factory=lambda: type("Sender", (), {"assumed": frozenset()}))

    def paths(
        self, traffic: Traffic, *_: object
    ) -> Iterator[tuple[Traffic, Judgement, tuple[PathPart, ...]]]:
        for rule, stopped in self.stops.items():
            part = traffic & stopped
            if part:
                hop = replace(RULE, rule=rule, outcome=Effect.DENY)
                yield (
                    part,
                    Judgement(outcome=Outcome.BLOCKED, reasons=frozenset(), hops=(hop,), blockers=(hop,)),
                    (),
                )


def test_what_stops_most_of_a_name_is_told_first() -> None:
    """The blockers of a name are those of all its addresses; of an address those that stop just it."""
    stopping = [cast("Voice", Stopping({"few": box("8.8.8.8"), "many": box("9.0.0.0/8")}))]
    traffic = box("8.8.8.8", "9.0.0.0/8")
    ((whole, blockers, codes),) = _stopped(traffic, None, NameSet.of("contoso.com"), stopping)
    assert (whole, codes) == (traffic, frozenset())
    assert [hop.rule for hop in blockers] == ["many", "few"]
    by_address = {
        part: [hop.rule for hop in hops] for part, hops, _ in _stopped(traffic, None, None, stopping)
    }
    assert by_address == {box("8.8.8.8"): ["few"], box("9.0.0.0/8"): ["many"]}
