"""Things that were not read, each with everything that it may turn out to be for one packet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from pickle import dumps, loads
from random import Random

from tests.oracle.literals import dotted
from tests.oracle.packet import Json, Packet
from tests.oracle.skeleton import FIREWALL_IP, NETWORK, POLICIES, POOLS, SPOKE, Estate, interface

ELSEWHERE = "203.0.113.9"
"""An address that no packet has."""
Filling = Callable[[Estate], object]
"""Makes an estate one in which the unknown is known."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """One thing that was not read."""

    kind: str
    fillings: Callable[[Packet], Sequence[Filling]]
    """All that matters for a packet: any concretisation treats it as one of these does."""


def concretisations(estate: Estate, unknowns: Sequence[Unknown], packet: Packet) -> Iterator[Estate]:
    """The estate with each unknown filled in every way, independently of the others."""
    stored = dumps(estate)  # copies faster than deepcopy
    for fillings in product(*(unknown.fillings(packet) for unknown in unknowns)):
        filled: Estate = loads(stored)  # noqa: S301 - what was written a line above
        for filling in fillings:
            filling(filled)
        yield filled


def collections_of(estate: Estate) -> list[Json]:
    """The rule collections of all groups."""
    return [
        collection
        for document in estate.documents
        if document.get("type", "").endswith("/ruleCollectionGroups")
        for collection in document["properties"]["ruleCollections"]
    ]


def _holding(packet: Packet) -> tuple[tuple[str, ...], ...]:
    return ((ELSEWHERE,), (dotted(packet.destination), ELSEWHERE))


# -- in the firewall's rules -------------------------------------------------------------------------------


def _insert(estate: Estate, random: Random, rule: Json) -> bool:
    """Put a rule at a random place among rules of its type."""
    places = [one for one in collections_of(estate) if one["rules"][0]["ruleType"] == rule["ruleType"]]
    if not places:
        return False
    rules = random.choice(places)["rules"]
    rules.insert(random.randint(0, len(rules)), rule)
    return True


def unread_group(estate: Estate, random: Random, number: int) -> Unknown | None:
    """A network rule whose IP group was not read (FW-40)."""
    identity = f"{NETWORK}/ipGroups/unread-{number}"
    rule = {
        "ruleType": "NetworkRule",
        "name": f"unread-{number}",
        "ipProtocols": [random.choice(("Any", "TCP"))],
        "sourceAddresses": ["*"],
        "destinationIpGroups": [identity],
        "destinationPorts": [random.choice(("*", "440-444"))],
    }
    if random.random() < 0.4:
        rule["destinationAddresses"] = [random.choice(("20.40.0.0/28", "10.20.0.0/28", "*"))]
    if not _insert(estate, random, rule):
        return None
    estate.unread.add("Microsoft.Network/ipGroups")

    def fill(texts: Sequence[str], filled: Estate) -> None:
        filled.add(identity, {"ipAddresses": list(texts)})

    def fillings(packet: Packet) -> list[Filling]:
        # an emptied group skips its rule, whatever else the rule names (FW-40)
        return [partial(fill, texts) for texts in (*_holding(packet), ())]

    return Unknown("unread IP group", fillings)


def names_in_network_rule(estate: Estate, random: Random, number: int) -> Unknown | None:
    """A network rule that names an FQDN, of which an address says nothing (FW-41)."""
    name = f"fqdn-{number}"
    rule = {
        "ruleType": "NetworkRule",
        "name": name,
        "ipProtocols": ["TCP", "UDP"],
        "sourceAddresses": ["*"],
        "destinationFqdns": [f"host-{number}.example.net"],
        "destinationPorts": [random.choice(("*", "440-444"))],
    }
    if not _insert(estate, random, rule):
        return None

    def fill(texts: Sequence[str], filled: Estate) -> None:
        for collection in collections_of(filled):
            for found in collection["rules"]:
                if found["name"] == name:
                    del found["destinationFqdns"]
                    found["destinationAddresses"] = list(texts)

    return Unknown(
        "FQDN network rule",
        lambda packet: [partial(fill, texts) for texts in _holding(packet)],
    )


def _rules_for(packet: Packet, name: str) -> list[list[Json]]:
    """What the collections of an unread policy may do with a packet: nothing, or any verb by either type of rule."""
    network: Json = {
        "ruleType": "NetworkRule",
        "name": name,
        "ipProtocols": ["Any"],
        "sourceAddresses": ["*"],
        "destinationAddresses": ["*"],
        "destinationPorts": ["*"],
    }
    found: list[list[Json]] = [[]]
    rules = [network]
    if packet.application is not None:
        protocols = [{"protocolType": packet.application.capitalize(), "port": packet.port}]
        rules.append(
            {
                "ruleType": "ApplicationRule",
                "name": name,
                "sourceAddresses": ["*"],
                "protocols": protocols,
                "targetFqdns": ["*"],
            }
        )
    for rule in rules:
        for verb in ("Allow", "Deny"):
            collection = {
                "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
                "name": name,
                "priority": 100,
                "action": {"type": verb},
                "rules": [rule],
            }
            found.append([collection])
    return found


def unread_parent(estate: Estate, _: Random, number: int) -> Unknown | None:
    """The parent policy was not read (FW-53)."""
    parent = f"{POLICIES}/base"
    if not any(document.get("id") == parent for document in estate.documents):
        return None
    groups = [one["id"] for one in estate.one(parent)["properties"]["ruleCollectionGroups"]]
    for identity in (parent, *groups):
        estate.remove(identity)
    group = f"{parent}/ruleCollectionGroups/filled-{number}"

    def fill(collections: list[Json], filled: Estate) -> None:
        filled.add(group, {"priority": 100, "ruleCollections": collections})
        body = {
            "sku": {"tier": "Standard"},
            "threatIntelMode": "Alert",
            "ruleCollectionGroups": [{"id": group}],
        }
        filled.add(parent, body)

    return Unknown(
        "unread parent policy",
        lambda packet: [partial(fill, found) for found in _rules_for(packet, "filled")],
    )


def unread_rule_group(estate: Estate, random: Random, _: int) -> Unknown | None:
    """A rule collection group was not read; its priority is unknown, too (FW-54)."""
    groups = [one for one in estate.documents if one.get("type", "").endswith("/ruleCollectionGroups")]
    if not groups:
        return None
    identity = random.choice(groups)["id"]
    estate.remove(identity)

    def fill(priority: int, collections: list[Json], filled: Estate) -> None:
        filled.add(identity, {"priority": priority, "ruleCollections": collections})

    def fillings(packet: Packet) -> list[Filling]:
        return [
            partial(fill, priority, found)
            for priority in (50, 65001)
            for found in _rules_for(packet, "filled")
        ]

    return Unknown("unread rule collection group", fillings)


# -- in security groups ------------------------------------------------------------------------------------


def _outbound_groups(estate: Estate) -> list[Json]:
    found = [
        one
        for one in estate.documents
        if one.get("type", "").lower().endswith("/networksecuritygroups") and "nodes" in one["name"]
    ]
    return found or [
        one
        for one in estate.documents
        if one.get("type", "").lower().endswith("/networksecuritygroups") and "batch" in one["name"]
    ]


def _security_rule(estate: Estate, random: Random, name: str, change: Json) -> bool:
    groups = _outbound_groups(estate)
    if not groups:
        return False
    rules = random.choice(groups)["properties"]["securityRules"]
    taken = {rule["properties"]["priority"] for rule in rules}
    body = {
        "direction": "Outbound",
        "priority": random.choice([one for one in range(100, 4097) if one not in taken]),
        "access": random.choice(("Allow", "Deny")),
        "protocol": "*",
        "sourceAddressPrefix": "*",
        "sourcePortRange": "*",
        "destinationAddressPrefix": "*",
        "destinationPortRange": "*",
        **change,
    }
    rules.append({"name": name, "properties": body})
    return True


def unknown_tag(estate: Estate, random: Random, number: int) -> Unknown | None:
    """A security rule names a service tag that no list holds (NSG-26)."""
    tag = f"UnheardOf{number}"
    if not _security_rule(estate, random, f"tag-{number}", {"destinationAddressPrefix": tag}):
        return None

    def fill(texts: Sequence[str], filled: Estate) -> None:
        (listed,) = [one for one in filled.documents if "values" in one]
        listed["values"].append(
            {"name": tag, "properties": {"addressPrefixes": [f"{text}/32" for text in texts]}}
        )

    return Unknown(
        "unknown service tag",
        lambda packet: [partial(fill, texts) for texts in _holding(packet)],
    )


def source_ports(estate: Estate, random: Random, number: int) -> Unknown | None:
    """A security rule for some source ports, which nobody chooses (NSG-14)."""
    name = f"from-ports-{number}"
    if not _security_rule(estate, random, name, {"sourcePortRange": "1024-2047"}):
        return None

    def every(filled: Estate) -> None:
        for document in filled.documents:
            for rule in document.get("properties", {}).get("securityRules", ()):
                if rule["name"] == name:
                    rule["properties"]["sourcePortRange"] = "*"

    def none(filled: Estate) -> None:
        for document in filled.documents:
            rules = document.get("properties", {}).get("securityRules")
            if rules:
                rules[:] = [rule for rule in rules if rule["name"] != name]

    return Unknown("source ports", lambda _: [every, none])


def _in_force_or_not(place: Callable[[Estate], list[Json]], chosen: Json) -> list[Filling]:
    """A rule or route that is not Succeeded, as one that is and as one that is not there at all (V-6).

    Rules of two collections may share a name, so their ids count, too.
    """
    identity = (chosen["name"], chosen.get("id"))

    def stays(filled: Estate) -> None:
        for one in place(filled):
            if (one["name"], one.get("id")) == identity:
                one["properties"]["provisioningState"] = "Succeeded"

    def goes(filled: Estate) -> None:
        listed = place(filled)
        listed[:] = [one for one in listed if (one["name"], one.get("id")) != identity]

    return [stays, goes]


def _unsettled(
    estate: Estate, random: Random, kind: str, places: Sequence[Callable[[Estate], list[Json]]]
) -> Unknown | None:
    """One of the rules or routes in some lists gets a state other than Succeeded."""
    full = [place for place in places if place(estate)]
    if not full:
        return None
    place = random.choice(full)
    chosen = random.choice(place(estate))
    chosen["properties"]["provisioningState"] = random.choice(("Failed", "Updating", "Deleting"))
    return Unknown(kind, lambda _: _in_force_or_not(place, chosen))


def _list_of(identity: str, key: str) -> Callable[[Estate], list[Json]]:
    def listed(estate: Estate) -> list[Json]:
        found: list[Json] = estate.one(identity)["properties"][key]
        return found

    return listed


def failed_security_rule(estate: Estate, random: Random, _: int) -> Unknown | None:
    """A rule of a group that is itself Succeeded is not: it may be in force or not (V-6)."""
    places = [_list_of(one["id"], "securityRules") for one in _outbound_groups(estate)]
    return _unsettled(estate, random, "security rule not Succeeded", places)


def failed_admin_rule(estate: Estate, random: Random, _: int) -> Unknown | None:
    """The same of an admin rule (V-6)."""
    place = _list_of(f"{SPOKE}/listNetworkManagerEffectiveSecurityAdminRules", "value")
    return _unsettled(estate, random, "admin rule not Succeeded", [place])


def _open_or_shut(identity: str) -> list[Filling]:
    def fill(access: str, filled: Estate) -> None:
        body = {
            "direction": "Outbound",
            "priority": 100,
            "access": access,
            "protocol": "*",
            "sourceAddressPrefix": "*",
            "sourcePortRange": "*",
            "destinationAddressPrefix": "*",
            "destinationPortRange": "*",
        }
        filled.add(identity, {"securityRules": [{"name": "all", "properties": body}]})

    return [partial(fill, access) for access in ("Allow", "Deny")]


def unread_interface_group(estate: Estate, random: Random, number: int) -> Unknown | None:
    """The interface's security group was not read (V-6)."""
    identity = f"{NETWORK}/networkSecurityGroups/unread-{number}"
    interface(estate, random.choice(tuple(POOLS)))["networkSecurityGroup"] = {"id": identity}
    estate.unread.add("Microsoft.Network/networkSecurityGroups")
    return Unknown("unread interface group", lambda _: _open_or_shut(identity))


