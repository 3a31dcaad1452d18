"""Dead rules of a firewall, held to the filter that decides: what is reported may go, what decides stays."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from auditor.filters.dead_firewall_rules import FirewallRules
from auditor.filters.dead_rules import DeadRule, Death, dead_rules
from auditor.filters.firewall import FirewallFilter
from auditor.filters.firewall_rules import PlacedCollection, ResolvedFirewall
from auditor.filters.parts import Flow, Part
from auditor.model.firewall import (
    ApplicationRule,
    IpGroup,
    NetworkRule,
    RuleCollection,
)
from auditor.model.gap import Gap
from auditor.model.reading import TagMembers
from auditor.model.resource_id import ResourceId
from auditor.model.service_tags import ServiceTags
from auditor.netset import AddressSet, NamePattern, NameSet, ServiceSet, Traffic
from tests.unit.plain_records import plain_firewall

FIREWALL = ResourceId("/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/azureFirewalls/fw")
KNOWN = ResourceId("/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/ipGroups/known")
EMPTY = ResourceId("/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/ipGroups/empty")
UNREAD = ResourceId("/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/ipGroups/unread")
GROUPS: dict[ResourceId, IpGroup | Gap] = {
    KNOWN: IpGroup(id=KNOWN, flaws=(), addresses=("8.8.8.0/24",)),
    EMPTY: IpGroup(id=EMPTY, flaws=(), addresses=()),
    UNREAD: Gap(UNREAD, "not in the snapshot"),
}
TAGS = ServiceTags({"storage": AddressSet.of("20.60.0.0/16")}, {"storage": "Storage"})
MEMBERS = TagMembers(definite=(), doubtful=())


def network(name: str, **changes: Any) -> NetworkRule:
    values: dict[str, Any] = {
        "sources": ("10.0.0.0/8",),
        "source_groups": (),
        "protocols": ("tcp",),
        "destinations": ("*",),
        "destination_groups": (),
        "fqdns": (),
        "ports": ("443",),
        "preview_selector": False,
    }
    return NetworkRule(name=name, **(values | changes))


def application(name: str, *fqdns: str, **changes: Any) -> ApplicationRule:
    values: dict[str, Any] = {
        "sources": ("10.0.0.0/8",),
        "source_groups": (),
        "protocols": (("https", 443),),
        "fqdns": fqdns,
        "urls": (),
        "fqdn_tags": (),
        "web_categories": (),
        "destinations": (),
        "terminate_tls": False,
        "preview_selector": False,
    }
    return ApplicationRule(name=name, **(values | changes))


Rules = Sequence[tuple[str, NetworkRule | ApplicationRule]]


def resolved(
    rules: Rules,
    *,
    tier: str = "standard",
    tied: bool = False,
    owners: tuple[ResourceId, ...] = (FIREWALL,),
    **changes: Any,
) -> ResolvedFirewall:
    """A firewall with one collection for each rule, in the order given, or all at one place, held by `owners`."""
    firewall = plain_firewall(id=FIREWALL, tier=tier, private_addresses=("10.250.0.4",), threat_intel="off")
    collections = tuple(
        PlacedCollection(
            owner=owners[place * len(owners) // len(rules)],
            policy=None,
            collection=RuleCollection(name=f"c{place}", priority=100 + place, action=action, rules=(rule,)),
            order=(0, 0, 100 if tied else 100 + place),
        )
        for place, (action, rule) in enumerate(rules)
    )
    return ResolvedFirewall(
        firewall=firewall, collections=collections, tier=tier, threat_intel="off", ip_groups=GROUPS, **changes
    )


def dead_of(rules: Rules, **changes: Any) -> dict[str, DeadRule]:
    listed = FirewallRules(resolved(rules, **changes), TAGS)
    return {listed.rules[dead.index].rule.name: dead for dead in dead_rules(listed.entries)}


def deaths(rules: Rules, **changes: Any) -> dict[str, Death]:
    return {name: dead.death for name, dead in dead_of(rules, **changes).items()}


SOURCES = ["10.0.0.1", "10.9.0.1", "10.20.0.1", "99.0.0.1"]
NAMES = ["a.example.com", "example.com", "b.a.example.com", "other.org", "x.blob.core.windows.net"]
PLACES = AddressSet.of("8.8.8.8", "8.8.8.9", "9.9.9.9", "20.60.0.1", "1.1.1.1")
RAW = [
    Traffic.box(PLACES, services)
    for services in [
        ServiceSet.tcp(443),
        ServiceSet.tcp(80),
        ServiceSet.tcp(7),
        ServiceSet.udp(443),
        ServiceSet.udp(80),
        ServiceSet.udp(7),
        ServiceSet.icmp(),
        ServiceSet.protocols(47),  # only a rule for any protocol may take what has no name of its own
    ]
]


def answers(rules: Rules) -> dict[tuple[Any, ...], list[Part]]:
    """What the filter leaves open for every packet and every named request of the small universe."""
    compiled = FirewallFilter(resolved(rules), TAGS, MEMBERS)
    flows = [Flow(source=AddressSet.of(source), traffic=traffic) for source, traffic in product(SOURCES, RAW)]
    flows += [
        Flow(
            source=AddressSet.of(source),
            traffic=Traffic.box(PLACES, ServiceSet.tcp(port)),
            name=NameSet.of(name),
            pattern=NamePattern.parse(name),
            application=kind,
        )
        for source, name, (kind, port) in product(
            SOURCES, NAMES, [("https", 443), ("http", 80), ("https", 8443)]
        )
    ]
    return {
        (str(flow.source), str(flow.traffic), flow.application, str(flow.pattern)): compiled.parts(flow)
        for flow in flows
    }


sources = st.sampled_from(
    [("10.0.0.0/8",), ("10.0.0.0/16",), ("10.9.0.0/16", "10.0.0.0/16"), ("99.0.0.0/8",)]
)
networks = st.fixed_dictionaries(
    {
        "sources": sources,
        "protocols": st.sampled_from([("tcp",), ("udp",), ("any",), ("icmp",), ("tcp", "udp")]),
        "destinations": st.sampled_from([("*",), ("8.8.8.0/24",), ("Storage", "9.9.9.9"), ("8.8.8.8",)]),
        "ports": st.sampled_from([("*",), ("443",), ("80-443",)]),
    }
)
applications = st.fixed_dictionaries(
    {
        "sources": sources,
        "protocols": st.sampled_from([(("https", 443),), (("http", 80), ("https", 443)), (("https", 8443),)]),
        "fqdns": st.sampled_from(
            [("*",), ("*.example.com",), ("*example.com",), ("a.example.com", "other.org")]
        ),
    }
)
actions = st.sampled_from(["allow", "deny"])


@st.composite
def lists(draw: st.DrawFn) -> Rules:
    kinds = draw(st.lists(st.booleans(), min_size=1, max_size=6))
    return [
        (
            draw(actions),
            network(f"r{place}", **draw(networks))
            if wide
            else application(f"r{place}", **draw(applications)),
        )
        for place, wide in enumerate(kinds)
    ]


def by_effect(parts: list[Part]) -> dict[frozenset[Any], Traffic]:
    """The traffic for each set of outcomes."""
    found: dict[frozenset[Any], Traffic] = {}
    for part in parts:
        outcomes = frozenset(option.hop.outcome for option in part.options)
        found[outcomes] = found.get(outcomes, Traffic.EMPTY) | part.traffic
    return found


@settings(max_examples=30, deadline=None)
@given(lists())
def test_what_is_reported_may_go(rules: Rules) -> None:
    """Without the reported rules the filter decides as before."""
    gone = deaths(rules)
    if not gone:
        return
    before, after = answers(rules), answers([item for item in rules if item[1].name not in gone])
    for asked, parts in after.items():
        assert by_effect(parts) == by_effect(before[asked])


BY_PROTOCOL: Rules = [
    ("allow", network(f"r{place}", protocols=(protocol,), ports=("*",)))
    for place, protocol in enumerate(("tcp", "udp", "icmp", "any"))
]


@settings(max_examples=30, deadline=None)
@example(BY_PROTOCOL)
@given(lists())
def test_what_decides_nothing_is_reported(rules: Rules) -> None:
    """The shadowed rules are those that decide no packet and no request of the small universe."""
    deciding = {
        (option.hop.rule or "").partition("/")[2]
        for parts in answers(rules).values()
        for part in parts
        for option in part.options
    }
    shadowed = {name for name, death in deaths(rules).items() if death is Death.SHADOWED}
    assert shadowed.isdisjoint(deciding)
    assert {rule.name for _, rule in rules} - shadowed <= deciding


NAMED: Rules = [
    ("deny", application("name", "*.example.com")),
    ("allow", application("others", "*")),
]


def test_a_network_rule_shadows_application_rules() -> None:
    """FW-13: it is asked first whatever the order of the collections, if it takes all addresses and ports."""
    found = dead_of([*NAMED, ("allow", network("wide"))])
    assert found["name"].death is Death.SHADOWED
    assert found["name"].by == (0,)
    assert found["name"].contrary == 0
    assert deaths([*NAMED, ("allow", network("narrow", destinations=("8.8.8.0/24",)))]) == {}


def test_the_contrary_rule_is_the_one_that_decides() -> None:
    """Rules before it that take other packets are not named, and the packet shown is one that it decides."""
    rules: Rules = [
        ("allow", network("elsewhere", destinations=("9.9.9.0/24",), ports=("80",))),
        ("deny", network("beside", destinations=("7.7.7.0/24",))),
        ("allow", network("half", destinations=("8.8.0.0/24",))),
        ("allow", network("other half", destinations=("8.8.1.0/24",))),
        ("deny", network("again", destinations=("8.8.0.0/23",))),
        ("deny", network("later", destinations=("8.8.1.0/25",))),
    ]
    found = dead_of(rules)
    assert {name: (one.by, one.contrary) for name, one in found.items()} == {
        "again": ((2, 3), 2),
        "later": ((3,), 3),
    }
    listed = FirewallRules(resolved(rules), TAGS)
    shown = [listed.shown(one.witness) for one in found.values() if one.witness is not None]
    assert shown == ["tcp/443 from 10.0.0.1 to 8.8.0.1", "tcp/443 from 10.0.0.1 to 8.8.1.1"]


@pytest.mark.parametrize(("application_protocol", "port"), [("http", 80), ("https", 443), ("mssql", 1433)])
def test_every_kind_of_request_runs_over_tcp(application_protocol: str, port: int) -> None:
    """FW-13: a network rule for the port takes the requests on it, whatever application they are of."""
    named = application("name", "a.example.com", protocols=((application_protocol, port),))
    for taking, dead in ((port, {"name": Death.SHADOWED}), (port + 1, {})):
        rules: Rules = [("deny", network("wide", ports=(str(taking),))), ("allow", named)]
        assert deaths(rules) == dead
    udp: Rules = [("allow", network("udp", protocols=("udp",), ports=("*",))), ("allow", named)]
    assert deaths(udp) == {}


def test_a_url_covers_itself_where_urls_work() -> None:
    """FW-27: of two rules for one URL the second is dead; below Premium nobody knows what either does."""
    url = {"urls": ("www.example.com/a",), "terminate_tls": True}
    rules: Rules = [("deny", application("first", **url)), ("allow", application("again", **url))]
    assert deaths(rules, tier="premium") == {"again": Death.SHADOWED}
    assert deaths(rules) == {}


def test_the_explicit_proxy_asks_application_rules_only() -> None:
    """FW-51: with the proxy on, a network rule before it does not take a name's every request."""
    assert deaths([*NAMED, ("allow", network("wide"))], explicit_proxy=ServiceSet.tcp(8080)) == {}


