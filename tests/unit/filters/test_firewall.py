"""A firewall decides as its clauses say: against a naive reader, and for each doubt about its rules."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.filters.firewall import FirewallFilter
from auditor.filters.firewall_rules import PlacedCollection, ResolvedFirewall
from auditor.filters.parts import Flow
from auditor.model.firewall import ApplicationRule, IpGroup, NatRule, NetworkRule, RuleCollection
from auditor.model.gap import Gap
from auditor.model.reading import TagMembers
from auditor.model.resource_id import ResourceId
from auditor.model.service_tags import NO_TAGS
from auditor.model.verdict import Effect
from auditor.netset import AddressSet, NamePattern, NameSet, ServiceSet, Traffic
from tests.unit.plain_records import plain_firewall

BASE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network"
NODES = AddressSet.of("10.0.0.0/24")
ALLOW, DENY = {Effect.ALLOW}, {Effect.DENY}
EMPTIED = ResourceId(f"{BASE}/ipGroups/emptied")
HIDDEN = ResourceId(f"{BASE}/ipGroups/hidden")


def network(name: str, destinations: tuple[str, ...] = ("*",), **fields: Any) -> NetworkRule:
    values: dict[str, Any] = {
        "sources": ("*",),
        "source_groups": (),
        "protocols": ("tcp",),
        "destination_groups": (),
        "fqdns": (),
        "ports": ("443",),
        "preview_selector": False,
    }
    return NetworkRule(name=name, destinations=destinations, **{**values, **fields})


def application(name: str, fqdns: tuple[str, ...], **fields: Any) -> ApplicationRule:
    values: dict[str, Any] = {
        "sources": ("*",),
        "source_groups": (),
        "protocols": (("https", 443),),
        "urls": (),
        "fqdn_tags": (),
        "web_categories": (),
        "destinations": (),
        "terminate_tls": False,
        "preview_selector": False,
    }
    return ApplicationRule(name=name, fqdns=fqdns, **{**values, **fields})


def placed(
    rules: list[Any], action: str, *, depth: int = 0, group: int = 100, priority: int = 100, name: str = "c"
) -> PlacedCollection:
    owner = ResourceId(f"{BASE}/firewallPolicies/p{depth}/ruleCollectionGroups/g{group}")
    collection = RuleCollection(name=name, priority=priority, action=action, rules=tuple(rules))
    return PlacedCollection(
        owner=owner,
        policy=None,
        collection=collection,
        order=(depth, group, priority),
    )


def effects(
    collections: list[PlacedCollection],
    *,
    name: str | None = None,
    asked: str | None = None,
    address: str = "8.8.8.8",
    services: ServiceSet | None = None,
    app: str | None = None,
    resolver: tuple[str, ...] = (),
    assumed: tuple[str, ...] = (),
    **resolved: Any,
) -> set[Effect]:
    """Everything that the firewall may do with one flow, by default raw TCP 443 or https for a name.

    `asked` is the pattern of the question, if it is another than the name.
    """
    ordered = sorted(collections, key=lambda item: item.order)
    groups = {
        EMPTIED: IpGroup(id=EMPTIED, flaws=(), addresses=()),
        HIDDEN: Gap(HIDDEN, "not in the snapshot"),
    }
    values: dict[str, Any] = {
        "firewall": plain_firewall(),
        "collections": tuple(ordered),
        "ip_groups": groups,
        **resolved,
    }
    compiled = FirewallFilter(
        ResolvedFirewall(**values), NO_TAGS, TagMembers(("core.example.com",), ("addon.example.com",))
    )
    pattern = NamePattern.parse(name) if name else None
    flow = Flow(
        source=NODES,
        traffic=Traffic.box(AddressSet.of(address), services or ServiceSet.tcp(443)),
        name=NameSet.of(pattern) if pattern else None,
        pattern=NamePattern.parse(asked) if asked else pattern,
        application=app or ("https" if name else None),
        resolver=resolver,
    )
    parts = compiled.parts(flow)
    assert len(parts) == 1
    return {option.hop.outcome for option in parts[0].options if option.holds(frozenset(assumed))}


def test_network_rules_come_before_application_rules() -> None:
    """FW-7, FW-13: whatever the priorities, a network rule decides first (GOT-1, GOT-2)."""
    deny = placed([application("deny", ("google.com",))], "deny", group=100)
    allow = placed([network("any")], "allow", group=5000)
    assert effects([deny, allow], name="google.com") == ALLOW
    opposite = [
        placed([application("a", ("contoso.com",))], "allow"),
        placed([network("n")], "deny", group=5000),
    ]
    assert effects(opposite, name="contoso.com") == DENY


def test_the_parent_runs_first() -> None:
    """FW-8: a parent's group with the worst number precedes the child's best (GOT-3)."""
    parent = placed([network("allow")], "allow", depth=0, group=60000)
    child = placed([network("deny")], "deny", depth=1, group=100)
    assert effects([child, parent]) == ALLOW


def test_wildcards_are_character_suffixes() -> None:
    """FW-26 (GOT-4, GOT-5, GOT-6)."""
    dotted = [placed([application("w", ("*.contoso.com",))], "allow")]
    bare = [placed([application("w", ("*contoso.com",))], "allow")]
    assert effects(dotted, name="contoso.com") == DENY
    assert effects(dotted, name="a.b.contoso.com") == ALLOW
    assert effects(bare, name="th3re4lcontoso.com") == ALLOW


def test_application_rules_see_names_and_their_own_port_only() -> None:
    """FW-14, FW-22, FW-24: raw TCP, an address without SNI and another port do not match (GOT-7, GOT-8)."""
    rules = [placed([application("x", ("*",))], "allow")]
    assert effects(rules, name="x.example.com") == ALLOW
    assert effects(rules) == DENY
    assert effects(rules, app="https") == DENY
    assert effects(rules, name="x.example.com", services=ServiceSet.tcp(8443)) == DENY


def test_any_with_ports_means_tcp_and_udp() -> None:
    """FW-36: explicit ports turn Any into TCP and UDP; without them it is everything (GOT-10)."""
    ports = [placed([network("p", protocols=("any",))], "allow")]
    assert effects(ports, services=ServiceSet.icmp()) == DENY
    assert effects(ports, services=ServiceSet.udp(443)) == ALLOW
    every = [placed([network("p", protocols=("any",), ports=("*",))], "allow")]
    assert effects(every, services=ServiceSet.icmp()) == ALLOW


def test_an_emptied_ip_group_skips_its_rule_and_an_unread_one_leaves_it_open() -> None:
    """FW-40 (GOT-12)."""
    behind = placed([network("allow")], "allow", priority=200, name="later")
    emptied = placed([network("deny", (), destination_groups=(EMPTIED,))], "deny")
    hidden = placed([network("deny", (), destination_groups=(HIDDEN,))], "deny")
    assert effects([emptied, behind]) == ALLOW
    assert effects([hidden, behind]) == ALLOW | DENY


def test_names_in_network_rules_need_the_dns_proxy() -> None:
    """FW-41: sure only where the clients ask this firewall and nobody else (GOT-13); tier Basic lacks them (GOT-14)."""
    rules = [
        placed([network("ntp", (), fqdns=("ntp.ubuntu.com",), protocols=("udp",), ports=("123",))], "allow")
    ]
    asked: dict[str, Any] = {"name": "ntp.ubuntu.com", "services": ServiceSet.udp(123), "app": None}
    own = ("10.9.0.4",)

    def open_effects(**fields: Any) -> set[Effect]:
        return effects(rules, **{**asked, "app": "none", **fields})

    assert open_effects(dns_proxy=True, resolver=own) == ALLOW
    assert open_effects(dns_proxy=False, resolver=own) == ALLOW | DENY
    assert open_effects(dns_proxy=True, resolver=()) == ALLOW | DENY
    assert open_effects(dns_proxy=True, resolver=own, tier="basic") == ALLOW | DENY
    assert open_effects(dns_proxy_doubt=True, dns_proxy=True, resolver=own) == ALLOW | DENY


def test_a_name_of_a_wider_question_is_that_name() -> None:
    """FW-41: a pattern is asked for in classes; the class of the rule's own name matches it, the others do not."""
    rules = [placed([network("ntp", (), fqdns=("ntp.ubuntu.com",))], "allow")]
    sure: dict[str, Any] = {"app": "none", "dns_proxy": True, "resolver": ("10.9.0.4",)}
    assert effects(rules, name="ntp.ubuntu.com", asked="*.ubuntu.com", **sure) == ALLOW
    assert effects(rules, name="www.ubuntu.com", asked="*.ubuntu.com", **sure) == ALLOW | DENY
    assert effects(rules, name="*.ubuntu.com", **sure) == ALLOW | DENY
    alone: dict[str, Any] = {**sure, "assumed": ("fqdn-rule-address",)}
    assert effects(rules, name="www.ubuntu.com", asked="*.ubuntu.com", **alone) == DENY


