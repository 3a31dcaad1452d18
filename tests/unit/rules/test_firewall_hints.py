from __future__ import annotations

import shlex

import pytest

from auditor.model.firewall import RuleCollection
from auditor.model.resource_id import ResourceId
from auditor.model.verdict import Effect, Stage
from auditor.rules.hint import Hint
from auditor.rules.remedy_hints import hint_for, wish_for
from tests.unit.rules.world import (
    ALLOWED,
    APPS,
    BASE,
    CHILD,
    DATA,
    FIREWALL,
    FIREWALL_DENY,
    GROUP,
    IP_GROUP,
    MCR,
    NETWORK,
    OTHER,
    REQUIRED,
    SUBSCRIPTION,
    application_rule,
    audited,
    collection,
    endpoint,
    estate,
    firewall,
    group,
    hop,
    network_rule,
    policy,
)

HUB = f"--subscription {SUBSCRIPTION} --resource-group rg-hub"
RULES = "az network firewall policy rule-collection-group"
HOSTILE = "a b'; $(reboot) #"


def hint(to: str = DATA, *, blocker: object = None, **changes: object) -> Hint:
    rows = (endpoint(MCR, ALLOWED), endpoint(DATA), endpoint("login.microsoftonline.com:443/https", ALLOWED))
    world = audited(*rows, estate=estate(**changes))
    denied = FIREWALL_DENY if blocker is None else blocker
    assert isinstance(denied, type(FIREWALL_DENY))
    return hint_for(wish_for(world, to, APPS, ()), [denied])


def test_name_joins_the_collection_that_admits_the_most_needs() -> None:
    """The rule goes where the cluster's other needs already are, not into the first collection."""
    found = hint()
    assert found.words == (
        "add *.data.mcr.microsoft.com, Https:443 to collection aks-required of group rcg-aks in policy fp-child"
    )
    assert found.commands == (
        (
            f"{RULES} collection rule add {HUB} --policy-name fp-child --rule-collection-group-name rcg-aks "
            "--collection-name aks-required --name allow-any-data-mcr-microsoft-com-https --rule-type ApplicationRule "
            "--source-addresses 10.1.1.0/24 --target-fqdns '*.data.mcr.microsoft.com' --protocols Https=443"
        ),
    )


def test_ip_group_of_the_neighbours_is_used() -> None:
    """Where the collection's rules name nodes by an IP group that holds the subnet, so does the new rule."""
    held = collection(
        "aks-required", 200, application_rule("mcr", "mcr.microsoft.com", source_groups=(IP_GROUP,))
    )
    (line,) = hint(groups={GROUP: group(held)}).commands
    assert f"--source-ip-groups {IP_GROUP} " in line
    assert "--source-addresses" not in line


@pytest.mark.parametrize(
    ("to", "options", "remark"),
    [
        (
            "AzureMonitor:443/tcp",
            "--ip-protocols TCP --destination-ports 443 --destination-addresses AzureMonitor",
            "tenant",
        ),
        (
            "20.0.0.0/24:1000-2000/udp",
            "--ip-protocols UDP --destination-ports 1000-2000 --destination-addresses 20.0.0.0/24",
            "",
        ),
        (
            "ntp.ubuntu.com:123/udp",
            "--ip-protocols UDP --destination-ports 123 --destination-fqdns ntp.ubuntu.com",
            "FW-41",
        ),
        (
            "*:123/udp",
            "--ip-protocols UDP --destination-ports 123 --destination-addresses '*'",
            "every address",
        ),
        ("20.0.0.1/icmp", "--ip-protocols ICMP --destination-ports '*' --destination-addresses 20.0.0.1", ""),
    ],
)
def test_what_is_no_name_over_http_takes_a_network_rule(to: str, options: str, remark: str) -> None:
    """Addresses, tags and plain TCP or UDP are network rules, with a word on what they open beside the wish."""
    found = hint(to)
    (line,) = found.commands
    assert "--collection-name aks-network" in line
    assert "--rule-type NetworkRule" in line
    assert line.endswith(options)
    assert remark in found.words


def test_a_pattern_over_plain_tcp_has_no_rule() -> None:
    """A network rule takes no wildcard (FW-41), so there is no command that would work."""
    found = hint("*.example.com:1433/tcp")
    assert found.commands == ()
    assert "no rule can match" in found.words


@pytest.mark.parametrize("present", [(), (OTHER, NETWORK)])
def test_a_collection_is_made_where_none_fits(present: tuple[RuleCollection, ...]) -> None:
    """A policy without allow rules of that kind gets a collection of its own, behind the others."""
    kept = tuple(item for item in present if item is NETWORK)
    found = hint(groups={GROUP: group(*kept)})
    (line,) = found.commands
    priority = 220 if kept else 200
    assert line == (
        f"{RULES} collection add-filter-collection {HUB} --policy-name fp-child "
        f"--rule-collection-group-name rcg-aks --name aks-egress-application --collection-priority {priority} "
        "--action Allow --rule-name allow-any-data-mcr-microsoft-com-https --rule-type ApplicationRule "
        "--source-addresses 10.1.1.0/24 --target-fqdns '*.data.mcr.microsoft.com' --protocols Https=443"
    )


