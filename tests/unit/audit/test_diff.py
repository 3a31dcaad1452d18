"""Comparisons of bundled estates with edited ones: laws, and single changes whose whole effect is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from auditor.audit import trace
from auditor.audit.diff import diff
from auditor.errors import InputError
from auditor.model.difference import (
    Difference,
    Extent,
    Presence,
    Standing,
    SubnetDifference,
)
from auditor.model.resource_id import ResourceId
from auditor.model.snapshot import Snapshot
from auditor.model.verdict import Outcome
from auditor.netset import AddressSet, NameSet, ServiceSet, Traffic
from tests.estates.comparisons import NEWEST, compared
from tests.estates.documents import (
    FIREWALLS,
    GROUPS,
    IP_GROUPS,
    ROUTE_TABLES,
    SECURITY_GROUPS,
    Bodies,
    Json,
    edited,
    example,
    named,
    of_kind,
    policy,
)

OLDEST = "aks-2019-05-14"
CLUSTERS = "microsoft.containerservice/managedclusters"
NETWORKS = "microsoft.network/virtualnetworks"
INTERFACES = "microsoft.compute/virtualmachinescalesets/virtualmachines/networkinterfaces"
Edit = Callable[[Bodies], None]


def locked(edit: Edit) -> Snapshot:
    return edited(example("locked-down"), edit)


def only(found: Difference) -> SubnetDifference:
    (cluster,) = found.clusters
    (subnet,) = cluster.subnets
    return subnet


def network_rule(name: str, destinations: list[str], ports: list[str], **more: object) -> Json:
    return {
        "ruleType": "NetworkRule",
        "name": name,
        "ipProtocols": ["TCP"],
        "sourceAddresses": ["10.20.0.0/22"],
        "destinationAddresses": destinations,
        "destinationPorts": ports,
        **more,
    }


def add_network_rule(rule: Json) -> Edit:
    def edit(bodies: Bodies) -> None:
        collections = named(bodies, GROUPS, "rcg-aks-required")["properties"]["ruleCollections"]
        collections.append(
            {
                "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
                "name": "net-extra",
                "priority": 105,
                "action": {"type": "Allow"},
                "rules": [rule],
            }
        )

    return edit


def drop_rule(name: str) -> Edit:
    def edit(bodies: Bodies) -> None:
        for group in of_kind(bodies, GROUPS):
            for collection in group["properties"]["ruleCollections"]:
                collection["rules"] = [rule for rule in collection["rules"] if rule["name"] != name]

    return edit


def deny(destination: str) -> Edit:
    def edit(bodies: Bodies) -> None:
        group = named(bodies, SECURITY_GROUPS, "nsg-aks-nodes")
        group["properties"]["securityRules"].append(
            {
                "name": "DenyOne",
                "properties": {
                    "priority": 101,
                    "direction": "Outbound",
                    "access": "Deny",
                    "protocol": "*",
                    "sourceAddressPrefix": "10.20.1.0/24",
                    "sourcePortRange": "*",
                    "destinationAddressPrefix": destination,
                    "destinationPortRange": "*",
                },
            }
        )

    return edit


def unread_firewall(bodies: Bodies) -> None:
    for body in of_kind(bodies, FIREWALLS):
        del bodies[body["id"].lower()]


SIXTH = AddressSet.of("fd00:10::/64")


def dual_stack(bodies: Bodies) -> None:
    """The node subnet gets IPv6 addresses."""
    network = named(bodies, NETWORKS, "vnet-spoke-payments")["properties"]
    network["addressSpace"]["addressPrefixes"].append("fd00:10::/48")
    subnet = network["subnets"][0]["properties"]
    subnet["addressPrefixes"] = [subnet.pop("addressPrefix"), *SIXTH.ranges()]


def deny_ipv6(bodies: Bodies) -> None:
    """The node subnet gets IPv6 addresses, and its group denies all IPv6."""
    dual_stack(bodies)
    deny("::/0")(bodies)
    rule = named(bodies, SECURITY_GROUPS, "nsg-aks-nodes")["properties"]["securityRules"][-1]["properties"]
    rule["sourceAddressPrefix"] = "*"


def appliance(address: str) -> Edit:
    """All traffic goes to an appliance that no document describes."""

    def edit(bodies: Bodies) -> None:
        table = named(bodies, ROUTE_TABLES, "rt-aks-nodes")["properties"]
        table["routes"][0]["properties"]["nextHopIpAddress"] = address

    return edit


def with_rule(name: str) -> Edit:
    """All traffic goes to one opaque appliance, some of it by a security rule of this name."""

    def edit(bodies: Bodies) -> None:
        appliance("10.77.0.4")(bodies)
        deny("9.9.9.9/32")(bodies)
        rule = named(bodies, SECURITY_GROUPS, "nsg-aks-nodes")["properties"]["securityRules"][-1]
        rule["name"] = name
        rule["properties"].update(access="Allow", protocol="Tcp")

    return edit


def perhaps(name: str) -> Edit:
    """An application rule for one host whose senders are a group that was not read."""

    def edit(bodies: Bodies) -> None:
        firewalls = named(bodies, GROUPS, "rcg-aks-required")["properties"]
        firewalls["ruleCollections"].append(
            {
                "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
                "name": "app-extra",
                "priority": 900,
                "action": {"type": "Allow"},
                "rules": [
                    {
                        "ruleType": "ApplicationRule",
                        "name": name,
                        "sourceIpGroups": [f"/subscriptions/s/resourceGroups/r/providers/{IP_GROUPS}/group"],
                        "targetFqdns": ["new.example.org"],
                        "protocols": [{"protocolType": "Https", "port": 443}],
                    }
                ],
            }
        )

    return edit


OPEN_HOST = add_network_rule(network_rule("host", ["9.9.9.0/24"], ["443", "8443"]))
PAIRS = {
    "a network rule": (example("locked-down"), locked(OPEN_HOST)),
    "a rule gone": (example("locked-down"), locked(drop_rule("mcr"))),
    "a deny for some senders": (
        locked(OPEN_HOST),
        locked(lambda b: (OPEN_HOST(b), deny("9.9.9.0/25")(b))[0]),
    ),
    "many faults": (example("locked-down"), example("broken")),
    "one deny for the names of all rules": (example("locked-down"), locked(deny("9.0.0.0/8"))),
    "addresses of IPv6": (example("locked-down"), locked(dual_stack)),
    "another opaque appliance": (locked(appliance("10.77.0.4")), locked(appliance("10.78.0.4"))),
    "the firewall unread": (example("locked-down"), locked(unread_firewall)),
}


@pytest.mark.parametrize("name", ["locked-down", "broken", "open", "virtual-wan"])
def test_nothing_differs_from_itself(name: str) -> None:
    """A snapshot compared with itself differs in nothing, whatever it does not know."""
    found = compared(example(name), example(name))
    assert not found
    assert [bool(cluster) for cluster in found.clusters] == [False]
    assert (found.got_more, found.got_excess, found.got_worse) == (False, False, False)


@pytest.mark.parametrize("pair", PAIRS)
def test_more_is_less_seen_from_the_other_side(pair: str) -> None:
    """Turned around, what got more got less, by the same rules and stopped by the same ones."""
    old, new = PAIRS[pair]
    there, back = compared(old, new), compared(new, old)
    for one, other in zip(_subnets(there), _subnets(back), strict=True):
        assert one.subnet == other.subnet
        assert (one.more, one.less) == (other.less, other.more)
        turned = {(item.extent, item.after, item.before, item.causes) for item in other.undetermined}
        assert {(item.extent, item.before, item.after, item.causes) for item in one.undetermined} == turned
    changed = {(one.to, one.before, one.after) for one in there.endpoints}
    assert changed == {(one.to, one.after, one.before) for one in back.endpoints}


def _subnets(found: Difference) -> list[SubnetDifference]:
    return sorted(found.subnets, key=lambda subnet: subnet.subnet.key)


@pytest.mark.parametrize("pair", PAIRS)
def test_witnesses_trace(pair: str) -> None:
    """Traced on its own, each witness is allowed where it leaves and blocked where it does not."""
    old, new = PAIRS[pair]
    for subnet in compared(old, new).subnets:
        if subnet.presence is not Presence.BOTH:
            continue
        for changes, lets, stops in ((subnet.more, new, old), (subnet.less, old, new)):
            for change in changes:
                if not change.extent.partial:
                    assert Outcome.BLOCKED in _traced(stops, change.extent)
                    assert Outcome.BLOCKED not in _traced(lets, change.extent)


def _traced(snapshot: Snapshot, extent: Extent) -> set[Outcome]:
    """How the witness is answered for its own sender."""
    pool = extent.asked_from[0].pool
    (answer,) = trace(snapshot, policy(NEWEST), [extent.witness], pool=pool)
    pieces = [piece for piece in answer.verdict.pieces if not piece.aside]
    sender = AddressSet.of(extent.witness_source or "")
    return {piece.verdict for piece in pieces if sender <= AddressSet.of(*piece.sources)}


@pytest.mark.parametrize("pair", PAIRS)
def test_parts_do_not_overlap(pair: str) -> None:
    """No packet is counted twice: parts by address are disjoint for each pool and sender, and so are those by name."""
    for subnet in compared(*PAIRS[pair]).subnets:
        extents = [one.extent for one in (*subnet.more, *subnet.less)]
        extents += [one.extent for one in subnet.undetermined]
        for place, one in enumerate(extents):
            for other in extents[place + 1 :]:
                if one.application == other.application and (one.names is None) is (other.names is None):
                    apart = one.sources.isdisjoint(other.sources) or one.traffic.isdisjoint(other.traffic)
                    apart = apart or not set(one.asked_from) & set(other.asked_from)
                    assert apart or (one.names is not None and not one.names & (other.names or NameSet.NONE))


def test_a_network_rule_more() -> None:
    """A rule that is added lets out exactly what it says, beyond the needs; what stopped it before is named."""
    found = compared(*PAIRS["a network rule"])
    subnet = only(found)
    (change,) = subnet.more
    assert change.extent.traffic == Traffic.box(AddressSet.of("9.9.9.0/24"), ServiceSet.tcp(443, 8443))
    assert (change.extent.names, change.standing) == (None, Standing.EXCESS)
    assert change.extent.sources == subnet.senders == AddressSet.of("10.20.0.0/22")
    assert sorted(origin.pool for origin in change.extent.asked_from) == ["apps", "sys"]
    assert (change.rule.rule, [hop.clause for hop in change.blockers]) == ("net-extra/host", ["FW-6"])
    assert change.extent.witness == "9.9.9.0:443/tcp"
    assert found.got_more
    assert found.got_excess
    assert not found.got_worse
    assert not subnet.undetermined
    assert not list(found.endpoints)


def test_names_less() -> None:
    """An application rule that goes takes away its names, and the endpoints that needed them are worse."""
    found = compared(*PAIRS["a rule gone"])
    subnet = only(found)
    assert subnet.more == ()
    names = _union(change.extent.names for change in subnet.less)
    assert names == NameSet.of("mcr.microsoft.com", "*.data.mcr.microsoft.com", "mcr-0001.mcr-msedge.net")
    assert {change.extent.application for change in subnet.less} == {"https"}
    assert not any(change.extent.partial for change in subnet.less)
    worse = {one.to for one in found.endpoints if one.worse}
    assert worse >= {"mcr.microsoft.com:443/https", "*.data.mcr.microsoft.com:443/https"}
    assert (found.got_more, found.got_worse) == (False, True)


def _union(sets: Iterable[NameSet | None]) -> NameSet:
    found = NameSet.NONE
    for one in sets:
        found |= one or NameSet.NONE
    return found


def test_only_some_senders() -> None:
    """A rule for some senders changes what these send, and no one else."""
    by_address, *by_name = only(compared(*PAIRS["a deny for some senders"])).less
    change = by_address
    assert all(one.extent.partial and one.extent.sources == change.extent.sources for one in by_name)
    assert change.extent.sources == AddressSet.of("10.20.1.0/24")
    assert change.extent.traffic == Traffic.box(AddressSet.of("9.9.9.0/25"), ServiceSet.tcp(443, 8443))
    assert [hop.rule for hop in change.blockers] == ["DenyOne"]


def test_what_a_raw_rule_covers_is_no_loss_of_names() -> None:
    """Everything open by address leaves names nothing to lose when the application rules go."""

    def edit(bodies: Bodies) -> None:
        drop_rule("mcr")(bodies)
        add_network_rule(network_rule("all", ["*"], ["443"]))(bodies)

    subnet = only(compared(example("locked-down"), locked(edit)))
    assert subnet.less == ()
    assert all(change.extent.names is None for change in subnet.more)


def test_the_name_of_a_network_rule() -> None:
    """A network rule for one name lets out that name's addresses by its services; https to it is no second change."""
    fqdn = network_rule("clock", [], ["443"], destinationFqdns=["one.example.org"])
    found = only(compared(example("locked-down"), locked(add_network_rule(fqdn))))
    named_parts = [change for change in found.more if change.extent.names is not None]
    assert [(change.extent.application, str(change.extent.names)) for change in named_parts] == [
        (None, "one.example.org")
    ]