def test_a_source_that_nobody_cut_leaves_the_rule_open() -> None:
    """FW-25: where a rule names a part of the sources only, what it admits and what it leaves open both stay open."""
    some = ("10.0.0.0/25",)
    assert effects([placed([network("half", sources=some)], "allow")]) == ALLOW | DENY
    assert effects([placed([network("half", (), destination_groups=(HIDDEN,), sources=some)], "allow")]) == (
        ALLOW | DENY
    )
    assert effects([placed([network("none", (), sources=some)], "allow")]) == DENY
    assert effects([placed([network("other", sources=("10.9.0.0/16",))], "allow")]) == DENY


def test_a_named_network_rule_is_assumed_to_match_its_own_name_only() -> None:
    """`fqdn-rule-address`: strictly a shared address may match."""
    rules = [placed([network("sql", (), fqdns=("sql.example.com",))], "allow")]
    assert effects(rules) == ALLOW | DENY
    assert effects(rules, assumed=("fqdn-rule-address",)) == DENY


def test_the_aks_tag_holds_the_core_names_by_assumption() -> None:
    """FW-28: core names, add-on names and others; other tags hold nobody knows what."""
    rules = [placed([application("aks", (), fqdn_tags=("AzureKubernetesService",))], "allow")]
    code = ("fqdn-tag-opaque",)
    assert effects(rules, name="core.example.com") == ALLOW | DENY
    assert effects(rules, name="core.example.com", assumed=code) == ALLOW
    assert effects(rules, name="addon.example.com", assumed=code) == ALLOW | DENY
    assert effects(rules, name="other.example.com", assumed=code) == DENY
    other = [placed([application("win", (), fqdn_tags=("WindowsUpdate",))], "allow")]
    assert effects(other, name="core.example.com", assumed=code) == ALLOW | DENY