def unread_subnet_group(estate: Estate, random: Random, number: int) -> Unknown | None:
    """The subnet's security group was not read (V-6)."""
    identity = f"{NETWORK}/networkSecurityGroups/unread-subnet-{number}"
    estate.subnet(random.choice(tuple(POOLS.values())))["networkSecurityGroup"] = {"id": identity}
    estate.unread.add("Microsoft.Network/networkSecurityGroups")
    return Unknown("unread subnet group", lambda _: _open_or_shut(identity))


# -- routes ------------------------------------------------------------------------------------------------


def unread_table(estate: Estate, random: Random, number: int) -> Unknown | None:
    """The route table was not read; of what it may hold, the hops that stay inside what was read (V-6)."""
    identity = f"{NETWORK}/routeTables/unread-{number}"
    estate.subnet(random.choice(tuple(POOLS.values())))["routeTable"] = {"id": identity}
    estate.unread.add("Microsoft.Network/routeTables")
    firewall = {"nextHopType": "VirtualAppliance", "nextHopIpAddress": FIREWALL_IP}
    hops = (firewall, {"nextHopType": "None"}, {"nextHopType": "Internet"})

    def fill(routes: list[Json], filled: Estate) -> None:
        filled.add(identity, {"disableBgpRoutePropagation": True, "routes": routes})

    def fillings(packet: Packet) -> list[Filling]:
        listed: list[list[Json]] = [[]]
        for prefix in ("0.0.0.0/0", f"{dotted(packet.destination)}/32"):
            listed += [[{"name": "one", "properties": {"addressPrefix": prefix, **hop}}] for hop in hops]
        return [partial(fill, routes) for routes in listed]

    return Unknown("unread route table", fillings)


def failed_route(estate: Estate, random: Random, _: int) -> Unknown | None:
    """A route of a table that is itself Succeeded is not: it may be in force or not (V-6)."""
    tables = [one for one in estate.documents if one.get("type", "").endswith("/routeTables")]
    places = [_list_of(one["id"], "routes") for one in tables if not one["name"].startswith("rt-fw")]
    return _unsettled(estate, random, "route not Succeeded", places)


FREE = (
    unread_group,
    names_in_network_rule,
    unknown_tag,
    source_ports,
    failed_security_rule,
    failed_admin_rule,
    unread_interface_group,
    unread_subnet_group,
)
"""Each of these stands in one place and is free to be either: `unknown` must mean that both answers occur."""
BOUND = (unread_parent, unread_rule_group, unread_table, failed_route)
"""What hangs on one of these is unknown by clause (FW-53, V-6), whatever else would settle it: what surely comes before
an unread group, or that a parent lets raw TCP out by network rules alone. A route is part of a tag, too, and what
hangs on it in two places is not joined. Only what is said to be sure is checked."""