def test_names_together_cast_a_shadow() -> None:
    """FW-26: `*.example.com` and `example.com` are not all of `*example.com`, of `*m` less."""
    rules: Rules = [
        ("allow", application("wide", "*example.com")),
        ("deny", application("deep", "*.example.com", "example.com")),
        ("deny", application("other", "*m")),
    ]
    assert deaths(rules) == {"deep": Death.SHADOWED}


def test_an_empty_group_leaves_nothing_to_match() -> None:
    """FW-40: Azure skips the rule; FW-25: so it does one without a source."""
    rules: Rules = [
        ("allow", network("skipped", destination_groups=(EMPTY,))),
        ("allow", network("nowhere", destinations=())),
        ("allow", application("nobody", "example.com", sources=())),
        ("allow", application("nameless")),
    ]
    assert set(deaths(rules).values()) == {Death.UNMATCHABLE}
    assert len(deaths(rules)) == len(rules)


def test_an_unread_group_covers_itself_only() -> None:
    """Whatever it holds, a second rule for it stands in its shadow; one for an address may not."""
    rules: Rules = [
        ("allow", network("first", destinations=(), destination_groups=(UNREAD,))),
        ("deny", network("again", destinations=(), destination_groups=(UNREAD,))),
        ("deny", network("address", destinations=("8.8.8.8",))),
        ("allow", network("rest", protocols=("any",), ports=("*",))),
    ]
    assert deaths(rules) == {"again": Death.SHADOWED}