def test_the_built_in_collection_may_serve_infrastructure_names() -> None:
    """FW-15, FW-16: open unless an application deny-all precedes it (GOT-9)."""
    assert effects([], name="x.blob.core.windows.net") == ALLOW | DENY
    assert effects([], name="x.blob.core.windows.net", assumed=("infrastructure-rules",)) == DENY
    assert effects([], name="example.com") == DENY
    deny_all = [placed([application("all", ("*",))], "deny")]
    assert effects(deny_all, name="x.blob.core.windows.net") == DENY


def test_threat_intelligence_and_intrusion_prevention_are_conditions() -> None:
    """FW-18, FW-19 (GOT-17): an allow in deny mode holds under its assumption."""
    rules = [placed([application("x", ("x.example.com",))], "allow")]
    assert effects(rules, name="x.example.com", threat_intel="deny") == ALLOW | DENY
    assert effects(rules, name="x.example.com", threat_intel="deny", assumed=("threat-intel-deny",)) == ALLOW
    listed = ("x.example.com",)
    assert effects(rules, name="x.example.com", threat_intel="deny", threat_allowed_names=listed) == ALLOW
    odd = ("no name at all", *listed)
    assert effects(rules, name="x.example.com", threat_intel="deny", threat_allowed_names=odd) == ALLOW
    assert effects(rules, name="x.example.com", idps="deny", assumed=("idps-deny",)) == ALLOW
    assert effects([], name="x.example.com", threat_intel="deny") == DENY