def test_unknown_is_neither_more_nor_less() -> None:
    """Without the firewall's document nothing is known: what left is open now, with the reason, and nothing is less."""
    found = compared(*PAIRS["the firewall unread"])
    subnet = only(found)
    assert (subnet.more, subnet.less) == ((), ())
    assert {(one.before, one.after) for one in subnet.undetermined} == {
        (Outcome.ALLOWED, Outcome.UNKNOWN),
        (Outcome.BLOCKED, Outcome.UNKNOWN),
    }
    assert all(one.causes for one in subnet.undetermined)
    assert not found.got_more
    assert not found.got_worse
    assert len(found.open) == 2


def test_unknown_on_both_sides_for_different_reasons() -> None:
    """What neither side can tell may have changed where it hangs on something else: another opaque appliance."""
    found = compared(*PAIRS["another opaque appliance"])
    subnet = only(found)
    assert (subnet.more, subnet.less, subnet.standing) == ((), (), ())
    assert {(one.before, one.after) for one in subnet.undetermined} == {(Outcome.UNKNOWN, Outcome.UNKNOWN)}
    whole = Traffic.union_all(one.extent.traffic for one in subnet.undetermined)
    assert Traffic.box(AddressSet.of("8.8.8.8"), ServiceSet.tcp(443)) <= whole
    assert all("nva-opaque" in one.causes for one in subnet.undetermined)
    assert found.open == ("what neither side can tell hangs on something else now, so more may leave",)


