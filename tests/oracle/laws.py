"""Edits of an estate that must change nothing, or only in one direction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from random import Random

from tests.oracle.literals import dotted, is_literal, span
from tests.oracle.packet import Json
from tests.oracle.skeleton import FIREWALL, POLICIES, Estate
from tests.oracle.unknowns import collections_of

Law = Callable[[Estate, Random], None]


def security_groups(estate: Estate) -> Iterator[Json]:
    """The properties of every security group."""
    for document in estate.documents:
        if document.get("type", "").endswith("/networkSecurityGroups"):
            yield document["properties"]


def firewall_rules(estate: Estate) -> Iterator[Json]:
    """The rules of every collection, classic ones too."""
    for collection in collections_of(estate):
        yield from collection["rules"]
    body = estate.one(FIREWALL)["properties"]
    for kind in ("networkRuleCollections", "applicationRuleCollections"):
        for collection in body.get(kind, ()):
            yield from collection["properties"]["rules"]


def _lists(estate: Estate) -> Iterator[tuple[Json, str]]:
    """Every list of addresses that rules are made of, as its holder and key; singular forms become plural."""
    for group in security_groups(estate):
        for rule in group["securityRules"]:
            body = rule["properties"]
            for side in ("destination", "source"):
                single = body.pop(f"{side}AddressPrefix", "")
                if single:
                    body[f"{side}AddressPrefixes"] = [single]
                yield body, f"{side}AddressPrefixes"
    for rule in firewall_rules(estate):
        for key in ("destinationAddresses", "sourceAddresses"):
            if key in rule:
                yield rule, key


def split_prefixes(estate: Estate, random: Random) -> None:
    """A prefix is its two halves."""
    groups = [
        (one["properties"], "ipAddresses")
        for one in estate.documents
        if one.get("type", "").endswith("/ipGroups") and "ipAddresses" in one["properties"]
    ]
    for holder, key in [*_lists(estate), *groups]:
        holder[key] = [half for text in holder[key] for half in _halves(text, random)]


def _halves(text: str, random: Random) -> list[str]:
    if not is_literal(text) or text == "*" or "-" in text or random.random() < 0.4:
        return [text]
    low, high = span(text)
    size = high - low + 1
    if size == 1:
        return [text]
    length = 33 - size.bit_length() + 1
    found = [f"{dotted(low)}/{length}", f"{dotted(low + size // 2)}/{length}"]
    random.shuffle(found)
    return found


def star_for_everything(estate: Estate, _: Random) -> None:
    """`*` and 0.0.0.0/0 are the same."""
    swap = {"*": "0.0.0.0/0", "0.0.0.0/0": "*"}
    for holder, key in _lists(estate):
        holder[key] = [swap.get(text, text) for text in holder[key]]


def duplicate_rules(estate: Estate, random: Random) -> None:
    """A second copy of a rule behind it is never reached."""
    for group in security_groups(estate):
        rules = group["securityRules"]
        taken = {rule["properties"]["priority"] for rule in rules}
        for rule in list(rules):
            later = [one for one in range(rule["properties"]["priority"] + 1, 4097) if one not in taken]
            if later and random.random() < 0.5:
                copy = deepcopy(rule)
                copy["name"] += "-again"
                copy["properties"]["priority"] = random.choice(later)
                taken.add(copy["properties"]["priority"])
                rules.append(copy)
    for collection in collections_of(estate):
        rules = collection["rules"]
        rules += deepcopy(random.sample(rules, 1))


def shadow_rules(estate: Estate, random: Random) -> None:
    """A narrower rule that decides otherwise behind a rule is never reached.

    Only where the rule surely matches: of two that may match, V-4 does not know that they are one and the same.
    """
    for group in security_groups(estate):
        rules = group["securityRules"]
        taken = {rule["properties"]["priority"] for rule in rules}
        for rule in list(rules):
            later = [one for one in range(rule["properties"]["priority"] + 1, 4097) if one not in taken]
            if later and rule["properties"]["protocol"].lower() != "icmp" and not _tagged(rule["properties"]):
                copy = deepcopy(rule)
                body = copy["properties"]
                copy["name"] += "-shadowed"
                body["priority"] = random.choice(later)
                body["protocol"] = {"*": "Tcp"}.get(body["protocol"], body["protocol"])
                body["access"] = "Deny" if body["access"] == "Allow" else "Allow"
                body["sourceAddressPrefixes"] = (
                    body.get("sourceAddressPrefixes") or [body["sourceAddressPrefix"]]
                )[:1]
                body["sourceAddressPrefix"] = ""
                taken.add(body["priority"])
                rules.append(copy)


def _tagged(rule: Json) -> bool:
    sides = [
        text
        for side in ("source", "destination")
        for text in (rule.get(f"{side}AddressPrefix"), *rule.get(f"{side}AddressPrefixes", ()))
    ]
    return any(text and not is_literal(text) for text in sides)


def renumber(estate: Estate, random: Random) -> None:
    """Priorities count only by their order."""
    for group in security_groups(estate):
        for direction in ("Outbound", "Inbound"):
            mine = [one["properties"] for one in group["securityRules"]]
            _renumber([one for one in mine if one["direction"] == direction], random, 4096)
        random.shuffle(group["securityRules"])
    for policy in ("base", "child"):
        groups = [
            one["properties"]
            for one in estate.documents
            if f"{POLICIES}/{policy}/ruleCollectionGroups/" in one["id"]
        ]
        _renumber(groups, random, 65000)
        for found in groups:
            _renumber(found["ruleCollections"], random, 65000)
            random.shuffle(found["ruleCollections"])


def _renumber(bodies: list[Json], random: Random, most: int) -> None:
    """Other numbers in the same order; what ties goes on to tie (FW-12)."""
    before = sorted({int(one["priority"]) for one in bodies})
    numbers = sorted(random.sample(range(100, most + 1), len(before)))
    after = dict(zip(before, numbers, strict=True))
    for body in bodies:
        body["priority"] = after[int(body["priority"])]


def inline_tags(estate: Estate, _: Random) -> None:
    """A service tag is its prefixes; not in routes, where prefixes are ranked otherwise (UDR-20).

    As a source of a firewall's rule it is not understood (FW-38), while its prefixes are.
    """
    (listed,) = [one for one in estate.documents if "values" in one]
    tags = {one["name"].lower(): one["properties"]["addressPrefixes"] for one in listed["values"]}
    for holder, key in _lists(estate):
        if key != "sourceAddresses":
            holder[key] = [prefix for text in holder[key] for prefix in tags.get(text.lower(), [text])]


def inline_groups(estate: Estate, _: Random) -> None:
    """An IP group that is not empty is its addresses."""
    members = {
        one["id"]: one["properties"].get("ipAddresses")  # without the list, the rule may be skipped (FW-40)
        for one in estate.documents
        if one.get("type", "").endswith("/ipGroups")
    }
    for rule in firewall_rules(estate):
        for side in ("source", "destination"):
            groups = rule.get(f"{side}IpGroups", [])
            if groups and all(members[group] for group in groups):
                del rule[f"{side}IpGroups"]
                rule[f"{side}Addresses"] = [
                    *rule.get(f"{side}Addresses", []),
                    *(text for group in groups for text in members[group]),
                ]


def flatten_parent(estate: Estate, _: Random) -> None:
    """A parent's groups come before the child's, so they may as well be the child's first (FW-8).

    Not its settings: whether the child takes over private ranges is not said (FW-44).
    """
    identities = {one["id"] for one in estate.documents}
    if f"{POLICIES}/base" not in identities:
        return
    parent, child = estate.one(f"{POLICIES}/base"), estate.one(f"{POLICIES}/child")
    if "snat" in parent["properties"]:
        return
    moved = [
        (depth, estate.one(one["id"]))
        for depth, policy in enumerate((parent, child))
        for one in policy["properties"]["ruleCollectionGroups"]
    ]
    places = sorted({(depth, int(group["properties"]["priority"])) for depth, group in moved})
    for number, (depth, group) in enumerate(moved):
        # What tied goes on to tie (FW-12).
        group["properties"]["priority"] = 100 + places.index((depth, int(group["properties"]["priority"])))
        group["id"] = f"{POLICIES}/child/ruleCollectionGroups/moved-{number}"
        group["name"] = f"moved-{number}"
    child["properties"]["ruleCollectionGroups"] = [{"id": one["id"]} for _, one in moved]
    del child["properties"]["basePolicy"]
    estate.documents.remove(parent)


SAME: tuple[Law, ...] = (
    split_prefixes,
    star_for_everything,
    duplicate_rules,
    shadow_rules,
    renumber,
    inline_tags,
    inline_groups,
    flatten_parent,
)
"""Edits that change nothing."""


def security_rule(access: str) -> Law:
    """One more security rule somewhere."""

    def edit(estate: Estate, random: Random) -> None:
        groups = [one for one in security_groups(estate) if one["securityRules"]]
        if not groups:
            return
        group = random.choice(groups)
        rule = deepcopy(random.choice(group["securityRules"]))
        body, taken = rule["properties"], {one["properties"]["priority"] for one in group["securityRules"]}
        rule["name"] = "one-more"
        body["access"] = access
        body["priority"] = random.choice([one for one in range(100, 4097) if one not in taken])
        for side in ("destination", "source"):
            for form in ("AddressPrefix", "AddressPrefixes"):
                body.pop(f"{side}{form}", None)
        body["sourceAddressPrefix"] = random.choice(("*", "10.1.0.0/28"))
        body["destinationAddressPrefix"] = random.choice(("*", "20.40.0.0/28", "10.20.0.0/28"))
        group["securityRules"].append(rule)

    return edit


def network_rule(access: str) -> Law:
    """One more network rule of the firewall, in a collection of its own."""

    def edit(estate: Estate, random: Random) -> None:
        groups = [one for one in estate.documents if one.get("type", "").endswith("/ruleCollectionGroups")]
        if not groups:
            return
        collections = random.choice(groups)["properties"]["ruleCollections"]
        taken = {one["priority"] for one in collections}
        rule = {
            "ruleType": "NetworkRule",
            "name": "one-more",
            "ipProtocols": [random.choice(("Any", "TCP"))],
            "sourceAddresses": [random.choice(("*", "10.1.0.0/28"))],
            "destinationAddresses": [random.choice(("*", "20.40.0.0/28", "10.20.0.0/28"))],
            "destinationPorts": [random.choice(("*", "440-444"))],
        }
        collections.append(
            {
                "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
                "name": "one-more",
                "priority": random.choice([one for one in range(100, 1000) if one not in taken]),
                "action": {"type": access},
                "rules": [rule],
            }
        )

    return edit
