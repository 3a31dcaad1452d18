"""A described appliance decides by its first rule that matches (UDR-16)."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.filters.appliance import ApplianceFilter
from auditor.filters.parts import Flow
from auditor.model.reading import Appliance, ApplianceRule
from auditor.model.verdict import Effect
from auditor.netset import AddressSet, NamePattern, NameSet, ServiceSet, Traffic

NODES = AddressSet.of("10.0.0.0/24")
ALLOW, DENY = Effect.ALLOW, Effect.DENY


def rule(name: str, destinations: tuple[str, ...] = ("*",), **fields: Any) -> ApplianceRule:
    values: dict[str, Any] = {"sources": (), "protocols": ("tcp",), "ports": (), "allow": True, **fields}
    return ApplianceRule(name=name, destinations=destinations, **values)


def filter_of(*rules: ApplianceRule, default_allow: bool = False) -> ApplianceFilter:
    return ApplianceFilter(
        Appliance(
            address="10.9.0.4", name="edge", rules=rules, default_allow=default_allow, place="appliances.yaml"
        )
    )


def decided(
    *rules: ApplianceRule,
    source: AddressSet = NODES,
    address: str = "8.8.8.8",
    service: ServiceSet | None = None,
    name: str | None = None,
    application: str | None = None,
    default_allow: bool = False,
) -> tuple[Effect, str | None]:
    """What becomes of one packet, by default raw TCP 443, and the rule that says so."""
    flow = Flow(
        source=source,
        traffic=Traffic.box(AddressSet.of(address), ServiceSet.tcp(443) if service is None else service),
        name=NameSet.of(name) if name else None,
        pattern=NamePattern.parse(name) if name else None,
        application=application,
    )
    (part,) = filter_of(*rules, default_allow=default_allow).parts(flow)
    (option,) = part.options
    assert part.traffic == flow.traffic
    return option.hop.outcome, option.hop.rule


def test_the_first_rule_that_matches_decides() -> None:
    """Later rules do not count, and what no rule matches has what the user says of the rest."""
    first, second = rule("first", ("8.8.8.0/24",), allow=False), rule("second")
    assert decided(first, second) == (DENY, "first")
    assert decided(second, first) == (ALLOW, "second")
    assert decided(first, second, address="9.9.9.9") == (ALLOW, "second")
    assert decided(first, address="9.9.9.9") == (DENY, None)
    assert decided(first, address="9.9.9.9", default_allow=True) == (ALLOW, None)


@pytest.mark.parametrize(
    ("sources", "applies"),
    [
        ((), True),
        (("*",), True),
        (("10.0.0.0/8",), True),
        (("10.0.0.0/24",), True),
        (("10.0.0.0/25",), False),
        (("10.1.0.0/24",), False),
        (("10.1.0.0/24", "10.0.0.0/16"), True),
        (("somewhere",), False),
    ],
)
def test_a_rule_applies_to_sources_that_it_holds_whole(sources: tuple[str, ...], applies: bool) -> None:
    """Classes are cut along the sources of rules, so a class lies inside of them or outside."""
    assert decided(rule("one", sources=sources)) == ((ALLOW, "one") if applies else (DENY, None))


@pytest.mark.parametrize(
    ("protocols", "ports", "service", "applies"),
    [
        (("any",), (), ServiceSet.icmp(), True),
        (("any",), ("*",), ServiceSet.icmp(), True),
        (("any",), ("443",), ServiceSet.icmp(), False),
        (("any",), ("443",), ServiceSet.udp(443), True),
        (("any",), ("443",), ServiceSet.udp(53), False),
        (("tcp",), ("443",), ServiceSet.tcp(443), True),
        (("tcp",), ("80", "443"), ServiceSet.tcp(443), True),
        (("tcp",), ("443",), ServiceSet.udp(443), False),
        (("udp", "icmp"), (), ServiceSet.icmp(), True),
        (("https",), ("443",), ServiceSet.tcp(443), False),
    ],
)
def test_protocols_and_ports(
    protocols: tuple[str, ...], ports: tuple[str, ...], service: ServiceSet, applies: bool
) -> None:
    """`any` with ports means TCP and UDP; raw TCP is no https."""
    found = decided(rule("one", protocols=protocols, ports=ports), service=service)
    assert found == ((ALLOW, "one") if applies else (DENY, None))


def test_an_application_protocol_matches_its_own_requests_only() -> None:
    """A rule for https takes https on its ports, and no http."""
    one = rule("web", protocols=("https",), ports=("443",))
    assert decided(one, application="https") == (ALLOW, "web")
    assert decided(one, application="http") == (DENY, None)
    assert decided(one, application="https", service=ServiceSet.tcp(8443)) == (DENY, None)
    assert filter_of(one, rule("raw", protocols=("tcp", "mssql"))).applications() == {"https", "mssql"}


@pytest.mark.parametrize(
    ("destinations", "name", "applies"),
    [
        (("*.contoso.com",), "a.contoso.com", True),
        (("*.contoso.com",), "*.contoso.com", True),
        (("*.contoso.com",), "*contoso.com", False),
        (("*.contoso.com",), None, False),
        (("8.8.8.8", "*.contoso.com"), "example.org", True),
        (("9.9.9.9", "contoso.com"), "contoso.com", True),
        (("9.9.9.9", "contoso.com"), "example.org", False),
        (("*",), None, True),
    ],
)
def test_names_and_addresses(destinations: tuple[str, ...], name: str | None, applies: bool) -> None:
    """A rule matches by an address of its list, or by a name if it holds all names asked for."""
    assert decided(rule("one", destinations), name=name) == ((ALLOW, "one") if applies else (DENY, None))


def test_cuts_are_what_rules_name() -> None:
    """Sources and names are told apart along the rules; addresses are no names and stars no sources."""
    found = filter_of(
        rule("one", ("*.contoso.com", "8.8.8.8", "a.example.org"), sources=("10.0.0.0/25", "*", "nowhere")),
        rule("two", ("10.0.0.0/8",)),
    )
    assert list(found.source_cuts()) == [(AddressSet.of("10.0.0.0/25"), ServiceSet.ANY)]
    assert list(found.name_cuts()) == [NamePattern.parse("*.contoso.com"), NamePattern.parse("a.example.org")]