def test_unknown_on_both_sides_for_one_reason() -> None:
    """What one thing leaves open on both sides is no difference, whatever else changed on the way there."""
    assert not compared(locked(with_rule("AllowOne")), locked(with_rule("AllowTwo")))


def test_unknown_by_name_on_both_sides_for_different_reasons() -> None:
    """A name that one rule or another may let out is told by name, and not where it leaves by address already."""
    old, new = locked(perhaps("first")), locked(perhaps("second"))
    subnet = only(compared(old, new))
    assert {(one.before, one.after) for one in subnet.undetermined} == {(Outcome.UNKNOWN, Outcome.UNKNOWN)}
    assert {str(one.extent.names) for one in subnet.undetermined} == {"new.example.org"}
    assert not compared(old, locked(perhaps("FIRST")))


def test_ipv6_on_one_side_is_open() -> None:
    """A subnet that gets IPv6 addresses may let more out: nothing sent to IPv6 before, how it is treated is open."""
    found = compared(*PAIRS["addresses of IPv6"])
    subnet = only(found)
    assert (subnet.more, subnet.less, subnet.standing) == ((), (), ())
    assert {(one.before, one.after) for one in subnet.undetermined} == {(Outcome.BLOCKED, Outcome.UNKNOWN)}
    assert {str(one.extent.traffic.addresses) for one in subnet.undetermined} == {"2000::/3"}
    assert all(one.extent.sources == SIXTH and "ipv6" in one.causes for one in subnet.undetermined)
    assert subnet.senders == SIXTH | AddressSet.of("10.20.0.0/22")
    assert found.open == ("more may leave than before",)
    back = compared(*reversed(PAIRS["addresses of IPv6"]))
    assert all(one.after is Outcome.BLOCKED for one in only(back).undetermined)
    assert back.open == ()
    assert not compared(locked(dual_stack), locked(dual_stack))


