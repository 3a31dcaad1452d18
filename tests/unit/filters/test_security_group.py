"""A network security group decides as its clauses say: against a naive reader, and for each doubt about its tags."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.filters.parts import Flow, Part
from auditor.filters.security_group import SecurityGroupFilter
from auditor.filters.security_rules import source_cuts
from auditor.filters.terms import Maybe
from auditor.filters.vnet_tag import DefaultRoute, TagContext
from auditor.model.resource_id import ResourceId
from auditor.model.security_group import SecurityGroup, SecurityRule
from auditor.model.service_tags import ServiceTags
from auditor.model.verdict import Effect, Stage
from auditor.netset import AddressSet, ServiceSet, Traffic

ID = ResourceId("/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/networkSecurityGroups/nsg")
NODES = AddressSet.of("10.0.0.0/24")
DEFAULTS = (
    ("AllowVnetOutBound", 65000, "allow", "VirtualNetwork", "VirtualNetwork"),
    ("AllowInternetOutBound", 65001, "allow", "*", "Internet"),
    ("DenyAllOutBound", 65500, "deny", "*", "*"),
)
TAG = ServiceTags({"storage": AddressSet.of("20.60.0.0/16")}, {"storage": "Storage"})


def rule(
    name: str,
    priority: int,
    access: str,
    destination: str = "*",
    *,
    source: str = "*",
    ports: str = "*",
    protocol: str = "*",
    direction: str = "outbound",
) -> SecurityRule:
    return SecurityRule(
        name=name,
        priority=priority,
        direction=direction,
        access=access,
        protocol=protocol,
        sources=(source,),
        source_groups=(),
        source_ports=("*",),
        destinations=(destination,),
        destination_groups=(),
        destination_ports=(ports,),
        default=priority >= 65000,
    )


def effects(
    custom: list[SecurityRule],
    address: str,
    services: ServiceSet | None = None,
    *,
    route: DefaultRoute = DefaultRoute.NONE,
    assumed: tuple[str, ...] = (),
) -> set[Effect]:
    """Everything that the group may do with one address, by default TCP 443."""
    group = SecurityGroup(
        id=ID, flaws=(), rules=(*custom, *(rule(n, p, a, d, source=s) for n, p, a, s, d in DEFAULTS))
    )
    context = TagContext(members=AddressSet.of("10.0.0.0/16", "10.1.0.0/16"), default_route=route, tags=TAG)
    compiled = SecurityGroupFilter(group, Stage.SUBNET_NSG, context)
    flow = Flow(source=NODES, traffic=Traffic.box(AddressSet.of(address), services or ServiceSet.tcp(443)))
    parts = compiled.parts(flow)
    assert len(parts) == 1
    return {option.hop.outcome for option in parts[0].options if option.holds(frozenset(assumed))}


ALLOW, DENY = {Effect.ALLOW}, {Effect.DENY}


def test_default_rules_of_a_bare_group() -> None:
    """NSG-8: the VNet and the Internet are open, other private space is not (NSG-10)."""
    assert effects([], "10.1.2.3") == ALLOW
    assert effects([], "8.8.8.8") == ALLOW
    assert effects([], "10.99.0.5") == DENY


@pytest.mark.parametrize("route", [DefaultRoute.CERTAIN, DefaultRoute.POSSIBLE])
def test_a_set_and_a_look_up_agree_where_the_network_tag_may_be_wide(route: DefaultRoute) -> None:
    """NSG-17, NSG-18: what a default rule may be taken to admit hangs not on whether rules are told apart."""
    rules = (
        rule("web", 100, "allow", ports="443"),
        *(rule(n, p, a, d, source=s) for n, p, a, s, d in DEFAULTS),
    )
    group = SecurityGroup(id=ID, flaws=(), rules=rules)
    context = TagContext(members=AddressSet.of("10.0.0.0/16"), default_route=route, tags=TAG)
    compiled = SecurityGroupFilter(group, Stage.SUBNET_NSG, context)
    everything = Traffic.box(AddressSet.of("0.0.0.0/0"), ServiceSet.ANY)
    for assumed in ((), ("vnet-tag-default-route",), ("vnet-tag-default-route", "internet-tag-ambiguous")):
        told_apart, joined = (
            _left(compiled.parts(Flow(source=NODES, traffic=everything, coarse=coarse)), frozenset(assumed))
            for coarse in (False, True)
        )
        assert told_apart == joined


def _left(parts: list[Part], assumed: frozenset[str]) -> dict[frozenset[Effect], Traffic]:
    """The traffic to which each set of outcomes is left open."""
    found: dict[frozenset[Effect], Traffic] = {}
    for part in parts:
        open_ones = frozenset(option.hop.outcome for option in part.options if option.holds(assumed))
        found[open_ones] = found.get(open_ones, Traffic.EMPTY) | part.traffic
    return found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("10.0.0.0/16", Effect.DENY),
        ("10.0.0.0/24", Effect.DENY),
        ("10.9.0.0/16", Effect.ALLOW),
        ("Storage", Effect.ALLOW),
        ("VirtualNetwork", Effect.DENY),
        ("10.0.0.0/25", None),
    ],
)
def test_a_rule_meets_the_sources_that_it_holds(source: str, found: Effect | None) -> None:
    """NSG-11: sources are cut along rules, so a part of them that a rule names leaves it open, and never unsaid."""
    outcome = effects([rule("deny", 100, "deny", source=source)], "8.8.8.8")
    assert outcome == ({found} if found is not None else ALLOW | DENY)


def test_a_sender_that_may_be_a_member_of_the_network_tag() -> None:
    """NSG-17: a rule about VirtualNetwork meets such a sender perhaps; that its membership is open is not "no"."""
    group = SecurityGroup(
        id=ID, flaws=(), rules=(rule("deny", 100, "deny", source="VirtualNetwork"), rule("all", 200, "allow"))
    )
    maybe = Maybe(AddressSet.of("10.2.0.0/16"), frozenset({"uncertain:NSG-17"}))
    context = TagContext(members=NODES, maybe_members=(maybe,))
    compiled = SecurityGroupFilter(group, Stage.ADMIN, context)
    traffic = Traffic.box(AddressSet.of("10.0.0.4"), ServiceSet.tcp(443))
    for source, outcomes in ((NODES, DENY), ("10.2.3.0/24", ALLOW | DENY), ("10.3.0.0/24", ALLOW)):
        held = source if isinstance(source, AddressSet) else AddressSet.of(source)
        (part,) = compiled.parts(Flow(source=held, traffic=traffic))
        assert {option.hop.outcome for option in part.options} == outcomes


@pytest.mark.parametrize(
    ("destination", "literal"),
    [("8.8.8.0/24", True), ("8.8.8.8", True), ("*", False), ("0.0.0.0/0", False), ("Internet", False)],
)
def test_a_literal_prefix_is_told_from_a_wide_match(destination: str, literal: bool) -> None:
    """What may be set aside for a name depends on whether a rule named the address."""
    group = SecurityGroup(id=ID, flaws=(), rules=(rule("one", 100, "deny", destination),))
    compiled = SecurityGroupFilter(group, Stage.SUBNET_NSG, TagContext(members=NODES))
    traffic = Traffic.box(AddressSet.of("8.8.8.8"), ServiceSet.tcp(443))
    (part,) = compiled.parts(Flow(source=NODES, traffic=traffic))
    assert part.options[0].hop.rule == "one"
    assert part.options[0].literal is literal


@pytest.mark.parametrize(("address", "literal"), [("8.8.8.8", True), ("9.9.9.9", False)])
def test_a_route_prefix_in_the_network_tag_is_listed(address: str, literal: bool) -> None:
    """NSG-17: the tag holds a user route's prefix because it stands in the estate, and a peer's space by its nature."""
    group = SecurityGroup(id=ID, flaws=(), rules=(rule("one", 100, "deny", "VirtualNetwork"),))
    routed = AddressSet.of("8.8.8.0/24")
    context = TagContext(members=NODES | AddressSet.of("9.9.9.0/24") | routed, routed=routed, named=routed)
    compiled = SecurityGroupFilter(group, Stage.SUBNET_NSG, context)
    traffic = Traffic.box(AddressSet.of(address), ServiceSet.tcp(443))
    (part,) = compiled.parts(Flow(source=NODES, traffic=traffic))
    assert part.options[0].hop.rule == "one"
    assert part.options[0].literal is literal


@pytest.mark.parametrize(
    ("source", "cuts"),
    [
        ("10.0.0.0/25", ["10.0.0.0/25"]),
        ("10.0.0.1-10.0.0.9", ["10.0.0.1-10.0.0.9"]),
        ("*", []),
        ("0.0.0.0/0", []),
        ("VirtualNetwork", []),
    ],
)
def test_sources_are_cut_along_literal_ones(source: str, cuts: list[str]) -> None:
    """Tags and wildcards tell no addresses of a subnet apart."""
    found = [known for known, _ in source_cuts(rule("one", 100, "deny", source=source))]
    assert found == [AddressSet.parse(text) for text in cuts]


def test_priority_beats_array_order() -> None:
    """NSG-4: the smaller number decides, wherever it stands in the array."""
    late = rule("deny", 200, "deny", "8.8.8.8")
    early = rule("allow", 100, "allow", "8.8.8.8")
    assert effects([late, early], "8.8.8.8") == ALLOW
    assert (
        effects([rule("deny", 100, "deny", "8.8.8.8"), rule("allow", 200, "allow", "8.8.8.8")], "8.8.8.8")
        == DENY
    )


def test_equal_priorities_that_disagree_are_open() -> None:
    """NSG-5: the service rejects them; if they occur, nobody knows which comes first."""
    tie = [rule("one", 100, "allow", "8.8.8.8"), rule("two", 100, "deny", "8.8.8.8")]
    assert effects(tie, "8.8.8.8") == ALLOW | DENY


def test_internet_holds_azure_addresses() -> None:
    """NSG-19: a deny to Internet also denies Storage unless an earlier rule names the tag (GOT-21)."""
    deny = rule("deny", 1000, "deny", "Internet")
    assert effects([deny, rule("allow", 2000, "allow", "Storage")], "20.60.1.1") == DENY
    assert effects([deny, rule("allow", 500, "allow", "Storage")], "20.60.1.1") == ALLOW


def test_a_tag_that_was_not_read_leaves_both_open() -> None:
    """NSG-26: membership of an unread tag is a maybe."""
    assert effects([rule("deny", 100, "deny", "Sql")], "8.8.8.8") == ALLOW | DENY


@pytest.mark.parametrize(
    ("address", "services"),
    [
        ("168.63.129.16", ServiceSet.udp(53)),
        ("168.63.129.16", ServiceSet.udp(67)),
        ("168.63.129.16", ServiceSet.tcp(53, 80, 32526)),
        ("169.254.169.254", ServiceSet.tcp(80)),
    ],
)
def test_platform_services_escape_generic_denies(address: str, services: ServiceSet) -> None:
    """NSG-21: only the dedicated tags reach DNS and IMDS."""
    assert effects([rule("all", 4096, "deny")], address, services) == ALLOW


@pytest.mark.parametrize("address", ["168.63.129.16", "169.254.169.254"])
@pytest.mark.parametrize("destination", ["*", "{}", "AzurePlatformDNS", "AzurePlatformIMDS"])
def test_other_services_of_the_platform_are_open_where_a_rule_denies(address: str, destination: str) -> None:
    """NSG-21: no source says whether rules reach them; what rules allow is allowed in any case."""
    deny, allow = (rule("one", 100, access, destination.format(address)) for access in ("deny", "allow"))
    meant = destination in {"*", "{}"} or (destination[-3:] == "DNS") == address.startswith("168")
    # VirtualNetwork holds the host and not the metadata address, which Internet may hold (NSG-17, NSG-19)
    without = ALLOW if address.startswith("168") else ALLOW | DENY
    assert effects([deny], address) == (ALLOW | DENY if meant else without)
    if destination in {"*", "{}"}:
        assert effects([allow], address) == ALLOW


def test_the_dns_tag_reaches_azure_dns() -> None:
    """NSG-21: AzurePlatformDNS denies what a deny-all does not; a literal is uncertain."""
    dns = ServiceSet.udp(53)
    assert effects([rule("dns", 100, "deny", "AzurePlatformDNS")], "168.63.129.16", dns) == DENY
    assert effects([rule("dns", 100, "deny", "168.63.129.16/32")], "168.63.129.16", dns) == ALLOW | DENY
    among = replace(rule("dns", 100, "deny"), destinations=("20.1.1.1", "168.63.129.16"))
    assert effects([among], "168.63.129.16", dns) == ALLOW | DENY


def test_protocol_star_is_sure_of_three_protocols_only() -> None:
    """NSG-12: `*` covers TCP, UDP and ICMP for sure, others maybe."""
    deny = [rule("all", 100, "deny", "8.8.8.8")]
    assert effects(deny, "8.8.8.8", ServiceSet.icmp()) == DENY
    assert effects(deny, "8.8.8.8", ServiceSet.protocols(47)) == ALLOW | DENY


def test_ports_of_an_icmp_flow_are_uncertain() -> None:
    """NSG-13: nobody documents what a port field means for ICMP."""
    assert (
        effects([rule("p", 100, "deny", "8.8.8.8", ports="443")], "8.8.8.8", ServiceSet.icmp())
        == ALLOW | DENY
    )


class TestBesideADefaultRoute:
    """NSG-18 and NSG-19b: a 0/0 route may widen VirtualNetwork and empty Internet, and the two hang together."""

    certain = DefaultRoute.CERTAIN

    def test_default_rules_alone_need_no_assumption(self) -> None:
        """Either VirtualNetwork holds a public address or Internet does: it leaves in every world."""
        assert effects([], "8.8.8.8", route=self.certain) == ALLOW

    def test_a_deny_to_internet_is_assumed_to_work(self) -> None:
        """The lock-down that field practice relies on, with its assumption."""
        deny = [rule("deny", 1000, "deny", "Internet")]
        assert effects(deny, "8.8.8.8", route=self.certain) == ALLOW | DENY
        assert effects(deny, "8.8.8.8", route=self.certain, assumed=("internet-tag-ambiguous",)) == DENY

    def test_a_custom_virtualnetwork_rule_never_decides_a_public_address(self) -> None:
        """Allow VirtualNetwork, deny everything else: unknown whatever is assumed."""
        group = [rule("vnet", 100, "allow", "VirtualNetwork"), rule("deny", 4096, "deny")]
        both = ("internet-tag-ambiguous", "vnet-tag-default-route")
        assert effects(group, "8.8.8.8", route=self.certain, assumed=both) == ALLOW | DENY
        assert effects(group, "10.0.3.4", route=self.certain) == ALLOW

    def test_private_space_that_the_route_carries(self) -> None:
        """The default rule is assumed to admit it (NSG-17); strictly it is open."""
        assert effects([], "10.99.0.5", route=self.certain) == ALLOW | DENY
        assert effects([], "10.99.0.5", route=self.certain, assumed=("vnet-tag-default-route",)) == ALLOW

    def test_a_route_that_may_be_learned_counts_only_if_it_is_not_assumed_away(self) -> None:
        """UDR-30: a possible learned 0/0 opens the wide worlds unless bgp-routes-unknown is assumed."""
        deny = [rule("deny", 1000, "deny", "Internet")]
        possible = DefaultRoute.POSSIBLE
        assert effects(deny, "8.8.8.8", route=possible) == ALLOW | DENY
        assert effects(deny, "8.8.8.8", route=possible, assumed=("bgp-routes-unknown",)) == DENY


ADDRESSES = ["8.8.8.0", "8.8.8.1", "8.8.8.2", "8.8.8.3"]
specs = st.lists(
    st.tuples(
        st.sampled_from(["8.8.8.0/30", "8.8.8.0/31", "8.8.8.2/31", "8.8.8.1", "*"]),
        st.sampled_from(["*", "443", "80-443", "444-65535"]),
        st.sampled_from(["*", "tcp", "udp"]),
        st.sampled_from(["10.0.0.0/24", "10.0.0.0/8", "10.9.0.0/16", "*"]),
        st.sampled_from(["allow", "deny"]),
    ),
    max_size=8,
)


@settings(max_examples=150, deadline=None)
@given(specs, st.randoms(use_true_random=False))
def test_against_a_naive_reader(chosen: list[Any], shuffler: Random) -> None:
    """NSG-4, NSG-11: literal rules in any array order decide each packet as a packet-by-packet reader does."""
    rules = [
        rule(f"r{index}", 100 + index, access, destination, source=source, ports=ports, protocol=protocol)
        for index, (destination, ports, protocol, source, access) in enumerate(chosen)
    ]
    shuffled = list(rules)
    shuffler.shuffle(shuffled)
    for address in ADDRESSES:
        for number, port in ((6, 443), (6, 80), (17, 53), (17, 500)):
            services = ServiceSet.tcp(port) if number == 6 else ServiceSet.udp(port)
            assert effects(shuffled, address, services) == {_naive(chosen, address, number, port)}


def _naive(chosen: list[Any], address: str, number: int, port: int) -> Effect:
    for destination, ports, protocol, source, access in chosen:
        low, _, high = ports.partition("-")
        in_ports = ports == "*" or int(low) <= port <= int(high or low)
        in_protocol = protocol == "*" or {"tcp": 6, "udp": 17}[protocol] == number
        in_destination = destination == "*" or address in AddressSet.parse(destination)
        if in_ports and in_protocol and in_destination and source != "10.9.0.0/16":
            return Effect.ALLOW if access == "allow" else Effect.DENY
    return Effect.ALLOW


def test_a_source_of_one_family_is_none_of_the_other() -> None:
    """`::/0` as a source is every IPv6 address and no IPv4 one (NSG-11, NSG-15)."""
    assert effects([rule("six", 100, "deny", source="::/0")], "20.60.1.1") == ALLOW
    assert effects([rule("four", 100, "deny", source="0.0.0.0/0")], "20.60.1.1") == DENY


def test_a_platform_tag_is_meant_on_the_services_of_its_rule() -> None:
    """A deny of another port to AzurePlatformDNS leaves DNS alone (NSG-21)."""
    dns = ServiceSet.udp(53)
    other = rule("other", 100, "deny", "AzurePlatformDNS", protocol="tcp", ports="8080")
    assert effects([other], "168.63.129.16", dns) == ALLOW
    assert (
        effects(
            [rule("dns", 100, "deny", "AzurePlatformDNS", protocol="udp", ports="53")], "168.63.129.16", dns
        )
        == DENY
    )