def test_an_unread_group_as_a_source_says_nothing_of_destinations() -> None:
    """FW-40: that it holds the sender of a packet does not say that it holds the receiver; nor does a tag (FW-38)."""
    from_group = network("from", sources=(), source_groups=(UNREAD,))
    to_group = network("to", destinations=(), destination_groups=(UNREAD,))
    assert deaths([("allow", from_group), ("deny", to_group), ("allow", network("rest"))]) == {}
    assert deaths([("allow", to_group), ("deny", from_group), ("allow", network("rest"))]) == {}
    from_tag = network("from", sources=("VirtualNetwork",))
    to_tag = network("to", destinations=("VirtualNetwork",))
    assert deaths([("allow", from_tag), ("deny", to_tag), ("allow", network("rest"))]) == {}


def test_a_rule_with_an_unread_group_may_be_skipped_as_a_whole() -> None:
    """FW-40: the group may have been emptied; then what the rule names beside it does not count either."""
    mixed = network("mixed", destination_groups=(UNREAD,))
    names = application("names", "*.example.com", source_groups=(UNREAD,))
    name = application("name", "a.example.com")
    assert deaths([("allow", mixed), ("deny", network("address", destinations=("8.8.8.8",)))]) == {}
    assert deaths([("allow", names), ("deny", name)]) == {"name": Death.REDUNDANT}
    again = application("again", "a.example.com", source_groups=(UNREAD,))
    assert deaths([("allow", names), ("deny", again)]) == {"again": Death.SHADOWED}


