"""What may be set aside for a name without known addresses: few addresses, plainly named, not its own service's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.model.verdict import Effect, Hop, Outcome, Stage
from auditor.netset import AddressSet
from auditor.paths.judge import Judgement
from auditor.paths.pieces import FEW, Judged, Step, largest_group, may_set_aside, some_ranges

ROUTE = Hop(
    stage=Stage.ROUTE,
    resource="/table",
    rule="default",
    priority=None,
    outcome=Effect.FORWARD,
    clause="UDR-8",
)
OPEN = Hop(
    stage=Stage.FIREWALL, resource="/group", rule="web", priority=100, outcome=Effect.ALLOW, clause="FW-7"
)
SHUT = replace(OPEN, rule=None, outcome=Effect.DENY, clause="FW-6")
ENDPOINT = replace(ROUTE, rule="microsoft.storage", clause="UDR-10")
ELSEWHERE = AddressSet.of("20.0.0.0/8")


def judged(outcome: Outcome, addresses: str, *steps: Step) -> Judged:
    judgement = Judgement(
        outcome=outcome, reasons=frozenset(), hops=tuple(hop for hop, _ in steps), blockers=()
    )
    return Judged(addresses=AddressSet.parse(addresses), judgement=judgement, steps=(steps,))


LARGEST = judged(Outcome.BLOCKED, "0.0.0.0/2", (ROUTE, False), (SHUT, False))
LITERAL = judged(Outcome.ALLOWED, "8.8.8.0/24", (ROUTE, False), (OPEN, True))


def aside(
    *others: Judged,
    region: AddressSet | None = ELSEWHERE,
    tags: tuple[str, ...] = (),
    own: bool = False,
) -> bool:
    return may_set_aside([LARGEST], others, own_region=region, tags=tags, own=own)


def test_what_a_literal_prefix_lets_out_may_be_set_aside() -> None:
    """A piece differs from the largest by literal matches only, at every hop."""
    assert aside(LITERAL)
    assert aside(LITERAL, judged(Outcome.UNKNOWN, "9.9.9.9", (ENDPOINT, True), (SHUT, False)))
    assert not aside(judged(Outcome.ALLOWED, "8.8.8.0/24", (ROUTE, False), (OPEN, False)))
    assert not aside(LITERAL, judged(Outcome.ALLOWED, "9.9.9.9", (replace(ROUTE, rule="other"), False)))
    assert not aside(judged(Outcome.ALLOWED, "9.9.9.9", (ROUTE, False), (SHUT, False), (SHUT, False)))


@pytest.mark.parametrize(("size", "few"), [(FEW - 1, True), (FEW, False), (FEW + 1, False)])
def test_only_few_addresses_may_be_set_aside(size: int, few: bool) -> None:
    """The pieces together hold fewer than 2^20 addresses."""
    start = 64 << 24
    first = replace(LITERAL, addresses=AddressSet.from_int_range(start, start + 99))
    second = replace(LITERAL, addresses=AddressSet.from_int_range(start + 200, start + 99 + size))
    assert FEW == 1 << 20
    assert aside(first, second) is few


def test_an_endpoint_of_the_service_that_the_name_belongs_to_stays() -> None:
    """Its addresses are likely the name's own (GOT-24)."""
    endpoint = judged(Outcome.ALLOWED, "9.9.9.0/24", (ENDPOINT, True))
    assert aside(endpoint)
    assert aside(endpoint, tags=("Sql.WestEurope",))
    assert not aside(endpoint, tags=("Sql", "Storage.WestEurope"))


def test_what_may_be_the_api_server_stays() -> None:
    """For the cluster's own name an allowed piece inside the region may be what is asked for."""
    inside = ELSEWHERE | LITERAL.addresses
    assert not aside(LITERAL, own=True, region=inside)
    assert not aside(LITERAL, own=True, region=None)
    assert aside(LITERAL, own=True)
    assert aside(LITERAL, own=False, region=inside)
    assert aside(replace(LITERAL, judgement=replace(LITERAL.judgement, outcome=Outcome.BLOCKED)), own=True)
    blocked = replace(LITERAL, judgement=replace(LITERAL.judgement, outcome=Outcome.BLOCKED))
    assert aside(blocked, own=True, region=inside)
    unknown = replace(LITERAL, judgement=replace(LITERAL.judgement, outcome=Outcome.UNKNOWN))
    assert not aside(unknown, own=True, region=inside)
    allowed = judged(Outcome.ALLOWED, "0.0.0.0/2", (ROUTE, False), (SHUT, False))
    assert may_set_aside([allowed], [unknown], own_region=inside, tags=(), own=True)
    endpoint = judged(Outcome.ALLOWED, "9.9.9.0/24", (ENDPOINT, True))
    assert aside(endpoint, own=True, region=endpoint.addresses)


def test_the_largest_group_is_that_of_most_addresses() -> None:
    """Parts with one outcome count together, to the last address."""
    one = judged(Outcome.ALLOWED, "10.0.0.0/24")
    two = judged(Outcome.ALLOWED, "10.0.1.0")
    three = judged(Outcome.BLOCKED, "10.0.2.0/24")
    assert largest_group([three, one, two]) == ([one, two], [three])
    four = judged(Outcome.BLOCKED, "10.0.3.0/31")
    assert largest_group([three, one, two, four]) == ([three, four], [one, two])
    assert largest_group([one]) == ([one], [])


@pytest.mark.parametrize(
    ("texts", "shown"),
    [
        (("10.0.0.0/24", "10.0.2.1"), ["10.0.0.0/24", "10.0.2.1"]),
        (("10.0.0.4-10.0.0.11", "10.0.0.16-10.0.0.23"), ["10.0.0.4-10.0.0.11", "10.0.0.16/29"]),
        (("10.0.0.1-10.0.0.2", "0.0.0.0/1"), ["0.0.0.0/1"]),
        (("0.0.0.0-127.255.255.254",), ["0.0.0.0-127.255.255.254"]),
        (("10.0.0.2/31", "fd00::/64"), ["10.0.0.2/31", "fd00::/64"]),
        ((), []),
    ],
)
def test_ranges_are_shown_as_blocks_where_they_are_blocks(texts: tuple[str, ...], shown: list[str]) -> None:
    """Other ranges are shown by their ends, IPv4 first."""
    assert list(some_ranges(AddressSet.of(*texts))) == shown


@pytest.mark.parametrize("fourth", [0, 19, 20, 21, 30])
def test_no_more_ranges_are_shown_than_are_needed(fourth: int) -> None:
    """Both families together give at most 21."""
    texts = [f"10.0.{number}.1" for number in range(fourth)] + [
        f"fd00::{number}:1" for number in range(1, 30)
    ]
    shown = list(some_ranges(AddressSet.of(*texts)))
    assert shown == [*texts[: min(fourth, 21)], *texts[fourth : fourth + 21 - min(fourth, 21)]]
