"""Which DNAT rules lead clients from a firewall to a load balancer, and what leaves that open."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest

from auditor.filters.firewall_rules import PlacedCollection, ResolvedFirewall
from auditor.model.firewall import Firewall, IpGroup, NatRule, RuleCollection
from auditor.model.gap import Gap
from auditor.model.outbound import InboundRule
from auditor.model.resource_id import ResourceId
from auditor.model.service_tags import ServiceTags
from auditor.paths.egress_addresses import EgressAddresses
from auditor.paths.inbound_translations import Translations

OWN, PARENT, GROUP = (ResourceId(f"/{name}") for name in ("policy", "parent", "group"))
FRONTEND = "20.50.9.1"
WANTED = InboundRule(
    name="svc", frontend="svc", address=ResourceId("/pip"), pools=(), protocol="tcp", port=80
)
RULE = NatRule(
    name="svc",
    destinations=("20.50.7.7",),
    ports=("8080",),
    protocols=("tcp",),
    sources=("*",),
    translated=FRONTEND,
    translated_port="80",
)
OTHER = replace(RULE, name="other", translated="10.0.0.9")


def firewall_with(
    *placed: tuple[ResourceId, NatRule], group: IpGroup | Gap | None = None, unread: tuple[str, ...] = ()
) -> Translations:
    resolved = ResolvedFirewall(
        firewall=cast("Firewall", None),
        policies=(PARENT, OWN),
        collections=tuple(
            PlacedCollection(
                owner=ResourceId("/group"),
                policy=policy,
                collection=RuleCollection(name="in", priority=100, action="dnat", rules=(rule,)),
                order=(0, 0, place),
            )
            for place, (policy, rule) in enumerate(placed)
        ),
        ip_groups={} if group is None else {GROUP: group},
    )
    return Translations(resolved, EgressAddresses(known=("20.50.7.7",), reasons=unread), ServiceTags())


def codes_of(translations: Translations, wanted: InboundRule = WANTED) -> set[str] | None:
    found = translations.to(wanted, FRONTEND)
    return None if found is None else set(found)


def members(*addresses: str) -> IpGroup:
    return IpGroup(id=GROUP, flaws=(), addresses=addresses)


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ({}, set()),
        ({"protocols": ("any",)}, set()),
        ({"sources": ("10.0.0.0/8", "198.51.100.7")}, set()),
        ({"sources": ()}, None),
        ({"sources": ("Any",)}, {"enum-unknown"}),
        ({"protocols": ("udp",)}, None),
        ({"protocols": ()}, {"uncertain:FW-17"}),
        ({"ports": ()}, {"uncertain:FW-17"}),
        ({"translated_port": "81"}, None),
        ({"translated_port": None}, {"uncertain:FW-17"}),
        ({"destinations": ("20.50.7.8",)}, None),
        ({"destinations": ("20.50.7.8", "20.50.7.0/24")}, set()),
        ({"destinations": ()}, {"uncertain:FW-17"}),
        ({"destinations": ("20.50.7.8", "*")}, {"uncertain:FW-17"}),
        ({"translated": "20.50.9.2"}, None),
        ({"translated": None}, {"uncertain:FW-17"}),
        ({"translated": "svc.example.com"}, {"fqdn-address-unknown"}),
        ({"translated": "svc.example.com", "sources": ()}, None),
    ],
)
def test_one_rule(change: dict[str, object], codes: set[str] | None) -> None:
    """Sources, address, protocol, port and target must all fit; what is not told of one leaves it open."""
    rule = replace(RULE, **change)  # type: ignore[arg-type]
    assert codes_of(firewall_with((OWN, rule))) == codes


@pytest.mark.parametrize(
    ("group", "codes"),
    [
        (members("198.51.100.0/24"), set()),
        (members(), None),
        (Gap(id=GROUP, detail="not in the snapshot"), {"unreadable-resource"}),
        (None, {"unreadable-resource"}),
    ],
)
def test_sources_by_group(group: IpGroup | Gap | None, codes: set[str] | None) -> None:
    """An IP group lets its members in, an emptied one nobody (FW-40), one that was not read perhaps."""
    rule = replace(RULE, sources=(), source_groups=(GROUP,))
    assert codes_of(firewall_with((OWN, rule), group=group)) == codes


def test_what_else_is_not_known() -> None:
    """A frontend without a known address, a further address of the firewall, and a balancer's odd rule."""
    other = replace(RULE, destinations=("20.50.7.8",))
    assert firewall_with((OWN, RULE)).to(WANTED, None) == frozenset({"unreadable-resource"})
    assert codes_of(firewall_with((OWN, other), unread=("unreadable-resource",))) == {"unreadable-resource"}
    for odd in (replace(WANTED, protocol="all"), replace(WANTED, port=None)):
        assert codes_of(firewall_with((OWN, RULE)), odd) == {"uncertain:UDR-51"}
    assert codes_of(firewall_with()) is None


def test_inherited_rules_count_perhaps() -> None:
    """Pages disagree whether a parent policy passes its DNAT rules on; one of the own policy settles it (FW-17)."""
    assert codes_of(firewall_with((PARENT, RULE))) == {"uncertain:FW-17"}
    assert codes_of(firewall_with((PARENT, RULE), (OWN, RULE))) == set()
    assert codes_of(firewall_with((PARENT, replace(RULE, sources=())))) is None


@pytest.mark.parametrize(
    ("first", "policy", "codes"),
    [
        (OTHER, OWN, None),
        (OTHER, PARENT, set()),
        (replace(OTHER, ports=("80-9000",), protocols=("any",)), OWN, None),
        (replace(OTHER, ports=("80",)), OWN, set()),
        (replace(OTHER, sources=("10.0.0.0/8",)), OWN, set()),
        (replace(OTHER, destinations=("20.50.7.8",)), OWN, set()),
    ],
)
def test_a_rule_before_it(first: NatRule, policy: ResourceId, codes: set[str] | None) -> None:
    """A rule that surely takes the same from everybody leaves nothing for a later one."""
    assert codes_of(firewall_with((policy, first), (OWN, RULE))) == codes