def test_dns_at_the_firewall_itself() -> None:
    """FW-42: the proxy answers UDP 53 without a rule, TCP 53 by assumption; nothing else is taken."""
    at: dict[str, Any] = {"address": "10.9.0.4", "dns_proxy": True}
    assert effects([], services=ServiceSet.udp(53), **at) == ALLOW
    assert effects([], services=ServiceSet.tcp(53), **at) == ALLOW | DENY
    assert effects([], services=ServiceSet.tcp(53), assumed=("dns-proxy-tcp",), **at) == ALLOW
    assert effects([placed([network("n")], "allow")], **at) == DENY


def test_only_what_a_translation_may_take_is_open() -> None:
    """FW-17: the other destinations of one question are decided as ever, and none is lost."""
    translates = NatRule(
        name="n", destinations=("20.1.1.1",), ports=("443",), protocols=("tcp",), sources=("*",)
    )
    resolved = ResolvedFirewall(
        firewall=plain_firewall(),
        collections=(placed([translates], "dnat"), placed([network("any")], "allow", priority=200)),
        own_public=AddressSet.of("20.1.1.1"),
    )
    asked = Traffic.box(AddressSet.of("20.1.1.0/30"), ServiceSet.tcp(443))
    parts = FirewallFilter(resolved, NO_TAGS, TagMembers((), ())).parts(Flow(source=NODES, traffic=asked))
    taken = Traffic.box(AddressSet.of("20.1.1.1"), ServiceSet.tcp(443))
    found = {frozenset(option.hop.outcome for option in part.options): part.traffic for part in parts}
    assert found == {frozenset({Effect.UNKNOWN, Effect.ALLOW}): taken, frozenset(ALLOW): asked - taken}


def test_undocumented_order_is_open_only_where_it_matters() -> None:
    """FW-12: two collections of one priority that disagree."""
    one = placed([network("a")], "allow", name="one")
    two = placed([network("d")], "deny", name="two")
    assert effects([one, two]) == ALLOW | DENY
    assert effects([one, placed([network("a")], "allow", name="two")]) == ALLOW


def _twins(first: list[tuple[str, Any]], second: list[tuple[str, Any]]) -> list[PlacedCollection]:
    """Two groups of one priority, with a collection for each rule."""
    return [
        replace(
            placed([rule], action, priority=priority, name=f"c{priority}"),
            owner=ResourceId(f"{BASE}/firewallPolicies/p/ruleCollectionGroups/{name}"),
        )
        for name, rules in (("first", first), ("second", second))
        for priority, (action, rule) in enumerate(rules, start=100 if name == "first" else 200)
    ]