def test_a_group_is_made_where_the_policy_has_none() -> None:
    """An empty policy needs the group first."""
    lines = hint(policies={CHILD: policy(CHILD, BASE), BASE: policy(BASE)}).commands
    assert [line.split(" --")[0] for line in lines] == [
        f"{RULES} create",
        f"{RULES} collection add-filter-collection",
    ]


def test_unread_policies_get_words_only() -> None:
    """Where to put a rule cannot be told for a policy or firewall that was not read."""
    assert hint(policies={}).commands == ()
    unread = hint(firewalls={})
    assert (unread.commands, unread.words.endswith("its rules were not read")) == ((), True)


def test_classic_firewall() -> None:
    """A firewall without policy holds its rules itself."""
    device = firewall(policy=None, classic=(REQUIRED, NETWORK))
    known = {FIREWALL: device}
    assert hint(firewalls=known).commands == (
        (
            f"az network firewall application-rule create {HUB} --firewall-name fw-hub --collection-name aks-required "
            "--name allow-any-data-mcr-microsoft-com-https --source-addresses 10.1.1.0/24 "
            "--target-fqdns '*.data.mcr.microsoft.com' --protocols Https=443"
        ),
    )
    assert hint("20.0.0.1:123/udp", firewalls={FIREWALL: firewall(policy=None)}).commands == (
        (
            f"az network firewall network-rule create {HUB} --firewall-name fw-hub "
            "--collection-name aks-egress-network --name allow-20-0-0-1-udp --source-addresses 10.1.1.0/24 "
            "--destination-ports 123 "
            "--destination-addresses 20.0.0.1 --protocols UDP --priority 200 --action Allow"
        ),
    )


def test_a_deny_is_named_and_not_undone() -> None:
    """Where an allow must stand depends on intent, so a deny gets words: which rule, and before what."""
    deny = collection("block", 100, application_rule("no-mcr", "*.microsoft.com"), action="deny")
    denied = hop(Stage.FIREWALL, Effect.DENY, resource=str(GROUP), rule="block/no-mcr", priority=100)
    found = hint(blocker=denied, groups={GROUP: group(deny, REQUIRED)})
    assert found.commands == ()
    assert found.words == (
        "rule block/no-mcr of collection block (priority 100) in policy fp-child denies it: put an allow for "
        "*.data.mcr.microsoft.com, Https:443 in a collection that runs before it, or narrow it"
    )


def test_a_parents_deny_can_only_be_mended_there() -> None:
    """Rules of a parent run first (FW-8)."""
    parent = ResourceId(f"{BASE}/ruleCollectionGroups/rcg-base")
    deny = collection("block", 100, network_rule("no", "*"), action="deny")
    denied = hop(Stage.FIREWALL, Effect.DENY, resource=str(parent), rule="block/no", priority=100)
    found = hint(
        blocker=denied,
        groups={GROUP: group(REQUIRED), parent: group(deny, identity=parent)},
        policies={CHILD: policy(CHILD, BASE, GROUP), BASE: policy(BASE, None, parent)},
    )
    assert "only that parent can hold the allow (FW-8)" in found.words


def test_names_service_of_the_firewall_itself() -> None:
    """DNS asked of the firewall's own address needs the proxy, not a rule."""
    found = hint("10.0.0.4:53/udp")
    assert found.commands == (
        f"az network firewall policy update {HUB} --name fp-child --enable-dns-proxy true",
    )


def test_conditions_of_the_firewall() -> None:
    """Threat intelligence and intrusion prevention have lists of their own."""
    for clause, words in (
        ("FW-18", "threat intelligence allow list"),
        ("FW-19", "intrusion prevention bypass list"),
    ):
        found = hint(blocker=hop(Stage.FIREWALL, Effect.DENY, resource=str(FIREWALL), clause=clause))
        assert words in found.words


def test_hostile_names_are_quoted() -> None:
    """Whatever a collection, group or policy is called, the shell reads it as one word."""
    held = collection(HOSTILE, 200, application_rule("mcr", "mcr.microsoft.com"))
    (line,) = hint(groups={GROUP: group(held)}).commands
    words = shlex.split(line)
    assert words[words.index("--collection-name") + 1] == HOSTILE
    assert all(word.startswith("--") or not word.startswith("-") for word in words)


def test_names_stay_unique() -> None:
    """A rule of the same name in the collection is not overwritten."""
    name = "allow-any-data-mcr-microsoft-com-https"
    held = collection("aks-required", 200, application_rule(name, "mcr.microsoft.com"))
    (line,) = hint(groups={GROUP: group(held)}).commands
    assert f"--name {name}-2 " in line