def test_a_category_of_names_is_not_one_of_urls() -> None:
    """FW-29: what inspection shows of a request may put it into another category."""
    seen = application("seen", web_categories=("news",), terminate_tls=True)
    unseen = application("unseen", web_categories=("news",))
    assert (
        deaths([("allow", unseen), ("deny", seen), ("allow", application("all", "*"))], tier="premium") == {}
    )


@pytest.mark.parametrize(
    "opaque", [{"fqdns": ("www.*.com",)}, {"urls": ("www.*.com/a",)}, {"urls": ("*.9/a",)}]
)
def test_what_may_mean_a_request_without_a_name(opaque: dict[str, Any]) -> None:
    """FW-22, FW-26, FW-27: a rule for every name takes all of them and leaves such a request to the next rule."""
    http = (("http", 80),)
    rules: Rules = [
        ("deny", application("names", "*.com", "*", protocols=http)),
        ("allow", application("opaque", protocols=http, **opaque)),
    ]
    assert "opaque" not in deaths(rules, tier="premium")


def test_names_in_network_rules_are_resolved_addresses() -> None:
    """FW-41: two rules for one name meet the same addresses; a name says nothing of an address."""
    rules: Rules = [
        ("allow", network("first", destinations=(), fqdns=("example.com",))),
        ("deny", network("again", destinations=(), fqdns=("example.com",))),
        ("deny", network("other", destinations=(), fqdns=("example.org",))),
        ("allow", network("rest", protocols=("any",), ports=("*",))),
    ]
    assert deaths(rules) == {"again": Death.SHADOWED}
    assert deaths(rules, tier="basic") == {}


@pytest.mark.parametrize(
    "opaque",
    [
        {"web_categories": ("news",)},
        {"fqdn_tags": ("WindowsUpdate",)},
        {"urls": ("www.example.com/a",)},
        {"fqdns": ("www.*.com",)},
        {"fqdns": ("*",), "preview_selector": True},
        {"fqdns": ("*",), "destinations": ("8.8.8.8",)},
        {"fqdns": ("*",), "terminate_tls": True},
    ],
)
def test_what_may_hold_less_casts_no_shadow(opaque: dict[str, Any]) -> None:
    """FW-4, FW-26..FW-29, FW-34, FW-55: nobody knows what such a rule matches, so it takes nothing for sure."""
    rules: Rules = [
        ("deny", application("opaque", **opaque)),
        ("allow", application("plain", "www.example.com")),
    ]
    assert deaths(rules) == {}


