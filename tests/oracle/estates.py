"""Random whole estates as ARM documents: the same seed gives the same estate."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.oracle.literals import dotted, prefix_length, span
from tests.oracle.packet import Json
from tests.oracle.skeleton import (
    BATCH,
    BLOCKS,
    FIREWALL,
    FIREWALL_IP,
    FIREWALL_SUBNET,
    HUB,
    NAMES,
    NETWORK,
    NODES,
    POLICIES,
    POOLS,
    PORTS,
    PRIVATE,
    PUBLIC,
    SIDE,
    SPOKE,
    Estate,
    addresses,
    cluster,
    interface,
    networks,
    tag_list,
)

_WIDE = (
    "0.0.0.0/0",
    "*",
    "20.0.0.0/8",
    "20.40.0.0/16",
    "10.0.0.0/8",
    "10.20.0.0/16",
    "0.0.0.0/1",
    "128.0.0.0/1",
)
_SOURCES = (
    "*",
    "*",
    "0.0.0.0/0",
    "10.1.0.0/24",
    "10.1.0.0/27",
    "10.1.0.0/28",
    "10.1.0.16/28",
    "10.1.0.8/29",
    "10.1.0.4",
    "10.1.0.9/32",
    "10.0.0.0/8",
    "10.200.0.0/16",
)
_PATTERNS = (*NAMES, "*.contoso.com", "*contoso.com", "*", "*.com", "*.example.net", "WWW.Contoso.com")
_APPLICATIONS = ("Http", "Https", "Mssql")


class Builder:
    """Makes the random parts of one estate."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - estates must be the same on every run
        self.odd = Random(f"odd {seed}")  # noqa: S311
        """Draws what few estates hold, so that the rest of an estate does not depend on it."""
        self.ties = Random(f"ties {seed}")  # noqa: S311
        """Draws priorities that tie, so that the rest of an estate does not depend on it."""
        self.strange = Random(f"strange {seed}")  # noqa: S311
        """Draws values that no clause explains, so that the rest of an estate does not depend on it."""
        self.gone = Random(f"gone {seed}")  # noqa: S311
        """Draws what is named and does not exist, so that the rest of an estate does not depend on it."""
        self.estate = Estate()

    def build(self) -> Estate:
        """The estate."""
        random, estate = self.random, self.estate
        estate.documents.append(tag_list())
        links = [(HUB, SPOKE, True), (SPOKE, HUB, True), (HUB, SIDE, True), (SIDE, HUB, self._chance(0.7))]
        if self._chance(0.4):
            links += [(SPOKE, SIDE, True), (SIDE, SPOKE, True)]
        networks(estate, links)
        self._peerings_for_ipv6()
        self._endpoint()
        cluster(estate)
        self._firewall()
        for pool, subnet in POOLS.items():
            self._node_subnet(pool, subnet)
        for subnet in (f"{SPOKE}/subnets/apps", f"{HUB}/subnets/shared", f"{SIDE}/subnets/host"):
            if self._chance(0.4):
                self._attach(estate.subnet(subnet), self.group(f"nsg-{subnet.rsplit('/', 1)[-1]}", "Inbound"))
        for network in (SPOKE, HUB, SIDE):
            if self._chance(0.25):
                self._admin_rules(network)
        for name in NAMES:
            pins = random.sample(
                [*range(*_bounds(PUBLIC)), *range(*_bounds(PRIVATE))], random.choice((1, 1, 3))
            )
            estate.pins[name] = tuple(map(dotted, pins))
        self._missing_address()
        return estate

    def _missing_address(self) -> None:
        """A public address that a way out or the firewall names, and that a complete list lacks (ARM-22)."""
        if self.gone.random() < 0.06:
            ends = ("pip-fw", *(f"pip-{subnet.rsplit('/', 1)[-1]}" for subnet in POOLS.values()))
            place = f"{NETWORK}/publicIPAddresses/{self.gone.choice(ends)}".lower()
            kept = [one for one in self.estate.documents if one.get("id", "").lower() != place]
            self.estate.documents[:] = kept

    def _peerings_for_ipv6(self) -> None:
        """One side of a peering may join IPv6 only: no route, or no way back (UDR-29, UDR-24)."""
        for network in (SPOKE, HUB, SIDE):
            for peering in self.estate.one(network)["properties"]["virtualNetworkPeerings"]:
                if self.odd.random() < 0.03:
                    peering["properties"]["enableOnlyIPv6Peering"] = True

    def _endpoint(self) -> None:
        """A private endpoint whose connection is not approved, or in a state of which nobody has heard (ARM-19)."""
        if self.odd.random() > 0.2:
            return
        name = self.odd.choice(("spoke/subnets/apps", "hub/subnets/shared", "side/subnets/host"))
        subnet = f"{NETWORK}/virtualNetworks/{name}"
        place = self.odd.choice(addresses(self.estate.subnet(subnet)["addressPrefix"]))
        state = {"status": self.odd.choice(("Pending", "Rejected", "Disconnected", "Moving"))}
        body = {
            "subnet": {"id": subnet},
            "ipConfigurations": [{"name": "one", "properties": {"privateIPAddress": dotted(place)}}],
            "privateLinkServiceConnections": [
                {"name": "one", "properties": {"privateLinkServiceConnectionState": state}}
            ],
        }
        self.estate.add(f"{NETWORK}/privateEndpoints/pe", body)

    def _chance(self, share: float) -> bool:
        return self.random.random() < share

    # -- what rules name ---------------------------------------------------------------------------------

    def prefix(self) -> str:
        """A random prefix in or around the tiny universe."""
        if self._chance(0.25):
            return self.random.choice(_WIDE)
        return _cut(self.random, self.random.choice(BLOCKS))

    def ports(self) -> str:
        """A random port, range or `*`."""
        if self._chance(0.4):
            return "*"
        low, high = sorted(self.random.choices(PORTS, k=2))
        return self.random.choice((str(low), f"{low}-{high}", f"{low}-{high}", f"0-{high}", f"{low}-65535"))

    def some(self, make: str, most: int = 3) -> list[str]:
        """A few random texts of one kind."""
        makers: dict[str, Callable[[], str]] = {
            "prefix": self.prefix,
            "ports": self.ports,
            "source": lambda: self.random.choice(_SOURCES),
        }
        return [makers[make]() for _ in range(self.random.randint(1, most))]

    # -- security groups ---------------------------------------------------------------------------------

    def group(self, name: str, direction: str = "Outbound", *, tags: bool = True) -> str:
        """A random group; the id."""
        random = self.random
        count = random.choice((0, 2, 4, 6, 8))
        priorities = random.sample(range(100, 4097), count)
        rules = [
            self._security_rule(f"r{priority}", priority, direction, tags=tags) for priority in priorities
        ]
        if self._chance(0.3):
            noise = "Inbound" if direction == "Outbound" else "Outbound"
            rules.append(self._security_rule("other-way", 4000, noise, tags=tags))
        random.shuffle(rules)
        identity = f"{NETWORK}/networkSecurityGroups/{name}"
        self.estate.add(identity, {"securityRules": rules})
        return identity

    def _security_rule(self, name: str, priority: int, direction: str, *, tags: bool) -> Json:
        random = self.random
        body: Json = {
            "direction": direction,
            "priority": priority,
            "access": random.choice(("Allow", "Allow", "Deny")),
            "protocol": random.choice(("Tcp", "Udp", "*", "*", "tcp", "Icmp")),
            "sourcePortRange": "*",
        }
        special = (
            "VirtualNetwork",
            "Internet",
            "Sql",
            "AzureCloud",
            "AzureCloud.WestEurope",
            "AzureLoadBalancer",
        )
        destinations = [random.choice(special)] if tags and self._chance(0.25) else self.some("prefix")
        sources = ["VirtualNetwork"] if tags and self._chance(0.15) else self.some("source", 2)
        body |= _forms("destinationAddressPrefix", "destinationAddressPrefixes", destinations)
        body |= _forms("sourceAddressPrefix", "sourceAddressPrefixes", sources)
        body |= _forms("destinationPortRange", "destinationPortRanges", self.some("ports", 2))
        return {"name": name, "properties": body}

    @staticmethod
    def _attach(holder: Json, group: str) -> None:
        holder["networkSecurityGroup"] = {"id": group}

    def _admin_rules(self, network: str) -> None:
        random = self.random
        # each collection numbers its rules for itself, so that several may have one priority (NSG-31)
        priorities = random.choice((range(1, 100), (7, 8)))
        rules = [
            {
                "id": f"{NETWORK}/networkManagers/m/securityAdminConfigurations/c/ruleCollections/r{number}/rules/a",
                "name": "a",
                "kind": "Custom",
                "properties": {
                    "provisioningState": "Succeeded",
                    "access": random.choice(("Allow", "Deny", "AlwaysAllow")),
                    "direction": random.choice(
                        ("Outbound", "Outbound", "Inbound") if network == SPOKE else ("Inbound",)
                    ),
                    "priority": priority,
                    "protocol": random.choice(("Tcp", "Udp", "Any")),
                    "sources": [{"addressPrefix": random.choice(_SOURCES), "addressPrefixType": "IPPrefix"}],
                    "destinations": [{"addressPrefix": self.prefix(), "addressPrefixType": "IPPrefix"}],
                    "sourcePortRanges": ["0-65535"],
                    "destinationPortRanges": [self.ports().replace("*", "0-65535")],
                },
            }
            for number, priority in enumerate(random.choices(priorities, k=random.randint(1, 3)))
        ]
        answer = self.estate.one(f"{network}/listNetworkManagerEffectiveSecurityAdminRules")
        answer["properties"]["value"] = rules

    # -- node subnets ------------------------------------------------------------------------------------

    def _node_subnet(self, pool: str, subnet: str) -> None:
        random, estate = self.random, self.estate
        body, name = estate.subnet(subnet), subnet.rsplit("/", 1)[-1]
        default = random.choice(("firewall", "firewall", "firewall", "none", "internet", "drop"))
        # A custom rule on a tag whose reach a 0/0 route makes doubtful is drawn for half of those subnets only.
        tags = default == "none" or self._chance(0.5)
        if self._chance(0.6):
            self._attach(body, self.group(f"nsg-{name}", tags=tags))
        if self._chance(0.5):
            self._attach(interface(estate, pool), self.group(f"nsg-nic-{name}", tags=tags))
        self._route_table(body, f"rt-{name}", default)
        self._outbound(pool, body, name)

    def _route_table(self, body: Json, name: str, default: str) -> None:
        hops: dict[str, Json] = {
            "firewall": {"nextHopType": "VirtualAppliance", "nextHopIpAddress": FIREWALL_IP},
            "internet": {"nextHopType": "Internet"},
            "drop": {"nextHopType": "None"},
        }
        prefixes: dict[str, Json] = {"0.0.0.0/0": hops[default]} if default in hops else {}
        for _ in range(self.random.choice((0, 0, 1, 2, 3))):
            kind = self.random.choice(("firewall", "drop", "internet"))
            # The hop Internet for private space is no real configuration.
            where = PUBLIC if kind == "internet" else self.random.choice(BLOCKS)
            prefixes.setdefault(_cut(self.random, where), hops[kind])
        if self._chance(0.1):
            prefixes["Sql"] = hops["internet"]
        if not prefixes and self._chance(0.5):
            return
        if self.odd.random() < 0.15:  # UDR-15: what lies outside the network is no business of this hop
            prefixes.setdefault(_cut(self.odd, self.odd.choice(BLOCKS)), {"nextHopType": "VnetLocal"})
        for tag in ("Sql", "Sql.WestEurope", "EventHub", "AzureCloud.westeurope"):
            if self.odd.random() < 0.15:
                prefixes[tag] = hops[self.odd.choice(tuple(hops))]
        listed = list(prefixes.items())
        again = [prefix for prefix in prefixes if prefix[0].isdigit() and prefix != "0.0.0.0/0"]
        if again and self.odd.random() < 0.15:  # UDR-20: one prefix twice
            listed.append((self.odd.choice(again), hops[self.odd.choice(("firewall", "drop"))]))
        routes = [
            {"name": f"route-{number}", "properties": {"addressPrefix": prefix, **hop}}
            for number, (prefix, hop) in enumerate(listed)
        ]
        self.random.shuffle(routes)
        identity = f"{NETWORK}/routeTables/{name}"
        table = self.estate.add(identity, {"disableBgpRoutePropagation": True, "routes": routes})
        if self.odd.random() < 0.05:  # UDR-14
            table["properties"]["disablePeeringRoute"] = "All"
        body["routeTable"] = {"id": identity}

    def _outbound(self, pool: str, body: Json, name: str) -> None:
        kind = self.random.choice(("nat", "nat", "balancer", "balancer", "default"))
        address = f"{NETWORK}/publicIPAddresses/pip-{name}"
        if kind != "default":
            self.estate.add(address, {"ipAddress": f"4.4.{len(self.estate.documents)}.1"})
        if kind == "nat":
            identity = f"{NETWORK}/natGateways/nat-{name}"
            self.estate.add(identity, {"publicIpAddresses": [{"id": address}]}, sku={"name": "Standard"})
            body["natGateway"] = {"id": identity}
        if kind == "balancer":
            identity = f"{NETWORK}/loadBalancers/lb-{name}"
            backend = {"id": f"{identity}/backendAddressPools/nodes"}
            frontend = {"id": f"{identity}/frontendIPConfigurations/out"}
            rule = {"protocol": "All", "backendAddressPool": backend, "frontendIPConfigurations": [frontend]}
            balancer = {
                "frontendIPConfigurations": [
                    {"name": "out", "properties": {"publicIPAddress": {"id": address}}}
                ],
                "backendAddressPools": [{"name": "nodes", "properties": {}}],
                "loadBalancingRules": [],
                "outboundRules": [{"name": "out", "properties": rule}],
            }
            self.estate.add(identity, balancer, sku={"name": "Standard"})
            configuration = interface(self.estate, pool)["ipConfigurations"][0]["properties"]
            configuration["loadBalancerBackendAddressPools"] = [backend]

    # -- the firewall ------------------------------------------------------------------------------------

    def _firewall(self) -> None:
        random, estate = self.random, self.estate
        address = f"{NETWORK}/publicIPAddresses/pip-fw"
        estate.add(address, {"ipAddress": "4.4.4.4"})
        body: Json = {
            "sku": {"name": "AZFW_VNet", "tier": "Standard"},
            "threatIntelMode": "Alert",
            "ipConfigurations": [
                {
                    "name": "ipconfig1",
                    "properties": {
                        "privateIPAddress": FIREWALL_IP,
                        "publicIPAddress": {"id": address},
                        "subnet": {"id": FIREWALL_SUBNET},
                    },
                }
            ],
        }
        for number in range(random.randint(1, 2)):
            prefixes = self.some("prefix") if self._chance(0.85) else []
            estate.add(
                f"{NETWORK}/ipGroups/group-{number}", {"ipAddresses": [one for one in prefixes if one != "*"]}
            )
        for number in range(random.randint(0, 1)):
            estate.add(f"{NETWORK}/ipGroups/sources-{number}", {"ipAddresses": ["10.1.0.0/29", "10.1.0.20"]})
        if self.strange.random() < 0.04:  # FW-40
            estate.one(f"{NETWORK}/ipGroups/group-0")["properties"] = {}
        if self._chance(0.15):
            self._classic(body)
        else:
            parent = self._policy("base", None) if self._chance(0.6) else None
            body["firewallPolicy"] = {"id": self._policy("child", parent)}
        estate.add(FIREWALL, body)
        if self._chance(0.5):
            kinds = {"drop": {"nextHopType": "None"}, "internet": {"nextHopType": "Internet"}}
            own: dict[str, Json] = {"0.0.0.0/0": kinds["internet"]} if self._chance(0.5) else {}
            for _ in range(random.randint(0, 2)):
                own.setdefault(_cut(random, random.choice(BLOCKS)), kinds["drop"])
            if self.odd.random() < 0.1:
                own.setdefault(_cut(self.odd, self.odd.choice(BLOCKS)), {"nextHopType": "VnetLocal"})
            routes = [
                {"name": f"own-{number}", "properties": {"addressPrefix": prefix, **hop}}
                for number, (prefix, hop) in enumerate(own.items())
            ]
            identity = f"{NETWORK}/routeTables/rt-fw"
            estate.add(identity, {"disableBgpRoutePropagation": True, "routes": routes})
            estate.subnet(FIREWALL_SUBNET)["routeTable"] = {"id": identity}

    def _policy(self, name: str, parent: str | None) -> str:
        identity = f"{POLICIES}/{name}"
        priorities = self.random.sample(range(100, 1000), self.random.randint(1, 2))
        if self.ties.random() < 0.3:  # FW-12
            priorities = priorities[:1] * len(priorities)
        groups = [f"{identity}/ruleCollectionGroups/{name}-{number}" for number in range(len(priorities))]
        body: Json = {
            "sku": {"tier": "Standard"},
            "threatIntelMode": "Alert",
            "ruleCollectionGroups": [{"id": group} for group in groups],
        }
        if parent is not None:
            body["basePolicy"] = {"id": parent}
        if name == "child" and self._chance(0.15):
            body["snat"] = {
                "privateRanges": [self.random.choice(("0.0.0.0/0", "20.40.0.0/28", "IANAPrivateRanges"))]
            }
            if body["snat"]["privateRanges"] == ["IANAPrivateRanges"]:
                del body["snat"]
        if name == "child" and self.odd.random() < 0.06:  # FW-44
            odd = self.odd.choice(
                ({"privateRanges": ["10.0.0.0/8", "Zoo"]}, {"autoLearnPrivateRanges": "Enabled"})
            )
            body["snat"] = {**body.get("snat", {}), **odd}
        if self.strange.random() < 0.06 and "snat" not in body:  # FW-44
            ranges = self.strange.choice((["0.0.0.0/0"], ["20.40.0.0/28"], []))
            body["snat"] = {"privateRanges": ranges}
        self.estate.add(identity, body)
        for group, priority in zip(groups, priorities, strict=True):
            collections = self._collections(self.random.randint(1, 3), f"{name}{priority}")
            self.estate.add(group, {"priority": priority, "ruleCollections": collections})
        return identity

    def _collections(self, count: int, name: str) -> list[Json]:
        priorities = self.random.sample(range(100, 1000), count)
        if self.ties.random() < 0.1:  # FW-12
            priorities = [*priorities[:1], *priorities[:1], *priorities][:count]
        return [
            {
                "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
                "name": f"{name}-{number}",
                "priority": priority,
                "action": {"type": self.random.choice(("Allow", "Allow", "Allow", "Deny"))},
                "rules": [
                    self.network_rule(f"n{place}")
                    if kind == "network"
                    else self.application_rule(f"a{place}")
                    for place in range(self.random.randint(1, 3))
                ],
            }
            for number, priority in enumerate(priorities)
            for kind in [self.random.choice(("network", "application"))]
        ]

    def _classic(self, body: Json) -> None:
        for key, kind in (
            ("networkRuleCollections", "network"),
            ("applicationRuleCollections", "application"),
        ):
            body[key] = [
                {
                    "name": f"{kind}{priority}",
                    "properties": {
                        "priority": priority,
                        "action": {"type": self.random.choice(("Allow", "Allow", "Deny"))},
                        "rules": [
                            self._classic_rule(kind, number) for number in range(self.random.randint(1, 3))
                        ],
                    },
                }
                for priority in self.random.sample(range(100, 1000), self.random.randint(1, 2))
            ]

    def _classic_rule(self, kind: str, number: int) -> Json:
        rule = self.network_rule(f"n{number}") if kind == "network" else self.application_rule(f"a{number}")
        del rule["ruleType"]
        if "ipProtocols" in rule:
            rule["protocols"] = rule.pop("ipProtocols")
        return rule

    def network_rule(self, name: str) -> Json:
        """A random network rule."""
        random = self.random
        rule: Json = {
            "ruleType": "NetworkRule",
            "name": name,
            "ipProtocols": random.choice(
                (["TCP"], ["UDP"], ["TCP", "UDP"], ["Any"], ["ICMP"], ["TCP", "ICMP"])
            ),
            "destinationPorts": self.some("ports", 2),
        }
        rule |= self._firewall_sources()
        groups = self._groups_named("group-")
        if self._chance(0.25):
            rule["destinationIpGroups"] = [random.choice(groups)]
        if "destinationIpGroups" not in rule or self._chance(0.3):
            tagged = [random.choice(("Sql", "AzureCloud.westeurope"))] if self._chance(0.2) else []
            rule["destinationAddresses"] = [*self.some("prefix", 2), *tagged]
            if self._chance(0.2):
                low, high = sorted(random.sample(range(*_bounds(random.choice(BLOCKS))), 2))
                rule["destinationAddresses"].append(f"{dotted(low)}-{dotted(high)}")
        if self.strange.random() < 0.02:  # FW-41
            rule["destinationFqdns"] = [self.strange.choice(("*.example.net", "10.1.0.4", "a b", "*"))]
        if "destinationAddresses" in rule and self.strange.random() < 0.02:  # FW-38
            rule["destinationAddresses"].append(self.strange.choice(("Any", "ANY")))
        return rule

    def application_rule(self, name: str) -> Json:
        """A random application rule."""
        random = self.random
        protocols = [
            {"protocolType": random.choice(_APPLICATIONS), "port": random.choice((443, 443, *PORTS))}
            for _ in range(random.randint(1, 3))
        ]
        rule: Json = {
            "ruleType": "ApplicationRule",
            "name": name,
            "protocols": protocols if self.odd.random() < 0.97 else [],  # FW-20
            "targetFqdns": random.sample(_PATTERNS, random.randint(1, 3)),
        }
        return rule | self._firewall_sources()

    def _firewall_sources(self) -> Json:
        groups = self._groups_named("sources-")
        if groups and self._chance(0.25):
            extra = {"sourceAddresses": self.some("source", 1)} if self._chance(0.3) else {}
            return {"sourceIpGroups": groups, **extra}
        sources = {} if self._chance(0.03) else {"sourceAddresses": self.some("source", 2)}
        if sources and self.strange.random() < 0.02:  # FW-38
            sources["sourceAddresses"] = [self.strange.choice(("any", "Sql"))]
        return sources

    def _groups_named(self, start: str) -> list[str]:
        return [
            document["id"] for document in self.estate.documents if document.get("name", "").startswith(start)
        ]


def random_estate(seed: int) -> Estate:
    """A whole random estate."""
    return Builder(seed).build()


def _forms(singular: str, plural: str, texts: list[str]) -> Json:
    """One text stands in the singular field, several in the plural one (NSG-13, NSG-15)."""
    return {singular: texts[0]} if len(texts) == 1 else {plural: texts, singular: ""}


def _bounds(text: str) -> tuple[int, int]:
    low, high = span(text)
    return low, high + 1


def _cut(random: Random, block: str) -> str:
    """A random prefix inside a block."""
    length = random.randint(prefix_length(block), 32)
    low, high = span(block)
    size = 2 ** (32 - length)
    start = low + random.randrange((high - low + 1) // size) * size
    return f"{dotted(start)}/{length}"


__all__ = ["BATCH", "NODES", "Builder", "random_estate"]
