"""Azure Firewall's rules, one packet at a time (FW-6..FW-15, FW-22..FW-26, FW-35..FW-41)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, permutations, product

from tests.oracle.literals import address, inside, is_literal, ports, span
from tests.oracle.network import Documents, spans
from tests.oracle.packet import Json, Packet, Truth, all_of, any_of

_PRIVATE_RANGES = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")

Verb = tuple[bool, Json]
"""A rule, and whether it allows."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One way in which the rules may decide."""

    allow: bool
    by_application: bool = False
    """An application rule decided: the packet leaves with the firewall's own address (FW-30, FW-44)."""


class FirewallRules:
    """The rules of one firewall in processing order."""

    def __init__(self, firewall: Json, documents: Documents) -> None:
        self._documents = documents
        self._unread = False
        self.body: Json = firewall["properties"]
        self.policies = list(self._chain())
        self._orders = [_by_kind(rules) for rules in self._policy_orders()]
        if "firewallPolicy" not in self.body:  # a policy takes the place of classic rules (FW-2)
            self._orders = [_by_kind(self._classic_rules())]

    def keeps_source(self, decision: Decision, destination: int) -> Truth:
        """Whether a packet leaves with the address it came with (FW-30, FW-44)."""
        if decision.by_application:
            return False
        settings = [policy["properties"].get("snat") or {} for policy in reversed(self.policies)] or [{}]
        readings = [settings[0].get("privateRanges", _PRIVATE_RANGES)]
        if not settings[0].get("privateRanges"):
            # the default, an empty list as it stands, or what a parent has: no page says which
            readings += [
                _PRIVATE_RANGES,
                *(one["privateRanges"] for one in settings if "privateRanges" in one),
            ]
        learns = "autoLearnPrivateRanges" in settings[0]
        said = {_among(destination, ranges, learns=learns) for ranges in readings}
        return said.pop() if len(said) == 1 else None

    def decisions(self, packet: Packet) -> list[Decision]:
        """Everything that the rules may decide (V-4)."""
        if self._unread:  # FW-53
            return [Decision(allow=True), Decision(allow=True, by_application=True), Decision(allow=False)]
        found = [one for order in self._orders for one in self._decided(packet, *order)]  # FW-12
        dropped = [Decision(allow=False)] if self._may_be_listed_bad(packet) else []  # FW-18
        return [*found, *dropped]

    def _may_be_listed_bad(self, packet: Packet) -> bool:
        """Whether threat intelligence may drop it: the strictest mode counts, and the allow lists add up (FW-18)."""
        policies = [policy["properties"] for policy in self.policies]
        if all(one.get("threatIntelMode") != "Deny" for one in policies):
            return False
        spared = [one.get("threatIntelWhitelist", {}) for one in policies]
        names = [text for one in spared for text in one.get("fqdns", ())]
        addresses = [text for one in spared for text in one.get("ipAddresses", ())]
        return packet.name not in names and not inside(packet.destination, spans(addresses))

    def _decided(self, packet: Packet, network: list[Verb], application: list[Verb]) -> list[Decision]:
        """Everything that the rules may decide in one order of them."""
        found: list[Decision] = []
        for allow, rule in network:
            truth = self._network_rule(rule, packet)
            if truth is not False:
                found.append(Decision(allow=allow))
            if truth is True:
                return found  # FW-13
        if packet.application is not None:  # FW-14
            for allow, rule in application:
                truth = self._application_rule(rule, packet)
                if truth is not False:
                    found.append(Decision(allow=allow, by_application=True))
                if truth is True:
                    return found
        return [*found, Decision(allow=False)]  # FW-6, FW-15

    # -- order -----------------------------------------------------------------------------------------

    def _chain(self) -> Iterator[Json]:
        """The policies of the firewall, parents first (FW-8)."""
        reference = self.body.get("firewallPolicy")
        chain: list[Json] = []
        while reference is not None:
            policy = self._documents.by_id.get(reference["id"].lower())
            if policy is None:
                self._unread = True
                break
            chain.insert(0, policy)
            reference = policy["properties"].get("basePolicy")
        yield from chain

    def _policy_orders(self) -> Iterator[list[Verb]]:
        """Parent's groups first, then by priority; in a group collections by priority; in one top-down (FW-8, FW-9)."""
        for orders in product(*[list(self._orders_of(policy)) for policy in self.policies]):
            yield [rule for order in orders for rule in order]

    def _orders_of(self, policy: Json) -> Iterator[list[Verb]]:
        groups = []
        for reference in policy["properties"].get("ruleCollectionGroups", ()):
            group = self._documents.by_id.get(reference["id"].lower())
            if group is None:
                self._unread = True
            else:
                groups.append(group["properties"])
        for ordered in _arrangements(groups):
            for inner in product(*[list(_arrangements(group["ruleCollections"])) for group in ordered]):
                yield [
                    (collection["action"]["type"] == "Allow", rule)
                    for collections in inner
                    for collection in collections
                    for rule in collection["rules"]
                ]

    def _classic_rules(self) -> Iterator[Verb]:
        """FW-10."""
        for key, kind in (
            ("networkRuleCollections", "NetworkRule"),
            ("applicationRuleCollections", "ApplicationRule"),
        ):
            collections = [one["properties"] for one in self.body.get(key, ())]
            for collection in sorted(collections, key=lambda one: int(one["priority"])):
                for rule in collection["rules"]:
                    protocols = {"ipProtocols": rule["protocols"]} if kind == "NetworkRule" else {}
                    yield collection["action"]["type"] == "Allow", {**rule, **protocols, "ruleType": kind}

    # -- predicates ------------------------------------------------------------------------------------

    def _network_rule(self, rule: Json, packet: Packet) -> Truth:
        groups = [*rule.get("sourceIpGroups", ()), *rule.get("destinationIpGroups", ())]
        # Named or not by what is a name: either way nobody knows whether this address is meant (FW-41).
        names = None if rule.get("destinationFqdns") else False
        destination = any_of(
            [
                self._addresses(rule.get("destinationAddresses", ()), packet.destination),
                self._groups(rule.get("destinationIpGroups", ()), packet.destination),
                names,
            ]
        )
        return all_of(
            [self._in_force(groups), _service(rule, packet), self._source(rule, packet), destination]
        )

    def _application_rule(self, rule: Json, packet: Packet) -> Truth:
        protocol: Truth = any(  # FW-24
            one["protocolType"].lower() == packet.application and one["port"] == packet.port
            for one in rule["protocols"]
        )
        if not rule["protocols"]:  # FW-20
            protocol = None
        named: Truth = packet.name is not None and any(fits(one, packet.name) for one in rule["targetFqdns"])
        if packet.name is not None and rule.get("webCategories"):  # FW-29
            named = named or None
        in_force = self._in_force(rule.get("sourceIpGroups", ()))
        return all_of([in_force, protocol, named, self._source(rule, packet)])

    def _source(self, rule: Json, packet: Packet) -> Truth:
        """FW-25: either list may hold the source; with both empty nothing matches."""
        return any_of(
            [
                self._addresses(rule.get("sourceAddresses", ()), packet.source, tags=False),
                self._groups(rule.get("sourceIpGroups", ()), packet.source),
            ]
        )

    def _addresses(self, texts: Sequence[str], number: int, *, tags: bool = True) -> Truth:
        """FW-38, FW-39."""
        return any_of([self._text(text, number, tags=tags) for text in texts])

    def _text(self, text: str, number: int, *, tags: bool) -> Truth:
        if is_literal(text):
            low, high = span(text)
            return low <= number <= high
        members = self._documents.tags.get(text.lower()) if tags else None
        return None if members is None else inside(number, spans(members))

    def _groups(self, references: Sequence[str], number: int) -> Truth:
        """FW-40."""
        found: list[Truth] = []
        for reference in references:
            group = self._documents.by_id.get(reference.lower())
            texts = None if group is None else group["properties"].get("ipAddresses")
            found.append(None if texts is None else inside(number, spans(texts)))
        return any_of(found)

    def _in_force(self, references: Sequence[str]) -> Truth:
        """A rule that uses an emptied group is skipped, whatever else it names; one not read may be empty (FW-40)."""
        read = [self._documents.by_id.get(reference.lower()) for reference in references]
        lists = [None if group is None else group["properties"].get("ipAddresses") for group in read]
        return False if [] in lists else None if None in lists else True