def test_groups_that_tie_keep_their_own_order() -> None:
    """FW-8, FW-12: the first match of either group decides, whatever the priorities of their collections."""
    denies, allows = ("deny", network("d")), ("allow", network("a"))
    assert effects(_twins([denies], [allows])) == ALLOW | DENY
    assert effects(_twins([denies, allows], [denies, allows])) == DENY
    assert effects(_twins([denies, allows], [allows, denies])) == ALLOW | DENY
    perhaps = ("deny", network("p", (), destination_groups=(HIDDEN,)))
    # The search ends inside the tie, whichever comes first: what lies behind is not reached.
    behind = placed([application("n", ("a.x.com",))], "allow", group=200)
    assert (
        effects([*_twins([denies], [("deny", network("x", ("9.9.9.9",)))]), behind], name="a.x.com") == DENY
    )
    assert effects([*_twins([allows], [perhaps])]) == ALLOW | DENY
    assert effects([*_twins([perhaps, allows], [allows])]) == ALLOW | DENY
    # What an entry takes before it does not reach a doubtful one, though another group may come first.
    assert effects([*_twins([allows, perhaps], [denies])]) == ALLOW | DENY
    assert effects([*_twins([allows, perhaps], [("deny", network("x", ("9.9.9.9",)))])]) == ALLOW


def test_an_assumption_does_not_say_which_of_two_groups_comes_first() -> None:
    """FW-12, FW-28: that the AKS tag holds a name is assumed, but a tie before it stays a tie."""
    tag = ("allow", application("t", (), fqdn_tags=("AzureKubernetesService",)))
    denies = ("deny", application("d", ("core.example.com",)))
    assumed = ("fqdn-tag-opaque",)
    for twins in (_twins([tag], [denies]), _twins([denies], [tag])):
        assert effects(twins, name="core.example.com", assumed=assumed) == ALLOW | DENY
    one_group = [
        placed([tag[1]], "allow"),
        placed([denies[1]], "deny", priority=200, name="later"),
    ]
    assert effects(one_group, name="core.example.com", assumed=assumed) == ALLOW


names = st.sampled_from(["a.x.com", "b.x.com", "x.com", "y.com"])
patterns = st.sampled_from(["*", "*.x.com", "*x.com", "a.x.com", "y.com"])
network_specs = st.tuples(
    st.sampled_from(["*", "8.8.8.0/24", "8.8.8.8", "9.9.9.9"]), st.sampled_from(["443", "*", "80"])
)
collections_spec = st.lists(
    st.tuples(
        st.integers(0, 1),  # parent or child
        st.integers(1, 3),  # group priority
        st.booleans(),  # network or application
        st.sampled_from(["allow", "deny"]),
        st.lists(st.tuples(network_specs, patterns), min_size=1, max_size=3),
    ),
    max_size=6,
)


@settings(max_examples=200, deadline=None)
@given(collections_spec, names)
def test_against_a_naive_reader(specs: list[Any], name: str) -> None:
    """FW-6..FW-10, FW-13..FW-15: three passes, parent first, priorities, array order; collections never tie here."""
    collections = [
        placed(
            [
                network(f"r{n}", (destination,), ports=(ports,))
                if is_network
                else application(f"r{n}", (pattern,))
                for n, ((destination, ports), pattern) in enumerate(rules)
            ],
            action,
            depth=depth,
            group=group,
            priority=100 + index,
            name=f"c{index}",
        )
        for index, (depth, group, is_network, action, rules) in enumerate(specs)
    ]
    assert effects(collections, name=name) == {_naive(specs, name)}


def _naive(specs: list[Any], name: str) -> Effect:
    ordered = sorted(enumerate(specs), key=lambda item: (item[1][0], item[1][1], item[0]))
    for wanted_network in (True, False):
        for _, (_, _, is_network, action, rules) in ordered:
            if is_network is not wanted_network:
                continue
            for (destination, ports), pattern in rules:
                if wanted_network:
                    hit = destination in {"*", "8.8.8.0/24", "8.8.8.8"} and ports in {"443", "*"}
                elif pattern.startswith("*"):
                    hit = (
                        name.endswith(pattern[1:]) and name != pattern[1:].lstrip(".")
                    ) or pattern == f"*{name}"
                    hit = hit or pattern == "*"
                else:
                    hit = name == pattern
                if hit:
                    return Effect.ALLOW if action == "allow" else Effect.DENY
    return Effect.DENY
