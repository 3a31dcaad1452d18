"""What leaves by an outbound method, and what it does not translate (UDR-37..UDR-50)."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.filters.outbound import SERVICES, Exit, exit_parts
from auditor.filters.parts import Flow
from auditor.model.verdict import Effect
from auditor.netset import AddressSet, ServiceSet, Traffic

EVERYTHING = Traffic.box(AddressSet.of("8.8.8.0/24", "10.1.0.0/24"), ServiceSet.ANY)
STORAGE = AddressSet.of("8.8.8.0/25")
Told = tuple[Effect, str, tuple[str, ...]]


def exit_by(**fields: Any) -> Exit:
    values: dict[str, Any] = {
        "services": SERVICES["all"],
        "resource": "/nat",
        "clause": "UDR-40",
        "detail": "leaves",
        **fields,
    }
    return Exit(**values)


def told(
    way_out: Exit, address: str, service: ServiceSet, *, asked: Traffic = EVERYTHING
) -> tuple[Told, ...]:
    """What becomes of one packet: each option's outcome, clause and codes."""
    flow = Flow(source=AddressSet.of("10.0.0.0/24"), traffic=asked)
    parts = exit_parts(flow, way_out)
    assert Traffic.union_all(part.traffic for part in parts) == asked
    assert all(part.traffic for part in parts)
    packet = Traffic.box(AddressSet.of(address), service)
    (part,) = [part for part in parts if packet <= part.traffic]
    return tuple((one.hop.outcome, one.hop.clause, tuple(sorted(one.codes))) for one in part.options)


@pytest.mark.parametrize(
    ("services", "service", "found"),
    [
        ("all", ServiceSet.tcp(443), (Effect.ALLOW, "UDR-40", ())),
        ("all", ServiceSet.udp(123), (Effect.ALLOW, "UDR-40", ())),
        ("all", ServiceSet.icmp(), (Effect.DROP, "UDR-41", ())),
        ("tcp", ServiceSet.udp(123), (Effect.DROP, "UDR-41", ())),
        ("udp", ServiceSet.tcp(443), (Effect.DROP, "UDR-41", ())),
        ("any", ServiceSet.icmp(), (Effect.ALLOW, "UDR-40", ())),
    ],
)
def test_what_is_not_translated_is_told_apart(services: str, service: ServiceSet, found: Told) -> None:
    """The rest has the clause that says so, or that of the method itself."""
    way_out = exit_by(services=SERVICES[services], other_clause="UDR-41")
    assert told(way_out, "8.8.8.8", service) == (found,)
    if found[0] is Effect.DROP:
        plain = exit_by(services=SERVICES[services])
        assert told(plain, "8.8.8.8", service) == ((Effect.DROP, "UDR-40", ()),)
        unsure = exit_by(services=SERVICES[services], other=Effect.UNKNOWN, other_code="uncertain:UDR-39")
        assert told(unsure, "8.8.8.8", service) == ((Effect.UNKNOWN, "UDR-40", ("uncertain:UDR-39",)),)


def test_mail_is_the_platforms_choice_where_there_is_a_way_out() -> None:
    """NSG-23: TCP 25 to public addresses may be blocked by Azure; without an exit it is dropped like the rest."""
    mail = ServiceSet.tcp(25)
    assert told(exit_by(), "8.8.8.8", mail) == ((Effect.UNKNOWN, "NSG-23", ("smtp-platform",)),)
    assert told(exit_by(), "10.1.0.1", mail) == ((Effect.ALLOW, "UDR-40", ()),)
    assert told(exit_by(exists=False), "8.8.8.8", mail) == ((Effect.DROP, "UDR-40", ()),)
    assert told(exit_by(unknown="unreadable-resource"), "8.8.8.8", mail)[0][1] == "NSG-23"
    web = Traffic.box(AddressSet.of("8.8.8.0/24"), ServiceSet.tcp(443))
    assert told(exit_by(), "8.8.8.8", ServiceSet.tcp(443), asked=web) == ((Effect.ALLOW, "UDR-40", ()),)


def test_an_exit_that_was_not_read_leaves_everything_else_open() -> None:
    """Nothing is known of it, whatever it may translate."""
    way_out = exit_by(services=ServiceSet.ANY, unknown="unreadable-resource", same_region_storage=STORAGE)
    for service in (ServiceSet.tcp(443), ServiceSet.icmp()):
        for address in ("8.8.8.8", "8.8.8.200"):
            found = told(way_out, address, service)
            assert found == ((Effect.UNKNOWN, "UDR-40", ("unreadable-resource",)),)


def test_an_exit_in_doubt_opens_what_it_may_translate_only() -> None:
    """UDR-42: what it translates in no case is dropped, whether it serves or not."""
    way_out = exit_by(unknown="not-succeeded", other_clause="UDR-42")
    assert told(way_out, "8.8.8.8", ServiceSet.tcp(443)) == ((Effect.UNKNOWN, "UDR-40", ("not-succeeded",)),)
    assert told(way_out, "8.8.8.8", ServiceSet.icmp()) == ((Effect.DROP, "UDR-42", ()),)


def test_a_private_subnet_may_reach_storage_of_its_region() -> None:
    """UDR-47: those addresses are open, the others have no way out."""
    way_out = exit_by(exists=False, same_region_storage=STORAGE)
    assert told(way_out, "8.8.8.8", ServiceSet.tcp(443)) == (
        (Effect.UNKNOWN, "UDR-47", ("same-region-storage",)),
    )
    assert told(way_out, "8.8.8.200", ServiceSet.tcp(443)) == ((Effect.DROP, "UDR-40", ()),)
    assert told(exit_by(exists=False), "8.8.8.8", ServiceSet.tcp(443)) == ((Effect.DROP, "UDR-40", ()),)


@pytest.mark.parametrize("exists", [True, False])
def test_a_doubtful_exit_is_what_the_assumption_says(exists: bool) -> None:
    """Under the code only what is assumed stays open."""
    way_out = exit_by(exists=exists, doubt="default-outbound-unverified")
    flow = Flow(
        source=AddressSet.of("10.0.0.0/24"),
        traffic=Traffic.box(AddressSet.of("8.8.8.8"), ServiceSet.tcp(443)),
    )
    (part,) = exit_parts(flow, way_out)
    likely, other = (Effect.ALLOW, Effect.DROP) if exists else (Effect.DROP, Effect.ALLOW)
    for assumed, left in ((frozenset[str](), [likely, other]), (frozenset({way_out.doubt or ""}), [likely])):
        assert [one.hop.outcome for one in part.options if one.holds(assumed)] == left
