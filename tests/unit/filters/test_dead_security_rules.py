"""Dead rules of a security group, held to the filter that decides: what is reported may go, what decides stays."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.filters.dead_rules import DeadRule, Death, dead_rules
from auditor.filters.dead_security_rules import readings_of, security_entries
from auditor.filters.parts import Flow, Option
from auditor.filters.security_group import SecurityGroupFilter
from auditor.filters.terms import Maybe
from auditor.filters.vnet_tag import DefaultRoute, TagContext
from auditor.model.resource_id import ResourceId
from auditor.model.security_group import SecurityGroup, SecurityRule
from auditor.model.service_tags import ServiceTags
from auditor.model.verdict import Stage
from auditor.netset import AddressSet, ServiceSet, Traffic

ID = ResourceId("/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/networkSecurityGroups/nsg")
ASG = ResourceId(
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/applicationSecurityGroups/asg"
)
TAGS = ServiceTags({"storage": AddressSet.of("20.60.0.0/16")}, {"storage": "Storage"})
SOURCES = ["10.0.0.1", "10.0.0.200", "10.0.9.1", "10.9.0.1", "99.0.0.1"]
DESTINATIONS = [
    "1.1.1.1",
    "8.8.8.8",
    "8.8.8.9",
    "9.9.9.9",
    "20.60.0.1",
    "10.0.0.1",
    "10.1.0.1",
    "10.99.0.1",
    "100.64.0.1",
    "168.63.129.16",
]
SIXTH = ("2001:db8::1", "2a00::1")
SERVICES = [
    ServiceSet.tcp(443),
    ServiceSet.tcp(80),
    ServiceSet.tcp(7),
    ServiceSet.udp(443),
    ServiceSet.udp(80),
    ServiceSet.udp(7),
    ServiceSet.icmp(),
    ServiceSet.protocols(50),
]
PAIRS = [*product(SOURCES, DESTINATIONS), SIXTH]


def rule(name: str, priority: int, access: str = "allow", **changes: Any) -> SecurityRule:
    values: dict[str, Any] = {
        "direction": "outbound",
        "protocol": "*",
        "sources": ("*",),
        "source_groups": (),
        "source_ports": ("*",),
        "destinations": ("*",),
        "destination_groups": (),
        "destination_ports": ("*",),
        "default": False,
    }
    return SecurityRule(name=name, priority=priority, access=access, **(values | changes))


DEFAULTS = (
    rule("vnet", 65000, sources=("VirtualNetwork",), destinations=("VirtualNetwork",), default=True),
    rule("internet", 65001, destinations=("Internet",), default=True),
    rule("deny", 65500, "deny", default=True),
)


def context(route: DefaultRoute = DefaultRoute.NONE, *members: str) -> TagContext:
    return TagContext(
        members=AddressSet.of("10.0.0.0/16", *(members or ("10.1.0.0/16",))), default_route=route, tags=TAGS
    )


def group(rules: list[SecurityRule]) -> SecurityGroup:
    return SecurityGroup(id=ID, flaws=(), rules=(*rules, *DEFAULTS))


def dead_of(rules: list[SecurityRule], *contexts: TagContext) -> dict[str, DeadRule]:
    listed, entries = security_entries(group(rules), readings_of(contexts or (context(),)))
    found: dict[str, DeadRule] = {}
    for dead in dead_rules(entries):
        judged = listed[dead.index]
        assert judged is not None
        found[judged.name] = dead
    return found


def deaths(rules: list[SecurityRule], *contexts: TagContext) -> dict[str, Death]:
    return {name: dead.death for name, dead in dead_of(rules, *contexts).items()}


def options(
    rules: list[SecurityRule], where: TagContext
) -> dict[tuple[str, str, ServiceSet], tuple[Option, ...]]:
    """Everything that the filter leaves open for every packet of the small universe."""
    compiled = SecurityGroupFilter(group(rules), Stage.SUBNET_NSG, where)
    found = {}
    for (source, destination), services in product(PAIRS, SERVICES):
        traffic = Traffic.box(AddressSet.of(destination), services)
        (part,) = compiled.parts(Flow(source=AddressSet.of(source), traffic=traffic))
        found[source, destination, services] = part.options
    return found


PLAIN = ["*", "8.8.8.0/24", "8.8.8.8", "9.9.9.9", "10.1.0.0/16", "Storage", "Internet", "VirtualNetwork"]
DOUBTFUL = [*PLAIN, "Sql", "8.8.8.0-8.8.8.8", "168.63.129.16"]


def rules_of(
    destinations: list[str], protocols: list[str], source_ports: list[str]
) -> st.SearchStrategy[Any]:
    one: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
        {
            "access": st.sampled_from(["allow", "deny"]),
            "protocol": st.sampled_from(protocols),
            "sources": st.sampled_from(
                [("*",), ("10.0.0.0/25",), ("10.9.0.0/16", "10.0.0.0/24"), ("VirtualNetwork",)]
            ),
            "destinations": st.lists(st.sampled_from(destinations), min_size=1, max_size=2).map(tuple),
            "destination_ports": st.sampled_from([("*",), ("443",), ("80-443",)]),
            "source_ports": st.sampled_from([(ports,) for ports in source_ports]),
        }
    )
    return st.lists(one, min_size=1, max_size=6).map(
        lambda many: [rule(f"r{place}", 100 + place, **values) for place, values in enumerate(many)]
    )


@settings(max_examples=30, deadline=None)
@given(
    rules_of(DOUBTFUL, ["tcp", "udp", "icmp", "*"], ["*", "*", "1000"]),
    st.sampled_from([DefaultRoute.NONE, DefaultRoute.CERTAIN, DefaultRoute.POSSIBLE]),
)
def test_what_is_reported_may_go(rules: list[SecurityRule], route: DefaultRoute) -> None:
    """Without the reported rules the filter decides as before, and leaves nothing open that it did not."""
    where = context(route)
    gone = deaths(rules, where)
    if not gone:
        return
    before = options(rules, where)
    after = options([item for item in rules if item.name not in gone], where)
    for packet, found in after.items():
        left = {option.hop.outcome for option in found}
        assert left <= {option.hop.outcome for option in before[packet]}


@settings(max_examples=30, deadline=None)
@given(rules_of(PLAIN, ["tcp", "udp"], ["*"]))
def test_what_decides_nothing_is_reported(rules: list[SecurityRule]) -> None:
    """Without doubts, the shadowed rules are those that decide no packet of the small universe."""
    deciding = {option.hop.rule for found in options(rules, context()).values() for option in found}
    shadowed = {name for name, death in deaths(rules).items() if death is Death.SHADOWED}
    assert {item.name for item in rules} - shadowed <= deciding
    # 100.64.0.0/10 may be Internet, so a rule may decide there at most: it is alive then (NSG-19).
    assert not shadowed & {
        found[0].hop.rule for found in options(rules, context()).values() if len(found) == 1
    }


def test_the_later_of_two_equal_rules_is_shadowed() -> None:
    """Doubts about `*` as a protocol, ports of ICMP and the Internet tag are the same for both (NSG-12, 13, 19)."""
    one = rule("one", 100, "deny", destinations=("Internet",), destination_ports=("443",))
    found = dead_of([one, replace(one, name="two", priority=200, access="allow")])
    assert found["two"].death is Death.SHADOWED
    assert found["two"].contrary == 0
    assert found["two"].witness is not None


def test_an_unread_tag_casts_its_own_shadow_only() -> None:
    """NSG-26: a rule for an unread tag shadows a second one for it, and nothing else."""
    sql = rule("sql", 100, destinations=("Sql",))
    again = rule("again", 110, "deny", destinations=("sql",))
    other = rule("other", 120, "deny", destinations=("EventHub",))
    address = rule("address", 130, "deny", destinations=("8.8.8.8",))
    assert deaths([sql, again, other, address]) == {"again": Death.SHADOWED}


def test_a_tag_of_sources_says_nothing_of_destinations() -> None:
    """NSG-15, NSG-17, NSG-26: that an unread tag, or a perhaps-member, is meant on one side leaves the other open."""
    hidden = replace(
        context(), maybe_members=(Maybe(AddressSet.of("10.99.0.0/16"), frozenset({"unreadable-resource"})),)
    )
    for text in ("Sql", "VirtualNetwork", "10.99.0.1-10.99.0.9"):
        from_it = rule("from", 100, sources=(text,))
        to_it = rule("to", 110, "deny", sources=("10.99.0.5",), destinations=(text,))
        assert deaths([from_it, to_it, rule("rest", 4000)], hidden) == {}


def test_the_virtual_network_is_read_in_every_way() -> None:
    """NSG-18: beside a 0/0 route VirtualNetwork may hold everything or not, so it covers its members only."""
    allow = rule("allow", 100, "deny", destinations=("VirtualNetwork",))
    inside = rule("inside", 200, destinations=("10.1.0.0/16",))
    public = rule("public", 300, destinations=("8.8.8.8",))
    tail = rule("tail", 4096, "deny")
    certain = context(DefaultRoute.CERTAIN)
    assert deaths([allow, inside, public, tail], certain) == {"inside": Death.SHADOWED}
    both = [allow, rule("internet", 150, "deny", destinations=("Internet",)), inside, public, tail]
    assert deaths(both, certain) == {
        "inside": Death.SHADOWED,
        "public": Death.SHADOWED,
        "tail": Death.REDUNDANT,
    }


def test_every_subnet_that_uses_the_group_counts() -> None:
    """A peered space that one network has and another lacks is no part of the tag everywhere (NSG-17)."""
    rules = [
        rule("vnet", 100, destinations=("VirtualNetwork",)),
        rule("peer", 200, "deny", destinations=("10.1.0.0/16",)),
        rule("tail", 4096, "deny"),
    ]
    assert deaths(rules, context()) == {"peer": Death.SHADOWED}
    assert deaths(rules, context(), context(DefaultRoute.NONE, "10.2.0.0/16")) == {"peer": Death.REDUNDANT}


def test_a_restricted_source_port_casts_no_shadow() -> None:
    """NSG-14: whether a client uses such a port is not known, but it is the same port for two rules that name it."""
    some = rule("some", 100, source_ports=("1000-2000",))
    assert deaths([some, rule("all", 200, "deny")]) == {}
    assert deaths(
        [some, replace(some, name="same", priority=150, access="deny"), rule("all", 200, "deny")]
    ) == {"same": Death.SHADOWED}


def test_what_a_star_may_hold_besides_is_other_protocols() -> None:
    """NSG-12: whatever `*` means for the rest, a port of TCP that the rule does not name is none of it."""
    web = rule("web", 100, protocol="*", destination_ports=("443",))
    plain = rule("plain", 200, "deny", protocol="tcp", destination_ports=("80",))
    rest = rule("rest", 300, protocol="*")
    assert deaths([web, plain, rest]) == {"web": Death.REDUNDANT}
    secure = replace(plain, destination_ports=("443",))
    assert deaths([web, secure, rest]) == {"plain": Death.SHADOWED}
    assert deaths([replace(secure, priority=50), web, rest]) == {"web": Death.REDUNDANT}


def test_platform_addresses_are_out_of_reach_of_ordinary_rules() -> None:
    """NSG-21: a deny of everything does not shadow the tag, and a literal platform address leaves it open."""
    everything = rule("everything", 100, "deny")
    tag = rule("tag", 200, "deny", destinations=("AzurePlatformDNS",))
    imds = rule("imds", 210, destinations=("169.254.169.254",), protocol="tcp", destination_ports=("80",))
    assert deaths([everything, tag, imds]) == {"imds": Death.UNMATCHABLE}
    lookup = rule("open", 100, destinations=("AzurePlatformDNS",), protocol="udp", destination_ports=("53",))
    assert deaths([lookup]) == {"open": Death.REDUNDANT}


def test_other_services_at_platform_addresses_may_be_reached() -> None:
    """NSG-21: no source says so, and a rule that may match is not dead; behind one that covers it, it is."""
    other = rule("other", 210, "deny", destinations=("169.254.169.254",), protocol="tcp")
    assert deaths([other]) == {}
    assert deaths([rule("everything", 100), other]) == {"other": Death.SHADOWED}


@pytest.mark.parametrize("tag", ["AzurePlatformLKM", "AzureLoadBalancer"])
def test_tags_without_published_addresses_are_not_judged(tag: str) -> None:
    """What they hold is not known, so a rule for one is neither unmatchable nor covered by addresses (NSG-20)."""
    assert deaths([rule("all", 100, "deny"), rule("tag", 200, "deny", destinations=(tag,))]) == {}


def test_members_of_application_groups_may_be_anybody() -> None:
    """NSG-16: a rule for a source group covers a second one for it, and stands behind a rule for everybody."""
    mine = rule("mine", 100, sources=(), source_groups=(ASG,))
    again = rule("again", 110, "deny", sources=(), source_groups=(ASG,))
    assert deaths([mine, again, rule("tail", 4096, "deny")]) == {"again": Death.SHADOWED}
    assert deaths([rule("tail", 90, "deny"), mine]) == {"mine": Death.SHADOWED}


def test_equal_priorities_that_disagree_are_left_alone() -> None:
    """NSG-5: nobody knows which of the two is asked first."""
    assert deaths([rule("one", 100), rule("two", 100, "deny"), rule("tail", 4096, "deny")]) == {
        "tail": Death.SHADOWED
    }


def test_an_unknown_access_neither_covers_nor_goes() -> None:
    """ARM-2: what it does, or whether it takes part, is not known."""
    odd = rule("odd", 100, "audit")
    assert deaths([odd, rule("tail", 4096, "deny")]) == {}


def test_sources_of_one_family_meet_no_destination_of_the_other() -> None:
    """A packet has one family, so such a rule matches nothing."""
    mixed = rule("mixed", 100, sources=("10.0.0.0/8",), destinations=("2a00::/16",))
    assert deaths([mixed]) == {"mixed": Death.UNMATCHABLE}