def test_a_deny_of_names_is_not_the_default() -> None:
    """FW-16: without it the built-in collection would be asked; a deny of UDP is the default indeed."""
    assert deaths([("deny", application("last", "*"))]) == {}
    assert deaths([("deny", network("tcp"))]) == {}
    assert deaths([("deny", network("udp", protocols=("udp",)))]) == {"udp": Death.REDUNDANT}


def test_an_allow_that_opens_tls_is_another_answer() -> None:
    """FW-33: a rule that does not inspect cannot stand in for one that does."""
    inspecting = application("inspecting", "a.example.com", terminate_tls=True)
    plain = application("plain", "*.example.com")
    assert deaths([("allow", inspecting), ("allow", plain)], tier="premium") == {}
    both: Rules = [("allow", application("one", "a.example.com")), ("allow", plain)]
    assert deaths(both, tier="premium") == {"one": Death.REDUNDANT}


def test_an_allow_that_inserts_headers_is_another_answer() -> None:
    """FW-20: a header such as Restrict-Access-To-Tenants is why the rule is there; a deny inserts nothing."""
    header = ('{"headerName": "Restrict-Access-To-Tenants", "headerValue": "contoso"}',)
    tenant = application("tenant", "login.microsoftonline.com", headers=header)
    assert deaths([("allow", tenant), ("allow", application("all", "*"))]) == {}
    again = application("again", "*", headers=header)
    assert deaths([("allow", tenant), ("allow", again)]) == {"tenant": Death.REDUNDANT}
    assert deaths([("deny", tenant), ("deny", application("all", "*"))])["tenant"] is Death.REDUNDANT


def test_a_preview_selector_may_do_more_than_select() -> None:
    """FW-55: nobody knows what `afcConfiguration` does with what a rule allows, so no other rule stands in for it."""
    preview = application("preview", "a.example.com", preview_selector=True)
    assert deaths([("allow", preview), ("allow", application("all", "*"))]) == {}
    plain = application("plain", "a.example.com")
    assert deaths([("allow", plain), ("allow", application("all", "*", preview_selector=True))]) == {}


def test_collections_of_one_place_have_no_order() -> None:
    """FW-12: of two that disagree either may be first, so neither is dead."""
    rules: Rules = [("allow", network("one")), ("deny", network("two"))]
    assert deaths(rules, tied=True) == {}
    assert deaths(rules) == {"two": Death.SHADOWED}


def test_groups_of_one_priority_have_no_order() -> None:
    """FW-12: the numbers of collections say nothing across groups, but inside each of them."""
    rules: Rules = [("allow", network("one")), ("deny", network("two"))]
    groups = (ResourceId(f"{FIREWALL.text}/one"), ResourceId(f"{FIREWALL.text}/two"))
    assert deaths(rules, owners=groups) == {}
    assert deaths(rules, owners=groups[:1]) == {"two": Death.SHADOWED}
    # What the other pass holds of a group does not tie with what this one holds of another.
    apart: Rules = [
        ("allow", network("one")),
        ("deny", network("two")),
        ("allow", application("three", "*.example.com")),
    ]
    assert deaths(apart, owners=(groups[0], groups[0], groups[1]))["two"] is Death.SHADOWED


def test_a_witness_can_be_read() -> None:
    """The packet that shows a contrary rule is told as one would ask for it."""
    listed = FirewallRules(
        resolved([("allow", network("wide")), ("deny", application("name", "*.example.com"))]), TAGS
    )
    (found,) = dead_rules(listed.entries)
    assert found.witness is not None
    assert listed.shown(found.witness) == "a.example.com:443/https from 10.0.0.1"
    raw = FirewallRules(
        resolved([("allow", network("wide")), ("deny", network("again", destinations=("8.8.8.8",)))]), TAGS
    )
    (found,) = dead_rules(raw.entries)
    assert found.witness is not None
    assert raw.shown(found.witness) == "tcp/443 from 10.0.0.1 to 8.8.8.8"


def test_rules_that_are_not_known_are_refused() -> None:
    """A firewall that was not read completely has no list."""
    unread = resolved([], problems=(("unreadable-resource", "not read", FIREWALL),))
    with pytest.raises(ValueError, match="not known"):
        FirewallRules(unread, TAGS)