def test_ipv6_that_a_group_denies_is_stopped() -> None:
    """What a security group denies does not leave, whatever its route does; protocols that it may not cover may."""
    web = Traffic.box(AddressSet.of("2000::/3"), ServiceSet.tcp(443))
    closed = locked(deny_ipv6)
    came = only(compared(example("locked-down"), closed))
    assert all("protocol-coverage" in one.causes for one in came.undetermined)
    assert all(one.extent.traffic.isdisjoint(web) for one in came.undetermined)
    opened = only(compared(closed, locked(dual_stack)))
    (change,) = [one for one in opened.undetermined if not one.extent.traffic.isdisjoint(web)]
    assert (change.before, change.extent.sources) == (Outcome.BLOCKED, SIXTH)


def test_appeared_and_disappeared() -> None:
    """A subnet or cluster on one side only counts with its whole set."""
    there = compared(example("locked-down"), example("broken"))
    subnets = {subnet.subnet.name: subnet for subnet in there.subnets}
    batch = subnets["snet-aks-batch"]
    assert batch.presence is Presence.APPEARED
    assert batch.less == ()
    assert all(change.blockers == () for change in batch.more)
    assert sum(change.extent.traffic.size for change in batch.more) > 1 << 31
    other = compared(example("locked-down"), example("open"))
    presences = {cluster.name: cluster.presence for cluster in other.clusters}
    assert presences == {"aks-payments": Presence.DISAPPEARED, "aks-web": Presence.APPEARED}


