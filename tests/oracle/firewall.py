"""Azure Firewall's rules, one packet at a time (FW-6..FW-15, FW-22..FW-26, FW-35..FW-41)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.oracle.literals import address, inside, is_literal, ports, span
from tests.oracle.network import Documents, spans
from tests.oracle.packet import Json, Packet, Truth, all_of, any_of

_PRIVATE_RANGES = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")


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
        rules = [*self._policy_rules(), *self._classic_rules()]
        # FW-7: all network rules, then all application rules, whatever the priorities say
        self._network = [(allow, rule) for allow, rule in rules if rule["ruleType"] == "NetworkRule"]
        self._application = [(allow, rule) for allow, rule in rules if rule["ruleType"] == "ApplicationRule"]

    def keeps_source(self, decision: Decision, destination: int) -> bool:
        """Whether a packet leaves with the address it came with (FW-30, FW-44)."""
        if decision.by_application:
            return False
        ranges = _PRIVATE_RANGES
        if self.policies:
            ranges = tuple((self.policies[-1]["properties"].get("snat") or {}).get("privateRanges", ranges))
        return inside(destination, spans(ranges))

    def decisions(self, packet: Packet) -> list[Decision]:
        """Everything that the rules may decide (V-4)."""
        if self._unread:  # FW-53
            return [Decision(allow=True), Decision(allow=True, by_application=True), Decision(allow=False)]
        found: list[Decision] = []
        for allow, rule in self._network:
            truth = self._network_rule(rule, packet)
            if truth is not False:
                found.append(Decision(allow=allow))
            if truth is True:
                return found  # FW-13
        if packet.application is not None:  # FW-14
            for allow, rule in self._application:
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

    def _policy_rules(self) -> Iterator[tuple[bool, Json]]:
        """Parent's groups first, then by priority; in a group collections by priority; in one top-down (FW-8, FW-9)."""
        for policy in self.policies:
            groups = []
            for reference in policy["properties"].get("ruleCollectionGroups", ()):
                group = self._documents.by_id.get(reference["id"].lower())
                if group is None:
                    self._unread = True
                else:
                    groups.append(group["properties"])
            for group in sorted(groups, key=lambda one: int(one["priority"])):
                for collection in sorted(group["ruleCollections"], key=lambda one: int(one["priority"])):
                    for rule in collection["rules"]:
                        yield collection["action"]["type"] == "Allow", rule

    def _classic_rules(self) -> Iterator[tuple[bool, Json]]:
        """FW-10; a policy takes their place (FW-2)."""
        if "firewallPolicy" in self.body:
            return
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
        if self._skipped(groups):
            return False
        names = None if rule.get("destinationFqdns") else False  # FW-41
        destination = any_of(
            [
                self._addresses(rule.get("destinationAddresses", ()), packet.destination),
                self._groups(rule.get("destinationIpGroups", ()), packet.destination),
                names,
            ]
        )
        return all_of([_service(rule, packet), self._source(rule, packet), destination])

    def _application_rule(self, rule: Json, packet: Packet) -> Truth:
        if self._skipped(rule.get("sourceIpGroups", ())):
            return False
        protocol = any(  # FW-24
            one["protocolType"].lower() == packet.application and one["port"] == packet.port
            for one in rule["protocols"]
        )
        named = packet.name is not None and any(fits(one, packet.name) for one in rule["targetFqdns"])
        return all_of([protocol, named, self._source(rule, packet)])

    def _source(self, rule: Json, packet: Packet) -> Truth:
        """FW-25: either list may hold the source; with both empty nothing matches."""
        return any_of(
            [
                self._addresses(rule.get("sourceAddresses", ()), packet.source),
                self._groups(rule.get("sourceIpGroups", ()), packet.source),
            ]
        )

    def _addresses(self, texts: Sequence[str], number: int) -> Truth:
        """FW-38, FW-39."""
        return any_of([self._text(text, number) for text in texts])

    def _text(self, text: str, number: int) -> Truth:
        if is_literal(text):
            low, high = span(text)
            return low <= number <= high
        members = self._documents.tags.get(text.lower())
        return None if members is None else inside(number, spans(members))

    def _groups(self, references: Sequence[str], number: int) -> Truth:
        """FW-40."""
        found: list[Truth] = []
        for reference in references:
            group = self._documents.by_id.get(reference.lower())
            texts = None if group is None else group["properties"]["ipAddresses"]
            found.append(None if texts is None else inside(number, spans(texts)))
        return any_of(found)

    def _skipped(self, references: Sequence[str]) -> bool:
        """A rule that uses an emptied group is skipped (FW-40)."""
        read = [self._documents.by_id.get(reference.lower()) for reference in references]
        return any(group is not None and not group["properties"]["ipAddresses"] for group in read)


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