def _among(number: int, ranges: Sequence[str], *, learns: bool) -> Truth:
    """Whether an address is one of the private ranges; a word among them, or learning, may add any (FW-44)."""
    if inside(number, spans(one for one in ranges if is_literal(one))):
        return True
    return None if learns or not all(is_literal(one) for one in ranges) else False


def _by_kind(rules: Iterable[Verb]) -> tuple[list[Verb], list[Verb]]:
    """FW-7: all network rules, then all application rules, whatever the priorities say."""
    listed = list(rules)
    network, application = (
        [(allow, rule) for allow, rule in listed if rule["ruleType"] == kind]
        for kind in ("NetworkRule", "ApplicationRule")
    )
    return network, application


def _arrangements(items: Iterable[Json]) -> Iterator[list[Json]]:
    """Every order by ascending priority: those of one priority may come in any (FW-12)."""
    ordered = sorted(items, key=lambda one: int(one["priority"]))
    ties = [list(tied) for _, tied in groupby(ordered, key=lambda one: int(one["priority"]))]
    for arranged in product(*[list(permutations(tied)) for tied in ties]):
        yield [one for tied in arranged for one in tied]


def _service(rule: Json, packet: Packet) -> bool:
    """FW-36, FW-37."""
    protocols = {text.lower() for text in rule["ipProtocols"]}
    every_port = "*" in rule["destinationPorts"]
    if packet.protocol == "icmp":
        return "icmp" in protocols or ("any" in protocols and every_port)
    return bool(protocols & {"any", packet.protocol}) and inside(
        packet.port, tuple(ports(text) for text in rule["destinationPorts"])
    )


def fits(pattern: str, name: str) -> bool:
    """Whether a target FQDN matches a name (FW-26)."""
    wanted, asked = pattern.lower().removesuffix("."), name.lower().removesuffix(".")
    if not wanted.startswith("*"):
        return asked == wanted
    ending = wanted[1:]
    # `*.contoso.com` needs something to the left of the dot; `*contoso.com` may stand for nothing
    return asked.endswith(ending) and not (ending.startswith(".") and len(asked) == len(ending))


def private_addresses(firewall: Json) -> list[int]:
    """The addresses that routes name as next hop (FW-1)."""
    return [
        address(one["properties"]["privateIPAddress"]) for one in firewall["properties"]["ipConfigurations"]
    ]


def own_subnet(firewall: Json) -> str:
    """The id of the firewall's own subnet."""
    return str(firewall["properties"]["ipConfigurations"][0]["properties"]["subnet"]["id"]).lower()