def test_a_pool_that_is_renamed_is_no_difference() -> None:
    """A pool is compared with its subnet where the other side has none of its name."""

    def rename(bodies: Bodies) -> None:
        for body in bodies.values():
            for profile in body.get("properties", {}).get("agentPoolProfiles", ()):
                profile["name"] = {"apps": "green"}.get(profile["name"], profile["name"])

    (cluster,) = compared(example("locked-down"), locked(rename)).clusters
    assert cluster.subnets == ()
    assert not any(one.worse for one in cluster.endpoints)


@pytest.mark.parametrize("machine", [0, 2])
def test_one_machine_that_came_to_differ(machine: int) -> None:
    """Where the interfaces of a pool are alike on one side only, what any kind of the other adds is told."""

    def edit(bodies: Bodies) -> None:
        for body in of_kind(bodies, INTERFACES):
            if f"/virtualmachines/{machine}/" in body["id"].lower():
                for configuration in body["properties"]["ipConfigurations"]:
                    address = {"id": f"{configuration['id']}/publicIPAddresses/own"}
                    configuration["properties"]["publicIPAddress"] = address

    before, after = example("open"), edited(example("open"), edit)
    (more,) = only(compared(before, after)).more
    assert more.extent.traffic.services == ServiceSet.icmp(), "the load balancer translates all else (UDR-42)"
    (less,) = only(compared(after, before)).less
    assert less.extent.traffic == more.extent.traffic


def test_two_policies() -> None:
    """One snapshot by two policies: nothing leaves otherwise, and each set that is judged otherwise is told."""
    broken = example("broken")
    found = diff(broken, policy(OLDEST), broken, policy(NEWEST))
    (cluster,) = found.clusters
    assert all(not subnet.more and not subnet.less for subnet in cluster.subnets)
    standings = {(one.before, one.after) for subnet in cluster.subnets for one in subnet.standing}
    assert (Standing.NEEDED, Standing.EXCESS) in standings
    assert (found.got_more, found.got_excess) == (False, True)
    back = diff(broken, policy(NEWEST), broken, policy(OLDEST))
    turned = {(one.after, one.before) for subnet in back.subnets for one in subnet.standing}
    assert turned == standings


def test_clusters_of_one_name() -> None:
    """Built again under another id, a cluster is compared with the one of its name, and so are its subnets."""
    old = example("locked-down")
    start = next(key for key, document in old.documents.items() if document.kind == CLUSTERS)
    documents = {}
    for key, document in old.documents.items():
        text = document.id.text
        if key.startswith(start):
            text = text.lower().replace("/resourcegroups/", "/resourcegroups/new-")
        body = {**document.body, "id": text}
        moved = replace(document, id=ResourceId(text), body=body)
        documents[moved.id.key] = moved
    assert documents.keys() != old.documents.keys()
    found = diff(
        old, policy(NEWEST), replace(old, documents=documents), policy(NEWEST), clusters=["AKS-payments"]
    )
    (cluster,) = found.clusters
    assert cluster.old_id != cluster.new_id
    assert cluster.presence is Presence.BOTH
    assert not cluster.subnets


def test_an_unknown_cluster() -> None:
    """A name that neither side knows is an error; one that a single side knows is none."""
    old, new = example("locked-down"), example("open")
    with pytest.raises(InputError, match="no cluster named"):
        diff(old, policy(NEWEST), new, policy(NEWEST), clusters=["nobody"])
    found = diff(old, policy(NEWEST), new, policy(NEWEST), clusters=["aks-web"])
    assert [cluster.name for cluster in found.clusters] == ["aks-web"]
